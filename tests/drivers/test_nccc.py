"""NCCC's 400-byte terminals: documented records, every code, every fault, and what an inquiry may and may not claim."""

import hashlib
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.nccc import DRIVER
from drivers.nccc.codec import (
    AMOUNT_MAX,
    CARD_LAYOUT,
    CODES,
    DATA_BYTES,
    WALLET_LAYOUT,
    NcccCodec,
    inquiry,
    mirrored,
    payment_of,
    type_of,
    wallet_inquiry,
)
from drivers.nccc.options import NcccOptions
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.framed import FrameReader, frame, lrc
from edge_hub.sdk.eft.model import Found, Milestone, Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame, DeviceError, DeviceFault, DeviceRefused, DeviceTimeout
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.testing import Bench, settle, until
from edge_hub.sdk.testing.checks import pass_time

AT = "2026-10-09T14:30:15"
SALE = b"I260116 01N03" + b" " * 29 + b"000000128000" + b" " * 346
PAYMENTS = ("N", "C", "S", "E", "W")


def now():
    """Local time, as the simulated terminal's clock."""
    return datetime.now(tz=UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S")


def asking(transaction=Transaction.SALE, amount=1280, reference="A1B2C3D4E5", **more):
    fields = {"currency": "TWD", "minor_digits": 0, "at": now()} | more
    return Request(transaction=transaction, reference=reference, amount=amount, **fields)


def codec(**options):
    return NcccCodec(NcccOptions(**options))


def reply_to(data, **fields):
    """A terminal's reply, from scratch."""
    asked = CARD_LAYOUT.unpack(data)
    said = {name: asked[name] for name in ("indicator", "type", "payment", "host", "amount", "store")}
    return CARD_LAYOUT.pack(
        {**said, "code": "0000", "terminal": "13990001", "receipt": "000123", "batch": "000042"} | fields
    )


# --- records


def test_the_documented_sale():
    record = CARD_LAYOUT.pack(
        {"indicator": "I", "version": "260116", "type": "01", "payment": "N", "host": "03", "amount": "128000"}
    )
    assert record == SALE
    assert lrc(record) == 0x0F
    whole = frame(record)
    assert len(whole) == 403
    assert hashlib.sha256(whole).hexdigest().startswith("62a523ac5cd4fa36")
    assert FrameReader(DATA_BYTES).feed(b"\x06\x06" + whole)[2:] == [record]


def test_the_documented_inquiry():
    record = inquiry(SALE)
    assert (type_of(record), record[220:222], lrc(record)) == ("62", b"01", 0x0B)
    assert hashlib.sha256(frame(record)).hexdigest().startswith("145d8b0d483aca09")


def test_the_documented_echo():
    assert lrc(CARD_LAYOUT.pack({"indicator": "I", "version": "260116", "type": "98"})) == 0x69


def documented_reply():
    places = {
        0: "I",
        1: "260116",
        8: "01",
        10: "N",
        11: "03",
        13: "000123",
        19: "431195******1234",
        42: "000000128000",
        54: "261009",
        60: "143015",
        66: "AB1234",
        75: "V",
        76: "0000",
        80: "000812345678901",
        95: "13990001",
        115: "STORE-07",
        212: "02",
        214: "000042",
    }
    record = bytearray(b" " * DATA_BYTES)
    for place, text in places.items():
        record[place : place + len(text)] = text.encode()
    return bytes(record)


def test_the_documented_reply():
    record = documented_reply()
    assert lrc(record) == 0x15
    result = codec().result(record, asking(at=AT))
    assert replace(result, raw=b"", identity="") == Result(
        verdict=Verdict.APPROVED,
        code="0000",
        amount=1280,
        terminal_id="13990001",
        merchant_id="000812345678901",
        batch="000042",
        receipt="000123",
        approval="AB1234",
        scheme="VISA",
        card="431195******1234",
        entry="contactless",
        at=AT,
        data={"host": "03", "payment": "N"},
    )
    assert result.raw == record
    assert {"13990001", "000042", "000123"} <= set(result.identity.split("/"))
    assert codec().match(CARD_LAYOUT.put(SALE, {"store": "STORE-07"}), record) is Match.OURS


def test_a_sale_as_it_is_asked_for():
    data = codec().request(asking(at=AT))
    blank = CARD_LAYOUT.put(data, {"store": "", "date": "", "time": ""})
    assert blank == SALE
    assert CARD_LAYOUT.unpack(data)["store"] == "A1B2C3D4E5"
    assert data[54:66] == b"261009143015"
    assert CARD_LAYOUT.unpack(codec(reference=False).request(asking()))["store"] == ""


@pytest.mark.parametrize(("payment", "host"), [("N", "03"), ("C", "03"), ("S", "03"), ("E", "06"), ("W", "08")])
def test_the_host_goes_with_the_kind_of_payment(payment, host):
    data = codec(payment=payment).request(asking())
    assert (payment_of(data), data[11:13]) == (payment, host.encode())


def test_a_void_names_receipt_host_and_kind_of_the_sale():
    sale = codec(payment="S").result(CARD_LAYOUT.put(documented_reply(), {"payment": "S"}), asking())
    data = codec().request(asking(Transaction.VOID, original=sale))
    assert data[8:19] == b"30S03000123"
    with pytest.raises(DeviceRefused):
        codec().request(asking(Transaction.VOID, original=replace(sale, receipt="")))
    with pytest.raises(DeviceRefused):
        codec().request(asking(Transaction.VOID))


def test_a_refund_of_smartpay_names_the_day():
    sale = codec(payment="S").result(CARD_LAYOUT.put(documented_reply(), {"payment": "S"}), asking())
    assert codec().request(asking(Transaction.REFUND, original=sale))[231:239] == b"20261009"
    assert codec().request(asking(Transaction.REFUND))[8:13] == b"02N03"


@pytest.mark.parametrize(
    "bad",
    [
        asking(amount=AMOUNT_MAX + 1),
        asking(currency="EUR"),
        asking(currency="TWD", minor_digits=2),
        asking(tip=10),
        asking(reference="A" * 19),
    ],
)
def test_what_it_cannot_carry_is_refused_before_anything_is_sent(bad):
    with pytest.raises(DeviceRefused):
        codec().request(bad)


def test_wallets_are_not_refunded_and_tickets_not_voided_by_the_till():
    assert set(codec(payment="W").types) == {Transaction.SALE, Transaction.VOID}
    assert set(codec(payment="E").types) == {Transaction.SALE, Transaction.REFUND}


@pytest.mark.parametrize("code", [*CODES, "9999", "    ", "OK  ", "000", ""])
@pytest.mark.parametrize("payment", PAYMENTS)
def test_every_code(code, payment):
    result = codec(payment=payment).result(reply_to(SALE, code=code, payment=payment), asking())
    expected = CODES[code].verdict if code in CODES else Verdict.UNKNOWN
    if code == "0003" and payment in "EW":
        expected = Verdict.UNKNOWN
    assert result.verdict is expected
    assert (result.verdict is Verdict.APPROVED) == (code == "0000")


@pytest.mark.parametrize(
    ("code", "verdict", "reason"),
    [
        ("0001", Verdict.DECLINED, Reason.DECLINED),
        ("0002", Verdict.DECLINED, Reason.CALL_BANK),
        ("0003", Verdict.DECLINED, Reason.TIMEOUT),
        ("0005", Verdict.DECLINED, Reason.HOST),
        ("0006", Verdict.DECLINED, Reason.CANCELLED),
        ("0016", Verdict.DECLINED, Reason.BALANCE),
        ("0018", Verdict.UNKNOWN, Reason.OTHER),
        ("0019", Verdict.UNKNOWN, Reason.OTHER),
        ("2003", Verdict.DECLINED, Reason.CODE),
    ],
)
def test_reasons(code, verdict, reason):
    result = codec().result(reply_to(SALE, code=code), asking())
    assert (result.verdict, result.reason) == (verdict, reason)


def test_another_amount_is_no_approval():
    result = codec().result(reply_to(SALE, amount="128100"), asking())
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, Reason.AMOUNT)


