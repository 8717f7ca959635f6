"""An NCCC terminal: sale, refund, void, settlement, and what became of the last transaction.

The terminal saves each request as it comes and each reply as it leaves. Asked by 62, it compares the whole request with
the saved one and sends the saved reply again. Its power may have gone in between: then that reply is an older one.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from drivers.nccc.codec import (
    INQUIRY,
    NOT_THE_LAST,
    TAP_AGAIN,
    TICKET,
    WALLET,
    WALLET_INQUIRY,
    WAS_A_WALLET,
    NcccCodec,
    inquiry,
    mirrored,
    payment_of,
    type_of,
    wallet_inquiry,
)
from drivers.nccc.options import NcccOptions
from drivers.nccc.simulator import NcccSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.framed import Longer
from edge_hub.sdk.eft.model import (
    Activity,
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Progress,
    Request,
    Result,
    Verdict,
)
from edge_hub.sdk.eft.record_terminal import RecordTerminal, running
from edge_hub.sdk.eft.records import SETTLEMENT, Match
from edge_hub.sdk.errors import BadFrame, DeviceTimeout
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport

INQUIRE_AFTER_S = 6.0
"""Until the terminal has sent a reply for the fourth and last time, and listens again."""
INQUIRY_S = 20.0
"""For the stored reply: it asks nobody else."""
WALLET_INQUIRY_S = 65.0
"""For the word of the wallet's host."""
FOREIGN_S = 3.0
"""After a reply to something else: the true one, if there is one, follows at once."""
_SENT, _LAST, _ORDER, _TERMINAL = "nccc.sent", "nccc.last", "nccc.order", "nccc.terminal"
"""In `Context.memory`: the reference of the last request (SETTLEMENT if it was none), "reference identity" and
"reference order number" of the last reply, the terminal's number.
"""


@dataclass(frozen=True, slots=True)
class _Told:
    """What came to an inquiry, and how sure it is this request's."""

    match: Match
    reply: bytes


