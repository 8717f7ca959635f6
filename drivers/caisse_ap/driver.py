"""A terminal with Caisse-AP over IP: one request, one reply, on a connection that carries no doubt on.

Nothing in the protocol numbers requests, so that a late reply could pass for the next one's. Whenever a reply did not
come, or came damaged, the connection is given up, and a reply to it with it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from drivers.caisse_ap import codec
from drivers.caisse_ap.codec import ACCEPTED, DONE, OUTCOME, Fields, Reader
from drivers.caisse_ap.options import CaisseApOptions
from drivers.caisse_ap.simulator import CaisseApSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.model import (
    SALE_AND_BACK,
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Request,
    Result,
    Transaction,
    Verdict,
)
from edge_hub.sdk.eft.wire import TerminalWire
from edge_hub.sdk.errors import (
    BadFrame,
    DeviceLost,
    DeviceRefused,
    DeviceTimeout,
    ErrorCode,
)
from edge_hub.sdk.messages import Noted
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.tasks import beside
from edge_hub.sdk.transport import Transport

R = TypeVar("R")

WITH_CARD = frozenset({Transaction.REFUND, Transaction.VOID})
"""Neither names a sale: the terminal goes by the card that is presented."""
DUPLICATE_S = 30.0
QUIET_S = 1.0
"""A reply has no end mark: it is over when nothing followed its last whole field for so long."""
GIVEN_UP = "a reply that did not come may still come: the connection is given up"


class CaisseApTerminal:
    """EftTerminal."""

    def __init__(self, context: Context, transport: Transport, options: CaisseApOptions) -> None:
        self._clock = context.clock
        self._wire = TerminalWire[Fields](transport, context.clock, lambda text: context.emit(Noted(text=text)))
        self._options = options
        self._reader = Reader()
        self._bad: BadFrame | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(transactions=SALE_AND_BACK, inquires=self._options.duplicate_proves, with_card=WITH_CARD)

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        with self._wire.arrivals.until_lost():
            while True:
                self._take(await self._wire.transport.read())

    def _take(self, data: bytes) -> None:
        if not self._wire.asking:
            self._wire.stray()
            return
        try:
            self._wire.tokens += self._reader.feed(data)
        except BadFrame as error:
            self._bad = error
        self._wire.arrivals.came()

    async def run(self, reading: "asyncio.Task[None]") -> None:
        """Until the wire is lost or given up, which it raises."""
        while self._wire.arrivals.lost is None and not reading.done():
            await asyncio.wait({reading, self._wire.arrivals.next()}, return_when=asyncio.FIRST_COMPLETED)
        self._wire.arrivals.check()
        await reading

    async def prepare(self, request: Request) -> bytes:
        return codec.request_bytes(request, self._options)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        sent = codec.decode(data)

        def judge(said: Fields) -> Result | None:
            if not codec.answers(sent, said) or said.get(OUTCOME) == ACCEPTED:
                return None
            return codec.result(said, request, self._options.doubted)

        with self._alone():
            progress(Progress(milestone=Milestone.SENT))
            return await self._exchange(data, judge, self._options.reply_s)

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        if not self._options.duplicate_proves:
            return Inquiry(found=Found.INCONCLUSIVE, text="this terminal cannot be asked")
        sent = codec.decode(data)

        def judge(said: Fields) -> Inquiry | None:
            if said.get(OUTCOME) == ACCEPTED:
                return None
            result = codec.result(said, request, self._options.doubted)
            if said.get(OUTCOME) != DONE or not codec.repeats(sent, said):
                return Inquiry(found=Found.INCONCLUSIVE, text="the last ticket is not known to be this request's")
            found = Found.FOUND if result.verdict is Verdict.APPROVED else Found.INCONCLUSIVE
            return Inquiry(found=found, result=result, text="the last ticket has this request's private data")

        with self._alone():
            return await self._exchange(codec.duplicate_bytes(sent, self._options), judge, DUPLICATE_S)

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        return await self.inquire(request, data)

    async def stop(self) -> None:
        raise DeviceRefused("this terminal is stopped by its own red key", error_code=ErrorCode.ILLEGAL)

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:  # noqa: ARG002  # the role's
        raise DeviceRefused("this terminal settles by itself", error_code=ErrorCode.ILLEGAL)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One exchange, beginning with nothing received. One that fails ends the connection."""
        with self._wire.alone():
            self._reader.reset()
            self._wire.tokens.clear()
            self._bad = None
            try:
                yield
            except BaseException as error:
                if not isinstance(error, DeviceRefused):
                    self._wire.arrivals.end(DeviceLost(GIVEN_UP))
                raise

    async def _exchange(self, data: bytes, judge: Callable[[Fields], R | None], seconds: float) -> R:
        """Send once, and what `judge` makes of a reply; those it does not take are another request's."""
        await self._send(data)
        end = self._clock.monotonic() + seconds
        while True:
            while self._wire.tokens:
                answer = judge(self._wire.tokens.popleft())
                if answer is not None:
                    return answer
            if self._bad is not None:
                raise self._bad
            whole = self._reader.fields
            waiting = whole is not None and OUTCOME in whole
            left = end - self._clock.monotonic()
            if left <= 0:
                raise DeviceTimeout("the terminal has not said what became of it")
            if not await self._more(min(left, QUIET_S) if waiting else left) and waiting and whole is not None:
                self._reader.reset()
                self._wire.tokens.append(whole)

    async def _send(self, data: bytes) -> None:
        before = self._wire.transport.bytes_written
        try:
            await self._wire.write(data)
        except (DeviceLost, DeviceTimeout) as error:
            if self._wire.transport.bytes_written == before:
                raise DeviceRefused(error.detail) from error
            raise

    async def _more(self, seconds: float) -> bool:
        """Wait until something was read. False: nothing came. Raises DeviceLost."""
        whole = self._reader.fields
        if self._wire.arrivals.lost is not None and whole is not None and OUTCOME in whole:
            # a terminal that hangs up behind its reply has ended it
            return False
        return await self._wire.arrivals.within(seconds)


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: CaisseApOptions) -> AsyncIterator[Device]:
    """The protocol has no greeting: a connection is all there is to know."""
    terminal = CaisseApTerminal(context, transport, options)
    async with beside(terminal.read(), name=f"read {context.device_id}") as reading:
        yield Device(roles={EFT_TERMINAL: terminal}, run=lambda: terminal.run(reading))


DRIVER = DriverInfo(
    name="caisse_ap",
    summary="French card terminals with Caisse-AP over IP",
    roles=(EFT_TERMINAL,),
    options=CaisseApOptions,
    open=open_terminal,
    simulator=CaisseApSimulator,
    schemes=("tcp", "sim"),
)
