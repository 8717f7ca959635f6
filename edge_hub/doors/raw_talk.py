"""One program that believes to talk with an ESC/POS printer: what it sends becomes pages and pulses."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from edge_hub import __version__
from edge_hub.bus import Subscription
from edge_hub.clock import Clock
from edge_hub.domain.ids import DeviceId, TillId
from edge_hub.doors import face as faces
from edge_hub.doors.answers import Answers, Question
from edge_hub.doors.page import Page
from edge_hub.errors import EdgeHubError
from edge_hub.sdk.escpos import WITHHELD, CommandStream, Token
from edge_hub.sdk.timing import deadline
from edge_hub.services.printing.intake import Intake
from edge_hub.services.printing.pack import RawPage

READ_BYTES_MAX = 65_536
UNREAD_BYTES_MAX = 65_536
"""Answers a program may leave unread before it is cut."""
PAGE_QUESTIONS_MAX = 64
PULSES_GAP_S = 1.0
"""Pulses that follow each other faster are one: programs send one for each pin."""
HALF_CLOSED_LOOK_S = 1.0
"""A program that will send no more may still listen for its answer."""
KICK_REASON = "another program's till"
HTTP_BEGINS = tuple(f"{method} ".encode() for method in ("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"))
"""A browser: a web page could else have the till's own computer print what it likes."""
HEAD_BYTES_MAX = max(map(len, HTTP_BEGINS))
PRINTER_BIT = 0x01
"""Of ESC = n: the printer is meant; bit 1 is a customer display behind it (Epson command reference)."""
_PROCESS_ID = b"00"
_log = logging.getLogger(__name__)


