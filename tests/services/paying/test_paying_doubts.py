"""Doubts and how they are settled; money that nobody wants."""

import dataclasses
from fractions import Fraction

import pytest
from paying_shop import eur

from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import TillId
from edge_hub.domain.payment import Cause, PaymentMethod, PaymentResult, PaymentState
from edge_hub.domain.tax import TaxRate
from edge_hub.domain.verdict import Verdict
from edge_hub.services.payments.commands import CloseSettlement, OpenSettlement
from edge_hub.services.payments.model import (
    Why,
)

S = PaymentState


@pytest.mark.parametrize("found", ["approved", "declined", "absent"])
def test_a_doubt_that_asking_settles(shop, found):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    assert shop.doubt(payment).payment.why is Why.UNKNOWN
    assert shop.due(basket) == 0
    shop.move(payment, Cause.ASKED)
    asked = {"absent": lambda: shop.move(payment, Cause.ABSENT)}
    done = asked.get(found, lambda: shop.answer(payment, Verdict(found), found=True))()
    assert (done.sale is not None) == (found == "approved")
    assert done.payment.payment.state == ("recovered_approved" if found == "approved" else "recovered_declined")
    assert done.payment.why is Why.NOTHING
    assert shop.payment(payment).inquiries == 1


def test_a_terminal_that_was_settled_since_does_not_say_that_nothing_came(shop):
    """It keeps its last request only, and that may be the settlement by now."""
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    shop.move(payment, Cause.GAVE_UP)
    shop.do(CloseSettlement(settlement=shop.do(OpenSettlement(terminal="card-1")).id, totals=None))
    done = shop.move(payment, Cause.ABSENT, detail="never got it")
    assert (done.payment.payment.state, done.payment.payment.inquiries) == (S.MANUAL, 1)
    assert "closed" in done.payment.payment.detail
    other = shop.start(shop.basket("tea"), 250, provider="card-2")
    shop.send(other)
    shop.doubt(other)
    assert shop.move(other, Cause.ABSENT).payment.payment.state is S.RECOVERED_DECLINED


def test_another_terminal_in_its_place_does_not_say_that_nothing_came(shop):
    def doubted():
        payment = shop.start(shop.basket("tea"), 250)
        shop.send(payment)
        shop.doubt(payment)
        return payment

    def absent(payment, terminal):
        said = PaymentResult(terminal_id=terminal)
        return shop.move(payment, Cause.ABSENT, result=said, detail="never got it").payment.payment

    first = doubted()
    assert absent(first, "13990001").state is S.RECOVERED_DECLINED  # nothing is known to compare with
    shop.approve(shop.start(shop.basket("tea"), 250), terminal_id="13990001")
    payment = doubted()
    found = absent(payment, "13990002")
    assert (found.state, found.inquiries, found.result) == (S.UNKNOWN, 1, None)
    assert "13990002" in found.detail
    assert absent(payment, "13990001").state is S.RECOVERED_DECLINED


def test_a_terminal_that_had_the_request_does_not_say_that_it_never_came(shop):
    """It was changed for another one of the same number, or forgot: the money may have been taken."""
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.move(payment, Cause.ACKNOWLEDGED)
    shop.doubt(payment)
    found = shop.move(payment, Cause.ABSENT, detail="never got it").payment.payment
    assert (found.state, found.inquiries) == (S.UNKNOWN, 1)
    assert "acknowledged" in found.detail
    assert shop.answer(payment, found=True).payment.payment.state is S.RECOVERED_APPROVED


def test_a_wallet_that_cancelled_what_it_had_is_believed(shop):
    payment = shop.start(shop.basket("tea"), 250, provider="line_pay", method=PaymentMethod.WALLET, tender="line_pay")
    shop.send(payment)
    shop.move(payment, Cause.ACKNOWLEDGED)
    shop.doubt(payment)
    assert shop.move(payment, Cause.ABSENT).payment.payment.state is S.RECOVERED_DECLINED


