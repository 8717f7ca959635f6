"""Tips from the slip: once, on what paid a sale, while its batch is open; the sale stays as it is."""

from dataclasses import replace

import pytest
from paying_shop import eur

from edge_hub.domain.payment import Cause, PaymentKind, PaymentMethod, PaymentState
from edge_hub.domain.reconciliation import SettlementState, TerminalTotals
from edge_hub.domain.store import PaymentRules
from edge_hub.services.payments.commands import CloseSettlement, OpenSettlement
from edge_hub.services.payments.model import (
    PaymentAmountInvalid,
    PaymentMethodOff,
    PaymentNotReversible,
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    RefundTooLarge,
    SlipUsed,
    TipNotPossible,
    Why,
)

S = PaymentState
TIP, VOID, REFUND = PaymentKind.TIP, PaymentKind.VOID, PaymentKind.REFUND


@pytest.fixture
def sold(shop):
    payment = shop.start(shop.basket("coat"), 10_000)
    sale = shop.approve(payment, batch="7", terminal_id="T1", receipt="000041").sale
    return sale.sale_id, payment


@pytest.fixture
def paid(sold):
    return sold[1]


def test_it_belongs_to_the_sale_and_leaves_it_as_it_is(shop, sold):
    sale, payment = sold
    before = shop.sale(sale)
    tip = shop.back(payment, TIP, 500)
    assert (shop.payment(tip).sale, shop.payment(tip).basket, shop.state(payment)) == (sale, None, S.APPROVED)
    done = shop.approve(tip)
    assert (shop.payment(tip).state, shop.payment(tip).amount, done.sale) == (S.APPROVED, eur(500), None)
    assert (shop.sale(sale), shop.payment(payment).amount) == (before, eur(10_000))
    assert {("payment", tip), ("payment", payment)} <= set(shop.wakes)
    assert shop.unresolved == {}
    assert shop.rebuilt() == ()


def test_its_request_is_durable_before_it_is_sent(shop, paid):
    tip = shop.back(paid, TIP, 500)
    shop.send(tip)
    assert shop.payment(tip).request == b"\x02" + tip.encode()


@pytest.mark.parametrize("ends", ["declined", "not sent", "absent"])
def test_one_that_failed_may_be_tried_again(shop, paid, ends):
    tip = shop.back(paid, TIP, 500)
    if ends == "not sent":
        shop.move(tip, Cause.NOT_SENT)
    else:
        shop.send(tip)
        if ends == "absent":
            shop.doubt(tip)
            shop.move(tip, Cause.ABSENT)
        else:
            shop.decline(tip)
    again = shop.back(paid, TIP, 500)
    shop.approve(again)
    with pytest.raises(TipNotPossible, match="already") as raised:
        shop.back(paid, TIP, 1)
    assert raised.value.params == {"payment": again}


def test_in_doubt_it_locks_the_terminal_and_its_sale(shop, paid):
    tip = shop.back(paid, TIP, 500)
    with pytest.raises(PaymentTerminalBusy):
        shop.start(shop.basket("tea"), 250)
    shop.send(tip)
    shop.doubt(tip)
    assert shop.unresolved == {tip: Why.UNKNOWN}
    with pytest.raises(PaymentTerminalLocked):
        shop.start(shop.basket("tea"), 250)
    for kind in (VOID, REFUND):
        with pytest.raises(PaymentNotReversible, match="tip"):
            shop.back(paid, kind, 100)
    with pytest.raises(TipNotPossible):
        shop.back(paid, TIP, 500)
    shop.restart()
    assert shop.unresolved == {tip: Why.UNKNOWN}
    shop.answer(tip, found=True)
    assert (shop.state(tip), shop.unresolved) == (S.RECOVERED_APPROVED, {})


def test_a_restart_before_it_was_sent_means_not_sent(shop, paid):
    tip = shop.back(paid, TIP, 500)
    shop.restart()
    assert shop.state(tip) is S.NOT_SENT


def test_another_amount_is_no_approval(shop, paid):
    tip = shop.back(paid, TIP, 500)
    shop.approve(tip, amount=eur(501))
    assert shop.state(tip) is S.UNKNOWN


def test_a_person_may_show_the_slip_of_the_sale(shop, paid):
    """The tip is written on it."""
    tip = shop.back(paid, TIP, 500)
    shop.send(tip)
    shop.doubt(tip)
    shop.resolve(tip, approved=True, slip="41")
    assert shop.state(tip) is S.APPROVED
    other = shop.start(shop.basket("tea"), 250)
    shop.send(other)
    shop.doubt(other)
    with pytest.raises(SlipUsed):
        shop.resolve(other, approved=True, slip="000041")


