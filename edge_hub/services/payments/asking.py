"""A payment in doubt: ask the terminal or wallet until it is known, cancel where that can be made certain, or hand it
over to a person. A person may say so at any time: then the asking ends.

    here? -> inquire -> FOUND, ABSENT: settled
               | silence: again, later and later             PENDING: again, for `pending_s`
               ` INCONCLUSIVE, `inquiries_max` times -> cancel, again and again until answered
                                                         ` where it cannot cancel: manual
"""

import asyncio
import logging
from enum import Enum

from edge_hub.domain.payment import IN_DOUBT, Cause, Payment, PaymentNotMovable, PaymentResult, PaymentState
from edge_hub.domain.verdict import Verdict
from edge_hub.errors import EdgeHubError
from edge_hub.sdk.eft.model import Activity, Capabilities, Found, Inquiry, Progress, Result
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.timing import deadline
from edge_hub.services.payments.charging import answer
from edge_hub.services.payments.commands import MovePayment, RecordAnswer
from edge_hub.services.payments.model import ANOTHER_NOW
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.talk import AnswerMalformed
from edge_hub.services.payments.terminals import Open
from edge_hub.services.payments.writing import JOURNAL_RETRY_S, NOT_NOW
from edge_hub.services.printing.waiting import rest

AGAIN_S = 5.0
"""After a question that got no answer; each further one without doubles it."""
AGAIN_S_MAX = 120.0
QUESTION_LIMIT_S = 600.0
"""Drivers have limits of their own, by protocol; this is for one that hangs."""
CANNOT_BE_ASKED = "it cannot be asked about a payment"
_log = logging.getLogger(__name__)


class _Reply(Enum):
    SETTLED = "settled"
    SILENT = "silent"
    PENDING = "pending"
    NOTHING = "nothing"
    """It answered, and that proves nothing."""


