"""Money back: what nobody wants goes back by itself; what somebody wants back goes by the terminal that took it."""

from dataclasses import replace

import pytest

from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import BasketId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentKind, PaymentMethod, PaymentState
from edge_hub.journal.errors import DiskFull
from edge_hub.sdk.eft.model import Found, Transaction
from edge_hub.sdk.errors import DeviceTimeout
from edge_hub.services.payments.commands import OpenPayment
from edge_hub.services.payments.model import (
    PaymentNotFound,
    PaymentNotReversible,
    PaymentTerminalBusy,
    RefundTooLarge,
    Why,
)
from edge_hub.services.principal import PermissionNeeded
from edge_hub.services.printing.service import DeviceCannot

S = PaymentState


def eur(minor):
    return Money(minor, "EUR")


SILENCE = DeviceTimeout("no answer")


async def abandoned(bench, provider="card"):
    """A payment whose terminal fell silent, and the customer walked away; then it turns out that the money moved."""
    terminal = bench.card if provider == "card" else bench.wallet
    terminal.script, terminal.says = ["taken, then silence", *terminal.script], [SILENCE]
    basket = await bench.basket()
    started = await bench.pay(basket=basket, provider=provider)
    await bench.until(started, S.UNKNOWN)
    now = bench.basket_now(basket).basket
    await bench.checkout.abandon(bench.who(), BasketId(now.id), now.version, "the customer left")
    return started


def reversals(bench, started):
    rows = bench.journal.rows("SELECT id FROM payments WHERE original = ? ORDER BY id", (started.payment.id,))
    return [bench.payments.get(row[0]).payment for row in rows]


async def test_an_approval_that_nobody_wants_is_voided(bench):
    started = await abandoned(bench)
    await bench.until(started, S.REVERSED)
    (void,) = reversals(bench, started)
    assert (void.kind, void.automatic, void.amount, void.state) == (PaymentKind.VOID, True, eur(250), S.APPROVED)
    request, _ = bench.card.requests[-1]
    assert request.transaction is Transaction.VOID
    assert (request.original.data, request.original_amount) == ({"receipt": "000001"}, 250)
    assert request.original_reference == started.payment.reference
    assert await bench.payments.unresolved() == ()


async def test_what_is_found_after_the_day_was_closed_is_refunded_at_once(bench):
    bench.card.script, bench.card.says = ["taken, then silence"], [Found.INCONCLUSIVE] * 3
    basket = await bench.basket()
    started = await bench.pay(basket=basket)
    await bench.until(started, S.MANUAL)
    now = bench.basket_now(basket).basket
    await bench.checkout.abandon(bench.who(), BasketId(now.id), now.version, "the customer left")
    settling = await bench.payments.settle(bench.boss, "card")
    await bench.passing(lambda: bench.payments.settlement(settling.id), lambda one: one.closed_at_ms is not None)
    await bench.payments.resolve(bench.boss, started.payment.id, approved=True, slip="000001")
    await bench.passing(lambda: reversals(bench, started), lambda found: [one.state for one in found] == [S.APPROVED])
    assert [one.kind for one in reversals(bench, started)] == [PaymentKind.REFUND]
    assert await bench.payments.unresolved() == ()


async def test_where_a_void_is_declined_it_is_refunded(bench):
    bench.card.script = ["decline"]
    started = await abandoned(bench)
    await bench.passing(
        lambda: reversals(bench, started), lambda found: [one.state for one in found] == [S.DECLINED, S.APPROVED]
    )
    assert [one.kind for one in reversals(bench, started)] == [PaymentKind.VOID, PaymentKind.REFUND]
    await bench.turns()
    assert await bench.payments.unresolved() == ()


@pytest.mark.parametrize(
    ("with_card", "kinds"),
    [({Transaction.REFUND}, [PaymentKind.VOID]), ({Transaction.REFUND, Transaction.VOID}, [])],
)
async def test_nothing_that_takes_a_card_is_begun_by_the_hub(bench, with_card, kinds):
    """Whoever stands at the terminal by then would hold their own card to it, and be paid."""
    bench.card.capabilities = replace(bench.card.capabilities, with_card=frozenset(with_card))
    assert bench.payments.with_card("card") == with_card
    assert bench.payments.with_card("") == set()  # a terminal of its own: its cashier sees what it wants
    bench.card.script = ["decline"]
    started = await abandoned(bench)
    await bench.until(started, S.RECOVERED_APPROVED)
    await bench.clock.advance(600)
    await bench.turns()
    assert [one.kind for one in reversals(bench, started)] == kinds
    (found,) = await bench.payments.unresolved()
    assert (found.payment.id, found.why) == (started.payment.id, Why.ORPHAN)
    bench.card.script = []
    void = await bench.payments.void(bench.boss, started.payment.id)
    await bench.until(void, S.APPROVED)
    assert await bench.payments.unresolved() == ()


