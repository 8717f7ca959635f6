"""The talk with one scale: one question at a time, answered in time or not at all, never by an old answer."""

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.scales.framing import Bad
from edge_hub.sdk.transport import Transport
from edge_hub.sdk.wire import Arrivals, write_within

ANSWER_S = 1.0
"""For an answer; scales give theirs within some tens of milliseconds."""
WRITE_S = 2.0
"""For the port to take a question of some bytes."""
QUIET_S = 0.25
"""After an answer that did not come in time: silence this long means that it is not still on its way."""
QUIET_TRIES_MAX = 8
FRAMES_PENDING_MAX = 16

F = TypeVar("F")
R = TypeVar("R")


class Codec(Protocol[F]):
    """Bytes in any pieces to frames; never raises."""

    def feed(self, data: bytes) -> list[F | Bad]: ...


class Link(Generic[F]):
    """Owns reading. `on_bad` hears of bytes that were no frame."""

    def __init__(
        self, transport: Transport, clock: DriverClock, codec: Codec[F], on_bad: Callable[[Bad], None]
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._codec = codec
        self._on_bad = on_bad
        self._frames: deque[F] = deque(maxlen=FRAMES_PENDING_MAX)
        self._arrivals = Arrivals(clock)
        self._late = False

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        with self._arrivals.until_lost():
            while True:
                for frame in self._codec.feed(await self._transport.read()):
                    if isinstance(frame, Bad):
                        self._on_bad(frame)
                    else:
                        self._frames.append(frame)
                self._arrivals.came()

    async def send(self, question: bytes) -> None:
        """Forget what came unasked, then send. Raises DeviceLost, DeviceTimeout."""
        await self.forget()
        await write_within(self._clock, WRITE_S, self._transport, question, who="the scale")

    async def forget(self) -> None:
        """Drop what is not an answer to what comes now, late answers to the last question among it."""
        if self._late:
            for _ in range(QUIET_TRIES_MAX):
                if not await self._more(QUIET_S):
                    break
            self._late = False
        self._arrivals.check()
        self._frames.clear()

    async def next(self, accept: Callable[[F], R | None], seconds: float = ANSWER_S) -> R | None:
        """What `accept` makes of the first frame it takes (not None), or None when none comes in time."""
        end = self._clock.monotonic() + seconds
        while True:
            while self._frames:
                answer = accept(self._frames.popleft())
                if answer is not None:
                    return answer
            left = end - self._clock.monotonic()
            if left <= 0:
                self._late = True
                return None
            await self._more(left)

    async def _more(self, seconds: float) -> bool:
        """Wait until something was read. False: nothing came. Raises DeviceLost."""
        answered = await self._arrivals.within(seconds)
        self._arrivals.check()
        return answered
