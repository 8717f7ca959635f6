"""A ZPL printer on its wire."""

from contextlib import AbstractAsyncContextManager

from drivers.zpl.codec import Zpl
from drivers.zpl.options import ZplOptions
from drivers.zpl.simulator import ZplSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.labels.driver import LabelDriver
from edge_hub.sdk.printing.running import opened
from edge_hub.sdk.roles import LABEL_PRINTER
from edge_hub.sdk.transport import Transport


def open_printer(context: Context, transport: Transport, options: ZplOptions) -> AbstractAsyncContextManager[Device]:
    """Ask how it is; a silent one is not opened, unless it has no way to answer."""
    printer = LabelDriver(context, transport, Zpl(options), answers=options.status == "auto")
    return opened(context, printer, printer, {LABEL_PRINTER: printer})


DRIVER = DriverInfo(
    name="zpl",
    summary="Label printers that read ZPL II (Zebra and compatible)",
    roles=(LABEL_PRINTER,),
    options=ZplOptions,
    open=open_printer,
    simulator=ZplSimulator,
    schemes=("tcp", "serial", "usb", "file", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
    hints=("ZPL", "Zebra", "0a5f:"),
)
