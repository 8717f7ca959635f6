"""Whatever a driver's answer is made of, it is that payment's doubt and nobody else's trouble."""

from dataclasses import replace

import pytest

from edge_hub.domain.payment import PaymentState
from edge_hub.domain.reconciliation import SettlementState
from edge_hub.sdk.eft.model import BatchTotals, Found, Inquiry, Result, Verdict

S = PaymentState
NONSENSE = {
    "slip": None, "merchant_slip": (b"bytes",), "data": None, "raw": "text", "amount": "250", "text": None,
    "identity": 5, "verdict": "approved", "reason": None, "at": 5, "tip": "1", "receipt": object(),
}  # fmt: skip


@pytest.mark.parametrize("field", NONSENSE)
@pytest.mark.parametrize("asked", [False, True])
async def test_an_answer_made_of_nonsense(bench, field, asked):
    def odd(request, amount=None):
        sound = Result(verdict=Verdict.APPROVED, amount=request.amount if amount is None else amount, identity="T1/1")
        return replace(sound, **{field: NONSENSE[field]})

    bench.card.approval = odd
    if asked:
        bench.card.script = ["taken, then silence"]
    else:
        bench.card.says = [Found.INCONCLUSIVE] * 3
    started = await bench.pay()
    await bench.until(started, S.MANUAL)
    other = await bench.pay(provider="line_pay")
    await bench.until(other, S.APPROVED)


@pytest.mark.parametrize("totals", [{"slip": None}, {"count": "1"}, {"amount": "1"}, {"raw": None}, {"by_scheme": 1}])
async def test_totals_made_of_nonsense(bench, totals):
    bench.card.totals = BatchTotals(**totals)
    opened = await bench.payments.settle(bench.boss, "card")
    found = await bench.passing(
        lambda: bench.payments.settlement(opened.id), lambda one: one.state is not SettlementState.OPEN
    )
    assert found.state is SettlementState.UNKNOWN


async def test_an_absence_made_of_nonsense(bench):
    bench.card.script = ["taken, then silence"]
    bench.card.says = [Inquiry(found=Found.ABSENT, text=None, result=Result(verdict=Verdict.DECLINED, terminal_id=5))]
    started = await bench.pay()
    await bench.turns()
    await bench.clock.advance(30)
    assert bench.state(started) in {S.RECOVERED_APPROVED, S.RECOVERED_DECLINED, S.UNKNOWN}
    await bench.until(await bench.pay(provider="line_pay"), S.APPROVED)
