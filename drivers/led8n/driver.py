"""An eight-digit display: shows an amount and its lamp."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.led8n.codec import CLEAR, RESET, amount, lamp
from drivers.led8n.options import Led8nOptions
from drivers.led8n.simulator import Led8nSimulator
from edge_hub.sdk.display import OneWayDisplay
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.errors import DeviceRefused, ErrorCode
from edge_hub.sdk.messages import AmountKind
from edge_hub.sdk.roles import NUMERIC_DISPLAY
from edge_hub.sdk.transport import Transport


class Led8n(OneWayDisplay):
    """NumericDisplay."""

    def __init__(self, context: Context, transport: Transport, options: Led8nOptions) -> None:
        super().__init__(context.clock, transport)
        self._options = options

    async def greet(self) -> None:
        """Into a known state, dark."""
        await self.write(RESET + CLEAR + lamp(None, self._options.lamps))

    async def show_amount(self, kind: AmountKind, digits: str) -> None:
        shown = amount(digits, self._options.digits)
        if shown is None:
            await self.clear()
            raise DeviceRefused(f"{digits!r} does not fit {self._options.digits} digits", error_code=ErrorCode.ILLEGAL)
        await self.write(shown + lamp(kind, self._options.lamps), shows=True)

    async def clear(self) -> None:
        await self.write(CLEAR + lamp(None, self._options.lamps))


@asynccontextmanager
async def open_display(context: Context, transport: Transport, options: Led8nOptions) -> AsyncIterator[Device]:
    """Clear the display; it cannot be asked whether it is there."""
    display = Led8n(context, transport, options)
    await display.greet()
    yield Device(roles={NUMERIC_DISPLAY: display}, run=display.run)


DRIVER = DriverInfo(
    name="led8n",
    summary="Customer displays of eight digits with lamps for price, total, collected and change (LED8N)",
    roles=(NUMERIC_DISPLAY,),
    options=Led8nOptions,
    open=open_display,
    simulator=Led8nSimulator,
    schemes=("serial", "tcp", "usb", "file", "sim"),
    serial={"baudrate": 2400, "bytesize": 8, "parity": "N", "stopbits": 1},
    hints=("LED8N",),
)
