"""Money back: voids, refunds, and what they do to the payment, its basket and its sale."""

import pytest
from paying_shop import HUB, cash, eur

from edge_hub.domain.basket import BasketState
from edge_hub.domain.events import PaymentOpened
from edge_hub.domain.paying import TenderBeingVoided
from edge_hub.domain.payment import Cause, PaymentKind, PaymentMethod, PaymentState
from edge_hub.domain.verdict import Verdict
from edge_hub.services.checkout.commands import AddTender
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import CloseSettlement, OpenPayment, OpenSettlement
from edge_hub.services.payments.model import (
    PaymentMethodOff,
    PaymentNotFound,
    PaymentNotReversible,
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    RefundTooLarge,
    Why,
)

S = PaymentState
REFUND = PaymentKind.REFUND


@pytest.fixture
def paid(shop):
    """A payment in an open basket: 30 of 100 by card."""
    basket = shop.basket("coat")
    payment = shop.start(basket, 3000)
    shop.approve(payment)
    return basket, payment


@pytest.fixture
def sold(shop):
    payment = shop.start(shop.basket("coat"), 10_000)
    sale = shop.approve(payment).sale
    return sale.sale_id, payment


def test_a_void_takes_the_tender_out_of_the_basket(shop, paid):
    basket, payment = paid
    void = shop.back(payment)
    assert (shop.state(payment), shop.why(payment)) == (S.REVERSING, Why.VOID_OPEN)
    assert shop.due(basket) == 7000
    done = shop.approve(void)
    assert (shop.state(payment), shop.state(void)) == (S.REVERSED, S.APPROVED)
    assert (done.basket.due, done.basket.basket.tenders, done.orphan) == (eur(10_000), (), False)
    assert shop.unresolved == {}
    assert {("payment", payment), ("payment", void), ("basket", basket)} <= set(shop.wakes)
    shop.abandon(basket)


def test_a_void_that_is_declined_changes_nothing(shop, paid):
    basket, payment = paid
    before = shop.get(basket)
    void = shop.back(payment)
    shop.decline(void)
    assert shop.state(payment) is S.APPROVED
    assert shop.get(basket) == before
    assert shop.pay_cash(basket, 7000).sale is not None


def test_a_void_that_was_not_sent_changes_nothing(shop, paid):
    _, payment = paid
    shop.move(shop.back(payment), Cause.NOT_SENT)
    assert shop.state(payment) is S.APPROVED


@pytest.mark.parametrize("ends", ["approved", "declined", "absent", "by hand, done", "by hand, not done"])
def test_a_void_in_doubt(shop, paid, ends):
    basket, payment = paid
    void = shop.back(payment)
    shop.send(void)
    shop.doubt(void)
    assert shop.unresolved == {payment: Why.REVERSE_UNKNOWN, void: Why.UNKNOWN}
    if ends.startswith("by hand"):
        shop.move(void, Cause.GAVE_UP)
        assert shop.unresolved == {payment: Why.REVERSE_UNKNOWN, void: Why.MANUAL}
        shop.resolve(void, approved=ends == "by hand, done")
    elif ends == "absent":
        shop.move(void, Cause.ABSENT)
    else:
        shop.answer(void, Verdict(ends), found=True)
    undone = ends in {"approved", "by hand, done"}
    assert shop.state(payment) is (S.REVERSED if undone else S.APPROVED)
    assert shop.due(basket) == (10_000 if undone else 7000)
    assert shop.unresolved == {}


def test_a_void_over_a_restart(shop, paid):
    _, payment = paid
    void = shop.back(payment)
    shop.restart()
    assert (shop.state(void), shop.state(payment)) == (S.NOT_SENT, S.APPROVED)
    void = shop.back(payment)
    shop.send(void)
    shop.restart()
    assert (shop.state(void), shop.state(payment)) == (S.UNKNOWN, S.REVERSE_UNKNOWN)


def test_nothing_completes_a_sale_while_a_part_of_it_is_being_voided(shop, paid):
    basket, payment = paid
    shop.back(payment)
    with pytest.raises(TenderBeingVoided):
        shop.do(AddTender(basket=basket, tender=cash(7000)))
    with pytest.raises(TenderBeingVoided):
        shop.start(basket, 7000, provider="card-2")


