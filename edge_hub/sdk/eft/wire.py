"""The till's end of a terminal's wire, whatever its protocol: one exchange at a time, and what comes outside of one."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import DeviceBusy, DeviceRefused
from edge_hub.sdk.transport import Transport
from edge_hub.sdk.wire import Arrivals, write_within

WRITE_S = 5.0
"""For the port to take a request."""
TOKENS_PENDING_MAX = 64

T = TypeVar("T")


class TerminalWire(Generic[T]):
    """Tokens (a protocol's signs and messages) that come within an exchange are kept for it. `note` hears, once, that
    something came which nobody waited for.
    """

    def __init__(self, transport: Transport, clock: DriverClock, note: Callable[[str], None]) -> None:
        self.transport = transport
        self.arrivals = Arrivals(clock)
        self.tokens: deque[T] = deque(maxlen=TOKENS_PENDING_MAX)
        self.asking = False
        """An exchange is under way."""
        self._clock = clock
        self._note = note
        self._noted = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Around one exchange, before anything of it is sent. Raises DeviceBusy during another, DeviceRefused when the
        wire is lost.
        """
        if self.asking:
            raise DeviceBusy("the terminal is being asked something else")
        if self.arrivals.lost is not None:
            raise DeviceRefused(self.arrivals.lost.detail)
        self.asking = True
        try:
            yield
        finally:
            self.asking = False

    async def read(self, feed: Callable[[bytes], list[T]], unasked: Callable[[T], Awaitable[None]]) -> None:
        """Read until the wire is lost; raises DeviceLost. `unasked` gets the tokens that belong to no exchange."""
        with self.arrivals.until_lost():
            while True:
                for token in feed(await self.transport.read()):
                    if self.asking:
                        self.tokens.append(token)
                    else:
                        await unasked(token)
                self.arrivals.came()

    async def write(self, data: bytes) -> None:
        """Raises DeviceLost, DeviceTimeout."""
        await write_within(self._clock, WRITE_S, self.transport, data, who="the terminal")

    def stray(self) -> None:
        """A reply came that nobody waited for."""
        if not self._noted:
            self._noted = True
            self._note("a reply came that nobody waited for (more of them are not noted)")