class Asking:
    """Sees one payment in doubt through. `nudge`: look again now; `asked_at`: when the request went out, on the
    monotonic clock, None where that was before the hub's start.
    """

    def __init__(
        self, office: Office, payment: Payment, nudge: asyncio.Event, *, asked_at: float | None = None
    ) -> None:
        self._office = office
        self._payment = payment
        self._nudge = nudge
        self._asked_at = asked_at
        self._about = f"payment {payment.reference} at {payment.provider}"
        self._words = ""
        """Why the last question settled nothing."""
        self._silences = 0
        self._cancellations = 0
        self._fruitless = 0
        """Cancellations that were answered with nothing."""
        self._counted = False
        """The last answer that settled nothing is in the journal already."""
        self._pending_since: float | None = None

    async def run(self) -> None:
        """Until it is settled, or a person's. Raises an EdgeHubError where the writer refuses a step."""
        early = True
        try:
            while await self._stands(PaymentState.UNKNOWN):
                self._nudge.clear()
                terminal = await self._terminal()
                if terminal is None:
                    continue  # nudged: somebody may have said what became of it
                pause_s = self._too_early_s(terminal) if early else await self._step(terminal)
                early = False
                if pause_s > 0:
                    await rest(self._nudge, self._office.clock, pause_s)
        finally:
            self._office.hide(self._payment.id)

    async def once(self) -> None:
        """One more question about a payment that waits for a person. Raises as `run`."""
        terminal = self._office.terminals.now(self._payment.provider)
        if terminal is None or not await self._stands(PaymentState.MANUAL):
            return
        reply = await self._inquire(terminal)
        if reply in {_Reply.SILENT, _Reply.PENDING}:
            await self._move(Cause.ASKED, self._words)

    async def _stands(self, state: PaymentState) -> bool:
        """Whether it is in this state by now."""
        while True:
            try:
                self._payment = self._office.payment(self._payment.id)
            except NOT_NOW as exc:
                _log.warning("%s cannot be read: %s", self._about, exc.detail)
                await self._office.clock.sleep(JOURNAL_RETRY_S)
            else:
                return self._payment.state is state

    async def _terminal(self) -> Open | None:
        """The terminal, however long it is away; None when nudged before."""
        terminals = self._office.terminals
        found = terminals.now(self._payment.provider)
        if found is not None:
            return found
        self._show(terminals.trouble(self._payment.provider)[1])
        here = asyncio.ensure_future(terminals.until_here(self._payment.provider))
        nudged = asyncio.ensure_future(self._nudge.wait())
        try:
            await asyncio.wait({here, nudged}, return_when=asyncio.FIRST_COMPLETED)
            return here.result() if here.done() else None
        finally:
            here.cancel()
            nudged.cancel()
            await asyncio.gather(here, nudged, return_exceptions=True)

    def _too_early_s(self, terminal: Open) -> float:
        """How long asking is of no use yet."""
        if self._asked_at is None:
            return terminal.can.inquire_after_s
        return terminal.can.inquire_after_s - (self._office.clock.monotonic() - self._asked_at)

    async def _step(self, terminal: Open) -> float:
        """One question, one cancellation, or the end of it; how long to wait before the next."""
        can = terminal.can
        if not self._office.terminals.is_its(self._payment):
            await self._move(Cause.GAVE_UP, ANOTHER_NOW)
            return 0.0
        if can.inquires and not self._payment.cancelling and self._payment.inquiries < can.inquiries_max:
            reply = await self._inquire(terminal)
            self._silences = self._silences + 1 if reply is _Reply.SILENT else 0
            return _later_s(self._silences) if self._silences else can.inquire_every_s
        if can.cancels and self._fruitless < max(1, can.inquiries_max):
            self._cancellations += 1
            reply = await self._cancel(terminal)
            self._fruitless += reply is _Reply.NOTHING
            return _later_s(self._cancellations)
        words = self._words or (self._payment.detail if can.inquires else CANNOT_BE_ASKED)
        await self._move(Cause.GAVE_UP, words)
        return 0.0

    async def _inquire(self, terminal: Open) -> _Reply:
        """Ask. An answer that proves nothing is counted in the journal."""
        reply = await self._asked(terminal, cancel=False)
        if reply is _Reply.NOTHING and not self._counted:
            await self._move(Cause.ASKED, self._words)
        return reply

    async def _cancel(self, terminal: Open) -> _Reply:
        """Have it take no money; that this was tried is durable before it is."""
        await self._move(Cause.CANCELLING, self._words)
        return await self._asked(terminal, cancel=True)

    async def _asked(self, terminal: Open, *, cancel: bool) -> _Reply:
        self._counted = False
        ask = terminal.eft.cancel if cancel else terminal.eft.inquire
        async with self._office.terminals.turn(self._payment.provider):
            try:
                request = self._office.request(self._payment, at=self._payment.asked_at)
                async with deadline(self._office.clock, QUESTION_LIMIT_S):
                    inquiry = await ask(request, self._payment.request)
            except (DeviceError, *NOT_NOW) as exc:
                self._show(exc.detail)
                return _Reply.SILENT
            except TimeoutError:
                self._show(f"its driver came to no end within {QUESTION_LIMIT_S:g} s")
                return _Reply.SILENT
        return await self._weigh(terminal, inquiry)

    async def _weigh(self, terminal: Open, inquiry: Inquiry) -> _Reply:
        """What an answer settles. The writer may still find that it is not this payment's."""
        if not isinstance(inquiry, Inquiry) or not isinstance(inquiry.text, str):
            return self._nothing(f"its driver answered a {type(inquiry).__name__} that makes no sense")
        if inquiry.found is Found.ABSENT:
            return await self._absent(inquiry)
        if inquiry.found is Found.FOUND and isinstance(inquiry.result, Result):
            return await self._found(inquiry.result, terminal.can)
        if inquiry.found is Found.PENDING:
            now = self._office.clock.monotonic()
            self._pending_since = now if self._pending_since is None else self._pending_since
            if now - self._pending_since < terminal.can.pending_s:
                self._show(inquiry.text)
                return _Reply.PENDING
        else:
            self._pending_since = None
        return self._nothing(inquiry.text)

    async def _absent(self, inquiry: Inquiry) -> _Reply:
        words = inquiry.text
        terminal = str(inquiry.result.terminal_id) if isinstance(inquiry.result, Result) else ""
        said = PaymentResult(text=words, terminal_id=terminal) if terminal else None
        command = MovePayment(payment=self._payment.id, cause=Cause.ABSENT, detail=words, result=said)
        try:
            self._payment = await self._office.tell(command, about=self._about)
        except PaymentNotMovable:
            # somebody said meanwhile what became of it: the writer compares
            late = RecordAnswer(
                payment=self._payment.id, verdict=Verdict.DECLINED, found=True, result=PaymentResult(text=words)
            )
            self._payment = await self._office.tell(late, about=self._about)
        return self._weighed()

    async def _found(self, result: Result, can: Capabilities) -> _Reply:
        try:
            said = answer(self._payment, result, can, found=True)
            self._payment = await self._office.tell(said, about=self._about)
        except PaymentNotMovable:
            raise
        except AnswerMalformed as exc:
            return self._nothing(str(exc))
        except EdgeHubError as exc:
            # an answer that cannot be kept (a driver's value of a wrong kind) proves nothing to anybody
            _log.exception("an answer about %s is not taken by the journal", self._about)
            return self._nothing(f"its answer could not be recorded: {exc.detail}")
        return self._weighed()

    def _weighed(self) -> _Reply:
        """What the writer made of an answer."""
        self._counted = True
        self._words = self._payment.detail
        return _Reply.NOTHING if self._payment.state in IN_DOUBT else _Reply.SETTLED

    def _nothing(self, words: str) -> _Reply:
        self._show(words)
        return _Reply.NOTHING

    def _show(self, words: str) -> None:
        self._words = words
        self._office.show(self._payment.id, Progress(activity=Activity.OTHER, text=words))

    async def _move(self, cause: Cause, words: str) -> None:
        command = MovePayment(payment=self._payment.id, cause=cause, detail=words)
        try:
            self._payment = await self._office.tell(command, about=self._about)
        except PaymentNotMovable:
            if await self._stands(self._payment.state):
                raise  # nobody else moved it


def _later_s(times: int) -> float:
    """After so many questions in a row that got no answer."""
    return float(min(AGAIN_S * 2 ** min(times - 1, _DOUBLINGS_MAX), AGAIN_S_MAX))


_DOUBLINGS_MAX = 10
