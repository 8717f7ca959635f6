"""One transition of a payment and everything that follows from it, in one transaction (the writer's side).

A sale's approval becomes a tender of its basket and may complete the sale; a refusal lets the basket go; the end of a
void moves the payment it undoes. First all of it is decided, then it is written.
"""

from dataclasses import dataclass

from edge_hub.domain import paying
from edge_hub.domain.basket import Basket, BasketState, Totals
from edge_hub.domain.events import PaymentMoved
from edge_hub.domain.payment import (
    NOT_TAKEN,
    OPEN,
    Cause,
    Move,
    Payment,
    PaymentKind,
    PaymentState,
    apply,
    move,
)
from edge_hub.domain.pricing import totals
from edge_hub.domain.sale import Sale
from edge_hub.domain.settlement import paid
from edge_hub.domain.tax import TaxCodeUnknown
from edge_hub.domain.verdict import tender_of
from edge_hub.errors import Refused
from edge_hub.journal.commands import Tx
from edge_hub.services.checkout import records as baskets
from edge_hub.services.checkout import selling
from edge_hub.services.checkout.storing import finish, keep, store
from edge_hub.services.checkout.views import BasketView, SaleSummary
from edge_hub.services.payments.model import AnswerOutcome, Why
from edge_hub.services.payments.records import being_voided, load_payment, view
from edge_hub.services.payments.slips import print_slips

_GAINED = frozenset({Cause.APPROVED, Cause.FOUND_APPROVED, Cause.PERSON_APPROVED})
_ANSWERED = _GAINED | {Cause.DECLINED, Cause.FOUND_DECLINED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One payment's transition."""

    before: Payment
    move: Move

    @property
    def after(self) -> Payment:
        return apply(self.before, self.move)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What it does to the basket; `sale`: it is paid now, and this is what was sold."""

    before: Basket
    after: Basket
    whole: Totals | None
    sale: Sale | None = None
    print_receipt: bool | None = None


def follow(tx: Tx, payment: Payment, moved: Move) -> AnswerOutcome:
    """Journal the transition, decided by `domain.payment.move`, with what follows from it."""
    steps = [_Step(before=payment, move=moved)]
    original = None if payment.kind is not PaymentKind.VOID or payment.original is None else payment.original
    if original is not None and (reversal := _reversal(load_payment(tx.row, original), steps[0])) is not None:
        steps.append(reversal)
    sales = [step for step in steps if step.before.kind is PaymentKind.SALE]
    change = _basket_change(tx, sales[0]) if sales else None
    for step in steps:
        tx.append(PaymentMoved(payment=step.before.id, move=step.move))
        tx.wake("payment", step.before.id)
    if payment.original is not None:
        tx.wake("payment", payment.original)
    kept, sale = _write(tx, change)
    if moved.cause in _ANSWERED and moved.result is not None:
        print_slips(tx, payment, moved.result)
    return outcome(tx, payment.id, basket=kept, sale=sale)


def outcome(
    tx: Tx, payment_id: str, *, basket: BasketView | None = None, sale: SaleSummary | None = None
) -> AnswerOutcome:
    """How the payment stands, with its basket."""
    shown = view(tx.row, payment_id)
    payment = shown.payment
    if basket is None:
        paid_for = payment if payment.original is None else load_payment(tx.row, payment.original)
        basket = _basket_view(tx, paid_for)
    return AnswerOutcome(payment=shown, basket=basket, sale=sale, orphan=shown.why is Why.ORPHAN)


def _reversal(original: Payment, void: _Step) -> _Step | None:
    """What a void's transition does to the payment that it undoes."""
    state = void.after.state
    if original.state not in {PaymentState.REVERSING, PaymentState.REVERSE_UNKNOWN}:
        return None
    if void.move.cause in _GAINED:
        cause = Cause.REVERSAL_DONE
    elif state in NOT_TAKEN and void.before.state in OPEN:
        cause = Cause.REVERSAL_FAILED
    elif state is PaymentState.UNKNOWN and original.state is PaymentState.REVERSING:
        cause = Cause.REVERSAL_DOUBT
    else:
        return None
    return _Step(before=original, move=move(original, cause, detail=void.after.detail))


def _basket_change(tx: Tx, step: _Step) -> _Change | None:
    """None: the basket stays as it is, or there is none any more."""
    cause, payment = step.move.cause, step.after
    if (basket := _load(tx, payment)) is None:
        return None
    whole, tender = _totals(tx, basket), tender_of(payment)
    after, was_in_it = basket, cause is Cause.REVERSAL_FAILED and paying.place_of(basket, tender) is not None
    if cause in _GAINED:
        taken = None if whole is None else paying.take(basket, payment.id, tender, whole)
        after = paying.let_go(basket, payment.id) if taken is None else taken
    elif cause is Cause.REVERSAL_DONE:
        after = paying.give_back(basket, tender)
    elif payment.state in NOT_TAKEN:
        after = paying.let_go(basket, payment.id)
    if after is basket and not was_in_it:
        return None
    sale = None if whole is None else _sale(tx, after, whole, payment)
    if after is basket and sale is None:
        return None
    held = paying.held(basket, payment.id)
    print_receipt = None if held is None else held.print_receipt
    return _Change(before=basket, after=after, whole=whole, sale=sale, print_receipt=print_receipt)


def _sale(tx: Tx, basket: Basket, whole: Totals, payment: Payment) -> Sale | None:
    """The sale, if the basket is paid and nothing of it is being paid or given back.

    Money that was taken is never refused: where the sale cannot be made (its till is not configured any more) the
    basket stays open with it.
    """
    if basket.state is not BasketState.OPEN or basket.payments or not paid(whole, basket.tenders):
        return None
    if being_voided(tx.row, basket.id, but=payment.id) is not None:
        return None
    try:
        return selling.complete_basket(tx, basket, whole, payment.staff)
    except Refused:
        return None


def _write(tx: Tx, change: _Change | None) -> tuple[BasketView | None, SaleSummary | None]:
    if change is None:
        return None, None
    if change.whole is None:
        keep(tx, change.after)
        return None, None
    if change.sale is None:
        return store(tx, change.after), None
    done = finish(tx, change.before, change.after, change.sale, change.print_receipt)
    return done.basket, done.sale


def _load(tx: Tx, payment: Payment) -> Basket | None:
    if payment.basket is None:
        return None
    try:
        return baskets.load_basket(tx.row, payment.basket)
    except baskets.BasketNotFound:
        return None


def _totals(tx: Tx, basket: Basket) -> Totals | None:
    """None: the store's taxes changed under it, and nobody can say what it comes to."""
    try:
        return totals(basket, tx.settings.taxes, tx.settings.cash_rounding)
    except TaxCodeUnknown:
        return None


def _basket_view(tx: Tx, payment: Payment) -> BasketView | None:
    basket = _load(tx, payment)
    if basket is None or _totals(tx, basket) is None:
        return None
    return baskets.view(basket, tx.settings, tx.rows)
