"""Opening a Star printer: greet it, hand out its roles."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from drivers.star.options import StarOptions
from drivers.star.printer import StarPrinter
from drivers.star.simulator import StarSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.printing.running import opened
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER, Role
from edge_hub.sdk.transport import Transport


def open_printer(context: Context, transport: Transport, options: StarOptions) -> AbstractAsyncContextManager[Device]:
    """Greet the printer; DeviceTimeout or DeviceLost when nobody is there."""
    printer = StarPrinter(context, transport, options)
    roles: dict[Role[Any], object] = {POS_PRINTER: printer}
    if options.drawer:
        roles[CASH_DRAWER] = printer
    return opened(context, printer.link, printer, roles)


DRIVER = DriverInfo(
    name="star",
    summary="Star receipt printers (Line Mode, StarPRNT, Graphic), with a cash drawer on their kick connector",
    roles=(POS_PRINTER, CASH_DRAWER),
    options=StarOptions,
    open=open_printer,
    simulator=StarSimulator,
    schemes=("tcp", "serial", "usb", "file", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1, "dsrdtr": True},
    hints=("CMD:STAR", "CLS:PRINTER;CMD:STAR", "0519:", "TSP", "mC-Print", "SM-L"),
)
