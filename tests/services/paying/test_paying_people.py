"""A person's word and a manager's look: with evidence, once, and for ever in the journal."""

import json

import pytest
from paying_shop import eur

from edge_hub.domain.events import PaymentMoved, SettlementClosed
from edge_hub.domain.ids import TillId
from edge_hub.domain.payment import Cause, Evidence, PaymentKind, PaymentMethod, PaymentNotMovable, PaymentState
from edge_hub.domain.reconciliation import TerminalTotals
from edge_hub.domain.verdict import Verdict
from edge_hub.journal.codec import to_plain
from edge_hub.journal.commands import Actor, KeyReused
from edge_hub.sdk.eft.bank import PANS
from edge_hub.services.payments.commands import CloseSettlement, OpenSettlement, ResolvePayment, ReviewPayment
from edge_hub.services.payments.handlers import NOTE_CHARACTERS_MAX, OWN_SLIP_MS, SLIP_REMEMBERED_MS
from edge_hub.services.payments.model import EvidenceNeeded, NothingToReview, PaymentNotFound, SlipUsed, Why

S = PaymentState
MIA = Actor(client="tab-1", staff="mia")
PHOTO = "ab" * 32


@pytest.fixture
def in_doubt(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    return payment


@pytest.mark.parametrize("given_up", [False, True])
@pytest.mark.parametrize("approved", [False, True])
def test_a_person_says_what_became_of_it(shop, in_doubt, given_up, approved):
    if given_up:
        shop.move(in_doubt, Cause.GAVE_UP)
    command = ResolvePayment(payment=in_doubt, approved=approved, slip=" 000042 ", note="slip seen", photo_sha256=PHOTO)
    done = shop.do(command, actor=MIA)
    payment = done.payment.payment
    assert payment.state is (S.APPROVED if approved else S.DECLINED)
    assert payment.evidence == Evidence(staff="mia", slip="000042", note="slip seen", photo_sha256=PHOTO)
    assert (done.sale is not None) == approved
    assert done.payment.why is Why.NOTHING
    assert shop.row("SELECT slip, by_person FROM payments WHERE id = ?", (in_doubt,)) == ("000042", 1)
    if approved:
        assert (shop.sales[0].staff, shop.sales[0].tenders[0].detail) == ("mia", "000042")


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"note": "  "},
        {"slip": "\t"},
        {"photo_sha256": "no digest"},
        {"slip": "1" * 41},
        {"photo_sha256": "zz" * 32},
    ],
)
@pytest.mark.parametrize("approved", [False, True])
def test_nothing_is_believed_without_evidence(shop, in_doubt, evidence, approved):
    with pytest.raises(EvidenceNeeded):
        shop.do(ResolvePayment(payment=in_doubt, approved=approved, **evidence))
    assert shop.state(in_doubt) is S.UNKNOWN


@pytest.mark.parametrize("approved", [False, True])
def test_only_a_doubt_is_resolved_by_a_person(shop, approved):
    payment = shop.start(shop.basket("tea"), 250)
    for step in (shop.send, lambda one: shop.move(one, Cause.ACKNOWLEDGED), shop.answer):
        with pytest.raises(PaymentNotMovable):
            shop.resolve(payment, approved)
        step(payment)
    with pytest.raises(PaymentNotMovable):
        shop.resolve(payment, approved)
    with pytest.raises(PaymentNotFound):
        shop.resolve("nothing", approved)


def by_hand(shop):
    payment = shop.start(shop.basket("tea"), 250, method=PaymentMethod.STANDALONE, provider="")
    shop.move(payment, Cause.HANDED_OVER)
    return payment


def test_a_slip_pays_once(shop):
    first, second = by_hand(shop), by_hand(shop)
    shop.resolve(first, approved=True, slip="000042")
    with pytest.raises(SlipUsed) as raised:
        shop.resolve(second, approved=True, slip="000042")
    assert raised.value.params == {"payment": first}
    shop.resolve(second, approved=False, slip="000042")
    assert shop.resolve(by_hand(shop), approved=True, slip="000043").sale is not None


def test_a_slip_that_an_answer_had_pays_once(shop):
    answered = shop.start(shop.basket("tea"), 250)
    shop.approve(answered, receipt="000042")
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.doubt(payment)
    with pytest.raises(SlipUsed):
        shop.resolve(payment, approved=True, slip="000042")
    assert shop.resolve(payment, approved=True, slip="000043").sale is not None


