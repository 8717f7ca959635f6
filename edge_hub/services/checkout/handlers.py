"""Basket commands as the writer decides them: load, check the version, let the domain decide, write back."""

from collections.abc import Iterable
from dataclasses import replace

from edge_hub.domain import ringing
from edge_hub.domain.basket import Basket
from edge_hub.domain.completion import BasketEmpty
from edge_hub.domain.events import Event
from edge_hub.domain.ids import BasketId, LineId, StaffId, uuid7
from edge_hub.domain.paying import TenderBeingVoided, TenderNotRemovable
from edge_hub.domain.pricing import totals
from edge_hub.domain.routing import order_of_basket
from edge_hub.domain.settlement import paid
from edge_hub.errors import Refused
from edge_hub.journal.codec import encode
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.services.checkout import goods, selling
from edge_hub.services.checkout.commands import (
    UNSET,
    AbandonBasket,
    AddLine,
    AddTender,
    BasketCommand,
    ChangeLine,
    OpenBasket,
    ParkBasket,
    RemoveLine,
    RemoveTender,
    ResumeBasket,
    SendBasket,
    SetDiscount,
)
from edge_hub.services.checkout.records import load_basket, load_sale, view
from edge_hub.services.checkout.storing import finish, one_version, store
from edge_hub.services.checkout.views import BasketView, SendOutcome, TenderOutcome
from edge_hub.services.payments.records import being_voided, payment_behind
from edge_hub.services.routing.issuing import issue
from edge_hub.services.routing.model import NoRoutes
from edge_hub.services.routing.records import tickets_of

BASKETS_WAITING_MAX = 500
"""Open and parked baskets of a store at one time."""
CLOSED_BASKETS_KEPT_MS = 7 * 86_400_000
CLOSED_BASKETS_PRUNED_MAX = 10
"""Forgotten with each basket opened, so that there is never much to do at once."""

_BASKETS = Handlers()


class TooManyBaskets(Refused):
    """BASKETS_WAITING_MAX are open or parked: abandon some."""

    code = "too-many-baskets"
    title = "Too many baskets are open or parked."


def _replay(tx: Tx, _command: object, ref: str) -> BasketView:
    return view(load_basket(tx.row, ref), tx.settings, tx.rows)


@_BASKETS.on(OpenBasket, replay=_replay)
def open_basket(tx: Tx, command: OpenBasket) -> Outcome[BasketView]:
    till = selling.till_of(tx.settings, command.till)
    waiting = tx.row("SELECT count(*) FROM baskets WHERE state IN ('open', 'parked')")
    if waiting is not None and waiting[0] >= BASKETS_WAITING_MAX:
        raise TooManyBaskets(limit=BASKETS_WAITING_MAX)
    basket = ringing.open_basket(
        basket_id=BasketId(tx.new_id()), till=till.id, currency=tx.settings.currency, at_ms=tx.at_ms,
        staff=StaffId(tx.actor.staff or ""),
    )  # fmt: skip
    _forget_closed(tx)
    tx.execute(
        "INSERT INTO baskets (id, till, state, version, label, opened_at_ms, updated_at_ms, staff, body)"
        " VALUES (?, ?, ?, ?, '', ?, ?, ?, ?)",
        (
            basket.id, basket.till, basket.state.value, basket.version, tx.at_ms, tx.at_ms, basket.opened_by,
            encode(basket),
        ),
    )  # fmt: skip
    tx.wake("basket", basket.id)
    return Outcome(answer=view(basket, tx.settings, tx.rows), ref=basket.id)


@_BASKETS.on(AddLine, replay=_replay)
def add_line(tx: Tx, command: AddLine) -> Outcome[BasketView]:
    basket = _load(tx, command)
    found = goods.on_sale(goods.find(goods.lookup_of(tx), command.barcode, command.product, tx.at_ms))
    quantity = goods.rung_quantity(found, command.quantity_milli)
    line = goods.line_of(found, LineId(tx.new_id()), quantity)
    grown = ringing.merge_target(basket, line)
    return _store(tx, ringing.add_line(basket, line), changed_line=line.id if grown is None else grown.id)


@_BASKETS.on(ChangeLine, replay=_replay)
def change_line(tx: Tx, command: ChangeLine) -> Outcome[BasketView]:
    """Several changes at once are one change: one version, all or nothing."""
    before = basket = _load(tx, command)
    events: list[Event] = []
    if command.quantity_milli is not None:
        basket = ringing.change_quantity(basket, command.line, command.quantity_milli)
    if command.unit_price is not UNSET:
        staff = StaffId(tx.actor.staff or "")
        basket, set_by_hand = ringing.override_price(
            basket, command.line, command.unit_price, reason=command.reason, staff=staff
        )
        events.extend(set_by_hand)
    if command.discount is not UNSET:
        basket = ringing.discount_line(basket, command.line, command.discount)
    return _store(tx, one_version(before, basket), events, changed_line=command.line)