@pytest.mark.parametrize("voided", [True, False])
def test_a_card_that_is_approved_while_another_is_being_voided(shop, voided):
    """It was asked before: its tender joins, and the sale waits for the end of the void."""
    basket = shop.basket("coat")
    first = shop.start(basket, 3000)
    shop.approve(first)
    second = shop.start(basket, 7000, provider="card-2", print_receipt=False)
    shop.send(second)
    void = shop.back(first)
    done = shop.answer(second)
    assert (done.sale, done.basket.due, done.orphan) == (None, eur(0), False)
    ended = shop.approve(void) if voided else shop.decline(void)
    assert (ended.sale is None) == voided
    assert shop.due(basket) == (3000 if voided else 0)
    assert shop.get(basket).state is (BasketState.OPEN if voided else BasketState.SOLD)


def test_a_void_of_a_sold_basket_is_linked_to_the_sale(shop, sold):
    sale, payment = sold
    void = shop.back(payment)
    done = shop.approve(void)
    assert (shop.state(payment), shop.payment(void).sale) == (S.REVERSED, sale)
    assert (done.payment.paid_sale, done.basket.basket.state) == (None, BasketState.SOLD)
    assert len(shop.sale(sale).tenders) == 1
    assert [one.payment.id for one in records.listed(shop.rows, sale=sale).payments] == [void, payment]
    assert shop.unresolved == {}


def test_refunds_up_to_what_was_paid(shop, sold):
    sale, payment = sold
    first = shop.back(payment, REFUND, 4000)
    with pytest.raises(PaymentTerminalBusy):
        shop.back(payment, REFUND, 1)
    shop.approve(first)
    with pytest.raises(RefundTooLarge) as raised:
        shop.back(payment, REFUND, 6001)
    assert raised.value.params == {"left": 6000, "currency": "EUR"}
    with pytest.raises(RefundTooLarge):
        shop.back(payment)
    shop.decline(shop.back(payment, REFUND, 6000))
    shop.approve(shop.back(payment, REFUND, 6000))
    with pytest.raises(RefundTooLarge):
        shop.back(payment, REFUND, 1)
    assert (shop.state(payment), shop.payment(first).sale) == (S.APPROVED, sale)
    assert shop.view(payment).why is Why.NOTHING


def test_a_refund_under_way_counts(shop, sold):
    _, payment = sold
    shop.back(payment, REFUND, 6000, locks=False)
    with pytest.raises(RefundTooLarge):
        shop.back(payment, REFUND, 4001, locks=False)
    shop.back(payment, REFUND, 4000, locks=False)


def test_a_refund_is_answered_like_a_sale(shop, sold):
    _, payment = sold
    refund = shop.back(payment, REFUND, 100)
    shop.send(refund)
    shop.doubt(refund)
    assert shop.unresolved == {refund: Why.UNKNOWN}
    done = shop.answer(refund, found=True)
    assert (done.payment.payment.state, done.sale, done.orphan) == (S.RECOVERED_APPROVED, None, False)
    assert ("payment", payment) in shop.wakes


def test_a_void_may_carry_its_sales_identity_and_nobody_elses(shop, sold):
    _, payment = sold
    identity = shop.payment(payment).result.identity
    other = shop.start(shop.basket("tea"), 250)
    shop.approve(other)
    void = shop.back(payment)
    shop.send(void)
    assert shop.answer(void, identity=shop.payment(other).result.identity).payment.payment.state is S.UNKNOWN
    assert shop.answer(void, identity=identity, found=True).payment.payment.state is S.RECOVERED_APPROVED
    assert shop.state(payment) is S.REVERSED


def test_what_cannot_be_given_back(shop, sold):
    _, payment = sold
    declined = shop.start(shop.basket("tea"), 250)
    shop.decline(declined)
    for original in (declined, shop.start(shop.basket("tea"), 250)):
        with pytest.raises(PaymentNotReversible):
            shop.back(original)
        if shop.state(original) is S.CREATED:
            shop.decline(original)
    with pytest.raises(PaymentNotReversible):
        shop.back(payment, provider="card-2")
    refund = shop.back(payment, REFUND, 100)
    shop.approve(refund)
    with pytest.raises(PaymentNotReversible):
        shop.back(refund)
    with pytest.raises(RefundTooLarge):
        shop.back(payment, minor=5000)
    with pytest.raises(PaymentMethodOff):
        shop.back(payment, REFUND, 100, tip=eur(1))
    nothing = OpenPayment(
        kind=REFUND, method=PaymentMethod.TERMINAL, provider="card-1", tender="card", amount=eur(1), till="t1"
    )
    with pytest.raises(PaymentNotFound):
        shop.do(nothing)
    assert [event.payment.kind for event in shop.events(PaymentOpened)].count(REFUND) == 1


