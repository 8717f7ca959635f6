"""ECPay's records: hashes, what they cover, and the order number that a refund needs."""

import pytest
from eft_till import Till, request
from hypothesis import given
from hypothesis import strategies as st

from drivers.ecpay import DRIVER
from drivers.ecpay.codec import LAYOUT, EcpayCodec, hashed
from drivers.ecpay.options import EcpayOptions
from drivers.ecpay.simulator import WRONG_HASH
from edge_hub.sdk.eft.bank import FAULTS, LOST_REPLY
from edge_hub.sdk.eft.framed import frame
from edge_hub.sdk.eft.model import Reason, Result, Transaction, Verdict
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame, DeviceRefused, DeviceTimeout

HASH = "63AAFBC4319B6FDBDB58FD94D5B082265D84CE09"
CODEC = EcpayCodec(EcpayOptions())


def test_a_sale_as_documented():
    codec = EcpayCodec(EcpayOptions(reference=False))
    record = codec.request(request(amount=100))
    assert record[:2] == b"01"
    assert record[2:4] == b"01"
    assert record[29:31] == b"00"
    assert record[31:43] == b"000000010000"
    assert record[492:506] == b"20261009143015"
    assert record[506:546] == HASH.encode()
    assert record[4:29].isspace()
    assert record[43:492].isspace()
    assert record[546:].isspace()
    assert len(record) == 600
    whole = frame(record)
    assert len(whole) == 603
    assert whole[-1] == 0x0C


def test_the_reference_is_hashed_with_the_rest():
    record = CODEC.request(request(amount=100))
    assert record[108:126].rstrip() == b"A0B1C2D3E4"
    assert record[506:546].decode() == hashed(record) != HASH


def test_what_the_contract_may_want():
    record = EcpayCodec(EcpayOptions(unionpay=True, pos_number="TILL-1")).request(request())
    assert (record[29:31], record[236:256].rstrip()) == (b"01", b"TILL-1")


def test_settlement():
    record = CODEC.settlement("2026-10-09T22:00:00")
    assert (record[:2], record[31:43], record[492:506]) == (b"50", b"0" * 12, b"20261009220000")
    assert record[506:546].decode() == hashed(record)


def reply(sent, **values):
    asked = LAYOUT.unpack(sent)
    echoed = {name: asked[name] for name in ("type", "host", "amount", "request_time", "request_hash")}
    record = LAYOUT.pack(echoed | {"code": "0000", "terminal": "TERM0001", "order": "EC1", **values})
    return LAYOUT.put(record, {"reply_hash": hashed(record)})


def test_a_reply_repeats_the_requests_hash():
    first, second = CODEC.request(request(reference="A000000001")), CODEC.request(request(reference="A000000002"))
    assert CODEC.match(first, reply(first)) is Match.OURS
    assert CODEC.match(second, reply(first)) is Match.FOREIGN
    assert CODEC.match(first, reply(first, request_hash="", request_time="")) is Match.PLAUSIBLE
    assert CODEC.match(first, reply(first, request_hash="", request_time="", store="A000000002")) is Match.FOREIGN
    assert CODEC.match(first, reply(first, request_time="")) is Match.PLAUSIBLE
    assert CODEC.match(first, reply(first, request_time="", store="A000000001")) is Match.OURS
    assert CODEC.match(first, reply(first, request_time="20261009143016")) is Match.FOREIGN
    assert CODEC.match(first, reply(first, type="02")) is Match.FOREIGN
    assert CODEC.match(first, reply(first, request_hash="", amount="1")) is Match.FOREIGN


def test_a_reply_whose_hash_is_wrong_is_none():
    good = reply(CODEC.request(request()))
    assert CODEC.checked(good) == good
    for bad in (LAYOUT.put(good, {"order": "EC2"}), LAYOUT.put(good, {"reply_hash": ""})):
        with pytest.raises(BadFrame):
            CODEC.checked(bad)
        assert EcpayCodec(EcpayOptions(check_hash=False)).checked(bad) == bad


