"""What is still due, what rounds, what comes back: tenders against totals.

Only cash rounds, and only the part of a sale that is paid in cash; only cash gives change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_hub.domain.basket import Totals
from edge_hub.domain.money import CurrencyMismatch, Money, round_to
from edge_hub.domain.tender import CASH, Tender
from edge_hub.domain.values import quick
from edge_hub.errors import Invalid, Refused

TENDERS_MAX = 20
TENDER_MINOR_MAX = 10**15


class NotPaid(Refused):
    """The tenders do not reach the total; `params` give what is missing, exactly and in cash."""

    code = "sale-not-paid"
    title = "The sale is not fully paid."


class TenderTooLarge(Refused):
    """More than is due, by a tender that gives no change; or nothing is due."""

    code = "tender-too-large"
    title = "Only cash can be more than what is due."


class TenderOutOfRange(Invalid):
    """An amount that nobody can hand over."""

    code = "tender-out-of-range"
    title = "This amount cannot be paid."


class TooManyTenders(Refused):
    """One sale is paid in at most TENDERS_MAX parts."""

    code = "too-many-tenders"
    title = "The sale has too many payments."


@quick
@dataclass(frozen=True, slots=True)
class Settlement:
    """How a paid sale comes out: sum(tenders) - change == total + rounding."""

    rounding: Money
    change: Money


def due(totals: Totals, tenders: Sequence[Tender], pending: Sequence[Money] = ()) -> tuple[Money, Money]:
    """What is left to pay: exactly (any tender), and if the rest is paid in cash. Both zero once it is paid.

    `pending` is being paid by card or wallet: nobody else is asked for it until its outcome is known.
    """
    currency = totals.total.currency
    others, cash = _sums(tenders)
    left = totals.total.minor - others - sum(amount.minor for amount in pending)
    if _covered(totals, tenders, left, cash):
        return Money(0, currency), Money(0, currency)
    in_cash = round_to(left, totals.cash_rounding) - cash
    return Money(max(0, left - cash), currency), Money(max(0, in_cash), currency)


def room(totals: Totals, tenders: Sequence[Tender], pending: Sequence[Money] = ()) -> Money:
    """The most that a tender without change may still be: cash does not count, it comes back as change."""
    others, _ = _sums(tenders)
    left = totals.total.minor - others - sum(amount.minor for amount in pending)
    return Money(max(0, left), totals.total.currency)


def paid(totals: Totals, tenders: Sequence[Tender]) -> bool:
    """Whether the tenders settle the total: exactly, or in cash at least its rounded part.

    A part that rounds to nothing (1 or 2 cents) is settled by a cash tender of zero.
    """
    others, cash = _sums(tenders)
    return _covered(totals, tenders, totals.total.minor - others, cash)


def settle(totals: Totals, tenders: Sequence[Tender]) -> Settlement:
    """Rounding and change of a paid sale; NotPaid or TenderTooLarge otherwise.

    Cash that meets the total to the cent is not rounded: small coins stay legal tender.
    """
    others, cash = _sums(tenders)
    left = totals.total.minor - others
    if left < 0:
        raise TenderTooLarge(amount=others, currency=totals.total.currency)
    if not paid(totals, tenders):
        exact, in_cash = due(totals, tenders)
        raise NotPaid(due=exact.minor, cash_due=in_cash.minor, currency=exact.currency)
    rounded = left if left == cash else round_to(left, totals.cash_rounding)
    currency = totals.total.currency
    return Settlement(rounding=Money(rounded - left, currency), change=Money(cash - rounded, currency))


def check_tenders(totals: Totals, tenders: Sequence[Tender], pending: int = 0) -> None:
    """Refuse tenders that cannot be: too many, of another currency, below zero, or nothing but in cash.

    `pending`: so many more may follow from payments under way.
    """
    if len(tenders) + pending > TENDERS_MAX:
        raise TooManyTenders(limit=TENDERS_MAX)
    for tender in tenders:
        if tender.amount.currency != totals.total.currency:
            raise CurrencyMismatch(
                "The sale is in {currency}, not {other}.",
                why="sale",
                currency=totals.total.currency,
                other=tender.amount.currency,
            )
        least = 0 if tender.type == CASH else 1
        if not least <= tender.amount.minor <= TENDER_MINOR_MAX:
            raise TenderOutOfRange(least=least, limit=TENDER_MINOR_MAX)


def check_next(totals: Totals, tenders: Sequence[Tender], tender: Tender, pending: Sequence[Money] = ()) -> None:
    """Refuse a further tender that nothing is due for, or that is too much for its kind; `pending` as in `due`."""
    check_tenders(totals, (*tenders, tender), len(pending))
    exact, in_cash = due(totals, tenders, pending)
    if tender.type == CASH:
        if not tender.amount and in_cash:
            raise TenderOutOfRange(
                "Zero is paid only where cash rounds to nothing.", why="zero", least=1, limit=TENDER_MINOR_MAX
            )
        if tender.amount and not exact:
            raise TenderTooLarge(
                "Nothing is left to pay.", why="nothing-left", amount=tender.amount.minor, currency=exact.currency
            )
    elif exact < tender.amount:
        raise TenderTooLarge(due=exact.minor, amount=tender.amount.minor, currency=exact.currency)


def _covered(totals: Totals, tenders: Sequence[Tender], left: int, cash: int) -> bool:
    if left == cash:
        return True
    in_cash = any(tender.type == CASH for tender in tenders)
    return in_cash and left >= 0 and cash >= round_to(left, totals.cash_rounding)


def _sums(tenders: Sequence[Tender]) -> tuple[int, int]:
    others = cash = 0
    for tender in tenders:
        if tender.type == CASH:
            cash += tender.amount.minor
        else:
            others += tender.amount.minor
    return others, cash
