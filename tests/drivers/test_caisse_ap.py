import asyncio

import pytest
from eft_requests import a_request, ask, carry_out, nothing_secret_in
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.caisse_ap import DRIVER, codec
from drivers.caisse_ap.codec import Reader, answers, decode, encode, repeats, request_bytes
from drivers.caisse_ap.options import CaisseApOptions
from edge_hub.sdk.eft.bank import FAULTS, PANS
from edge_hub.sdk.eft.model import Found, Milestone, Reason, Transaction, Verdict
from edge_hub.sdk.errors import BadFrame, DeviceError, DeviceLost, DeviceRefused, DeviceTimeout
from edge_hub.sdk.messages import Noted
from edge_hub.sdk.roles import EFT_TERMINAL

REQUEST = b"CZ0040300CJ012012345678901CA00201CE003978CD0010CB0041234"
REPLY = b"CZ0040300AE00210CB00205CD0010CE003978CA00201"


def said(**fields):
    return {"CZ": "0300", "CA": "01", "CE": "978", "CD": "0", "CB": "00001234"} | fields


# the codec


def test_the_request_and_the_reply_as_documented():
    assert request_bytes(a_request(), CaisseApOptions(sends_reference=False)) == REQUEST
    assert decode(REPLY) == {"CZ": "0300", "AE": "10", "CB": "05", "CD": "0", "CE": "978", "CA": "01"}
    result = codec.result(decode(REPLY), a_request(amount=5), ["07"])
    assert (result.verdict, result.amount) == (Verdict.APPROVED, 5)


def test_the_reference_goes_along_and_the_amount_comes_last():
    fields = decode(request_bytes(a_request(amount=5), CaisseApOptions(till_number=7)))
    assert (fields["CF"], fields["CA"], list(fields)[-1], fields["CB"]) == ("ABCDE12345", "07", "CB", "05")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"C",
        REPLY[:-1],
        REPLY + b"A",
        b"AE00210",
        REPLY + b"AE00201",
        b"CZ00x0300",
        b"CZ-040300",
        b"cz0040300",
        REPLY + REPLY,
        b"\xff" * 50,
        b"CZ0040300" + b"".join(b"X%c999" % (65 + n) + b"9" * 999 for n in range(6)),
    ],
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(BadFrame):
        decode(data)


values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60)
tags = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXY"), min_size=2, max_size=2)


@given(st.dictionaries(tags, values, max_size=12))
def test_there_and_back(fields):
    message = {"CZ": "0300"} | fields
    assert decode(encode(message.items())) == message


@given(st.lists(st.binary(max_size=40) | st.sampled_from([REPLY, REPLY[:20], b"CZ0040300"]), max_size=10))
def test_any_bytes_in_any_pieces(pieces):
    def outcome(parts):
        reader, found = Reader(), []
        try:
            for part in parts:
                found += reader.feed(part)
        except BadFrame:
            return None
        return found, reader.fields

    whole = b"".join(pieces)
    assert outcome([whole]) == outcome([whole[at : at + 1] for at in range(len(whole))])


def test_whose_a_reply_is():
    asked = said(CF="ABCDE12345", CB="1234")
    assert answers(asked, said())
    assert answers(asked, said(CF="ABCDE12345"))
    assert answers(asked, {"CZ": "0300", "AE": "01"})
    assert not answers(asked, said(CF="ABCDE12346"))
    for tag, other in (("CA", "02"), ("CE", "840"), ("CD", "2"), ("CB", "00001235"), ("CB", "12E4")):
        assert not answers(asked, said(**{tag: other}))
    # the reference is enough to know it is ours, and that its amount is wrong
    assert answers(asked, said(CF="ABCDE12345", CB="1"))
    assert repeats(asked, said(CF="ABCDE12345"))
    assert not repeats(said(), said())


