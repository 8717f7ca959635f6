"""The roles of an ePOS-Print printer: a receipt is one request, its answer comes when it is printed."""

from collections.abc import Callable
from uuid import uuid4

from drivers.epos import codec
from drivers.epos.codec import ANSWER_BYTES_MAX, NOT_TAKEN, STILL_PRINTING, Answer, NotTaken
from drivers.epos.options import EposOptions
from drivers.epos.render import end_of_page, pulse, render
from edge_hub.sdk.document import Document
from edge_hub.sdk.driver import Context
from edge_hub.sdk.errors import BadFrame, DeviceError, DeviceFault, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.http import HttpLink, host_of
from edge_hub.sdk.messages import DrawerChanged, DrawerState, Noted, Printed, PrinterChanged, PrinterStatus, Proof
from edge_hub.sdk.printing.state import KICK_POLL_S, KICK_VERIFY_S, Switch
from edge_hub.sdk.transport import Transport

STATUS_S = 15.0
"""For an answer that waits for no paper; the printer itself is given ten."""
STATUS_PRINTER_S = 10
ANSWER_MARGIN_S = 10.0
POLL_S = 5.0
JOB_POLL_S = 1.0
TORN, JOB = "torn", "job"
"""Remembered over a reconnect: the last receipt was not finished; its name, to ask what became of it."""


class EposPrinter:
    """POSPrinter and CashDrawer of one printer service."""

    def __init__(self, context: Context, transport: Transport, options: EposOptions) -> None:
        self._context = context
        self._clock = context.clock
        self._options = options
        self.link = HttpLink(transport, context.clock, answer_bytes_max=ANSWER_BYTES_MAX)
        self._host = host_of(transport.url)
        level = {"high": True, "low": False, "unknown": None}[options.drawer_open_level]
        self._switch = Switch(wired=options.drawer, open_level=level, memory=context.memory)
        self._pin_high: bool | None = None
        self._told: PrinterStatus | None = None

    @property
    def columns(self) -> int:
        return self._options.line_cells

    async def open(self) -> None:
        """Ask for the status; DeviceTimeout or DeviceLost when nobody is there, DeviceFault for a wrong device name."""
        answer = await self._look()
        if answer.code == "DeviceNotFound":
            raise DeviceFault(f'the printer knows no device "{self._options.device_name}"')
        name = self._context.memory.pop(JOB, "")
        if name:
            asked = await self._ask("", STATUS_S, job=name)
            fate = "was printed" if asked.success else f"did not end well: {asked.code}"
            self._context.emit(Noted(text=f"the receipt in doubt (print job {name}) {fate}"))

    async def watch(self) -> None:
        """Keep asking for the status. Raises DeviceLost when it stays silent."""
        while True:
            await self._clock.sleep(POLL_S)
            try:
                await self._look()
            except DeviceTimeout as error:
                raise DeviceLost(error.detail) from error

    async def _ask(self, body: str, seconds: float, *, job: str = "", printer_s: int = STATUS_PRINTER_S) -> Answer:
        options = self._options
        data = codec.request(self._host, body, device=options.device_name, timeout_s=printer_s, job=job)
        message = await self.link.exchange(data, seconds)
        try:
            return codec.answer(message)
        except NotTaken as error:
            raise DeviceRefused(str(error)) from error
        except BadFrame as error:
            self.link.give_up(error.detail)
            raise DeviceLost(error.detail) from error

    async def _look(self) -> Answer:
        try:
            answer = await self._ask("", STATUS_S)
        except DeviceRefused as error:
            raise DeviceLost(error.detail) from error
        self._learn(answer)
        return answer

    def _learn(self, answer: Answer) -> None:
        if answer.spooled or answer.code in NOT_TAKEN | STILL_PRINTING:
            # no word of the printer itself in these
            return
        self._pin_high = None if answer.has("no_response") else answer.has("pin_high")
        status = self._status(answer)
        before, self._told = self._told, status
        if status != before:
            self._context.emit(PrinterChanged(status=status))
        if before is not None and before.drawer is not status.drawer:
            self._context.emit(DrawerChanged(state=status.drawer))

    def _status(self, answer: Answer) -> PrinterStatus:
        if answer.has("no_response"):
            return PrinterStatus(online=False)
        return PrinterStatus(
            online=not answer.has("offline"),
            cover_open=answer.has("cover_open"),
            paper_end=answer.has("paper_end"),
            paper_near_end=answer.has("near_end"),
            cutter_error=answer.has("cutter"),
            unrecoverable=answer.has("unrecoverable"),
            drawer=self._switch.state(self._pin_high),
        )

    async def status(self) -> PrinterStatus:
        try:
            await self._look()
        except DeviceLost as error:
            raise DeviceTimeout(error.detail) from error
        return self._told or PrinterStatus()

    async def print_document(self, document: Document, *, progress: Callable[[], None]) -> Printed:
        body = render(document, self._options)
        await self._ready()
        if TORN in self._context.memory:
            body = end_of_page(self._options) + body
        job = uuid4().hex[:30] if self._options.job_ids else ""
        before = self.link.transport.bytes_written
        try:
            printed = await self._print(body, job, progress)
        except DeviceRefused:
            raise
        except DeviceError as error:
            if self.link.transport.bytes_written == before:
                raise DeviceRefused(error.detail) from error
            self._in_doubt(job)
            raise
        except BaseException:
            if self.link.transport.bytes_written > before:
                self._in_doubt(job)
            raise
        self._context.memory.pop(TORN, None)
        self._context.memory.pop(JOB, None)
        return printed

    def _in_doubt(self, job: str) -> None:
        self._context.memory[TORN] = "a receipt was left half-printed"
        if job:
            self._context.memory[JOB] = job

    async def _ready(self) -> None:
        """Raises DeviceRefused, with nothing of a document sent, unless the printer can print now."""
        try:
            answer = await self._look()
        except (DeviceTimeout, DeviceLost) as error:
            raise DeviceRefused(error.detail) from error
        if answer.code in NOT_TAKEN:
            raise DeviceRefused(_WORDS.get(answer.code, answer.code), error_code=answer.error_code)
        for bit, words, code in _COMPLAINTS:
            if answer.has(bit):
                raise DeviceRefused(words, error_code=code)

    async def _print(self, body: str, job: str, progress: Callable[[], None]) -> Printed:
        limit = self._options.printer_timeout_s
        answer = await self._ask(body, limit + ANSWER_MARGIN_S, job=job, printer_s=limit)
        progress()
        if answer.success and (answer.spooled or self._options.spooler) and job:
            answer = await self._until_printed(job, progress)
        self._learn(answer)
        if not answer.success:
            self._failed(answer)
        waiting = answer.spooled or (self._options.spooler and not job)
        return Printed(proof=Proof.SENT if waiting or not answer.has("printed") else Proof.PROCESS_ID)

    def _failed(self, answer: Answer) -> None:
        words = _WORDS.get(answer.code, f"the printer answers {answer.code or 'no'}")
        if answer.code in NOT_TAKEN:
            raise DeviceRefused(words, error_code=answer.error_code)
        raise DeviceLost(f"{words}; a part may have been printed", error_code=answer.error_code)

    async def _until_printed(self, job: str, progress: Callable[[], None]) -> Answer:
        """Ask by the job's name, as long as the printer says that it is still at it: a person may have to help."""
        while True:
            answer = await self._ask("", STATUS_S, job=job)
            if answer.success or answer.code not in STILL_PRINTING:
                return answer
            progress()
            await self._clock.sleep(JOB_POLL_S)

    async def open_drawer(self) -> DrawerState:
        """Pulse, then look at pin 3 for half a second."""
        await self._ready()
        before = self._pin_high
        answer = await self._ask(pulse(self._options), STATUS_S)
        if not answer.success:
            self._failed(answer)
        until = self._clock.monotonic() + KICK_VERIFY_S
        await self._look()
        while self._switch.teaches(before) and self._pin_high == before and self._clock.monotonic() < until:
            await self._clock.sleep(KICK_POLL_S)
            await self._look()
        if self._switch.learn(before, self._pin_high):
            level = "high" if self._switch.open_level else "low"
            text = f'the drawer is open when pin 3 is {level}: set drawer_open_level = "{level}"'
            self._context.emit(Noted(text=text))
            await self._look()
        return self._switch.state(self._pin_high)


