"""Taishin's terminals: replies in several records, and the question what became of a transaction."""

import pytest
from eft_till import Till, request
from hypothesis import given
from hypothesis import strategies as st

from drivers.taishin import DRIVER
from drivers.taishin.codec import LAYOUT, TIMER_S_MAX, TaishinCodec
from drivers.taishin.options import TaishinOptions
from drivers.taishin.simulator import TWO_RECORDS
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.model import Activity, Found, Inquiry, Reason, Result, Transaction, Verdict
from edge_hub.sdk.eft.record_sim import NO_ECHO
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame, DeviceTimeout

CODEC = TaishinCodec(TaishinOptions())


@pytest.mark.parametrize(
    ("options", "head", "baudrate"),
    [
        ({}, b"0100", 115200),
        ({"bank": "first_bank"}, b"0102", 9600),
        ({"host": "03", "sale_type": "11"}, b"1103", 115200),
    ],
)
def test_a_sale(options, head, baudrate):
    record = TaishinCodec(TaishinOptions(**options)).request(request())
    wanted = head + b"0" * 29 + b"000000128000" + b"261009143015" + b" " * 57 + b"A0B1C2D3E4"
    assert record == wanted.ljust(400)
    assert DRIVER.line(TaishinOptions(**options)) == {
        "baudrate": baudrate,
        "bytesize": 8,
        "parity": "N",
        "stopbits": 1,
    }


def test_a_sale_may_come_back_as_what_the_customer_chose():
    sent = CODEC.request(request())
    assert CODEC.match(sent, LAYOUT.put(sent, {"type": "04"})) is Match.OURS
    assert CODEC.match(sent, LAYOUT.put(sent, {"type": "30"})) is Match.FOREIGN
    plain = TaishinCodec(TaishinOptions(sale_type="11")).request(request())
    assert CODEC.match(plain, LAYOUT.put(plain, {"type": "04"})) is Match.FOREIGN


def test_there_is_no_refund():
    assert set(CODEC.types) == {Transaction.SALE, Transaction.VOID}


def test_what_is_read():
    reply = LAYOUT.pack(
        {
            "type": "01", "host": "03", "receipt": "000123", "card": "431195******1234", "amount": "128000",
            "date": "261009", "time": "143022", "approval": "AB1234", "code": "0000", "terminal": "13990001",
            "store": "026282000123", "card_type": "04", "batch": "000042", "chip": "4311951234561231",
            "check": "1234", "merchant": "000812345678901", "card_hash": "6Zq", "finished": "Y", "timer": "0000",
        },
    )  # fmt: skip
    result = CODEC.result(reply, request())
    assert result.identity == "13990001/01/000042/261009/000123/"
    assert (result.scheme, result.card, result.rrn) == ("VISA", "431195******1234", "026282000123")
    assert (result.batch, result.receipt, result.at) == ("000042", "000123", "2026-10-09T14:30:22")
    assert b"4311951234561231" not in result.raw
    assert b"6Zq" not in result.raw
    assert CODEC.more_s(LAYOUT.unpack(reply)) is None


@pytest.mark.parametrize(
    ("finished", "timer", "more_s"),
    [("Y", "0060", None), ("", "", None), ("N", "0060", 60.0), ("N", "0000", 0.0), ("N", "", 0.0),
     ("N", "9999", TIMER_S_MAX)],
)  # fmt: skip
def test_more_records_follow(finished, timer, more_s):
    assert CODEC.more_s({"finished": finished, "timer": timer}) == more_s


@pytest.mark.parametrize(
    ("code", "verdict", "reason"),
    [
        ("0000", Verdict.APPROVED, Reason.NONE),
        ("0001", Verdict.DECLINED, Reason.DECLINED),
        ("0002", Verdict.DECLINED, Reason.CALL_BANK),
        ("0003", Verdict.UNKNOWN, Reason.TIMEOUT),
        ("0004", Verdict.DECLINED, Reason.NOT_POSSIBLE),
        ("0005", Verdict.UNKNOWN, Reason.HOST),
        ("0006", Verdict.DECLINED, Reason.CANCELLED),
        ("0007", Verdict.UNKNOWN, Reason.OTHER),
        ("    ", Verdict.UNKNOWN, Reason.OTHER),
    ],
)
def test_codes(code, verdict, reason):
    reply = LAYOUT.put(CODEC.request(request()), {"code": code})
    result = CODEC.result(reply, request())
    assert (result.verdict, result.reason) == (verdict, reason)


@given(st.binary(min_size=390, max_size=410))
def test_any_record_is_read_or_refused(record):
    try:
        CODEC.result(CODEC.checked(record), request())
    except BadFrame:
        return
    assert len(record) == 400


async def test_an_outcome_in_two_records():
    async with Till(DRIVER).running() as t:
        t.simulator.set_fault(TWO_RECORDS, True)
        result = await t.sale()
        assert result.verdict is Verdict.APPROVED
        assert Activity.WAITING_FOR_CUSTOMER in [step.activity for step in t.heard]
    assert len(t.taken) == 1


