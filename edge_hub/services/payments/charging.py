"""One attempt at a terminal or wallet: its request made durable, sent once, its outcome written down.

Between the commit of the request and the first byte nothing can turn "may have been sent" into "was not": if the hub
ends there, the payment stands as sending, and the next start asks about it.
"""

import asyncio
import logging
from collections import deque

from edge_hub.domain.payment import Cause, Payment, PaymentMethod, PaymentNotMovable
from edge_hub.domain.verdict import Verdict
from edge_hub.errors import EdgeHubError
from edge_hub.journal.commands import HUB
from edge_hub.sdk.eft.model import Capabilities, Milestone, Progress, Request, Result
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceRefused
from edge_hub.sdk.timing import deadline
from edge_hub.services.payments.commands import MarkSending, MovePayment, RecordAnswer
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.talk import AnswerMalformed, kept
from edge_hub.services.payments.terminals import Open
from edge_hub.services.printing.waiting import rest

TRANSACT_LIMIT_S = 1800.0
"""Drivers have limits of their own, by protocol; this is for one that hangs."""
REFUSED_RETRY_S = 5.0
"""The writer failed at a step that is known; each further failure doubles it."""
REFUSED_RETRY_S_MAX = 120.0
KEPT_BACK = "it was stopped before anything was sent"
CAUSES = {Milestone.SENT: Cause.SENT, Milestone.IN_PROGRESS: Cause.ACKNOWLEDGED}
_log = logging.getLogger(__name__)


class Charge:
    """Carries out one payment that is `created`; `stopping`: set when nothing more shall leave."""

    def __init__(self, office: Office, payment: Payment, stopping: asyncio.Event) -> None:
        self._office = office
        self._payment = payment
        self._stopping = stopping
        self._about = f"payment {payment.reference} at {payment.provider or 'a terminal of its own'}"
        self._steps = _Steps(office, payment, self._about)
        self.asked_at: float | None = None
        """When the request was handed to the driver, on the monotonic clock."""
        self._kept_back = False

    def keep_back(self) -> None:
        """Ask for nothing, if nothing has been asked for yet."""
        self._kept_back = True

    async def run(self, code: str) -> Payment:
        """The payment after its outcome, or in doubt. Raises an EdgeHubError where the writer refuses a step."""
        if self._payment.method is PaymentMethod.STANDALONE:
            return await self._move(Cause.HANDED_OVER)
        async with self._office.terminals.turn(self._payment.provider):
            try:
                return await self._at_terminal(code)
            finally:
                self._office.hide(self._payment.id)
                await self._steps.end()

    async def _at_terminal(self, code: str) -> Payment:
        terminal = self._office.terminals.now(self._payment.provider)
        if terminal is None:
            _, words = self._office.terminals.trouble(self._payment.provider)
            return await self._move(Cause.NOT_SENT, words)
        if self._stopping.is_set():
            return await self._move(Cause.NOT_SENT, "the hub is stopping")
        if self._kept_back:
            return await self._move(Cause.NOT_SENT, KEPT_BACK)
        try:
            request = self._office.request(self._payment, at=self._office.now(), code=code)
            data = await terminal.eft.prepare(request)
            mark = MarkSending(payment=self._payment.id, request=data, asked_at=request.at)
            await self._office.journal.submit(mark, actor=HUB)
        except (DeviceError, EdgeHubError) as exc:
            return await self._move(Cause.NOT_SENT, exc.detail)
        if self._kept_back:
            return await self._move(Cause.NOT_SENT, KEPT_BACK)
        command = await self._transact(terminal, request, data)
        await self._steps.written()
        return await self._tell(command)

    async def _transact(self, terminal: Open, request: Request, data: bytes) -> MovePayment | RecordAnswer:
        """What to write down of how it went."""
        self.asked_at = self._office.clock.monotonic()
        try:
            async with deadline(self._office.clock, TRANSACT_LIMIT_S):
                result = await terminal.eft.transact(request, data, self._steps.note)
        except (DeviceRefused, DeviceBusy) as exc:
            if not self._steps.acknowledged:
                return MovePayment(payment=self._payment.id, cause=Cause.NOT_SENT, detail=exc.detail)
            return self._doubt(f"it refused after it had the request: {exc.detail}")
        except DeviceError as exc:
            return self._doubt(exc.detail)
        except TimeoutError:
            return self._doubt(f"its driver came to no end within {TRANSACT_LIMIT_S:g} s")
        try:
            return answer(self._payment, result, terminal.can, found=False)
        except AnswerMalformed as exc:
            return self._doubt(str(exc))

    async def _tell(self, command: MovePayment | RecordAnswer) -> Payment:
        if isinstance(command, MovePayment):
            return await self._move(command.cause, command.detail)
        try:
            return await self._office.tell(command, about=self._about)
        except EdgeHubError as exc:
            # an answer that cannot be kept (a driver's value of a wrong kind) proves nothing to anybody
            _log.exception("the outcome of %s is not taken by the journal", self._about)
            return await self._move(Cause.DOUBT, f"its answer could not be recorded: {exc.detail}")

    def _doubt(self, words: str) -> MovePayment:
        _log.warning("%s is of unknown outcome: %s", self._about, words)
        return MovePayment(payment=self._payment.id, cause=Cause.DOUBT, detail=words)

    async def _move(self, cause: Cause, words: str = "") -> Payment:
        """What is known stays true when the writer cannot take it down: it is told again, now and then and without the
        words, because until it has it the terminal is held. Raises PaymentNotMovable; any EdgeHubError when the hub is
        stopping.
        """
        pause_s = REFUSED_RETRY_S
        while True:
            command = MovePayment(payment=self._payment.id, cause=cause, detail=words)
            try:
                return await self._office.tell(command, about=self._about)
            except PaymentNotMovable:
                raise
            except EdgeHubError:
                if self._stopping.is_set():
                    raise
                _log.exception("%s: the journal does not take %r, again in %g s", self._about, cause.value, pause_s)
            await rest(self._stopping, self._office.clock, pause_s)
            pause_s, words = min(pause_s * 2, REFUSED_RETRY_S_MAX), ""


