"""A terminal with Caisse-AP over IP: one request, one reply, on a connection that carries no doubt on.

Nothing in the protocol numbers requests, so that a late reply could pass for the next one's. Whenever a reply did not
come, or came damaged, the connection is given up, and a reply to it with it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from drivers.caisse_ap import codec
from drivers.caisse_ap.codec import ACCEPTED, DONE, OUTCOME, Fields, Reader
from drivers.caisse_ap.options import CaisseApOptions
from drivers.caisse_ap.simulator import CaisseApSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.model import (
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
from edge_hub.sdk.errors import (
    BadFrame,
    DeviceBusy,
    DeviceError,
    DeviceLost,
    DeviceRefused,
    DeviceTimeout,
    ErrorCode,
)
from edge_hub.sdk.messages import Noted
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.timing import deadline, done_within
from edge_hub.sdk.transport import Transport

R = TypeVar("R")

WITH_CARD = frozenset({Transaction.REFUND, Transaction.VOID})
"""Neither names a sale: the terminal goes by the card that is presented."""
WRITE_S = 5.0
DUPLICATE_S = 30.0
MESSAGES_PENDING_MAX = 16
QUIET_S = 1.0
"""A reply has no end mark: it is over when nothing followed its last whole field for so long."""


class CaisseApTerminal:
    """EftTerminal."""

    def __init__(self, context: Context, transport: Transport, options: CaisseApOptions) -> None:
        self._context = context
        self._clock = context.clock
        self._transport = transport
        self._options = options
        self._reader = Reader()
        self._asking = False
        self._noted = False
        self._came: asyncio.Future[None] | None = None
        self._ended: deque[Fields] = deque(maxlen=MESSAGES_PENDING_MAX)
        self._bad: BadFrame | None = None
        self._lost: asyncio.Future[DeviceLost] = asyncio.get_running_loop().create_future()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactions=frozenset(Transaction), inquires=self._options.duplicate_proves, with_card=WITH_CARD
        )

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        try:
            while True:
                self._take(await self._transport.read())
        except DeviceLost as error:
            self._give_up(error.detail)
            raise

    def _take(self, data: bytes) -> None:
        if not self._asking:
            if not self._noted:
                self._noted = True
                self._context.emit(Noted(text="a reply came that nobody waited for (more of them are not noted)"))
            return
        try:
            self._ended += self._reader.feed(data)
        except BadFrame as error:
            self._bad = error
        self._wake()

    def _wake(self) -> None:
        came, self._came = self._came, None
        if came is not None and not came.done():
            came.set_result(None)

    def _give_up(self, why: str) -> None:
        if not self._lost.done():
            self._lost.set_result(DeviceLost(why))
        self._wake()

    async def run(self, reading: "asyncio.Task[None]") -> None:
        """Until the wire is lost or given up, which it raises."""
        either: set[asyncio.Future[Any]] = {reading, self._lost}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            raise self._lost.result()
        await reading

    async def prepare(self, request: Request) -> bytes:
        return codec.request_bytes(request, self._options)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        sent = codec.decode(data)

        def judge(said: Fields) -> Result | None:
            if not codec.answers(sent, said) or said.get(OUTCOME) == ACCEPTED:
                return None
            return codec.result(said, request, self._options.doubted)

        async with self._alone():
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

        async with self._alone():
            return await self._exchange(codec.duplicate_bytes(sent, self._options), judge, DUPLICATE_S)

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        return await self.inquire(request, data)

    async def stop(self) -> None:
        raise DeviceRefused("this terminal is stopped by its own red key", error_code=ErrorCode.ILLEGAL)

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:  # noqa: ARG002  # the role's
        raise DeviceRefused("this terminal settles by itself", error_code=ErrorCode.ILLEGAL)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One exchange, beginning with nothing received. One that fails ends the connection."""
        if self._asking:
            raise DeviceBusy("the terminal is being asked something else")
        if self._lost.done():
            raise DeviceRefused(self._lost.result().detail)
        self._asking = True
        self._reader.reset()
        self._ended.clear()
        self._bad = None
        try:
            yield
        except BaseException as error:
            if not isinstance(error, DeviceRefused):
                self._give_up("a reply that did not come may still come: the connection is given up")
            raise
        finally:
            self._asking = False

    async def _exchange(self, data: bytes, judge: Callable[[Fields], R | None], seconds: float) -> R:
        """Send once, and what `judge` makes of a reply; those it does not take are another request's."""
        await self._send(data)
        end = self._clock.monotonic() + seconds
        while True:
            while self._ended:
                answer = judge(self._ended.popleft())
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
                self._ended.append(whole)

    async def _send(self, data: bytes) -> None:
        before = self._transport.bytes_written
        try:
            async with deadline(self._clock, WRITE_S):
                await self._transport.write(data)
        except TimeoutError as error:
            raise self._unsent(DeviceTimeout(f"the terminal takes no bytes for {WRITE_S:g} s"), before) from error
        except DeviceLost as error:
            raise self._unsent(error, before) from error

    def _unsent(self, error: DeviceError, before: int) -> DeviceError:
        return DeviceRefused(error.detail) if self._transport.bytes_written == before else error

    async def _more(self, seconds: float) -> bool:
        """Wait until something was read. False: nothing came. Raises DeviceLost."""
        came = self._came = self._came or asyncio.get_running_loop().create_future()
        if self._lost.done():
            whole = self._reader.fields
            if whole is not None and OUTCOME in whole:
                # a terminal that hangs up behind its reply has ended it
                return False
            raise DeviceLost(self._lost.result().detail)
        return await done_within(self._clock, seconds, came)


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: CaisseApOptions) -> AsyncIterator[Device]:
    """The protocol has no greeting: a connection is all there is to know."""
    terminal = CaisseApTerminal(context, transport, options)
    reading = asyncio.create_task(terminal.read(), name=f"read {context.device_id}")
    try:
        yield Device(roles={EFT_TERMINAL: terminal}, run=lambda: terminal.run(reading))
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await reading


DRIVER = DriverInfo(
    name="caisse_ap",
    summary="French card terminals with Caisse-AP over IP",
    roles=(EFT_TERMINAL,),
    options=CaisseApOptions,
    open=open_terminal,
    simulator=CaisseApSimulator,
    schemes=("tcp", "sim"),
)
