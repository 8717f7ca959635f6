"""A ZVT terminal at work: what goes out, what comes back, each fault of the simulator."""

import asyncio
import logging

import pytest
from pydantic import ValidationError
from zvt_bench import DONE, OK, asked, inquired, paid, request, script_bench, sim_bench

from drivers.zvt import DRIVER, codec
from drivers.zvt.codec import Apdu, decode
from drivers.zvt.sim_books import shown
from edge_hub.sdk.eft.bank import CARDHOLDER, FAULTS, PANS
from edge_hub.sdk.eft.model import Activity, Found, Milestone, Reason, Transaction, Verdict
from edge_hub.sdk.errors import DeviceBusy, DeviceFault, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import Noted
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.testing import WIRES, hold

LINKS = ("tcp", "serial")


@pytest.mark.parametrize("wire", WIRES, ids=str)
async def test_the_contract_over_blocks(wire):
    await hold(DRIVER, DRIVER.options(link="serial", print_blocks=False), wire)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("print_blocks", [True, False])
async def test_a_sale(bench, link, print_blocks):
    b = sim_bench(bench, link=link, print_blocks=print_blocks)
    heard = []
    async with b.plugged() as device:
        assert device.role(EFT_TERMINAL).capabilities.prints
        result = await asked(b, device, request(), heard)
    assert (result.verdict, result.code, result.amount) == (Verdict.APPROVED, "00", 1280)
    assert (result.receipt, result.scheme, result.card) == ("0001", "VISA", "431195******1231")
    assert (result.terminal_id, result.merchant_id, result.entry) == ("52500017", "100461763", "contactless")
    assert result.identity == f"52500017/{result.at}/000101/0001"
    assert result.approval
    assert result.data == {"receipt": "0001", "trace": "000101", "turnover": "000001"}
    assert result.slip[0] == "** Kundenbeleg **"
    assert result.merchant_slip[0] == "** Haendlerbeleg **"
    assert "PAN: 431195******1231" in result.merchant_slip
    assert [step.milestone for step in heard if step.milestone] == [Milestone.SENT, Milestone.IN_PROGRESS]
    assert (heard[2].activity, heard[2].text) == (Activity.WAITING_FOR_CARD, "Betrag 12.80 Karte vorhalten")


async def test_the_terminal_prints(bench):
    b = sim_bench(bench, prints=False)
    async with b.plugged() as device:
        result = await asked(b, device, request())
        assert not device.role(EFT_TERMINAL).capabilities.prints
    assert (result.slip, result.merchant_slip) == ((), ())


@pytest.mark.parametrize(
    ("outcome", "reason", "code"),
    [
        ("decline", Reason.DECLINED, "05"),
        ("call_bank", Reason.CALL_BANK, "02"),
        ("cancel", Reason.CANCELLED, "6C"),
        ("card", Reason.CARD, "64"),
        ("balance", Reason.BALANCE, "33"),
        ("host", Reason.HOST, "9B"),
    ],
)
async def test_a_decline(bench, outcome, reason, code):
    b = sim_bench(bench)
    b.simulator.act("outcome", outcome)
    async with b.plugged() as device:
        result = await asked(b, device, request())
    assert (result.verdict, result.reason, result.code) == (Verdict.DECLINED, reason, code)
    assert result.amount is None
    assert b.simulator.state()["taken"] == []


@pytest.mark.parametrize("link", LINKS)
async def test_undo_refund_and_the_end_of_the_day(bench, link):
    b = sim_bench(bench, link=link)
    async with b.plugged() as device:
        sale = await asked(b, device, request(amount=5000))
        other = await asked(b, device, request(amount=700))
        undone = await asked(b, device, request(Transaction.VOID, 700, original=other))
        assert (undone.verdict, undone.amount) == (Verdict.APPROVED, 700)
        again = await asked(b, device, request(Transaction.VOID, 700, original=other))
        assert (again.verdict, again.reason) == (Verdict.DECLINED, Reason.NOT_FOUND)
        back = await asked(b, device, request(Transaction.REFUND, 1000, original=sale))
        assert (back.verdict, back.amount) == (Verdict.APPROVED, 1000)
        batch = await b.passing(device.role(EFT_TERMINAL).settle("2026-10-09T20:00:00", lambda _: None))
    assert (batch.count, batch.amount) == (4, 4000)
    assert batch.by_scheme == (("VISA", 4, 4000),)
    assert batch.slip == ("** Kassenschnitt **", "Anzahl: 4")


