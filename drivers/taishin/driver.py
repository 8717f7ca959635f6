"""A Taishin terminal: sale, void, settlement, and the question what became of a transaction."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from drivers.taishin.codec import STATUS, TaishinCodec
from drivers.taishin.options import TaishinOptions
from drivers.taishin.simulator import TaishinSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.framed import Longer
from edge_hub.sdk.eft.model import Found, Inquiry, Request, Verdict
from edge_hub.sdk.eft.record_terminal import RecordTerminal, running
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame, DeviceTimeout
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport

BAUD_RATES = {"taishin": 115200, "first_bank": 9600}
STATUS_S = 20.0
"""For the terminal's word on its last transaction: it asks nobody else."""
FOREIGN_S = 3.0
"""After an answer that tells of a transaction of another kind: the true one, if there is one, follows at once."""


_UNPROVEN = {
    Match.PLAUSIBLE: "its answer does not say whose transaction it is",
    Match.FOREIGN: "its last transaction is another one",
}


class TaishinTerminal(RecordTerminal):
    """EftTerminal. Of the question 62 little more than the name is known. So its answer counts only if it is of the
    request's own kind and repeats its reference, which the question has too: one of kind 62 would repeat that of the
    question. No answer proves that nothing happened.
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
        asked = self.codec.layout.unpack(data)["type"]
        acknowledged = foreign = False

        def heard() -> None:
            nonlocal acknowledged
            acknowledged = True

        def accept(reply: bytes) -> bytes | Longer | None:
            nonlocal foreign
            try:
                values = self.codec.layout.unpack(reply)
            except BadFrame:
                return None
            if values["type"] != STATUS and not self.codec.same_kind(asked, values["type"]):
                foreign = foreign or acknowledged
                return Longer(FOREIGN_S) if foreign else None
            more_s = self.codec.more_s(values)
            if more_s == 0:
                return None
            return Longer(more_s) if more_s is not None else reply

        try:
            reply = await self.link.exchange(self.codec.status(data), accept, reply_s=STATUS_S, acknowledged=heard)
        except DeviceTimeout:
            if foreign:
                return Inquiry(found=Found.INCONCLUSIVE, text=_UNPROVEN[Match.FOREIGN])
            raise
        return self._told(reply, request, data)

    def _told(self, reply: bytes, request: Request, data: bytes) -> Inquiry:
        """What an answer to the question proves."""
        values = self.codec.layout.unpack(reply)
        if values["type"] == STATUS:
            return Inquiry(found=Found.INCONCLUSIVE, text=f"it tells of no transaction (code {values['code']})")
        result = self.codec.result(reply, request)
        match = self.codec.match(data, reply)
        if result.verdict is Verdict.UNKNOWN:
            return Inquiry(found=Found.INCONCLUSIVE, result=result, text="its answer says neither")
        if match is Match.OURS:
            return Inquiry(found=Found.FOUND, result=result)
        return Inquiry(found=Found.INCONCLUSIVE, result=result, text=_UNPROVEN[match])


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
