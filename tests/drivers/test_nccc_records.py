"""NCCC records: the documented ones, every code, what cannot be carried, anything else."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nccc_bench import AT, PAYMENTS, SALE, asking, codec, reply_to

from drivers.nccc.codec import (
    AMOUNT_MAX,
    CARD_LAYOUT,
    CODES,
    DATA_BYTES,
    inquiry,
    mirrored,
    payment_of,
    type_of,
)
from edge_hub.sdk.eft.framed import FrameReader, frame, lrc
from edge_hub.sdk.eft.model import Reason, Result, Transaction, Verdict
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame, DeviceRefused


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
