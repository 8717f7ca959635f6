"""The terminals that answer one record with another: Taishin's, ECPay's and the banks'. Each fault, with and without the
reference in replies.
"""

import asyncio
import logging

import pytest
from eft_till import Till, request, secrets_in

from drivers.ecpay import DRIVER as ECPAY
from drivers.edc_bank import DRIVER as BANK
from drivers.taishin import DRIVER as TAISHIN
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import PANS
from edge_hub.sdk.eft.framed import frame
from edge_hub.sdk.eft.model import Found, Milestone, Reason, Result, Transaction, Verdict
from edge_hub.sdk.eft.record_sim import CLOCK_OFF, NO_ECHO
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceRefused, DeviceTimeout, ErrorCode

KINDS = pytest.mark.parametrize(
    "kind",
    [
        (TAISHIN, {}),
        (TAISHIN, {"bank": "first_bank"}),
        (ECPAY, {}),
        *((BANK, {"dialect": name}) for name in ("nccc144", "sinopac144", "as320", "bank200", "ctbc250", "esun600")),
    ],
    ids=lambda kind: "-".join([kind[0].name, *kind[1].values()]),
)
ECHO = pytest.mark.parametrize("echo", [True, False], ids=["echo", "no-echo"])


def till(kind, *, echo=True, **options):
    driver, given = kind
    made = Till(driver, **given, **options)
    made.simulator.set_fault(NO_ECHO, not echo)
    return made


@KINDS
@ECHO
async def test_a_sale_is_approved(kind, echo):
    async with till(kind, echo=echo).running() as t:
        result = await t.sale(1280)
    assert result.verdict is Verdict.APPROVED
    assert (result.amount, result.code, result.receipt) == (1280, "0000", "000001")
    assert result.terminal_id == "13990001"
    assert result.at == "2026-10-09T14:30:15"
    assert result.card == "431195******1231"
    assert [step.milestone for step in t.heard if step.milestone] == [Milestone.SENT, Milestone.IN_PROGRESS]
    assert len(t.taken) == 1


@KINDS
async def test_sales_have_identities_of_their_own(kind):
    async with till(kind).running() as t:
        results = [await t.sale(100) for _ in range(3)]
    assert len({result.identity for result in results}) == 3
    assert all(result.identity for result in results)


@KINDS
@ECHO
@pytest.mark.parametrize("outcome", ["decline", "call_bank", "cancel", "card", "balance"])
async def test_a_refusal_moves_no_money(kind, echo, outcome):
    async with till(kind, echo=echo).running() as t:
        t.simulator.act("outcome", outcome)
        result = await t.sale()
    assert result.verdict is Verdict.DECLINED
    assert result.reason is not Reason.NONE
    assert result.amount is None
    assert result.identity == ""
    assert result.card == ""
    assert t.taken == []
    if outcome == "call_bank":
        assert result.reason is Reason.CALL_BANK


@KINDS
@ECHO
@pytest.mark.parametrize("fault", [bank.DUPLICATE_REPLY, bank.UNSOLICITED, bank.SPLIT, bank.SLOW_HOST, CLOCK_OFF])
async def test_what_does_no_harm(kind, echo, fault):
    async with till(kind, echo=echo).running() as t:
        t.simulator.set_fault(fault, True)
        for amount in (100, 100, 200):
            result = await t.sale(amount)
            assert result.verdict is Verdict.APPROVED
            assert result.amount == amount
    assert len(t.taken) == 3


@KINDS
@ECHO
@pytest.mark.parametrize("fault", [bank.LOST_REPLY, bank.BAD_CHECK, bank.POWER_CUT, bank.BUSY])
async def test_silence_is_no_refusal(kind, echo, fault):
    async with till(kind, echo=echo).running() as t:
        t.simulator.set_fault(fault, True)
        outcome = await t.sale()
        assert isinstance(outcome, DeviceError)
        assert not isinstance(outcome, DeviceRefused | DeviceBusy)
        t.simulator.set_fault(fault, False)
        await t.later(20)
        assert (await t.sale(300)).verdict is Verdict.APPROVED
    assert len(t.taken) == (1 if fault == bank.BUSY else 2)