def test_a_member_card_comes_whole_and_is_masked():
    result = codec().result(reply_to(SALE, card="9552123456789012", expiry="2912", card_hash="X" * 50), asking())
    assert result.card == "955212******9012"
    assert b"9552123456789012" not in result.raw
    assert b"2912" not in result.raw
    assert b"XX" not in result.raw
    assert len(result.raw) == DATA_BYTES


def test_the_mirrored_screen():
    shown = "請刷卡 4311951234561231"
    data = b" " * 8 + b"00T" + shown.encode("big5").ljust(389)
    assert mirrored(data) == "請刷卡 431195******1231"
    assert mirrored(SALE) is None


def test_zero_bytes_count_as_spaces():
    data = codec().request(asking())
    reply = reply_to(data).replace(b" ", b"\x00")
    assert codec().match(data, reply) is Match.OURS
    assert codec().result(reply, asking()).verdict is Verdict.APPROVED


@pytest.mark.parametrize("place", [13, 42, 50])
def test_a_number_that_is_none_is_a_bad_frame(place):
    reply = reply_to(SALE)
    with pytest.raises(BadFrame):
        codec().result(reply[:place] + b"x" + reply[place + 1 :], asking())


@given(st.binary(min_size=DATA_BYTES, max_size=DATA_BYTES))
def test_any_bytes_are_read_or_are_a_bad_frame(data):
    for payment in ("N", "W"):
        try:
            result = codec(payment=payment).result(data, asking())
            codec(payment=payment).match(SALE, data)
            codec(payment=payment).totals(data)
        except BadFrame:
            continue
        assert len(result.raw) == DATA_BYTES
    mirrored(data)


