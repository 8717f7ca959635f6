"""Ringing up: the changes of an open basket, each `(basket, ...) -> Basket` with the next version, or a refusal.

Where loss prevention wants to know (a line taken out, a price set by hand, a basket given up) the change also
returns the events to journal. While something has been paid, or is being paid by card or wallet, a basket can only
grow: take the tenders back first. Payments that are under way: `edge_hub.domain.paying`.
"""

from dataclasses import replace

from edge_hub.domain.basket import (
    BASIS_POINTS,
    LINES_MAX,
    QUANTITY_MILLI_MAX,
    UNIT_PRICE_MINOR_MAX,
    Basket,
    BasketLine,
    BasketState,
    Discount,
    PriceOverride,
    Totals,
)
from edge_hub.domain.events import BasketAbandoned, BasketLineRemoved, Event, PriceOverridden
from edge_hub.domain.ids import BasketId, LineId, StaffId, TillId
from edge_hub.domain.money import CurrencyMismatch, Money
from edge_hub.domain.pricing import before_discount, taken_off
from edge_hub.domain.settlement import check_next
from edge_hub.domain.tender import Tender
from edge_hub.errors import Conflict, Invalid, NotFound, Refused

Changed = tuple[Basket, tuple[Event, ...]]


class BasketClosed(Conflict):
    """Sold or abandoned: it does not change any more."""

    code = "basket-closed"
    title = "This basket is closed."


class BasketParked(Conflict):
    """Parked: resume it first."""

    code = "basket-parked"
    title = "This basket is parked."


class BasketNotParked(Conflict):
    """Only a parked basket can be resumed."""

    code = "basket-not-parked"
    title = "This basket is not parked."


class BasketBeingPaid(Conflict):
    """Something has been paid, or is being paid: take it back before the basket shrinks or goes away."""

    code = "basket-being-paid"
    title = "Part of this basket is paid already."


class VersionMismatch(Conflict):
    """The basket changed since the caller looked; `params["current"]` is its version now."""

    code = "basket-version"
    title = "This basket was changed on another till."


class LineNotFound(NotFound):
    """No line with that id in the basket."""

    code = "line-not-found"
    title = "There is no such line in the basket."


class TenderNotFound(NotFound):
    """No tender at that place in the basket."""

    code = "tender-not-found"
    title = "There is no such payment in the basket."


class TooManyLines(Refused):
    """A basket holds at most LINES_MAX lines."""

    code = "too-many-lines"
    title = "The basket is full."


class LineFixed(Refused):
    """The article's label fixes its weight or price: remove the line and scan the label again."""

    code = "line-fixed-by-label"
    title = "The label fixes the quantity of this line."


class QuantityOutOfRange(Invalid):
    """Not between one thousandth and QUANTITY_MILLI_MAX."""

    code = "quantity-out-of-range"
    title = "This quantity is not possible."


class PriceOutOfRange(Invalid):
    """Not between zero and UNIT_PRICE_MINOR_MAX."""

    code = "price-out-of-range"
    title = "This price is not possible."


class DiscountInvalid(Invalid):
    """Neither a percentage nor an amount, both, or nothing at all."""

    code = "discount-invalid"
    title = "A discount is either a percentage or an amount."


class DiscountTooLarge(Invalid):
    """More than what it is taken from."""

    code = "discount-too-large"
    title = "The discount is more than the price."


def open_basket(*, basket_id: BasketId, till: TillId, currency: str, at_ms: int, staff: StaffId) -> Basket:
    """An empty basket, version 1."""
    return Basket(id=basket_id, till=till, currency=currency, opened_at_ms=at_ms, opened_by=staff)


def expect_version(basket: Basket, version: int | None) -> None:
    """Refuse when the caller saw another version; None asks for no check."""
    if version is not None and version != basket.version:
        raise VersionMismatch(current=basket.version, seen=version)


def merge_target(basket: Basket, line: BasketLine) -> BasketLine | None:
    """The line that `add_line` would add this one's quantity to, if any: the same goods at the same list price."""
    if not _plain(line):
        return None
    return next((old for old in basket.lines if _plain(old) and _goods(old) == _goods(line)), None)