@pytest.mark.parametrize("kind", [VOID, REFUND])
def test_what_was_given_back_has_no_tip(shop, paid, kind):
    back = shop.back(paid, kind, 10_000 if kind is VOID else 1)
    shop.send(back)
    shop.approve(back)
    for payment in (paid, back):
        with pytest.raises(TipNotPossible):
            shop.back(payment, TIP, 500)


def test_a_void_takes_the_tip_with_it(shop, paid):
    shop.approve(shop.back(paid, TIP, 500))
    with pytest.raises(RefundTooLarge):
        shop.back(paid, VOID, 10_000)
    shop.approve(shop.back(paid, VOID, 10_500))
    assert shop.state(paid) is S.REVERSED


def test_a_refund_may_give_the_tip_back(shop, paid):
    shop.approve(shop.back(paid, TIP, 500))
    with pytest.raises(RefundTooLarge) as raised:
        shop.back(paid, REFUND, 10_501)
    assert raised.value.params["left"] == 10_500
    shop.approve(shop.back(paid, REFUND, 10_500))


def test_of_a_basket_that_is_not_sold(shop):
    payment = shop.start(shop.basket("coat"), 3000)
    shop.approve(payment)
    with pytest.raises(TipNotPossible, match="sale"):
        shop.back(payment, TIP, 100)


def test_one_that_had_a_tip_in_it(shop):
    payment = shop.start(shop.basket("coat"), 10_100, tip=eur(100))
    shop.approve(payment)
    with pytest.raises(TipNotPossible, match="already"):
        shop.back(payment, TIP, 100)


def test_how_large_it_may_be(shop, paid):
    for minor in (0, 10_001):
        with pytest.raises(PaymentAmountInvalid):
            shop.back(paid, TIP, minor)
    shop.back(paid, TIP, 10_000)


def test_a_shop_that_takes_none(open_paying, paying_settings):
    shop = open_paying(replace(paying_settings, payments=PaymentRules()))
    payment = shop.start(shop.basket("coat"), 10_000)
    shop.approve(payment)
    with pytest.raises(PaymentMethodOff):
        shop.back(payment, TIP, 100)


def test_a_terminal_of_its_own_takes_them_by_itself(shop):
    payment = shop.start(shop.basket("coat"), 10_000, provider="", method=PaymentMethod.STANDALONE)
    shop.move(payment, Cause.HANDED_OVER)
    shop.resolve(payment, approved=True, slip="000042")
    with pytest.raises(PaymentMethodOff):
        shop.back(payment, TIP, 100)


def settled(shop, **more):
    opened = shop.do(OpenSettlement(terminal="card-1")).id
    return shop.do(CloseSettlement(settlement=opened, **{"totals": None, **more})).reconciliation


def test_not_after_the_day_was_closed(shop, paid):
    settled(shop, refused=True)
    shop.move(shop.back(paid, TIP, 500), Cause.NOT_SENT)
    settled(shop)
    with pytest.raises(TipNotPossible, match="closed"):
        shop.back(paid, TIP, 500)


@pytest.mark.parametrize("later", [{"batch": "8", "terminal_id": "T1"}, {"batch": "7", "terminal_id": "T2"}])
def test_not_after_it_was_closed_at_the_terminal_or_another_took_its_place(shop, paid, later):
    shop.approve(shop.start(shop.basket("tea"), 250), **later)
    with pytest.raises(TipNotPossible, match="closed"):
        shop.back(paid, TIP, 500)


def test_a_later_payment_of_the_same_batch_is_no_hindrance(shop, paid):
    shop.approve(shop.start(shop.basket("tea"), 250), batch="7", terminal_id="T1")
    shop.approve(shop.start(shop.basket("tea"), 250, provider="card-2"), batch="9", terminal_id="T9")
    shop.approve(shop.back(paid, TIP, 500), batch="7", terminal_id="T1")


def test_the_days_figures_have_it(shop, paid):
    tip = shop.back(paid, TIP, 500)
    shop.approve(tip)
    found = settled(shop, totals=TerminalTotals(count=1, amount=eur(10_500)))
    assert (found.state, found.payments) == (SettlementState.AGREED, (paid, tip))
    assert (found.journal.sales_amount, found.journal.tips_amount) == (eur(10_500), eur(500))


def test_one_that_waits_for_a_person_is_named(shop, paid):
    tip = shop.back(paid, TIP, 500)
    shop.send(tip)
    shop.doubt(tip)
    shop.move(tip, Cause.GAVE_UP)
    found = settled(shop, totals=TerminalTotals(count=1, amount=eur(10_000)))
    assert [one.payment for one in found.differences] == [tip]