async def test_the_first_of_two_records_is_no_outcome():
    async with Till(DRIVER).running() as t:
        t.simulator.set_fault(TWO_RECORDS, True)
        one = t.request()
        first = t.simulator.answer(await t.terminal.prepare(one))
        t.simulator.answer = lambda _: first.__class__(data=first.data, money=True)
        assert isinstance(await t.ask(one), DeviceTimeout)


@pytest.mark.parametrize("transaction", [Transaction.SALE, Transaction.VOID])
@pytest.mark.parametrize("outcome", ["approve", "decline"])
async def test_after_a_lost_reply_the_outcome_is_found(transaction, outcome):
    async with Till(DRIVER).running() as t:
        sale = await t.sale(500)
        t.simulator.set_fault(bank.LOST_REPLY, True)
        t.simulator.act("outcome", outcome)
        one = t.request(transaction, 500, original=sale, original_amount=500)
        assert isinstance(await t.ask(one), DeviceTimeout)
        answer = await t.inquire(one)
    assert answer.found is Found.FOUND
    assert answer.result.verdict is (Verdict.APPROVED if outcome == "approve" else Verdict.DECLINED)
    assert len(t.taken) == (2 if outcome == "approve" else 1)


async def test_in_two_records_the_last_is_found():
    async with Till(DRIVER).running() as t:
        t.simulator.set_fault(TWO_RECORDS, True)
        t.simulator.set_fault(bank.LOST_REPLY, True)
        one = t.request()
        assert isinstance(await t.ask(one), DeviceTimeout)
        assert (await t.inquire(one)).found is Found.FOUND


async def test_another_transaction_proves_nothing():
    """The power went before the reply was stored: the terminal tells of the sale before, of the same amount."""
    async with Till(DRIVER).running() as t:
        assert (await t.sale(500)).verdict is Verdict.APPROVED
        t.simulator.set_fault(bank.POWER_CUT, True)
        one = t.request(amount=500)
        assert isinstance(await t.ask(one), DeviceTimeout)
        t.simulator.set_fault(bank.POWER_CUT, False)
        answer = await t.inquire(one)
    assert answer.found is Found.INCONCLUSIVE
    assert answer.text
    assert len(t.taken) == 2


async def test_a_transaction_of_another_kind_proves_nothing():
    """A void in doubt, and the terminal tells of the sale before: that is an answer, not silence."""
    async with Till(DRIVER).running() as t:
        sale = await t.sale(500)
        t.simulator.set_fault(bank.POWER_CUT, True)
        one = t.request(Transaction.VOID, 500, original=sale, original_amount=500)
        assert isinstance(await t.ask(one), DeviceTimeout)
        t.simulator.set_fault(bank.POWER_CUT, False)
        answer = await t.inquire(one)
    assert answer.found is Found.INCONCLUSIVE
    assert answer.text


async def test_a_terminal_that_remembers_nothing_proves_nothing():
    async with Till(DRIVER).running() as t:
        t.simulator.set_fault(bank.POWER_CUT, True)
        one = t.request()
        assert isinstance(await t.ask(one), DeviceTimeout)
        answer = await t.inquire(one)
    assert answer.found is Found.INCONCLUSIVE, "its refusal of the question repeats the question's reference"
    assert len(t.taken) == 1


@pytest.mark.parametrize("fault", [NO_ECHO, bank.UNLISTED_CODE, bank.WRONG_AMOUNT])
async def test_an_answer_that_could_be_anybodys_or_says_neither_proves_nothing(fault):
    async with Till(DRIVER).running() as t:
        t.simulator.set_fault(fault, True)
        t.simulator.set_fault(bank.LOST_REPLY, True)
        one = t.request()
        assert isinstance(await t.ask(one), DeviceTimeout)
        answer = await t.inquire(one)
    assert isinstance(answer, Inquiry)
    assert answer.found is Found.INCONCLUSIVE
    assert isinstance(answer.result, Result), "a person may want to see it"


async def test_an_inquiry_moves_no_money_and_may_go_unanswered():
    async with Till(DRIVER).running() as t:
        one = t.request()
        assert (await t.ask(one)).verdict is Verdict.APPROVED
        for _ in range(3):
            assert (await t.inquire(one)).found is Found.FOUND
        t.simulator.set_fault(bank.BUSY, True)
        assert isinstance(await t.inquire(one), DeviceTimeout)
    assert len(t.taken) == 1


@pytest.mark.parametrize(
    ("options", "inquires"), [({}, True), ({"inquires": False}, False), ({"reference": False}, False)]
)
async def test_without_the_reference_it_is_not_asked(options, inquires):
    async with Till(DRIVER, **options).running() as t:
        assert t.terminal.capabilities.inquires is inquires
