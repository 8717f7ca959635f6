"""The dialects of the banks' terminals: where things are, what codes mean, how the line is set."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from eft_till import Till, request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.edc_bank import DRIVER
from drivers.edc_bank.codec import DIALECTS, BankCodec
from drivers.edc_bank.options import EdcBankOptions
from edge_hub.bus import Bus
from edge_hub.clock import ManualClock
from edge_hub.devices.hub import Connect, DeviceConfig, DeviceHub
from edge_hub.sdk.eft.framed import frame, lrc
from edge_hub.sdk.eft.model import SALE_AND_BACK, Reason, Transaction, Verdict
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import BadFrame, DeviceLost, DeviceRefused

ALL = pytest.mark.parametrize("dialect", list(DIALECTS))


def codec(dialect="nccc144", **options):
    return BankCodec(EdcBankOptions(dialect=dialect, **options))


@pytest.mark.parametrize(
    ("dialect", "size", "host", "line"),
    [
        ("nccc144", 144, "03", (9600, 7, "E")),
        ("cathay144", 144, "03", (9600, 7, "E")),
        ("sinopac144", 144, "02", (9600, 7, "E")),
        ("as320", 144, "01", (9600, 8, "N")),
        ("bank200", 200, "00", (9600, 7, "E")),
        ("ctbc250", 250, "00", (19200, 7, "E")),
        ("esun600", 600, "01", (19200, 7, "E")),
        ("esun144", 144, "00", (9600, 7, "E")),
    ],
)
def test_dialects(dialect, size, host, line):
    record = codec(dialect).request(request())
    assert len(record) == size
    assert record[:2] == b"01"
    assert record[2:4] == host.encode()
    assert record[33:45] == b"000000128000"
    assert record[45:57] == b"261009143015"
    found = DRIVER.line(EdcBankOptions(dialect=dialect))
    assert (found["baudrate"], found["bytesize"], found["parity"], found["stopbits"]) == (*line, 1)


def test_a_whole_request():
    record = codec().request(request())
    assert record == (b"0103" + b" " * 29 + b"000000128000" + b"261009143015" + b" " * 57 + b"A0B1C2D3E4" + b" " * 20)
    assert frame(record) == b"\x02" + record + b"\x03" + bytes((lrc(record),))


def test_a_bank_that_wants_zeros():
    record = codec("cathay144").request(request())
    assert record[4:33] == b"0" * 29


# positions as in the banks' sheets, from 1: approval, response code, terminal, reference number, store
@pytest.mark.parametrize(
    ("dialect", "places"),
    [
        ("nccc144", {"approval": (58, 9), "code": (79, 4), "terminal": (83, 8), "rrn": (91, 12), "store": (115, 18)}),
        ("as320", {"approval": (58, 9), "code": (67, 4), "terminal": (71, 8), "rrn": (79, 12), "store": (91, 16)}),
        ("bank200", {"approval": (58, 9), "code": (79, 4), "terminal": (83, 8), "rrn": (91, 12), "store": (115, 16)}),
        ("ctbc250", {"code": (79, 4), "store": (115, 16), "card_hash": (162, 50), "invoice_issuer": (212, 1)}),
        ("esun600", {"approval": (58, 6), "code": (64, 4), "terminal": (68, 8), "rrn": (76, 12), "store": (123, 20)}),
        ("esun144", {"approval": (58, 6), "code": (64, 4)}),
    ],
)
def test_places(dialect, places):
    record = b"".join(bytes((0x21 + at % 0x5E,)) for at in range(DIALECTS[dialect].layout.size))
    record = DIALECTS[dialect].layout.put(record, {"type": "01", "amount": "1"})
    values = DIALECTS[dialect].layout.unpack(record)
    for name, (position, length) in places.items():
        assert values[name] == record[position - 1 : position - 1 + length].decode()


HOST_CODES = [
    ("0000", Verdict.APPROVED, Reason.NONE),
    ("0305", Verdict.DECLINED, Reason.DECLINED),
    ("0301", Verdict.DECLINED, Reason.CALL_BANK),
    ("0351", Verdict.DECLINED, Reason.BALANCE),
    ("0354", Verdict.DECLINED, Reason.CARD),
    ("A000", Verdict.DECLINED, Reason.OTHER),
    ("030A", Verdict.UNKNOWN, Reason.TIMEOUT),
    ("0391", Verdict.UNKNOWN, Reason.OTHER),
    ("0368", Verdict.UNKNOWN, Reason.OTHER),
    ("0300", Verdict.UNKNOWN, Reason.OTHER),
    ("XX05", Verdict.UNKNOWN, Reason.OTHER),
    ("05", Verdict.UNKNOWN, Reason.OTHER),
    ("", Verdict.UNKNOWN, Reason.OTHER),
]
PLAIN_CODES = [
    ("0000", Verdict.APPROVED, Reason.NONE),
    ("0001", Verdict.DECLINED, Reason.DECLINED),
    ("0002", Verdict.DECLINED, Reason.CALL_BANK),
    ("0003", Verdict.UNKNOWN, Reason.OTHER),
    ("0305", Verdict.UNKNOWN, Reason.OTHER),
    ("A000", Verdict.UNKNOWN, Reason.OTHER),
    ("", Verdict.UNKNOWN, Reason.OTHER),
]


@pytest.mark.parametrize(
    ("dialect", "code", "verdict", "reason"),
    [
        *(("nccc144", *case) for case in HOST_CODES),
        *(("sinopac144", *case) for case in HOST_CODES),
        *(("ctbc250", *case) for case in PLAIN_CODES),
        *(("esun144", *case) for case in PLAIN_CODES),
    ],
)
def test_codes(dialect, code, verdict, reason):
    one = codec(dialect)
    reply = one.layout.put(one.request(request()), {"code": code})
    result = one.result(reply, request())
    assert (result.verdict, result.reason, result.code) == (verdict, reason, code)


def test_codes_that_the_sheet_calls_refusals():
    one = codec("ctbc250", declined=("0091",))
    reply = one.layout.put(one.request(request()), {"code": "0091"})
    assert one.result(reply, request()).verdict is Verdict.DECLINED


@pytest.mark.parametrize(
    ("said", "entry", "scheme"),
    [("W0", "contactless", ""), ("WC", "contactless", "UNIONPAY"), (" C", "", "UNIONPAY"), ("", "", "")],
)
def test_contactless_and_unionpay(said, entry, scheme):
    one = codec()
    reply = one.layout.put(one.request(request()), {"code": "0000", "auth_amount": said})
    result = one.result(reply, request())
    assert (result.entry, result.scheme) == (entry, scheme)


def test_whose_a_reply_is():
    one = codec()
    sent = one.request(request())
    assert one.match(sent, one.layout.put(sent, {"code": "0000"})) is Match.OURS
    assert one.match(sent, one.layout.put(sent, {"store": "A0B1C2D3E5"})) is Match.FOREIGN
    assert one.match(sent, one.layout.put(sent, {"store": "STORE-07"})) is Match.PLAUSIBLE
    assert one.match(sent, one.layout.put(sent, {"store": "", "amount": ""})) is Match.PLAUSIBLE
    assert one.match(sent, one.layout.put(sent, {"store": "", "amount": "1"})) is Match.FOREIGN
    assert one.match(sent, one.layout.put(sent, {"type": "02"})) is Match.FOREIGN


@ALL
def test_what_the_sheet_has_beyond_the_dialect(dialect):
    also = ("refund", "void", "settle")
    assert codec(dialect, also=also).settles
    assert set(codec(dialect, also=also).types) == SALE_AND_BACK
    assert (Transaction.VOID in codec(dialect).types) == (dialect == "nccc144")


def test_a_void_names_receipt_and_host():
    one = codec()
    sale = one.result(one.layout.put(one.request(request()), {"code": "0000", "receipt": "000123"}), request())
    record = one.request(request(Transaction.VOID, original=sale, original_amount=1280))
    assert (record[:2], record[2:4], record[4:10]) == (b"30", b"03", b"000123")


def test_options_are_checked():
    for wrong in ({"dialect": "visa"}, {"host": "3"}, {"reply_s": 1}, {"also": ("tips",)}):
        with pytest.raises(ValidationError):
            DRIVER.options(**wrong)


def test_a_reference_can_be_left_out():
    assert codec(reference=False).request(request())[114:144].isspace()


@ALL
@given(st.data())
def test_any_record_is_read_or_refused(dialect, data):
    one = codec(dialect)
    size = one.layout.size
    record = data.draw(st.binary(min_size=size, max_size=size))
    if data.draw(st.booleans()):
        record = one.layout.put(record, {"type": "01", "amount": "128000", "code": "0000"})
    try:
        result = one.result(one.checked(record), request())
    except BadFrame:
        return
    assert len(result.raw) == size
    assert result.verdict in Verdict


@ALL
@given(amount=st.integers(1, 9_999_999_999), reference=st.from_regex(r"[0-9A-Z]{10}", fullmatch=True))
def test_what_is_asked_comes_back(dialect, amount, reference):
    one = codec(dialect)
    wanted = request(amount=amount, reference=reference)
    sent = one.request(wanted)
    reply = one.layout.put(sent, {"code": "0000", "receipt": "000007"})
    assert one.match(sent, reply) in (Match.OURS, Match.PLAUSIBLE)
    assert one.result(reply, wanted).amount == amount


async def test_a_terminal_that_repeats_nothing():
    """E.SUN's 144 has no place for the reference: order on the wire, kind and amount must do."""
    async with Till(DRIVER, dialect="esun144").running() as t:
        assert (await t.sale(100)).verdict is Verdict.APPROVED
        t.simulator.act("outcome", "decline")
        assert (await t.sale(100)).verdict is Verdict.DECLINED
        t.simulator.act("outcome", "approve")
        t.simulator.set_fault("late_reply", True)
        t.simulator.set_fault("lost_reply", True)
        outcome = await t.sale(100)
    assert not hasattr(outcome, "verdict")
    assert len(t.taken) == 2


