"""A serial scanner: reads codes and tells them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from drivers.serial_scanner.codec import ScanCodec
from drivers.serial_scanner.options import ScannerOptions
from drivers.serial_scanner.simulator import ScannerSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.roles import SCANNER
from edge_hub.sdk.scanning.codes import Frame
from edge_hub.sdk.scanning.driver import STALE_S, ScannerDriver
from edge_hub.sdk.transport import Transport


class SerialScanner(ScannerDriver):
    """Scanner."""

    def __init__(self, context: Context, transport: Transport, options: ScannerOptions) -> None:
        super().__init__(context, transport, patience_s=options.idle_ms / 1000, repeat_ms=options.repeat_ms)
        self._codec = ScanCodec(
            suffix=options.suffix, prefix=options.prefix, aim=options.aim == "auto", encoding=options.encoding
        )
        self._quiet_since = self.clock.monotonic()

    @property
    def unfinished(self) -> bool:
        return self._codec.pending

    def feed(self, data: bytes) -> Iterator[Frame]:
        if self._codec.pending and self.clock.monotonic() - self._quiet_since > STALE_S:
            yield self._codec.drop("its end never came")
        yield from self._codec.feed(data)
        self._quiet_since = self.clock.monotonic()

    def idle(self) -> list[Frame]:
        return self._codec.idle()


@asynccontextmanager
async def open_scanner(context: Context, transport: Transport, options: ScannerOptions) -> AsyncIterator[Device]:
    """A scanner cannot be asked anything: it is there when its port opens."""
    scanner = SerialScanner(context, transport, options)
    yield Device(roles={SCANNER: scanner}, run=scanner.run)


DRIVER = DriverInfo(
    name="serial_scanner",
    summary="Bar code scanners on RS-232 or USB in serial (CDC) mode",
    roles=(SCANNER,),
    options=ScannerOptions,
    open=open_scanner,
    simulator=ScannerSimulator,
    schemes=("serial", "tcp", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
    hints=("05f9:", "05e0:", "0c2e:", "1eab:"),
)
