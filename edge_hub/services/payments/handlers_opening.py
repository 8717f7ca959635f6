"""A new attempt, as the writer decides it: may it be made, and what does it hold from now on."""

from dataclasses import replace

from edge_hub.domain import paying, ringing
from edge_hub.domain.basket import Basket, BasketPayment, BasketState
from edge_hub.domain.completion import BasketEmpty
from edge_hub.domain.events import PaymentMoved, PaymentOpened
from edge_hub.domain.ids import PaymentId, SaleId, StaffId
from edge_hub.domain.payment import (
    IN_HAND,
    Cause,
    Payment,
    PaymentKind,
    PaymentMethod,
    move,
    reference_of,
)
from edge_hub.domain.pricing import totals
from edge_hub.domain.tender import CASH
from edge_hub.domain.verdict import counted, tender_of
from edge_hub.errors import Invalid
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.services.checkout import selling
from edge_hub.services.checkout.records import load_basket
from edge_hub.services.checkout.storing import store
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import MarkSending, OpenPayment
from edge_hub.services.payments.model import (
    ANOTHER_NOW,
    PaymentAmountInvalid,
    PaymentMethodOff,
    PaymentNotReversible,
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    PaymentView,
    RefundTooLarge,
    TipNotPossible,
)
from edge_hub.services.payments.tips import check_tip, total

REQUEST_BYTES_MAX = 65_536
HANDLERS = Handlers()


class PaymentRequestTooLong(Invalid):
    """A driver made more than REQUEST_BYTES_MAX of it: a fault in the driver."""

    code = "payment-request-too-long"
    title = "The request to the terminal is too long."


@HANDLERS.on(OpenPayment, replay=lambda tx, _command, ref: records.view(tx.row, ref))
def open_payment(tx: Tx, command: OpenPayment) -> Outcome[PaymentView]:
    """A SALE's basket holds the amount from here on; the original of a VOID is being undone. A TIP leaves its sale as
    it is.
    """
    _check_amount(tx, command)
    original = None if command.kind is PaymentKind.SALE else _original(tx, command)
    payment = _payment(tx, command, original)
    basket = _holding(tx, command, payment) if command.kind is PaymentKind.SALE else None
    _check_terminal(tx, command)
    undoing = None
    if original is not None and command.kind is PaymentKind.VOID:
        undoing = PaymentMoved(payment=original.id, move=move(original, Cause.REVERSAL_OPENED))
    tx.append(PaymentOpened(payment=payment, idempotency_key=tx.key))
    tx.wake("payment", payment.id)
    if undoing is not None:
        tx.append(undoing)
        tx.wake("payment", undoing.payment)
    if basket is not None:
        store(tx, basket)
    return Outcome(answer=records.view(tx.row, payment.id), ref=payment.id)


@HANDLERS.on(MarkSending)
def mark_sending(tx: Tx, command: MarkSending) -> Outcome[PaymentView]:
    """The exact bytes are durable once this is committed. Of a SALE only while its basket wants the money."""
    if len(command.request) > REQUEST_BYTES_MAX:
        raise PaymentRequestTooLong(bytes=len(command.request), bytes_max=REQUEST_BYTES_MAX)
    payment = records.load_payment(tx.row, command.payment)
    if payment.basket is not None:
        basket = load_basket(tx.row, payment.basket)
        if basket.state is not BasketState.OPEN or paying.held(basket, payment.id) is None:
            raise ringing.BasketClosed(state=basket.state.value)
    moved = move(payment, Cause.SEND, request=command.request, asked_at=command.asked_at)
    tx.append(PaymentMoved(payment=payment.id, move=moved))
    tx.wake("payment", payment.id)
    return Outcome(answer=records.view(tx.row, payment.id), ref=payment.id)


def _check_amount(tx: Tx, command: OpenPayment) -> None:
    amount, tip = command.amount, command.tip
    if amount.minor <= 0 or amount.currency != tx.settings.currency:
        raise PaymentAmountInvalid(amount=amount.minor, currency=amount.currency)
    if tip is None:
        return
    if not tx.settings.payments.tips or command.kind is not PaymentKind.SALE:
        raise PaymentMethodOff("This shop takes no tips by card.", why="tip", method="tip")
    if tip.currency != amount.currency or not 0 < tip.minor < amount.minor:
        raise PaymentAmountInvalid("The tip is part of the amount.", why="tip", amount=tip.minor, currency=tip.currency)


