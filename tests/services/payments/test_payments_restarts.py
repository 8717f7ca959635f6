"""The hub ends in the middle: at the next start nothing is sent again, and what may have happened is asked about."""

import asyncio

import pytest

from edge_hub.domain.ids import BasketId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentState
from edge_hub.domain.reconciliation import SettlementState
from edge_hub.errors import Unavailable
from edge_hub.journal.errors import HandlerFailed
from edge_hub.sdk.eft.model import Found
from edge_hub.sdk.errors import DeviceTimeout
from edge_hub.services.payments.commands import MarkSending, MovePayment, RecoverPayment
from edge_hub.services.payments.desk import DeskClosed
from edge_hub.services.payments.model import PaymentNotReversible, PaymentTerminalBusy, Why
from edge_hub.services.printing.service import DeviceCannot

S = PaymentState
SILENCE = DeviceTimeout("no answer")


async def pay_and_pull_the_plug(bench, moment):
    """Begin a payment and end the hub at that moment; the payment."""
    reached = asyncio.Event()
    never = asyncio.Event()
    submit, transact = bench.journal.submit, bench.card.transact

    async def submitting(command, **kwargs):
        if moment == "created" and isinstance(command, MarkSending):
            reached.set()
            await never.wait()
        answer = await submit(command, **kwargs)
        if moment == "sending" and isinstance(command, MarkSending):
            reached.set()
            await never.wait()
        if moment == "sent" and isinstance(command, MovePayment):
            reached.set()
            await never.wait()
        return answer

    async def transacting(request, data, progress):
        result = await transact(request, data, progress)
        if moment == "answered":
            reached.set()
            await never.wait()
        return result

    bench.journal.submit, bench.card.transact = submitting, transacting
    started = await bench.pay()
    await reached.wait()
    bench.card.transact = transact
    return started


@pytest.mark.parametrize(
    ("moment", "sent", "state"),
    [
        ("created", 0, S.NOT_SENT),
        ("sending", 0, S.RECOVERED_DECLINED),
        ("sent", 1, S.RECOVERED_APPROVED),
        ("answered", 1, S.RECOVERED_APPROVED),
    ],
)
async def test_at_every_moment(open_bench, stocked_bench, moment, sent, state):
    first = stocked_bench
    async with first.running():
        started = await pay_and_pull_the_plug(first, moment)
    second = open_bench()
    async with second.running():
        ended = await second.until(started, S.NOT_SENT, S.RECOVERED_DECLINED, S.RECOVERED_APPROVED)
        assert ended.payment.state is state
        assert second.card.count("transact") == sent
        assert (ended.paid_sale is not None) == (state is S.RECOVERED_APPROVED)


async def test_what_was_asked_about_is_asked_about_again_and_counted_on(open_bench, stocked_bench):
    first = stocked_bench
    first.card.script, first.card.says = ["timeout"], [Found.INCONCLUSIVE] * 2 + [DeviceTimeout("?")] * 50
    async with first.running():
        started = await first.pay()
        await first.passing(lambda: first.payments.get(started.payment.id), lambda one: one.payment.inquiries == 2)
    second = open_bench()
    second.card.says = [Found.INCONCLUSIVE] * 5
    async with second.running():
        manual = await second.until(started, S.MANUAL)
        assert manual.payment.inquiries == 3
    third = open_bench()
    async with third.running():
        await third.clock.advance(600)
        assert third.state(started) is S.MANUAL


async def test_a_cancellation_goes_on(open_bench, stocked_bench):
    first = stocked_bench
    first.wallet.script = ["timeout"]
    first.wallet.says = [Found.INCONCLUSIVE] * 2 + [DeviceTimeout("?")] * 50
    async with first.running():
        started = await first.pay(provider="line_pay")
        await first.passing(lambda: first.payments.get(started.payment.id), lambda one: one.payment.cancelling)
    inquiries = first.wallet.count("inquire")
    second = open_bench()
    second.wallet.says = []
    async with second.running():
        await second.until(started, S.RECOVERED_DECLINED)
        assert second.wallet.count("inquire") == inquiries


def another(bench, provider):
    """Behind the same id: another merchant at the wallet, another driver at the terminal."""
    bench.wallets.accounts = {"line_pay": "line_pay of merchant 2"}
    bench.devices.drivers = {"card": "zvt"}
    return bench.card if provider == "card" else bench.wallet


@pytest.mark.parametrize("provider", ["card", "line_pay"])
@pytest.mark.parametrize("state", [S.UNKNOWN, S.MANUAL])
async def test_another_account_under_the_same_name_is_not_asked(open_bench, stocked_bench, state, provider):
    """It would truthfully say that it knows nothing of the order: the other one took the money."""
    first = stocked_bench
    terminal = first.card if provider == "card" else first.wallet
    terminal.script = ["taken, then silence"]
    async with first.running():
        terminal.says = [SILENCE] * 9 if state is S.UNKNOWN else [Found.INCONCLUSIVE] * 4
        started = await first.pay(provider=provider)
        await first.until(started, state)
        calls = len(terminal.calls)
    second = open_bench()
    another(second, provider).says = [Found.ABSENT] * 9
    async with second.running():
        if state is S.MANUAL:
            with pytest.raises(DeviceCannot, match="another"):
                await second.payments.ask(second.who(), started.payment.id)
        await second.clock.advance(900)
        await second.turns()
        assert second.state(started) is S.MANUAL
        assert len(terminal.calls) == calls


