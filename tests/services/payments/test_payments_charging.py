"""One attempt: its request durable before it leaves, its outcome as the terminal gave it, nothing guessed."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import BasketId
from edge_hub.domain.payment import PaymentMethod, PaymentState
from edge_hub.errors import Invalid
from edge_hub.journal.errors import DiskFull, HandlerFailed
from edge_hub.sdk.errors import DeviceFault
from edge_hub.services.payments.charging import TRANSACT_LIMIT_S
from edge_hub.services.payments.commands import MarkSending, MovePayment, RecordAnswer
from edge_hub.services.payments.model import PaymentTerminalBusy, PaymentTerminalLocked
from edge_hub.services.payments.terminals import ProviderNotFound

S = PaymentState


async def test_an_approval_pays_the_basket_and_completes_the_sale(bench):
    basket = await bench.basket()
    started = await bench.pay(basket=basket)
    assert started.payment.state is S.CREATED
    paid = await bench.until(started, S.APPROVED)
    assert bench.moves(started) == ["send", "sent", "acknowledged", "approved"]
    assert bench.basket_now(basket).basket.state is BasketState.SOLD
    assert paid.paid_sale is not None
    (tender,) = (await bench.checkout.sale(paid.paid_sale)).tenders
    assert (tender.type, tender.reference) == ("card", paid.payment.reference)
    request, data = bench.card.requests[0]
    assert (request.amount, request.currency, request.minor_digits) == (250, "EUR", 2)
    assert request.at == paid.payment.asked_at == "2026-05-28T23:26:40"  # the store's time, not UTC
    assert data == paid.payment.request


async def test_the_request_is_on_disk_before_it_leaves(bench):
    seen = []
    transact = bench.card.transact

    async def looking(request, data, progress):
        (row,) = bench.journal.rows("SELECT state FROM payments")
        seen.append((row[0], any(isinstance(one, MarkSending) for one in bench.journal.submitted)))
        return await transact(request, data, progress)

    bench.card.transact = looking
    await bench.until(await bench.pay(), S.APPROVED)
    assert seen == [("sending", True)]


@pytest.mark.parametrize(
    ("how", "state", "moves"),
    [
        ("decline", S.DECLINED, ["send", "sent", "acknowledged", "declined"]),
        ("refuse", S.NOT_SENT, ["send", "not_sent"]),
        ("no byte", S.NOT_SENT, ["send", "sent", "not_sent"]),
        ("unspeakable", S.NOT_SENT, ["not_sent"]),
    ],
)
async def test_a_no_is_a_no_and_frees_the_basket(bench, how, state, moves):
    bench.card.script = [how]
    basket = await bench.basket()
    started = await bench.pay(basket=basket)
    ended = await bench.until(started, S.DECLINED, S.NOT_SENT)
    assert ended.payment.state is state
    assert bench.moves(started) == moves
    assert bench.basket_now(basket).due.minor == 250
    again = await bench.until(await bench.pay(basket=bench.basket_now(basket).basket), S.APPROVED)
    assert again.paid_sale is not None


@pytest.mark.parametrize("how", ["lost", "timeout", "unknown", "nonsense", "wrong amount", "late refusal"])
async def test_anything_else_is_unknown_and_asked_about(bench, how):
    bench.card.script = [how]
    started = await bench.pay()
    ended = await bench.until(started, S.RECOVERED_APPROVED, S.RECOVERED_DECLINED)
    assert "doubt" in bench.moves(started)
    assert (ended.payment.state is S.RECOVERED_APPROVED) == (started.payment.reference in bench.card.book)
    assert bench.card.count("transact") == 1


@pytest.mark.parametrize(("without", "state"), [(False, S.MANUAL), (True, S.APPROVED)])
async def test_an_approval_that_does_not_say_how_much(bench, without, state):
    bench.card.capabilities = replace(bench.card.capabilities, without_amount=without)
    approve = bench.card.approval
    bench.card.approval = lambda request, amount=None: replace(approve(request, amount), amount=None)
    started = await bench.pay()
    await bench.until(started, state)


async def test_a_crash_after_the_first_byte_is_unknown(bench):
    async def crash(request, data, progress):
        raise DeviceFault("the driver crashed: ValueError")

    bench.card.transact, real = crash, bench.card.transact
    started = await bench.pay()
    await bench.until(started, S.RECOVERED_DECLINED)
    bench.card.transact = real
    assert bench.moves(started)[:2] == ["send", "doubt"]


async def test_a_terminal_that_is_away_is_said_so_before_anything_is_opened(bench):
    bench.devices.away("card")
    with pytest.raises(DeviceAway, match="the card: the cable is out"):
        await bench.pay()
    with pytest.raises(ProviderNotFound):
        await bench.pay(provider="nowhere")
    assert bench.journal.rows("SELECT * FROM payments") == []


async def test_a_repeated_request_is_the_same_payment_however_the_terminal_is_by_now(bench):
    basket = await bench.basket()
    first = await bench.pay(basket=basket, key="k1", fingerprint=b"f")
    await bench.until(first, S.APPROVED)
    bench.devices.away("card")
    again = await bench.pay(basket=basket, key="k1", fingerprint=b"f")
    assert (again.payment.id, again.payment.state) == (first.payment.id, S.APPROVED)
    assert bench.card.count("transact") == 1


async def test_a_request_whose_caller_went_away_is_carried_out(bench):
    basket = await bench.basket()
    asking = asyncio.create_task(bench.pay(basket=basket))
    await asyncio.sleep(0)
    asking.cancel()
    await bench.turns()
    assert bench.basket_now(basket).basket.state is BasketState.SOLD


async def test_two_tills_at_one_terminal(bench):
    bench.card.hold = asyncio.Event()
    first = await bench.pay(till="t1")
    await bench.card.holding.wait()
    with pytest.raises(PaymentTerminalBusy):
        await bench.pay(till="t2")
    (offer, *_) = bench.payments.offers(bench.who(till="t2").till)
    assert (offer.provider, offer.ready, offer.why_not) == ("card", False, "payment-terminal-busy")
    bench.card.hold.set()
    await bench.until(first, S.APPROVED)
    await bench.until(await bench.pay(till="t2"), S.APPROVED)


async def test_a_terminal_in_doubt_is_locked_and_a_wallet_is_not(bench):
    bench.card.script, bench.wallet.script = ["timeout"], ["timeout"]
    bench.card.says = bench.wallet.says = []
    card = await bench.pay()
    await bench.turns()
    bench.devices.away("card")
    with pytest.raises((PaymentTerminalLocked, DeviceAway)):
        await bench.pay(till="t2")
    doubted = await bench.pay(provider="line_pay")
    await bench.until(doubted, S.UNKNOWN)
    other = await bench.pay(provider="line_pay", till="t2")
    await bench.until(other, S.APPROVED)
    bench.devices.back("card")
    await bench.until(card, S.RECOVERED_DECLINED)


async def test_progress_is_shown_and_forgotten(bench):
    bench.card.hold = asyncio.Event()
    started = await bench.pay()
    await bench.card.holding.wait()
    with bench.bus.subscribe("payment") as wakes:
        assert bench.payments.activity(started.payment.id).text == "PRESENT CARD"
        assert bench.state(started) in {S.SENDING, S.SENT, S.IN_PROGRESS}
        bench.card.hold.set()
        await bench.until(started, S.APPROVED)
        assert (await wakes.get()).key == started.payment.id
    await bench.turns()
    assert bench.payments.activity(started.payment.id) is None


async def test_stop_is_passed_on_and_decides_nothing(bench):
    bench.card.hold, bench.card.script = asyncio.Event(), ["approve"]
    started = await bench.pay()
    await bench.card.holding.wait()
    await bench.payments.stop(bench.who(), started.payment.id)
    assert bench.card.stopped == 1
    assert bench.state(started) in {S.SENT, S.IN_PROGRESS, S.SENDING}
    bench.card.hold.set()
    await bench.until(started, S.APPROVED)  # too late: what the terminal says counts
    await bench.payments.stop(bench.who(), started.payment.id)
    assert bench.card.stopped == 1


async def waiting_for_its_turn(bench):
    """A payment that was begun while the terminal still answers a question about an earlier one."""
    bench.card.script = ["taken, then silence"]
    gate, entered, inquire = asyncio.Event(), asyncio.Event(), bench.card.inquire

    async def slowly(request, data):
        entered.set()
        await gate.wait()
        return await inquire(request, data)

    bench.card.inquire = slowly
    doubted = await bench.pay()
    await bench.passing(entered.is_set, bool)
    await bench.payments.resolve(bench.boss, doubted.payment.id, approved=True, note="the slip is here")
    basket = await bench.basket()
    return await bench.pay(basket=basket), basket, gate


async def test_what_is_stopped_before_it_is_sent_is_not_sent(bench):
    started, basket, gate = await waiting_for_its_turn(bench)
    await bench.payments.stop(bench.who(), started.payment.id)
    gate.set()
    await bench.until(started, S.NOT_SENT)
    assert bench.card.count("transact") == 1
    assert bench.basket_now(basket).due.minor == 250
    await bench.until(await bench.pay(basket=basket), S.APPROVED)


async def test_a_stop_while_the_request_is_written_down(bench):
    submit = bench.journal.submit

    async def submitting(command, **kwargs):
        answer = await submit(command, **kwargs)
        if isinstance(command, MarkSending):
            await bench.payments.stop(bench.who(), command.payment)
        return answer

    bench.journal.submit = submitting
    started = await bench.pay()
    await bench.until(started, S.NOT_SENT)
    assert bench.card.count("transact") == 0


async def test_nothing_is_asked_for_a_basket_that_was_given_up(bench):
    started, basket, gate = await waiting_for_its_turn(bench)
    now = bench.basket_now(basket).basket
    await bench.checkout.abandon(bench.who(), BasketId(now.id), now.version, "the customer left")
    gate.set()
    await bench.until(started, S.NOT_SENT)
    assert bench.card.count("transact") == 1


async def test_the_answer_in_hand_outlives_a_full_disk(bench):
    bench.card.hold = asyncio.Event()
    started = await bench.pay()
    await bench.card.holding.wait()
    await bench.turns()
    bench.journal.failing = {RecordAnswer: DiskFull(), MovePayment: DiskFull()}
    bench.card.hold.set()
    await bench.clock.advance(60)
    assert bench.state(started) is S.IN_PROGRESS
    bench.journal.failing = {}
    await bench.until(started, S.APPROVED)
    assert bench.moves(started) == ["send", "sent", "acknowledged", "approved"]


@pytest.mark.parametrize("how", ["unspeakable", "refuse"])
async def test_what_is_known_not_to_have_been_sent_is_told_until_it_is_taken_down(bench, how):
    """The terminal is held by it: nobody should have to restart the hub, and nothing is in doubt."""
    bench.card.script, bench.journal.failing = [how], {MovePayment: HandlerFailed()}
    started = await bench.pay()
    for _ in range(36):
        await bench.turns()
        await bench.clock.advance(100)
    with pytest.raises(PaymentTerminalBusy):
        await bench.pay(till="t2")
    assert 18 <= bench.journal.count(MovePayment) <= 40
    bench.journal.failing = {}
    await bench.until(started, S.NOT_SENT)
    await bench.until(await bench.pay(till="t2"), S.APPROVED)


async def test_a_stop_does_not_wait_for_a_writer_that_fails(open_bench, stocked_bench):
    first = stocked_bench
    first.card.script, first.journal.failing = ["refuse"], {MovePayment: HandlerFailed()}
    running = asyncio.create_task(first.payments.run())
    await first.turns()
    started = await first.pay()
    await first.turns()
    first.payments.wind_down()
    await first.turns()
    assert running.done()
    second = open_bench()
    async with second.running():
        await second.until(started, S.RECOVERED_DECLINED)


async def test_milestones_wait_for_the_journal_in_their_order(bench):
    bench.journal.failing = {MovePayment: DiskFull()}
    started = await bench.pay()
    await bench.clock.advance(30)
    assert bench.moves(started) == ["send"]
    bench.journal.failing = {}
    await bench.until(started, S.APPROVED)
    assert bench.moves(started) == ["send", "sent", "acknowledged", "approved"]


async def test_a_full_disk_before_the_request_leaves_keeps_it_from_leaving(bench):
    bench.journal.failing = {MarkSending: DiskFull()}
    ended = await bench.until(await bench.pay(), S.NOT_SENT)
    assert bench.card.count("transact") == 0
    assert "disk" in ended.payment.detail


async def test_a_terminal_of_its_own_is_the_cashiers(bench):
    basket = await bench.basket()
    started = await bench.pay(provider="", method=PaymentMethod.STANDALONE, basket=basket)
    await bench.until(started, S.MANUAL)
    done = await bench.payments.resolve(bench.who(), started.payment.id, approved=True, slip="000123")
    assert done.payment.state is S.APPROVED
    assert bench.basket_now(basket).basket.state is BasketState.SOLD


async def test_what_a_provider_needs_is_asked_for(bench):
    with pytest.raises(Invalid) as caught:
        await bench.pay(provider="line_pay", code="")
    assert [fault.pointer for fault in caught.value.faults] == ["/code"]
    with pytest.raises(Invalid) as caught:
        await bench.pay(provider="line_pay", method=PaymentMethod.TERMINAL)
    assert [fault.pointer for fault in caught.value.faults] == ["/method"]


async def test_the_code_of_a_wallet_goes_to_its_driver_and_nowhere_else(bench):
    code = "398765432109876543"
    paid = await bench.until(await bench.pay(provider="line_pay", code=code), S.APPROVED)
    assert bench.wallet.requests[0][0].code == code
    assert paid.payment.tender == "line_pay"
    stored = bench.journal.rows("SELECT body FROM journal") + bench.journal.rows("SELECT body FROM payments")
    assert not [row for row in stored if code.encode() in row[0]]


async def test_a_driver_that_hangs_is_given_up(bench):
    bench.card.hold = asyncio.Event()
    started = await bench.pay()
    await bench.card.holding.wait()
    await bench.clock.advance(TRANSACT_LIMIT_S - 60)
    assert bench.state(started) is S.IN_PROGRESS
    await bench.clock.advance(120)
    await bench.until(started, S.RECOVERED_DECLINED)
    assert bench.card.count("transact") == 1


async def test_a_printer_is_no_card_terminal(bench):
    bench.devices.terminals["front"] = bench.card
    get = bench.devices.get
    bench.devices.get = lambda name: (
        SimpleNamespace(error=None, roles=("pos_printer",), role=lambda _role: None) if name == "front" else get(name)
    )
    with pytest.raises(ProviderNotFound):
        await bench.pay(provider="front")
