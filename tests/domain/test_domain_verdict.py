"""What an answer does to a payment: amounts, identities, ages, late ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.domain.ids import BasketId, PaymentId, StaffId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import (
    IN_DOUBT,
    NOT_TAKEN,
    TAKEN,
    TRANSITIONS,
    WAS_TAKEN,
    Cause,
    Evidence,
    Payment,
    PaymentKind,
    PaymentMethod,
    PaymentNotMovable,
    PaymentResult,
    PaymentState,
)
from edge_hub.domain.tender import Tender
from edge_hub.domain.verdict import Verdict, counted, is_sound, judge, tender_of

OTHER = PaymentId("another")
ON_ITS_WAY = [PaymentState.SENDING, PaymentState.SENT, PaymentState.IN_PROGRESS]
APPROVED, DECLINED, UNKNOWN = Verdict


def eur(minor):
    return Money(minor, "EUR")


def paying(state=PaymentState.SENT, **more):
    return Payment(
        **{
            "id": PaymentId("p1"), "kind": PaymentKind.SALE, "method": PaymentMethod.TERMINAL, "provider": "card-1",
            "tender": "card", "till": TillId("t1"), "staff": StaffId("aino"), "amount": eur(1000),
            "reference": "7K3M9QX2AB", "opened_at_ms": 1, "basket": BasketId("b"), "state": PaymentState(state),
            "asked_at": "2026-10-09T14:30:00", **more,
        }
    )  # fmt: skip


def says(**more):
    return PaymentResult(**{"amount": eur(1000), "identity": "T1/7/42", "at": "2026-10-09T14:30:15", **more})


def judged(payment, verdict, result=None, *, found=False, holder=None, **more):
    return judge(payment, verdict, result or says(), found=found, holder=holder, tolerance_s=300, **more)


@pytest.mark.parametrize("state", ON_ITS_WAY)
def test_a_plain_answer(state):
    assert judged(paying(state), APPROVED).cause is Cause.APPROVED
    assert judged(paying(state), DECLINED, says(amount=None, text="No funds")).cause is Cause.DECLINED
    assert judged(paying(state), DECLINED, says(text="No funds")).detail == "No funds"
    assert judged(paying(state), UNKNOWN, says(text="Code 99")).cause is Cause.DOUBT


@pytest.mark.parametrize("state", sorted(IN_DOUBT))
@pytest.mark.parametrize("found", [False, True])
def test_a_plain_finding(state, found):
    """Also a direct answer that comes when nobody waits for it any more."""
    assert judged(paying(state), APPROVED, found=found).cause is Cause.FOUND_APPROVED
    assert judged(paying(state), DECLINED, found=found).cause is Cause.FOUND_DECLINED
    assert judged(paying(state), UNKNOWN, found=found).cause is Cause.ASKED


@pytest.mark.parametrize("amount", [eur(999), eur(1001), eur(0), Money(1000, "TWD")])
def test_another_amount_is_no_approval(amount):
    direct = judged(paying(), APPROVED, says(amount=amount))
    assert direct.cause is Cause.DOUBT
    assert str(amount.minor) in direct.detail
    assert judged(paying("unknown"), APPROVED, says(amount=amount), found=True).cause is Cause.ASKED
    assert judged(paying(), DECLINED, says(amount=amount)).cause is Cause.DECLINED


def test_a_sale_approved_without_an_amount_is_in_doubt():
    silent = says(amount=None)
    direct = judged(paying(), APPROVED, silent)
    assert direct.cause is Cause.DOUBT
    assert "how much" in direct.detail
    assert judged(paying("unknown"), APPROVED, silent, found=True).cause is Cause.ASKED
    assert judged(paying(), DECLINED, silent).cause is Cause.DECLINED


def test_where_the_protocol_has_no_amount_none_is_missed():
    assert judged(paying(), APPROVED, says(amount=None), without_amount=True).cause is Cause.APPROVED
    assert judged(paying(), APPROVED, says(amount=eur(1)), without_amount=True).cause is Cause.DOUBT


@pytest.mark.parametrize("kind", [PaymentKind.REFUND, PaymentKind.VOID])
def test_what_is_given_back_goes_by_what_was_paid(kind):
    assert judged(paying(kind=kind), APPROVED, says(amount=None)).cause is Cause.APPROVED


@pytest.mark.parametrize("verdict", [APPROVED, DECLINED])
def test_another_payments_answer_is_none(verdict):
    assert judged(paying(), verdict, holder=OTHER).cause is Cause.DOUBT
    found = judged(paying("unknown"), verdict, found=True, holder=OTHER)
    assert found.cause is Cause.ASKED
    assert OTHER in found.detail


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        ("2026-10-09T14:25:00", Cause.FOUND_APPROVED),
        ("2026-10-09T14:24:59", Cause.ASKED),
        ("2026-10-08T14:30:15", Cause.ASKED),
        ("2026-10-09T23:00:00", Cause.FOUND_APPROVED),
        ("", Cause.FOUND_APPROVED),
        ("14:30", Cause.FOUND_APPROVED),
        ("2026-10-09T14:24:59+08:00", Cause.ASKED),
    ],
)
def test_an_old_reply_to_an_inquiry_proves_nothing(at, cause):
    """The terminal shows its last transaction, and that may be an earlier one's."""
    assert judged(paying("unknown"), APPROVED, says(at=at), found=True).cause is cause
    assert judged(paying("manual"), APPROVED, says(at=at), found=True).cause is cause
    assert judged(paying(), APPROVED, says(at=at)).cause is Cause.APPROVED