@_BASKETS.on(RemoveLine, replay=_replay)
def remove_line(tx: Tx, command: RemoveLine) -> Outcome[BasketView]:
    return _store(tx, *ringing.remove_line(_load(tx, command), command.line, command.reason))


@_BASKETS.on(SetDiscount, replay=_replay)
def set_discount(tx: Tx, command: SetDiscount) -> Outcome[BasketView]:
    return _store(tx, ringing.discount_basket(_load(tx, command), command.discount))


@_BASKETS.on(ParkBasket, replay=_replay)
def park(tx: Tx, command: ParkBasket) -> Outcome[BasketView]:
    basket = _load(tx, command)
    if not basket.lines:
        raise BasketEmpty
    return _store(tx, ringing.park(basket, command.label))


@_BASKETS.on(ResumeBasket, replay=_replay)
def resume(tx: Tx, command: ResumeBasket) -> Outcome[BasketView]:
    till = None if command.till is None else selling.till_of(tx.settings, command.till).id
    return _store(tx, ringing.resume(_load(tx, command), till))


@_BASKETS.on(AbandonBasket, replay=_replay)
def abandon(tx: Tx, command: AbandonBasket) -> Outcome[BasketView]:
    basket, events = ringing.abandon(_load(tx, command), command.reason)
    given_up = _store(tx, basket, events)
    issue(tx, replace(order_of_basket(basket), lines=()))
    return given_up


def _replay_send(tx: Tx, command: SendBasket, ref: str) -> SendOutcome:
    origin = order_of_basket(load_basket(tx.row, command.basket)).origin
    return SendOutcome(basket=_replay(tx, command, command.basket), tickets=tickets_of(tx.rows, origin, ref))


@_BASKETS.on(SendBasket, replay=_replay_send)
def send(tx: Tx, command: SendBasket) -> Outcome[SendOutcome]:
    """What was not sent yet, as tickets of one batch."""
    before = _load(tx, command)
    basket = ringing.relabel(before, command.label)
    if not tx.settings.routes:
        raise NoRoutes
    if basket is not before:
        _store(tx, basket)
    batch = tx.new_id()
    issue(tx, order_of_basket(basket), batch)
    return Outcome(answer=_replay_send(tx, command, batch), ref=batch)


@_BASKETS.on(RemoveTender, replay=_replay)
def remove_tender(tx: Tx, command: RemoveTender) -> Outcome[BasketView]:
    before = _load(tx, command)
    basket = ringing.remove_tender(before, command.index)
    payment = payment_behind(tx.row, before.id, before.tenders[command.index])
    if payment is not None:
        raise TenderNotRemovable(payment=payment)
    return _store(tx, basket)


def _replay_tender(tx: Tx, command: AddTender, ref: str) -> TenderOutcome:
    if ref == command.basket:
        return TenderOutcome(basket=_replay(tx, command, ref), sale=None)
    _, sale = load_sale(tx.row, ref)
    return TenderOutcome(basket=_replay(tx, command, sale.basket or command.basket), sale=selling.recorded(tx, ref))


@_BASKETS.on(AddTender, replay=_replay_tender)
def add_tender(tx: Tx, command: AddTender) -> Outcome[TenderOutcome]:
    """Take a payment; once the tenders cover what is due, the same transaction completes the sale.

    Not while a card or wallet is asked: what it takes would be taken for nothing, and the change is not known.
    """
    before = _load(tx, command)
    whole = totals(before, tx.settings.taxes, tx.settings.cash_rounding)
    if not before.lines:
        raise BasketEmpty
    basket = ringing.add_tender(before, command.tender, whole)
    if before.tenders and (voided := being_voided(tx.row, before.id)) is not None:
        raise TenderBeingVoided(payment=voided)
    if basket.payments or not paid(whole, basket.tenders):
        kept = _store(tx, basket)
        return Outcome(answer=TenderOutcome(basket=kept.answer, sale=None), ref=kept.ref)
    sale = selling.complete_basket(tx, basket, whole)
    outcome = finish(tx, before, basket, sale, command.print_receipt)
    return Outcome(answer=outcome, ref=sale.id)


def _load(tx: Tx, command: BasketCommand | AddTender | SendBasket) -> Basket:
    basket = load_basket(tx.row, command.basket)
    ringing.expect_version(basket, command.version)
    return basket


def _store(
    tx: Tx, basket: Basket, events: Iterable[Event] = (), changed_line: LineId | None = None
) -> Outcome[BasketView]:
    return Outcome(answer=store(tx, basket, events, changed_line), ref=basket.id)


def _forget_closed(tx: Tx) -> None:
    """Ids begin with their time, so the oldest baskets stand first."""
    oldest_kept = uuid7(max(0, tx.at_ms - CLOSED_BASKETS_KEPT_MS), bytes(10))
    tx.execute(
        "DELETE FROM baskets WHERE id IN"
        " (SELECT id FROM baskets WHERE id < ? AND state IN ('sold', 'abandoned') ORDER BY id LIMIT ?)",
        (oldest_kept, CLOSED_BASKETS_PRUNED_MAX),
    )


HANDLERS = _BASKETS.merge(selling.HANDLERS)
