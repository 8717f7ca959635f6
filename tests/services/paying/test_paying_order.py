"""Locks of terminals, what a payment may do, its references, pages, restarts and rebuilding."""

import pytest
from paying_shop import ASKED_AT, HUB, eur

from edge_hub.domain.events import SaleCompleted
from edge_hub.domain.ids import BasketId
from edge_hub.domain.payment import Cause, PaymentMethod, PaymentNotMovable, PaymentState
from edge_hub.domain.tender import Tender
from edge_hub.services.checkout.commands import AddTender
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import MarkSending, MovePayment
from edge_hub.services.payments.handlers_opening import REQUEST_BYTES_MAX, PaymentRequestTooLong
from edge_hub.services.payments.model import (
    PaymentNotFound,
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    Why,
)

S = PaymentState


def test_a_terminal_has_one_payment_in_hand(shop):
    first = shop.start(shop.basket("tea"), 250)
    for step in (shop.send, lambda one: shop.move(one, Cause.ACKNOWLEDGED), shop.decline):
        with pytest.raises(PaymentTerminalBusy) as raised:
            shop.start(shop.basket("tea"), 250)
        assert raised.value.params == {"payment": first}
        step(first)
    shop.start(shop.basket("tea"), 250)


def test_a_terminal_is_locked_by_a_doubt_until_it_is_settled(shop):
    first = shop.start(shop.basket("tea"), 250)
    shop.send(first)
    shop.doubt(first)
    for cause in (Cause.ASKED, Cause.GAVE_UP):
        with pytest.raises(PaymentTerminalLocked) as raised:
            shop.start(shop.basket("tea"), 250)
        assert raised.value.params == {"payment": first}
        shop.move(first, cause)
    with pytest.raises(PaymentTerminalLocked):
        shop.start(shop.basket("tea"), 250)
    shop.resolve(first, approved=False)
    shop.start(shop.basket("tea"), 250)


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "card-2"},
        {"locks": False},
        {"method": PaymentMethod.WALLET, "provider": "line", "tender": "line_pay"},
        {"method": PaymentMethod.STANDALONE, "provider": ""},
    ],
)
def test_others_go_on(shop, other):
    first = shop.start(shop.basket("tea"), 250)
    shop.send(first)
    shop.doubt(first)
    for _ in range(2):
        shop.start(shop.basket("tea"), 250, **other) if other.get("provider") != "card-2" else None
    shop.start(shop.basket("tea"), 250, **other)


def test_a_terminal_of_its_own(shop):
    payment = shop.start(shop.basket("tea"), 250, method=PaymentMethod.STANDALONE, provider="")
    assert shop.move(payment, Cause.HANDED_OVER).payment.why is Why.MANUAL
    done = shop.resolve(payment, approved=True, slip="000042")
    assert done.sale is not None
    assert shop.sales[0].tenders[0].detail == "000042"


def test_only_known_moves_of_known_payments(shop):
    payment = shop.start(shop.basket("tea"), 250)
    for cause in set(Cause) - {
        Cause.NOT_SENT, Cause.SENT, Cause.ACKNOWLEDGED, Cause.DOUBT, Cause.ASKED, Cause.CANCELLING, Cause.GAVE_UP,
        Cause.HANDED_OVER, Cause.ABSENT,
    }:  # fmt: skip
        with pytest.raises(PaymentNotMovable):
            shop.do(MovePayment(payment=payment, cause=cause))
    with pytest.raises(PaymentNotFound):
        shop.move("nothing", Cause.SENT)
    with pytest.raises(PaymentNotMovable):
        shop.answer(payment)
    assert shop.state(payment) is S.CREATED


def test_the_request_is_written_down_once(shop):
    payment = shop.start(shop.basket("tea"), 250)
    with pytest.raises(PaymentRequestTooLong):
        shop.do(MarkSending(payment=payment, request=bytes(REQUEST_BYTES_MAX + 1), asked_at=ASKED_AT))
    shop.do(MarkSending(payment=payment, request=b"first", asked_at=ASKED_AT), actor=HUB)
    with pytest.raises(PaymentNotMovable):
        shop.do(MarkSending(payment=payment, request=b"second", asked_at=ASKED_AT), actor=HUB)
    assert shop.payment(payment).request == b"first"


def test_references_are_told_apart_even_if_ids_repeat_their_last_digits(shop, monkeypatch):
    given = iter(["AAAAAAAAAA", "AAAAAAAAAA", "BBBBBBBBBB"])
    monkeypatch.setattr("edge_hub.services.payments.handlers_opening.reference_of", lambda _: next(given))
    first = shop.start(shop.basket("tea"), 250)
    second = shop.start(shop.basket("tea"), 250, provider="card-2")
    assert [shop.payment(one).reference for one in (first, second)] == ["AAAAAAAAAA", "BBBBBBBBBB"]


def test_a_sale_of_another_till_cannot_claim_a_payment_by_its_reference(shop):
    basket = shop.basket("tea")
    shop.approve(shop.start(basket, 100))
    reference = shop.get(basket).tenders[0].reference
    other = shop.basket("tea")
    shop.do(AddTender(basket=other, tender=Tender(type="card", amount=eur(250), reference=reference)))
    assert shop.row("SELECT count(*) FROM payments WHERE sale <> ''") == (0,)


def test_pages_of_payments(shop):
    basket = shop.basket("coat")
    made = [shop.start(basket, 1, provider=f"card-{n}") for n in range(5)]
    page = records.listed(shop.rows, limit=2)
    assert [one.payment.id for one in page.payments] == [made[4], made[3]]
    rest = records.listed(shop.rows, limit=10, after=page.next_after)
    assert ([one.payment.id for one in rest.payments], rest.next_after) == ([made[2], made[1], made[0]], None)
    assert [one.payment.id for one in records.listed(shop.rows, provider="card-3").payments] == [made[3]]
    assert len(records.listed(shop.rows, basket=BasketId(basket)).payments) == 5
    assert records.listed(shop.rows, sale="nothing").payments == ()


def test_a_restart_in_every_state(shop):
    basket = shop.basket("coat")
    created, sending, sent, going, handed, asked = (
        shop.start(basket, 1, provider=f"card-{n}", method=PaymentMethod.TERMINAL) for n in range(6)
    )
    for payment in (sent, going, asked):
        shop.send(payment)
    shop.do(MarkSending(payment=sending, request=b"x", asked_at=ASKED_AT), actor=HUB)
    shop.move(going, Cause.ACKNOWLEDGED)
    shop.move(handed, Cause.HANDED_OVER)
    shop.doubt(asked)
    left = shop.restart()
    assert [(one.payment.id, one.payment.state) for one in left] == [
        (sending, S.UNKNOWN), (sent, S.UNKNOWN), (going, S.UNKNOWN), (handed, S.MANUAL), (asked, S.UNKNOWN),
    ]  # fmt: skip
    assert shop.state(created) is S.NOT_SENT
    assert [held.payment for held in shop.get(basket).payments] == [sending, sent, going, handed, asked]
    assert shop.restart() == left


def test_rebuilding_gives_the_same_payments(shop):
    shop.approve(shop.start(shop.basket("tea"), 250))
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    assert shop.rebuilt() == ()
    assert shop.state(payment) is S.UNKNOWN
    assert len(shop.events(SaleCompleted)) == 1