def test_nothing_answers_what_was_never_sent():
    for verdict in Verdict:
        with pytest.raises(PaymentNotMovable):
            judged(paying("created"), verdict)


@pytest.mark.parametrize("state", sorted(WAS_TAKEN))
def test_late_answers_to_what_was_approved(state):
    payment = paying(state, result=says())
    assert judged(payment, APPROVED).cause is None
    assert judged(payment, UNKNOWN).cause is None
    assert judged(payment, DECLINED).cause is Cause.CONTRADICTED
    assert judged(payment, DECLINED, says(at="2026-10-01T00:00:00"), found=True).cause is None
    assert judged(payment, DECLINED, holder=OTHER).cause is None
    again = judged(payment, APPROVED, says(identity="T1/7/43"))
    assert again.cause is Cause.CONTRADICTED
    assert "T1/7/43" in again.detail


@pytest.mark.parametrize("state", sorted(NOT_TAKEN))
def test_late_answers_to_what_was_not_taken(state):
    payment = paying(state)
    assert judged(payment, DECLINED).cause is None
    assert judged(payment, UNKNOWN).cause is None
    assert judged(payment, APPROVED).cause is Cause.CONTRADICTED
    assert judged(payment, APPROVED, says(amount=eur(1))).cause is Cause.CONTRADICTED
    assert judged(payment, APPROVED, holder=OTHER).cause is None


@given(
    st.sampled_from([state for state in PaymentState if state is not PaymentState.CREATED]),
    st.sampled_from(Verdict),
    st.booleans(),
    st.sampled_from([None, OTHER]),
    st.builds(
        PaymentResult,
        amount=st.none() | st.integers(-1, 2000).map(eur),
        identity=st.sampled_from(["", "1", "2"]),
        at=st.sampled_from(["", "2026-10-09T14:30:15", "2026-10-01T00:00:00", "x"]),
    ),
)
def test_every_judgement_can_be_carried_out_and_none_guesses(state, verdict, found, holder, result):
    payment = paying(state, result=says(identity="1"), before=PaymentState.APPROVED)
    cause = judged(payment, verdict, result, found=found, holder=holder).cause
    if cause is None:
        assert state in TAKEN | NOT_TAKEN | WAS_TAKEN
        return
    after = TRANSITIONS[state, cause] or payment.before
    if after in TAKEN and after is not state:
        assert verdict is APPROVED
        assert result.amount in (None, eur(1000))
        assert holder is None
    if after in NOT_TAKEN and after is not state:
        assert verdict is DECLINED
        assert holder is None


def test_what_may_stand_beside_a_persons_word():
    sound = paying("manual", result=says())
    assert is_sound(sound, None, 300)
    assert not is_sound(sound, OTHER, 300)
    assert not is_sound(paying("manual", result=says(amount=eur(1))), None, 300)
    assert not is_sound(paying("manual", result=says(at="2026-10-01T00:00:00")), None, 300)
    assert not is_sound(paying("manual"), None, 300)


@pytest.mark.parametrize(
    ("result", "evidence", "detail"),
    [
        (says(scheme="VISA", card="431195******1234", approval="AB1234"), None, "VISA 431195******1234 / AB1234"),
        (says(scheme="JCB", receipt="000042"), None, "JCB / 000042"),
        (None, Evidence(staff=StaffId("mia"), slip="000042"), "000042"),
        (None, Evidence(staff=StaffId("mia"), note="saw it"), ""),
        (says(scheme="LINE Pay"), None, "LINE Pay"),
    ],
)
def test_the_tender_it_becomes(result, evidence, detail):
    payment = paying("approved", result=result, evidence=evidence)
    assert tender_of(payment) == Tender(type="card", amount=eur(1000), reference="7K3M9QX2AB", detail=detail)


def test_a_tip_pays_nothing_of_the_sale():
    payment = paying("approved", tip=eur(100))
    assert counted(payment) == eur(900)
    assert tender_of(payment).amount == eur(900)
