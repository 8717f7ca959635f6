"""What a simulated provider knows of its merchant: which code was shown, what was paid, what was given back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from edge_hub.sdk.eft.bank import Declined, SimulatedBank, Taken
from edge_hub.sdk.eft.model import Reason, Transaction


class OrderState(StrEnum):
    WAITING = "waiting"
    """For the customer to confirm."""
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"
    """Cancelled; whatever was paid was given back."""


@dataclass(slots=True)
class Order:
    """One order of the merchant."""

    id: str
    amount: int
    """Minor units."""
    number: str
    """The provider's own."""
    state: OrderState
    taken: Taken | None = None
    reason: Reason = Reason.NONE
    refunds: dict[str, Taken] = field(default_factory=dict)
    """By the merchant's refund id."""

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds.values())


class Refusal(StrEnum):
    """Why a request was turned away; each provider has a code of its own for it."""

    AGAIN = "again"
    """That order id was used."""
    CODE = "code"
    """The code is spent, expired, or was never shown."""
    ABSENT = "absent"
    """There is no such order."""
    STATE = "state"
    """The order is not one that this can be done with."""
    AMOUNT = "amount"
    """More than is left of it."""


class OrderBook:
    """The orders of one merchant, and the money behind them. `number(n)` and `code(n)`: the n-th of the provider's
    numbers and of its customers' codes.
    """

    def __init__(self, bank: SimulatedBank, *, number: Callable[[int], str], code: Callable[[int], str]) -> None:
        self.bank = bank
        self.orders: dict[str, Order] = {}
        self._number = number
        self._code = code
        self._codes_shown = 1

    @property
    def code(self) -> str:
        """What the next customer shows."""
        return self._code(self._codes_shown)

    def next_number(self) -> str:
        """The next of the provider's numbers."""
        self._numbers += 1
        return self._number(self._numbers)

    _numbers = 0

    def pay(self, order_id: str, amount: int, code: str, *, waiting: bool = False) -> Order | Refusal:
        """Charge the customer who shows `code`; with `waiting` once they have confirmed."""
        if order_id in self.orders:
            return Refusal.AGAIN
        if code != self.code:
            return Refusal.CODE
        self._codes_shown += 1
        order = Order(order_id, amount, self.next_number(), OrderState.WAITING)
        self.orders[order_id] = order
        if not waiting:
            self._charge(order)
        return order

    def confirm(self) -> None:
        """Every customer who is asked says yes."""
        for order in self._waiting():
            self._charge(order)

    def refuse(self) -> None:
        """Every customer who is asked says no."""
        for order in self._waiting():
            order.state, order.reason = OrderState.FAILED, Reason.CANCELLED

    def cancel(self, order_id: str) -> Order | Refusal:
        """Close an order; what was paid is given back."""
        order = self.orders.get(order_id)
        if order is None:
            return Refusal.ABSENT
        if order.state is OrderState.PAID and order.taken is not None:
            given = self.bank.decide(
                Transaction.VOID, order.amount, reference=order_id, original_receipt=order.taken.receipt
            )
            if isinstance(given, Declined):
                return Refusal.STATE
        order.state = OrderState.CLOSED
        return order

    def refund(self, order_id: str, refund_id: str, amount: int, *, reference: str) -> Taken | Refusal:
        """Give a part, or all, of an order back."""
        order = self.orders.get(order_id)
        if order is None:
            return Refusal.ABSENT
        if refund_id in order.refunds:
            return Refusal.AGAIN
        if order.state is not OrderState.PAID or order.taken is None:
            return Refusal.STATE
        if order.refunded + amount > order.amount:
            return Refusal.AMOUNT
        given = self.bank.decide(Transaction.REFUND, amount, reference=reference, original_receipt=order.taken.receipt)
        if isinstance(given, Declined):
            return Refusal.STATE
        order.refunds[refund_id] = given
        return given

    def _waiting(self) -> list[Order]:
        return [order for order in self.orders.values() if order.state is OrderState.WAITING]

    def _charge(self, order: Order) -> None:
        decision = self.bank.decide(Transaction.SALE, order.amount, reference=order.id)
        if isinstance(decision, Declined):
            order.state, order.reason = OrderState.FAILED, decision.reason
        else:
            order.state, order.taken = OrderState.PAID, decision
