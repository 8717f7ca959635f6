"""An ECPay terminal: sale, refund and settlement. It cannot be asked afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.ecpay.codec import EcpayCodec
from drivers.ecpay.options import EcpayOptions
from drivers.ecpay.simulator import EcpaySimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.record_terminal import RecordTerminal, running
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: EcpayOptions) -> AsyncIterator[Device]:
    terminal = RecordTerminal(context, transport, EcpayCodec(options), reply_s=options.reply_s, settles=True)
    async with running(terminal) as device:
        yield device


DRIVER = DriverInfo(
    name="ecpay",
    summary="Card terminals of ECPay (600-byte records with hashes)",
    roles=(EFT_TERMINAL,),
    options=EcpayOptions,
    open=open_terminal,
    simulator=EcpaySimulator,
    schemes=("serial", "tcp", "sim"),
    serial={"baudrate": 115200, "bytesize": 8, "parity": "N", "stopbits": 1},
)
