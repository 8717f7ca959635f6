import asyncio

import pytest
from eft_requests import a_request, ask, carry_out, nothing_secret_in
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.concert import DRIVER, codec
from drivers.concert.codec import FULL_REPLY, REQUEST, SHORT_REPLY, Mark, Reader, frame, lrc
from drivers.concert.options import ConcertOptions
from edge_hub.sdk.eft.bank import CARDHOLDER, FAULTS, PANS
from edge_hub.sdk.eft.model import Found, Milestone, Reason, Transaction, Verdict
from edge_hub.sdk.errors import BadFrame, DeviceBusy, DeviceLost, DeviceRefused, DeviceTimeout
from edge_hub.sdk.messages import Noted
from edge_hub.sdk.roles import EFT_TERMINAL

OPTIONS = ConcertOptions()
REPLY = {"pos": "1", "result": "0", "amount": "1234", "mode": "1", "currency": "978", "private": "ABCDE12345"}


def reply(**fields):
    return SHORT_REPLY.pack(REPLY | fields)


# the codec


def test_the_frame_as_documented():
    data = REQUEST.pack({
        "pos": "1", "amount": "1234", "full": "0", "mode": "1", "type": "0", "currency": "978",
        "delay": codec.AT_ONCE, "authorisation": "B010",
    })  # fmt: skip
    vector = "02 3031 3030303031323334 30 31 30 393738" + " 20" * 10 + " 41303131 42303130 03 03"
    assert frame(data) == bytes.fromhex(vector)
    assert len(frame(data)) == 37


def test_what_the_hub_asks():
    asked = REQUEST.unpack(codec.request_data(a_request(), OPTIONS))
    assert asked == {
        "pos": "01", "amount": "00001234", "full": "0", "mode": "1", "type": "0", "currency": "978",
        "private": "ABCDE12345", "delay": "A010", "authorisation": "B010",
    }  # fmt: skip
    refund = a_request(transaction=Transaction.REFUND)
    assert REQUEST.unpack(codec.request_data(refund, OPTIONS))["type"] == "1"
    assert REQUEST.unpack(codec.request_data(refund, ConcertOptions(refund_type="2")))["type"] == "2"
    assert not REQUEST.unpack(codec.request_data(refund, ConcertOptions(sends_reference=False)))["private"]


def test_lengths_of_replies():
    assert len(frame(reply())) == 28
    assert len(frame(FULL_REPLY.pack(REPLY))) == 83


def test_damage_is_seen():
    data = reply()
    good = frame(data)
    for at in range(1, len(good)):
        torn = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
        assert data not in Reader(25).feed(torn)
    assert Reader(25).feed(good[:-1] + bytes((good[-1] ^ 4,))) == [Mark.DAMAGED]


@given(st.binary(min_size=25, max_size=25), st.binary(max_size=30).filter(lambda data: 2 not in data))
def test_any_data_there_and_back_after_noise(data, noise):
    tokens = Reader(25).feed(noise + frame(data))
    assert tokens[-1] == data
    assert frame(data)[-1] == lrc(data)


@given(st.lists(st.binary(max_size=40) | st.sampled_from([frame(reply()), b"\x05", b"\x02\x02"]), max_size=10))
def test_any_bytes_in_any_pieces(pieces):
    def outcome(parts):
        reader = Reader(25)
        tokens = [token for part in parts for token in reader.feed(part)]
        return [token for token in tokens if token is not Mark.NOISE], reader.partial

    whole = b"".join(pieces)
    assert outcome([whole]) == outcome([whole[at : at + 1] for at in range(len(whole))])


def test_what_began_and_is_no_frame():
    reader = Reader(25)
    assert reader.feed(b"\x02\x05") == []
    assert reader.partial
    assert reader.expire() == [Mark.NOISE, Mark.ENQ]
    assert not reader.partial


