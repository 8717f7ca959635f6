"""From the journal's payments to what drivers are asked, and back: what a driver says is kept as it says it."""

from collections.abc import Mapping

from edge_hub.domain.money import MINOR_DIGITS, Money
from edge_hub.domain.payment import Payment, PaymentResult
from edge_hub.domain.reconciliation import TerminalTotals
from edge_hub.sdk.eft.model import BatchTotals, Reason, Request, Result, Transaction, Verdict

SLIP_LINES_MAX = 400
SLIP_LINE_CHARACTERS_MAX = 200
RAW_BYTES_MAX = 8192
"""Of a reply, kept as evidence."""
_TEXTS = (
    "code", "text", "identity", "terminal_id", "merchant_id", "batch", "receipt", "approval", "rrn", "scheme", "card",
    "entry", "at",
)  # fmt: skip
_FIGURES = ("count", "amount", "sales_count", "sales_amount", "refunds_count", "refunds_amount")


class AnswerMalformed(ValueError):
    """A driver's answer holds values of other kinds than it may: a fault in the driver, and no outcome."""


def request_of(payment: Payment, original: Payment | None, *, at: str, title: str, code: str = "") -> Request:
    """What is asked of the terminal or wallet. `at`: the store's local time of asking (see `Payment.asked_at`)."""
    return Request(
        transaction=Transaction(payment.kind.value),
        reference=payment.reference,
        amount=payment.amount.minor,
        currency=payment.amount.currency,
        minor_digits=MINOR_DIGITS[payment.amount.currency],
        at=at,
        tip=payment.tip.minor if payment.tip else 0,
        till=payment.till,
        title=title,
        code=code,
        original=_said(original.result) if original is not None and original.result is not None else None,
        original_reference=original.reference if original is not None else "",
        original_amount=original.amount.minor if original is not None else 0,
    )


def kept(result: Result, currency: str) -> PaymentResult:
    """What a terminal or wallet said, for the journal. Raises AnswerMalformed."""
    _check(result)
    return PaymentResult(
        code=result.code,
        reason=result.reason.value,
        text=result.text,
        amount=Money(result.amount, currency) if result.amount is not None else None,
        tip=Money(result.tip, currency) if result.tip else None,
        identity=result.identity,
        terminal_id=result.terminal_id,
        merchant_id=result.merchant_id,
        batch=result.batch,
        receipt=result.receipt,
        approval=result.approval,
        rrn=result.rrn,
        scheme=result.scheme,
        card=result.card,
        entry=result.entry,
        at=result.at,
        slip=_cut(result.slip),
        merchant_slip=_cut(result.merchant_slip),
        data=dict(result.data),
        raw=result.raw[:RAW_BYTES_MAX],
    )


def kept_totals(totals: BatchTotals, currency: str) -> TerminalTotals:
    """What a terminal said of its batch, for the journal. Raises AnswerMalformed."""
    _check_totals(totals)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return TerminalTotals(
        batch=totals.batch,
        count=totals.count,
        amount=money(totals.amount),
        sales_count=totals.sales_count,
        sales_amount=money(totals.sales_amount),
        refunds_count=totals.refunds_count,
        refunds_amount=money(totals.refunds_amount),
        by_scheme=tuple(totals.by_scheme),
        slip=_cut(totals.slip),
        raw=totals.raw[:RAW_BYTES_MAX],
    )


def _check(result: Result) -> None:
    """What its types promise, and a driver from elsewhere may have broken."""
    sound = (
        isinstance(result, Result)
        and isinstance(result.verdict, Verdict)
        and isinstance(result.reason, Reason)
        and all(isinstance(getattr(result, name), str) for name in _TEXTS)
        and _is_figure(result.amount)
        and _is_figure(result.tip)
        and _are_lines(result.slip)
        and _are_lines(result.merchant_slip)
        and isinstance(result.data, Mapping)
        and all(isinstance(name, str) and isinstance(text, str) for name, text in result.data.items())
        and isinstance(result.raw, bytes)
    )
    if not sound:
        raise AnswerMalformed(f"its driver's answer makes no sense (a {type(result).__name__})")


def _check_totals(totals: BatchTotals) -> None:
    sound = (
        isinstance(totals, BatchTotals)
        and isinstance(totals.batch, str)
        and isinstance(totals.text, str)
        and all(_is_figure(getattr(totals, name)) for name in _FIGURES)
        and _are_lines(totals.slip)
        and isinstance(totals.raw, bytes)
        and isinstance(totals.by_scheme, tuple)
        and all(_is_scheme(one) for one in totals.by_scheme)
    )
    if not sound:
        raise AnswerMalformed(f"its driver's answer makes no sense (a {type(totals).__name__})")


def _is_figure(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _cut(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line[:SLIP_LINE_CHARACTERS_MAX] for line in lines[:SLIP_LINES_MAX])


def _are_lines(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(line, str) for line in value)


def _is_scheme(value: object) -> bool:
    match value:
        case (str(), int(), int()):
            return True
    return False


def _said(result: PaymentResult) -> Result:
    """An original's result, as its driver gave it. Only what was approved is undone."""
    return Result(
        verdict=Verdict.APPROVED,
        code=result.code,
        reason=Reason(result.reason),
        text=result.text,
        amount=result.amount.minor if result.amount is not None else None,
        tip=result.tip.minor if result.tip is not None else 0,
        identity=result.identity,
        terminal_id=result.terminal_id,
        merchant_id=result.merchant_id,
        batch=result.batch,
        receipt=result.receipt,
        approval=result.approval,
        rrn=result.rrn,
        scheme=result.scheme,
        card=result.card,
        entry=result.entry,
        at=result.at,
        slip=result.slip,
        merchant_slip=result.merchant_slip,
        data=dict(result.data),
        raw=result.raw,
    )
