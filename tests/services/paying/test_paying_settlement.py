"""A terminal's end of day: nothing else meanwhile, counted once, differences named."""

import pytest
from paying_shop import HUB, eur

from edge_hub.domain.events import SettlementClosed, SettlementOpened
from edge_hub.domain.payment import Cause, PaymentKind, PaymentState
from edge_hub.domain.reconciliation import SettlementState, TerminalTotals
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import CloseSettlement, OpenSettlement
from edge_hub.services.payments.model import (
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    SettlementClosedAlready,
    SettlementNotFound,
    SettlementOpenAlready,
    SlipUsed,
)

S = PaymentState


def open_it(shop, terminal="card-1", **more):
    return shop.do(OpenSettlement(terminal=terminal), **more)


def close_it(shop, settlement, count=None, amount=None, **more):
    totals = None if count is None else TerminalTotals(batch="7", count=count, amount=eur(amount))
    return shop.do(CloseSettlement(settlement=settlement.id, totals=totals, **more), actor=HUB)


def day(shop, *amounts, provider="card-1"):
    made = []
    for minor in amounts:
        made.append(shop.start(shop.basket("coat"), minor, provider=provider))
        shop.approve(made[-1])
    return made


def test_a_day_that_agrees(shop):
    made = day(shop, 100, 200)
    day(shop, 999, provider="card-2")
    opened = open_it(shop)
    assert (opened.state, opened.closed_at_ms, opened.reconciliation, opened.staff) == (
        SettlementState.OPEN,
        None,
        None,
        "aino",
    )
    done = close_it(shop, opened, 2, 300, detail="batch 7")
    assert (done.state, done.reconciliation.payments, done.reconciliation.detail) == (
        SettlementState.AGREED,
        tuple(made),
        "batch 7",
    )
    assert done.closed_at_ms >= done.opened_at_ms
    assert {("settlement", done.id), *(("payment", one) for one in made)} <= set(shop.wakes)
    assert records.load_settlement(shop.row, done.id) == done
    assert records.settlements(shop.rows) == (done,)
    assert (len(shop.events(SettlementOpened)), len(shop.events(SettlementClosed))) == (1, 1)


def test_nothing_is_counted_twice(shop):
    day(shop, 100)
    close_it(shop, open_it(shop), 1, 100)
    (late,) = day(shop, 50)
    done = close_it(shop, open_it(shop), 1, 50)
    assert (done.state, done.reconciliation.payments) == (SettlementState.AGREED, (late,))
    assert close_it(shop, open_it(shop), 0, 0).state is SettlementState.AGREED


def test_a_day_that_differs(shop):
    made = day(shop, 100, 200)
    done = close_it(shop, open_it(shop), 3, 350)
    assert done.state is SettlementState.DIFFERENT
    assert [(one.what, one.terminal, one.journal) for one in done.reconciliation.differences] == [
        ("count", 3, 2), ("amount", 350, 300),
    ]  # fmt: skip
    assert done.reconciliation.payments == tuple(made)


def test_what_a_person_said_is_named_once(shop):
    payments = []
    for approved in (True, False):
        payment = shop.start(shop.basket("tea"), 250)
        shop.send(payment)
        shop.doubt(payment)
        shop.resolve(payment, approved)
        payments.append(payment)
    done = close_it(shop, open_it(shop), 1, 250)
    assert (done.state, done.reconciliation.payments) == (SettlementState.AGREED, tuple(payments))
    assert [one.payment for one in done.reconciliation.differences] == payments
    assert close_it(shop, open_it(shop), 0, 0).reconciliation.differences == ()


