"""Tips from the slip at a terminal: asked for once, asked about when in doubt, offered where the terminal has them."""

from dataclasses import replace

import pytest

from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentState
from edge_hub.sdk.eft.model import SALE_AND_BACK, Transaction
from edge_hub.sdk.errors import DeviceTimeout
from edge_hub.services.payments.model import PaymentMethodOff, PaymentNotReversible, PaymentTerminalLocked
from edge_hub.services.printing.service import DeviceCannot

S = PaymentState
TIP = Money(20, "EUR")


@pytest.fixture
async def tipping(stocked_bench, open_bench):
    """On the journal of the one that has something to sell."""
    return open_bench(tips=True)


async def sold(bench):
    started = await bench.pay()
    await bench.until(started, S.APPROVED)
    return started.payment.id


async def add(bench, payment, **more):
    return await bench.payments.tip(bench.who(), payment, amount=TIP, **more)


def asked(bench):
    return [request for request, _ in bench.card.requests if request.transaction is Transaction.TIP]


async def test_it_names_the_sale_to_the_terminal(tipping):
    async with tipping.running() as bench:
        payment = await sold(bench)
        started = await add(bench, payment, key="tip-1")
        await bench.until(started, S.APPROVED)
        assert (await add(bench, payment, key="tip-1")).payment.id == started.payment.id
        (request,) = asked(bench)
        assert (request.amount, request.original_amount, request.tip) == (20, 250, 0)
        assert request.original.receipt == "000001"
        assert bench.payments.get(payment).payment.amount == Money(250, "EUR")


async def test_one_in_doubt_is_asked_about_and_never_sent_again(tipping):
    async with tipping.running() as bench:
        payment = await sold(bench)
        bench.card.script, bench.card.says = ["taken, then silence"], [DeviceTimeout("no answer")] * 2
        started = await add(bench, payment)
        await bench.until(started, S.UNKNOWN)
        with pytest.raises(PaymentTerminalLocked):
            await bench.pay()
        with pytest.raises(PaymentNotReversible):
            await bench.payments.void(bench.boss, payment)
        await bench.until(started, S.RECOVERED_APPROVED)
        assert len(asked(bench)) == 1
        assert len(bench.card.book) == 2


async def test_the_hub_ends_in_the_middle_of_it(tipping, open_bench):
    async with tipping.running() as bench:
        payment = await sold(bench)
        bench.card.script, bench.card.says = ["taken, then silence"], [DeviceTimeout("no answer")]
        started = await add(bench, payment)
        await bench.until(started, S.UNKNOWN)
    second = open_bench(tips=True)
    async with second.running():
        await second.until(started, S.RECOVERED_APPROVED)
        assert len(asked(second)) == 1


async def test_a_void_is_of_the_sum_with_the_tip(tipping):
    async with tipping.running() as bench:
        payment = await sold(bench)
        await bench.until(await add(bench, payment), S.APPROVED)
        void = await bench.payments.void(bench.boss, payment)
        await bench.until(void, S.APPROVED)
        assert bench.card.requests[-1][0].amount == 270


async def test_where_they_are_offered(tipping, open_bench):
    assert [one.adds_tips for one in tipping.payments.offers(None)] == [True, False, False]
    assert [one.tips for one in tipping.payments.offers(None)] == [False, False, True], "typed at a terminal of its own"
    tipping.card.capabilities = replace(tipping.card.capabilities, transactions=SALE_AND_BACK)
    assert not any(one.adds_tips for one in tipping.payments.offers(None))
    async with tipping.running() as bench:
        payment = await sold(bench)
        with pytest.raises(DeviceCannot):
            await add(bench, payment)
    tipping.card.capabilities = replace(tipping.card.capabilities, transactions=frozenset(Transaction))
    plain = open_bench()
    assert not any(one.adds_tips or one.tips for one in plain.payments.offers(None))
    async with plain.running():
        with pytest.raises(PaymentMethodOff):
            await add(plain, payment)
