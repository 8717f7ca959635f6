"""Tickets for those who prepare the goods: which lines go where, and what a new ticket has to say.

A ticket carries only what changed since the last one of the same order on the same route, so the sum of the deltas
of a line over all its tickets is what is wanted of it now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.basket import Basket
from edge_hub.domain.catalog import Unit
from edge_hub.domain.ids import DeviceId, LineId, ProductId, TillId
from edge_hub.domain.sale import Sale


class TicketLayout(StrEnum):
    KITCHEN = "kitchen"
    """One page, large letters."""
    LABEL = "label"
    """A label for each piece."""


class Change(StrEnum):
    ADDED = "added"
    CANCELLED = "cancelled"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A place where goods are prepared: its printers each get every ticket of it."""

    id: str
    name: str
    printers: tuple[DeviceId, ...]
    categories: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    """SKUs."""
    layout: TicketLayout = TicketLayout.KITCHEN
    label_mm: tuple[int, int] = (40, 30)
    """Width and height of its labels on a label printer."""

    def takes(self, sku: str, category: str) -> bool:
        """Whether goods are prepared here."""
        return sku in self.products or (category != "" and category in self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """What is wanted of one line."""

    line: LineId
    product: ProductId
    sku: str
    name: str
    unit: Unit
    quantity_milli: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a customer wants: an open basket, one that was sold or given up (no lines), or a sale rung up elsewhere."""

    origin: str
    """"basket:<id>" or "sale:<id>": tickets with the same origin add up."""
    till: TillId
    label: str
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLine:
    """One line of a ticket: by how much it changed (not zero), and what is wanted of it now (zero: nothing more)."""

    line: LineId
    product: ProductId
    sku: str
    name: str
    unit: Unit
    delta_milli: int
    quantity_milli: int

    @property
    def change(self) -> Change:
        if self.quantity_milli == 0:
            return Change.CANCELLED
        return Change.ADDED if self.delta_milli == self.quantity_milli else Change.CHANGED


def order_of_basket(basket: Basket) -> Order:
    """A basket's lines as an order."""
    lines = tuple(
        OrderLine(
            line=line.id, product=line.product, sku=line.sku, name=line.name, unit=line.unit,
            quantity_milli=line.quantity_milli,
        )
        for line in basket.lines
    )  # fmt: skip
    return Order(origin=f"basket:{basket.id}", till=basket.till, label=basket.label, lines=lines)


def order_of_sale(sale: Sale) -> Order:
    """A sale that was no basket of the hub, as an order; its lines are named by their places."""
    lines = tuple(
        OrderLine(
            line=LineId(str(number)), product=line.product, sku=line.sku, name=line.name, unit=line.unit,
            quantity_milli=line.quantity_milli,
        )
        for number, line in enumerate(sale.lines)
    )  # fmt: skip
    return Order(origin=f"sale:{sale.id}", till=sale.till, label=sale.receipt_label, lines=lines)


def told(lines: Iterable[TicketLine]) -> dict[LineId, TicketLine]:
    """The newest word on each line, from the lines of an order's tickets on one route, oldest first."""
    return {line.line: line for line in lines}


def deltas(wanted: Sequence[OrderLine], before: Mapping[LineId, TicketLine]) -> tuple[TicketLine, ...]:
    """What a new ticket must say: cancelled lines first, then what was added or changed in the order's order."""
    now = {line.line for line in wanted}
    gone = (
        TicketLine(
            line=old.line, product=old.product, sku=old.sku, name=old.name, unit=old.unit,
            delta_milli=-old.quantity_milli, quantity_milli=0,
        )
        for old in before.values()
        if old.line not in now
    )  # fmt: skip
    kept = (
        TicketLine(
            line=line.line, product=line.product, sku=line.sku, name=line.name, unit=line.unit,
            delta_milli=line.quantity_milli - (before[line.line].quantity_milli if line.line in before else 0),
            quantity_milli=line.quantity_milli,
        )
        for line in wanted
    )  # fmt: skip
    return tuple(line for line in (*gone, *kept) if line.delta_milli)
