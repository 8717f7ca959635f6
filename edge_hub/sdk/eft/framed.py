"""The serial link of card terminals in Taiwan and their relatives: STX, DATA of a fixed length, ETX, LRC.

    02 | DATA (n bytes) | 03 | LRC = XOR of DATA and ETX        answered by 06 06 (taken) or 15 15 (damaged)

Frames are read by length, since the LRC can be any byte. Both sides send their signs twice and take one. The terminal
sends its reply again, three times at most, while nobody acknowledges it, and then stands by the transaction.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import xor
from typing import TypeVar

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.eft.wire import TerminalWire
from edge_hub.sdk.errors import BadFrame, DeviceError, DeviceLost, DeviceRefused, DeviceTimeout
from edge_hub.sdk.transport import Transport

STX, ETX, ACK, NAK = 0x02, 0x03, 0x06, 0x15
TAKEN, DAMAGED = bytes((ACK, ACK)), bytes((NAK, NAK))
FRAMING_BYTES = 3
ACK_S = 5.0
"""For the terminal's sign that it has the request."""
NAK_SETTLE_S = 0.5
"""Silence after a NAK that shows that it was one, not noise before an ACK."""
QUIET_S = 0.25
"""Silence this long means that a piece of a frame is not still growing."""
QUIET_TRIES_MAX = 8
SENDS_MAX = 3
"""Of one request, the first included: again only on NAK."""
NAKS_MAX = 3
"""Damaged replies that are asked for again."""
_BIT_7_STRIPPED = bytes(value & 0x7F for value in range(256))

R = TypeVar("R")


class Mark(Enum):
    """What the wire carried that is no DATA."""

    ACK = "ack"
    NAK = "nak"
    NOISE = "noise"
    """Bytes that belong to nothing."""
    DAMAGED = "damaged"
    """A frame whose LRC is wrong."""


Token = Mark | bytes
"""A Mark, or the DATA of a sound frame."""


def lrc(data: bytes) -> int:
    """XOR of DATA and ETX."""
    return reduce(xor, data, ETX)


def frame(data: bytes) -> bytes:
    """DATA as it goes over the wire."""
    return bytes((STX, *data, ETX, lrc(data)))


class FrameReader:
    """Bytes in any pieces to tokens, either side. Holds less than a frame of `data_bytes`; never raises."""

    def __init__(self, data_bytes: int, *, seven_bits: bool = False) -> None:
        self._size = data_bytes + FRAMING_BYTES
        self._seven_bits = seven_bits
        self._held = bytearray()

    @property
    def partial(self) -> bool:
        """A frame has begun and is not complete."""
        return bool(self._held)

    def reset(self) -> None:
        """Forget the piece of a frame."""
        self._held.clear()

    def feed(self, data: bytes) -> list[Token]:
        """Tokens that `data` completed."""
        self._held += data.translate(_BIT_7_STRIPPED) if self._seven_bits else data
        tokens: list[Token] = []
        at = 0
        while at < len(self._held):
            first = self._held[at]
            if first == STX:
                if len(self._held) - at < self._size:
                    break
                whole = bytes(self._held[at : at + self._size])
                if whole[-2] == ETX:
                    sound = lrc(whole[1:-2]) == whole[-1]
                    tokens.append(whole[1:-2] if sound else Mark.DAMAGED)
                    at += self._size
                    continue
            # an STX without its ETX began nothing: what is behind it may hold the true one
            at += 1
            mark = {ACK: Mark.ACK, NAK: Mark.NAK}.get(first, Mark.NOISE)
            if mark is not Mark.NOISE or tokens[-1:] != [Mark.NOISE]:
                tokens.append(mark)
        del self._held[:at]
        return tokens


@dataclass(frozen=True, slots=True)
class Longer:
    """An `accept` that wants to wait on: the time limit starts anew with `seconds`."""

    seconds: float


Accept = Callable[[bytes], R | Longer | None]


def _nothing() -> None:
    """Nobody wants to know of the acknowledgement."""


