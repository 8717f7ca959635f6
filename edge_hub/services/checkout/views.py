"""What the checkout answers: plain values that cross the writer's pipe."""

from dataclasses import dataclass

from edge_hub.domain.basket import Basket, Totals
from edge_hub.domain.ids import JobId, LineId, SaleId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.stock import LowStock
from edge_hub.domain.tax import TaxLine
from edge_hub.domain.values import quick
from edge_hub.services.routing.model import Ticket


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView:
    """A basket with what it comes to. `due` is exact; `cash_due` is what is left if it is paid in cash.

    What is being paid by card or wallet (`basket.payments`) is in neither.
    """

    basket: Basket
    totals: Totals
    due: Money
    cash_due: Money
    warnings: tuple[LowStock, ...] = ()
    """Of an open or parked basket: what its sale would leave short."""
    changed_line: LineId | None = None
    """The line that was just added, or added to, or changed."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SaleSummary:
    """A completed sale as a till needs to know it; `seq` is its place in the journal."""

    sale_id: SaleId
    seq: int
    till: TillId
    receipt_number: int
    receipt_label: str
    sold_at_ms: int
    currency: str
    total: Money
    rounding: Money
    change: Money
    taxes: tuple[TaxLine, ...]
    jobs: tuple[JobId, ...]
    """Receipt and drawer, as far as the till has them."""
    low_stock: tuple[LowStock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderOutcome:
    """A basket after a payment, and the sale if that completed it."""

    basket: BasketView
    sale: SaleSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOutcome:
    """A basket and the tickets that told the routes of it; none: they knew everything."""

    basket: BasketView
    tickets: tuple[Ticket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRow:
    """A sale in a list."""

    seq: int
    id: SaleId
    till: TillId
    receipt_number: int
    receipt_label: str
    sold_at_ms: int
    staff: str
    client: str
    total: Money
    change: Money
    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SalePage:
    """`next_after` is the seq to ask for what follows; None: that was all."""

    sales: tuple[SaleRow, ...]
    next_after: int | None