@given(
    amount=st.integers(1, AMOUNT_MAX),
    reference=st.from_regex(r"[0-9A-Z]{10}", fullmatch=True),
    payment=st.sampled_from(PAYMENTS),
)
def test_requests_round_trip_and_their_inquiries_give_them_back(amount, reference, payment):
    request = asking(amount=amount, reference=reference)
    data = codec(payment=payment).request(request)
    assert FrameReader(DATA_BYTES).feed(frame(data)) == [data]
    asked = inquiry(data)
    assert asked[:8] + asked[220:222] + asked[10:220] + b"  " + asked[222:] == data
    assert codec(payment=payment).layout.unpack(data)["amount"] == f"{amount:010d}00"


# --- the terminal


@asynccontextmanager
async def terminal(*faults, **options):
    bench = Bench(DRIVER, DRIVER.options(**options))
    bench.simulator.sleep = bench.clock.sleep
    for fault in faults:
        bench.simulator.set_fault(fault, True)
    async with bench.running():
        await bench.until_ready(EFT_TERMINAL)
        yield Till(bench)
        bench.check()


class Till:
    def __init__(self, bench):
        self.bench = bench
        self.simulator = bench.simulator
        self.heard = []
        self.count = 0

    @property
    def eft(self):
        return self.bench.role(EFT_TERMINAL)

    def fault(self, name, on=True):
        self.simulator.set_fault(name, on)

    @property
    def taken(self):
        return self.simulator.state()["taken"]

    async def run(self, awaitable):
        return await until(self.bench.clock, awaitable, limit_s=400)

    async def pay(self, amount=1280, transaction=Transaction.SALE, **more):
        """(request, its bytes, result or error)"""
        self.count += 1
        request = asking(transaction, amount, f"REF{self.count:07d}", **more)
        data = await self.eft.prepare(request)
        try:
            outcome = await self.run(self.eft.transact(request, data, self.heard.append))
        except DeviceError as error:
            outcome = error
        return request, data, outcome

    async def ask(self, request, data):
        await pass_time(self.bench, 10)
        return await self.run(self.eft.inquire(request, data))


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