@pytest.mark.parametrize(
    ("fields", "verdict", "reason"),
    [
        ({"AE": "10"}, Verdict.APPROVED, Reason.NONE),
        ({"AE": "10", "CB": "1235"}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"AE": "10", "CB": ""}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"AE": "10", "AF": "04"}, Verdict.UNKNOWN, Reason.DECLINED),
        ({"AE": "01", "AF": "04"}, Verdict.DECLINED, Reason.DECLINED),
        ({"AE": "01", "AF": "05"}, Verdict.DECLINED, Reason.NOT_POSSIBLE),
        ({"AE": "01", "AF": "06"}, Verdict.DECLINED, Reason.CANCELLED),
        ({"AE": "01", "AF": "07"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"AE": "01", "AF": "08"}, Verdict.DECLINED, Reason.TIMEOUT),
        ({"AE": "01", "AF": "13"}, Verdict.DECLINED, Reason.NOT_POSSIBLE),
        ({"AE": "01", "AF": "99"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"AE": "01"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"AE": "42"}, Verdict.UNKNOWN, Reason.OTHER),
        ({}, Verdict.UNKNOWN, Reason.OTHER),
    ],
)
def test_what_a_reply_means(fields, verdict, reason):
    result = codec.result(said(**fields), a_request(), ["07"])
    assert (result.verdict, result.reason) == (verdict, reason)


def test_what_is_kept_of_a_reply():
    pan = PANS["VISA"]
    fields = said(AE="10", AA=pan, AB="2912", AC="004711", AI="A0000000421010", CG="1234567", ZT=f"X {pan}", QQ=pan)
    result = codec.result(fields, a_request(), [])
    assert (result.card, result.scheme, result.approval) == ("431195******1231", "CB", "004711")
    assert result.merchant_id == "1234567"
    kept = decode(result.raw)
    assert (kept["AB"].strip(), kept["ZT"].strip(), kept["QQ"].strip()) == ("", "", "")
    assert len(result.raw) == len(encode(fields.items()))
    nothing_secret_in(result)
    assert result.identity != codec.result(fields, a_request(at="2026-10-10T08:00:00"), []).identity


@pytest.mark.parametrize(
    "change",
    [{"currency": "TWD", "minor_digits": 0}, {"currency": "XXX"}, {"amount": 10**12}, {"amount": 0}, {"tip": 5}],
)
async def test_what_it_cannot_carry_is_refused(bench, change):
    async with bench(DRIVER).plugged() as device:
        with pytest.raises(DeviceRefused):
            await device.role(EFT_TERMINAL).prepare(a_request(**change))


# the driver


async def test_a_sale_a_void_and_a_refund(bench):
    b, heard = bench(DRIVER), []
    async with b.plugged() as device:
        sale = await carry_out(b, device, a_request(), heard)
        assert (sale.verdict, sale.amount, sale.scheme) == (Verdict.APPROVED, 1234, "VISA")
        assert [step.milestone for step in heard] == [Milestone.SENT]
        undo = {"original": sale, "original_reference": "ABCDE12345", "original_amount": 1234}
        void = await carry_out(b, device, a_request(reference="V000000001", transaction=Transaction.VOID, **undo))
        refund = await carry_out(b, device, a_request(700, "R000000001", transaction=Transaction.REFUND, **undo))
        assert void.verdict is refund.verdict is Verdict.APPROVED
        again = await carry_out(b, device, a_request(reference="V000000002", transaction=Transaction.VOID, **undo))
        assert (again.verdict, again.reason) == (Verdict.DECLINED, Reason.NOT_POSSIBLE)
        terminal = device.role(EFT_TERMINAL)
        for act in (terminal.stop(), terminal.settle("2026-10-09T20:00:00", heard.append)):
            with pytest.raises(DeviceRefused):
                await act
        assert (await ask(b, device, a_request())).found is Found.INCONCLUSIVE
    assert b.simulator.state()["net"] == -700
    nothing_secret_in(sale, void, refund, b.messages)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("lost_reply", DeviceTimeout),
        ("duplicate_reply", Verdict.APPROVED),
        ("late_reply", Verdict.APPROVED),
        ("power_cut", DeviceTimeout),
        ("unsolicited", Verdict.APPROVED),
        ("split", Verdict.APPROVED),
        ("busy", DeviceTimeout),
        ("slow_host", Verdict.APPROVED),
        ("wrong_amount", Verdict.UNKNOWN),
        ("unlisted_code", Verdict.UNKNOWN),
        ("no_private", Verdict.APPROVED),
        ("hangs_up", Verdict.APPROVED),
    ],
)
async def test_each_fault(bench, fault, outcome, caplog):
    caplog.set_level(0)
    b = bench(DRIVER)
    assert fault in b.simulator.faults
    b.simulator.sleep = b.clock.sleep
    async with b.plugged() as device:
        await carry_out(b, device, a_request(1200, "FIRST00001"))
        b.simulator.set_fault(fault, True)
        if isinstance(outcome, Verdict):
            result = await carry_out(b, device, a_request())
            assert result.verdict is outcome
            nothing_secret_in(result)
            if outcome is Verdict.APPROVED:
                assert b.simulator.state()["taken"][-1]["reference"] == "ABCDE12345"
        else:
            with pytest.raises(outcome) as caught:
                await carry_out(b, device, a_request())
            # a reply that comes after all belongs to nobody: this connection is over
            with pytest.raises(DeviceLost, match="given up"):
                await device.run()
            with pytest.raises(DeviceRefused):
                await carry_out(b, device, a_request(reference="NEXT000001"))
            nothing_secret_in(caught.value)
    nothing_secret_in(b.messages, [record.getMessage() for record in caplog.records])