class NcccTerminal(RecordTerminal):
    """EftTerminal."""

    codec: NcccCodec

    def __init__(self, context: Context, transport: Transport, options: NcccOptions) -> None:
        super().__init__(context, transport, NcccCodec(options), reply_s=options.reply_s, settles=True, inquires=True)
        self._options = options
        self._watcher: Callable[[Progress], None] | None = None

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, inquire_after_s=INQUIRE_AFTER_S)

    def aside(self, data: bytes) -> bool:
        text = mirrored(data)
        if text and self._watcher is not None:
            self._watcher(Progress(activity=Activity.OTHER, text=text))
        return text is not None

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        self._watcher = progress
        self._memory[_SENT] = request.reference
        try:
            result = await super().transact(request, data, progress)
        finally:
            self._watcher = None
        self._remember(request, result)
        return result

    def _remember(self, request: Request, result: Result) -> None:
        for name, value in ((_LAST, result.identity), (_ORDER, result.data.get("order", ""))):
            if value:
                self._memory[name] = f"{request.reference} {value}"
        if result.terminal_id:
            self._memory[_TERMINAL] = result.terminal_id

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:
        self._memory[_SENT] = SETTLEMENT
        return await super().settle(at, progress)

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        seconds = self.reply_s if payment_of(data) == TICKET else INQUIRY_S
        told = await self._ask(inquiry(data), data, seconds)
        if told is None:
            return _proves_nothing("it sends the reply of another transaction: its power may have gone in this one")
        if type_of(told.reply) == INQUIRY:
            return await self._not_stored(request, data, told.reply)
        return await self._stored(request, data, told)

    async def _ask(self, asked: bytes, data: bytes, seconds: float) -> _Told | None:
        """The reply to an inquiry, by its own type or that of the request it is about. None: another's."""
        acknowledged = False
        foreign = False

        def heard() -> None:
            nonlocal acknowledged
            acknowledged = True

        def accept(reply: bytes) -> _Told | Longer | None:
            nonlocal foreign
            try:
                match = self.codec.match(asked if type_of(reply) == type_of(asked) else data, reply)
            except BadFrame:
                return None
            if match is Match.OURS or (match is Match.PLAUSIBLE and acknowledged):
                return _Told(match, reply)
            foreign = acknowledged
            return Longer(FOREIGN_S) if foreign else None

        try:
            return await self.link.exchange(asked, accept, reply_s=seconds, acknowledged=heard)
        except DeviceTimeout:
            if foreign:
                return None
            raise

    async def _not_stored(self, request: Request, data: bytes, reply: bytes) -> Inquiry:
        """It has no reply to this request."""
        values = self.codec.layout.unpack(reply)
        if values["code"] == WAS_A_WALLET and payment_of(data) == WALLET:
            return await self._of_wallet(request, data, self._noted(_ORDER, request))
        if values["code"] != NOT_THE_LAST:
            return _proves_nothing(f"it answers {values['code']}")
        if self._memory.get(_SENT, request.reference) != request.reference:
            return _proves_nothing("it was asked for something else since")
        known = self._memory.get(_TERMINAL, "")
        if known and values["terminal"] != known:
            return _proves_nothing("another terminal is connected")
        result = Result(verdict=Verdict.DECLINED, code=values["code"], terminal_id=values["terminal"])
        return Inquiry(found=Found.ABSENT, result=result, text="the terminal never got this request")

    async def _stored(self, request: Request, data: bytes, told: _Told) -> Inquiry:
        """It has one."""
        result = self.codec.result(told.reply, request)
        if told.match is Match.PLAUSIBLE and not self._is_new(request, result):
            return _proves_nothing("its reply may be an earlier transaction's", result)
        self._remember(request, result)
        if result.code == TAP_AGAIN:
            return Inquiry(found=Found.PENDING, result=result, text="the customer must tap the same card again")
        if result.verdict is not Verdict.UNKNOWN:
            return Inquiry(found=Found.FOUND, result=result)
        order = result.data.get("order", "")
        if payment_of(data) == WALLET and order:
            return await self._of_wallet(request, data, order)
        return _proves_nothing(f"it does not know either (code {result.code or 'blank'})", result)

    def _is_new(self, request: Request, result: Result) -> bool:
        """Whether a reply that repeats nothing of the request's own cannot be older. A refusal never proves that: it
        has no receipt number, and one like it may have come a minute before.
        """
        if result.verdict is not Verdict.APPROVED or not result.identity or not result.at:
            return False
        known = self._memory.get(_LAST, "").split(" ", 1)
        if known[-1] == result.identity and known[0] != request.reference:
            return False
        oldest = datetime.fromisoformat(request.at) - timedelta(seconds=self._options.clock_tolerance_s)
        return datetime.fromisoformat(result.at) >= oldest

    async def _of_wallet(self, request: Request, data: bytes, order: str) -> Inquiry:
        """What the wallet's host says of its order."""
        if not order:
            return _proves_nothing("the wallet's order number is not known")
        asked = wallet_inquiry(data, order)
        told = await self._ask(asked, asked, WALLET_INQUIRY_S)
        if told is None or type_of(told.reply) != WALLET_INQUIRY:
            return _proves_nothing("it does not answer about the wallet")
        values = self.codec.layout.unpack(told.reply)
        result = self.codec.result(self.codec.layout.put(told.reply, {"type": type_of(data)}), request)
        if result.verdict is Verdict.APPROVED and values["order"] == order and values["wallet_id"]:
            return Inquiry(found=Found.FOUND, result=result)
        return _proves_nothing(f"the wallet does not confirm it (code {result.code or 'blank'})", result)

    def _noted(self, name: str, request: Request) -> str:
        reference, _, value = self._memory.get(name, "").partition(" ")
        return value if reference == request.reference else ""


def _proves_nothing(text: str, result: Result | None = None) -> Inquiry:
    return Inquiry(found=Found.INCONCLUSIVE, result=result, text=text)


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: NcccOptions) -> AsyncIterator[Device]:
    async with running(NcccTerminal(context, transport, options)) as device:
        yield device


DRIVER = DriverInfo(
    name="nccc",
    summary="Card terminals with NCCC's 400-byte records",
    roles=(EFT_TERMINAL,),
    options=NcccOptions,
    open=open_terminal,
    simulator=NcccSimulator,
    schemes=("serial", "tcp", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
)