def _payment(tx: Tx, command: OpenPayment, original: Payment | None) -> Payment:
    alone = command.method is PaymentMethod.STANDALONE and not command.provider
    if alone and not tx.settings.payments.standalone:
        raise PaymentMethodOff(method=command.method.value)
    payment = Payment(
        id=PaymentId(""), kind=command.kind, method=command.method, provider=command.provider, tender=command.tender,
        till=command.till, staff=StaffId(tx.actor.staff or ""), amount=command.amount, reference="",
        opened_at_ms=tx.at_ms, tip=command.tip, basket=None if original is not None else command.basket,
        sale=None if original is None else command.sale or _paid_by(tx, original),
        original=None if original is None else original.id, automatic=command.automatic, account=command.account,
    )  # fmt: skip
    while True:
        new = PaymentId(tx.new_id())
        reference = reference_of(new)
        if tx.row("SELECT 1 FROM payments WHERE reference = ?", (reference,)) is None:
            return replace(payment, id=new, reference=reference)


def _paid_by(tx: Tx, payment: Payment) -> SaleId | None:
    return records.view(tx.row, payment.id).paid_sale


def _holding(tx: Tx, command: OpenPayment, payment: Payment) -> Basket:
    """The basket with the amount held for this payment."""
    if command.tender == CASH:
        raise PaymentMethodOff(method=command.tender)
    selling.till_of(tx.settings, command.till)
    basket = load_basket(tx.row, command.basket or "")
    ringing.expect_version(basket, command.version)
    whole = totals(basket, tx.settings.taxes, tx.settings.cash_rounding)
    held = BasketPayment(payment=payment.id, amount=counted(payment), print_receipt=command.print_receipt)
    if not basket.lines:
        raise BasketEmpty
    holding = paying.hold(basket, held, tender_of(payment), whole)
    if (voided := records.being_voided(tx.row, basket.id)) is not None:
        raise paying.TenderBeingVoided(payment=voided)
    return holding


def _original(tx: Tx, command: OpenPayment) -> Payment:
    """The payment that a REFUND or VOID gives back, or a TIP is added to, if it can be that much."""
    original = records.load_payment(tx.row, command.original or "")
    # what a terminal does not give back for the till is given back there by hand
    by_hand = command.kind is PaymentKind.REFUND and command.method is PaymentMethod.STANDALONE
    method = original.method if by_hand else command.method
    same = (original.provider, original.method, original.tender) == (command.provider, method, command.tender)
    if original.kind is not PaymentKind.SALE or not original.taken or not same:
        if command.kind is PaymentKind.TIP:
            raise TipNotPossible(payment=original.id)
        raise PaymentNotReversible(payment=original.id, state=original.state.value)
    if original.account != command.account:
        raise PaymentNotReversible(ANOTHER_NOW, why="another", payment=original.id, state=original.state.value)
    if command.kind is PaymentKind.VOID and records.closed_since(tx.row, original):
        words = "Its terminal's day was closed since: refund it instead."
        raise PaymentNotReversible(words, why="settled", payment=original.id, state=original.state.value)
    if command.kind is PaymentKind.TIP:
        check_tip(tx, command, original, _paid_by(tx, original))
        return original
    taken = total(tx.row, original)
    left = taken.minor - records.given_back(tx.row, original.id)
    whole = command.kind is PaymentKind.REFUND or command.amount == taken
    if command.amount.minor > left or not whole:
        raise RefundTooLarge(left=left, currency=original.amount.currency)
    return original


def _check_terminal(tx: Tx, command: OpenPayment) -> None:
    """A terminal that knows its last transaction only is not asked for another until that one's outcome is known."""
    if command.method is not PaymentMethod.TERMINAL:
        return
    if (settlement := records.settling(tx.row, command.provider)) is not None:
        raise PaymentTerminalLocked("This terminal's day is being closed.", why="settling", settlement=settlement)
    for found in records.holding(tx.rows, command.provider) if command.locks else ():
        if found.payment.state in IN_HAND:
            raise PaymentTerminalBusy(payment=found.payment.id)
        raise PaymentTerminalLocked(payment=found.payment.id)
