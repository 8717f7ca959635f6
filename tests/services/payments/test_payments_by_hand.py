"""Refunds at terminals that have none for the till: somebody makes it there, and shows the slip."""

from dataclasses import replace

import pytest

from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentMethod, PaymentState
from edge_hub.domain.reconciliation import SettlementState
from edge_hub.sdk.eft.model import BatchTotals, Transaction
from edge_hub.services.payments.model import RefundTooLarge, SlipUsed
from edge_hub.services.printing.service import DeviceCannot

S = PaymentState
NO_REFUND = frozenset({Transaction.SALE, Transaction.VOID})


@pytest.fixture
async def bench(stocked_bench):
    """Its terminal sells and voids."""
    stocked_bench.card.capabilities = replace(stocked_bench.card.capabilities, transactions=NO_REFUND)
    async with stocked_bench.running():
        yield stocked_bench


def eur(minor):
    return Money(minor, "EUR")


async def sold(bench, **more):
    started = await bench.pay(**more)
    return (await bench.until(started, S.APPROVED)).payment.id


async def given_back(bench, payment, minor=100):
    started = await bench.payments.refund(bench.boss, None, payment=payment, amount=eur(minor))
    return await bench.until(started, S.MANUAL)


async def test_it_is_linked_to_the_sale_and_confirmed_with_the_slip(bench):
    payment = await sold(bench)
    refund = (await given_back(bench, payment)).payment
    assert (refund.method, refund.provider, refund.original) == (PaymentMethod.STANDALONE, "card", payment)
    assert refund.sale == bench.payments.get(payment).paid_sale
    assert bench.card.count("transact") == 1
    with pytest.raises(SlipUsed):
        await bench.payments.resolve(bench.who(), refund.id, approved=True, slip="1")
    done = await bench.payments.resolve(bench.who(), refund.id, approved=True, slip="000077")
    assert (done.payment.state, done.payment.evidence.slip) == (S.APPROVED, "000077")
    with pytest.raises(RefundTooLarge):
        await bench.payments.refund(bench.boss, None, payment=payment, amount=eur(151))


async def test_the_terminal_is_free_meanwhile_and_when_it_was_not_made(bench):
    payment = await sold(bench)
    refund = await given_back(bench, payment, 250)
    assert bench.payments.offers(None)[0].ready
    await sold(bench)
    done = await bench.payments.resolve(bench.who(), refund.payment.id, approved=False, note="not made")
    assert done.payment.state is S.DECLINED
    await given_back(bench, payment, 250)


async def test_the_terminals_day_has_it(bench):
    refund = await given_back(bench, await sold(bench))
    await bench.payments.resolve(bench.who(), refund.payment.id, approved=True, slip="000077")
    bench.card.totals = BatchTotals(count=2, amount=150)
    opened = await bench.payments.settle(bench.boss, "card")
    closed = await bench.passing(
        lambda: bench.payments.settlement(opened.id), lambda one: one.state is not SettlementState.OPEN
    )
    assert (closed.state, len(closed.reconciliation.payments)) == (SettlementState.AGREED, 2)


async def test_also_while_it_is_away(bench):
    payment = await sold(bench)
    bench.devices.away("card")
    await given_back(bench, payment)


async def test_a_wallet_is_asked_or_nobody(bench):
    bench.wallet.capabilities = replace(bench.wallet.capabilities, transactions=frozenset({Transaction.SALE}))
    payment = await sold(bench, provider="line_pay")
    with pytest.raises(DeviceCannot):
        await bench.payments.refund(bench.boss, None, payment=payment, amount=eur(100))