async def test_a_person_refunds_what_nobody_wants_with_the_card_in_sight(bench):
    """The hub begins nothing that takes a card; its void was declined, so only a refund is left."""
    bench.card.capabilities = replace(bench.card.capabilities, with_card=frozenset({Transaction.REFUND}))
    bench.card.script = ["decline"]
    started = await abandoned(bench)
    await bench.passing(lambda: reversals(bench, started), lambda found: [one.state for one in found] == [S.DECLINED])
    bench.card.script = []
    with pytest.raises(PermissionNeeded):
        await bench.payments.refund(bench.who(), None, payment=started.payment.id, amount=eur(250))
    for part in (100, 150):
        refund = await bench.payments.refund(bench.boss, None, payment=started.payment.id, amount=eur(part))
        await bench.until(refund, S.APPROVED)
    assert await bench.payments.unresolved() == ()
    with pytest.raises(RefundTooLarge):
        await bench.payments.refund(bench.boss, None, payment=started.payment.id, amount=eur(1))


async def test_a_payment_of_a_basket_that_is_being_paid_is_voided_not_refunded(bench):
    basket = await bench.basket(2)
    started = await bench.pay(100, basket=basket)
    await bench.until(started, S.APPROVED)
    with pytest.raises(PaymentNotReversible, match="void"):
        await bench.payments.refund(bench.boss, None, payment=started.payment.id, amount=eur(50))


async def test_a_part_of_a_basket_whose_terminal_was_settled_is_sold_before_it_is_refunded(bench):
    basket = await bench.basket(2)
    started = await bench.until(await bench.pay(100, basket=basket), S.APPROVED)
    settling = await bench.payments.settle(bench.boss, "card")
    await bench.passing(lambda: bench.payments.settlement(settling.id), lambda one: one.closed_at_ms is not None)
    with pytest.raises(PaymentNotReversible, match="refund"):
        await bench.payments.void(bench.boss, started.payment.id)
    with pytest.raises(PaymentNotReversible, match="sold, then refund"):
        await bench.payments.refund(bench.boss, None, payment=started.payment.id, amount=eur(100))
    rest = await bench.until(await bench.pay(400, basket=basket), S.APPROVED)
    refund = await bench.payments.refund(bench.boss, rest.paid_sale, payment=started.payment.id, amount=eur(100))
    await bench.until(refund, S.APPROVED)


async def test_a_wallet_without_voids_is_refunded(bench):
    started = await abandoned(bench, "line_pay")
    await bench.passing(lambda: reversals(bench, started), lambda found: [one.state for one in found] == [S.APPROVED])
    assert reversals(bench, started)[0].kind is PaymentKind.REFUND


async def test_what_cannot_be_given_back_is_the_managers(bench):
    bench.card.script = ["decline", "decline"]
    started = await abandoned(bench)
    await bench.passing(
        lambda: reversals(bench, started), lambda found: len(found) == 2 and found[1].state is S.DECLINED
    )
    await bench.clock.advance(600)
    assert len(reversals(bench, started)) == 2
    (found,) = await bench.payments.unresolved()
    assert (found.payment.id, found.why) == (started.payment.id, Why.ORPHAN)
    await bench.payments.review(bench.boss, started.payment.id, note="given back in cash")
    assert await bench.payments.unresolved() == ()


async def test_attempts_that_did_not_leave_are_few(bench):
    bench.card.script = ["refuse"] * 9
    started = await abandoned(bench)
    await bench.clock.advance(600)
    await bench.turns()
    assert [one.state for one in reversals(bench, started)] == [S.NOT_SENT] * 3


async def test_giving_back_goes_on_after_a_restart_and_waits_for_the_terminal(open_bench, stocked_bench):
    first = stocked_bench
    async with first.running():
        first.journal.failing = {OpenPayment: DiskFull()}
        failing, first.journal.failing = first.journal.failing, {}
        started = await abandoned(first)
        first.journal.failing = failing
        await first.until(started, S.RECOVERED_APPROVED)
        await first.clock.advance(10)
        assert reversals(first, started) == []
    second = open_bench()
    second.devices.away("card")
    async with second.running():
        await second.clock.advance(60)
        assert reversals(second, started) == []
        second.devices.back("card")
        await second.until(started, S.REVERSED)
    third = open_bench()
    async with third.running():
        await third.clock.advance(60)
        assert len(reversals(third, started)) == 1


async def test_a_reversal_in_doubt_is_asked_about_like_any_other(bench):
    bench.card.script = ["taken, then silence"]
    started = await abandoned(bench)
    bench.card.says = [SILENCE, Found.INCONCLUSIVE]
    await bench.until(started, S.REVERSED)
    (void,) = reversals(bench, started)
    assert void.state is S.RECOVERED_APPROVED


