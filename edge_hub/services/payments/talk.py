"""From the journal's payments to what drivers are asked, and back: what a driver says is kept as it says it."""

from edge_hub.domain.money import MINOR_DIGITS, Money
from edge_hub.domain.payment import Payment, PaymentResult
from edge_hub.domain.reconciliation import TerminalTotals
from edge_hub.sdk.eft.model import BatchTotals, Reason, Request, Result, Transaction, Verdict

RAW_BYTES_MAX = 8192
"""Of a reply, kept as evidence."""


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
    """What a terminal or wallet said, for the journal."""
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
        slip=tuple(result.slip),
        merchant_slip=tuple(result.merchant_slip),
        data=dict(result.data),
        raw=result.raw[:RAW_BYTES_MAX],
    )


def kept_totals(totals: BatchTotals, currency: str) -> TerminalTotals:
    """What a terminal said of its batch, for the journal."""

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
        slip=tuple(totals.slip),
        raw=totals.raw[:RAW_BYTES_MAX],
    )


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
