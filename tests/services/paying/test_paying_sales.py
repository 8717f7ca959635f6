"""Payments of a basket: held, answered, completed in one transaction."""

import dataclasses

import pytest
from paying_shop import ASKED_AT, cash, eur

from edge_hub.domain.basket import BasketState
from edge_hub.domain.completion import BasketEmpty
from edge_hub.domain.events import PaymentMoved, PaymentOpened
from edge_hub.domain.ids import TillId
from edge_hub.domain.money import Money
from edge_hub.domain.paying import TenderNotRemovable
from edge_hub.domain.payment import Cause, PaymentMethod, PaymentState, reference_of
from edge_hub.domain.ringing import BasketBeingPaid, BasketClosed, BasketParked, VersionMismatch
from edge_hub.domain.settlement import TENDERS_MAX, TenderTooLarge, TooManyTenders
from edge_hub.domain.store import PaymentRules
from edge_hub.domain.tender import Tender
from edge_hub.services.checkout.commands import AddTender, OpenBasket, ParkBasket, RemoveTender
from edge_hub.services.checkout.records import BasketNotFound
from edge_hub.services.checkout.selling import TillUnknown
from edge_hub.services.payments import records
from edge_hub.services.payments.model import (
    PaymentAmountInvalid,
    PaymentMethodOff,
)
from edge_hub.services.printing.pack import unpack

S = PaymentState


def test_a_card_pays_a_basket(shop):
    basket = shop.basket("tea", "bag")
    payment = shop.start(basket, 270, print_receipt=True)
    assert (shop.due(basket), shop.get(basket).payments[0].payment) == (0, payment)
    assert shop.state(payment) is S.CREATED
    shop.send(payment)
    sent = shop.payment(payment)
    assert (sent.state, sent.request, sent.asked_at) == (S.SENT, b"\x02" + payment.encode(), ASKED_AT)
    shop.move(payment, Cause.ACKNOWLEDGED)
    done = shop.answer(payment, approval="A1")
    assert (done.payment.payment.state, done.orphan, done.basket.basket.state) == (S.APPROVED, False, BasketState.SOLD)
    assert done.payment.paid_sale == done.sale.sale_id
    (sale,) = shop.sales
    assert sale.tenders == (
        Tender(type="card", amount=eur(270), reference=reference_of(payment), detail="VISA 431195******1234 / A1"),
    )
    assert (sale.staff, sale.basket, sale.id) == ("aino", basket, done.sale.sale_id)
    assert shop.get(basket).payments == ()
    assert shop.unresolved == {}
    assert shop.view(payment).paid_sale == sale.id
    assert [one.payment.id for one in records.listed(shop.rows, sale=sale.id).payments] == [payment]
    assert {("payment", payment), ("basket", basket), ("sale", sale.id)} <= set(shop.wakes)


def test_all_of_it_is_one_transaction(shop):
    """The approval, the tender and the sale stand in the journal one after the other, of one moment."""
    payment = shop.start(shop.basket("tea"), 250)
    shop.approve(payment)
    rows = shop.rows("SELECT type, at_ms FROM journal ORDER BY seq DESC LIMIT 2")
    assert [kind for kind, _ in rows] == ["sale.completed", "payment.moved"]
    assert rows[0][1] == rows[1][1]


