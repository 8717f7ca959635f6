"""The EftTerminal role over the STX/ETX/LRC link, for protocols whose records `RecordCodec` describes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from edge_hub.sdk.driver import Context, Device
from edge_hub.sdk.eft.framed import FramedLink, Longer
from edge_hub.sdk.eft.model import (
    Activity,
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Request,
    Result,
    Verdict,
)
from edge_hub.sdk.eft.records import SETTLEMENT, Match, RecordCodec
from edge_hub.sdk.errors import BadFrame, DeviceFault, DeviceRefused, ErrorCode
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport

_LAST = "eft.last"
"""In `Context.memory`: the identity of the last reply that was taken."""


class RecordTerminal:
    """EftTerminal: asks with one record, waits for the one that is the answer to it."""

    def __init__(
        self,
        context: Context,
        transport: Transport,
        codec: RecordCodec,
        *,
        reply_s: float,
        settles: bool,
        inquires: bool = False,
        seven_bits: bool = False,
    ) -> None:
        self.codec = codec
        self.reply_s = reply_s
        self.link = FramedLink(
            transport,
            context.clock,
            codec.layout.size,
            note=context.log.warning,
            aside=self.aside,
            seven_bits=seven_bits,
        )
        self._memory = context.memory
        self._capabilities = Capabilities(
            transactions=frozenset(codec.types),
            inquires=inquires,
            settles=settles,
            locks=True,
            with_card=codec.with_card & frozenset(codec.types),
        )

    def aside(self, data: bytes) -> bool:  # noqa: ARG002  # few send such
        """Whether a record is one that the terminal sends unasked and wants no acknowledgement for."""
        return False

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def prepare(self, request: Request) -> bytes:
        return self.codec.request(request)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        acknowledged = False

        def heard() -> None:
            nonlocal acknowledged
            acknowledged = True
            progress(Progress(milestone=Milestone.IN_PROGRESS, activity=Activity.WAITING_FOR_CARD))

        def accept(reply: bytes) -> Result | Longer | None:
            if not self._is_answer(data, reply, request, acknowledged=acknowledged):
                return None
            more_s = self.codec.more_s(self.codec.layout.unpack(reply))
            if more_s is None:
                return self.codec.result(reply, request)
            progress(Progress(activity=Activity.WAITING_FOR_CUSTOMER))
            return Longer(more_s) if more_s else None

        progress(Progress(milestone=Milestone.SENT))
        result = await self.link.exchange(data, accept, reply_s=self.reply_s, acknowledged=heard)
        self._memory[_LAST] = result.identity
        return result

    def _is_answer(self, data: bytes, reply: bytes, request: Request, *, acknowledged: bool) -> bool:
        """Whether a reply is this request's. One that repeats nothing of the request's own must have come behind the
        acknowledgement, as nothing older can, and must not be the last one over again.
        """
        try:
            match = self.codec.match(data, self.codec.checked(reply))
        except BadFrame:
            return False
        if match is Match.PLAUSIBLE:
            identity = self.codec.result(reply, request).identity
            return acknowledged and not (identity and identity == self._memory.get(_LAST))
        return match is Match.OURS

    async def inquire(self, request: Request, data: bytes) -> Inquiry:  # noqa: ARG002  # protocols that have it
        return Inquiry(found=Found.INCONCLUSIVE, text="this terminal cannot be asked about a transaction")

    async def cancel(self, request: Request, data: bytes) -> Inquiry:  # noqa: ARG002  # no terminal of these can
        return Inquiry(found=Found.INCONCLUSIVE, text="this terminal cannot cancel what is in doubt")

    async def stop(self) -> None:
        """None of these protocols has it: the customer or the cashier cancels at the terminal."""

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:
        if not self._capabilities.settles:
            raise DeviceRefused("this terminal is settled by hand", error_code=ErrorCode.ILLEGAL)
        acknowledged = False

        def heard() -> None:
            nonlocal acknowledged
            acknowledged = True
            progress(Progress(milestone=Milestone.IN_PROGRESS, activity=Activity.WAITING_FOR_HOST))

        def accept(reply: bytes) -> bytes | Longer | None:
            # it repeats nothing: an older one can only come before the acknowledgement
            return self._settled(reply) if acknowledged else None

        progress(Progress(milestone=Milestone.SENT))
        reply = await self.link.exchange(self.codec.settlement(at), accept, reply_s=self.reply_s, acknowledged=heard)
        values = self.codec.layout.unpack(reply)
        verdict = self.codec.meaning(values).verdict
        if verdict is Verdict.DECLINED:
            raise DeviceRefused(f"the terminal did not settle (code {values['code']})")
        if verdict is Verdict.UNKNOWN:
            raise DeviceFault(f"the terminal says neither that it settled nor that it did not (code {values['code']})")
        return self.codec.totals(reply)

    def _settled(self, reply: bytes) -> bytes | Longer | None:
        try:
            values = self.codec.layout.unpack(self.codec.checked(reply))
        except BadFrame:
            return None
        if values["type"] != SETTLEMENT:
            return None
        more_s = self.codec.more_s(values)
        if more_s is None:
            return reply
        return Longer(more_s) if more_s else None


@asynccontextmanager
async def running(terminal: RecordTerminal) -> AsyncIterator[Device]:
    """The device of an open terminal; nothing is said to it until somebody pays."""
    yield Device(roles={EFT_TERMINAL: terminal}, run=terminal.link.read)