def test_whose_a_reply_is():
    sent = codec.request_data(a_request(), OPTIONS)
    assert codec.answers(sent, reply(), SHORT_REPLY)
    assert codec.answers(sent, reply(amount="1"), SHORT_REPLY)
    assert codec.answers(sent, reply(private=""), SHORT_REPLY)
    assert codec.answers(sent, reply(private="of bank"), SHORT_REPLY)
    for other in ({"private": "OTHER00001"}, {"private": "", "amount": "1"}, {"pos": "2"}, {"currency": "840"}):
        assert not codec.answers(sent, reply(**other), SHORT_REPLY)
    with pytest.raises(BadFrame):
        codec.answers(sent, b"x" * 25, SHORT_REPLY)


@pytest.mark.parametrize(
    ("fields", "verdict", "reason"),
    [
        ({}, Verdict.APPROVED, Reason.NONE),
        ({"amount": "1235"}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"result": "7"}, Verdict.DECLINED, Reason.DECLINED),
        ({"result": "9"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"result": "5"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"result": ""}, Verdict.UNKNOWN, Reason.OTHER),
    ],
)
def test_what_a_reply_means(fields, verdict, reason):
    sent = codec.request_data(a_request(), OPTIONS)
    result = codec.result(sent, reply(**fields), a_request(), SHORT_REPLY)
    assert (result.verdict, result.reason) == (verdict, reason)


def test_card_data_is_blanked():
    data = FULL_REPLY.pack(REPLY | {"card": f"{PANS['VISA']} 2912 {CARDHOLDER}"})
    result = codec.result(codec.request_data(a_request(), OPTIONS), data, a_request(), FULL_REPLY)
    assert result.card == "431195******1231"
    assert len(result.raw) == 80
    assert result.raw[12:67] == b" " * 55
    nothing_secret_in(result)


@pytest.mark.parametrize(
    "change",
    [{"currency": "TWD", "minor_digits": 0}, {"currency": "XXX"}, {"amount": 10**8}, {"amount": 0}, {"tip": 5}],
)
async def test_what_it_cannot_carry_is_refused(bench, change):
    async with bench(DRIVER).plugged() as device:
        with pytest.raises(DeviceRefused):
            await device.role(EFT_TERMINAL).prepare(a_request(**change))


# the driver


def a_bench(bench, **options):
    b = bench(DRIVER, **options)
    b.simulator.sleep = b.clock.sleep
    return b


@pytest.mark.parametrize("full", [False, True])
async def test_a_sale_a_void_and_a_refund(bench, full):
    b, heard = a_bench(bench, full_reply=full), []
    async with b.plugged() as device:
        sale = await carry_out(b, device, a_request(), heard)
        assert (sale.verdict, sale.amount, sale.identity) == (Verdict.APPROVED, 1234, "01/ABCDE12345")
        assert sale.card == ("431195******1231" if full else "")
        assert [step.milestone for step in heard] == [Milestone.SENT, Milestone.IN_PROGRESS]
        undo = {"original": sale, "original_reference": "ABCDE12345", "original_amount": 1234}
        void = await carry_out(b, device, a_request(reference="V000000001", transaction=Transaction.VOID, **undo))
        refund = await carry_out(b, device, a_request(700, "R000000001", transaction=Transaction.REFUND, **undo))
        assert void.verdict is refund.verdict is Verdict.APPROVED
        b.simulator.act("outcome", "cancel")
        declined = await carry_out(b, device, a_request(reference="D000000001"))
        assert declined.verdict is Verdict.DECLINED
        terminal = device.role(EFT_TERMINAL)
        for act in (terminal.stop(), terminal.settle("2026-10-09T20:00:00", heard.append)):
            with pytest.raises(DeviceRefused):
                await act
        assert not terminal.capabilities.inquires
        assert (await ask(b, device, a_request())).found is Found.INCONCLUSIVE
        await b.settle()
    assert b.simulator.state()["net"] == -700
    nothing_secret_in(sale, void, refund, declined, b.messages)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("lost_ack", Verdict.APPROVED),
        ("lost_reply", DeviceTimeout),
        ("bad_check", BadFrame),
        ("duplicate_reply", Verdict.APPROVED),
        ("late_reply", Verdict.APPROVED),
        ("power_cut", DeviceTimeout),
        ("unsolicited", Verdict.APPROVED),
        ("split", Verdict.APPROVED),
        ("busy", DeviceBusy),
        ("slow_host", Verdict.APPROVED),
        ("wrong_amount", Verdict.UNKNOWN),
        ("unlisted_code", Verdict.UNKNOWN),
        ("no_private", Verdict.APPROVED),
        ("damaged_request", Verdict.APPROVED),
    ],
)
@pytest.mark.parametrize("full", [False, True])
async def test_each_fault(bench, fault, outcome, full, caplog):
    caplog.set_level(0)
    b = a_bench(bench, full_reply=full)
    async with b.plugged() as device:
        await carry_out(b, device, a_request(1200, "FIRST00001"))
        b.simulator.set_fault(fault, True)
        if isinstance(outcome, Verdict):
            result = await carry_out(b, device, a_request())
            assert result.verdict is outcome
            nothing_secret_in(result)
        else:
            with pytest.raises(outcome) as caught:
                await carry_out(b, device, a_request())
            nothing_secret_in(caught.value)
        b.simulator.set_fault(fault, False)
        # what is left of it on the line: the terminal tries to be rid of its replies
        for _ in range(30):
            await b.clock.advance(1)
            await b.settle()
        assert len(b.simulator.state()["taken"]) == (1 if fault == "busy" else 2)
        last = await carry_out(b, device, a_request(1300, "LAST000001"))
        assert (last.verdict, last.amount) == (Verdict.APPROVED, 1300)
    nothing_secret_in(b.messages, [record.getMessage() for record in caplog.records])


