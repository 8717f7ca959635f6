"""A customer display: shows lines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.line_display.codec import DIALECTS, Glass
from drivers.line_display.options import DisplayOptions
from drivers.line_display.simulator import DisplaySimulator
from edge_hub.sdk.display import OneWayDisplay
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.roles import LINE_DISPLAY
from edge_hub.sdk.transport import Transport


class Display(OneWayDisplay):
    """LineDisplay."""

    def __init__(self, context: Context, transport: Transport, options: DisplayOptions) -> None:
        super().__init__(context.clock, transport)
        self._options = options
        self.glass = Glass(options.columns, options.rows, options.code_page, options.cjk)
        """What it has characters for."""
        self._dialect = DIALECTS[options.dialect](
            self.glass, options.page_number, through_printer=options.through_printer
        )

    @property
    def size(self) -> tuple[int, int]:
        return self._options.columns, self._options.rows

    async def greet(self) -> None:
        """Into a known state, dark."""
        await self.write(self._dialect.greet())

    async def show(self, lines: tuple[str, ...]) -> None:
        await self.write(self._dialect.show(lines), shows=True)

    async def clear(self) -> None:
        await self.write(self._dialect.clear())


@asynccontextmanager
async def open_display(context: Context, transport: Transport, options: DisplayOptions) -> AsyncIterator[Device]:
    """Clear the display; it cannot be asked whether it is there."""
    display = Display(context, transport, options)
    await display.greet()
    yield Device(roles={LINE_DISPLAY: display}, run=display.run)


DRIVER = DriverInfo(
    name="line_display",
    summary="Customer displays of two lines: Epson DM-D, CD5220, Logic Controls and UTC commands",
    roles=(LINE_DISPLAY,),
    options=DisplayOptions,
    open=open_display,
    simulator=DisplaySimulator,
    schemes=("serial", "tcp", "usb", "file", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
    hints=("DM-D", "CD5220", "LD9"),
)
