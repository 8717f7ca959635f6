"""A terminal's day against the journal's."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.domain.ids import PaymentId, StaffId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import Evidence, Payment, PaymentKind, PaymentMethod, PaymentResult, PaymentState
from edge_hub.domain.reconciliation import Difference, Outcome, SettlementState, TerminalTotals, reconcile

S = PaymentState
BY_HAND = Evidence(staff=StaffId("mia"), slip="42")


def eur(minor):
    return Money(minor, "EUR")


def attempt(name, minor, state=S.APPROVED, kind=PaymentKind.SALE, scheme="VISA", **more):
    return Payment(
        id=PaymentId(name), kind=kind, method=PaymentMethod.TERMINAL, provider="card-1", tender="card",
        till=TillId("t1"), staff=StaffId("aino"), amount=eur(minor), reference=name, opened_at_ms=1, state=state,
        result=PaymentResult(scheme=scheme), **more,
    )  # fmt: skip


def compare(payments, terminal, **more):
    return reconcile(payments, terminal, currency="EUR", **more)


DAY = [
    attempt("a", 1000),
    attempt("b", 500, S.RECOVERED_APPROVED, scheme="JCB"),
    attempt("c", 200, kind=PaymentKind.REFUND, original=PaymentId("old")),
]
FIGURES = TerminalTotals(
    batch="7",
    count=3,
    amount=eur(1300),
    sales_count=2,
    sales_amount=eur(1500),
    refunds_count=1,
    refunds_amount=eur(200),
)


def test_a_day_that_agrees():
    found = compare(DAY, FIGURES)
    assert (found.state, found.payments, found.differences) == (SettlementState.AGREED, ("a", "b", "c"), ())
    assert found.terminal == FIGURES
    assert dataclasses.replace(found.journal, batch="7", by_scheme=()) == FIGURES
    assert found.journal.by_scheme == (("JCB", 1, 500), ("VISA", 2, 800))


@pytest.mark.parametrize(
    ("figure", "value", "theirs", "ours"),
    [
        ("count", 4, 4, 3),
        ("amount", eur(1301), 1301, 1300),
        ("sales_count", 1, 1, 2),
        ("sales_amount", eur(0), 0, 1500),
        ("refunds_count", 0, 0, 1),
        ("refunds_amount", eur(201), 201, 200),
    ],
)
def test_every_figure_is_compared(figure, value, theirs, ours):
    found = compare(DAY, dataclasses.replace(FIGURES, **{figure: value}))
    assert found.state is SettlementState.DIFFERENT
    assert found.differences == (Difference(what=figure, terminal=theirs, journal=ours),)
    assert compare(DAY, TerminalTotals(**{figure: getattr(FIGURES, figure)})).state is SettlementState.AGREED


VOIDED = [
    *DAY,
    attempt("d", 300, S.REVERSED),
    attempt("e", 300, kind=PaymentKind.VOID, original=PaymentId("d")),
]


@pytest.mark.parametrize(
    "terminal",
    [
        FIGURES,
        dataclasses.replace(
            FIGURES, count=5, sales_count=3, sales_amount=eur(1800), refunds_count=2, refunds_amount=eur(500)
        ),
    ],
)
def test_terminals_count_a_voided_sale_in_two_ways(terminal):
    found = compare(VOIDED, terminal)
    assert found.state is SettlementState.AGREED
    assert found.payments == ("a", "b", "c", "d", "e")


TIPPED = [*DAY, attempt("t", 100, kind=PaymentKind.TIP, original=PaymentId("a"))]


@pytest.mark.parametrize("counted", [0, 1])
def test_terminals_count_a_later_tip_with_its_sale_or_as_another(counted):
    theirs = dataclasses.replace(
        FIGURES, count=3 + counted, sales_count=2 + counted, amount=eur(1400), sales_amount=eur(1600)
    )
    found = compare(TIPPED, theirs)
    assert (found.state, found.payments) == (SettlementState.AGREED, ("a", "b", "c", "t"))
    assert found.journal.tips_amount == eur(100)
    assert found.journal.by_scheme == (("JCB", 1, 500), ("VISA", 2 + counted, 900))
    assert compare(TIPPED, FIGURES).differences == (
        Difference(what="amount", terminal=1300, journal=1400),
        Difference(what="sales_amount", terminal=1500, journal=1600),
    )


@pytest.mark.parametrize("theirs", [(3, 1300), (5, 1300), (6, 1300)])
def test_a_void_takes_the_tip_with_it(theirs):
    count, net = theirs
    undone = [attempt("d", 300, S.REVERSED), attempt("t", 30, kind=PaymentKind.TIP, original=PaymentId("d"))]
    day = [*DAY, *undone, attempt("e", 330, kind=PaymentKind.VOID, original=PaymentId("d"))]
    assert compare(day, TerminalTotals(count=count, amount=eur(net))).state is SettlementState.AGREED


def test_tips_in_sales_and_later_ones_are_summed():
    day = [attempt("a", 1100, tip=eur(100)), attempt("b", 500), attempt("t", 50, kind=PaymentKind.TIP)]
    assert compare(day, None).journal.tips_amount == eur(150)
    assert compare(DAY, None).journal.tips_amount is None


@pytest.mark.parametrize("theirs", [None, (3, 1300), (5, 1300), (6, 1300)])
def test_a_tip_that_was_voided_is_nobodys(theirs):
    """The figure is what is paid out to staff, however the terminal counts voids."""
    later = [attempt("d", 300, S.REVERSED), attempt("t", 30, kind=PaymentKind.TIP, original=PaymentId("d"))]
    at_once = [attempt("f", 220, S.REVERSED, tip=eur(20))]
    voids = [
        attempt(f"v{one}", minor, kind=PaymentKind.VOID, original=PaymentId(one))
        for one, minor in (("d", 330), ("f", 220))
    ]
    kept = attempt("k", 40, kind=PaymentKind.TIP, original=PaymentId("a"))
    terminal = None if theirs is None else TerminalTotals(count=theirs[0], amount=eur(theirs[1] + 40))
    assert compare([*DAY, *later, *at_once, *voids, kept], terminal).journal.tips_amount == eur(40)
    assert compare([*DAY, *later, *at_once, *voids], None).journal.tips_amount is None


def test_a_void_of_an_earlier_days_sale_gives_back():
    void = attempt("e", 300, kind=PaymentKind.VOID, original=PaymentId("yesterday"))
    assert compare([*DAY, void], None).journal.amount == eur(1000)


@pytest.mark.parametrize("state", [S.REVERSING, S.REVERSE_UNKNOWN])
def test_what_is_being_voided_was_taken(state):
    found = compare([attempt("a", 1000, state)], TerminalTotals(count=1, amount=eur(1000)))
    assert (found.state, found.payments) == (SettlementState.AGREED, ("a",))


def test_what_may_explain_a_difference_is_named():
    payments = [
        attempt("plain", 100),
        attempt("unknown", 200, S.UNKNOWN),
        attempt("manual", 300, S.MANUAL),
        attempt("by hand", 400, evidence=BY_HAND),
        attempt("refused by hand", 500, S.DECLINED, evidence=BY_HAND),
        attempt("disputed", 600, S.DECLINED, disputed=True),
        attempt("taken and disputed", 700, disputed=True),
    ]
    found = compare(payments, TerminalTotals(count=3))
    assert found.state is SettlementState.AGREED
    assert [one.payment for one in found.differences] == [
        "unknown", "manual", "by hand", "refused by hand", "disputed", "taken and disputed",
    ]  # fmt: skip
    assert all(one.what == "payment" for one in found.differences)
    assert [one.journal for one in found.differences] == [200, 300, 400, 500, 600, 700]
    assert found.payments == ("plain", "by hand", "refused by hand", "taken and disputed")


def test_a_batch_that_may_be_open_closes_nothing():
    for outcome, state in ((Outcome.REFUSED, SettlementState.REFUSED), (Outcome.UNKNOWN, SettlementState.UNKNOWN)):
        found = compare(DAY, None, outcome=outcome, detail="why")
        assert (found.state, found.payments, found.detail, found.journal.count) == (state, (), "why", 3)


def test_no_figures_is_no_agreement():
    for terminal in (None, TerminalTotals(batch="7", slip=("TOTAL 13.00",))):
        found = compare(DAY, terminal)
        assert (found.state, found.payments) == (SettlementState.UNCHECKED, ("a", "b", "c"))


def test_an_empty_day():
    found = compare([], TerminalTotals(count=0, amount=eur(0)))
    assert (found.state, found.payments) == (SettlementState.AGREED, ())


@given(
    st.lists(
        st.tuples(
            st.integers(1, 10_000),
            st.sampled_from(PaymentState),
            st.sampled_from([PaymentKind.SALE, PaymentKind.REFUND]),
        ),
        max_size=8,
    )
)
def test_the_journals_figures_are_the_sums_of_what_was_taken(day):
    payments = [attempt(f"p{n}", minor, state, kind) for n, (minor, state, kind) in enumerate(day)]
    ours = compare(payments, None).journal
    taken = [
        (minor, kind)
        for minor, state, kind in day
        if state in {S.APPROVED, S.RECOVERED_APPROVED, S.REVERSING, S.REVERSE_UNKNOWN, S.REVERSED}
    ]
    assert ours.count == ours.sales_count + ours.refunds_count == len(taken)
    assert ours.amount.minor == sum(minor if kind is PaymentKind.SALE else -minor for minor, kind in taken)
    assert ours.amount.minor == ours.sales_amount.minor - ours.refunds_amount.minor
    assert sum(count for _, count, _ in ours.by_scheme) == len(taken)
    assert sum(net for _, _, net in ours.by_scheme) == ours.amount.minor
    assert compare(payments, ours).state is SettlementState.AGREED
