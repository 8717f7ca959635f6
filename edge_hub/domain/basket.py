"""The open basket: lines, discounts, prices in effect, and what the customer owes."""

from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.catalog import Unit
from edge_hub.domain.ids import BasketId, LineId, PaymentId, ProductId, StaffId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.tax import TaxLine
from edge_hub.domain.tender import Tender
from edge_hub.domain.values import quick

LINES_MAX = 500
QUANTITY_MILLI_MAX = 99_999_000
UNIT_PRICE_MINOR_MAX = 99_999_999_99
BASIS_POINTS = 10_000
"""A percentage is whole hundredths of a percent: 12.5 % is 1250."""


class BasketState(StrEnum):
    OPEN = "open"
    PARKED = "parked"
    SOLD = "sold"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """Off a line or the whole basket: exactly one of `basis_points` and `amount` is set."""

    reason: str
    basis_points: int | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverride:
    """A price the cashier set by hand instead of the list's."""

    unit_price: Money
    reason: str
    staff: StaffId


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """One line; `list_price` is the price in effect when it was added, per unit."""

    id: LineId
    product: ProductId
    sku: str
    name: str
    unit: Unit
    quantity_milli: int
    list_price: Money
    tax_code: str
    barcode: str = ""
    override: PriceOverride | None = None
    discount: Discount | None = None
    price_embedded: bool = False
    """The barcode carried the price or weight: lines like this never merge."""
    label_amount: Money | None = None
    """The price printed on the article's label, for the whole line; it stands instead of quantity x list price."""
    tracked: bool = True
    """Whether selling it lowers stock."""

    @property
    def unit_price(self) -> Money:
        """What one unit costs before discounts."""
        return self.list_price if self.override is None else self.override.unit_price


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class BasketPayment:
    """Something being paid by card or wallet: `amount` is spoken for until its outcome is known."""

    payment: PaymentId
    amount: Money
    """Without a tip."""
    print_receipt: bool | None = None
    """As asked when it was started, for the sale that it completes."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A sale being rung up. `version` counts its changes; commands name the version they saw (If-Match)."""

    id: BasketId
    till: TillId
    currency: str
    opened_at_ms: int
    opened_by: StaffId
    version: int = 1
    state: BasketState = BasketState.OPEN
    lines: tuple[BasketLine, ...] = ()
    discount: Discount | None = None
    tenders: tuple[Tender, ...] = ()
    """Paid so far; the sale completes when they reach what is due."""
    label: str = ""
    """A word to find a parked basket by ("red coat")."""
    payments: tuple[BasketPayment, ...] = ()
    """Under way or in doubt; of an abandoned basket: as they were when it was given up."""

    @property
    def pending(self) -> tuple[Money, ...]:
        """What is spoken for."""
        return tuple(payment.amount for payment in self.payments)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotal:
    """What a line comes to: `amount` after every discount; `before` as quantity x unit price."""

    line: LineId
    before: Money
    discount: Money
    """Off this line by its own discount (not negative)."""
    share: Money
    """This line's share of the basket's discount (not negative)."""
    amount: Money


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a basket comes to. `due` is `total` for exact tenders; cash is rounded to `cash_total`."""

    lines: tuple[LineTotal, ...]
    subtotal: Money
    discount: Money
    taxes: tuple[TaxLine, ...]
    total: Money
    cash_total: Money
    cash_rounding: int = 1
    """Minor units that `cash_total` is a multiple of."""
