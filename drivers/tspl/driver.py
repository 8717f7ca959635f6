"""A TSPL printer on its wire."""

from contextlib import AbstractAsyncContextManager

from drivers.tspl.codec import Tspl
from drivers.tspl.options import TsplOptions
from drivers.tspl.simulator import TsplSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.labels.driver import LabelDriver
from edge_hub.sdk.printing.running import opened
from edge_hub.sdk.roles import LABEL_PRINTER
from edge_hub.sdk.transport import Transport


def open_printer(context: Context, transport: Transport, options: TsplOptions) -> AbstractAsyncContextManager[Device]:
    """Ask how it is; a silent one is not opened, unless it has no way to answer."""
    printer = LabelDriver(context, transport, Tspl(options), answers=options.status != "none")
    return opened(context, printer, printer, {LABEL_PRINTER: printer})


DRIVER = DriverInfo(
    name="tspl",
    summary="Label printers that read TSPL (TSC, Gprinter, Xprinter and compatible)",
    roles=(LABEL_PRINTER,),
    options=TsplOptions,
    open=open_printer,
    simulator=TsplSimulator,
    schemes=("tcp", "serial", "usb", "file", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
    hints=("TSPL", "TSC", "GP-2120", "GP-3120"),
)