class FramedLink:
    """The hub's side. Owns reading; one exchange at a time; never sends by itself what moves money.

    `aside` knows the frames that the terminal sends unasked and wants no acknowledgement for (NCCC's mirror of its
    screen); it may pass on what they say. `note` hears, once, that something came which nobody waited for.
    """

    def __init__(
        self,
        transport: Transport,
        clock: DriverClock,
        data_bytes: int,
        *,
        note: Callable[[str], None],
        aside: Callable[[bytes], bool] = lambda _: False,
        ack_s: float = ACK_S,
        seven_bits: bool = False,
    ) -> None:
        self._clock = clock
        self._wire = TerminalWire[Token](transport, clock, note)
        self._data_bytes = data_bytes
        self._aside = aside
        self._ack_s = ack_s
        self._reader = FrameReader(data_bytes, seven_bits=seven_bits)
        self._naks = 0
        self._written_before = 0
        self._last = b""

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        await self._wire.read(self._reader.feed, self._unasked)

    async def exchange(
        self, data: bytes, accept: Accept[R], *, reply_s: float, acknowledged: Callable[[], None] = _nothing
    ) -> R:
        """Send `data` and wait until `accept` makes something (not None) of a reply's DATA.

        Replies that `accept` does not take are acknowledged and dropped: they belong to another request. `reply_s`
        counts from the terminal's acknowledgement, of which `acknowledged` hears.

        Raises DeviceRefused or DeviceBusy only if no byte left; DeviceTimeout, DeviceLost, or BadFrame when the reply
        stays damaged.
        """
        if len(data) != self._data_bytes:
            raise ValueError(f"DATA has {self._data_bytes} bytes, not {len(data)}")
        async with self._alone():
            answer = await self._ask(data, accept)
            if answer is not None and not isinstance(answer, Longer):
                return answer
            acknowledged()
            return await self._reply(accept, answer.seconds if answer is not None else reply_s)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One exchange, beginning with nothing in the receive buffer."""
        with self._wire.alone():
            await self._flush()
            yield

    async def _flush(self) -> None:
        try:
            for _ in range(QUIET_TRIES_MAX):
                if not self._reader.partial or not await self._more(QUIET_S):
                    break
        except DeviceLost as error:
            raise DeviceRefused(error.detail) from error
        self._wire.tokens.clear()
        self._reader.reset()
        self._naks = 0
        self._written_before = self._wire.transport.bytes_written

    async def _ask(self, data: bytes, accept: Accept[R]) -> R | Longer | None:
        """Send, again on NAK. The answer if it came before the ACK, else None: acknowledged."""
        for _ in range(SENDS_MAX):
            await self._send(frame(data))
            answer = await self._sign(accept)
            if answer is Mark.ACK:
                return None
            if not isinstance(answer, Mark):
                return answer
        raise DeviceTimeout(f"the terminal found the request damaged {SENDS_MAX} times")

    async def _sign(self, accept: Accept[R]) -> R | Longer | Mark:
        """What the terminal says to the request: Mark.ACK, Mark.NAK, or its answer at once.

        A request goes out again on a NAK only if nothing else at all came with it: in noise, 15 means nothing, and a
        terminal that has the request and gets it again would charge twice.
        """
        limit = end = self._clock.monotonic() + self._ack_s
        clean, refused = True, False
        while True:
            token = await self._token(end)
            if token is None:
                if refused and clean and not self._reader.partial:
                    return Mark.NAK
                raise DeviceTimeout(f"the terminal did not acknowledge the request within {self._ack_s:g} s")
            if token is Mark.ACK:
                return Mark.ACK
            if token is Mark.NAK:
                refused = True
                end = min(limit, self._clock.monotonic() + NAK_SETTLE_S) if clean else limit
                continue
            clean, end = False, limit
            answer = await self._judge(token, accept)
            if answer is not None:
                return answer

    async def _reply(self, accept: Accept[R], seconds: float) -> R:
        end = self._clock.monotonic() + seconds
        while True:
            token = await self._token(end)
            if token is None:
                raise DeviceTimeout("the terminal has not said what became of it")
            answer = await self._judge(token, accept)
            if isinstance(answer, Longer):
                end = self._clock.monotonic() + answer.seconds
            elif answer is not None:
                return answer

    async def _judge(self, token: Token, accept: Accept[R]) -> R | Longer | None:
        """What `accept` makes of it, acknowledged; damaged ones are asked for again."""
        if token is Mark.DAMAGED:
            self._naks += 1
            if self._naks > NAKS_MAX:
                raise BadFrame("the terminal's reply stays damaged")
            await self._send(DAMAGED)
        if isinstance(token, Mark) or self._aside(token):
            return None
        answer = accept(token)
        with suppress(DeviceError):  # the answer is here, whether or not the terminal hears so
            await self._send(TAKEN)
        self._last = token
        return answer

    async def _unasked(self, token: Token) -> None:
        """Outside an exchange: a reply that came again is acknowledged again, all else is dropped."""
        if isinstance(token, Mark) or self._aside(token):
            return
        if token == self._last:
            with suppress(DeviceError):  # a lost wire is raised by the next read
                await self._send(TAKEN)
        else:
            self._wire.stray()

    async def _send(self, data: bytes) -> None:
        """Raises DeviceRefused when no byte of the exchange left, DeviceLost or DeviceTimeout when some may have."""
        try:
            await self._wire.write(data)
        except (DeviceLost, DeviceTimeout) as error:
            raise self._unsent(error) from error

    def _unsent(self, error: DeviceError) -> DeviceError:
        return DeviceRefused(error.detail) if self._wire.transport.bytes_written == self._written_before else error

    async def _token(self, end: float) -> Token | None:
        """The next token, or None at `end`. Raises DeviceLost."""
        while not self._wire.tokens:
            left = end - self._clock.monotonic()
            if left <= 0:
                return None
            await self._more(left)
        return self._wire.tokens.popleft()

    async def _more(self, seconds: float) -> bool:
        """Wait until something was read. False: nothing came. Raises DeviceLost."""
        answered = await self._wire.arrivals.within(seconds)
        if not self._wire.tokens:
            self._wire.arrivals.check()
        return answered
