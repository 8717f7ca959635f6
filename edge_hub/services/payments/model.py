"""What payments answer: plain values that cross the writer's pipe, and their refusals."""

from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.ids import SaleId, SettlementId, StaffId
from edge_hub.domain.payment import Payment
from edge_hub.domain.reconciliation import Reconciliation, SettlementState
from edge_hub.errors import Conflict, Invalid, NotFound, Refused
from edge_hub.services.checkout.views import BasketView, SaleSummary

ANOTHER_NOW = "What has this name now is another account or another kind of terminal, which knows nothing of it."


class Why(StrEnum):
    """Why a payment stands on the manager's list."""

    NOTHING = ""
    """It does not."""
    UNKNOWN = "unknown"
    """Being asked about."""
    MANUAL = "manual"
    """A person decides."""
    DISPUTED = "disputed"
    """Something spoke against what is settled, and nobody has looked into it yet."""
    ORPHAN = "orphan"
    """Money was taken that no basket or sale wants, and nothing is giving it back."""
    VOID_OPEN = "void_open"
    """A void of it is under way."""
    REVERSE_UNKNOWN = "reverse_unknown"
    """A void of it is in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """A payment as it stands. `paid_sale`: the sale it paid, of a SALE; for REFUND and VOID see `payment.sale`."""

    payment: Payment
    paid_sale: SaleId | None
    updated_at_ms: int
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOutcome:
    """A payment after something happened to it, and what came of that.

    `basket`: the basket it pays for (of a VOID or REFUND: its original's), while the hub remembers it.
    `sale`: the sale that this completed. `orphan`: its money was taken and nobody wants it: give it back now.
    """

    payment: PaymentView
    basket: BasketView | None
    sale: SaleSummary | None
    orphan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementView:
    """A terminal's end of day; `closed_at_ms` and `reconciliation` are None while `state` is open."""

    id: SettlementId
    terminal: str
    state: SettlementState
    opened_at_ms: int
    closed_at_ms: int | None
    staff: StaffId
    reconciliation: Reconciliation | None


class PaymentNotFound(NotFound):
    """No payment has this id."""

    code = "payment-not-found"
    title = "There is no such payment."


class PaymentUnreadable(Conflict):
    """What is stored of it, or of its basket, does not decode; the journal has all of it."""

    code = "payment-unreadable"
    title = "What is stored of this payment cannot be read."


class SettlementNotFound(NotFound):
    """No settlement has this id."""

    code = "settlement-not-found"
    title = "There is no such settlement."


class PaymentTerminalBusy(Conflict):
    """A payment is in hand there; `params["payment"]`."""

    code = "payment-terminal-busy"
    title = "The card terminal is busy with another payment."


class PaymentTerminalLocked(Conflict):
    """A payment there is in doubt (`params["payment"]`), or its day is being closed (`params["settlement"]`)."""

    code = "payment-terminal-locked"
    title = "What became of an earlier payment at this terminal must be known first."


class PaymentMethodOff(Refused):
    """The store's configuration does not allow this: a terminal of its own, or tips; `params["method"]`."""

    code = "payment-method-off"
    title = "This shop does not take this kind of payment."


class PaymentAmountInvalid(Invalid):
    """Nothing or less, another currency, or a tip that is not part of it."""

    code = "payment-amount-invalid"
    title = "This amount cannot be paid."


class PaymentNotReversible(Conflict):
    """Not a sale whose money was taken, or not by this provider and account; `params["state"]` is where it stands."""

    code = "payment-not-reversible"
    title = "This payment cannot be given back."


class RefundTooLarge(Refused):
    """With what was or is being given back, more than was paid; `params["left"]` in minor units."""

    code = "refund-too-large"
    title = "This is more than is left to give back of the payment."


class TipNotPossible(Conflict):
    """A tip is added to what paid a sale, was given back in no part, is in the open batch, and has none yet;
    `params["payment"]` is the payment, or the tip that it has.
    """

    code = "tip-not-possible"
    title = "A tip cannot be added to this payment."


class EvidenceNeeded(Invalid):
    """A person who says what became of a payment shows a slip's number, a note or a photo."""

    code = "evidence-needed"
    title = "Say how you know: the slip's number, a note or a photo."


class SlipUsed(Conflict):
    """Another approved payment has this slip; `params["payment"]`."""

    code = "slip-used"
    title = "This slip belongs to another payment already."


class NothingToReview(Conflict):
    """The payment is not on the manager's list for something that looking into it settles."""

    code = "nothing-to-review"
    title = "There is nothing to look into with this payment."


class SettlementOpenAlready(Conflict):
    """The terminal's day is being closed; `params["settlement"]`."""

    code = "settlement-open"
    title = "This terminal is being settled already."


class SettlementClosedAlready(Conflict):
    """It has its outcome; `params["state"]`."""

    code = "settlement-closed"
    title = "This settlement is closed."