async def test_nobody_there_is_a_refusal(bench):
    b = a_bench(bench)
    heard = []
    async with b.plugged() as device:
        b.simulator.carry_out = None  # never reached
        b.ends[0]._outgoing.write = lost
        with pytest.raises(DeviceRefused, match="does not answer"):
            await carry_out(b, device, a_request(), heard)
    assert heard == []


async def until_asked(b):
    for _ in range(1000):
        if b.simulator.bank.asked:
            return
        await asyncio.sleep(0)


async def lost(_):
    """The wire takes bytes that arrive nowhere."""
    return True


async def test_a_request_in_noise_is_never_sent_twice(bench):
    """NAK amid other bytes is noise: the terminal may have the request."""
    b = a_bench(bench)
    b.simulator.set_fault("lost_ack", True)
    b.simulator.set_fault("lost_reply", True)
    async with b.plugged() as device:
        job = asyncio.ensure_future(carry_out(b, device, a_request()))
        await until_asked(b)
        await b.ends[1].write(b"\x15\x7f\x15")
        with pytest.raises(DeviceTimeout):
            await job
    assert b.simulator.bank.asked == 1


async def test_a_late_reply_is_taken_and_dropped(bench):
    b = a_bench(bench)
    async with b.plugged():
        for _ in range(2):
            await b.ends[1].write(b"\x05" + frame(reply()) + b"\x04")
            await b.settle()
    assert len(b.heard(Noted)) == 1


async def test_a_wire_lost_before_the_request_is_a_refusal_and_after_it_a_doubt(bench):
    b = a_bench(bench)
    async with b.plugged() as device:
        b.simulator.set_fault("lost_reply", True)
        job = asyncio.ensure_future(carry_out(b, device, a_request()))
        await until_asked(b)
        b.ends[1].unplug()
        with pytest.raises(DeviceLost):
            await job
        with pytest.raises(DeviceRefused):
            await carry_out(b, device, a_request())


def test_faults_are_the_banks_or_explained():
    simulator = DRIVER.simulator(DRIVER.options())
    assert set(simulator.faults) - set(FAULTS) == {"no_private", "damaged_request"}


def test_settings_are_checked():
    for wrong in ({"till_number": 100}, {"refund_type": "4"}, {"reply_s": 1}, {"speed": 1}):
        with pytest.raises(ValidationError):
            DRIVER.options(**wrong)