def test_the_hash_may_cover_the_requests_time():
    good = reply(CODEC.request(request()))
    other = LAYOUT.put(good, {"reply_hash": hashed(good, 506).lower()})
    assert CODEC.checked(other) == other


@pytest.mark.parametrize(
    ("code", "verdict", "reason"),
    [
        ("0000", Verdict.APPROVED, Reason.NONE),
        ("0001", Verdict.DECLINED, Reason.DECLINED),
        ("0002", Verdict.DECLINED, Reason.CALL_BANK),
        ("0003", Verdict.UNKNOWN, Reason.HOST),
        ("0004", Verdict.UNKNOWN, Reason.OTHER),
        ("", Verdict.UNKNOWN, Reason.OTHER),
    ],
)
def test_codes(code, verdict, reason):
    result = CODEC.result(reply(CODEC.request(request()), code=code), request())
    assert (result.verdict, result.reason, result.code) == (verdict, reason, code)


def test_what_is_read():
    sent = CODEC.request(request())
    result = CODEC.result(
        reply(
            sent, receipt="000123", card="4311951234561231", approval="AB1234", merchant="MER000123456789",
            order="26100914301500000001", card_type="01", edc_time="20261009143022", card_hash="6Zq+abc=",
        ),
        request(),
    )  # fmt: skip
    assert result.identity == "TERM0001/01/26100914301500000001/000123/20261009143022"
    assert (result.scheme, result.card, result.at) == ("MASTERCARD", "431195******1231", "2026-10-09T14:30:22")
    assert (result.approval, result.merchant_id, result.receipt) == ("AB1234", "MER000123456789", "000123")
    assert result.data == {"order": "26100914301500000001"}
    assert b"6Zq" not in result.raw


def test_a_refund_names_the_order():
    sale = Result(verdict=Verdict.APPROVED, data={"order": "EC000000000007"})
    record = CODEC.request(request(Transaction.REFUND, 50, original=sale, original_amount=80))
    assert (record[:2], record[88:108].rstrip()) == (b"02", b"EC000000000007")
    for original in (None, Result(verdict=Verdict.APPROVED)):
        with pytest.raises(DeviceRefused):
            CODEC.request(request(Transaction.REFUND, 50, original=original))


@given(st.binary(min_size=600, max_size=600))
def test_any_record_is_read_or_refused(record):
    try:
        CODEC.checked(record)
    except BadFrame:
        return
    raise AssertionError("no hash is right by chance")


async def test_refunds_in_parts():
    till = Till(DRIVER)
    async with till.running() as t:
        sale = await t.sale(100)
        parts = [await t.undo(Transaction.REFUND, sale, 40) for _ in range(3)]
    assert [part.verdict for part in parts] == [Verdict.APPROVED, Verdict.APPROVED, Verdict.DECLINED]
    assert parts[0].identity != parts[1].identity
    assert till.simulator.state()["net"] == 20


async def test_a_wrong_hash_is_not_believed():
    async with Till(DRIVER).running() as t:
        t.simulator.set_fault(WRONG_HASH, True)
        assert isinstance(await t.sale(), DeviceTimeout)
    assert len(t.taken) == 1
    async with Till(DRIVER, check_hash=False).running() as t:
        t.simulator.set_fault(WRONG_HASH, True)
        assert (await t.sale()).verdict is Verdict.APPROVED


async def test_a_failed_connection_proves_nothing():
    async with Till(DRIVER).running() as t:
        t.simulator.act("outcome", "host")
        result = await t.sale()
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, Reason.HOST)


def test_it_has_the_faults_of_its_link():
    simulator = DRIVER.simulator(DRIVER.options())
    assert LOST_REPLY in simulator.faults
    assert set(simulator.faults) - set(FAULTS) == {"no_echo", "clock_off", WRONG_HASH}
