"""A scanner that types: reads its keys and tells the codes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from drivers.hid_scanner.codec import KeyCodec
from drivers.hid_scanner.options import KeyScannerOptions
from drivers.hid_scanner.simulator import KeyScannerSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.packets import Unpacker, keys
from edge_hub.sdk.roles import SCANNER
from edge_hub.sdk.scanning.codes import Frame
from edge_hub.sdk.scanning.driver import STALE_S, ScannerDriver
from edge_hub.sdk.transport import Transport


class KeyScanner(ScannerDriver):
    """Scanner."""

    def __init__(self, context: Context, transport: Transport, options: KeyScannerOptions) -> None:
        idle_s = options.idle_ms / 1000
        patience_s = idle_s if options.suffix == "none" else max(idle_s, STALE_S)
        super().__init__(context, transport, patience_s=patience_s, repeat_ms=options.repeat_ms)
        self._unpacker = Unpacker()
        self._codec = KeyCodec(
            layout=options.layout,
            suffix=options.suffix,
            prefix=options.prefix,
            aim=options.aim == "auto",
            caps=options.caps,
        )

    @property
    def unfinished(self) -> bool:
        return self._codec.pending

    def feed(self, data: bytes) -> Iterator[Frame]:
        broken = self._unpacker.broken
        for packet in self._unpacker.feed(data):
            for press in keys(packet):
                yield from self._codec.press(press)
        if self._unpacker.broken != broken:
            yield self._codec.drop("keys were damaged on the way")

    def idle(self) -> list[Frame]:
        return self._codec.idle()


@asynccontextmanager
async def open_scanner(context: Context, transport: Transport, options: KeyScannerOptions) -> AsyncIterator[Device]:
    """A keyboard cannot be asked anything: it is there when it could be grabbed."""
    scanner = KeyScanner(context, transport, options)
    yield Device(roles={SCANNER: scanner}, run=scanner.run)


DRIVER = DriverInfo(
    name="hid_scanner",
    summary="Bar code scanners in keyboard mode, their keys taken from nobody else",
    roles=(SCANNER,),
    options=KeyScannerOptions,
    open=open_scanner,
    simulator=KeyScannerSimulator,
    schemes=("evdev", "sim"),
    hints=("05f9:", "05e0:", "0c2e:", "1eab:", "23d0:"),
)
