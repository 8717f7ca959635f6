"""Opening a ZVT terminal: register, hand out its role, log off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from drivers.zvt.options import ZvtOptions
from drivers.zvt.simulator import ZvtSimulator
from drivers.zvt.terminal import ZvtTerminal
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: ZvtOptions) -> AsyncIterator[Device]:
    """Register with the terminal; DeviceTimeout or DeviceLost when nobody is there, DeviceFault when it refuses."""
    blocks = options.link == "serial" or (options.link == "auto" and transport.url.startswith("serial:"))
    terminal = ZvtTerminal(context, transport, options, blocks=blocks)
    reading = asyncio.create_task(terminal.link.read(), name=f"read {context.device_id}")
    try:
        await terminal.greet()
        yield Device(roles={EFT_TERMINAL: terminal}, run=lambda: _run(terminal, reading))
    finally:
        await terminal.leave()
        reading.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await reading


async def _run(terminal: ZvtTerminal, reading: "asyncio.Task[None]") -> None:
    maintaining = asyncio.create_task(terminal.maintain(), name="maintain terminal")
    try:
        await reading
    finally:
        maintaining.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await maintaining


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