def test_a_settlement_after_the_clock_was_put_back_is_one_since(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    shop.move(payment, Cause.GAVE_UP)
    shop.clock.jump(-3_600_000)
    shop.do(CloseSettlement(settlement=shop.do(OpenSettlement(terminal="card-1")).id, totals=None))
    assert shop.move(payment, Cause.ABSENT, detail="never got it").payment.payment.state is S.MANUAL


def test_after_a_backup_came_back_no_terminal_says_that_nothing_came(shop):
    """What was asked of it after the backup is not in the journal: its last request may be any of those."""
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    shop.restore()
    found = shop.move(payment, Cause.ABSENT, detail="never got it").payment.payment
    assert (found.state, found.inquiries) == (S.UNKNOWN, 1)
    assert "backup" in found.detail
    assert shop.answer(payment, found=True).payment.payment.state is S.RECOVERED_APPROVED
    later = shop.start(shop.basket("tea"), 250)
    shop.send(later)
    shop.doubt(later)
    assert shop.rebuilt() == ()
    assert shop.move(later, Cause.ABSENT).payment.payment.state is S.RECOVERED_DECLINED


def test_what_the_backup_has_as_not_yet_sent_may_have_been_sent_since(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.restore()
    assert (shop.state(payment), shop.why(payment)) == (S.MANUAL, Why.MANUAL)
    assert "backup" in shop.payment(payment).detail
    assert shop.due(basket) == 0
    assert shop.resolve(payment, approved=False).payment.payment.state is S.DECLINED
    again = shop.start(basket, 250)
    shop.restart()
    assert shop.state(again) is S.NOT_SENT


def test_a_late_direct_answer_settles_a_doubt(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    assert shop.answer(payment).sale is not None
    assert shop.state(payment) is S.RECOVERED_APPROVED


def test_an_answer_of_another_amount_is_no_approval(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    done = shop.approve(payment, amount=eur(2500), identity="X")
    assert (done.payment.payment.state, done.sale) == (S.UNKNOWN, None)
    assert shop.payment(payment).result.identity == "X"
    assert "2500" in shop.payment(payment).detail
    again = shop.answer(payment, found=True, amount=eur(2500), identity="X")
    assert (again.payment.payment.state, again.payment.payment.inquiries) == (S.UNKNOWN, 1)
    assert shop.due(basket) == 0


def test_an_identity_is_taken_for_one_attempt_only(shop):
    first = shop.start(shop.basket("tea"), 250)
    reply = shop.result(first)
    shop.approve(first, result=reply)
    for found in (False, True):
        payment = shop.start(shop.basket("tea"), 250, provider="card-1")
        shop.send(payment)
        if found:
            shop.doubt(payment)
        done = shop.answer(payment, found=found, result=reply)
        assert (done.payment.payment.state, done.sale) == (S.UNKNOWN, None)
        assert first in done.payment.payment.detail
        assert shop.answer(payment, Verdict.DECLINED, found=True).payment.payment.state is S.RECOVERED_DECLINED
    elsewhere = shop.start(shop.basket("tea"), 250, provider="card-2")
    assert shop.approve(elsewhere, result=reply).sale is not None


def test_the_previous_transactions_reply_is_not_ours(shop):
    """After a power cut the terminal answers an inquiry with what it did before."""
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    done = shop.answer(payment, found=True, at="2026-10-09T14:20:00")
    assert (done.payment.payment.state, done.payment.payment.inquiries) == (S.UNKNOWN, 1)
    assert "14:20:00" in done.payment.payment.detail
    assert shop.answer(payment, found=True, at="2026-10-09T14:26:00").sale is not None


def test_an_answer_after_the_answer(shop):
    payment = shop.start(shop.basket("tea"), 250)
    reply = shop.result(payment)
    shop.approve(payment, result=reply)
    seq = shop.row("SELECT max(seq) FROM journal")
    assert shop.answer(payment, result=reply).payment.why is Why.NOTHING
    assert shop.answer(payment, Verdict.UNKNOWN).payment.why is Why.NOTHING
    assert shop.row("SELECT max(seq) FROM journal") == seq
    assert shop.answer(payment, Verdict.DECLINED).payment.why is Why.DISPUTED
    assert len(shop.sales) == 1
    assert shop.payment(payment).result == reply


def test_an_approval_after_a_refusal_is_for_the_manager(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.decline(payment)
    done = shop.answer(payment)
    assert (done.payment.why, done.orphan, done.sale) == (Why.DISPUTED, False, None)
    assert shop.state(payment) is S.DECLINED
    assert shop.due(basket) == 250


# nobody wants it


def test_a_basket_given_up_under_a_payment(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    shop.doubt(payment)
    shop.abandon(basket)
    done = shop.answer(payment, found=True)
    assert (done.orphan, done.sale, done.payment.why) == (True, None, Why.ORPHAN)
    assert (done.payment.payment.state, done.basket.basket.state) == (S.RECOVERED_APPROVED, BasketState.ABANDONED)
    assert shop.unresolved == {payment: Why.ORPHAN}


def test_a_basket_given_up_and_a_refusal_is_nobodys_business(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    shop.abandon(basket)
    assert not shop.decline(payment).orphan
    assert shop.unresolved == {}


def test_a_basket_that_was_forgotten(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    shop.doubt(payment)
    shop.abandon(basket)
    shop.clock.jump(30 * 86_400_000)
    for _ in range(3):
        shop.basket("tea")
    done = shop.resolve(payment, approved=True)
    assert (done.basket, done.orphan) == (None, True)


def test_a_basket_that_comes_to_less_since_the_taxes_changed(open_paying, paying_settings):
    """Tax on top, and a new rate after a restart: the card's amount is more than the goods."""
    taxes = dataclasses.replace(paying_settings.taxes, prices_include_tax=False)
    shop = open_paying(dataclasses.replace(paying_settings, taxes=taxes))
    basket = shop.basket("coat")
    payment = shop.start(basket, shop.due(basket))
    shop.send(payment)
    untaxed = dataclasses.replace(taxes, rates=(TaxRate(code="A", name="VAT", rate=Fraction(0)),))
    shop.restart(dataclasses.replace(paying_settings, taxes=untaxed))
    done = shop.answer(payment, found=True)
    assert (done.orphan, done.basket.due, done.basket.basket.payments) == (True, eur(10_000), ())


def test_a_basket_whose_tax_is_no_longer_known(open_paying, paying_settings):
    shop = open_paying()
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    none = dataclasses.replace(paying_settings.taxes, rates=(TaxRate(code="B", name="VAT", rate=Fraction(0)),))
    shop.restart(dataclasses.replace(paying_settings, taxes=none))
    done = shop.answer(payment, found=True)
    assert (done.orphan, done.basket) == (True, None)
    assert shop.get(basket).payments == ()


def test_a_till_that_is_no_longer_configured(open_paying, paying_settings):
    shop = open_paying()
    basket = shop.basket("tea", till="t2")
    payment = shop.start(basket, 250, till=TillId("t2"))
    shop.send(payment)
    shop.restart(dataclasses.replace(paying_settings, tills=paying_settings.tills[:1]))
    done = shop.answer(payment, found=True, slip=("x",))
    assert (done.sale, done.orphan) == (None, False)
    assert len(done.basket.basket.tenders) == 1
