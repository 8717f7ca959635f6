"""A payment by card terminal, wallet or a terminal of its own: one attempt to move money, and what became of it.

    created -> sending -> sent -> in_progress -> approved | declined
       |          `-----------'--------'-> unknown -> recovered_approved | recovered_declined
       |                                      `-> manual -> approved | declined, by a person with evidence
       `-> not_sent                   approved -> reversing -> reversed | approved again
       `-> manual (a terminal of its own)            `-> reverse_unknown -> reversed | approved again

Every transition is journaled as a `PaymentMoved`; `apply` folds them. Nothing here guesses: only an answer, an inquiry
or a person with evidence says "approved" or "declined". Sending again is a new attempt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from edge_hub.domain.ids import BasketId, PaymentId, SaleId, StaffId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.values import quick
from edge_hub.errors import Conflict

REFERENCE_LENGTH = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class PaymentKind(StrEnum):
    SALE = "sale"
    REFUND = "refund"
    VOID = "void"
    TIP = "tip"
    """Added to a SALE at its terminal afterwards, as the customer wrote it on the slip."""

    @property
    def takes(self) -> bool:
        """Whether it moves money towards the shop; else back to the customer."""
        return self in {PaymentKind.SALE, PaymentKind.TIP}


class PaymentMethod(StrEnum):
    TERMINAL = "terminal"
    """A card terminal that the hub drives."""
    WALLET = "wallet"
    STANDALONE = "standalone"
    """A terminal of its own: the cashier types the amount there and confirms here with the slip's number."""


class PaymentState(StrEnum):
    CREATED = "created"
    NOT_SENT = "not_sent"
    """Final: no byte left, nothing happened."""
    SENDING = "sending"
    """The exact request is durable; from here on it may have reached the terminal."""
    SENT = "sent"
    """Handed to the wire; not sent after all only where the wire vouches that it took no byte."""
    IN_PROGRESS = "in_progress"
    """The terminal said it has the request."""
    APPROVED = "approved"
    DECLINED = "declined"
    """Final."""
    UNKNOWN = "unknown"
    """Being asked about."""
    MANUAL = "manual"
    """Asking did not help, or nobody can be asked: a person decides, with evidence."""
    RECOVERED_APPROVED = "recovered_approved"
    RECOVERED_DECLINED = "recovered_declined"
    """Final."""
    REVERSING = "reversing"
    """Another attempt is undoing it."""
    REVERSE_UNKNOWN = "reverse_unknown"
    REVERSED = "reversed"
    """Final."""


S = PaymentState
IN_HAND = frozenset({S.CREATED, S.SENDING, S.SENT, S.IN_PROGRESS})
IN_DOUBT = frozenset({S.UNKNOWN, S.MANUAL})
OPEN = IN_HAND | IN_DOUBT
TAKEN = frozenset({S.APPROVED, S.RECOVERED_APPROVED})
"""The money moved."""
WAS_TAKEN = TAKEN | {S.REVERSING, S.REVERSE_UNKNOWN, S.REVERSED}
"""The money moved, whatever became of it since."""
NOT_TAKEN = frozenset({S.NOT_SENT, S.DECLINED, S.RECOVERED_DECLINED})


class Cause(StrEnum):
    """What moves a payment."""

    SEND = "send"
    """The request's bytes are written down; `PaymentMoved.request`."""
    NOT_SENT = "not_sent"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    APPROVED = "approved"
    DECLINED = "declined"
    DOUBT = "doubt"
    """Silence, a lost wire, a crash, an answer that says neither."""
    RESTARTED = "restarted"
    """The hub was ended under it."""
    ASKED = "asked"
    """An inquiry proved nothing."""
    CANCELLING = "cancelling"
    """The provider is about to be told to take no money for it."""
    FOUND_APPROVED = "found_approved"
    FOUND_DECLINED = "found_declined"
    ABSENT = "absent"
    GAVE_UP = "gave_up"
    """No more asking: over to a person."""
    HANDED_OVER = "handed_over"
    """To the cashier, for a terminal of its own; or to whoever looks into what a restored backup has as not sent."""
    PERSON_APPROVED = "person_approved"
    PERSON_DECLINED = "person_declined"
    REVERSAL_OPENED = "reversal_opened"
    REVERSAL_DOUBT = "reversal_doubt"
    REVERSAL_DONE = "reversal_done"
    REVERSAL_FAILED = "reversal_failed"
    CONTRADICTED = "contradicted"
    """An answer came that speaks against what is settled: for the manager's list."""
    REVIEWED = "reviewed"
    """A manager looked into it and took it off that list."""


