"""NCCC's 400-byte terminals: documented records, every code, every fault, and what an inquiry may and may not claim."""

from dataclasses import replace

import pytest
from nccc_bench import AT, terminal

from drivers.nccc.codec import (
    CARD_LAYOUT,
    inquiry,
)
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.model import Found, Milestone, Reason, Transaction, Verdict
from edge_hub.sdk.errors import BadFrame, DeviceFault, DeviceRefused, DeviceTimeout
from edge_hub.sdk.testing.checks import pass_time


async def test_sale_void_and_refund():
    async with terminal() as it:
        _, _, sale = await it.pay()
        assert (sale.verdict, sale.amount, sale.receipt) == (Verdict.APPROVED, 1280, "000001")
        _, _, undone = await it.pay(1280, Transaction.VOID, original=sale)
        assert undone.verdict is Verdict.APPROVED
        assert undone.identity != sale.identity
        _, _, again = await it.pay(1280, Transaction.VOID, original=sale)
        assert again.verdict is Verdict.DECLINED
        _, _, back = await it.pay(300, Transaction.REFUND, original=sale)
        assert (back.verdict, back.amount) == (Verdict.APPROVED, 300)
        assert [(one["transaction"], one["amount"]) for one in it.taken] == [
            ("sale", 1280),
            ("void", 1280),
            ("refund", 300),
        ]


async def test_milestones():
    async with terminal() as it:
        await it.pay()
        assert [step.milestone for step in it.heard] == [Milestone.SENT, Milestone.IN_PROGRESS]


async def test_its_screen_is_passed_on():
    async with terminal(bank.UNSOLICITED) as it:
        _, _, sale = await it.pay()
        assert sale.verdict is Verdict.APPROVED
        assert [step.text for step in it.heard if step.text] == ["請感應卡片"]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("decline", Reason.DECLINED),
        ("call_bank", Reason.CALL_BANK),
        ("cancel", Reason.CANCELLED),
        ("host", Reason.HOST),
    ],
)
async def test_declined(outcome, reason):
    async with terminal() as it:
        it.simulator.act("outcome", outcome)
        _, _, sale = await it.pay()
        assert (sale.verdict, sale.reason) == (Verdict.DECLINED, reason)
        assert it.taken == []


async def test_settlement():
    async with terminal() as it:
        await it.pay(1000)
        _, _, sale = await it.pay(500)
        await it.pay(500, Transaction.VOID, original=sale)
        totals = await it.run(it.eft.settle(AT, it.heard.append))
        assert (totals.batch, totals.count, totals.amount) == ("000042", 3, 1000)
        assert (await it.run(it.eft.settle(AT, it.heard.append))).count == 0


async def test_a_day_on_which_more_went_back_than_came_in_has_no_sum():
    async with terminal() as it:
        _, _, sale = await it.pay(1000)
        await it.run(it.eft.settle(AT, it.heard.append))
        await it.pay(400, Transaction.REFUND, original=sale)
        totals = await it.run(it.eft.settle(AT, it.heard.append))
        assert (totals.batch, totals.count, totals.amount) == ("000043", 1, None)


@pytest.mark.parametrize(
    ("code", "error"), [("0004", DeviceRefused), ("0001", DeviceFault), ("0003", DeviceFault), ("", DeviceFault)]
)
async def test_a_settlement_that_failed_or_may_have(code, error, monkeypatch):
    async with terminal() as it:
        whole = it.simulator._settled
        monkeypatch.setattr(
            it.simulator,
            "_settled",
            lambda data: replace(whole(data), data=CARD_LAYOUT.put(whole(data).data, {"code": code})),
        )
        with pytest.raises(error):
            await it.run(it.eft.settle(AT, it.heard.append))


@pytest.mark.parametrize(
    "fault",
    [
        bank.DUPLICATE_REPLY,
        bank.LATE_REPLY,
        bank.UNSOLICITED,
        bank.SPLIT,
        bank.SLOW_HOST,
        bank.LOST_ACK,
        "no_echo",
        "clock_off",
    ],
)
async def test_what_does_no_harm(fault):
    async with terminal(fault) as it:
        for number in range(4):
            _, _, sale = await it.pay(1000)
            assert sale.verdict is Verdict.APPROVED, fault
            assert sale.receipt == f"{number + 1:06d}"
            await pass_time(it.bench, 10)
        assert len(it.taken) == 4


async def test_a_lost_reply_is_found():
    async with terminal() as it:
        for outcome, verdict in (("approve", Verdict.APPROVED), ("decline", Verdict.DECLINED)):
            it.simulator.act("outcome", outcome)
            it.fault(bank.LOST_REPLY)
            request, data, lost = await it.pay()
            assert isinstance(lost, DeviceTimeout)
            answer = await it.ask(request, data)
            assert (answer.found, answer.result.verdict) == (Found.FOUND, verdict)
        assert len(it.taken) == 1


