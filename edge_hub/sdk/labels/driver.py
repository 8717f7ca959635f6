"""The talk with a label printer, whatever its language: is it well, is it idle, has it printed what it was given?

A label printer is asked; it tells nothing by itself. It has printed when, asked behind the last byte, it says twice
that nothing is left to do.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_hub.sdk.driver import Context
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.label import COPIES_MAX, LABELS_MAX, Label
from edge_hub.sdk.messages import Noted, Printed, PrinterChanged, PrinterStatus, Proof
from edge_hub.sdk.tasks import end
from edge_hub.sdk.timing import done_within
from edge_hub.sdk.transport import Transport
from edge_hub.sdk.wire import Arrivals

ANSWER_S = 2.0
POLL_S = 3.0
"""Between two questions to an idle printer."""
WORKING_POLL_S = 0.4
"""Between two questions to one that prints."""
PIECE_BYTES_MAX = 512
BATCH_LABELS_MAX = 20
"""Different labels handed over before the printer is asked whether they are out: it has room for so many."""
PROGRESS_S = 20.0
"""Nothing taken or printed for this long while all is well: it hangs. Not a limit on a job."""
SILENCE_S = 60.0
"""Some firmware answers nothing while out of media; silent for longer than this in a job, its outcome is unknown."""
LOST_AFTER_S = 20.0
"""An idle printer silent for so long is taken for gone: the wire is opened again."""
IDLE_ANSWERS = 2
"""Its first "nothing left" may be the late answer to a question asked before the job."""
STRAYS_MAX = 8
"""Answers to nothing within one job; more than a few late ones are noise, and then no answer can be believed."""
TORN = "torn"
"""Remembered over a reconnect: a label was not sent to its end."""
SILENT = "it does not answer: out of labels or ribbon, open, or switched off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a label printer says of itself."""

    head_open: bool = False
    paper_out: bool = False
    ribbon_out: bool = False
    paused: bool = False
    jammed: bool = False
    cutter: bool = False
    overheated: bool = False
    working: bool = False
    """Something is left to print."""
    left: int = 0
    """Labels left, as far as it says: only its changes matter."""
    waits_for_taking: bool = False
    """A printed label hangs in the peeler: nothing is wrong, and nothing goes on."""

    @property
    def trouble(self) -> DeviceError | None:
        """Why it does not print, in a person's words."""
        found = (
            (self.head_open, "the print head is open", ErrorCode.COVER_OPEN),
            (self.paper_out, "the labels have run out", ErrorCode.REC_EMPTY),
            (self.ribbon_out, "the ribbon has run out", ErrorCode.REC_EMPTY),
            (self.jammed, "the labels are jammed", ErrorCode.FAILURE),
            (self.cutter, "the cutter is stuck", ErrorCode.CUTTER),
            (self.overheated, "the print head is too hot or too cold", ErrorCode.OVERHEAT),
            (self.paused, "the printer is paused: press its pause key", ErrorCode.OFFLINE),
        )
        return next((DeviceError(text, error_code=code) for said, text, code in found if said), None)

    @property
    def status(self) -> PrinterStatus:
        """As the hub shows it."""
        return PrinterStatus(
            online=self.trouble is None,
            cover_open=self.head_open,
            paper_end=self.paper_out or self.ribbon_out,
            cutter_error=self.cutter,
        )


class Language(ABC):
    """A printer language: labels to bytes, and the printer's bytes to what it says. Knows no wire."""

    question: bytes
    """Asks for its condition."""
    flush: bytes = b""
    """Ends whatever the printer may be in the middle of, without printing it."""

    @abstractmethod
    def feed(self, data: bytes) -> list[Condition]:
        """What the printer said, in order; anything else is dropped."""

    @abstractmethod
    def render(self, label: Label, copies: int) -> bytes:
        """All of a job."""

    def mark(self) -> bytes:
        """Bytes to send behind a job whose answer proves that all before was read; b"": the language has none."""
        return b""

    @property
    def marked(self) -> bool:
        """Whether the last mark was answered, or none was asked."""
        return True

    def probe(self) -> bytes:
        """Asked once when the printer was opened: what it can beside its condition."""
        return b""

    def probed(self) -> str:
        """What the answer to `probe`, or its absence, means to a technician; "" for nothing."""
        return ""

    @property
    def in_order(self) -> bool:
        """Whether "nothing left" can be believed, because it is said after all that was sent before."""
        return True


