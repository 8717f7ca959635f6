"""A terminal with Concert V2: raise the line, hand the request over, wait for the terminal to raise it for its reply.

It cannot be asked afterwards. A reply that nobody waits for is taken, so that the terminal is rid of it, and dropped.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from drivers.concert import codec
from drivers.concert.codec import ACK, ENQ, EOT, NAK, Mark, Reader, Token, frame
from drivers.concert.options import ConcertOptions
from drivers.concert.simulator import ConcertSimulator
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
)
from edge_hub.sdk.eft.wire import TerminalWire
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
from edge_hub.sdk.tasks import beside, until_one_ends
from edge_hub.sdk.transport import Transport

WITH_CARD = frozenset({Transaction.REFUND, Transaction.VOID})
"""Neither names a sale: the terminal goes by the card that is presented."""
SIGN_S = 3.0
"""For the terminal's answer to a sign or a frame."""
PAUSE_S = 1.0
"""Between two tries to raise the line."""
RAISES_MAX = 3
SENDS_MAX = 3
"""Of one request, the first included: again only on NAK."""
NAK_SETTLE_S = 0.5
"""Silence after a NAK that shows that it was one, not noise before an ACK."""
NAKS_MAX = 2
"""Damaged replies that are asked for again: terminals send one three times."""
UNACKNOWLEDGED_S = 60.0
"""For a reply to a request that was not acknowledged: the terminal may have it all the same."""
PARTIAL_S = 1.0
"""A frame takes 0.1 s at 9600 baud; what has begun and does not go on for so long is none."""


