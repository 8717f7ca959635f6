"""How the end of a job is known: what is put behind each piece, and what the printer says once it is done.

Strongest first: the document counter (ESC GS ETX) answers this host alone, with the number it was sent; the ETB
counter stands in the status, which on a network all hosts get and any host may count up; the version answer comes in
order, when all before it was read but the last line may still move.
"""

from typing import Protocol

from drivers.star import commands
from drivers.star.codec import DocumentEnd, Version
from drivers.star.link import Link
from edge_hub.sdk.errors import DeviceLost, DeviceTimeout
from edge_hub.sdk.messages import Proof
from edge_hub.sdk.printing.talk import ANSWER_S

PROBE_NUMBER = 0
"""Jobs count from 1."""
FLUSHED_ANSWER_S = 5.0
"""The flush may still be in a slow line's buffer."""
POLL_S = 2.0
"""Between two questions to a printer at rest, and to one whose answers come by themselves."""
ETB_POLL_S = 0.25
ETB_MARKS_MAX = 24
"""In one job: the counter starts at 1 or 2, has 32 values and must not come round."""
LOST = "the printer lost a part of the job: it was switched off or reset meanwhile"
COUNTS = 256


class Marks(Protocol):
    """One way of knowing."""

    proof: Proof
    name: str
    poll_s: float
    """How often to look at the status while waiting for a mark."""

    async def try_out(self, seconds: float) -> bool:
        """Whether this printer answers so; asked while nothing is being printed."""
        ...

    async def begin(self) -> None:
        """Before a job: into step with the printer. Raises DeviceTimeout when it does not follow."""
        ...

    def mark(self, index: int, count: int) -> bytes:
        """What to send behind piece `index` of `count`."""
        ...

    def done(self) -> bool:
        """All marks of this job were answered. Raises DeviceLost when one never will be."""
        ...


class DocumentCounter:
    """ESC GS ETX: our number comes back with the printer's own count."""

    proof = Proof.PROCESS_ID
    name = "document_counter"
    poll_s = POLL_S

    def __init__(self, link: Link) -> None:
        self._link = link
        # another host may be printing on the same network printer; nobody else is on a serial or USB line
        self._alone = not link.transport.url.startswith("tcp:")
        self._sent = 0
        self._answered = 0
        self._count: int | None = None
        self._skipped = False

    async def try_out(self, seconds: float) -> bool:
        frame = await self._link.ask(commands.document_end(PROBE_NUMBER), _is_probe, seconds)
        if isinstance(frame, DocumentEnd):
            self._count = frame.count
            return True
        return False

    async def begin(self) -> None:
        if not await self.try_out(ANSWER_S):
            raise DeviceTimeout("the printer does not answer for its document counter")
        self._answered, self._skipped = self._sent, False
        self._link.on_end = self._take

    def _take(self, end: DocumentEnd) -> None:
        if end.number == PROBE_NUMBER:
            return
        follows = self._count is None or (end.count - self._count) % COUNTS == 1
        self._skipped = self._skipped or end.number != _after(self._answered) or (self._alone and not follows)
        self._answered, self._count = end.number, end.count

    def mark(self, index: int, count: int) -> bytes:  # noqa: ARG002  # other ways look at them
        self._sent = _after(self._sent)
        return commands.document_end(self._sent)

    def done(self) -> bool:
        if self._skipped:
            raise DeviceLost(LOST)
        return self._answered == self._sent


def _is_probe(frame: object) -> bool:
    return isinstance(frame, DocumentEnd) and frame.number == PROBE_NUMBER


def _after(number: int) -> int:
    return number % commands.DOCUMENT_NUMBERS + 1


class EtbCounter:
    """ETB: the counter in the status moves when all before it was printed."""

    proof = Proof.PROCESS_ID
    name = "etb"
    poll_s = ETB_POLL_S

    def __init__(self, link: Link) -> None:
        self._link = link
        self._base = 0
        self._sent = 0
        self._seen = 0

    async def try_out(self, seconds: float) -> bool:
        """Zeroed and counted: to 1, or to 2 where 1 could be the count of before."""
        if not await self._link.look() or self._link.etb is None:
            return False
        wanted = 2 if self._link.etb == 1 else 1
        await self._link.write(commands.ETB_CLEAR + commands.ETB * wanted)
        for _ in range(max(1, int(seconds / ETB_POLL_S))):
            if not await self._link.poll():
                return False
            if self._link.etb == wanted:
                self._base = self._seen = wanted
                self._sent = 0
                return True
            await self._link.changed(ETB_POLL_S)
        return False

    async def begin(self) -> None:
        if not await self.try_out(ANSWER_S):
            raise DeviceTimeout("the printer does not count ETB")

    def mark(self, index: int, count: int) -> bytes:
        """Not behind every piece of a long job: the counter must not come round within it."""
        every = -(-count // ETB_MARKS_MAX)
        if index % every and index != count - 1:
            return b""
        self._sent += 1
        return commands.ETB

    def done(self) -> bool:
        etb = self._link.etb
        if etb is None or etb < self._seen or etb > self._base + self._sent:
            raise DeviceLost(LOST)
        self._seen = etb
        return etb == self._base + self._sent


class InOrder:
    """The version question: answered when all before it was read and carried out."""

    proof = Proof.STATUS_AFTER
    name = "status_after"
    poll_s = POLL_S

    def __init__(self, link: Link) -> None:
        self._link = link
        self._wanted = 0

    async def try_out(self, seconds: float) -> bool:
        return await self._link.ask(commands.VERSION, lambda frame: isinstance(frame, Version), seconds) is not None

    async def begin(self) -> None:
        if not await self.try_out(ANSWER_S):
            raise DeviceTimeout("the printer does not answer questions behind a job")
        self._wanted = self._link.versions

    def mark(self, index: int, count: int) -> bytes:  # noqa: ARG002  # as Marks'
        self._wanted += 1
        return commands.VERSION

    def done(self) -> bool:
        return self._link.versions >= self._wanted


class Nothing:
    """The printer does not answer: taken by the wire is all that is known."""

    proof = Proof.SENT
    name = "sent"
    poll_s = POLL_S

    async def try_out(self, seconds: float) -> bool:  # noqa: ARG002  # as Marks'
        return True

    async def begin(self) -> None:
        """Nothing to be in step with."""

    def mark(self, index: int, count: int) -> bytes:  # noqa: ARG002  # as Marks'
        return b""

    def done(self) -> bool:
        return True


def ways(link: Link) -> tuple[Marks, ...]:
    """All ways that need an answer, strongest first."""
    return DocumentCounter(link), EtbCounter(link), InOrder(link)


async def find(link: Link, wanted: str, flush: bytes) -> Marks | None:
    """The strongest way this printer answers; None while it is offline and cannot say.

    `flush`: what fills up a command cut short.
    Raises DeviceTimeout when it is online and answers to none, or not to the one the technician named.
    """
    if wanted == "sent":
        return Nothing()
    candidates = [way for way in ways(link) if wanted in {"auto", way.name}]
    # tried twice: a question cut short on the way swallows what follows it, until the flush fills it up
    for first, seconds in ((b"", ANSWER_S), (flush, FLUSHED_ANSWER_S)):
        if first:
            await link.write(first)
        for way in candidates:
            if await way.try_out(seconds):
                return way
            if not await link.look():
                raise DeviceTimeout("the printer stopped answering")
            if link.report.online is False:
                return None
    raise DeviceTimeout('the printer answers no question behind a job; if it knows none, set proof = "sent"')