async def test_a_damaged_reply_is_unknown(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        job = asyncio.ensure_future(carry_out(b, device, a_request()))
        b.simulator.set_fault("lost_reply", True)
        await b.settle(30)
        await b.ends[1].write(b"CZ0040300AE0021")
        await b.ends[1].write(b"!!")
        with pytest.raises(DeviceError):
            await job


async def test_a_wire_lost_before_the_first_byte_is_a_refusal(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.ends[1].unplug()
        with pytest.raises(DeviceRefused):
            await carry_out(b, device, a_request())


async def test_what_nobody_waited_for_is_noted_once(bench):
    b = bench(DRIVER)
    async with b.plugged():
        for _ in range(3):
            await b.ends[1].write(REPLY)
            await b.settle()
    assert len(b.heard(Noted)) == 1


async def test_the_last_ticket_proves_only_what_has_its_reference(bench):
    b = bench(DRIVER, duplicate_proves=True)
    async with b.plugged() as device:
        assert (await ask(b, device, a_request())).found is Found.INCONCLUSIVE
        b.simulator.set_fault("lost_reply", True)
        with pytest.raises(DeviceTimeout):
            await carry_out(b, device, a_request())
    b.simulator.set_fault("lost_reply", False)
    async with b.plugged() as device:
        found = await ask(b, device, a_request())
        assert (found.found, found.result.verdict) == (Found.FOUND, Verdict.APPROVED)
        assert (await ask(b, device, a_request(reference="OTHER00001"))).found is Found.INCONCLUSIVE
        nothing_secret_in(found)
        # power gone before the ticket was kept: the last one is the one before
        b.simulator.set_fault("power_cut", True)
        with pytest.raises(DeviceTimeout):
            await carry_out(b, device, a_request(reference="THIRD00001"))
    b.simulator.set_fault("power_cut", False)
    async with b.plugged() as device:
        assert (await ask(b, device, a_request(reference="THIRD00001"))).found is Found.INCONCLUSIVE


def test_faults_are_the_banks_or_explained():
    simulator = DRIVER.simulator(DRIVER.options())
    assert set(simulator.faults) - set(FAULTS) == {"no_private", "hangs_up"}
    with pytest.raises(KeyError):
        simulator.set_fault("fire", True)


def test_settings_are_checked():
    for wrong in ({"till_number": 100}, {"version": "0200"}, {"protocol_id": "1"}, {"doubted": ["x"]}, {"reply_s": 1}):
        with pytest.raises(ValidationError):
            DRIVER.options(**wrong)