class ConcertTerminal:
    """EftTerminal."""

    def __init__(self, context: Context, transport: Transport, options: ConcertOptions) -> None:
        self._clock = context.clock
        self._wire = TerminalWire[Token](transport, context.clock, lambda text: context.emit(Noted(text=text)))
        self._options = options
        self._layout = codec.reply_layout(full=options.full_reply)
        self._reader = Reader(self._layout.size)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(transactions=SALE_AND_BACK, inquires=False, with_card=WITH_CARD)

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        await self._wire.read(self._reader.feed, self._unasked)

    async def _unasked(self, token: Token) -> None:
        if token in (Mark.ENQ, Mark.DAMAGED) or isinstance(token, bytes):
            with suppress(DeviceError):  # a lost wire is raised by the next read
                await self._send(ACK)
        if isinstance(token, bytes):
            self._wire.stray()

    async def prepare(self, request: Request) -> bytes:
        return codec.request_data(request, self._options)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        with self._alone():
            await self._raise_line()
            progress(Progress(milestone=Milestone.SENT))
            acknowledged = await self._hand_over(data)
            if acknowledged:
                progress(Progress(milestone=Milestone.IN_PROGRESS))
            with suppress(DeviceError):  # the request is there, whether or not the terminal hears that it was all
                await self._send(EOT)
            return await self._reply(request, data, self._options.reply_s if acknowledged else UNACKNOWLEDGED_S)

    async def inquire(self, request: Request, data: bytes) -> Inquiry:  # noqa: ARG002  # the role's
        return Inquiry(found=Found.INCONCLUSIVE, text="this terminal cannot be asked")

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        return await self.inquire(request, data)

    async def stop(self) -> None:
        raise DeviceRefused("this terminal is stopped by its own red key", error_code=ErrorCode.ILLEGAL)

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:  # noqa: ARG002  # the role's
        raise DeviceRefused("this terminal settles by itself", error_code=ErrorCode.ILLEGAL)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One exchange, beginning with nothing received."""
        with self._wire.alone():
            self._reader.reset()
            self._wire.tokens.clear()
            yield

    async def _raise_line(self) -> None:
        """ENQ until ACK. No byte of a request has left: raises DeviceRefused or DeviceBusy."""
        refusal: DeviceError = DeviceRefused("the terminal does not answer")
        try:
            for _ in range(RAISES_MAX):
                await self._send(ENQ)
                sign = await self._sign(self._clock.monotonic() + SIGN_S)
                if sign is Mark.ACK:
                    return
                if sign is Mark.NAK:
                    refusal = DeviceBusy("the terminal is busy")
                await self._send(EOT)
                await self._clock.sleep(PAUSE_S)
        except (DeviceLost, DeviceTimeout) as error:
            raise DeviceRefused(error.detail) from error
        raise refusal

    async def _sign(self, end: float) -> Mark | None:
        """ACK or NAK. What the terminal had to say before is taken and dropped."""
        while (token := await self._token(end)) is not None:
            if token is Mark.ACK or token is Mark.NAK:
                return token
            await self._unasked(token)
        return None

    async def _hand_over(self, data: bytes) -> bool:
        """Send the request, again on NAK. False: it was not acknowledged. Raises DeviceLost, DeviceTimeout."""
        for _ in range(SENDS_MAX):
            await self._send(*frame(data))
            if (taken := await self._taken()) is not None:
                return taken
        raise DeviceTimeout(f"the terminal found the request damaged {SENDS_MAX} times")

    async def _taken(self) -> bool | None:
        """True for ACK, False without a sign. None for NAK, if nothing else at all came with it: in noise, 15 means
        nothing, and a terminal that has the request and gets it again would charge twice.
        """
        limit = end = self._clock.monotonic() + SIGN_S
        clean, refused = True, False
        while (token := await self._token(end)) is not None:
            if token is Mark.ACK:
                return True
            if token is Mark.NAK and clean:
                refused, end = True, min(limit, self._clock.monotonic() + NAK_SETTLE_S)
                continue
            clean, end = False, limit
            if token is Mark.ENQ or isinstance(token, bytes):
                # it is at its reply already: the ACK was lost
                self._wire.tokens.appendleft(token)
                return False
        return None if refused and clean and not self._reader.partial else False

    async def _reply(self, request: Request, sent: bytes, seconds: float) -> Result:
        end, naks = self._clock.monotonic() + seconds, 0
        while (token := await self._token(end)) is not None:
            if token is Mark.ENQ:
                await self._send(ACK)
            elif token is Mark.DAMAGED:
                naks += 1
                if naks > NAKS_MAX:
                    raise BadFrame("the terminal's reply stays damaged")
                await self._send(NAK)
            elif isinstance(token, bytes):
                answer = self._judge(request, sent, token)
                with suppress(DeviceError):  # the answer is here, whether or not the terminal hears so
                    await self._send(ACK)
                if answer is not None:
                    return answer
        raise DeviceTimeout("the terminal has not said what became of it")

    def _judge(self, request: Request, sent: bytes, data: bytes) -> Result | None:
        """None: another request's, or no reply."""
        try:
            if not codec.answers(sent, data, self._layout):
                return None
            return codec.result(sent, data, request, self._layout)
        except BadFrame:
            return None

    async def _send(self, *data: int) -> None:
        await self._wire.write(bytes(data))

    async def _token(self, end: float) -> Token | None:
        """The next token, or None at `end`. Raises DeviceLost."""
        while not self._wire.tokens:
            left = end - self._clock.monotonic()
            if left <= 0:
                return None
            patience = min(left, PARTIAL_S) if self._reader.partial else left
            if not await self._wire.arrivals.within(patience) and self._reader.partial:
                self._wire.tokens.extend(self._reader.expire())
        return self._wire.tokens.popleft()


@asynccontextmanager
async def open_terminal(context: Context, transport: Transport, options: ConcertOptions) -> AsyncIterator[Device]:
    """Nothing is sent: whether a terminal is there is known once something is asked of it."""
    terminal = ConcertTerminal(context, transport, options)
    async with beside(terminal.read(), name=f"read {context.device_id}") as reading:
        yield Device(roles={EFT_TERMINAL: terminal}, run=lambda: until_one_ends(reading))


DRIVER = DriverInfo(
    name="concert",
    summary="French card terminals with Concert V2 on a serial line",
    roles=(EFT_TERMINAL,),
    options=ConcertOptions,
    open=open_terminal,
    simulator=ConcertSimulator,
    schemes=("serial", "tcp", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
)
