"""A payment in doubt: asked about until it is known, cancelled where that can be made certain, or a person's."""

import asyncio
from dataclasses import replace

import pytest

from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.payment import PaymentNotMovable, PaymentState
from edge_hub.journal.errors import DiskFull
from edge_hub.sdk.eft.model import Found, Inquiry, Result, Verdict
from edge_hub.sdk.errors import DeviceTimeout
from edge_hub.services.payments.asking import AGAIN_S_MAX
from edge_hub.services.payments.commands import MovePayment, RecordAnswer
from edge_hub.services.payments.model import PaymentTerminalLocked, Why
from edge_hub.services.printing.service import DeviceCannot

S = PaymentState
SILENCE = DeviceTimeout("no answer")


async def test_money_that_moved_is_found(bench):
    bench.card.script = ["taken, then silence"]
    found = await bench.until(await bench.pay(), S.RECOVERED_APPROVED)
    assert found.paid_sale is not None
    assert found.payment.result.approval == "AB1234"


async def test_answers_that_prove_nothing_are_counted_then_a_person_decides(bench):
    bench.card.script = ["timeout"]
    bench.card.says = [Found.INCONCLUSIVE] * 9
    started = await bench.pay()
    manual = await bench.until(started, S.MANUAL)
    assert bench.card.count("inquire") == 3
    assert manual.payment.inquiries == 3
    assert manual.why is Why.MANUAL
    assert bench.moves(started)[-4:] == ["asked"] * 3 + ["gave_up"]
    assert "inconclusive" in manual.payment.detail
    with pytest.raises(PaymentTerminalLocked):
        await bench.pay(till="t2")
    resolved = await bench.payments.resolve(bench.boss, started.payment.id, approved=False, note="looked at its screen")
    assert resolved.payment.state is S.DECLINED
    await bench.until(await bench.pay(till="t2"), S.APPROVED)


async def test_silence_is_not_counted_and_asked_again_later_and_later(bench):
    bench.card.script = ["taken, then silence"]
    bench.card.says = [SILENCE] * 7
    started = await bench.pay()
    began = bench.clock.monotonic()
    found = await bench.until(started, S.RECOVERED_APPROVED)
    assert found.payment.inquiries == 0
    assert 5 + 10 + 20 + 40 + 80 + 2 * AGAIN_S_MAX <= bench.clock.monotonic() - began < 420
    assert "asked" not in bench.moves(started)


async def test_pending_has_a_limit(bench):
    bench.card.script = ["timeout"]
    bench.card.says = [Found.PENDING] * 99
    started = await bench.pay()
    began = bench.clock.monotonic()
    manual = await bench.until(started, S.MANUAL)
    assert manual.payment.inquiries == 3
    assert bench.clock.monotonic() - began >= 30


async def test_a_terminal_that_cannot_be_asked_is_a_persons_at_once(bench):
    bench.card.capabilities = replace(bench.card.capabilities, inquires=False)
    bench.card.script = ["timeout"]
    started = await bench.pay()
    await bench.until(started, S.MANUAL, seconds=2)
    assert bench.card.count("inquire") == 0
    with pytest.raises(DeviceCannot):
        await bench.payments.ask(bench.who(), started.payment.id)


async def test_a_terminal_that_stays_away_is_waited_for(bench):
    bench.card.script = ["taken, then silence"]
    bench.card.says = [SILENCE]
    started = await bench.pay()
    await bench.until(started, S.UNKNOWN)
    bench.devices.away("card")
    await bench.clock.advance(3600)
    assert bench.state(started) is S.UNKNOWN
    assert bench.payments.activity(started.payment.id).text == "the cable is out"
    with pytest.raises(DeviceAway):
        await bench.payments.ask(bench.who(), started.payment.id)
    bench.devices.back("card")
    await bench.until(started, S.RECOVERED_APPROVED)


