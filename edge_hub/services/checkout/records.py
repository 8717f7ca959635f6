"""Baskets and sales as they are stored: the same reads for the writer's transaction and a reader's connection."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from edge_hub.domain.basket import LINES_MAX, Basket, BasketState
from edge_hub.domain.events import SaleCompleted
from edge_hub.domain.ids import JobId, LineId, ProductId
from edge_hub.domain.pricing import totals
from edge_hub.domain.sale import Sale
from edge_hub.domain.settlement import due
from edge_hub.domain.stock import LowStock
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import Damaged, NotFound
from edge_hub.journal.codec import decode, decode_event
from edge_hub.services.checkout.views import BasketView, SaleSummary

RowOf = Callable[[str, Sequence[Any]], tuple[Any, ...] | None]
RowsOf = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
Goods = tuple[ProductId, str, str, int]
"""Product, SKU, name, quantity in thousandths."""

_SALE_SQL = "SELECT j.seq, j.type, j.version, j.body FROM sales s JOIN journal j ON j.seq = s.seq WHERE s.id = ?"
_ALIVE = (BasketState.OPEN, BasketState.PARKED)


class BasketNotFound(NotFound):
    """No basket has this id (closed ones are forgotten after a while)."""

    code = "basket-not-found"
    title = "There is no such basket."


class SaleNotFound(NotFound):
    """No sale has this id."""

    code = "sale-not-found"
    title = "There is no such sale."


def load_basket(row: RowOf, basket_id: str) -> Basket:
    """Raises BasketNotFound."""
    found = row("SELECT body FROM baskets WHERE id = ?", (basket_id,))
    if found is None:
        raise BasketNotFound(basket=basket_id)
    return decode(Basket, found[0])


def load_sale(row: RowOf, sale_id: str) -> tuple[int, Sale]:
    """A sale and its seq. Raises SaleNotFound."""
    found = row(_SALE_SQL, (sale_id,))
    if found is None:
        raise SaleNotFound(sale=sale_id)
    seq, name, version, body = found
    event = decode_event(name, version, body)
    if not isinstance(event, SaleCompleted):
        raise Damaged(f"Event {seq} should be the sale {sale_id}.", seq=seq)
    return seq, event.sale


def view(basket: Basket, settings: StoreSettings, rows: RowsOf, changed_line: LineId | None = None) -> BasketView:
    """The basket with its totals, what is due, and what its sale would leave short."""
    whole = totals(basket, settings.taxes, settings.cash_rounding)
    exact, in_cash = due(whole, basket.tenders, basket.pending)
    goods = [(line.product, line.sku, line.name, line.quantity_milli) for line in basket.lines if line.tracked]
    return BasketView(
        basket=basket,
        totals=whole,
        due=exact,
        cash_due=in_cash,
        warnings=low_stock(rows, goods, settings.low_stock_milli, sold=False) if basket.state in _ALIVE else (),
        changed_line=changed_line,
    )


def summary(sale: Sale, seq: int, jobs: Iterable[JobId], rows: RowsOf, settings: StoreSettings) -> SaleSummary:
    """A sale as its till needs to know it."""
    goods = [(line.product, line.sku, line.name, line.quantity_milli) for line in sale.lines if line.tracked]
    return SaleSummary(
        sale_id=sale.id, seq=seq, till=sale.till, receipt_number=sale.receipt_number,
        receipt_label=sale.receipt_label, sold_at_ms=sale.sold_at_ms, currency=sale.currency, total=sale.total,
        rounding=sale.rounding, change=sale.change, taxes=sale.taxes, jobs=tuple(jobs),
        low_stock=low_stock(rows, goods, settings.low_stock_milli, sold=True),
    )  # fmt: skip


def jobs_of(rows: RowsOf, sale_id: str) -> tuple[JobId, ...]:
    """The jobs of a sale, in order."""
    found = rows("SELECT id FROM jobs WHERE origin = ? AND origin <> '' ORDER BY lane_order", (origin_of(sale_id),))
    return tuple(JobId(job) for (job,) in found)


def origin_of(sale_id: str) -> str:
    """How a job names the sale it belongs to."""
    return f"sale:{sale_id}"


def low_stock(rows: RowsOf, goods: Sequence[Goods], limit_milli: int, *, sold: bool) -> tuple[LowStock, ...]:
    """Tracked goods of which so little is, or (not `sold` yet) would be, left on the shelf; in their order."""
    if not goods:
        return ()
    leaving: dict[ProductId, int] = {}
    for product, _, _, quantity in goods:
        leaving[product] = leaving.get(product, 0) + quantity
    left: dict[ProductId, int] = dict.fromkeys(leaving, 0) | dict(rows(_stock_sql(len(leaving)), tuple(leaving)))
    if not sold:
        left = {product: milli - leaving[product] for product, milli in left.items()}
    if min(left.values()) > limit_milli:
        return ()
    names = {product: (sku, name) for product, sku, name, _ in goods}
    return tuple(
        LowStock(product=product, sku=names[product][0], name=names[product][1], on_hand_milli=milli)
        for product, milli in left.items()
        if milli <= limit_milli
    )


@lru_cache(LINES_MAX)
def _stock_sql(products: int) -> str:
    marks = ",".join("?" * products)
    return f"SELECT product, on_hand_milli FROM stock WHERE product IN ({marks})"  # noqa: S608  # question marks
