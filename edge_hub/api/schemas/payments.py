"""Payments by card terminal and wallet, and the terminals' end of day."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from edge_hub.api.schemas.baskets import BasketDoc
from edge_hub.api.schemas.common import Amount, Id, QueryLimit, Reason, doc, minor
from edge_hub.api.validate import Body, Query
from edge_hub.domain.ids import PaymentId
from edge_hub.domain.payment import IN_DOUBT, IN_HAND, NOT_TAKEN, TAKEN, Evidence, PaymentResult, PaymentState
from edge_hub.domain.reconciliation import Difference, TerminalTotals
from edge_hub.domain.tender import CASH
from edge_hub.services.payments.model import PaymentView, SettlementView
from edge_hub.services.payments.offers import Offer
from edge_hub.services.payments.service import Payments
from edge_hub.words import words

CODE_CHARACTERS_MAX = 128
SLIP_CHARACTERS_MAX = 40
MethodName = Literal["terminal", "wallet", "standalone"]
KindName = Literal["sale", "refund", "void", "tip"]
StateName = Literal[
    "created", "not_sent", "sending", "sent", "in_progress", "approved", "declined", "unknown", "manual",
    "recovered_approved", "recovered_declined", "reversing", "reverse_unknown", "reversed",
]  # fmt: skip
OutcomeName = Literal["pending", "approved", "declined", "unknown", "not_sent", "reversed"]
WhyName = Literal["", "unknown", "manual", "disputed", "orphan", "void_open", "reverse_unknown"]
SettlementStateName = Literal["open", "agreed", "different", "unchecked", "refused", "unknown"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Slip = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ./-]*$", max_length=SLIP_CHARACTERS_MAX)]


class TendersQuery(Query):
    till: Id | None = None
    """Null: the asking client's."""


class StartPaymentBody(Body):
    provider: Annotated[Reason, Field(max_length=64)] = ""
    """The terminal or wallet, as `GET /v1/tenders` names it; empty for a terminal of its own."""
    method: MethodName
    amount: Amount
    """What is to be paid by it, with the tip; without it, at most what is due."""
    tip: Amount | None = None
    code: Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]*$", max_length=CODE_CHARACTERS_MAX)] = ""
    """What the customer's wallet shows."""
    print: bool | None = None
    """A receipt, if this completes the sale; null: if the till has a printer."""


class RefundBody(Body):
    payment_id: Id
    """The payment of the sale that the money goes back to."""
    amount: Amount


class AmountBody(Body):
    amount: Amount


class ResolvePaymentBody(Body):
    """At least one of slip, note and photo says why."""

    outcome: Literal["approved", "declined"]
    slip: Slip = ""
    """The number on the terminal's slip."""
    note: Reason = ""
    photo_sha256: Sha256 | Literal[""] = ""
    """Of a photo kept before (`POST /v1/payment-photos`)."""


class ReviewPaymentBody(Body):
    note: Annotated[Reason, Field(min_length=1)]


class SettleBody(Body):
    terminal: Id


class PaymentsQuery(Query):
    basket: Id | None = None
    sale: Id | None = None
    provider: Id | None = None
    list: Literal["all", "unresolved"] = "all"
    """`unresolved`: what a manager has to look into, oldest first; the other filters do not apply to it."""
    limit: QueryLimit = 50
    after: Id | None = None
    """The last id of the page before."""


class SettlementsQuery(Query):
    limit: QueryLimit = 20


class PrintBody(Body):
    device: Id | None = None
    """Null: the printer of the asking till."""


@doc
class OfferDoc(TypedDict):
    provider: str
    method: Literal["cash", "terminal", "wallet", "standalone"]
    type: str
    """The type of the tender it becomes."""
    label: str
    ready: bool
    why_not: str
    """The code of the problem that a payment would meet now; empty when it is ready."""
    why_not_text: str
    """The same in words."""
    needs_code: bool
    tips: bool
    adds_tips: bool
    """A tip may be added afterwards, from the slip."""
    refunds: bool
    voids: bool
    settles: bool
    stops: bool


