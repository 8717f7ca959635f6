"""A basket and the payments under way for it: nothing is asked for twice, nothing shrinks under them."""

import dataclasses

import pytest
from domain_shop import FINLAND, STAFF, basket, eur, line, off
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.domain import paying, ringing
from edge_hub.domain.basket import BasketPayment, BasketState
from edge_hub.domain.ids import LineId, PaymentId
from edge_hub.domain.pricing import totals
from edge_hub.domain.settlement import TENDERS_MAX, TenderTooLarge, TooManyTenders, due, paid, settle
from edge_hub.domain.tender import CASH, Tender


def card(minor, reference="R1", **more):
    return Tender(type="card", amount=eur(minor), reference=reference, **more)


def cash(minor):
    return Tender(type=CASH, amount=eur(minor))


def whole(rung, rounding=1):
    return totals(rung, FINLAND, rounding)


def hold(rung, minor, payment="p1", rounding=1, **more):
    held = BasketPayment(payment=PaymentId(payment), amount=eur(minor), **more)
    return paying.hold(rung, held, card(minor), whole(rung, rounding))


RUNG = basket(line(1, eur(1000)))
HELD = hold(RUNG, 600)


def left(rung, rounding=1):
    exact, in_cash = due(whole(rung, rounding), rung.tenders, rung.pending)
    return exact.minor, in_cash.minor


def test_what_is_held_is_asked_of_nobody_else():
    assert (HELD.version, left(RUNG), left(HELD)) == (2, (1000, 1000), (400, 400))
    with pytest.raises(TenderTooLarge):
        hold(HELD, 401, "p2")
    full = hold(HELD, 400, "p2")
    assert left(full) == (0, 0)
    with pytest.raises(TenderTooLarge):
        ringing.add_tender(full, cash(1), whole(full))
    with pytest.raises(TenderTooLarge):
        hold(full, 1, "p3")


def test_cash_beside_a_card_gives_change_when_the_card_is_approved():
    rung = ringing.add_tender(HELD, cash(500), whole(HELD))
    assert not paid(whole(rung), rung.tenders)
    assert left(rung) == (0, 0)
    done = paying.take(rung, PaymentId("p1"), card(600), whole(rung))
    assert paid(whole(done), done.tenders)
    assert settle(whole(done), done.tenders).change == eur(100)


def test_cash_beside_a_card_is_due_when_the_card_is_declined():
    rung = paying.let_go(ringing.add_tender(HELD, cash(500), whole(HELD)), PaymentId("p1"))
    assert left(rung) == (500, 500)


def test_a_remainder_that_rounds_to_nothing():
    rung = basket(line(1, eur(1002)))
    held = hold(rung, 1000, rounding=5)
    assert left(held, 5) == (2, 0)
    nothing = ringing.add_tender(held, cash(0), whole(held, 5))
    assert not paid(whole(nothing, 5), nothing.tenders)
    done = paying.take(nothing, PaymentId("p1"), card(1000), whole(nothing, 5))
    assert paid(whole(done, 5), done.tenders)


@pytest.mark.parametrize(
    "change",
    [
        lambda rung: ringing.remove_line(rung, LineId("line-1")),
        lambda rung: ringing.change_quantity(rung, LineId("line-1"), 500),
        lambda rung: ringing.override_price(rung, LineId("line-1"), eur(1), reason="", staff=STAFF),
        lambda rung: ringing.discount_line(rung, LineId("line-1"), off(1)),
        lambda rung: ringing.discount_basket(rung, off(1)),
        lambda rung: ringing.park(rung, "red coat"),
    ],
)
def test_nothing_shrinks_and_nothing_is_put_aside_meanwhile(change):
    with pytest.raises(ringing.BasketBeingPaid):
        change(HELD)
    change(paying.let_go(HELD, PaymentId("p1")))


def test_it_grows_and_it_may_be_given_up():
    grown = ringing.add_line(HELD, line(2, eur(50)))
    assert left(grown) == (450, 450)
    gone, events = ringing.abandon(HELD, "walked away")
    assert (gone.state, gone.payments, len(events)) == (BasketState.ABANDONED, HELD.payments, 1)
    with pytest.raises(ringing.BasketBeingPaid):
        ringing.abandon(ringing.add_tender(HELD, cash(1), whole(HELD)))


@pytest.mark.parametrize("state", [BasketState.PARKED, BasketState.SOLD, BasketState.ABANDONED])
def test_only_an_open_basket_is_paid(state):
    closed = dataclasses.replace(HELD, state=state)
    with pytest.raises((ringing.BasketClosed, ringing.BasketParked)):
        hold(closed, 1, "p2")
    assert paying.take(closed, PaymentId("p1"), card(600), whole(closed)) is None
    assert paying.let_go(closed, PaymentId("p1")) is closed
    assert paying.give_back(dataclasses.replace(closed, tenders=(card(600),)), card(600)).tenders == (card(600),)


def test_money_nobody_wants():
    assert paying.take(RUNG, PaymentId("p1"), card(600), whole(RUNG)) is None
    cheaper = dataclasses.replace(HELD, lines=(line(1, eur(599)),))
    assert paying.take(cheaper, PaymentId("p1"), card(600), whole(cheaper)) is None


def test_a_void_takes_its_own_tender_out():
    two = dataclasses.replace(RUNG, tenders=(card(500, "R1", detail="VISA"), cash(5), card(500, "R2")))
    assert paying.give_back(two, card(500, "R1")).tenders == (cash(5), card(500, "R2"))
    assert paying.give_back(two, card(500, "R3")) is two
    assert paying.place_of(two, card(500, "R2")) == 2


def test_payments_under_way_count_as_tenders_to_be():
    rung = RUNG
    for number in range(TENDERS_MAX - 1):
        rung = hold(rung, 1, f"p{number}")
    last = ringing.add_tender(rung, cash(1), whole(rung))
    with pytest.raises(TooManyTenders):
        hold(last, 1, "one too many")
    with pytest.raises(TooManyTenders):
        ringing.add_tender(last, cash(1), whole(last))


@given(
    st.integers(1, 3000),
    st.lists(st.tuples(st.sampled_from(["hold", "cash", "take", "drop"]), st.integers(1, 2000)), max_size=12),
    st.sampled_from([1, 5]),
)
def test_whatever_order_they_end_in_nothing_is_overpaid(price, steps, rounding):
    rung, number = basket(line(1, eur(price))), 0
    for what, amount in steps:
        exact, _ = left(rung, rounding)
        if what == "hold" and exact:
            number += 1
            rung = hold(rung, min(amount, exact), f"p{number}", rounding)
        elif what == "cash" and exact:
            rung = ringing.add_tender(rung, cash(amount), whole(rung, rounding))
        elif what in {"take", "drop"} and rung.payments:
            held = rung.payments[amount % len(rung.payments)]
            rung = (
                paying.let_go(rung, held.payment)
                if what == "drop"
                else paying.take(rung, held.payment, card(held.amount.minor, held.payment), whole(rung, rounding))
            )
            assert rung is not None
            assert paying.held(rung, held.payment) is None
        cards = sum(tender.amount.minor for tender in rung.tenders if tender.type != CASH)
        assert cards + sum(amount.minor for amount in rung.pending) <= price
        assert min(left(rung, rounding)) >= 0
        if paid(whole(rung, rounding), rung.tenders):
            settle(whole(rung, rounding), rung.tenders)
            break
