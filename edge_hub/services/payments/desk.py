"""The desk: a task for every payment that is under way or asked about, for every settlement, and for money to be given
back. One that fails leaves its payment as the journal has it; nothing here ends because a payment does.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NoReturn, TypeVar

from edge_hub.domain.ids import PaymentId
from edge_hub.domain.payment import IN_DOUBT, NOT_TAKEN, Payment, PaymentMethod, PaymentState
from edge_hub.errors import EdgeHubError, Limited, Unavailable
from edge_hub.services.payments.asking import Asking
from edge_hub.services.payments.charging import Charge
from edge_hub.services.payments.commands import RecoverPayment, RecoverPayments
from edge_hub.services.payments.model import AnswerOutcome, SettlementView, Why
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.records import open_of, unresolved
from edge_hub.services.payments.reversing import GiveBack
from edge_hub.services.payments.settling import Closing

TASKS_MAX = 500
"""Payments and settlements that are under way, asked about or given back at the same time."""
BUSY_RETRY_S = 30
STUCK_RETRY_S = 600.0
"""A payment of the last run that could not be recovered is tried again."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


class DeskBusy(Limited):
    """More payments are under way or asked about than the hub follows; `params["retry_after_s"]`."""

    code = "payments-busy"
    title = "The hub has more open payments than it can follow. Try again in a moment."


class DeskClosed(Unavailable):
    """The hub has not yet looked after the payments of its last run, or it is stopping."""

    code = "payments-closed"
    title = "The hub is starting or stopping. Try again in a moment."