async def test_after_a_restart_too():
    async with terminal(bank.LOST_REPLY) as it:
        request, data, _ = await it.pay()
        it.bench._memory.clear()
        answer = await it.ask(request, data)
        assert answer.found is Found.FOUND


async def test_a_request_that_never_came_is_absent():
    async with terminal() as it:
        await it.pay()
        it.fault(bank.BUSY)
        request, data, lost = await it.pay()
        assert isinstance(lost, DeviceTimeout)
        it.fault(bank.BUSY, False)
        answer = await it.ask(request, data)
        assert answer.found is Found.ABSENT
        assert len(it.taken) == 1


async def test_absent_only_if_it_is_the_same_terminal_and_nothing_came_between():
    async with terminal() as it:
        await it.pay()
        it.fault(bank.BUSY)
        request, data, _ = await it.pay()
        it.fault(bank.BUSY, False)
        it.bench._memory["nccc.terminal"] = "13990002"
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE
        it.bench._memory["nccc.terminal"] = "13990001"
        await it.pay()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_a_terminal_that_was_settled_since_may_have_saved_that_request_over_it():
    async with terminal() as it:
        it.fault(bank.BUSY)
        request, data, _ = await it.pay()
        it.fault(bank.BUSY, False)
        assert (await it.ask(request, data)).found is Found.ABSENT
        await it.run(it.eft.settle(AT, it.heard.append))
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_who_says_that_it_never_came():
    async with terminal() as it:
        it.fault(bank.BUSY)
        request, data, _ = await it.pay()
        it.fault(bank.BUSY, False)
        it.bench._memory.clear()
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.terminal_id) == (Found.ABSENT, "13990001")


@pytest.mark.parametrize("options", [{}, {"reference": False}])
@pytest.mark.parametrize("echo", [True, False])
@pytest.mark.parametrize("before", ["approve", "decline"])
async def test_the_reply_of_the_transaction_before_a_power_cut_proves_nothing(before, echo, options):
    """Same amount, a minute ago: only the reference, or a receipt that is known, tells it apart."""
    async with terminal(**options) as it:
        it.fault("no_echo", not echo)
        it.simulator.act("outcome", before)
        await it.pay()
        it.simulator.act("outcome", "approve")
        it.fault(bank.POWER_CUT)
        request, data, lost = await it.pay()
        assert isinstance(lost, DeviceTimeout)
        it.fault(bank.POWER_CUT, False)
        answer = await it.ask(request, data)
        assert answer.found is Found.INCONCLUSIVE
        assert len(it.taken) == (2 if before == "approve" else 1)


async def test_without_a_reference_the_clock_must_fit():
    async with terminal(bank.LOST_REPLY, reference=False) as it:
        request, data, _ = await it.pay()
        assert (await it.ask(request, data)).found is Found.FOUND
        it.fault("clock_off")
        request, data, _ = await it.pay()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_without_an_echo_a_refusal_is_never_certain():
    async with terminal(bank.LOST_REPLY, "no_echo") as it:
        it.simulator.act("outcome", "decline")
        request, data, _ = await it.pay()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


@pytest.mark.parametrize("fault", [bank.WRONG_AMOUNT, bank.UNLISTED_CODE])
async def test_an_answer_that_says_neither(fault):
    async with terminal(fault) as it:
        request, data, sale = await it.pay()
        assert sale.verdict is Verdict.UNKNOWN
        answer = await it.ask(request, data)
        assert answer.found is Found.INCONCLUSIVE
        assert answer.result.verdict is Verdict.UNKNOWN


async def test_a_damaged_reply_is_in_doubt_and_found_later():
    async with terminal(bank.BAD_CHECK) as it:
        request, data, sale = await it.pay()
        assert isinstance(sale, BadFrame)
        it.fault(bank.BAD_CHECK, False)
        assert (await it.ask(request, data)).found is Found.FOUND


async def test_nobody_there():
    async with terminal(bank.BUSY) as it:
        request, data, sale = await it.pay()
        assert isinstance(sale, DeviceTimeout)
        with pytest.raises(DeviceTimeout):
            await it.ask(request, data)


async def test_a_blank_inquiry_is_not_what_is_sent():
    """A 62 without the request's bytes is always answered 0004, whatever was charged."""
    async with terminal(bank.LOST_REPLY) as it:
        _, data, _ = await it.pay()
        blank = CARD_LAYOUT.pack({"indicator": "I", "type": "62", "payment": "N", "start": "01"})
        assert it.simulator.answer(blank).data[76:80] == b"0004"
        assert it.simulator.answer(inquiry(data)).data[76:80] == b"0000"