@KINDS
async def test_a_request_that_nobody_acknowledged_is_not_sent_again(kind):
    async with till(kind).running() as t:
        t.simulator.set_fault(bank.LOST_ACK, True)
        assert (await t.sale()).verdict is Verdict.APPROVED
        t.simulator.set_fault(NO_ECHO, True)
        assert isinstance(await t.sale(), DeviceTimeout), "a reply that could be anybody's"
    assert len(t.taken) == 2


@KINDS
@ECHO
async def test_the_reply_of_the_sale_before_is_not_this_ones(kind, echo):
    """Same amount, and the first reply was never seen: it comes when the second sale, which is declined, begins."""
    async with till(kind, echo=echo).running() as t:
        t.simulator.set_fault(bank.LOST_REPLY, True)
        assert isinstance(await t.sale(500), DeviceTimeout)
        t.simulator.set_fault(bank.LOST_REPLY, False)
        t.simulator.set_fault(bank.LATE_REPLY, True)
        t.simulator.act("outcome", "decline")
        assert (await t.sale(500)).verdict is Verdict.DECLINED
    assert len(t.taken) == 1


@KINDS
@pytest.mark.parametrize(("fault", "reason"), [(bank.WRONG_AMOUNT, Reason.AMOUNT), (bank.UNLISTED_CODE, Reason.OTHER)])
async def test_an_answer_that_says_neither(kind, fault, reason):
    async with till(kind).running() as t:
        t.simulator.set_fault(fault, True)
        result = await t.sale()
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, reason)
    assert len(t.taken) == 1


@KINDS
async def test_a_wrong_amount_without_a_reference_is_somebody_elses(kind):
    async with till(kind, echo=False).running() as t:
        t.simulator.set_fault(bank.WRONG_AMOUNT, True)
        outcome = await t.sale()
    assert isinstance(outcome, DeviceTimeout)


@KINDS
async def test_codes_of_the_banks_sheet(kind):
    async with till(kind, declined=("9Z99",)).running() as t:
        t.simulator.set_fault(bank.UNLISTED_CODE, True)
        assert (await t.sale()).verdict is Verdict.DECLINED


@KINDS
async def test_nothing_secret_is_kept(kind, caplog):
    caplog.set_level(logging.DEBUG)
    async with till(kind).running() as t:
        kept = []
        for scheme in PANS:
            t.simulator.act("scheme", scheme)
            kept.append(await t.sale())
        t.simulator.set_fault(bank.LOST_REPLY, True)
        kept.append(await t.sale())
        t.simulator.set_fault(bank.LOST_REPLY, False)
        t.simulator.set_fault(bank.LATE_REPLY, True)
        kept.append(await t.sale())
    assert all(pan.encode() in b"".join(_wire(t, pan)) for pan in PANS.values()), "the simulator gives cards whole"
    assert secrets_in(*kept, *t.bench.said, *caplog.records, caplog.text) == []
    whole = [one.raw for one in kept if isinstance(one, Result)]
    assert all(len(raw) == t.simulator.data_bytes and b"2912" not in raw for raw in whole)


@KINDS
@pytest.mark.parametrize("pan", PANS.values())
def test_a_card_number_anywhere_in_a_reply_is_masked(kind, pan):
    """In whichever place that has room for one, with digits on either side of it."""
    codec = till(kind).simulator.codec
    sent = codec.request(request())
    free = {"merchant", "order", "pos_number", "request_hash", "reply_hash"}
    roomy = [name for name, place in codec.layout.fields.items() if place.length >= len(pan)]
    assert "card" in roomy
    for name in roomy:
        reply = codec.layout.put(
            sent,
            {"code": "0000", "receipt": "000001", "rrn": "1" * 12, name: pan}
            if "rrn" in codec.layout
            else {"code": "0000", "receipt": "000001", name: pan},
        )
        result = codec.result(reply, request())
        assert pan.encode() not in result.raw
        if name not in free:
            assert secrets_in(result) == []