def test_a_reversed_payment_is_not_reversed_again(shop, sold):
    _, payment = sold
    void = shop.back(payment)
    for kind in (PaymentKind.VOID, REFUND):
        with pytest.raises(PaymentNotReversible):
            shop.back(payment, kind, locks=False)
    shop.approve(void)
    for kind in (PaymentKind.VOID, REFUND):
        with pytest.raises(PaymentNotReversible):
            shop.back(payment, kind)


@pytest.mark.parametrize("refused", [True, False])
def test_nothing_is_voided_by_its_receipt_once_the_day_was_closed(shop, sold, refused):
    """Receipts may begin again with the batch: the number may be another customer's by now."""
    _, payment = sold
    settlement = shop.do(OpenSettlement(terminal="card-1")).id
    shop.do(CloseSettlement(settlement=settlement, totals=None, refused=refused))
    if refused:
        shop.approve(shop.back(payment))
        assert shop.state(payment) is S.REVERSED
        return
    with pytest.raises(PaymentNotReversible, match="refund"):
        shop.back(payment)
    shop.approve(shop.back(payment, REFUND))


def test_nor_where_nobody_heard_whether_the_day_was_closed_and_somebody_paid_since(shop, sold):
    _, payment = sold
    settlement = shop.do(OpenSettlement(terminal="card-1")).id
    shop.do(CloseSettlement(settlement=settlement, totals=None, unknown=True))
    shop.decline(shop.start(shop.basket("tea"), 250))
    shop.move(shop.back(payment), Cause.NOT_SENT)
    shop.approve(shop.start(shop.basket("tea"), 250, provider="card-2"))
    shop.move(shop.back(payment), Cause.NOT_SENT)
    shop.approve(shop.start(shop.basket("tea"), 250))
    with pytest.raises(PaymentNotReversible, match="refund"):
        shop.back(payment)
    shop.approve(shop.back(payment, REFUND))


# orphans


@pytest.fixture
def orphan(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    shop.abandon(basket)
    assert shop.answer(payment).orphan
    return payment


def test_an_orphan_is_voided_by_the_hub_itself(shop, orphan):
    command = OpenPayment(
        kind=PaymentKind.VOID, method=PaymentMethod.TERMINAL, provider="card-1", tender="card", amount=eur(250),
        till="t1", original=orphan, automatic=True,
    )  # fmt: skip
    void = shop.do(command, actor=HUB).payment
    assert (void.automatic, void.staff, void.sale) == (True, "", None)
    assert not shop.approve(void.id).orphan
    assert shop.unresolved == {}


def test_an_orphan_whose_void_is_declined_is_for_the_manager(shop, orphan):
    shop.decline(shop.back(orphan, automatic=True))
    assert shop.unresolved == {orphan: Why.ORPHAN}


def test_an_orphan_that_is_refunded(shop, orphan):
    shop.decline(shop.back(orphan, automatic=True))
    refund = shop.back(orphan, REFUND, automatic=True)
    assert shop.unresolved == {}
    shop.send(refund)
    shop.doubt(refund)
    assert shop.unresolved == {refund: Why.UNKNOWN}
    shop.answer(refund, Verdict.DECLINED, found=True, amount=None, identity="")
    assert shop.unresolved == {orphan: Why.ORPHAN}
    shop.approve(shop.back(orphan, REFUND, 100))
    assert shop.unresolved == {orphan: Why.ORPHAN}
    shop.approve(shop.back(orphan, REFUND, 150))
    assert shop.unresolved == {}


def test_a_terminal_in_doubt_is_not_asked_to_void(shop, orphan):
    blocking = shop.start(shop.basket("tea"), 250)
    shop.send(blocking)
    shop.doubt(blocking)
    with pytest.raises(PaymentTerminalLocked):
        shop.back(orphan)


def test_a_void_that_was_settled_differently_than_it_looked(shop, paid):
    """A late refusal of an approved void: the money may still be with the shop."""
    _, payment = paid
    void = shop.back(payment)
    shop.approve(void)
    shop.answer(void, Verdict.DECLINED, amount=None, identity="")
    assert shop.unresolved == {void: Why.DISPUTED}
    assert shop.state(payment) is S.REVERSED
