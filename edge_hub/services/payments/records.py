"""Payments and settlements as they are stored: one set of reads for the writer's transaction and for readers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge_hub.domain.basket import Basket
from edge_hub.domain.ids import UUID7_ENTROPY_BYTES, BasketId, PaymentId, SaleId, SettlementId, StaffId, TillId, uuid7
from edge_hub.domain.money import Money
from edge_hub.domain.paying import place_of
from edge_hub.domain.payment import NOT_TAKEN, OPEN, TAKEN, WAS_TAKEN, Payment, PaymentKind, PaymentMethod, PaymentState
from edge_hub.domain.reconciliation import Reconciliation, SettlementState
from edge_hub.domain.tender import Tender
from edge_hub.domain.verdict import tender_of
from edge_hub.journal.codec import BadBytes, decode
from edge_hub.journal.projections.payment import RESTORED
from edge_hub.services.checkout.records import RowOf, RowsOf
from edge_hub.services.payments.model import (
    PaymentNotFound,
    PaymentUnreadable,
    PaymentView,
    SettlementNotFound,
    SettlementView,
    Why,
)

PAYMENTS_LISTED_MAX = 200
UNRESOLVED_MAX = 500
"""Payments on the manager's list at a time, the oldest first."""
SETTLEMENTS_LISTED_MAX = 200
_VIEW = "SELECT id, body, sale, updated_ms FROM payments"
_SETTLEMENT = "SELECT id, terminal, state, opened_ms, closed_ms, staff, body FROM settlements"


def _in(states: frozenset[PaymentState]) -> str:
    return "(" + ", ".join(f"'{state.value}'" for state in sorted(states)) + ")"