async def test_a_settlement_before_its_acknowledgement_is_an_older_one():
    async with Till(TAISHIN).running() as t:
        t.simulator.set_fault(bank.LOST_ACK, True)
        assert isinstance(await t.settle(), DeviceTimeout)


def _wire(t, pan):
    scheme = next(name for name, number in PANS.items() if number == pan)
    one = next(taken for taken in t.simulator.bank.taken if taken.scheme == scheme)
    asked = t.simulator.codec.layout.unpack(t.simulator.codec.request(request()))
    return [frame(t.simulator.record(asked, "0000", one))]


@KINDS
async def test_what_a_terminal_cannot_do_is_refused_before_anything_leaves(kind):
    async with till(kind).running() as t:
        terminal = t.terminal
        wrong = [
            request(currency="EUR", minor_digits=2),
            request(amount=10**11),
            request(tip=10),
            request(reference="THIS IS LONGER THAN ANY PLACE FOR IT"),
        ]
        missing = set(Transaction) - terminal.capabilities.transactions
        wrong += [request(transaction) for transaction in missing]
        if Transaction.VOID not in missing:
            wrong += [request(Transaction.VOID), request(Transaction.VOID, original=Result(verdict=Verdict.APPROVED))]
        for one in wrong:
            with pytest.raises(DeviceRefused) as refusal:
                await terminal.prepare(one)
            assert refusal.value.error_code is ErrorCode.ILLEGAL
        assert t.simulator.state()["asked"] == 0


@KINDS
async def test_a_void_names_its_sale(kind):
    async with till(kind).running() as t:
        if Transaction.VOID not in t.terminal.capabilities.transactions:
            pytest.skip("no void")
        sale = await t.sale(700)
        await t.sale(800)
        void = await t.undo(Transaction.VOID, sale, 700)
        assert void.verdict is Verdict.APPROVED
        assert void.identity != sale.identity
        again = await t.undo(Transaction.VOID, sale, 700)
        assert again.verdict is Verdict.DECLINED
    assert [one["transaction"] for one in t.taken] == ["sale", "sale", "void"]
    assert t.simulator.state()["net"] == 800


@KINDS
async def test_settlement(kind):
    async with till(kind).running() as t:
        if not t.terminal.capabilities.settles:
            assert isinstance(await t.settle(), DeviceRefused)
            return
        await t.sale()
        totals = await t.settle()
        assert totals.count is None
        assert totals.raw
        assert t.simulator.state()["batch"] == bank.BATCH_FIRST + 1
        t.simulator.set_fault(bank.BUSY, True)
        assert isinstance(await t.settle(), DeviceTimeout)


@KINDS
async def test_only_one_thing_at_a_time(kind):
    async with till(kind).running() as t:
        one = t.request()
        data = await t.terminal.prepare(one)
        first = t.terminal.transact(one, data, t.heard.append)
        second = t.terminal.transact(one, data, t.heard.append)
        outcomes = await t._outcome(_both(first, second))
    assert [type(outcome) for outcome in outcomes] == [Result, DeviceBusy]


async def _both(*asking):

    return await asyncio.gather(*asking, return_exceptions=True)


@KINDS
async def test_these_neither_stop_nor_cancel(kind):
    async with till(kind).running() as t:
        capabilities = t.terminal.capabilities
        assert not capabilities.stops
        assert not capabilities.cancels
        await t.terminal.stop()
        one = t.request()
        data = await t.terminal.prepare(one)
        assert (await t.terminal.cancel(one, data)).found is Found.INCONCLUSIVE
        if not capabilities.inquires:
            assert (await t.terminal.inquire(one, data)).found is Found.INCONCLUSIVE
        assert t.simulator.state()["asked"] == 0


@KINDS
def test_the_simulator_knows_its_faults_and_actions(kind):
    simulator = till(kind).simulator
    with pytest.raises(KeyError):
        simulator.set_fault("no", True)
    with pytest.raises(KeyError):
        simulator.act("no", "")
    assert simulator.picture() is None
    assert {NO_ECHO, CLOCK_OFF, bank.WRONG_AMOUNT, bank.POWER_CUT} <= set(simulator.faults)