def test_every_transition_is_journaled_and_nothing_else(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.approve(payment)
    (opened,) = shop.events(PaymentOpened)
    assert (opened.payment.id, opened.payment.state) == (payment, S.CREATED)
    assert [moved.move.cause for moved in shop.events(PaymentMoved)] == [Cause.SEND, Cause.SENT, Cause.APPROVED]


@pytest.mark.parametrize(("asked", "receipts"), [(True, 1), (None, 1), (False, 0)])
def test_the_receipt_prints_as_it_was_asked_at_the_start(shop, asked, receipts):
    payment = shop.start(shop.basket("tea"), 250, print_receipt=asked)
    assert len(shop.approve(payment).sale.jobs) == receipts


def test_slips_are_printed_where_the_terminal_leaves_that_to_the_hub(shop):
    payment = shop.start(shop.basket("tea"), 250, print_receipt=False)
    shop.approve(payment, slip=("SHOP", "", "  2.50"), merchant_slip=("SIGN: ____",))
    jobs = shop.rows(
        "SELECT device, kind, title, document FROM jobs WHERE origin = ? ORDER BY lane_order", (f"payment:{payment}",)
    )
    assert [job[:2] for job in jobs] == [("front", "print")] * 2
    texts = [[getattr(block, "text", "") for block in unpack(job[3]).blocks] for job in jobs]
    assert texts[0][:3] == ["SHOP", "", "  2.50"]
    assert texts[1][0] == "SIGN: ____"


def test_a_declined_cards_slip_is_printed_and_a_doubtful_one_is_not(shop):
    declined = shop.start(shop.basket("tea"), 250)
    shop.decline(declined, slip=("DECLINED",))
    doubtful = shop.start(shop.basket("tea"), 250)
    shop.approve(doubtful, amount=eur(251), slip=("APPROVED 2.51",))
    assert shop.rows("SELECT origin FROM jobs") == [(f"payment:{declined}",)]


def test_an_endless_slip_is_cut(shop):
    payment = shop.start(shop.basket("tea"), 250)
    done = shop.approve(payment, slip=("x" * 1_000,) * 2_000)
    assert done.sale is not None


def test_a_declined_card_leaves_the_basket_to_others(shop):
    basket = shop.basket("tea")
    done = shop.decline(shop.start(basket, 250), text="No funds")
    assert (done.payment.payment.state, done.payment.payment.detail) == (S.DECLINED, "No funds")
    assert (done.basket.due, done.basket.basket.payments, done.sale) == (eur(250), (), None)
    assert shop.pay_cash(basket, 250).sale is not None


@pytest.mark.parametrize("cause", [Cause.NOT_SENT])
def test_what_was_not_sent_leaves_the_basket_to_others(shop, cause):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    assert shop.move(payment, cause).basket.due == eur(250)
    assert shop.state(payment) is S.NOT_SENT


def test_several_cards_and_cash(shop):
    basket = shop.basket("coat")
    first = shop.start(basket, 3000)
    second = shop.start(basket, 4000, provider="card-2")
    assert shop.due(basket) == 3000
    assert shop.pay_cash(basket, 5000).sale is None
    assert shop.due(basket) == 0
    assert shop.approve(second).sale is None
    assert shop.get(basket).state is BasketState.OPEN
    done = shop.approve(first)
    assert done.sale.change == eur(2000)
    assert [tender.amount.minor for tender in shop.sales[0].tenders] == [5000, 4000, 3000]
    assert {shop.view(one).paid_sale for one in (first, second)} == {done.sale.sale_id}


@pytest.mark.parametrize(("ends", "change"), [("approved", 6000), ("declined", 0), ("not sent", 0), ("by hand", 0)])
def test_a_note_for_all_of_it_beside_a_card_waits_for_the_card(shop, ends, change):
    """40.00 is due and a hundred is handed over: the change depends on the card, which must not be taken for nothing."""
    basket = shop.basket("coat")
    payment = shop.start(basket, 6000)
    assert shop.pay_cash(basket, 10_000).sale is None
    assert shop.due(basket) == 0
    if ends == "approved":
        done = shop.approve(payment)
    elif ends == "declined":
        done = shop.decline(payment)
    elif ends == "not sent":
        done = shop.move(payment, Cause.NOT_SENT)
    else:
        shop.send(payment)
        shop.doubt(payment)
        done = shop.resolve(payment, approved=False)
    assert done.sale.change == eur(change)
    assert shop.get(basket).state is BasketState.SOLD
    assert shop.unresolved == {}


def test_cash_for_all_of_it_beside_two_cards(shop):
    basket = shop.basket("coat")
    first = shop.start(basket, 3000)
    second = shop.start(basket, 4000, provider="card-2")
    shop.pay_cash(basket, 10_000)
    assert shop.approve(first).sale is None
    assert shop.approve(second).sale.change == eur(7000)
    assert shop.unresolved == {}


@pytest.mark.parametrize("first_ends", ["void", "card"])
def test_cash_for_all_of_it_beside_a_void_and_a_card(shop, first_ends):
    basket = shop.basket("coat")
    voided, other = shop.start(basket, 3000), shop.start(basket, 4000, provider="card-2")
    shop.pay_cash(basket, 10_000)
    shop.approve(voided)
    void = shop.back(voided)
    steps = {"void": lambda: shop.approve(void), "card": lambda: shop.decline(other)}
    assert steps.pop(first_ends)().sale is None
    (last,) = steps.values()
    assert last().sale.change == eur(0)
    assert shop.get(basket).state is BasketState.SOLD
    assert shop.unresolved == {}


def test_the_rest_in_cash_after_a_card(shop):
    basket = shop.basket("coat")
    shop.approve(shop.start(basket, 3000))
    assert shop.pay_cash(basket, 7000).sale is not None


def test_the_basket_grows_while_a_card_is_asked(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.add(basket, "bag")
    assert shop.due(basket) == 20
    assert shop.approve(payment).sale is None
    assert shop.due(basket) == 20


def test_what_may_not_happen_to_a_basket_meanwhile(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 200)
    with pytest.raises(BasketBeingPaid):
        shop.do(ParkBasket(basket=basket))
    with pytest.raises(TenderTooLarge):
        shop.start(basket, 51, provider="card-2")
    with pytest.raises(TenderTooLarge):
        shop.do(AddTender(basket=basket, tender=Tender(type="voucher", amount=eur(51))))
    shop.approve(payment)
    with pytest.raises(TenderNotRemovable) as raised:
        shop.do(RemoveTender(basket=basket, index=0))
    assert raised.value.params == {"payment": payment}
    with pytest.raises(BasketBeingPaid):
        shop.abandon(basket)


def test_a_tender_that_no_payment_made_may_be_removed(shop):
    basket = shop.basket("tea")
    shop.do(AddTender(basket=basket, tender=Tender(type="card", amount=eur(100), reference="by hand")))
    shop.do(AddTender(basket=basket, tender=cash(10)))
    assert shop.do(RemoveTender(basket=basket, index=0)).basket.tenders == (cash(10),)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"minor": 251}, TenderTooLarge),
        ({"minor": 0}, PaymentAmountInvalid),
        ({"minor": -1}, PaymentAmountInvalid),
        ({"minor": 250, "till": TillId("nowhere")}, TillUnknown),
        ({"minor": 250, "version": 1}, VersionMismatch),
        ({"minor": 250, "tender": "cash"}, PaymentMethodOff),
        ({"minor": 250, "tip": eur(250)}, PaymentAmountInvalid),
        ({"minor": 250, "tip": eur(0)}, PaymentAmountInvalid),
        ({"minor": 250, "tip": Money(1, "TWD")}, PaymentAmountInvalid),
    ],
)
def test_what_cannot_be_started(shop, asked, error):
    basket = shop.basket("tea")
    before = shop.get(basket)
    with pytest.raises(error):
        shop.start(basket, asked.pop("minor"), **asked)
    assert shop.get(basket) == before
    assert shop.events(PaymentOpened) == []


