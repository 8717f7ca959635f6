"""The roles of a Star printer: printing with proof, state, the cash drawer."""

from collections.abc import Callable

from drivers.star import commands
from drivers.star.codec import Report
from drivers.star.link import Link
from drivers.star.marks import POLL_S, Marks, Nothing, find
from drivers.star.options import StarOptions
from drivers.star.render import end_of_page, render
from edge_hub.sdk.document import Document
from edge_hub.sdk.driver import TORN, Context
from edge_hub.sdk.errors import DeviceError, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import DrawerState, Noted, Printed, PrinterStatus, Proof
from edge_hub.sdk.printing.page import page
from edge_hub.sdk.printing.state import KICK_POLL_S, KICK_VERIFY_S, Switch, Teller, status_of
from edge_hub.sdk.printing.talk import PROGRESS_S
from edge_hub.sdk.transport import Transport

IDLE_S = 30.0


class StarPrinter:
    """POSPrinter and CashDrawer on one wire. One job at a time; a pulse may fall between two pieces of a job."""

    def __init__(self, context: Context, transport: Transport, options: StarOptions) -> None:
        self._context = context
        self._clock = context.clock
        self._options = options
        self.link = Link(transport, context.clock, self._reported)
        self._answers = options.status != "none"
        self._flush = commands.FLUSH if options.emulation == "prnt" else commands.FLUSH_RASTER
        self._marks: Marks | None = None
        level = {"on": True, "off": False, "unknown": None}[options.drawer_open_level]
        self._switch = Switch(wired=options.drawer, open_level=level, memory=context.memory)
        self._teller = Teller(context.emit)
        self._broken_off = TORN in context.memory
        """A job was left half-sent: the printer may be in the middle of a command."""

    @property
    def columns(self) -> int:
        return self._options.line_cells

    async def open(self) -> None:
        """Greet the printer and learn what it can. Raises DeviceTimeout when it is silent."""
        await self._greet()
        if self._answers and self.link.report.online is False:
            return
        await self._learn_marks()

    async def _greet(self) -> None:
        flush = self._flush if self._broken_off else b""
        await self.link.write(flush + commands.HELLO + (commands.ASB_OFF if self._answers else b""))
        if self._answers and not await self.link.look():
            raise DeviceTimeout("the printer does not answer; if it has no way to, set status = none")

    async def _learn_marks(self) -> Marks | None:
        if self._marks is None:
            self._marks = await find(self.link, self._options.proof, self._flush) if self._answers else Nothing()
            if self._marks is not None:
                self._context.emit(Noted(text=_NOTES[self._marks.name]))
        return self._marks

    async def watch(self) -> None:
        """Keep asking for the status. Raises DeviceLost when it stays silent."""
        while True:
            await self._clock.sleep(POLL_S if self._answers else IDLE_S)
            if self._answers and not await self.link.look():
                raise DeviceLost("the printer does not answer any more")

    async def status(self) -> PrinterStatus:
        if self._answers and not await self.link.look():
            raise DeviceTimeout("the printer does not answer")
        return self._status(self.link.report)

    def _status(self, report: Report) -> PrinterStatus:
        return status_of(report, self._switch.state(report.switch_on))

    def _reported(self, report: Report) -> None:
        self._teller.tell(self._status(report))

    async def print_document(self, document: Document, *, progress: Callable[[], None]) -> Printed:
        pieces = render(document, self._options)
        marks = await self._ready()
        prologue = self._prologue()
        self._broken_off = True
        async with page(self.link.transport, self._context.memory):
            await self._send(prologue, pieces, marks, progress)
        self._broken_off = False
        return Printed(proof=marks.proof)

    async def _ready(self) -> Marks:
        """Raises DeviceRefused, with nothing of a document sent, unless the printer can print now."""
        try:
            await self.status()
            self._refuse(self.link.report)
            if self._broken_off:
                await self._greet()
                self._refuse(self.link.report)
            marks = await self._begun()
        except (DeviceTimeout, DeviceLost) as error:
            raise DeviceRefused(error.detail) from error
        if marks is None:
            raise DeviceRefused("the printer is offline")
        return marks

    async def _begun(self) -> Marks | None:
        try:
            marks = await self._learn_marks()
            if marks is not None:
                await marks.begin()
        except DeviceTimeout:
            # a question that arrived in pieces may have left letters on the paper
            self._context.memory[TORN] = "a question went wrong"
            self._broken_off = True
            raise
        return marks

    def _refuse(self, report: Report) -> None:
        error = _complaint(report)
        if error is not None:
            raise DeviceRefused(error.detail, error_code=error.error_code)

    def _prologue(self) -> bytes:
        """Into a known state; what a broken-off job left on the paper is cut off first."""
        reset = commands.RESET + (commands.ASB_OFF if self._answers else b"")
        if TORN not in self._context.memory:
            return reset
        return commands.RESET + end_of_page(self._options, partial=True) + reset

    async def _send(self, prologue: bytes, pieces: list[bytes], marks: Marks, progress: Callable[[], None]) -> None:
        for index, piece in enumerate(pieces):
            await self._until_online(marks, progress)
            await self.link.write((prologue if index == 0 else b"") + piece + marks.mark(index, len(pieces)))
            progress()
        while marks.proof is not Proof.SENT and not marks.done():
            await self._step(marks, progress)

    async def _until_online(self, marks: Marks, progress: Callable[[], None]) -> None:
        """Out of paper or open in mid-receipt: wait for the person, however long; the printer holds the rest."""
        while self.link.report.online is False:
            await self._step(marks, progress)

    async def _step(self, marks: Marks, progress: Callable[[], None]) -> None:
        """Wait for a sign from the printer. Raises DeviceTimeout when it is online and gives none."""
        seen, since = self.link.marks, self._clock.monotonic()
        while self.link.marks == seen:
            await self.link.changed(marks.poll_s)
            if self.link.marks != seen:
                break
            if self.link.report.unrecoverable:
                raise DeviceLost("the printer has an error only service can mend", error_code=ErrorCode.UNRECOVERABLE)
            answered = await self.link.poll()
            if self.link.marks == seen:
                self._give_up(since, answered=answered)
        progress()

    def _give_up(self, since: float, *, answered: bool) -> None:
        report, waited = self.link.report, self._clock.monotonic() - since
        if waited >= PROGRESS_S and not (answered and (report.online is False or report.overheated)):
            raise DeviceTimeout(f"the printer does not go on for {PROGRESS_S:.0f} s")

    async def open_drawer(self) -> DrawerState:
        """Pulse, then look at the drawer's switch for half a second."""
        await self._ready_to_kick()
        link = self.link
        before = link.report.switch_on
        await link.write(self._pulse())
        if not self._answers or not self._switch.teaches(before):
            return self._switch.state(link.report.switch_on)
        until = self._clock.monotonic() + KICK_VERIFY_S
        while await link.poll() and link.report.switch_on == before and (left := until - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left, KICK_POLL_S))
        if self._switch.learn(before, link.report.switch_on):
            self._tell_level()
        return self._switch.state(link.report.switch_on)

    def _pulse(self) -> bytes:
        options = self._options
        if options.emulation == "graphic":
            return commands.raster_pulse(options.drawer_number)
        return commands.pulse(options.drawer_number, options.pulse_on_ms, options.pulse_off_ms)

    async def _ready_to_kick(self) -> None:
        """Raises DeviceRefused where the pulse would wait in the printer and come when nobody expects it."""
        try:
            await self.status()
        except (DeviceTimeout, DeviceLost) as error:
            raise DeviceRefused(error.detail) from error
        if self.link.report.online is False:
            self._refuse(self.link.report)

    def _tell_level(self) -> None:
        level = "on" if self._switch.open_level else "off"
        text = f'the drawer is open when its switch is {level}: set drawer_open_level = "{level}"'
        self._context.emit(Noted(text=text))
        self._reported(self.link.report)


_NOTES = {
    "document_counter": "the end of a job is known by the document counter",
    "etb": "the end of a job is known by the ETB counter: let no other host print on this printer meanwhile",
    "status_after": "no counter: a job is done when its last byte was processed",
    "sent": "no answer to questions behind a job: jobs end as sent",
}


def _complaint(report: Report) -> DeviceError | None:
    """Why it cannot print now, in a person's words."""
    reasons = (
        (report.cover_open, "the cover is open", ErrorCode.COVER_OPEN),
        (report.paper_end, "the paper has run out", ErrorCode.REC_EMPTY),
        (report.cutter_error, "the cutter is stuck", ErrorCode.CUTTER),
        (report.unrecoverable, "the printer has an error only service can mend", ErrorCode.UNRECOVERABLE),
        (report.mechanical, "the printer is jammed", ErrorCode.FAILURE),
        (report.overheated, "the print head is too hot and cools down", ErrorCode.OVERHEAT),
        (report.online is False, "the printer is offline", ErrorCode.OFFLINE),
    )
    for applies, words, code in reasons:
        if applies:
            return DeviceError(words, error_code=code)
    return None
