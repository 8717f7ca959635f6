"""Opening an ePOS-Print printer: connect, ask, hand out its roles."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from drivers.epos.options import EposOptions
from drivers.epos.printer import EposPrinter
from drivers.epos.simulator import EposSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER, Role
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def open_printer(context: Context, transport: Transport, options: EposOptions) -> AsyncIterator[Device]:
    """Ask for the printer's status; DeviceTimeout or DeviceLost when nobody is there."""
    printer = EposPrinter(context, transport, options)
    reading = asyncio.create_task(printer.link.read(), name=f"read {context.device_id}")
    try:
        await printer.open()
        roles: dict[Role[Any], object] = {POS_PRINTER: printer}
        if options.drawer:
            roles[CASH_DRAWER] = printer
        yield Device(roles=roles, run=lambda: _run(printer))
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await reading


async def _run(printer: EposPrinter) -> None:
    watching = asyncio.create_task(printer.watch(), name="watch printer")
    ending = asyncio.create_task(printer.link.ended(), name="printer's connection")
    try:
        done, _ = await asyncio.wait({watching, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (watching, ending):
            task.cancel()
            with suppress(asyncio.CancelledError, DeviceError):
                await task


DRIVER = DriverInfo(
    name="epos",
    summary="Epson printers with the ePOS-Print XML service, with a cash drawer on their kick connector",
    roles=(POS_PRINTER, CASH_DRAWER),
    options=EposOptions,
    open=open_printer,
    simulator=EposSimulator,
    schemes=("tcp", "tls", "sim"),
)