_COMPLAINTS = (
    ("cover_open", "the cover is open", ErrorCode.COVER_OPEN),
    ("paper_end", "the paper has run out", ErrorCode.REC_EMPTY),
    ("cutter", "the cutter is stuck", ErrorCode.CUTTER),
    ("unrecoverable", "the printer has an error only service can mend", ErrorCode.UNRECOVERABLE),
    ("spooler_stopped", "the printer's spooler has stopped", ErrorCode.BUSY),
    ("no_response", "the service does not reach the printer", ErrorCode.OFFLINE),
    ("offline", "the printer is offline", ErrorCode.OFFLINE),
)
_WORDS = {
    "EPTR_COVER_OPEN": "the cover is open",
    "EPTR_REC_EMPTY": "the paper has run out",
    "EPTR_CUTTER": "the cutter is stuck",
    "EPTR_MECHANICAL": "the printer is jammed",
    "EPTR_UNRECOVERABLE": "the printer has an error only service can mend",
    "EPTR_AUTOMATICAL": "the print head is too hot and cools down",
    "EX_TIMEOUT": "the printer's service waited in vain for the printer",
    "EX_BADPORT": "the service does not reach the printer",
    "EX_DEVICE_BUSY": "somebody else is printing",
    "TooManyRequests": "somebody else is printing",
    "EX_SPOOLER": "the printer's spooler is full or stopped",
    "SchemaError": "the printer does not understand the document",
    "DeviceNotFound": "the printer knows no device of this name",
    "JobNotFound": "the printer knows nothing of the receipt it had taken",
}
