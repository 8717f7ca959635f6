"""End of day: what a terminal says of the batch it closed, against what the journal holds for it."""

from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.ids import PaymentId
from edge_hub.domain.money import Money


class SettlementState(StrEnum):
    OPEN = "open"
    """The terminal was told, or is about to be."""
    AGREED = "agreed"
    DIFFERENT = "different"
    """Its totals are not the journal's: see the differences."""
    UNCHECKED = "unchecked"
    """It closed the batch and gave no totals."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """No answer: the batch may be closed. Settle again: an empty batch closes too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalTotals:
    """`edge_hub.sdk.eft.model.BatchTotals`, as it is kept; None: the terminal does not say."""

    batch: str = ""
    count: int | None = None
    amount: Money | None = None
    sales_count: int | None = None
    sales_amount: Money | None = None
    refunds_count: int | None = None
    refunds_amount: Money | None = None
    by_scheme: tuple[tuple[str, int, int], ...] = ()
    """(scheme, count, net minor units)."""
    slip: tuple[str, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that does not agree, or one payment that may explain it."""

    what: str
    """"count", "amount", "sales_count", "sales_amount", "refunds_count", "refunds_amount", or "payment"."""
    terminal: int = 0
    journal: int = 0
    payment: PaymentId | None = None
    """In doubt, disputed, or resolved by a person since the last settlement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """`payments` are the attempts this settlement closes; a later one does not count them again."""

    state: SettlementState
    terminal: TerminalTotals | None
    journal: TerminalTotals
    payments: tuple[PaymentId, ...]
    differences: tuple[Difference, ...] = ()
    detail: str = ""