async def test_what_goes_out_byte_by_byte(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK, paid(), DONE)}, password="123456", line_width=24)
    async with b.plugged() as device:
        terminal = device.role(EFT_TERMINAL)
        sold = await asked(b, device, request())
        sale = await terminal.prepare(request(amount=11000))
        refund = await terminal.prepare(request(Transaction.REFUND, 250))
        void = await terminal.prepare(request(Transaction.VOID, original=sold))
        await terminal.leave()
        await b.settle()
    assert sale.hex(" ") == "06 01 0c 04 00 00 00 01 10 00 49 09 78 19 40"
    assert refund.hex(" ") == "06 31 0d 12 34 56 04 00 00 00 00 02 50 49 09 78"
    assert void.hex(" ") == "06 30 10 12 34 56 87 00 07 04 00 00 00 00 12 80 49 09 78"
    assert [apdu.encode().hex(" ") for apdu in b.simulator.heard if not apdu.is_answer] == [
        "06 00 11 12 34 56 be 09 78 06 09 12 01 18 26 04 0a 02 06 d3",
        "06 20 05 12 34 56 03 03",
        "06 01 0c 04 00 00 00 00 12 80 49 09 78 19 40",
        "06 02 00",
    ]


async def test_the_least_that_can_be_said_at_registration(bench):
    options = {"lock_amount_entry": False, "lock_admin": False, "prints": False, "print_blocks": False}
    b = script_bench(bench, {}, payment_type=0, **options)
    async with b.plugged() as device:
        assert (await device.role(EFT_TERMINAL).prepare(request())).hex() == "06010a04000000001280490978"
        assert b.simulator.heard[0].encode().hex() == "060008" + "000000" + "08" + "0978" + "0600"
        assert device.role(EFT_TERMINAL).capabilities.pending_s > 180


@pytest.mark.parametrize(
    "one",
    [
        {"amount": 10**12},
        {"amount": 0},
        {"currency": "CHF"},
        {"minor_digits": 0},
        {"transaction": Transaction.VOID},
    ],
)
async def test_what_the_protocol_cannot_carry_is_refused(bench, one):
    b = sim_bench(bench)
    async with b.plugged() as device:
        with pytest.raises(DeviceRefused) as refused:
            await device.role(EFT_TERMINAL).prepare(request(**one))
        assert refused.value.error_code is ErrorCode.ILLEGAL


@pytest.mark.parametrize(
    "options", [{"password": "12345"}, {"password": "12345x"}, {"currency": "XXX"}, {"link": "usb"}]
)
def test_options_that_are_none(options):
    with pytest.raises(ValidationError):
        DRIVER.options(**options)


EXPECTED = {
    "lost_ack": None,
    "lost_reply": None,
    "bad_check": Verdict.UNKNOWN,
    "duplicate_reply": Verdict.APPROVED,
    "late_reply": Verdict.APPROVED,
    "power_cut": None,
    "unsolicited": Verdict.APPROVED,
    "split": Verdict.APPROVED,
    "approval_after_cancel": Verdict.APPROVED,
    "busy": Verdict.DECLINED,
    "slow_host": Verdict.APPROVED,
    "wrong_amount": Verdict.UNKNOWN,
    "unlisted_code": Verdict.UNKNOWN,
    "old_rule": Verdict.APPROVED,
    "clock_off": Verdict.APPROVED,
    "diagnosis": Verdict.APPROVED,
}
"""Of a sale over TCP; None: no outcome."""


def test_every_fault_is_expected():
    assert set(EXPECTED) == set(DRIVER.simulator(DRIVER.options()).faults)
    assert set(FAULTS) <= set(EXPECTED)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("fault", EXPECTED)