class Cut(Exception):
    """The connection has to end, for this reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRules:
    """What one door allows. `till` is the one whose drawer is opened; None: pulses are left out."""

    door: str
    device: DeviceId
    till: TillId | None
    title: str
    page_bytes_max: int
    idle_s: int
    print_partial: bool


class RawTalk:
    """The state of one connection; `write` hands bytes to the program."""

    def __init__(
        self,
        rules: RawRules,
        *,
        intake: Intake,
        face: Callable[[], faces.Face],
        clock: Clock,
        write: Callable[[bytes], None],
    ) -> None:
        self._rules = rules
        self._intake = intake
        self._face = face
        self._clock = clock
        self._write = write
        self._stream = CommandStream()
        self._head = b""
        self._page = Page()
        self._behind_page: list[Question] = []
        self._answers = Answers()
        self._enabled = 0
        self._told = b""
        self._pulse_at = float("-inf")
        self._selected = True
        """What comes is for the printer: not so while ESC = has switched to the display on its DM port."""

    @property
    def listened_to(self) -> bool:
        """The program waits for something: an answer, or a change of the printer."""
        return self._enabled > 0 or self._answers.asked

    @property
    def awaits_answer(self) -> bool:
        return self._answers.asked

    async def take(self, data: bytes) -> None:
        """Bytes of the program. Pages are durable before anything behind them is answered. Raises Cut, EdgeHubError."""
        if len(self._head) < HEAD_BYTES_MAX:
            self._head += data[: HEAD_BYTES_MAX - len(self._head)]
            if self._head.startswith(HTTP_BEGINS):
                raise Cut("a browser speaks here")
        for token, raw in self._stream.feed(data):
            if token.name == "ESC =":
                self._selected = bool(token.args[0] & PRINTER_BIT)
            elif not self._selected and not token.name.startswith("DLE "):
                continue
            elif token.name in WITHHELD:
                await self._talk(token)
            else:
                if token.name == "ESC @":
                    self._enabled = 0
                if self._page.add(token, raw):
                    await self._end_page()
            self._check_size()
        self._check_size()
        self.look()

    def _check_size(self) -> None:
        if self._page.size + self._stream.held_bytes > self._rules.page_bytes_max:
            raise Cut(f"a page is over {self._rules.page_bytes_max} bytes")

    def look(self) -> None:
        """Something is different about the printer or a job: say what is due. Raises EdgeHubError."""
        face = self._face()
        if self._enabled:
            told = faces.told_of(faces.status_back(face), self._enabled)
            if told != self._told:
                self._told = told
                self._write(faces.status_back(face))
        if due := self._answers.due(face, self._intake.job):
            self._write(due)

    async def _talk(self, token: Token) -> None:
        name, args = token.name, token.args
        if name == "DLE EOT":
            self._write(faces.real_time(args[0], self._face()))
        elif name == "GS a":
            self._enabled, self._told = args[0], b""
            self.look()
        elif name == "GS r" and args[0] in {1, 49}:
            self._ask_behind(partial(faces.sensor, args[0]))
        elif name == "GS (H" and args[:2] == _PROCESS_ID and len(args) == 6:  # noqa: PLR2004  # and four digits
            digits = args[2:]
            self._ask_behind(lambda _: faces.process_id(digits))
        elif name == "GS r":
            self._answers.add(Question(partial(faces.sensor, args[0])))
        elif name == "GS I":
            self._answers.add(Question(partial(faces.identity, args[0], version=__version__)))
        elif name == "ESC p" or (name == "DLE DC4" and args[0] in {1, 2}):
            await self._pulse()

    def _ask_behind(self, answer: Callable[[faces.Face], bytes]) -> None:
        """A question that means "is it printed": in the midst of a page it waits for all of the page."""
        if self._page.has_marks:
            self._behind_page.append(Question(answer))
            if len(self._behind_page) > PAGE_QUESTIONS_MAX:
                raise Cut(f"a page holds over {PAGE_QUESTIONS_MAX} questions")
        else:
            self._answers.add(Question(answer))

    async def _pulse(self) -> None:
        now = self._clock.monotonic()
        early, self._pulse_at = now - self._pulse_at < PULSES_GAP_S, now
        if early:
            return
        if self._rules.till is None:
            _log.warning("door %s: no till is configured whose drawer could be opened", self._rules.door)
            return
        try:
            await self._intake.kick(self._rules.device, till=self._rules.till, reason=KICK_REASON, key=uuid4().hex)
        except EdgeHubError as error:
            # it would come too late when it could be taken; the page it came with is not lost for that
            _log.warning("door %s: the drawer stays shut: %s", self._rules.door, error.detail)

    async def _end_page(self) -> None:
        """All of a page is here."""
        page, questions = self._page, self._behind_page
        self._page, self._behind_page = page.next(), []
        if page.has_marks:
            job = await self._intake.patient_page(
                self._rules.device, RawPage(data=page.data), title=self._rules.title, key=uuid4().hex
            )
            self._answers.add(job.id)
        for question in questions:
            self._answers.add(question)

    async def end(self) -> None:
        """No more comes. What has no cut was cut short, or is from a till that never cuts: the door's rule decides."""
        if not self._page.has_marks:
            return
        if self._rules.print_partial and not self._page.line_open and not self._stream.held_bytes:
            _log.warning("door %s: a page without its cut is printed, as print_partial says", self._rules.door)
            await self._end_page()
            self.look()
        else:
            _log.warning("door %s: a page ended before its cut and is not printed", self._rules.door)
            self._page, self._behind_page = self._page.next(), []


async def converse(
    talk: RawTalk, rules: RawRules, reader: asyncio.StreamReader, clock: Clock, wakes: Subscription
) -> None:
    """Until the program has left, or is idle and waits for nothing. Raises Cut, EdgeHubError, OSError."""
    watching = asyncio.ensure_future(_watch(talk, wakes))
    reading = asyncio.ensure_future(_read(talk, rules, reader, clock))
    try:
        await asyncio.wait({watching, reading}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reading, watching):
            if task.done():
                task.result()
    finally:
        for task in (reading, watching):
            task.cancel()
        await asyncio.gather(reading, watching, return_exceptions=True)


async def _watch(talk: RawTalk, wakes: Subscription) -> None:
    async for _ in wakes:
        talk.look()


async def _read(talk: RawTalk, rules: RawRules, reader: asyncio.StreamReader, clock: Clock) -> None:
    try:
        while True:
            try:
                async with deadline(clock, rules.idle_s):
                    data = await reader.read(READ_BYTES_MAX)
            except TimeoutError:
                await talk.end()
                if talk.listened_to:
                    continue
                return
            if not data:
                break
            await talk.take(data)
    except OSError:
        await talk.end()
        raise
    await talk.end()
    waited_from = clock.monotonic()
    while talk.awaits_answer and clock.monotonic() - waited_from < rules.idle_s:
        await clock.sleep(min(HALF_CLOSED_LOOK_S, rules.idle_s))