async def test_a_person_may_decide_while_it_is_away_and_the_asking_ends(bench):
    bench.card.script = ["timeout"]
    bench.card.says = [SILENCE]
    started = await bench.pay()
    await bench.until(started, S.UNKNOWN)
    bench.devices.away("card")
    await bench.clock.advance(60)
    done = await bench.payments.resolve(bench.boss, started.payment.id, approved=True, slip="77")
    assert done.payment.state is S.APPROVED
    await bench.turns()
    assert not bench.payments._desk.under_way(started.payment.id)
    asked = bench.card.count("inquire")
    bench.devices.back("card")
    await bench.clock.advance(600)
    assert bench.card.count("inquire") == asked


async def test_ask_again_does_not_wait(bench):
    bench.card.script = ["taken, then silence"]
    bench.card.says = [SILENCE] * 5
    started = await bench.pay()
    await bench.until(started, S.UNKNOWN)
    await bench.clock.advance(60)
    bench.card.says = []
    await bench.payments.ask(bench.who(), started.payment.id)
    await bench.turns()
    assert bench.state(started) is S.RECOVERED_APPROVED
    with pytest.raises(PaymentNotMovable):
        await bench.payments.ask(bench.who(), started.payment.id)


async def test_another_terminal_in_its_place_is_no_witness(bench):
    """The one that took the money was carried off broken; the one that stands there now never heard of it."""
    await bench.until(await bench.pay(), S.APPROVED)
    bench.card.script = ["taken, then silence"]
    never = Inquiry(found=Found.ABSENT, result=Result(verdict=Verdict.DECLINED, terminal_id="T2"), text="never came")
    bench.card.says = [never] * 3
    started = await bench.pay()
    found = await bench.until(started, S.MANUAL)
    assert found.payment.inquiries == 3
    assert "T2" in found.payment.detail


async def test_what_waits_for_a_person_can_be_asked_about_once_more(bench):
    bench.card.script = ["taken, then silence"]
    bench.card.says = [Found.INCONCLUSIVE] * 3
    started = await bench.pay()
    await bench.until(started, S.MANUAL)
    bench.card.says = [SILENCE, Found.PENDING]
    for inquiries in (4, 5):
        await bench.payments.ask(bench.who(), started.payment.id)
        await bench.turns()
        assert bench.payments.get(started.payment.id).payment.inquiries == inquiries
        assert bench.state(started) is S.MANUAL
        await bench.clock.advance(5)
    await bench.payments.ask(bench.who(), started.payment.id)
    await bench.until(started, S.RECOVERED_APPROVED)


async def test_a_manager_who_clicks_and_clicks_asks_once_in_a_while(bench):
    bench.card.script, bench.card.says = ["taken, then silence"], [Found.INCONCLUSIVE] * 3
    started = await bench.pay()
    await bench.until(started, S.MANUAL)
    asked, bench.card.says = bench.card.count("inquire"), [Found.INCONCLUSIVE] * 9
    for clicks in range(1, 4):
        for _ in range(5):
            found = await bench.payments.ask(bench.who(), started.payment.id)
            assert found.payment.id == started.payment.id
            await bench.turns()
        assert bench.card.count("inquire") == asked + clicks
        assert bench.moves(started).count("asked") == 3 + clicks
        await bench.clock.advance(bench.card.capabilities.inquire_every_s)


async def test_somebody_elses_reply_proves_nothing(bench):
    other = await bench.until(await bench.pay(), S.APPROVED)
    bench.card.script = ["timeout"]
    reply = Inquiry(found=Found.FOUND, result=bench.card.approval(bench.card.requests[0][0]))
    bench.card.says = [reply] * 3
    started = await bench.pay()
    manual = await bench.until(started, S.MANUAL)
    assert manual.payment.inquiries == 3
    assert other.payment.result.identity == reply.result.identity


async def test_an_answer_of_a_wrong_kind_ends_nothing(bench):
    bench.card.script = ["timeout"]
    bench.card.says = ["approved"] * 3
    await bench.until(await bench.pay(), S.MANUAL)
    await bench.payments.resolve(
        bench.boss, (await bench.payments.unresolved())[0].payment.id, approved=False, note="nothing on the slip"
    )
    await bench.until(await bench.pay(), S.APPROVED)