async def test_a_sale_with_each_fault(bench, fault, link):
    b = sim_bench(bench, link=link)
    async with b.plugged() as device:
        first = await asked(b, device, request(amount=300))
        b.simulator.set_fault(fault, True)
        expected = EXPECTED[fault]
        if fault == "bad_check" and link == "serial":
            expected = None
        if expected is None:
            with pytest.raises(DeviceTimeout):
                await asked(b, device, request(amount=1280))
            return
        result = await asked(b, device, request(amount=1280))
    assert result.verdict is expected, result
    assert (len(b.simulator.state()["taken"]) == 2) is (fault != "busy")
    assert result.identity != first.identity
    if fault == "busy":
        assert result.reason is Reason.BUSY
    if fault == "wrong_amount":
        assert (result.reason, result.amount) == (Reason.AMOUNT, 1281)


@pytest.mark.parametrize("link", LINKS)
async def test_a_late_refusal_is_not_the_next_ones(bench, link):
    b = sim_bench(bench, link=link)
    async with b.plugged() as device:
        b.simulator.act("outcome", "decline")
        assert (await asked(b, device, request())).verdict is Verdict.DECLINED
        b.simulator.act("outcome", "approve")
        b.simulator.set_fault("late_reply", True)
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("too_late", [False, True])
async def test_the_cashier_stops_it(bench, link, too_late):
    b = sim_bench(bench, link=link)
    b.simulator.set_fault("slow_host", True)
    b.simulator.set_fault("approval_after_cancel", too_late)
    async with b.plugged() as device:
        selling = asyncio.ensure_future(asked(b, device, request()))
        while b.simulator.display == "":
            await b.settle(1)
        await device.role(EFT_TERMINAL).stop()
        before = b.clock.monotonic()
        result = await selling
        assert b.clock.monotonic() - before < 5
        assert result.verdict is (Verdict.APPROVED if too_late else Verdict.DECLINED)
        assert result.reason is (Reason.NONE if too_late else Reason.CANCELLED)
        assert len(b.simulator.state()["taken"]) == too_late
        b.simulator.set_fault("slow_host", False)
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


async def test_a_stop_before_the_terminal_took_it(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK,), codec.ABORT_BY_TILL: (Apdu(codec.ABORT, b"\x6c"), OK)})

    async with b.plugged() as device:
        terminal = device.role(EFT_TERMINAL)
        await terminal.stop()
        one = request()

        def heard(step):
            if step.milestone is Milestone.SENT:
                terminal._stop = True

        result = await b.passing(terminal.transact(one, await terminal.prepare(one), heard))
        assert (result.verdict, result.reason) == (Verdict.DECLINED, Reason.CANCELLED)
        assert b.simulator.commands.count(codec.ABORT_BY_TILL) == 1


async def test_the_answer_to_an_abort_is_not_the_next_commands(bench):
    said = {
        codec.AUTHORISATION: [(OK, shown(0x0A), Apdu(codec.ABORT, b"\x6c")), (OK, paid(), DONE)],
        codec.ABORT_BY_TILL: (),
    }
    b = script_bench(bench, said)
    async with b.plugged() as device:
        terminal = device.role(EFT_TERMINAL)
        one = request()

        def stopping(step):
            terminal._stop = terminal._stop or step.milestone is Milestone.SENT

        assert (await b.passing(terminal.transact(one, await terminal.prepare(one), stopping))).code == "6C"
        with pytest.raises(DeviceRefused):
            await asked(b, device, request())
        assert b.simulator.commands.count(codec.AUTHORISATION) == 1


async def test_the_customer_presses_the_red_key(bench):
    b = sim_bench(bench)
    b.simulator.set_fault("slow_host", True)
    async with b.plugged() as device:
        selling = asyncio.ensure_future(asked(b, device, request()))
        while b.simulator.display == "":
            await b.settle(1)
        b.simulator.act("press_cancel", "")
        assert (await selling).reason is Reason.CANCELLED