@pytest.mark.parametrize("provider", ["card", "line_pay"])
async def test_another_account_gives_nothing_back(open_bench, stocked_bench, provider):
    first = stocked_bench
    async with first.running():
        started = await first.pay(provider=provider)
        await first.until(started, S.APPROVED)
    sale = first.payments.get(started.payment.id).paid_sale
    second = open_bench()
    another(second, provider)
    async with second.running():
        with pytest.raises(PaymentNotReversible, match="another"):
            await second.payments.refund(second.boss, sale, payment=started.payment.id, amount=started.payment.amount)
        if provider == "card":
            with pytest.raises(PaymentNotReversible, match="another"):
                await second.payments.void(second.boss, started.payment.id)


async def test_another_account_gives_nothing_back_by_itself(open_bench, stocked_bench):
    first = stocked_bench
    first.wallet.script = ["taken, then silence"]
    async with first.running():
        first.wallet.says = [SILENCE]
        basket = await first.basket()
        started = await first.pay(provider="line_pay", basket=basket)
        await first.until(started, S.UNKNOWN)
        now = first.basket_now(basket).basket
        await first.checkout.abandon(first.who(), BasketId(now.id), now.version, "the customer left")
        first.wallets.away("line_pay")
        evidence = {"approved": True, "note": "it is in the wallet's own list"}
        await first.payments.resolve(first.boss, started.payment.id, **evidence)
    second = open_bench()
    another(second, "line_pay")
    async with second.running():
        await second.clock.advance(60)
        await second.turns()
        assert second.wallet.count("transact") == 1
        (found,) = await second.payments.unresolved()
        assert found.why is Why.ORPHAN


async def test_one_that_cannot_be_read_is_listed_and_keeps_nobody_from_the_others(open_bench, stocked_bench):
    first = stocked_bench
    first.card.hold = first.wallet.hold = asyncio.Event()
    async with first.running():
        broken, other = await first.pay(), await first.pay(provider="line_pay", till="t2")
        await first.until(other, S.IN_PROGRESS)
    first.card.hold = first.wallet.hold = None
    writer = first.journal._core._connection
    (body,) = writer.execute("SELECT body FROM payments WHERE id = ?", (broken.payment.id,)).fetchone()
    writer.execute("UPDATE payments SET body = x'c1' WHERE id = ?", (broken.payment.id,))
    second = open_bench()
    async with second.running():
        await second.until(other, S.RECOVERED_DECLINED)
        (found,) = await second.payments.unresolved()
        assert (found.payment.id, found.why, found.payment.amount) == (broken.payment.id, Why.MANUAL, Money(250, "EUR"))
        assert "edge-hub" in found.payment.detail
        with pytest.raises(PaymentTerminalBusy):
            await second.pay()
        await second.until(await second.pay(provider="line_pay"), S.APPROVED)
        second.journal._core._connection.execute("UPDATE payments SET body = ? WHERE id = ?", (body, broken.payment.id))
        await second.until(broken, S.RECOVERED_APPROVED, S.RECOVERED_DECLINED)
        assert await second.payments.unresolved() == ()


async def test_one_that_cannot_be_moved_is_listed(open_bench, stocked_bench):
    async with stocked_bench.running():
        started = await pay_and_pull_the_plug(stocked_bench, "answered")
    second = open_bench()
    second.journal.failing = {RecoverPayment: HandlerFailed()}
    async with second.running():
        (found,) = await second.payments.unresolved()
        assert (found.payment.id, found.why) == (started.payment.id, Why.MANUAL)
        second.journal.failing = {}
        await second.until(started, S.RECOVERED_APPROVED, S.RECOVERED_DECLINED)


async def test_a_stop_waits_for_what_is_in_hand(stocked_bench):
    bench = stocked_bench
    bench.card.hold = asyncio.Event()
    running = asyncio.create_task(bench.payments.run())
    await bench.turns()
    started = await bench.pay()
    await bench.card.holding.wait()
    bench.wallet.script, bench.wallet.says = ["timeout"], [DeviceTimeout("?")] * 50
    doubted = await bench.pay(provider="line_pay", till="t2")
    await bench.until(doubted, S.UNKNOWN)
    bench.payments.wind_down()
    with pytest.raises(Unavailable):
        await bench.pay(provider="line_pay", till="t2")
    await bench.turns()
    assert not running.done()
    bench.card.hold.set()
    await asyncio.wait({running})
    assert bench.state(started) is S.APPROVED
    assert bench.state(doubted) is S.UNKNOWN
    with pytest.raises(DeskClosed):
        await bench.pay(provider="line_pay", till="t2")


async def test_a_doubt_that_a_stop_brings_is_left_to_the_next_start(open_bench, stocked_bench):
    bench = stocked_bench
    bench.card.hold, bench.card.script = asyncio.Event(), ["taken, then silence"]
    running = asyncio.create_task(bench.payments.run())
    await bench.turns()
    started = await bench.pay()
    await bench.card.holding.wait()
    bench.payments.wind_down()
    bench.card.hold.set()
    await asyncio.wait({running})
    assert bench.state(started) is S.UNKNOWN
    assert bench.card.count("inquire") == 0
    second = open_bench()
    async with second.running():
        await second.until(started, S.RECOVERED_APPROVED)


async def test_a_settlement_cut_off_is_of_unknown_outcome(open_bench, stocked_bench):
    first = stocked_bench
    reached, never = asyncio.Event(), asyncio.Event()

    async def settling(at, progress):
        reached.set()
        await never.wait()

    first.card.settle = settling
    async with first.running():
        opened = await first.payments.settle(first.boss, "card")
        await reached.wait()
    del first.card.settle
    second = open_bench()
    async with second.running():
        assert second.payments.settlement(opened.id).state is SettlementState.UNKNOWN
        again = await second.payments.settle(second.boss, "card")
        await second.turns()
        assert second.payments.settlement(again.id).state is SettlementState.UNCHECKED
