"""A HID POS scanner: reads reports and tells the codes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from drivers.hidpos_scanner.codec import ReportCodec
from drivers.hidpos_scanner.options import HidPosOptions
from drivers.hidpos_scanner.simulator import HidPosSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.packets import Unpacker
from edge_hub.sdk.roles import SCANNER
from edge_hub.sdk.scanning.codes import Frame
from edge_hub.sdk.scanning.driver import STALE_S, ScannerDriver
from edge_hub.sdk.transport import Transport


class HidPosScanner(ScannerDriver):
    """Scanner."""

    def __init__(self, context: Context, transport: Transport, options: HidPosOptions) -> None:
        super().__init__(context, transport, patience_s=STALE_S, repeat_ms=options.repeat_ms)
        self._unpacker = Unpacker()
        self._codec = ReportCodec(kind=options.report, encoding=options.encoding)

    @property
    def unfinished(self) -> bool:
        return self._codec.pending

    def feed(self, data: bytes) -> Iterator[Frame]:
        broken = self._unpacker.broken
        for report in self._unpacker.feed(data):
            yield from self._codec.feed(report)
        if self._unpacker.broken != broken and self._codec.pending:
            yield self._codec.drop("a report was damaged on the way")

    def idle(self) -> list[Frame]:
        return [self._codec.drop("its end never came")]


@asynccontextmanager
async def open_scanner(context: Context, transport: Transport, options: HidPosOptions) -> AsyncIterator[Device]:
    """A scanner is there when its node opens."""
    scanner = HidPosScanner(context, transport, options)
    yield Device(roles={SCANNER: scanner}, run=scanner.run)


DRIVER = DriverInfo(
    name="hidpos_scanner",
    summary="Bar code scanners in HID POS mode",
    roles=(SCANNER,),
    options=HidPosOptions,
    open=open_scanner,
    simulator=HidPosSimulator,
    schemes=("hid", "sim"),
    hints=("usage:8c",),
)
