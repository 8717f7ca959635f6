"""A Taishin terminal: sale, void, settlement, and the question what became of a transaction."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from drivers.taishin.codec import TaishinCodec
from drivers.taishin.options import TaishinOptions
from drivers.taishin.simulator import TaishinSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.framed import Longer
from edge_hub.sdk.eft.model import Found, Inquiry, Request, Verdict
from edge_hub.sdk.eft.record_terminal import RecordTerminal, running
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport

BAUD_RATES = {"taishin": 115200, "first_bank": 9600}
STATUS_S = 20.0
"""For the terminal's word on its last transaction: it asks nobody else."""


class TaishinTerminal(RecordTerminal):
    """EftTerminal. What the question 62 is answered with is known by name only, so an answer counts if it repeats the
    request's reference, and none proves that nothing happened.
    """

    codec: TaishinCodec

    def __init__(self, context: Context, transport: Transport, options: TaishinOptions) -> None:
        super().__init__(
            context,
            transport,
            TaishinCodec(options),
            reply_s=options.reply_s,
            settles=True,
            inquires=options.inquires and options.reference,
        )

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        def accept(reply: bytes) -> bytes | Longer | None:
            try:
                values = self.codec.layout.unpack(reply)
                told = self.codec.status_of(data, reply)
            except BadFrame:
                return None
            more_s = self.codec.more_s(values)
            if told is None or more_s is None:
                return told
            return Longer(more_s) if more_s else None

        reply = await self.link.exchange(self.codec.status(data), accept, reply_s=STATUS_S)
        result = self.codec.result(reply, request)
        match = self.codec.match(data, reply)
        if match is Match.OURS and result.verdict is not Verdict.UNKNOWN:
            return Inquiry(found=Found.FOUND, result=result)
        text = (
            "its last transaction is another one" if match is Match.FOREIGN else "its answer does not say which it is"
        )
        return Inquiry(found=Found.INCONCLUSIVE, result=result, text=text)


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: TaishinOptions) -> AsyncIterator[Device]:
    async with running(TaishinTerminal(context, transport, options)) as device:
        yield device


def _line(options: TaishinOptions) -> Mapping[str, object]:
    return {"baudrate": BAUD_RATES[options.bank]}


DRIVER = DriverInfo(
    name="taishin",
    summary="Card terminals of Taishin and First Bank (400-byte records)",
    roles=(EFT_TERMINAL,),
    options=TaishinOptions,
    open=open_terminal,
    simulator=TaishinSimulator,
    schemes=("serial", "tcp", "sim"),
    serial={"bytesize": 8, "parity": "N", "stopbits": 1},
    serial_by=_line,
)
