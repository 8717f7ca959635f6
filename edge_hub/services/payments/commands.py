"""What the loop side asks the writer to do with payments. Every one that moves a payment journals the transition."""

from dataclasses import dataclass

from edge_hub.domain.ids import BasketId, PaymentId, SaleId, SettlementId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import Cause, PaymentKind, PaymentMethod, PaymentResult
from edge_hub.domain.reconciliation import TerminalTotals
from edge_hub.domain.verdict import Verdict
from edge_hub.journal.commands import Command
from edge_hub.services.payments.model import AnswerOutcome, PaymentView, SettlementView


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPayment(Command[PaymentView]):
    """A new attempt; nothing is sent yet. May be asked for under an idempotency key.

    A SALE names its `basket` (which then holds the amount) and may name the `version` it saw; a REFUND, VOID or TIP
    names its `original`, and is linked to the sale that one paid. A VOID's `amount` is the original's with the tip that
    was added to it. `amount` includes `tip`, as `Payment.amount` does; only
    what is left without the tip counts towards the basket. Raises BasketNotFound, VersionMismatch, BasketParked,
    BasketClosed, BasketEmpty, TenderTooLarge, TooManyTenders, TenderBeingVoided, TillUnknown, PaymentMethodOff,
    PaymentAmountInvalid, PaymentTerminalBusy, PaymentTerminalLocked, PaymentNotFound, PaymentNotReversible,
    RefundTooLarge, TipNotPossible.
    """

    kind: PaymentKind
    method: PaymentMethod
    provider: str
    """"" for a terminal of its own."""
    tender: str
    amount: Money
    till: TillId
    tip: Money | None = None
    basket: BasketId | None = None
    version: int | None = None
    sale: SaleId | None = None
    """Of a REFUND, VOID or TIP; None: the sale that the original paid."""
    original: PaymentId | None = None
    automatic: bool = False
    account: str = ""
    """Who is behind `provider` now; of all but a SALE the original's."""
    locks: bool = True
    """`Capabilities.locks` of the provider; only methods that are a TERMINAL lock at all."""
    print_receipt: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSending(Command[PaymentView]):
    """Make the exact request durable; only then may a byte of it leave. `asked_at` as `Request.at`.

    Raises PaymentNotFound, PaymentNotMovable, PaymentRequestTooLong; BasketClosed or BasketNotFound where nobody wants
    the money any more.
    """

    payment: PaymentId
    request: bytes
    asked_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePayment(Command[AnswerOutcome]):
    """What happened without an answer: one of MOVES. Raises PaymentNotMovable, PaymentNotFound.

    ABSENT from a terminal that cannot know it (it was settled since, or is another one) counts as ASKED.
    """

    payment: PaymentId
    cause: Cause
    detail: str = ""
    result: PaymentResult | None = None


MOVES = frozenset(
    {
        Cause.NOT_SENT,
        Cause.SENT,
        Cause.ACKNOWLEDGED,
        Cause.DOUBT,
        Cause.ASKED,
        Cause.CANCELLING,
        Cause.GAVE_UP,
        Cause.HANDED_OVER,
        Cause.ABSENT,
    }
)
"""The causes that MovePayment may name; the others have commands of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnswer(Command[AnswerOutcome]):
    """What a terminal or wallet said: to the request itself, or (`found`) to an inquiry or a cancellation.

    The writer judges it: an approval of another amount, of a SALE without one (but for `without_amount`), with an
    identity that another payment has, or (of an inquiry) older than the request is none. Late answers to a settled
    payment are ignored, or make it disputed where they contradict. Raises PaymentNotFound, and PaymentNotMovable for a
    payment that was never sent.
    """

    payment: PaymentId
    verdict: Verdict
    found: bool
    result: PaymentResult
    without_amount: bool = False
    """`Capabilities.without_amount` of the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePayment(Command[AnswerOutcome]):
    """A person says what became of a payment in doubt, with evidence: a slip's number, a note or a photo.

    May be asked for under an idempotency key. Raises EvidenceNeeded, SlipUsed, PaymentNotMovable, PaymentNotFound.
    """

    payment: PaymentId
    approved: bool
    slip: str = ""
    note: str = ""
    photo_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPayment(Command[PaymentView]):
    """A manager looked into a disputed payment or an orphan: it leaves the list.

    May be asked for under an idempotency key. Raises EvidenceNeeded without a note, NothingToReview, PaymentNotFound.
    """

    payment: PaymentId
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPayments(Command[tuple[PaymentId, ...]]):
    """First thing after a start: an open settlement's outcome is unknown. Answers what was in hand, oldest first: each
    is for a RecoverPayment of its own, so that one that cannot be read or moved keeps nobody from the others.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPayment(Command[AnswerOutcome]):
    """After a start: what was in hand was not sent, or is in doubt. Raises PaymentUnreadable, PaymentNotFound,
    PaymentNotMovable.
    """

    payment: PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSettlement(Command[SettlementView]):
    """A terminal is about to be told to close its day: until CloseSettlement nothing else is asked of it.

    May be asked for under an idempotency key. Raises SettlementOpenAlready, PaymentTerminalBusy (a payment is in hand),
    PaymentTerminalLocked (one is being asked about; one that waits for a person does not stop it).
    """

    terminal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSettlement(Command[SettlementView]):
    """What came of it: the terminal's totals (None: it closed the day and gave none, unless `unknown`), its refusal,
    or (`unknown`) no answer. Raises SettlementNotFound, SettlementClosedAlready.
    """

    settlement: SettlementId
    totals: TerminalTotals | None
    refused: bool = False
    unknown: bool = False
    detail: str = ""
