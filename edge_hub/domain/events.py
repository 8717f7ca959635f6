"""Everything the journal can say. A name and version are never reused; a changed shape is a new version.

An event is a frozen dataclass registered under its wire name. Who and when stand in the journal's row, not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from edge_hub.domain.ids import (
    BasketId,
    ClientId,
    DeviceId,
    JobId,
    PaymentId,
    ProductId,
    SaleId,
    SettlementId,
    StaffId,
    TillId,
)
from edge_hub.domain.money import Money
from edge_hub.domain.payment import Move, Payment
from edge_hub.domain.reconciliation import Reconciliation
from edge_hub.domain.sale import Sale
from edge_hub.domain.stock import StockLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all journaled facts."""


E = TypeVar("E", bound=type[Event])
EVENT_TYPES: dict[tuple[str, int], type[Event]] = {}
EVENT_NAMES: dict[type[Event], tuple[str, int]] = {}


def event(name: str, version: int = 1) -> Callable[[E], E]:
    """Register an event class under its wire name and version."""

    def register(cls: E) -> E:
        if (name, version) in EVENT_TYPES:
            raise ValueError(f"event {name} version {version} is registered twice")
        EVENT_TYPES[name, version] = cls
        EVENT_NAMES[cls] = (name, version)
        return cls

    return register


@event("sale.completed")
@dataclass(frozen=True, slots=True, kw_only=True)
class SaleCompleted(Event):
    sale: Sale
    idempotency_key: str = ""
    """The client's key: with the row's client, unique for ever."""


@event("stock.counted")
@dataclass(frozen=True, slots=True, kw_only=True)
class StockCounted(Event):
    lines: tuple[StockLine, ...]
    reason: str


@event("stock.adjusted")
@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(Event):
    lines: tuple[StockLine, ...]
    reason: str


@event("catalogue.imported")
@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueImported(Event):
    """The products themselves are reference data beside the journal; this records what changed them."""

    source: str
    sha256: str
    products: int
    prices: int


@event("basket.line_removed")
@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLineRemoved(Event):
    """`amount` is what the line came to before the basket's discount."""

    basket: BasketId
    till: TillId
    product: ProductId
    name: str
    quantity_milli: int
    amount: Money
    reason: str = ""


@event("basket.price_overridden")
@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverridden(Event):
    basket: BasketId
    till: TillId
    product: ProductId
    list_price: Money
    unit_price: Money
    reason: str


@event("basket.abandoned")
@dataclass(frozen=True, slots=True, kw_only=True)
class BasketAbandoned(Event):
    basket: BasketId
    till: TillId
    lines: int
    amount: Money
    reason: str = ""


@event("drawer.opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerOpened(Event):
    """Asked for without a sale ("no sale")."""

    till: TillId
    job: JobId
    reason: str


@event("drawer.left_open")
@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerLeftOpen(Event):
    """Once for each opening, when it has lasted `seconds` and the drawer is still open. `till` "": none has it."""

    till: TillId
    device: DeviceId
    seconds: int


@event("receipt.reprinted")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReprinted(Event):
    sale: SaleId
    job: JobId
    copy: int


@event("payment.opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOpened(Event):
    """An attempt to move money begins; nothing has been sent."""

    payment: Payment
    idempotency_key: str = ""


@event("payment.moved")
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMoved(Event):
    """One transition; fold them with `edge_hub.domain.payment.apply`."""

    payment: PaymentId
    move: Move


@event("settlement.opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementOpened(Event):
    """A terminal is about to be told to close its batch."""

    settlement: SettlementId
    terminal: str


@event("settlement.closed")
@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementClosed(Event):
    """What came of it, against what the journal says."""

    settlement: SettlementId
    terminal: str
    reconciliation: Reconciliation


@event("client.paired")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPaired(Event):
    client: ClientId
    name: str
    till: TillId


@event("client.revoked")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRevoked(Event):
    client: ClientId
    name: str


@event("staff.changed")
@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChanged(Event):
    """Added or changed. Never a PIN nor its hash: the journal is for ever."""

    staff: StaffId
    name: str
    role: str
    active: bool
    pin_changed: bool


@event("staff.signed_in")
@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignedIn(Event):
    staff: StaffId
    client: ClientId


@event("staff.signed_out")
@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignedOut(Event):
    staff: StaffId
    client: ClientId


@event("staff.locked_out")
@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLockedOut(Event):
    staff: StaffId
    until_ms: int


@event("clock.jumped")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJumped(Event):
    """The wall clock moved by `by_ms` against the monotonic clock since the last look (or the last event)."""

    by_ms: int


@event("journal.opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class JournalOpened(Event):
    """First row of an epoch. `restored_from` names the epoch and seq a restored copy came from."""

    restored_from: str = ""
