"""The talk with one Star printer: what its frames say, and the question that brings its state up to date."""

from collections.abc import Callable

from drivers.star import commands
from drivers.star.codec import Demultiplexer, DocumentEnd, Frame, Report, Status, Version
from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.printing.talk import Talk
from edge_hub.sdk.transport import Transport


class Link(Talk[Frame, Report]):
    """Owns reading; everybody else asks through it."""

    def __init__(self, transport: Transport, clock: DriverClock, on_report: Callable[[Report], None]) -> None:
        super().__init__(transport, clock, Demultiplexer(), Report(), on_report)
        self.etb: int | None = None
        """The ETB counter of the last status."""
        self.on_end: Callable[[DocumentEnd], None] = lambda _: None
        """Told of every document counter that nobody asked for just then."""
        self.versions = 0
        """Answers to version questions so far."""

    def take(self, frame: Frame) -> None:
        if isinstance(frame, Status):
            self._count(frame.etb)
            self.learn(frame.report())
        elif isinstance(frame, DocumentEnd):
            self.marks += 1
            self.on_end(frame)
        elif isinstance(frame, Version):
            self.marks += 1
            self.versions += 1
        self.offer(frame)

    def _count(self, etb: int | None) -> None:
        if etb != self.etb:
            self.etb = etb
            self.marks += 1

    async def poll(self) -> bool:
        """Ask for the status, which is answered at once whatever the printer does. False: it is silent."""
        return await self.ask(commands.STATUS, lambda frame: isinstance(frame, Status)) is not None

    async def look(self) -> bool:
        """`poll`, asked again when an answer got lost."""
        return await self.poll() or await self.poll()