C = Cause
_WAS = None
"""In the table: the state before the reversal."""
TRANSITIONS: Mapping[tuple[PaymentState, Cause], PaymentState | None] = {
    (S.CREATED, C.SEND): S.SENDING,
    (S.CREATED, C.NOT_SENT): S.NOT_SENT,
    (S.CREATED, C.RESTARTED): S.NOT_SENT,
    (S.CREATED, C.HANDED_OVER): S.MANUAL,
    **{(state, C.NOT_SENT): S.NOT_SENT for state in (S.SENDING, S.SENT)},
    (S.SENDING, C.SENT): S.SENT,
    **{(state, C.ACKNOWLEDGED): S.IN_PROGRESS for state in (S.SENDING, S.SENT)},
    **{(state, C.APPROVED): S.APPROVED for state in (S.SENDING, S.SENT, S.IN_PROGRESS)},
    **{(state, C.DECLINED): S.DECLINED for state in (S.SENDING, S.SENT, S.IN_PROGRESS)},
    **{(state, cause): S.UNKNOWN for state in (S.SENDING, S.SENT, S.IN_PROGRESS) for cause in (C.DOUBT, C.RESTARTED)},
    (S.UNKNOWN, C.ASKED): S.UNKNOWN,
    (S.UNKNOWN, C.CANCELLING): S.UNKNOWN,
    (S.UNKNOWN, C.GAVE_UP): S.MANUAL,
    (S.MANUAL, C.ASKED): S.MANUAL,
    **{(state, C.FOUND_APPROVED): S.RECOVERED_APPROVED for state in (S.UNKNOWN, S.MANUAL)},
    **{
        (state, cause): S.RECOVERED_DECLINED
        for state in (S.UNKNOWN, S.MANUAL)
        for cause in (C.FOUND_DECLINED, C.ABSENT)
    },
    **{(state, C.PERSON_APPROVED): S.APPROVED for state in (S.UNKNOWN, S.MANUAL)},
    **{(state, C.PERSON_DECLINED): S.DECLINED for state in (S.UNKNOWN, S.MANUAL)},
    **{(state, C.REVERSAL_OPENED): S.REVERSING for state in (S.APPROVED, S.RECOVERED_APPROVED)},
    (S.REVERSING, C.REVERSAL_DOUBT): S.REVERSE_UNKNOWN,
    **{(state, C.REVERSAL_DONE): S.REVERSED for state in (S.REVERSING, S.REVERSE_UNKNOWN)},
    **{(state, C.REVERSAL_FAILED): _WAS for state in (S.REVERSING, S.REVERSE_UNKNOWN)},
    **{(state, cause): state for cause in (C.CONTRADICTED, C.REVIEWED) for state in WAS_TAKEN | NOT_TAKEN},
}
"""Everything that may happen. What is not here is refused: PaymentNotMovable."""