def test_a_payment_that_waits_for_a_person_is_named_and_counted_when_it_is_known(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    shop.move(payment, Cause.GAVE_UP)
    first = close_it(shop, open_it(shop), 1, 250)
    assert first.state is SettlementState.DIFFERENT
    assert [one.payment for one in first.reconciliation.differences][-1] == payment
    assert first.reconciliation.payments == ()
    shop.resolve(payment, approved=True)
    assert close_it(shop, open_it(shop), 0, 0).reconciliation.payments == (payment,)


def test_a_batch_that_was_not_closed_is_counted_again(shop):
    (payment,) = day(shop, 100)
    assert close_it(shop, open_it(shop), refused=True, detail="host").state is SettlementState.REFUSED
    assert close_it(shop, open_it(shop), unknown=True).state is SettlementState.UNKNOWN
    assert close_it(shop, open_it(shop), 1, 100).reconciliation.payments == (payment,)


def test_a_terminal_that_gives_no_figures(shop):
    (payment,) = day(shop, 100)
    done = close_it(shop, open_it(shop))
    assert (done.state, done.reconciliation.payments) == (SettlementState.UNCHECKED, (payment,))


def test_voids_and_refunds(shop):
    one, two, three = day(shop, 100, 200, 400)
    shop.approve(shop.back(one))
    shop.approve(shop.back(two, PaymentKind.REFUND, 50))
    done = close_it(shop, open_it(shop), 3, 550)
    assert done.state is SettlementState.AGREED
    assert done.reconciliation.journal.by_scheme == (("VISA", 3, 550),)
    assert len(done.reconciliation.payments) == 5
    shop.approve(shop.back(three, PaymentKind.REFUND, 400))
    assert close_it(shop, open_it(shop), 1, -400).state is SettlementState.AGREED


def test_nothing_is_asked_of_it_meanwhile(shop):
    (payment,) = day(shop, 100)
    opened = open_it(shop)
    with pytest.raises(SettlementOpenAlready) as raised:
        open_it(shop)
    assert raised.value.params == {"settlement": opened.id}
    for locks in (True, False):
        with pytest.raises(PaymentTerminalLocked):
            shop.start(shop.basket("tea"), 250, locks=locks)
        with pytest.raises(PaymentTerminalLocked):
            shop.back(payment, locks=locks)
    shop.start(shop.basket("tea"), 250, provider="card-2")
    close_it(shop, opened, 1, 100)
    shop.start(shop.basket("tea"), 250)


def test_it_is_not_settled_over_a_payment(shop):
    payment = shop.start(shop.basket("tea"), 250)
    with pytest.raises(PaymentTerminalBusy):
        open_it(shop)
    shop.send(payment)
    with pytest.raises(PaymentTerminalBusy):
        open_it(shop)
    shop.doubt(payment)
    with pytest.raises(PaymentTerminalLocked):
        open_it(shop)
    shop.move(payment, Cause.GAVE_UP)
    open_it(shop)


def test_it_is_closed_once(shop):
    opened = open_it(shop)
    close_it(shop, opened)
    with pytest.raises(SettlementClosedAlready):
        close_it(shop, opened, 1, 1)
    with pytest.raises(SettlementNotFound):
        shop.do(CloseSettlement(settlement="nothing", totals=None))


def test_a_restart_in_the_middle(shop):
    (payment,) = day(shop, 100)
    opened = open_it(shop)
    shop.restart()
    found = records.load_settlement(shop.row, opened.id)
    assert (found.state, found.reconciliation.payments) == (SettlementState.UNKNOWN, ())
    assert close_it(shop, open_it(shop), 1, 100).reconciliation.payments == (payment,)


def test_the_same_request_twice_is_one_settlement(shop):
    assert open_it(shop, key="k") == open_it(shop, key="k")


def test_a_slips_number_is_free_again_in_the_next_batch(shop):
    one = shop.start(shop.basket("tea"), 250)
    shop.approve(one, receipt="000001")
    two, three = (shop.start(shop.basket("tea"), 250, locks=False) for _ in range(2))
    for payment in (two, three):
        shop.send(payment)
        shop.doubt(payment)
        shop.move(payment, Cause.GAVE_UP)
    with pytest.raises(SlipUsed):
        shop.resolve(two, approved=True, slip="000001")
    close_it(shop, open_it(shop), 1, 250)
    shop.resolve(two, approved=True, slip="000001")
    with pytest.raises(SlipUsed):
        shop.resolve(three, approved=True, slip="000001")


def test_rebuilding_gives_the_same_settlements(shop):
    day(shop, 100, 200)
    close_it(shop, open_it(shop), 2, 301)
    open_it(shop)
    assert shop.rebuilt() == ()
    assert len(records.settlements(shop.rows)) == 2