def add_line(basket: Basket, line: BasketLine) -> Basket:
    """Add goods: to an equal line if there is one (it keeps its id), else at the end.

    Lines with a label's price or weight, a price set by hand or a discount never merge.
    """
    _open(basket)
    check_line(line, basket.currency)
    check_discount(line.discount, before_discount(line), basket.currency)
    if (target := merge_target(basket, line)) is not None:
        merged = replace(target, quantity_milli=target.quantity_milli + line.quantity_milli)
        check_line(merged, basket.currency)
        return _with_line(basket, merged)
    if len(basket.lines) >= LINES_MAX:
        raise TooManyLines(limit=LINES_MAX)
    return _next(basket, lines=(*basket.lines, line))


def change_quantity(basket: Basket, line_id: LineId, quantity_milli: int) -> Basket:
    """Set a line's quantity, in thousandths of its unit."""
    line = _line(_unpaid(basket), line_id)
    if line.price_embedded or line.label_amount is not None:
        raise LineFixed
    changed = replace(line, quantity_milli=quantity_milli)
    check_line(changed, basket.currency)
    return _with_line(basket, changed)


def override_price(
    basket: Basket, line_id: LineId, unit_price: Money | None, *, reason: str, staff: StaffId
) -> Changed:
    """Set a line's price per unit by hand; None puts the list's price back."""
    line = _line(_unpaid(basket), line_id)
    if unit_price is None:
        return _with_line(basket, replace(line, override=None)), ()
    changed = replace(line, override=PriceOverride(unit_price=unit_price, reason=reason, staff=staff))
    check_line(changed, basket.currency)
    event = PriceOverridden(
        basket=basket.id,
        till=basket.till,
        product=line.product,
        list_price=line.list_price,
        unit_price=unit_price,
        reason=reason,
    )
    return _with_line(basket, changed), (event,)


def discount_line(basket: Basket, line_id: LineId, discount: Discount | None) -> Basket:
    """Set or, with None, take away a line's discount."""
    line = _line(_unpaid(basket), line_id)
    check_discount(discount, before_discount(line), basket.currency)
    return _with_line(basket, replace(line, discount=discount))


def remove_line(basket: Basket, line_id: LineId, reason: str = "") -> Changed:
    """Take a line out."""
    line = _line(_unpaid(basket), line_id)
    event = BasketLineRemoved(
        basket=basket.id,
        till=basket.till,
        product=line.product,
        name=line.name,
        quantity_milli=line.quantity_milli,
        amount=Money(_amount(line), basket.currency),
        reason=reason,
    )
    return _next(basket, lines=tuple(one for one in basket.lines if one.id != line_id)), (event,)


def discount_basket(basket: Basket, discount: Discount | None) -> Basket:
    """Set or, with None, take away the discount on everything."""
    _unpaid(basket)
    check_discount(discount, sum(map(_amount, basket.lines)), basket.currency)
    return _next(basket, discount=discount)


def add_tender(basket: Basket, tender: Tender, totals: Totals) -> Basket:
    """Take a payment towards `totals`, this basket's; the basket stays open (see `settlement.paid`)."""
    _open(basket)
    check_next(totals, basket.tenders, tender, basket.pending)
    return _next(basket, tenders=(*basket.tenders, tender))


def remove_tender(basket: Basket, index: int) -> Basket:
    """Give a payment back, by its place (from 0)."""
    _open(basket)
    if not 0 <= index < len(basket.tenders):
        raise TenderNotFound(index=index)
    return _next(basket, tenders=basket.tenders[:index] + basket.tenders[index + 1 :])


def park(basket: Basket, label: str = "") -> Basket:
    """Put an open basket aside under a word to find it by."""
    return _next(_unpaid(basket), state=BasketState.PARKED, label=label)


def resume(basket: Basket, till: TillId | None = None) -> Basket:
    """Go on with a parked basket, on this or another till."""
    _alive(basket)
    if basket.state is not BasketState.PARKED:
        raise BasketNotParked
    return _next(basket, state=BasketState.OPEN, till=basket.till if till is None else till)


