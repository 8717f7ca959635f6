"""A payment's states, held against the diagram as it is drawn in the module's docstring: written down here once more,
cause by cause, so that a change of the table alone is noticed.
"""

import dataclasses
import itertools
import re

import pytest

from edge_hub.domain import payment as module
from edge_hub.domain.events import EVENT_TYPES
from edge_hub.domain.ids import BasketId, PaymentId, StaffId, TillId, uuid7
from edge_hub.domain.money import Money
from edge_hub.domain.payment import (
    IN_DOUBT,
    IN_HAND,
    NOT_TAKEN,
    OPEN,
    TAKEN,
    WAS_TAKEN,
    Cause,
    Evidence,
    Payment,
    PaymentKind,
    PaymentMethod,
    PaymentNotMovable,
    PaymentResult,
    PaymentState,
    apply,
    move,
    reference_of,
)

SETTLED = {"contradicted": "same", "reviewed": "same"}
ON_ITS_WAY = {"approved": "approved", "declined": "declined", "doubt": "unknown", "restarted": "unknown"}
BY_ASKING = {
    "found_approved": "recovered_approved",
    "found_declined": "recovered_declined",
    "absent": "recovered_declined",
    "person_approved": "approved",
    "person_declined": "declined",
    "asked": "same",
}
UNDONE = {"reversal_done": "reversed", "reversal_failed": "before"}
DIAGRAM = {
    "created": {"send": "sending", "not_sent": "not_sent", "restarted": "not_sent", "handed_over": "manual"},
    "sending": {"not_sent": "not_sent", "sent": "sent", "acknowledged": "in_progress", **ON_ITS_WAY},
    "sent": {"not_sent": "not_sent", "acknowledged": "in_progress", **ON_ITS_WAY},
    "in_progress": ON_ITS_WAY,
    "unknown": {**BY_ASKING, "cancelling": "same", "gave_up": "manual"},
    "manual": BY_ASKING,
    "approved": {"reversal_opened": "reversing", **SETTLED},
    "recovered_approved": {"reversal_opened": "reversing", **SETTLED},
    "reversing": {"reversal_doubt": "reverse_unknown", **UNDONE, **SETTLED},
    "reverse_unknown": {**UNDONE, **SETTLED},
    "declined": SETTLED,
    "recovered_declined": SETTLED,
    "not_sent": SETTLED,
    "reversed": SETTLED,
}
PAYMENT = Payment(
    id=PaymentId(uuid7(1_780_000_000_000, bytes(10))),
    kind=PaymentKind.SALE,
    method=PaymentMethod.TERMINAL,
    provider="card-1",
    tender="card",
    till=TillId("t1"),
    staff=StaffId("aino"),
    amount=Money(1000, "EUR"),
    reference="0000000000",
    opened_at_ms=1,
    basket=BasketId("b"),
)


def standing(state, **more):
    return dataclasses.replace(PAYMENT, state=PaymentState(state), **more)


def test_the_diagram_names_every_state():
    assert set(DIAGRAM) == {state.value for state in PaymentState}


@pytest.mark.parametrize("kind", PaymentKind)
@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("state", PaymentState)
def test_every_cause_in_every_state(state, cause, kind):
    before = (
        PaymentState.RECOVERED_APPROVED if state in {PaymentState.REVERSING, PaymentState.REVERSE_UNKNOWN} else None
    )
    payment = standing(state, before=before, kind=kind)
    expected = DIAGRAM[state.value].get(cause.value)
    if expected is None:
        with pytest.raises(PaymentNotMovable) as raised:
            move(payment, cause)
        assert raised.value.params == {"state": state.value, "cause": cause.value}
        return
    after = apply(payment, move(payment, cause))
    wanted = {"same": state.value, "before": "recovered_approved"}.get(expected, expected)
    assert after.state == wanted
    assert after.moves == payment.moves + 1
    assert dataclasses.replace(payment, state=after.state) == dataclasses.replace(
        after,
        inquiries=payment.inquiries,
        cancelling=payment.cancelling,
        before=payment.before,
        disputed=False,
        reviewed=False,
        moves=payment.moves,
        acknowledged=False,
    )


def test_the_drawing_says_the_same():
    """Each arrow's ends in the docstring are a step, or several, of the table."""
    drawing = module.__doc__.split("Every transition")[0]
    assert set(re.findall(r"[a-z_]+", drawing)) >= {state.value for state in PaymentState}
    steps = {(a, b if b not in {"same", "before"} else a) for a, causes in DIAGRAM.items() for b in causes.values()} | {
        ("reversing", "approved"),
        ("reverse_unknown", "approved"),
    }
    row = re.search(r"created -> sending -> sent -> in_progress", drawing)[0].split(" -> ")
    for pair in [
        *itertools.pairwise(row),
        ("unknown", "manual"),
        ("approved", "reversing"),
        ("reversing", "reversed"),
    ]:
        assert pair in steps
    assert [s for s, causes in DIAGRAM.items() if set(causes.values()) == {"same"}] == [
        "declined",
        "recovered_declined",
        "not_sent",
        "reversed",
    ]