class LabelDriver:
    """LabelPrinter."""

    def __init__(self, context: Context, transport: Transport, language: Language, *, answers: bool) -> None:
        """`answers`: false for a printer, or a wire, that has no way back."""
        self._context = context
        self._clock = context.clock
        self._transport = transport
        self._language = language
        self._answers = answers
        self._asked: asyncio.Future[Condition] | None = None
        self._asking = asyncio.Lock()
        self._working = asyncio.Lock()
        self._told: PrinterStatus | None = None
        self._arrivals = Arrivals(context.clock)
        self._strays = 0

    async def open(self) -> None:
        """Raises DeviceTimeout when it is silent."""
        if not self._answers:
            return
        if await self._ask() is None:
            await self._transport.write(self._language.flush)
            if await self._ask() is None and await self._ask() is None:
                raise DeviceTimeout(SILENT)
        probe = self._language.probe()
        if probe:
            await self._transport.write(probe)
            await self._clock.sleep(ANSWER_S / 2)
            await self._ask()
            note = self._language.probed()
            if note:
                self._context.emit(Noted(text=note))

    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        try:
            while True:
                for condition in self._language.feed(await self._transport.read()):
                    self._tell(condition.status)
                    if self._asked is not None and not self._asked.done():
                        self._asked.set_result(condition)
                    else:
                        self._strays += 1
        except DeviceLost as error:
            self._arrivals.end(error)
            if self._asked is not None:
                self._asked.cancel()
            raise

    async def watch(self) -> None:
        """Ask now and then while nothing is printed. Raises DeviceLost when it stays silent."""
        heard = self._clock.monotonic()
        while True:
            await self._clock.sleep(POLL_S)
            if not self._answers or self._working.locked() or await self._ask() is not None:
                heard = self._clock.monotonic()
            elif self._working.locked():
                continue
            elif self._clock.monotonic() - heard >= LOST_AFTER_S:
                raise DeviceLost(SILENT)
            else:
                self._tell(PrinterStatus(online=False))

    async def status(self) -> PrinterStatus:
        if not self._answers:
            return PrinterStatus()
        condition = await self._ask() or await self._ask()
        if condition is None:
            raise DeviceTimeout(SILENT)
        return condition.status

    async def print_label(self, label: Label, *, copies: int, progress: Callable[[], None]) -> Printed:
        if not 0 < copies <= COPIES_MAX:
            raise DeviceRefused(f"1 to {COPIES_MAX} copies", error_code=ErrorCode.ILLEGAL)
        return await self._print([self._language.render(label, copies)], progress)

    async def print_labels(self, labels: Sequence[Label], *, progress: Callable[[], None]) -> Printed:
        if not 0 < len(labels) <= LABELS_MAX:
            raise DeviceRefused(f"1 to {LABELS_MAX} labels", error_code=ErrorCode.ILLEGAL)
        batches = (labels[start : start + BATCH_LABELS_MAX] for start in range(0, len(labels), BATCH_LABELS_MAX))
        return await self._print(
            [b"".join(self._language.render(label, 1) for label in batch) for batch in batches], progress
        )

    async def _print(self, batches: Sequence[bytes], progress: Callable[[], None]) -> Printed:
        async with self._working:
            await self._ready()
            before = self._transport.bytes_written
            proofs = set()
            try:
                for data in batches:
                    await self._send(data, progress)
                    proofs.add(await self._confirmed(progress))
            except DeviceLost as error:
                if self._transport.bytes_written == before:
                    raise DeviceRefused(error.detail) from error
                raise
            finally:
                if self._transport.bytes_written > before:
                    self._context.memory[TORN] = "a label was left half-sent"
            self._context.memory.pop(TORN, None)
            return Printed(proof=Proof.SENT if Proof.SENT in proofs else proofs.pop())

    async def _ready(self) -> None:
        """Raises DeviceRefused or DeviceBusy, with nothing of a label sent, unless it can print now."""
        if not self._answers:
            return
        try:
            if TORN in self._context.memory:
                await self._write(self._language.flush)
            condition = await self._ask() or await self._ask()
        except (DeviceTimeout, DeviceLost) as error:
            raise DeviceRefused(error.detail) from error
        if condition is None:
            raise DeviceRefused(SILENT)
        if condition.trouble is not None:
            raise DeviceRefused(condition.trouble.detail, error_code=condition.trouble.error_code)
        if condition.working:
            raise DeviceBusy("it still prints what it was given before")

    async def _send(self, data: bytes, progress: Callable[[], None]) -> None:
        prologue = self._language.flush if not self._answers and TORN in self._context.memory else b""
        data = prologue + data + (self._language.mark() if self._answers else b"")
        for start in range(0, len(data), PIECE_BYTES_MAX):
            await self._write(data[start : start + PIECE_BYTES_MAX])
            progress()

    async def _write(self, data: bytes) -> None:
        """Raises DeviceTimeout when the printer takes nothing and says of no trouble that would explain it."""
        self._arrivals.check()
        task = asyncio.ensure_future(self._transport.write(data))
        try:
            while not await done_within(self._clock, PROGRESS_S, task):
                if self._told is None or self._told.ready:
                    raise DeviceTimeout(f"the printer takes no bytes for {PROGRESS_S:.0f} s")
            task.result()
        finally:
            await end(task)

    async def _confirmed(self, progress: Callable[[], None]) -> Proof:
        """Ask until nothing is left. While something is wrong it waits for a person, however long that takes."""
        if not self._answers:
            return Proof.SENT
        waiting, strays = _Waiting(self._clock.monotonic()), self._strays
        while True:
            condition = await self._ask()
            now = self._clock.monotonic()
            if self._strays - strays > STRAYS_MAX:
                raise DeviceTimeout("it sends answers that nobody asked for: the wire is noisy")
            if condition is None:
                if now - waiting.heard >= SILENCE_S:
                    raise DeviceTimeout(SILENT)
                continue
            if waiting.take(condition, now, marked=self._language.marked):
                progress()
            if waiting.idle >= IDLE_ANSWERS and self._language.marked:
                return Proof.STATUS_AFTER if self._language.in_order or waiting.worked else Proof.SENT
            if now - waiting.moved >= PROGRESS_S:
                raise DeviceTimeout(f"the printer is well but does not go on for {PROGRESS_S:.0f} s")
            await self._clock.sleep(WORKING_POLL_S)

    async def _ask(self) -> Condition | None:
        """Its condition, or None when no answer comes in time. Raises DeviceLost, DeviceTimeout."""
        async with self._asking:
            self._arrivals.check()
            self._asked = asyncio.get_running_loop().create_future()
            try:
                await self._write(self._language.question)
                await done_within(self._clock, ANSWER_S, self._asked)
                self._arrivals.check()
                return self._asked.result() if self._asked.done() else None
            finally:
                self._asked.cancel()
                self._asked = None

    def _tell(self, status: PrinterStatus) -> None:
        if status != self._told:
            self._told = status
            self._context.emit(PrinterChanged(status=status))


class _Waiting:
    """What was heard of a printer since a job went out."""

    def __init__(self, now: float) -> None:
        self.heard = self.moved = now
        self.idle = 0
        """Answers in a row that nothing is left."""
        self.worked = False
        self._last: tuple[bool, int, bool] | None = None

    def take(self, condition: Condition, now: float, *, marked: bool) -> bool:
        """Note an answer; True: it is a sign of progress, or of what it waits for."""
        self.heard = now
        self.worked = self.worked or condition.working
        well = condition.trouble is None and not condition.waits_for_taking
        self.idle = self.idle + 1 if well and not condition.working else 0
        seen = (condition.working, condition.left, marked)
        if well and seen == self._last:
            return False
        self._last, self.moved = seen, now
        return True