def at_terminal(shop, **more):
    payment = shop.start(shop.basket("tea"), 250, **more)
    shop.approve(payment, receipt="000042")
    return payment


@pytest.mark.parametrize("kind", [None, PaymentKind.REFUND, PaymentKind.VOID])
@pytest.mark.parametrize("more", [{"note": "the terminal counts anew"}, {"photo_sha256": "ab" * 32}])
def test_a_slip_of_the_tills_own_terminal_needs_more_than_its_number(shop, kind, more):
    """It may be the same money: perhaps the cashier has the paper of the payment before in hand."""
    taken = shop.start(shop.basket("tea"), 250)
    shop.approve(taken, receipt="41" if kind else "000042")
    if kind:
        taken = shop.back(taken, kind)
        shop.approve(taken, receipt="000042")
    payment = by_hand(shop)
    with pytest.raises(EvidenceNeeded, match="terminal of this till") as raised:
        shop.resolve(payment, approved=True, slip="42")
    assert raised.value.params == {"payment": taken}
    assert shop.resolve(payment, approved=True, slip="42", **more).sale is not None


def test_other_tills_slips_old_ones_and_a_no_are_taken_at_their_word(shop):
    at_terminal(shop, till=TillId("t2"), provider="card-2")
    shop.resolve(by_hand(shop), approved=True, slip="42")
    shop.clock.jump(SLIP_REMEMBERED_MS)
    at_terminal(shop)
    shop.resolve(by_hand(shop), approved=False, slip="42")
    shop.clock.jump(OWN_SLIP_MS)
    shop.resolve(by_hand(shop), approved=True, slip="42")


@pytest.mark.parametrize(("first", "again"), [("000042", "42"), ("42", "000042"), ("0", "000000")])
def test_leading_zeros_make_no_other_slip(shop, first, again):
    shop.resolve(by_hand(shop), approved=True, slip=first)
    with pytest.raises(SlipUsed):
        shop.resolve(by_hand(shop), approved=True, slip=again)


def test_terminals_count_round(shop):
    shop.resolve(by_hand(shop), approved=True, slip="000042")
    shop.clock.jump(SLIP_REMEMBERED_MS + 10)
    assert shop.resolve(by_hand(shop), approved=True, slip="000042").sale is not None


def test_a_declined_payments_slip_is_free(shop):
    shop.resolve(by_hand(shop), approved=False, slip="000042")
    shop.resolve(by_hand(shop), approved=True, slip="000042")


def test_what_was_another_transactions_does_not_become_the_payments(shop):
    """It is used again for a void: that would undo somebody else's payment."""
    other = shop.start(shop.basket("tea"), 250)
    reply = shop.result(other)
    shop.approve(other, result=reply)
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    shop.answer(payment, result=reply)
    assert shop.payment(payment).result == reply
    shop.resolve(payment, approved=True, slip="000777")
    result = shop.payment(payment).result
    assert (result.identity, result.approval, result.receipt) == ("", "", "000777")
    assert shop.sales[-1].tenders[0].detail == "000777"