class Desk:
    """`run` is a core task of the daemon; `stop` lets what is in hand come to its end."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """By payment or settlement; by "back:" and the payment where money is given back."""
        self._nudges: dict[PaymentId, asyncio.Event] = {}
        """Of the payments that are asked about."""
        self._charges: dict[PaymentId, Charge] = {}
        """Whose transaction is at a terminal just now, or waits its turn there."""
        self._in_hand: set[str] = set()
        """Whose transaction is at a terminal just now: a stop waits for these."""
        self._quiet_until: dict[PaymentId, float] = {}
        """Of those that wait for a person and were asked about lately, on the monotonic clock."""
        self._told_to_stop = asyncio.Event()
        office.happened.append(self._follow)

    def check_open(self) -> None:
        """Raises DeskClosed or DeskBusy unless one more payment can be taken."""
        if self._group is None or self._told_to_stop.is_set():
            raise DeskClosed
        if len(self._tasks) >= TASKS_MAX:
            raise DeskBusy(retry_after_s=BUSY_RETRY_S)

    async def run(self) -> None:
        """First what the last run left behind; then what comes, until told to stop and all in hand is at its end."""
        for payment in await self._office.write(RecoverPayments(), about="what the last run left behind"):
            if not await self._recovered(payment):
                self._office.stuck.add(payment)
        rows = self._office.journal.reader.rows
        left = [one for one in open_of(rows) if one.payment.state in IN_DOUBT]
        if left:
            _log.warning("%d payments of the hub's last run are in doubt", len(left))
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for one in left:
                    self.take(one.payment)
                for stuck in self._office.stuck:
                    self._begin(f"stuck:{stuck}", self._recovering(stuck))
                for orphan in unresolved(rows):
                    if orphan.why is Why.ORPHAN:
                        self._give_back(orphan.payment.id)
                await self._told_to_stop.wait()
                for key, task in self._tasks.items():
                    if key not in self._in_hand:
                        task.cancel()
        finally:
            self._group = None

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what is in hand has its outcome."""
        self._told_to_stop.set()

    async def to_the_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it whole, even when whoever waits for it goes away. Raises DeskClosed."""
        if self._group is None:
            work.close()
            raise DeskClosed
        answered = await asyncio.shield(self._group.create_task(_answered(work)))
        return answered()

    def take(self, payment: Payment, code: str = "") -> None:
        """Do for it whatever can be done now: carry it out, or ask about it. A second time is no harm."""
        if payment.state is PaymentState.CREATED:
            self._begin(payment.id, self._carry_out(payment, code), in_hand=True)
        elif payment.state is PaymentState.UNKNOWN:
            self._begin(payment.id, self._ask(payment, None))

    def keep_back(self, payment: PaymentId) -> None:
        """Ask for nothing on its behalf, if that can still be helped."""
        if (charge := self._charges.get(payment)) is not None:
            charge.keep_back()

    def close_day(self, settlement: SettlementView) -> None:
        """Carry an open settlement out; a second time is no harm."""
        self._begin(settlement.id, Closing(self._office, settlement).run(), in_hand=True)

    def ask(self, payment: Payment) -> None:
        """Ask about it now: at once where that waits its time; once more where it waits for a person, and as often as
        its provider may be asked (each answer is in the journal for ever).
        """
        if payment.state is PaymentState.UNKNOWN and (nudge := self._nudges.get(payment.id)) is not None:
            nudge.set()
        elif payment.state is PaymentState.MANUAL and payment.method is not PaymentMethod.STANDALONE:
            if not self._asked_lately(payment):
                self._begin(payment.id, Asking(self._office, payment, asyncio.Event()).once())
        else:
            self.take(payment)

    def under_way(self, key: str) -> bool:
        """Whether something is being done about this payment or settlement."""
        return key in self._tasks

    def _asked_lately(self, payment: Payment) -> bool:
        now, can = self._office.clock.monotonic(), self._office.terminals.can(payment.provider)
        self._quiet_until = {one: until for one, until in self._quiet_until.items() if until > now}
        if payment.id in self._quiet_until:
            return True
        self._quiet_until[payment.id] = now + (0.0 if can is None else can.inquire_every_s)
        return False

    async def _recovered(self, payment: PaymentId) -> bool:
        """One that cannot be read or moved is a person's, and keeps nobody from the others."""
        try:
            await self._office.tell(RecoverPayment(payment=payment), about=f"payment {payment}")
        except EdgeHubError:
            _log.exception("payment %s of the hub's last run cannot be recovered: a person has to look", payment)
            return False
        return True

    async def _recovering(self, payment: PaymentId) -> None:
        while not await self._recovered(payment):
            await self._office.clock.sleep(STUCK_RETRY_S)
        self._office.stuck.discard(payment)
        self.take(self._office.payment(payment))

    async def _carry_out(self, payment: Payment, code: str) -> None:
        charge = self._charges[payment.id] = Charge(self._office, payment, self._told_to_stop)
        try:
            payment = await charge.run(code)
        finally:
            del self._charges[payment.id]
            self._in_hand.discard(payment.id)
        if payment.state is PaymentState.UNKNOWN and not self._told_to_stop.is_set():
            await self._ask(payment, charge.asked_at)

    async def _ask(self, payment: Payment, asked_at: float | None) -> None:
        nudge = self._nudges[payment.id] = asyncio.Event()
        try:
            await Asking(self._office, payment, nudge, asked_at=asked_at).run()
        finally:
            del self._nudges[payment.id]

    def _follow(self, outcome: AnswerOutcome) -> None:
        """Something came of a payment: what has to be done next about it, or about what it was to undo."""
        payment = outcome.payment.payment
        if (nudge := self._nudges.get(payment.id)) is not None and payment.state is not PaymentState.UNKNOWN:
            nudge.set()
        if outcome.orphan:
            self._give_back(payment.id)
        elif payment.automatic and payment.original is not None and payment.state in NOT_TAKEN:
            self._give_back(payment.original)

    def _give_back(self, payment: PaymentId) -> None:
        self._begin(f"back:{payment}", self._returned(payment))

    async def _returned(self, payment: PaymentId) -> None:
        attempt = await GiveBack(self._office, payment).run()
        if attempt is not None:
            self.take(attempt)

    def _begin(self, key: str, work: Coroutine[Any, Any, None], *, in_hand: bool = False) -> None:
        if self._group is None or self._told_to_stop.is_set() or key in self._tasks:
            work.close()
            return
        if in_hand:
            self._in_hand.add(key)
        self._tasks[key] = self._group.create_task(self._contained(key, work), name=f"payment {key}")

    async def _contained(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except EdgeHubError:
            _log.exception("what was done about payment %s came to nothing; it stands as the journal has it", key)
        finally:
            self._in_hand.discard(key)
            del self._tasks[key]


async def _answered(work: Coroutine[Any, Any, T]) -> Callable[[], T]:
    """A refusal belongs to whoever asked, and ends nothing else."""
    try:
        found = await work
    except EdgeHubError as exc:
        return partial(_raise, exc)
    return lambda: found


def _raise(exc: EdgeHubError) -> NoReturn:
    raise exc