_OPEN = f"watched = 1 AND state IN {_in(OPEN)}"
_GIVEN_BACK = (
    "SELECT coalesce(sum(amount), 0) FROM payments WHERE original = ? AND original <> '' AND kind = 'refund'"  # noqa: S608  # constants
    f" AND state IN {_in(OPEN | TAKEN)}"
)
_TIP_OF = (
    "SELECT body FROM payments WHERE original = ? AND original <> '' AND kind = 'tip'"  # noqa: S608  # constants
    f" AND state IN {_in(OPEN | TAKEN)} LIMIT 1"
)
_LAST_TAKEN = (
    "SELECT body FROM payments WHERE provider = ? AND receipt <> ''"  # noqa: S608  # constants
    f" AND state IN {_in(WAS_TAKEN)} ORDER BY id DESC LIMIT 1"
)
_HOLDER = (
    "SELECT id FROM payments WHERE provider = ? AND identity = ? AND identity <> '' AND id <> ? AND id <> ?"  # noqa: S608  # constants
    f" AND original <> ? AND state IN {_in(WAS_TAKEN)} LIMIT 1"
)
_ON_SLIP = (  # {column} is one of two constants
    "SELECT id FROM payments WHERE provider = ? AND ltrim({column}, '0') = ? AND {column} <> ''"  # noqa: S608  # constants
    " AND id <> ? AND opened_ms >= ?"
    f" AND settlement = '' AND state IN {_in(WAS_TAKEN)} LIMIT 1"
)
_ON_OWN_SLIP = (
    "SELECT id FROM payments WHERE id >= ? AND method = 'terminal' AND (till = ? OR provider = ?)"  # noqa: S608  # constants
    " AND (receipt <> '' AND ltrim(receipt, '0') = ? OR slip <> '' AND ltrim(slip, '0') = ?)"
    f" AND state IN {_in(WAS_TAKEN)} ORDER BY id LIMIT 1"
)
_CLOSED_SINCE = (
    "SELECT 1 FROM settlements AS day WHERE terminal = ? AND id > ? AND (state IN ('agreed', 'different', 'unchecked')"  # noqa: S608  # constants
    " OR state = 'unknown' AND EXISTS (SELECT 1 FROM payments WHERE provider = day.terminal AND id > day.id"
    f" AND state NOT IN {_in(NOT_TAKEN)})) LIMIT 1"
)
UNREADABLE = f"{PaymentUnreadable.title} `edge-hub journal rebuild` makes it again from the journal."
_OUTLINE = (
    "SELECT kind, method, provider, tender, till, staff, currency, amount, reference, opened_ms, state, basket, sale,"
    " original FROM payments WHERE id = ?"
)
_VOIDING = (
    "SELECT id FROM payments WHERE basket = ? AND basket <> '' AND kind = 'sale' AND id <> ?"
    " AND state IN ('reversing', 'reverse_unknown') LIMIT 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPage:
    """Newest first; `next_after` is the id to ask for what follows, None: that was all."""

    payments: tuple[PaymentView, ...]
    next_after: PaymentId | None


def load_payment(row: RowOf, payment_id: str) -> Payment:
    """Raises PaymentNotFound."""
    found = row("SELECT body FROM payments WHERE id = ?", (payment_id,))
    if found is None:
        raise PaymentNotFound(payment=payment_id)
    return decode(Payment, found[0])


def view(row: RowOf, payment_id: str) -> PaymentView:
    """A payment as it stands. Raises PaymentNotFound."""
    found = row(f"{_VIEW} WHERE id = ?", (payment_id,))
    if found is None:
        raise PaymentNotFound(payment=payment_id)
    return _view(row, found)


def open_of(rows: RowsOf, provider: str | None = None) -> list[PaymentView]:
    """Payments in hand or in doubt, of one provider or (None) of all, oldest first."""
    found = rows(f"{_VIEW} WHERE {_OPEN} AND (? IS NULL OR provider = ?) ORDER BY id", (provider, provider))
    return [_view(_first(rows), one) for one in found]


def holding(rows: RowsOf, provider: str) -> list[PaymentView]:
    """Those of `open_of` that its terminal is busy with or in doubt about: not what somebody does there by hand."""
    return [one for one in open_of(rows, provider) if one.payment.method is PaymentMethod.TERMINAL]


def listed(
    rows: RowsOf,
    *,
    basket: BasketId | None = None,
    sale: SaleId | None = None,
    provider: str | None = None,
    limit: int = 50,
    after: str = "",
) -> PaymentPage:
    """Payments, newest first, before the one `after`: of a basket, of a sale (with what was given back), of all."""
    terms, params = ["1"], []
    for column, value in (("basket", basket), ("sale", sale), ("provider", provider)):
        if value is not None:
            terms.append(f"{column} = ?" if column == "provider" else f"{column} = ? AND {column} <> ''")
            params.append(str(value))
    if after:
        terms.append("id < ?")
        params.append(after)
    limit = max(1, min(limit, PAYMENTS_LISTED_MAX))
    sql = f"{_VIEW} WHERE {' AND '.join(terms)} ORDER BY id DESC LIMIT {limit + 1}"
    found = tuple(_view(_first(rows), one) for one in rows(sql, params))
    return PaymentPage(payments=found[:limit], next_after=found[limit - 1].payment.id if len(found) > limit else None)


def unresolved(rows: RowsOf, stuck: Collection[str] = ()) -> tuple[PaymentView, ...]:
    """The manager's list, oldest first: everything that has a `why`, at most UNRESOLVED_MAX of it. `stuck`: what nobody
    follows, because it could not be recovered.
    """
    found = [_view(_first(rows), row) for row in rows(f"{_VIEW} WHERE watched = 1 ORDER BY id", ())]
    left = (replace(one, why=Why.MANUAL) if one.payment.id in stuck and not one.why else one for one in found)
    return tuple(one for one in left if one.why)[:UNRESOLVED_MAX]


def given_back(row: RowOf, payment: PaymentId) -> int:
    """Minor units that refunds of a payment have given back or are about to."""
    found = row(_GIVEN_BACK, (payment,))
    return 0 if found is None else int(found[0])


def tip_of(row: RowOf, payment: PaymentId) -> Payment | None:
    """The tip that was added to a payment afterwards, or is being added."""
    found = row(_TIP_OF, (payment,))
    return None if found is None else decode(Payment, found[0])


def in_open_batch(row: RowOf, payment: Payment) -> bool:
    """Whether nothing says that the batch it is in was closed: by the hub, or at the terminal, which had a payment of
    another batch since.
    """
    if closed_since(row, payment):
        return False
    found = row(_LAST_TAKEN, (payment.provider,))
    last = None if found is None else decode(Payment, found[0]).result
    if last is None or payment.result is None:
        return True
    pairs = ((last.batch, payment.result.batch), (last.terminal_id, payment.result.terminal_id))
    return all(now == then for now, then in pairs if now and then)


def holder_of(row: RowOf, payment: Payment, identity: str) -> PaymentId | None:
    """Another payment that was approved under this identity; a sale and what undoes it may share theirs."""
    if not identity:
        return None
    found = row(_HOLDER, (payment.provider, identity, payment.id, payment.original or "", payment.id))
    return None if found is None else PaymentId(found[0])


def on_slip(row: RowOf, payment: Payment, slip: str, since_ms: int) -> PaymentId | None:
    """Another approved payment of that provider with this slip, opened since then and not settled. A tip is written on
    the slip of its sale.
    """
    found = _on_slip(row, payment, payment.provider, slip, since_ms)
    return None if payment.kind is PaymentKind.TIP and found == payment.original else found


def confirmed_by_hand(row: RowOf, payment: Payment) -> PaymentId | None:
    """A payment at "a terminal of its own" that somebody confirmed with this one's slip: the same money."""
    slip = "" if payment.result is None else payment.result.receipt
    return _on_slip(row, payment, "", slip, payment.opened_at_ms) if slip else None


def on_own_slip(row: RowOf, payment: Payment, terminal: str, slip: str, since_ms: int) -> PaymentId | None:
    """What a driven terminal took or gave back with this slip since then: one of the payment's till, or `terminal`."""
    oldest, number = uuid7(max(0, since_ms), bytes(UUID7_ENTROPY_BYTES)), slip.lstrip("0")
    found = row(_ON_OWN_SLIP, (oldest, payment.till, terminal, number, number))
    return None if found is None else PaymentId(found[0])


def _on_slip(row: RowOf, payment: Payment, provider: str, slip: str, since_ms: int) -> PaymentId | None:
    for column in ("slip", "receipt"):
        found = row(_ON_SLIP.format(column=column), (provider, slip.lstrip("0"), payment.id, since_ms))
        if found is not None:
            return PaymentId(found[0])
    return None


def being_voided(row: RowOf, basket: BasketId, but: PaymentId | None = None) -> PaymentId | None:
    """A payment of this basket, other than `but`, that is being given back."""
    found = row(_VOIDING, (basket, but or ""))
    return None if found is None else PaymentId(found[0])


def payment_behind(row: RowOf, basket: BasketId, tender: Tender) -> PaymentId | None:
    """The payment that a tender of a basket was made by; None: somebody took it in without the hub."""
    if not tender.reference:
        return None
    found = row(
        "SELECT id FROM payments WHERE reference = ? AND basket = ? AND kind = 'sale'", (tender.reference, basket)
    )
    return None if found is None else PaymentId(found[0])


def load_settlement(row: RowOf, settlement_id: str) -> SettlementView:
    """Raises SettlementNotFound."""
    found = row(f"{_SETTLEMENT} WHERE id = ?", (settlement_id,))
    if found is None:
        raise SettlementNotFound(settlement=settlement_id)
    return _settlement(found)


def settlements(rows: RowsOf, limit: int = 50) -> tuple[SettlementView, ...]:
    """Newest first."""
    limit = max(1, min(limit, SETTLEMENTS_LISTED_MAX))
    return tuple(_settlement(found) for found in rows(f"{_SETTLEMENT} ORDER BY id DESC LIMIT ?", (limit,)))


def settling(row: RowOf, terminal: str) -> SettlementId | None:
    """The terminal's settlement that is under way."""
    found = row("SELECT id FROM settlements WHERE terminal = ? AND state = 'open'", (terminal,))
    return None if found is None else SettlementId(found[0])


def settled_since(row: RowOf, payment: Payment) -> bool:
    """Whether its terminal was told to close the day after the payment was opened; by ids, which no clock puts back."""
    found = row("SELECT 1 FROM settlements WHERE terminal = ? AND id > ? LIMIT 1", (payment.provider, payment.id))
    return found is not None


def closed_since(row: RowOf, payment: Payment) -> bool:
    """Whether its terminal closed the day after the payment was opened: its receipt may be another's in the new one.
    Where nobody heard whether it did, there is another's as soon as anything was taken there since.
    """
    return row(_CLOSED_SINCE, (payment.provider, payment.id)) is not None


def restored_since(row: RowOf, payment: Payment) -> bool:
    """Whether the journal was put back from a backup after the payment was opened: what happened between the backup and
    then is not in it.
    """
    found = row("SELECT 1 FROM meta WHERE key = ? AND value >= ?", (RESTORED, payment.id))
    return found is not None


def terminal_before(row: RowOf, payment: Payment) -> str:
    """The number of the terminal that stood there before the payment, as far as one was ever told."""
    found = row(
        "SELECT terminal_id FROM payments WHERE provider = ? AND id < ? AND terminal_id <> '' ORDER BY id DESC LIMIT 1",
        (payment.provider, payment.id),
    )
    return "" if found is None else str(found[0])


def unsettled(rows: RowsOf, terminal: str) -> list[Payment]:
    """What a settlement of the terminal looks at: see `edge_hub.domain.reconciliation.reconcile`."""
    found = rows(
        "SELECT id, body FROM payments WHERE provider = ? AND settlement = ''"
        " AND (state NOT IN ('declined', 'recovered_declined', 'not_sent') OR disputed OR by_person) ORDER BY id",
        (terminal,),
    )
    return [_stored(_first(rows), *one) for one in found]


def _first(rows: RowsOf) -> RowOf:
    def row(sql: str, params: Sequence[Any]) -> tuple[Any, ...] | None:
        return next(iter(rows(sql, params)), None)

    return row


def _view(row: RowOf, found: Sequence[Any]) -> PaymentView:
    payment_id, body, sale, updated_ms = found
    payment = _stored(row, payment_id, body)
    paid = SaleId(sale) if sale and payment.kind is PaymentKind.SALE else None
    return PaymentView(payment=payment, paid_sale=paid, updated_at_ms=updated_ms, why=_why(row, payment, paid))


def _stored(row: RowOf, payment_id: str, body: bytes) -> Payment:
    """The payment; where that cannot be read, as much of it as the columns have: one of them hides no others."""
    try:
        return decode(Payment, body)
    except BadBytes:
        found = row(_OUTLINE, (payment_id,))
    if found is None:
        raise PaymentNotFound(payment=payment_id)
    kind, method, provider, tender, till, staff, currency, amount, reference, opened_ms, state, *linked = found
    basket, sale, original = (text or None for text in linked)
    return Payment(
        id=PaymentId(payment_id), kind=PaymentKind(kind), method=PaymentMethod(method), provider=provider,
        tender=tender, till=TillId(till), staff=StaffId(staff), amount=Money(amount, currency), reference=reference,
        opened_at_ms=opened_ms, state=PaymentState(state), basket=None if basket is None else BasketId(basket),
        sale=None if sale is None or kind == "sale" else SaleId(sale),
        original=None if original is None else PaymentId(original), detail=UNREADABLE,
    )  # fmt: skip


_BY_STATE = {
    PaymentState.UNKNOWN: Why.UNKNOWN,
    PaymentState.MANUAL: Why.MANUAL,
    PaymentState.REVERSING: Why.VOID_OPEN,
    PaymentState.REVERSE_UNKNOWN: Why.REVERSE_UNKNOWN,
}


def _why(row: RowOf, payment: Payment, paid: SaleId | None) -> Why:
    if payment.state in _BY_STATE:
        return _BY_STATE[payment.state]
    if payment.disputed:
        return Why.DISPUTED
    kept = payment.kind is not PaymentKind.SALE or not payment.taken or payment.reviewed or paid is not None
    if kept or in_basket(row, payment) or given_back(row, payment.id) >= payment.amount.minor:
        return Why.NOTHING
    return Why.ORPHAN


def in_basket(row: RowOf, payment: Payment) -> bool:
    """Whether it is a tender of a basket that is open or parked."""
    found = row("SELECT body FROM baskets WHERE id = ? AND state IN ('open', 'parked')", (payment.basket or "",))
    return found is not None and place_of(decode(Basket, found[0]), tender_of(payment)) is not None


def _settlement(found: Sequence[Any]) -> SettlementView:
    body = found[6]
    return SettlementView(
        id=SettlementId(found[0]),
        terminal=found[1],
        state=SettlementState(found[2]),
        opened_at_ms=found[3],
        closed_at_ms=found[4],
        staff=StaffId(found[5]),
        reconciliation=None if body is None else decode(Reconciliation, body),
    )
