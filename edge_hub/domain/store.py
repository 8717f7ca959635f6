"""The store's settings that decide prices, taxes and numbers: what the configuration becomes inside."""

from dataclasses import dataclass

from edge_hub.domain.barcode import Layout
from edge_hub.domain.receipt import StoreCard, Till
from edge_hub.domain.routing import Route
from edge_hub.domain.tax import TaxPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRules:
    """How payments by card and wallet are judged."""

    standalone: bool = True
    """A terminal of its own may be used: the cashier confirms with the slip's number."""
    clock_tolerance_s: int = 300
    """A recovered reply whose terminal's clock says it is older than the request by more than this is not ours."""
    tips: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    id: str
    currency: str
    card: StoreCard
    taxes: TaxPolicy
    tills: tuple[Till, ...]
    cash_rounding: int = 1
    """Cash totals are rounded to this many minor units: 5 in Finland, 1 where cash is exact."""
    price_list: str = ""
    """The price list in force here; empty: products' own prices only."""
    embedded: tuple[Layout, ...] = ()
    """Layouts of the store's price- and weight-embedded codes (prefixes 20-29, 02)."""
    low_stock_milli: int = 0
    """Warn when a sale leaves this much or less."""
    drawer_alarm_s: int = 0
    """A drawer open for this long is told of and journaled; 0: never."""
    routes: tuple[Route, ...] = ()
    """Where goods are prepared: kitchens, bars, label printers."""
    payments: PaymentRules = PaymentRules()

    def till(self, till_id: str) -> Till | None:
        return next((till for till in self.tills if till.id == till_id), None)
