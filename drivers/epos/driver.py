"""Opening an ePOS-Print printer: connect, ask, hand out its roles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from drivers.epos.options import EposOptions
from drivers.epos.printer import EposPrinter
from drivers.epos.simulator import EposSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER, Role
from edge_hub.sdk.tasks import beside, until_one_ends
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def open_printer(context: Context, transport: Transport, options: EposOptions) -> AsyncIterator[Device]:
    """Ask for the printer's status; DeviceTimeout or DeviceLost when nobody is there."""
    printer = EposPrinter(context, transport, options)
    async with beside(printer.link.read(), name=f"read {context.device_id}"):
        await printer.open()
        roles: dict[Role[Any], object] = {POS_PRINTER: printer}
        if options.drawer:
            roles[CASH_DRAWER] = printer
        yield Device(roles=roles, run=lambda: _run(printer))


async def _run(printer: EposPrinter) -> None:
    async with (
        beside(printer.watch(), name="watch printer") as watching,
        beside(printer.link.ended(), name="printer's connection") as ending,
    ):
        await until_one_ends(watching, ending)


DRIVER = DriverInfo(
    name="epos",
    summary="Epson printers with the ePOS-Print XML service, with a cash drawer on their kick connector",
    roles=(POS_PRINTER, CASH_DRAWER),
    options=EposOptions,
    open=open_printer,
    simulator=EposSimulator,
    schemes=("tcp", "tls", "sim"),
)