def test_what_was_its_own_stays(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    reply = shop.result(payment)
    shop.answer(payment, Verdict.UNKNOWN, result=reply)
    shop.resolve(payment, approved=True, note="saw it")
    assert shop.payment(payment).result == reply


@pytest.mark.parametrize("spaced", [False, True])
def test_a_card_number_typed_as_evidence_is_not_kept(shop, in_doubt, spaced):
    for pan in PANS.values():
        typed = " ".join(pan[n : n + 4] for n in range(0, len(pan), 4)) if spaced else pan
        shop.move(in_doubt, Cause.ASKED, detail=f"they said {typed}")
        shop.answer(in_doubt, Verdict.UNKNOWN, found=True, text=f"CARD {typed}", slip=(typed,), merchant_slip=(typed,))
    shop.resolve(in_doubt, approved=True, note=f"card {typed}", slip=typed if len(typed) <= 40 else "")
    kept = json.dumps([to_plain(event) for event in shop.events(PaymentMoved)]) + str(shop.rows("SELECT * FROM jobs"))
    for pan in PANS.values():
        assert pan not in kept.replace(" ", "")


def test_a_card_number_where_its_mask_should_be_is_not_kept(shop, in_doubt):
    """A driver's mistake: the journal keeps what it is told for ever."""
    for pan in PANS.values():
        shop.answer(in_doubt, Verdict.UNKNOWN, found=True, card=pan)
        assert pan not in json.dumps([to_plain(event) for event in shop.events(PaymentMoved)])


def test_a_card_number_in_a_days_report_is_not_kept(shop):
    pan = PANS["VISA"]
    opened = shop.do(OpenSettlement(terminal="card-1"))
    totals = TerminalTotals(batch="7", slip=(f"1 VISA {pan} 2.50", "TOTAL 2.50"))
    shop.do(CloseSettlement(settlement=opened.id, totals=totals, detail=f"last {pan}"))
    kept = json.dumps([to_plain(event) for event in shop.events(SettlementClosed)])
    assert pan not in kept
    assert "TOTAL 2.50" in kept


def test_a_novel_as_a_note_is_cut(shop, in_doubt):
    shop.resolve(in_doubt, approved=False, note="x" * 10_000)
    assert len(shop.payment(in_doubt).evidence.note) == NOTE_CHARACTERS_MAX


# the manager


def test_a_manager_looks_into_a_dispute(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.approve(payment)
    with pytest.raises(NothingToReview):
        shop.do(ReviewPayment(payment=payment, note="nothing"))
    shop.answer(payment, Verdict.DECLINED, amount=None, identity="")
    assert shop.unresolved == {payment: Why.DISPUTED}
    with pytest.raises(EvidenceNeeded):
        shop.do(ReviewPayment(payment=payment, note=" "))
    seen = shop.do(ReviewPayment(payment=payment, note="the bank says paid"), actor=MIA)
    assert (seen.why, seen.payment.detail, seen.payment.reviewed) == (Why.NOTHING, "the bank says paid", True)
    assert shop.unresolved == {}
    assert shop.row("SELECT staff FROM journal ORDER BY seq DESC LIMIT 1") == ("mia",)
    assert shop.row("SELECT by_person FROM payments") == (0,)
    shop.answer(payment, Verdict.DECLINED, amount=None, identity="")
    assert shop.unresolved == {payment: Why.DISPUTED}


def test_a_manager_looks_into_an_orphan(shop):
    basket = shop.basket("tea")
    payment = shop.start(basket, 250)
    shop.send(payment)
    shop.abandon(basket)
    shop.answer(payment)
    seen = shop.do(ReviewPayment(payment=payment, note="given back in cash"))
    assert (seen.why, seen.payment.state, shop.unresolved) == (Why.NOTHING, S.APPROVED, {})


def test_a_doubt_is_not_reviewed_but_resolved(shop, in_doubt):
    with pytest.raises(NothingToReview):
        shop.do(ReviewPayment(payment=in_doubt, note="whatever"))


# asked twice


def test_the_same_request_twice_is_one_payment(shop):
    basket = shop.basket("tea")
    first = shop.start(basket, 250, key="k1")
    assert shop.start(basket, 250, key="k1") == first
    shop.approve(first)
    assert shop.start(basket, 250, key="k1") == first
    assert shop.row("SELECT count(*) FROM payments") == (1,)
    assert shop.row("SELECT client, idempotency_key FROM payments") == ("tab-1", "k1")


def test_the_same_word_twice_is_one_sale(shop, in_doubt):
    first = shop.resolve(in_doubt, approved=True, key="k2", slip="1")
    again = shop.resolve(in_doubt, approved=True, key="k2", slip="1")
    assert again == first
    assert len(shop.sales) == 1
    with pytest.raises(KeyReused):
        shop.do(ReviewPayment(payment=in_doubt, note="x"), key="k2")


def test_the_same_refusal_twice(shop, in_doubt):
    first = shop.resolve(in_doubt, approved=False, key="k3", note="no")
    assert shop.resolve(in_doubt, approved=False, key="k3", note="no") == first
    assert (first.basket.due, first.sale) == (eur(250), None)


def test_the_same_review_twice(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.decline(payment)
    shop.answer(payment)
    command = ReviewPayment(payment=payment, note="looked")
    assert shop.do(command, key="k4") == shop.do(command, key="k4")