async def test_the_answer_to_an_inquiry_outlives_a_full_disk(bench):
    bench.card.script = ["taken, then silence"]
    started = await bench.pay()
    bench.journal.failing = {}
    await bench.turns()
    bench.journal.failing = {RecordAnswer: DiskFull(), MovePayment: DiskFull()}
    await bench.clock.advance(120)
    assert bench.card.count("inquire") <= 1
    bench.journal.failing = {}
    await bench.until(started, S.RECOVERED_APPROVED)
    assert bench.card.count("inquire") == 1


async def test_a_wallet_is_not_asked_too_early_and_cancelled_in_the_end(bench):
    bench.wallet.script = ["timeout"]
    bench.wallet.says = [Found.INCONCLUSIVE] * 2 + [SILENCE, SILENCE]
    started = await bench.pay(provider="line_pay")
    await bench.until(started, S.UNKNOWN)
    await bench.clock.advance(19)
    assert bench.wallet.count("inquire") == 0
    await bench.clock.advance(2)
    assert bench.wallet.count("inquire") == 1
    await bench.until(started, S.RECOVERED_DECLINED)
    assert bench.wallet.count("cancel") == 3
    moves = bench.moves(started)
    assert moves[-6:] == ["asked", "asked", "cancelling", "cancelling", "cancelling", "absent"]


async def test_a_cancellation_may_find_that_the_money_moved(bench):
    bench.wallet.script = ["taken, then silence"]
    bench.wallet.says = [Found.INCONCLUSIVE] * 2
    started = await bench.pay(provider="line_pay")
    found = await bench.until(started, S.RECOVERED_APPROVED)
    assert found.payment.cancelling
    assert found.paid_sale is not None


async def test_cancellations_that_prove_nothing_end_with_a_person(bench):
    bench.wallet.script = ["timeout"]
    bench.wallet.says = [Found.INCONCLUSIVE] * 9
    started = await bench.pay(provider="line_pay")
    await bench.until(started, S.MANUAL)
    assert bench.wallet.count("cancel") == 2


async def test_a_wallet_that_is_only_cancelled(bench):
    bench.wallet.capabilities = replace(bench.wallet.capabilities, inquires=False)
    bench.wallet.script = ["timeout"]
    started = await bench.pay(provider="line_pay")
    await bench.until(started, S.RECOVERED_DECLINED)
    assert bench.wallet.count("inquire") == 0


async def test_what_speaks_against_a_persons_word_is_the_managers(bench):
    asked, go = asyncio.Event(), asyncio.Event()

    async def slowly(request, data):
        asked.set()
        await go.wait()
        return Inquiry(found=Found.ABSENT, text="never came")

    bench.card.script, bench.card.inquire = ["timeout"], slowly
    started = await bench.pay()
    await asked.wait()
    await bench.payments.resolve(bench.boss, started.payment.id, approved=True, slip="12")
    go.set()
    found = await bench.passing(lambda: bench.payments.get(started.payment.id), lambda one: one.payment.disputed)
    assert (found.payment.state, found.why) == (S.APPROVED, Why.DISPUTED)


async def test_an_answer_that_proves_nothing_comes_after_a_persons_word(bench):
    asked, go = asyncio.Event(), asyncio.Event()

    async def slowly(request, data):
        asked.set()
        await go.wait()
        return Inquiry(found=Found.INCONCLUSIVE)

    bench.card.script, bench.card.inquire = ["timeout"], slowly
    started = await bench.pay()
    await asked.wait()
    await bench.payments.resolve(bench.boss, started.payment.id, approved=True, slip="12")
    go.set()
    await bench.turns()
    found = bench.payments.get(started.payment.id)
    assert (found.payment.state, found.why) == (S.APPROVED, Why.NOTHING)
    assert not bench.payments._desk.under_way(started.payment.id)


async def test_a_question_that_hangs_is_asked_again(bench):
    async def never(request, data):
        await asyncio.Event().wait()

    bench.card.script, bench.card.inquire = ["taken, then silence"], never
    started = await bench.pay()
    await bench.until(started, S.UNKNOWN)
    await bench.clock.advance(60)
    del bench.card.inquire
    await bench.until(started, S.RECOVERED_APPROVED)
