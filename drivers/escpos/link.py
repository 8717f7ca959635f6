"""The talk with one ESC/POS printer: what its frames say, and the questions that bring its state up to date."""

import asyncio
from collections import Counter
from collections.abc import Callable

from drivers.escpos import commands
from drivers.escpos.codec import DLE_EOT_ALL, Asb, Block, Demultiplexer, Frame, RealTime, Reply, Report
from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.printing.talk import Talk
from edge_hub.sdk.transport import Transport

MISSES_MAX = 3


class Link(Talk[Frame, Report]):
    """Owns reading; everybody else asks through it."""

    def __init__(self, transport: Transport, clock: DriverClock, on_report: Callable[[Report], None]) -> None:
        super().__init__(transport, clock, Demultiplexer(), Report(), on_report)
        self.asb = False
        """Status Back has come: the printer tells changes by itself."""
        self.real_time = False
        """DLE EOT has been answered."""
        self.process_id = 0
        """The last one answered."""
        self.skipped = False
        """A process id was answered before an earlier one that was sent."""
        self.replies = 0
        """Answers to GS r so far."""
        self.maker = self.model = ""
        """By its own account, where it was asked."""
        self._polling = asyncio.Lock()
        self._misses: Counter[int] = Counter()

    def take(self, frame: Frame) -> None:
        if isinstance(frame, Asb):
            self.asb = True
            self.learn(frame.report())
        elif isinstance(frame, RealTime):
            self.real_time = True
        elif isinstance(frame, Block) and frame.process_id is not None:
            self.skipped = self.skipped or frame.process_id != self.process_id % commands.PROCESS_IDS + 1
            self.process_id = frame.process_id
            self.marks += 1
        if not self.offer(frame) and isinstance(frame, Reply):
            self.replies += 1
            self.marks += 1

    async def poll(self, *numbers: int) -> bool:
        """Ask DLE EOT n for each n (all four if none is named). False: the printer is silent.

        An n that is never answered while n = 1 is, is not asked any more: old models know fewer.
        """
        async with self._polling:
            answered = False
            for n in numbers or DLE_EOT_ALL:
                if self._misses[n] >= MISSES_MAX:
                    continue
                frame = await self.ask(commands.real_time_status(n), lambda frame: isinstance(frame, RealTime))
                if isinstance(frame, RealTime):
                    answered = True
                    self._misses[n] = 0
                    self.learn(frame.merged(n, self.report))
                elif n == 1:
                    return False
                else:
                    self._misses[n] += 1
            return answered

    async def look(self) -> bool:
        """Bring `report` up to date, by whichever way this printer answers. False: it is silent."""
        if not self.asb:
            return await self.poll()
        if not self.real_time:
            # answers in order only; while it is offline that is no answer, and Status Back said why
            asked = await self.ask(commands.ASB_ON, lambda frame: isinstance(frame, Asb))
            return asked is not None or self.report.online is False
        before = self.report.online
        if not await self.poll(1):
            return False
        # the two disagree, or it says what keeps it from printing: a Status Back may be lost or garbled
        return (self.report.online == before and not self.report.trouble) or await self.poll()