class PaymentNotMovable(Conflict):
    """This cannot happen to a payment in its present state; `params["state"]`."""

    code = "payment-not-movable"
    title = "The payment is not in a state for this."


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResult:
    """What the terminal or wallet said (`edge_hub.sdk.eft.model.Result`, as it is kept). Empty: it does not say."""

    code: str = ""
    reason: str = ""
    text: str = ""
    amount: Money | None = None
    tip: Money | None = None
    identity: str = ""
    terminal_id: str = ""
    merchant_id: str = ""
    batch: str = ""
    receipt: str = ""
    approval: str = ""
    rrn: str = ""
    scheme: str = ""
    card: str = ""
    entry: str = ""
    at: str = ""
    slip: tuple[str, ...] = ()
    merchant_slip: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a person said what they said: at least one of the three."""

    staff: StaffId
    slip: str = ""
    """The slip's number."""
    note: str = ""
    photo_sha256: str = ""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt. `amount` includes `tip`; of a TIP it is nothing but that."""

    id: PaymentId
    kind: PaymentKind
    method: PaymentMethod
    provider: str
    """The device or wallet; "" for a terminal of its own."""
    tender: str
    """The type of tender it becomes: "card", "line_pay"."""
    till: TillId
    staff: StaffId
    amount: Money
    reference: str
    opened_at_ms: int
    state: PaymentState = PaymentState.CREATED
    tip: Money | None = None
    basket: BasketId | None = None
    """What a SALE pays for."""
    sale: SaleId | None = None
    """The sale that a REFUND, VOID or TIP belongs to, where there is one."""
    original: PaymentId | None = None
    """The payment that a REFUND or VOID undoes, or that a TIP is added to."""
    automatic: bool = False
    """Opened by the hub itself: the basket was gone when the approval came."""
    request: bytes = b""
    """The exact bytes, durable before the first of them left."""
    asked_at: str = ""
    """`Request.at` of the request: the store's local time."""
    result: PaymentResult | None = None
    evidence: Evidence | None = None
    inquiries: int = 0
    cancelling: bool = False
    detail: str = ""
    """In words, why it stands where it stands."""
    before: PaymentState | None = None
    """Where it stood when its reversal was opened."""
    disputed: bool = False
    """Something spoke against what is settled, and nobody has looked into it yet."""
    reviewed: bool = False
    """A manager looked into it, after the last dispute."""
    account: str = ""
    """Who was behind `provider` then: a terminal's driver, or a wallet's with a fingerprint of the merchant's account.
    Nobody else knows what became of it, or can give it back.
    """
    moves: int = 0
    """How many were journaled: of two views of a payment the one with more is the later."""
    acknowledged: bool = False
    """The provider said that it has the request: from then on it cannot know that the request never came."""

    @property
    def taken(self) -> bool:
        """The money moved and was not given back by a reversal."""
        return self.state in TAKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What happened, with what it brought along; journaled as `PaymentMoved`."""

    cause: Cause
    state: PaymentState
    """Where it stands now."""
    request: bytes = b""
    asked_at: str = ""
    result: PaymentResult | None = None
    evidence: Evidence | None = None
    detail: str = ""


def reference_of(payment: PaymentId) -> str:
    """Ten characters of the id's random bits: Crockford's base 32, for protocols with little room."""
    bits = int(payment.replace("-", ""), 16)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(REFERENCE_LENGTH)))


def move(
    payment: Payment,
    cause: Cause,
    *,
    request: bytes = b"",
    asked_at: str = "",
    result: PaymentResult | None = None,
    evidence: Evidence | None = None,
    detail: str = "",
) -> Move:
    """What `cause` does to the payment. Raises PaymentNotMovable."""
    try:
        state = TRANSITIONS[payment.state, cause]
    except KeyError:
        raise PaymentNotMovable(state=payment.state.value, cause=cause.value) from None
    return Move(
        cause=cause,
        state=state or payment.before or PaymentState.APPROVED,
        request=request,
        asked_at=asked_at,
        result=result,
        evidence=evidence,
        detail=detail,
    )


def apply(payment: Payment, moved: Move) -> Payment:
    """The payment after what was journaled."""
    cause = moved.cause
    return replace(
        payment,
        state=moved.state,
        request=moved.request or payment.request,
        asked_at=moved.asked_at or payment.asked_at,
        result=payment.result if moved.result is None or cause is Cause.CONTRADICTED else moved.result,
        evidence=moved.evidence or payment.evidence,
        inquiries=payment.inquiries + (cause is Cause.ASKED),
        cancelling=payment.cancelling or cause is Cause.CANCELLING,
        detail=moved.detail or payment.detail,
        before=payment.state if cause is Cause.REVERSAL_OPENED else payment.before,
        disputed=cause is Cause.CONTRADICTED or (payment.disputed and cause is not Cause.REVIEWED),
        reviewed=cause is Cause.REVIEWED or (payment.reviewed and cause is not Cause.CONTRADICTED),
        acknowledged=payment.acknowledged or cause is Cause.ACKNOWLEDGED,
        moves=payment.moves + 1,
    )
