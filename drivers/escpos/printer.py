"""The roles of an ESC/POS printer: printing with proof, state, the cash drawer."""

from collections.abc import Callable

from drivers.escpos import commands
from drivers.escpos.codec import Report
from drivers.escpos.greeting import Channel, greet, probe
from drivers.escpos.link import Link
from drivers.escpos.options import EscposOptions
from drivers.escpos.raw import raw_pieces
from drivers.escpos.render import end_of_page, render
from edge_hub.sdk.document import Document
from edge_hub.sdk.driver import TORN, Context
from edge_hub.sdk.errors import DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import DrawerState, Noted, Printed, PrinterStatus, Proof, RawFace
from edge_hub.sdk.printing.page import page
from edge_hub.sdk.printing.state import KICK_POLL_S, KICK_VERIFY_S, Switch, Teller, status_of
from edge_hub.sdk.printing.talk import PROGRESS_S
from edge_hub.sdk.transport import Transport

POLL_S = 2.0
"""Between two questions to a printer that does not tell changes by itself."""
IDLE_CHECK_S = 30.0
"""Between two signs of life of one that does."""
RECOVER_S = 10.0
"""Between two attempts to go on after a jam was cleared."""


class EscposPrinter:
    """POSPrinter and CashDrawer on one wire. One job at a time; a pulse may fall between two pieces of a job."""

    def __init__(self, context: Context, transport: Transport, options: EscposOptions) -> None:
        self._context = context
        self._clock = context.clock
        self._options = options
        self.link = Link(transport, context.clock, self._reported)
        self._channel = Channel.NONE
        self._proof: Proof | None = None
        level = {"high": True, "low": False, "unknown": None}[options.drawer_open_level]
        self._switch = Switch(wired=options.drawer, open_level=level, memory=context.memory)
        self._teller = Teller(context.emit)
        self._number = 0
        self._broken_off = False
        """A job was left half-sent on this wire: the printer may be in the middle of a command."""

    @property
    def columns(self) -> int:
        return self._options.line_cells

    async def open(self) -> None:
        """Greet the printer and learn what it can. Raises DeviceTimeout when it is silent."""
        self._channel = await greet(self.link, self._options, self._context.log)
        if self._channel is Channel.POLL:
            self._context.emit(Noted(text="answers by DLE EOT only, as clones do: its state is asked, not told"))
        if self._channel is Channel.NONE or self.link.report.online is not False:
            await self._learn_proof()

    async def _learn_proof(self) -> Proof | None:
        if self._proof is None:
            self._proof = await probe(self.link, self._options, self._channel)
            if self._proof is Proof.STATUS_AFTER:
                self._context.emit(Noted(text="no process ids: a job is done when its last byte was processed"))
            elif self._proof is Proof.SENT:
                self._context.emit(Noted(text="no answer to questions behind a job: jobs end as sent"))
        return self._proof

    async def watch(self) -> None:
        """Keep asking what the printer does not tell, and let it go on after a jam that no job waits for.

        Raises DeviceLost when it stays silent.
        """
        looked = self._clock.monotonic()
        while True:
            if self._channel is Channel.NONE:
                await self._clock.sleep(IDLE_CHECK_S)
                continue
            period = IDLE_CHECK_S if self.link.asb else POLL_S
            await self._clock.sleep(min(period, RECOVER_S))
            await self._let_go_on()
            if self._clock.monotonic() - looked < period:
                continue
            looked = self._clock.monotonic()
            if not await self.link.look() and not await self.link.look():
                raise DeviceLost("the printer does not answer any more")

    async def status(self) -> PrinterStatus:
        if self._channel is not Channel.NONE and not await self.link.look():
            raise DeviceTimeout("the printer does not answer")
        return self._status(self.link.report)

    def _status(self, report: Report) -> PrinterStatus:
        return status_of(report, self._switch.state(report.pin_high))

    def _reported(self, report: Report) -> None:
        self._teller.tell(self._status(report))

    async def print_document(self, document: Document, *, progress: Callable[[], None]) -> Printed:
        pieces = render(document, self._options)
        return await self._print(pieces, marked=len(pieces), progress=progress)

    @property
    def face(self) -> RawFace:
        """For programs that ask the printer itself who it is."""
        return RawFace(maker=self.link.maker, model=self.link.model, pin_high=self.link.report.pin_high)

    async def print_raw(self, data: bytes, *, heading: Document | None, progress: Callable[[], None]) -> Printed:
        reset = self._reset()
        above = [*render(heading, self._options), reset] if heading else []
        # asked once, at the end: a question in the midst of foreign commands may fall into page mode
        return await self._print([*above, *raw_pieces(data, reset)], marked=1, progress=progress)

    async def _print(self, pieces: list[bytes], *, marked: int, progress: Callable[[], None]) -> Printed:
        """`marked`: how many of the last pieces are followed by a question."""
        proof = await self._ready()
        prologue = self._prologue()
        self._broken_off = True
        async with page(self.link.transport, self._context.memory):
            await self._send(prologue, pieces, proof, progress, marked)
        self._broken_off = False
        return Printed(proof=proof)

    async def _ready(self) -> Proof:
        """Raises DeviceRefused, with nothing of a document sent, unless the printer can print now."""
        try:
            if self._channel is not Channel.NONE:
                await self.status()
                self._refuse(self.link.report)
            if self._broken_off:
                self._channel = await greet(self.link, self._options, self._context.log)
                self._refuse(self.link.report)
                self._broken_off = False
            proof = await self._learn_proof()
        except (DeviceTimeout, DeviceLost) as error:
            raise DeviceRefused(error.detail) from error
        if proof is None:
            raise DeviceRefused("the printer is offline")
        return proof

    def _refuse(self, report: Report) -> None:
        complaint = self._status(report).complaint
        if complaint is not None:
            raise DeviceRefused(complaint[1], error_code=complaint[0])

    def _prologue(self) -> bytes:
        """Into a known state; what a broken-off job left on the paper is cut off first."""
        reset = self._reset()
        if TORN not in self._context.memory:
            return reset
        return commands.RESET + end_of_page(self._options, partial=True) + reset

    def _reset(self) -> bytes:
        return commands.RESET + (commands.ASB_ON if self._channel is Channel.ASB else b"")

    async def _send(
        self, prologue: bytes, pieces: list[bytes], proof: Proof, progress: Callable[[], None], marked: int
    ) -> None:
        self.link.process_id, self.link.skipped, self.link.replies = self._number, False, 0
        quiet = len(pieces) - marked
        for index, piece in enumerate(pieces):
            await self._until_online(progress)
            mark = self._mark(proof) if index >= quiet else b""
            await self.link.write((prologue if index == 0 else b"") + piece + mark)
            progress()
        if proof is not Proof.SENT:
            await self._until_confirmed(proof, marked, progress)

    def _mark(self, proof: Proof) -> bytes:
        """What the printer answers once all before it is done; behind every piece, as a sign of progress."""
        if proof is Proof.PROCESS_ID:
            self._number = self._number % commands.PROCESS_IDS + 1
            return commands.process_id(self._number)
        return commands.BARRIER if proof is Proof.STATUS_AFTER else b""

    async def _until_confirmed(self, proof: Proof, sent: int, progress: Callable[[], None]) -> None:
        while not (self.link.process_id == self._number if proof is Proof.PROCESS_ID else self.link.replies >= sent):
            await self._step(progress)
        if proof is Proof.PROCESS_ID and self.link.skipped and not self._options.answers_may_merge:
            raise DeviceLost("the printer lost a part of the job: it was switched off or reset meanwhile")

    async def _until_online(self, progress: Callable[[], None]) -> None:
        """Out of paper or open in mid-receipt: wait for the person, however long; the printer holds the rest."""
        if self._channel is Channel.POLL:
            await self.link.poll(1)
        while self.link.report.online is False:
            await self._step(progress)

    async def _step(self, progress: Callable[[], None]) -> None:
        """Wait for a sign from the printer. Raises DeviceTimeout when it is online and gives none."""
        seen, since = self.link.marks, self._clock.monotonic()
        period = RECOVER_S if self.link.asb else POLL_S
        while self.link.marks == seen:
            await self.link.changed(period)
            if self.link.marks != seen:
                break
            await self._nudge()
            if (
                self._clock.monotonic() - since >= PROGRESS_S
                and self.link.report.online is not False
                and self.link.marks == seen
            ):
                raise DeviceTimeout(f"the printer is online but does not go on for {PROGRESS_S:.0f} s")
        progress()

    async def _nudge(self) -> None:
        report = self.link.report
        if report.unrecoverable:
            raise DeviceLost("the printer has an error only service can mend", error_code=ErrorCode.UNRECOVERABLE)
        if not self.link.asb and self._channel is not Channel.NONE:
            await self.link.poll()
        await self._let_go_on()

    async def _let_go_on(self) -> None:
        """A printer whose jam was cleared waits to be told (DLE ENQ 1); one still jammed says so again."""
        if self.link.report.cutter_error or self.link.report.recoverable:
            await self.link.write(commands.RECOVER)

    async def open_drawer(self) -> DrawerState:
        """Pulse, then look at pin 3 for half a second."""
        await self._ready_to_kick()
        link, options = self.link, self._options
        before = link.report.pin_high
        await link.write(commands.pulse(options.drawer_pin, options.pulse_on_ms, options.pulse_off_ms))
        if not self._switch.teaches(before):
            return self._switch.state(link.report.pin_high)
        until = self._clock.monotonic() + KICK_VERIFY_S
        while link.report.pin_high == before and (left := until - self._clock.monotonic()) > 0:
            if link.asb:
                await link.changed(left)
            elif not await link.poll(1):
                break
            else:
                await self._clock.sleep(min(left, KICK_POLL_S))
        if self._switch.learn(before, link.report.pin_high):
            self._tell_level()
        return self._switch.state(link.report.pin_high)

    async def _ready_to_kick(self) -> None:
        """Raises DeviceRefused where the pulse would wait in the printer and come when nobody expects it."""
        if self._channel is Channel.NONE:
            return
        try:
            await self.status()
        except (DeviceTimeout, DeviceLost) as error:
            raise DeviceRefused(error.detail) from error
        if self.link.report.online is False:
            self._refuse(self.link.report)

    def _tell_level(self) -> None:
        level = "high" if self._switch.open_level else "low"
        self._context.emit(Noted(text=f'the drawer is open when pin 3 is {level}: set drawer_open_level = "{level}"'))
        self._reported(self.link.report)
