"""Tips that customers write on the slip: added to a payment afterwards, where the terminal has that.

The sale is what it was: its total, its receipt and its tender do not change. To the terminal the payment is larger by
the tip from then on, and is voided with it.
"""

from edge_hub.domain.ids import SaleId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import OPEN, Payment, PaymentMethod
from edge_hub.journal.commands import Tx
from edge_hub.services.checkout.records import RowOf
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import OpenPayment
from edge_hub.services.payments.model import (
    PaymentAmountInvalid,
    PaymentMethodOff,
    PaymentNotReversible,
    TipNotPossible,
)


def check_tip(tx: Tx, command: OpenPayment, original: Payment, sale: SaleId | None) -> None:
    """Whether this tip can be added to a payment whose money was taken; `sale`: what that paid.

    Raises PaymentMethodOff, TipNotPossible, PaymentAmountInvalid.
    """
    if not tx.settings.payments.tips or original.method is not PaymentMethod.TERMINAL:
        raise PaymentMethodOff("This shop takes no tips by card.", why="tip", method="tip")
    if sale is None:
        raise TipNotPossible("A tip is added to what paid a sale.", why="not-sold", payment=original.id)
    if records.given_back(tx.row, original.id):
        raise TipNotPossible("Some of this payment was given back.", why="given-back", payment=original.id)
    tip = records.tip_of(tx.row, original.id)
    if tip is not None or original.tip is not None:
        has = original if tip is None else tip
        raise TipNotPossible("This payment has a tip already.", why="added", payment=has.id)
    if not records.in_open_batch(tx.row, original):
        raise TipNotPossible("The terminal's day was closed since.", why="settled", payment=original.id)
    if command.amount.minor > original.amount.minor:
        words = "A tip is at most as large as the payment."
        raise PaymentAmountInvalid(
            words, why="tip-large", amount=command.amount.minor, currency=command.amount.currency
        )


def total(row: RowOf, payment: Payment) -> Money:
    """What a payment took, with the tip that was added to it: so much can be given back. Raises PaymentNotReversible
    while a tip is being added.
    """
    tip = records.tip_of(row, payment.id)
    if tip is None:
        return payment.amount
    if tip.state in OPEN:
        words = "What became of its tip must be known first."
        raise PaymentNotReversible(words, why="tip-open", payment=payment.id, state=payment.state.value)
    return payment.amount + tip.amount
