"""End of day: what a terminal says of the batch it closed, against what the journal holds for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.ids import PaymentId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import OPEN, WAS_TAKEN, Payment, PaymentKind, PaymentState


class SettlementState(StrEnum):
    OPEN = "open"
    """The terminal was told, or is about to be."""
    AGREED = "agreed"
    DIFFERENT = "different"
    """Its totals are not the journal's: see the differences."""
    UNCHECKED = "unchecked"
    """It closed the batch and gave no totals."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """No answer: the batch may be closed. Settle again: an empty batch closes too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalTotals:
    """`edge_hub.sdk.eft.model.BatchTotals`, as it is kept; None: the terminal does not say."""

    batch: str = ""
    count: int | None = None
    amount: Money | None = None
    sales_count: int | None = None
    sales_amount: Money | None = None
    refunds_count: int | None = None
    refunds_amount: Money | None = None
    by_scheme: tuple[tuple[str, int, int], ...] = ()
    """(scheme, count, net minor units)."""
    slip: tuple[str, ...] = ()
    raw: bytes = b""
    tips_amount: Money | None = None
    """How much of `sales_amount` is tips that no void took back, if any is; only the journal's figures have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that does not agree, or one payment that may explain it."""

    what: str
    """"count", "amount", "sales_count", "sales_amount", "refunds_count", "refunds_amount", or "payment"."""
    terminal: int = 0
    journal: int = 0
    payment: PaymentId | None = None
    """In doubt, disputed, or resolved by a person since the last settlement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """`payments` are the attempts this settlement closes; a later one does not count them again."""

    state: SettlementState
    terminal: TerminalTotals | None
    journal: TerminalTotals
    payments: tuple[PaymentId, ...]
    differences: tuple[Difference, ...] = ()
    detail: str = ""


class Outcome(StrEnum):
    """How telling the terminal to close its day came out."""

    CLOSED = "closed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_FIGURES = ("count", "amount", "sales_count", "sales_amount", "refunds_count", "refunds_amount")


def reconcile(
    payments: Sequence[Payment],
    terminal: TerminalTotals | None,
    *,
    currency: str,
    outcome: Outcome = Outcome.CLOSED,
    detail: str = "",
) -> Reconciliation:
    """The journal's figures against the terminal's.

    `payments` are the terminal's that no settlement has closed yet, without those that plainly took no money. A batch
    that is not known to be closed closes none of them.
    """
    taken = [payment for payment in payments if payment.state in WAS_TAKEN]
    journal, differences = _nearest(taken, terminal, currency)
    notes = tuple(
        Difference(what="payment", journal=payment.amount.minor, payment=payment.id)
        for payment in payments
        if _noteworthy(payment)
    )
    closes = [payment.id for payment in payments if payment.state in WAS_TAKEN or _declined_by_person(payment)]
    return Reconciliation(
        state=_state(outcome, terminal, differences),
        terminal=terminal,
        journal=journal,
        payments=tuple(closes) if outcome is Outcome.CLOSED else (),
        differences=(*differences, *notes) if outcome is Outcome.CLOSED else notes,
        detail=detail,
    )


def _state(outcome: Outcome, terminal: TerminalTotals | None, differences: Sequence[Difference]) -> SettlementState:
    if outcome is not Outcome.CLOSED:
        return SettlementState.REFUSED if outcome is Outcome.REFUSED else SettlementState.UNKNOWN
    if terminal is None or all(getattr(terminal, figure) is None for figure in _FIGURES):
        return SettlementState.UNCHECKED
    return SettlementState.DIFFERENT if differences else SettlementState.AGREED


def _noteworthy(payment: Payment) -> bool:
    return payment.state in OPEN or payment.disputed or payment.evidence is not None


def _declined_by_person(payment: Payment) -> bool:
    return payment.state is PaymentState.DECLINED and payment.evidence is not None


def _nearest(
    taken: Sequence[Payment], terminal: TerminalTotals | None, currency: str
) -> tuple[TerminalTotals, tuple[Difference, ...]]:
    """Some terminals count a voided sale and its void as two transactions, others as none; a tip added later mostly
    makes its sale larger, and may count as another transaction: whichever agrees best.
    """
    whole = _totals(taken, currency)
    if terminal is None:
        return whole, ()
    undone = {payment.original for payment in taken if payment.kind is PaymentKind.VOID}
    pairs = {payment.id for payment in taken if payment.id in undone}
    left = [payment for payment in taken if payment.id not in pairs and payment.original not in pairs]
    ways = (whole, *(_totals(those, currency, tips_count=tips) for those, tips in ((left, 0), (taken, 1), (left, 1))))
    found = [(ours, _differences(ours, terminal)) for ours in ways]
    return min(found, key=lambda pair: len(pair[1]))


def _totals(taken: Sequence[Payment], currency: str, *, tips_count: int = 0) -> TerminalTotals:
    """`tips_count`: as how many transactions a tip counts that was added later."""
    sales, back = ([payment for payment in taken if payment.kind.takes is takes] for takes in (True, False))
    added = [payment for payment in sales if payment.kind is PaymentKind.TIP]
    not_counted = len(added) * (1 - tips_count)
    undone = {payment.original for payment in back if payment.kind is PaymentKind.VOID}
    tips = sum(_tip(payment) for payment in sales if payment.id not in undone and payment.original not in undone)
    return TerminalTotals(
        count=len(taken) - not_counted,
        amount=Money(_sum(sales) - _sum(back), currency),
        sales_count=len(sales) - not_counted,
        sales_amount=Money(_sum(sales), currency),
        refunds_count=len(back),
        refunds_amount=Money(_sum(back), currency),
        by_scheme=_by_scheme(taken, tips_count),
        tips_amount=Money(tips, currency) if tips else None,
    )


def _by_scheme(taken: Sequence[Payment], tips_count: int) -> tuple[tuple[str, int, int], ...]:
    schemes: dict[str, tuple[int, int]] = {}
    for payment in taken:
        scheme = "" if payment.result is None else payment.result.scheme
        count, net = schemes.get(scheme, (0, 0))
        minor = payment.amount.minor if payment.kind.takes else -payment.amount.minor
        schemes[scheme] = (count + (tips_count if payment.kind is PaymentKind.TIP else 1), net + minor)
    return tuple((scheme, *schemes[scheme]) for scheme in sorted(schemes))


def _sum(payments: Sequence[Payment]) -> int:
    return sum(payment.amount.minor for payment in payments)


def _tip(payment: Payment) -> int:
    if payment.kind is PaymentKind.TIP:
        return payment.amount.minor
    return 0 if payment.tip is None else payment.tip.minor


def _differences(journal: TerminalTotals, terminal: TerminalTotals) -> tuple[Difference, ...]:
    """Only of the figures that the terminal gives."""
    found: list[Difference] = []
    for figure in _FIGURES:
        theirs, ours = _figure(terminal, figure), _figure(journal, figure)
        if theirs is not None and ours is not None and theirs != ours:
            found.append(Difference(what=figure, terminal=theirs, journal=ours))
    return tuple(found)


def _figure(totals: TerminalTotals, name: str) -> int | None:
    value: int | Money | None = getattr(totals, name)
    return value.minor if isinstance(value, Money) else value
