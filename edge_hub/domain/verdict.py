"""What an answer says of a payment, and what it does to it: pure judgement, before anything is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from edge_hub.domain.ids import PaymentId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import (
    IN_DOUBT,
    WAS_TAKEN,
    Cause,
    Payment,
    PaymentKind,
    PaymentNotMovable,
    PaymentResult,
    PaymentState,
)
from edge_hub.domain.tender import Tender

_ASKED = frozenset({PaymentState.SENDING, PaymentState.SENT, PaymentState.IN_PROGRESS})

AFTER_ALL = ("Afterwards an answer said that it was declined.", "Afterwards an answer said that it was approved.")


class Verdict(StrEnum):
    """`edge_hub.sdk.eft.model.Verdict`, as it is kept."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`cause` None: the answer changes nothing. `detail`: why, in words, where it is not what it says itself."""

    cause: Cause | None
    detail: str = ""


def judge(
    payment: Payment,
    verdict: Verdict,
    result: PaymentResult,
    *,
    found: bool,
    holder: PaymentId | None,
    tolerance_s: int,
    without_amount: bool = False,
) -> Judgement:
    """What an answer does to a payment in its present state.

    `found`: it answers an inquiry, which may get an older transaction's reply. `holder`: another payment that was
    approved with the same identity. `without_amount`: its protocol's replies have none.
    Raises PaymentNotMovable for a payment that was never sent.
    """
    if payment.state is PaymentState.CREATED:
        raise PaymentNotMovable(state=payment.state.value, cause=verdict.value)
    doubted = payment.state in IN_DOUBT
    if payment.state not in _ASKED and not doubted:
        return _late(payment, verdict, result, holder, _stale(payment, result, tolerance_s) if found else "")
    objection = (
        _holder(holder)
        or (_stale(payment, result, tolerance_s) if found or doubted else "")
        or (_amount(payment, result) if verdict is Verdict.APPROVED else "")
        or (_no_amount(payment, verdict, result) if not without_amount else "")
    )
    if objection or verdict is Verdict.UNKNOWN:
        return Judgement(cause=Cause.ASKED if doubted else Cause.DOUBT, detail=objection or result.text)
    if verdict is Verdict.APPROVED:
        return Judgement(cause=Cause.FOUND_APPROVED if doubted else Cause.APPROVED)
    return Judgement(cause=Cause.FOUND_DECLINED if doubted else Cause.DECLINED, detail=result.text)


def is_sound(payment: Payment, holder: PaymentId | None, tolerance_s: int) -> bool:
    """Whether the payment's `result` may stand beside a person's approval: nothing speaks against it being its own."""
    result = payment.result
    return result is not None and not (
        _holder(holder) or _stale(payment, result, tolerance_s) or _amount(payment, result)
    )


def counted(payment: Payment) -> Money:
    """What it pays of a sale: all but the tip."""
    return payment.amount if payment.tip is None else payment.amount - payment.tip


def tender_of(payment: Payment) -> Tender:
    """The tender that an approved payment becomes: "VISA 431195******1234 / AB1234" as its detail."""
    result = payment.result or PaymentResult()
    slip = "" if payment.evidence is None else payment.evidence.slip
    card = " ".join(filter(None, (result.scheme, result.card)))
    proof = result.approval or result.receipt or slip
    return Tender(
        type=payment.tender,
        amount=counted(payment),
        reference=payment.reference,
        detail=" / ".join(filter(None, (card, proof))),
    )


def _late(payment: Payment, verdict: Verdict, result: PaymentResult, holder: PaymentId | None, stale: str) -> Judgement:
    """An answer to what is settled: the same again, another payment's, or one that speaks against it."""
    taken = payment.state in WAS_TAKEN
    if verdict is Verdict.UNKNOWN or holder is not None or stale:
        return Judgement(cause=None)
    if taken == (verdict is Verdict.APPROVED):
        first = "" if payment.result is None else payment.result.identity
        if not taken or not first or not result.identity or first == result.identity:
            return Judgement(cause=None)
        return Judgement(cause=Cause.CONTRADICTED, detail=f"It was approved again, as {result.identity}.")
    return Judgement(cause=Cause.CONTRADICTED, detail=AFTER_ALL[verdict is Verdict.APPROVED])


def _holder(holder: PaymentId | None) -> str:
    return "" if holder is None else f"The answer is another payment's: {holder}."


def _amount(payment: Payment, result: PaymentResult) -> str:
    if result.amount is None or result.amount == payment.amount:
        return ""
    said = f"{result.amount.minor} {result.amount.currency}"
    return f"It answered for {said} and was asked for {payment.amount.minor} {payment.amount.currency} (minor units)."


def _no_amount(payment: Payment, verdict: Verdict, result: PaymentResult) -> str:
    """A refund's or a void's answer may leave it out: it goes by what it undoes."""
    if verdict is not Verdict.APPROVED or payment.kind is not PaymentKind.SALE or result.amount is not None:
        return ""
    return "It was approved, and the answer does not say how much."


def _stale(payment: Payment, result: PaymentResult, tolerance_s: int) -> str:
    """By the terminal's own clock; no date in the answer, or none that can be read: nothing is known."""
    if not result.at or not payment.asked_at:
        return ""
    try:
        answered, asked = datetime.fromisoformat(result.at), datetime.fromisoformat(payment.asked_at)
    except ValueError:
        return ""
    if answered.replace(tzinfo=None) >= asked.replace(tzinfo=None) - timedelta(seconds=tolerance_s):
        return ""
    return f"The answer is of {result.at}, the request of {payment.asked_at}: it is an earlier transaction's."