# --- e-tickets and wallets


async def test_a_ticket_tapped_again_is_pending_until_it_is_charged():
    async with terminal("retap", payment="E") as it:
        request, data, sale = await it.pay()
        assert (sale.verdict, sale.code) == (Verdict.UNKNOWN, "0018")
        assert (await it.ask(request, data)).found is Found.PENDING
        assert it.taken == []
        it.fault("retap", False)
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict) == (Found.FOUND, Verdict.APPROVED)
        assert (await it.ask(request, data)).found is Found.FOUND
        assert len(it.taken) == 1


async def test_a_ticket_loaded_and_not_charged_is_for_a_person():
    async with terminal("autoload", payment="E") as it:
        request, data, sale = await it.pay()
        assert (sale.verdict, sale.code) == (Verdict.UNKNOWN, "0019")
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_too_little_on_a_ticket():
    async with terminal(payment="E") as it:
        it.simulator.act("outcome", "balance")
        _, _, sale = await it.pay()
        assert (sale.verdict, sale.reason) == (Verdict.DECLINED, Reason.BALANCE)


async def test_a_wallet_pays():
    async with terminal(payment="W") as it:
        _, _, sale = await it.pay()
        assert (sale.verdict, sale.scheme, sale.data["order"]) == (Verdict.APPROVED, "LINE Pay", "EW0000000001")


async def test_a_wallet_whose_host_was_slow_is_asked_by_its_order():
    async with terminal("wallet_timeout", payment="W") as it:
        request, data, sale = await it.pay()
        assert (sale.verdict, sale.reason, sale.code) == (Verdict.UNKNOWN, Reason.TIMEOUT, "0003")
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict, answer.result.amount) == (Found.FOUND, Verdict.APPROVED, 1280)
        assert len(it.taken) == 1


async def test_a_wallets_lost_reply_is_found():
    async with terminal(bank.LOST_REPLY, payment="W") as it:
        request, data, _ = await it.pay()
        assert (await it.ask(request, data)).found is Found.FOUND


async def test_0010_of_a_wallet_has_the_order_asked_for_if_it_is_known():
    async with terminal("wallet_timeout", payment="W") as it:
        request, data, _ = await it.pay()
        it.simulator._saved = data[:-1] + b"x"
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict) == (Found.FOUND, Verdict.APPROVED)
        it.bench._memory.clear()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_a_wallet_that_does_not_confirm_is_for_a_person():
    async with terminal("wallet_timeout", payment="W") as it:
        request, data, _ = await it.pay()
        it.simulator._orders.clear()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


def test_the_wallets_inquiry():
    data = codec(payment="W").request(asking())
    asked = wallet_inquiry(data, "EW0000000001")
    assert type_of(asked) == "68"
    assert WALLET_LAYOUT.unpack(asked)["order"] == "EW0000000001"


# --- what must not be kept


@pytest.mark.parametrize("payment", PAYMENTS)
async def test_no_card_number_is_kept(payment, caplog):
    caplog.set_level(logging.DEBUG)
    async with terminal(bank.LATE_REPLY, bank.DUPLICATE_REPLY, payment=payment) as it:
        kept = []
        for scheme in bank.PANS:
            it.simulator.act("scheme", scheme)
            request, data, sale = await it.pay()
            assert sale.verdict is Verdict.APPROVED
            kept += [sale, await it.ask(request, data)]
        kept += [await it.run(it.eft.settle(AT, it.heard.append)), it.heard, it.bench._memory]
        await settle()
        said = repr(kept) + caplog.text
        assert not [pan for pan in (*bank.PANS.values(), bank.CARDHOLDER) if pan in said]
        assert payment == "W" or "431195******1231" in said