async def test_a_person_who_finds_an_abandoned_payment_approved_has_it_given_back(bench):
    bench.card.says = []
    started = await abandoned(bench)
    bench.devices.away("card")
    bench.card.says = [SILENCE] * 99
    await bench.payments.resolve(bench.boss, started.payment.id, approved=True, slip="000001")
    bench.card.says = []
    bench.devices.back("card")
    await bench.until(started, S.REVERSED)


async def test_it_waits_for_its_turn_at_a_busy_terminal(bench):
    started = await abandoned(bench)
    bench.journal.failing = {OpenPayment: PaymentTerminalBusy()}
    await bench.until(started, S.RECOVERED_APPROVED)
    await bench.clock.advance(20)
    assert reversals(bench, started) == []
    bench.journal.failing = {}
    await bench.until(started, S.REVERSED)


async def test_a_manager_refunds_part_of_a_sale(bench):
    paid = await bench.until(await bench.pay(), S.APPROVED)
    with pytest.raises(PermissionNeeded):
        await bench.payments.refund(bench.who(), paid.paid_sale, payment=paid.payment.id, amount=eur(100))
    refund = await bench.payments.refund(bench.boss, paid.paid_sale, payment=paid.payment.id, amount=eur(100))
    done = await bench.until(refund, S.APPROVED)
    assert (done.payment.sale, done.payment.original, done.payment.automatic) == (
        paid.paid_sale,
        paid.payment.id,
        False,
    )
    request, _ = bench.card.requests[-1]
    assert (request.transaction, request.amount, request.original.receipt) == (Transaction.REFUND, 100, "000001")
    with pytest.raises(RefundTooLarge):
        await bench.payments.refund(bench.boss, paid.paid_sale, payment=paid.payment.id, amount=eur(151))
    with pytest.raises(PaymentNotFound):
        await bench.payments.refund(bench.boss, "another", payment=paid.payment.id, amount=eur(1))


async def test_a_void_before_the_sale_takes_the_tender_out(bench):
    basket = await bench.basket(teas=2)
    paid = await bench.until(await bench.pay(250, basket=basket), S.APPROVED)
    assert bench.basket_now(basket).due == eur(250)
    void = await bench.payments.void(bench.boss, paid.payment.id)
    await bench.until(void, S.APPROVED)
    assert bench.state(paid) is S.REVERSED
    assert bench.basket_now(basket).due == eur(500)
    assert bench.basket_now(basket).basket.state is BasketState.OPEN
    await bench.turns()
    assert len(reversals(bench, paid)) == 1


async def test_what_a_terminal_cannot_do_is_said_before(bench):
    bench.card.capabilities = replace(bench.card.capabilities, transactions=frozenset({Transaction.SALE}))
    paid = await bench.until(await bench.pay(), S.APPROVED)
    with pytest.raises(DeviceCannot):
        await bench.payments.void(bench.boss, paid.payment.id)


async def test_a_refund_at_a_terminal_of_its_own_is_confirmed_by_hand(bench):
    started = await bench.pay(provider="", method=PaymentMethod.STANDALONE)
    await bench.until(started, S.MANUAL)
    done = await bench.payments.resolve(bench.who(), started.payment.id, approved=True, slip="1")
    refund = await bench.payments.refund(bench.boss, done.paid_sale, payment=started.payment.id, amount=eur(250))
    await bench.until(refund, S.MANUAL)
    back = await bench.payments.resolve(bench.boss, refund.payment.id, approved=True, slip="2")
    assert back.payment.state is S.APPROVED


async def test_what_was_paid_with_by_its_slip_is_not_given_back(bench):
    """The terminal printed its slip and the wire was lost: the cashier gives the basket up, rings it up again, and
    confirms the new one with that slip. Then the hub learns that the first was approved.
    """
    started = await abandoned(bench)
    again = await bench.pay(provider="", method=PaymentMethod.STANDALONE)
    await bench.until(again, S.MANUAL)
    await bench.payments.resolve(bench.who(), again.payment.id, approved=True, slip="1")
    found = await bench.until(started, S.RECOVERED_APPROVED)
    assert found.payment.result.receipt == "000001"
    await bench.clock.advance(600)
    await bench.turns()
    assert reversals(bench, started) == []
    (listed,) = await bench.payments.unresolved()
    assert (listed.payment.id, listed.why) == (started.payment.id, Why.ORPHAN)


async def test_a_terminal_of_its_own_gives_nothing_back_by_itself(bench):
    basket = await bench.basket()
    started = await bench.pay(basket=basket, provider="", method=PaymentMethod.STANDALONE)
    await bench.until(started, S.MANUAL)
    now = bench.basket_now(basket).basket
    await bench.checkout.abandon(bench.who(), BasketId(now.id), now.version, "the customer left")
    found = await bench.payments.resolve(bench.who(), started.payment.id, approved=True, slip="1")
    await bench.clock.advance(60)
    assert found.why is Why.ORPHAN
    assert reversals(bench, started) == []