@doc
class OffersDoc(TypedDict):
    tenders: list[OfferDoc]


@doc
class EvidenceDoc(TypedDict):
    staff: str
    slip: str
    note: str
    photo_sha256: str


@doc
class PaymentResultDoc(TypedDict):
    """What the terminal or wallet said; empty where it did not."""

    code: str
    reason: str
    text: str
    scheme: str
    card: str
    """Masked."""
    entry: str
    approval: str
    receipt: str
    batch: str
    terminal_id: str
    merchant_id: str
    rrn: str
    at: str
    """The terminal's own clock."""
    amount: int | None


@doc
class PaymentDoc(TypedDict):
    id: str
    kind: KindName
    method: MethodName
    provider: str
    tender: str
    till: str
    staff: str
    state: StateName
    outcome: OutcomeName
    """The state as far as a till must know: only `approved` and `declined` (or `not_sent`, `reversed`) are certain."""
    amount: int
    """With the tip; of a tip that was added afterwards nothing but that."""
    tip: int
    currency: str
    reference: str
    basket_id: str | None
    original_id: str | None
    sale_id: str | None
    """The sale it paid; of a refund, void or tip, the sale it belongs to."""
    automatic: bool
    opened_ms: int
    updated_ms: int
    version: int
    """Counts what happened to it: of two views of a payment the higher one is the later."""
    activity: str
    """What the terminal is doing just now; empty when nothing is known of it."""
    activity_text: str
    """The terminal's own words."""
    detail: str
    why: WhyName
    """Why it is on the manager's list; empty when it is not."""
    disputed: bool
    with_card: list[str]
    """Of `refund` and `void`, those that take the customer's card at this terminal, as far as that is known."""
    inquiries: int
    evidence: EvidenceDoc | None
    result: PaymentResultDoc | None


@doc
class PaymentStartedDoc(TypedDict):
    payment: PaymentDoc
    basket: BasketDoc


@doc
class PaymentsDoc(TypedDict):
    payments: list[PaymentDoc]
    next_after: str | None


@doc
class PhotoDoc(TypedDict):
    sha256: str


@doc
class TotalsDoc(TypedDict):
    """Null: the terminal does not say."""

    batch: str
    count: int | None
    amount: int | None
    sales_count: int | None
    sales_amount: int | None
    refunds_count: int | None
    refunds_amount: int | None
    tips_amount: int | None
    """Of `sales_amount`, tips that no void took back; null: nothing, or the terminal's figures, which do not say."""


@doc
class DifferenceDoc(TypedDict):
    what: str
    terminal: int
    journal: int
    payment_id: str | None


@doc
class SettlementDoc(TypedDict):
    id: str
    terminal: str
    state: SettlementStateName
    staff: str
    opened_ms: int
    closed_ms: int | None
    detail: str
    terminal_totals: TotalsDoc | None
    journal_totals: TotalsDoc | None
    differences: list[DifferenceDoc]
    payments: list[str]


@doc
class SettlementsDoc(TypedDict):
    settlements: list[SettlementDoc]


CASH_OFFER: OfferDoc = {
    "provider": "", "method": "cash", "type": CASH, "label": "", "ready": True, "why_not": "", "why_not_text": "",
    "needs_code": False, "tips": False, "adds_tips": False, "refunds": False, "voids": False, "settles": False,
    "stops": False,
}  # fmt: skip


def offer(value: Offer, locale: str) -> OfferDoc:
    return {
        "provider": value.provider,
        "method": value.method.value,
        "type": value.tender,
        "label": value.label,
        "ready": value.ready,
        "why_not": value.why_not,
        "why_not_text": words(locale).text(f"problem.{value.why_not}") if value.why_not else "",
        "needs_code": value.needs_code,
        "tips": value.tips,
        "adds_tips": value.adds_tips,
        "refunds": value.refunds,
        "voids": value.voids,
        "settles": value.settles,
        "stops": value.stops,
    }


