"""What all that handles payments shares: journal, terminals, time, and what the cashier is shown meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from edge_hub.bus import Bus
from edge_hub.clock import Clock, local_time
from edge_hub.domain.ids import PaymentId
from edge_hub.domain.payment import Payment
from edge_hub.domain.store import StoreSettings
from edge_hub.journal.commands import Command
from edge_hub.sdk.eft.model import Activity, Progress, Request
from edge_hub.services.payments.model import AnswerOutcome
from edge_hub.services.payments.records import load_payment
from edge_hub.services.payments.talk import request_of
from edge_hub.services.payments.terminals import Terminals
from edge_hub.services.payments.writing import write
from edge_hub.services.ports import JournalPort

A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a terminal is doing just now. `text`: its own words, or "". For screens only: never journaled."""

    activity: Activity
    text: str
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    journal: JournalPort
    terminals: Terminals
    bus: Bus
    clock: Clock
    settings: StoreSettings
    shown: dict[str, Shown] = field(default_factory=dict)
    """By payment or settlement, while something is going on with it."""
    stuck: set[PaymentId] = field(default_factory=set)
    """Of the last run, and could not be recovered so far."""
    happened: list[Callable[[AnswerOutcome], None]] = field(default_factory=list)
    """Who wants to know what came of a payment."""

    def payment(self, payment: PaymentId) -> Payment:
        """As it stands now. Raises PaymentNotFound, and as a read does."""
        return load_payment(self.journal.reader.row, payment)

    def request(self, payment: Payment, *, at: str, code: str = "") -> Request:
        """What is asked, or was asked, for it. Raises as `payment` does."""
        original = self.payment(payment.original) if payment.original is not None else None
        return request_of(payment, original, at=at, title=self.settings.card.name, code=code)

    def now(self) -> str:
        """The store's local time."""
        return local_time(self.clock.now_ms(), self.settings.card.timezone)

    async def write(self, command: Command[A], *, about: str) -> A:
        """See `writing.write`."""
        return await write(self.journal, self.clock, command, what=about)

    async def tell(self, command: Command[AnswerOutcome], *, about: str) -> Payment:
        """Write down what happened to a payment, and see to what follows from it; the payment afterwards."""
        outcome = await self.write(command, about=about)
        self.came(outcome)
        return outcome.payment.payment

    def came(self, outcome: AnswerOutcome) -> None:
        """Something came of a payment: whoever wants to know is told."""
        for hear in self.happened:
            hear(outcome)

    def show(self, key: str, step: Progress, *, topic: str = "payment") -> None:
        """Let the screens see what the terminal does."""
        if step.activity is None and not step.text:
            return
        before = self.shown.get(key)
        activity = step.activity or (before.activity if before else Activity.OTHER)
        if before is None or (before.activity, before.text) != (activity, step.text):
            self.shown[key] = Shown(activity=activity, text=step.text, since_ms=self.clock.now_ms())
            self.bus.wake(topic, key)

    def hide(self, key: str, *, topic: str = "payment") -> None:
        """Nothing goes on there any more."""
        if self.shown.pop(key, None) is not None:
            self.bus.wake(topic, key)
