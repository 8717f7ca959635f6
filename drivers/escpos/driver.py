"""Opening an ESC/POS printer: greet it, hand out its roles."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from drivers.escpos.options import EscposOptions
from drivers.escpos.printer import EscposPrinter
from drivers.escpos.simulator import PrinterSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.printing.running import opened
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER, RAW_PRINTER, Role
from edge_hub.sdk.transport import Transport


def open_printer(context: Context, transport: Transport, options: EscposOptions) -> AbstractAsyncContextManager[Device]:
    """Greet the printer; DeviceTimeout or DeviceLost when nobody is there."""
    printer = EscposPrinter(context, transport, options)
    roles: dict[Role[Any], object] = {POS_PRINTER: printer, RAW_PRINTER: printer}
    if options.drawer:
        roles[CASH_DRAWER] = printer
    return opened(context, printer.link, printer, roles)


MADE_BY = (
    "1504:", "0419:", "1d90:", "04c5:", "05d9:", "0416:5011", "0483:5743", "0483:5840", "0fe6:811e", "1fc9:2016",
)  # fmt: skip
"""Bixolon and Samsung, Citizen, Fujitsu, HP; and what clones show, which say nothing of themselves (POS-58, POS-80,
MPT, Xprinter, Dtronic; webusb-receipt-printer 2.1).
"""
DRIVER = DriverInfo(
    name="escpos",
    summary="Receipt printers that speak ESC/POS, with a cash drawer on their kick connector",
    roles=(POS_PRINTER, RAW_PRINTER, CASH_DRAWER),
    options=EscposOptions,
    open=open_printer,
    simulator=PrinterSimulator,
    schemes=("tcp", "serial", "usb", "file", "sim"),
    serial={"baudrate": 38400, "bytesize": 8, "parity": "N", "stopbits": 1, "dsrdtr": True},
    hints=("CMD:ESC/POS", "ESCPOS", "TM-", "04b8:", *MADE_BY),
)