async def test_the_hub_sets_the_line_as_the_dialect_has_it():
    seen = []

    class Noting(Connect):
        async def __call__(self, config, info, *, clock, simulators):
            seen.append(dict(info.serial))
            raise DeviceLost("no such port")

    config = DeviceConfig(id="edc", driver="edc_bank", url="serial:///dev/ttyUSB9", options={"dialect": "ctbc250"})
    clock = ManualClock()
    hub = DeviceHub([config], {"edc_bank": replace(DRIVER)}, clock=clock, bus=Bus(), connect=Noting())
    await _until_seen(hub, clock, seen)
    assert seen[0] == {"baudrate": 19200, "bytesize": 7, "parity": "E", "stopbits": 1}


async def _until_seen(hub, clock, seen):
    running = asyncio.create_task(hub.run())
    for _ in range(50):
        if seen:
            break
        await clock.advance(0.1)
    running.cancel()
    while not running.done():
        await clock.advance(1.0)
    with suppress(asyncio.CancelledError):
        await running


def test_damaged_records_are_refused():
    one = codec()
    record = one.request(request())
    for bad in (record[:-1], record + b" ", b"AB" + record[2:], record[:33] + b"12x400000000" + record[45:]):
        with pytest.raises(BadFrame):
            one.checked(bad)


def test_what_does_not_fit_is_refused():
    with pytest.raises(DeviceRefused):
        codec().request(request(amount=10_000_000_000))
