"""The talk with one printer: who waits for which answer, what the printer said last, whether it moves at all."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import DeviceLost, DeviceTimeout
from edge_hub.sdk.printing.state import Reported
from edge_hub.sdk.tasks import end
from edge_hub.sdk.timing import done_within
from edge_hub.sdk.transport import Transport
from edge_hub.sdk.wire import Arrivals

ANSWER_S = 2.0
"""For an answer that does not wait for paper."""
PROGRESS_S = 20.0
"""Nothing taken, printed or changed for this long while online: the printer hangs. Not a limit on a receipt."""

F = TypeVar("F")
R = TypeVar("R", bound=Reported)


class Codec(Protocol[F]):
    """Bytes in any pieces to frames; never raises."""

    def feed(self, data: bytes) -> list[F]: ...


class Talk(ABC, Generic[F, R]):
    """Owns reading; everybody else asks through it. A protocol says what its frames mean."""

    def __init__(
        self,
        transport: Transport,
        clock: DriverClock,
        codec: Codec[F],
        report: R,
        on_report: Callable[[R], None],
    ) -> None:
        """`report`: what is known of a printer that said nothing yet; `on_report` hears of each change."""
        self.transport = transport
        self.report = report
        self.marks = 0
        """Counts signs of progress: bytes taken, answers, changes of state."""
        self._clock = clock
        self._on_report = on_report
        self._codec = codec
        self._arrivals = Arrivals(clock)
        self._waiting: list[tuple[Callable[[F], bool], asyncio.Future[F]]] = []
        self._writing = asyncio.Lock()

    @abstractmethod
    def take(self, frame: F) -> None:
        """Note what a frame says, and `offer` it."""

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        try:
            while True:
                for frame in self._codec.feed(await self.transport.read()):
                    self.take(frame)
                self._arrivals.came()
        except DeviceLost as error:
            for _, future in self._waiting:
                future.cancel()
            self._arrivals.end(error)
            raise

    def offer(self, frame: F) -> bool:
        """Give a frame to who waits for such a one; whether somebody did."""
        for matches, future in self._waiting:
            if not future.done() and matches(frame):
                future.set_result(frame)
                return True
        return False

    def learn(self, report: R) -> None:
        """The printer's state is `report` now."""
        if report != self.report:
            self.report = report
            self.marks += 1
            self._on_report(report)

    def check(self) -> None:
        """Raise DeviceLost when the wire has ended."""
        self._arrivals.check()

    async def changed(self, seconds: float) -> None:
        """Wait until something was read, at most so long. Raises DeviceLost."""
        await self._arrivals.within(seconds)
        self._arrivals.check()

    async def write(self, data: bytes, *, is_progress: bool = True) -> None:
        """Hand bytes over as the printer takes them. Raises DeviceTimeout when it takes none while online.

        `is_progress`: that it took them is a sign of progress; a question is none, only what its answer changes.
        """
        async with self._writing:
            self.check()
            task = asyncio.ensure_future(self.transport.write(data))
            try:
                # a wire that takes all of it at once, as most do, needs no timer
                await asyncio.sleep(0)
                while not task.done():
                    seen = self.marks
                    await done_within(self._clock, PROGRESS_S, task)
                    if not task.done() and self.marks == seen and self.report.online is not False:
                        raise DeviceTimeout(f"the printer takes no bytes for {PROGRESS_S:.0f} s")
                task.result()
            finally:
                await end(task)
        self.marks += is_progress

    async def ask(self, question: bytes, matches: Callable[[F], bool], seconds: float = ANSWER_S) -> F | None:
        """The first frame that matches, or None when none comes in time. Raises DeviceLost."""
        future: asyncio.Future[F] = asyncio.get_running_loop().create_future()
        entry = (matches, future)
        self._waiting.append(entry)
        try:
            await self.write(question, is_progress=False)
            await done_within(self._clock, seconds, future)
            self.check()
            return future.result() if future.done() else None
        finally:
            self._waiting.remove(entry)
            future.cancel()
