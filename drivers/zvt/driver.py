"""Opening a ZVT terminal: register, hand out its role, log off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.zvt.options import ZvtOptions
from drivers.zvt.simulator import ZvtSimulator
from drivers.zvt.terminal import ZvtTerminal
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.tasks import beside, until_one_ends
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: ZvtOptions) -> AsyncIterator[Device]:
    """Register with the terminal; DeviceTimeout or DeviceLost when nobody is there, DeviceFault when it refuses."""
    blocks = options.link == "serial" or (options.link == "auto" and transport.url.startswith("serial:"))
    terminal = ZvtTerminal(context, transport, options, blocks=blocks)
    async with beside(terminal.link.read(), name=f"read {context.device_id}") as reading:

        async def run() -> None:
            async with beside(terminal.maintain(), name="maintain terminal"):
                await until_one_ends(reading)

        try:
            await terminal.greet()
            yield Device(roles={EFT_TERMINAL: terminal}, run=run)
        finally:
            await terminal.leave()


DRIVER = DriverInfo(
    name="zvt",
    summary="Card terminals with ZVT (Germany, Austria, Switzerland), over TCP or serial",
    roles=(EFT_TERMINAL,),
    options=ZvtOptions,
    open=open_terminal,
    simulator=ZvtSimulator,
    schemes=("tcp", "serial", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 2},
    hints=("ZVT", "ingenico", "Verifone"),
)