def test_only_an_answer_an_inquiry_or_a_person_decides():
    deciding = {
        cause
        for state, causes in DIAGRAM.items()
        for cause, to in causes.items()
        if to in {"approved", "declined", "recovered_approved", "recovered_declined"}
    }
    assert deciding == {
        "approved", "declined", "found_approved", "found_declined", "absent", "person_approved", "person_declined",
    }  # fmt: skip
    for state in IN_HAND - {PaymentState.CREATED}:
        assert DIAGRAM[state.value]["doubt"] == DIAGRAM[state.value]["restarted"] == "unknown"


def test_the_groups_of_states():
    groups = [IN_HAND, IN_DOUBT, TAKEN, NOT_TAKEN, WAS_TAKEN - TAKEN]
    assert sum(map(len, groups)) == len(PaymentState) == len(frozenset().union(*groups))
    assert OPEN == IN_HAND | IN_DOUBT


@pytest.mark.parametrize("was", [PaymentState.APPROVED, PaymentState.RECOVERED_APPROVED])
@pytest.mark.parametrize("through_doubt", [False, True])
def test_a_void_that_fails_puts_it_back_where_it_was(was, through_doubt):
    payment = standing(was)
    for cause in (Cause.REVERSAL_OPENED, *([Cause.REVERSAL_DOUBT] * through_doubt), Cause.REVERSAL_FAILED):
        payment = apply(payment, move(payment, cause))
    assert payment.state is was
    assert payment.taken


def test_what_a_move_brings_along_stays():
    result = PaymentResult(identity="1", approval="A")
    payment = apply(PAYMENT, move(PAYMENT, Cause.SEND, request=b"\x02bytes", asked_at="2026-10-09T14:30:15"))
    payment = apply(payment, move(payment, Cause.DOUBT, detail="silence"))
    payment = apply(payment, move(payment, Cause.CANCELLING))
    payment = apply(payment, move(payment, Cause.ASKED))
    payment = apply(payment, move(payment, Cause.ASKED, detail="nothing"))
    assert (payment.inquiries, payment.cancelling, payment.detail) == (2, True, "nothing")
    evidence = Evidence(staff=StaffId("mia"), slip="42")
    payment = apply(payment, move(payment, Cause.PERSON_APPROVED, evidence=evidence, result=result))
    assert (payment.request, payment.asked_at) == (b"\x02bytes", "2026-10-09T14:30:15")
    assert (payment.evidence, payment.result) == (evidence, result)


def test_what_speaks_against_it_is_kept_apart():
    result, other = PaymentResult(identity="1"), PaymentResult(identity="2")
    payment = standing("approved", result=result)
    payment = apply(payment, move(payment, Cause.CONTRADICTED, result=other, detail="declined?"))
    assert (payment.result, payment.disputed, payment.reviewed) == (result, True, False)
    payment = apply(payment, move(payment, Cause.REVIEWED, detail="looked"))
    assert (payment.disputed, payment.reviewed, payment.detail) == (False, True, "looked")
    payment = apply(payment, move(payment, Cause.CONTRADICTED, result=other))
    assert (payment.disputed, payment.reviewed) == (True, False)


def test_a_sale_and_a_tip_take_money_the_others_give_it_back():
    assert {kind for kind in PaymentKind if kind.takes} == {PaymentKind.SALE, PaymentKind.TIP}


def test_references_are_of_the_ids_random_bits():
    one = reference_of(PaymentId(uuid7(1, bytes(10))))
    other = reference_of(PaymentId(uuid7(1, bytes(9) + b"\x01")))
    assert (len(one), len(other), one != other) == (10, 10, True)
    assert re.fullmatch("[0-9A-Z]{10}", other)
    assert not set(one + other) & set("ILOU")


def test_events_have_no_place_for_what_must_not_be_kept():
    """No field of any event is named for a card's secret; free text is scrubbed where it comes in."""
    seen, todo = (
        set(),
        [EVENT_TYPES[name, 1] for name, _ in EVENT_TYPES if name.startswith(("payment.", "settlement."))],
    )
    names = set()
    todo += [Payment, PaymentResult, Evidence]
    while todo:
        cls = todo.pop()
        seen.add(cls)
        names |= {field.name for field in dataclasses.fields(cls)}
    assert not {name for name in names if re.search(r"pan|track|cvv|cvc|pin|holder|expiry|code_shown", name)}