def answer(payment: Payment, result: Result, can: Capabilities, *, found: bool) -> RecordAnswer:
    """What a terminal or wallet said, for the writer to judge. Raises AnswerMalformed."""
    said = kept(result, payment.amount.currency)
    return RecordAnswer(
        payment=payment.id,
        verdict=Verdict(result.verdict.value),
        found=found,
        result=said,
        without_amount=can.without_amount,
    )


class _Steps:
    """What a driver tells while it works: milestones are journaled in their order, each once; the rest is shown."""

    def __init__(self, office: Office, payment: Payment, about: str) -> None:
        self.acknowledged = False
        """The terminal has the request."""
        self._office = office
        self._payment = payment
        self._about = about
        self._over = False
        self._told: set[Milestone] = set()
        self._waiting: deque[Milestone] = deque(maxlen=len(Milestone))
        """Each milestone is in it once at most: none is ever lost for want of room."""
        self._writing: asyncio.Task[None] | None = None

    def note(self, step: Progress) -> None:
        """The driver's `progress`: never waits, never raises."""
        if self._over:
            return
        self.acknowledged = self.acknowledged or step.milestone is Milestone.IN_PROGRESS
        if step.milestone in CAUSES and step.milestone not in self._told:
            self._told.add(step.milestone)
            self._waiting.append(step.milestone)
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write(), name=f"steps of {self._about}")
        self._office.show(self._payment.id, step)

    async def written(self) -> None:
        """Until the journal has all of them: the outcome comes after."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def end(self) -> None:
        """Hear nothing more, and leave no task behind."""
        self._over = True
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write(self) -> None:
        while self._waiting:
            cause = CAUSES[self._waiting.popleft()]
            try:
                await self._office.tell(MovePayment(payment=self._payment.id, cause=cause), about=self._about)
            except EdgeHubError:
                _log.exception("the journal does not take a step of %s", self._about)