def outcome(state: PaymentState) -> OutcomeName:
    """The state as far as a till must know."""
    if state in IN_HAND:
        return "pending"
    if state in IN_DOUBT or state is PaymentState.REVERSE_UNKNOWN:
        return "unknown"
    if state is PaymentState.NOT_SENT:
        return "not_sent"
    if state in NOT_TAKEN:
        return "declined"
    return "approved" if state in TAKEN or state is PaymentState.REVERSING else "reversed"


def of(payment_id: str, payments: Payments, locale: str) -> PaymentDoc:
    """The payment with that id, and what its terminal is doing. Raises PaymentNotFound."""
    view = payments.get(PaymentId(payment_id))
    return payment(view, payments, locale)


def payment(view: PaymentView, payments: Payments, locale: str) -> PaymentDoc:
    one, shown, said = view.payment, payments.activity(view.payment.id), words(locale).said
    return {
        "id": one.id,
        "kind": one.kind.value,
        "method": one.method.value,
        "provider": one.provider,
        "tender": one.tender,
        "till": one.till,
        "staff": one.staff,
        "state": one.state.value,
        "outcome": outcome(one.state),
        "amount": one.amount.minor,
        "tip": 0 if one.tip is None else one.tip.minor,
        "currency": one.amount.currency,
        "reference": one.reference,
        "basket_id": one.basket,
        "original_id": one.original,
        "sale_id": view.paid_sale or one.sale,
        "automatic": one.automatic,
        "opened_ms": one.opened_at_ms,
        "updated_ms": view.updated_at_ms,
        "version": one.moves,
        "activity": "" if shown is None else shown.activity,
        "activity_text": "" if shown is None else said(shown.text),
        "detail": said(one.detail),
        "why": view.why.value,
        "disputed": one.disputed,
        "with_card": [kind.value for kind in sorted(payments.with_card(one.provider))],
        "inquiries": one.inquiries,
        "evidence": None if one.evidence is None else _evidence(one.evidence),
        "result": None if one.result is None else _result(one.result),
    }


def _evidence(value: Evidence) -> EvidenceDoc:
    return {"staff": value.staff, "slip": value.slip, "note": value.note, "photo_sha256": value.photo_sha256}


def _result(value: PaymentResult) -> PaymentResultDoc:
    return {
        "code": value.code,
        "reason": value.reason,
        "text": value.text,
        "scheme": value.scheme,
        "card": value.card,
        "entry": value.entry,
        "approval": value.approval,
        "receipt": value.receipt,
        "batch": value.batch,
        "terminal_id": value.terminal_id,
        "merchant_id": value.merchant_id,
        "rrn": value.rrn,
        "at": value.at,
        "amount": minor(value.amount),
    }


def settlement(view: SettlementView, locale: str) -> SettlementDoc:
    found = view.reconciliation
    return {
        "id": view.id,
        "terminal": view.terminal,
        "state": view.state.value,
        "staff": view.staff,
        "opened_ms": view.opened_at_ms,
        "closed_ms": view.closed_at_ms,
        "detail": "" if found is None else words(locale).said(found.detail),
        "terminal_totals": None if found is None or found.terminal is None else _totals(found.terminal),
        "journal_totals": None if found is None else _totals(found.journal),
        "differences": [] if found is None else [_difference(one) for one in found.differences],
        "payments": [] if found is None else list(found.payments),
    }


def _totals(value: TerminalTotals) -> TotalsDoc:
    return {
        "batch": value.batch,
        "count": value.count,
        "amount": minor(value.amount),
        "sales_count": value.sales_count,
        "sales_amount": minor(value.sales_amount),
        "refunds_count": value.refunds_count,
        "refunds_amount": minor(value.refunds_amount),
        "tips_amount": minor(value.tips_amount),
    }


def _difference(value: Difference) -> DifferenceDoc:
    return {
        "what": value.what,
        "terminal": value.terminal,
        "journal": value.journal,
        "payment_id": value.payment,
    }