async def test_a_busy_terminal_is_there_and_takes_nothing(bench):
    b = sim_bench(bench)
    b.simulator.set_fault("busy", True)
    async with b.plugged() as device:
        heard = []
        with pytest.raises(DeviceBusy):
            await asked(b, device, request(), heard)
        assert heard == []
        assert (await inquired(b, device, request())).found is Found.PENDING
        b.simulator.set_fault("busy", False)
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


async def test_a_terminal_that_refuses_to_register_is_a_fault(bench):
    b = script_bench(bench, {codec.REGISTRATION: (Apdu(0x8483),)})
    with pytest.raises(DeviceFault):
        async with b.plugged():
            pass


async def test_a_silent_terminal_is_not_opened(bench):
    b = script_bench(bench, {codec.REGISTRATION: ()})
    with pytest.raises(DeviceTimeout):
        async with b.plugged():
            pass


async def test_it_registers_again_when_told_so_and_gets_the_diagnosis_it_wants(bench):
    b = sim_bench(bench)
    b.simulator.set_fault("diagnosis", True)
    async with b.plugged() as device:
        await b.settle()
        b.simulator.registered = False
        first = await asked(b, device, request())
        assert (first.verdict, first.reason) == (Verdict.DECLINED, Reason.NOT_POSSIBLE)
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


async def test_wait_is_waited_out(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (Apdu(0x849C), Apdu(0x849C), OK, paid(), DONE)})
    async with b.plugged() as device:
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


async def test_what_comes_unasked_is_answered_and_noted_once(bench):
    b = sim_bench(bench)
    async with b.plugged() as device:
        for _ in range(3):
            await b.ends[1].write(paid().encode())
            await b.settle()
        assert len(b.heard(Noted)) == 1
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


@pytest.mark.parametrize("settled", [(Apdu(0x84A0),), (OK, Apdu(codec.ABORT, b"\xf0")), (OK, paid(code=0xFF), DONE)])
async def test_an_end_of_day_that_it_would_not_do(bench, settled):
    b = script_bench(bench, {codec.END_OF_DAY: settled})
    async with b.plugged() as device:
        with pytest.raises(DeviceRefused):
            await b.passing(device.role(EFT_TERMINAL).settle("2026-10-09T20:00:00", lambda _: None))


@pytest.mark.parametrize("settled", [(OK, Apdu(codec.ABORT, b"\xe5")), (OK, paid(), Apdu(codec.ABORT, b"\xcc"))])
async def test_an_end_of_day_of_no_clear_outcome(bench, settled):
    b = script_bench(bench, {codec.END_OF_DAY: settled})
    async with b.plugged() as device:
        with pytest.raises(DeviceFault):
            await b.passing(device.role(EFT_TERMINAL).settle("2026-10-09T20:00:00", lambda _: None))


async def test_an_end_of_day_without_numbers(bench):
    b = script_bench(bench, {codec.END_OF_DAY: (OK, DONE)})
    async with b.plugged() as device:
        batch = await b.passing(device.role(EFT_TERMINAL).settle("2026-10-09T20:00:00", lambda _: None))
    assert (batch.count, batch.amount) == (None, None)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("scheme", PANS)
async def test_nothing_of_a_card_gets_out(bench, link, scheme, caplog):
    caplog.set_level(logging.DEBUG)
    b = sim_bench(bench, link=link)
    b.simulator.act("scheme", scheme)
    heard = []
    async with b.plugged() as device:
        one = request()
        results = [await asked(b, device, one, heard), (await inquired(b, device, one)).result]
        b.simulator.set_fault("unlisted_code", True)
        results.append(await asked(b, device, request(), heard))
        results.append(await b.passing(device.role(EFT_TERMINAL).settle("2026-10-09T20:00:00", lambda _: None)))
    kept = repr(results) + repr(heard) + repr(b.messages) + repr(b.memory) + caplog.text
    kept += "".join(result.raw.hex() + result.raw.decode("latin-1") for result in results)
    assert results[0].raw
    for secret in (*PANS.values(), CARDHOLDER, CARDHOLDER.encode().hex(), PANS[scheme].encode().hex()):
        assert secret not in kept
    assert decode(results[0].raw).command == codec.STATUS_INFORMATION