def test_where_nothing_can_be_started(shop):
    empty = shop.do(OpenBasket(till=TillId("t1"))).basket.id
    with pytest.raises(BasketEmpty):
        shop.start(empty, 1)
    with pytest.raises(BasketNotFound):
        shop.start("nothing", 1)
    parked = shop.basket("tea")
    shop.do(ParkBasket(basket=parked))
    with pytest.raises(BasketParked):
        shop.start(parked, 250)
    sold = shop.basket("tea")
    shop.pay_cash(sold, 250)
    with pytest.raises(BasketClosed):
        shop.start(sold, 250)


def test_a_store_that_takes_no_tips_and_no_terminals_of_their_own(open_paying, settings):
    shop = open_paying(dataclasses.replace(settings, payments=PaymentRules(standalone=False)))
    basket = shop.basket("tea")
    with pytest.raises(PaymentMethodOff):
        shop.start(basket, 250, tip=eur(10))
    with pytest.raises(PaymentMethodOff):
        shop.start(basket, 250, method=PaymentMethod.STANDALONE, provider="")


def test_a_tip_is_charged_and_pays_nothing(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 280, tip=eur(30))
    assert shop.get(basket).pending == (eur(250),)
    done = shop.approve(payment)
    assert shop.sales[0].tenders[0].amount == done.sale.total == eur(250)
    assert shop.payment(payment).amount == eur(280)


def test_as_many_payments_as_tenders(shop):
    basket = shop.basket("coat")
    for number in range(TENDERS_MAX):
        shop.start(basket, 1, provider=f"card-{number}")
    with pytest.raises(TooManyTenders):
        shop.start(basket, 1, provider="one too many")