def relabel(basket: Basket, label: str | None) -> Basket:
    """Give an open or parked basket another word to find it by; None, or the same: the same basket."""
    _alive(basket)
    return basket if label is None or label == basket.label else _next(basket, label=label)


def abandon(basket: Basket, reason: str = "") -> Changed:
    """Give an open or parked basket up. An empty one goes without an event: nothing was in it.

    Payments under way do not hold it: whatever they still take is given back.
    """
    if _alive(basket).tenders:
        raise BasketBeingPaid
    subtotal = sum(map(_amount, basket.lines))
    event = BasketAbandoned(
        basket=basket.id,
        till=basket.till,
        lines=len(basket.lines),
        amount=Money(subtotal - taken_off(basket.discount, subtotal), basket.currency),
        reason=reason,
    )
    return _next(basket, state=BasketState.ABANDONED), (event,) if basket.lines else ()


def mark_sold(basket: Basket) -> Basket:
    """Close a basket whose sale is complete."""
    return _next(_open(basket), state=BasketState.SOLD)


def check_line(line: BasketLine, currency: str) -> None:
    """Refuse a line out of bounds: quantity, prices, currency."""
    if not 1 <= line.quantity_milli <= QUANTITY_MILLI_MAX:
        raise QuantityOutOfRange(quantity_milli=line.quantity_milli, limit=QUANTITY_MILLI_MAX)
    for price in (line.list_price, line.unit_price, line.label_amount):
        if price is not None:
            _same_currency(price, currency)
            if not 0 <= price.minor <= UNIT_PRICE_MINOR_MAX:
                raise PriceOutOfRange(price=price.minor, limit=UNIT_PRICE_MINOR_MAX)


def check_discount(discount: Discount | None, minor: int, currency: str) -> None:
    """Refuse a discount that says nothing, two things, or more than the amount it is taken from."""
    if discount is None:
        return
    if (discount.basis_points is None) == (discount.amount is None):
        raise DiscountInvalid
    if discount.amount is not None:
        _same_currency(discount.amount, currency)
    size, most = (discount.basis_points, BASIS_POINTS) if discount.amount is None else (discount.amount.minor, minor)
    if size is None or size <= 0:
        raise DiscountInvalid("A discount is more than nothing.", why="nothing")
    if size > most:
        raise DiscountTooLarge(discount=size, limit=most)


def _same_currency(amount: Money, currency: str) -> None:
    if amount.currency != currency:
        raise CurrencyMismatch(
            "The sale is in {currency}, not {other}.", why="sale", currency=currency, other=amount.currency
        )


def _amount(line: BasketLine) -> int:
    before = before_discount(line)
    return before - taken_off(line.discount, before)


def _plain(line: BasketLine) -> bool:
    return line.override is None and line.discount is None and line.label_amount is None and not line.price_embedded


def _goods(line: BasketLine) -> tuple[object, ...]:
    return line.product, line.unit, line.list_price, line.tax_code, line.name, line.tracked


def _alive(basket: Basket) -> Basket:
    if basket.state in {BasketState.SOLD, BasketState.ABANDONED}:
        raise BasketClosed(state=basket.state.value)
    return basket


def _open(basket: Basket) -> Basket:
    if _alive(basket).state is BasketState.PARKED:
        raise BasketParked
    return basket


def _unpaid(basket: Basket) -> Basket:
    if _open(basket).tenders or basket.payments:
        raise BasketBeingPaid
    return basket


def _line(basket: Basket, line_id: LineId) -> BasketLine:
    for line in basket.lines:
        if line.id == line_id:
            return line
    raise LineNotFound(line=line_id)


def _with_line(basket: Basket, changed: BasketLine) -> Basket:
    return _next(basket, lines=tuple(changed if line.id == changed.id else line for line in basket.lines))


def _next(basket: Basket, **changes: object) -> Basket:
    return replace(basket, version=basket.version + 1, **changes)  # type: ignore[arg-type]  # fields by name
