"""A ZVT terminal when things go wrong: what is believed, what is sent twice, what is asked afterwards."""

from datetime import timedelta

import pytest
from zvt_bench import DONE, OK, REGISTERED, asked, inquired, paid, request, script_bench, sim_bench

from drivers.zvt import DRIVER, codec
from drivers.zvt.codec import Apdu, bitmap
from drivers.zvt.sim_books import bare_result, now, shown
from edge_hub.sdk.eft.model import Found, Reason, Result, Transaction, Verdict
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceLost, DeviceRefused, DeviceTimeout
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.testing import Bench, Wire, Wiring, until

ABORTED = Apdu(codec.ABORT, b"\x6c")
GOOD = paid()


class Cut(Wire):
    """The line breaks once so many bytes came in."""

    left = None

    async def incoming(self, data):
        data = data[: self.left]
        self.left -= len(data)
        if not data:
            await self.close()
            raise DeviceLost("cut")
        return data


async def cut_after(count, rule, link):
    """A sale whose line breaks after `count` bytes of the terminal's; (bench, request, data, outcome, inquiry)."""
    wiring = Wiring(Cut)
    b = Bench(DRIVER, DRIVER.options(link=link, print_blocks=False), wiring)
    b.simulator.sleep = b.clock.sleep
    b.simulator.set_fault("old_rule", rule)
    async with b.running():
        terminal = await b.until_ready(EFT_TERMINAL)
        first = request(amount=500)
        await until(b.clock, terminal.transact(first, await terminal.prepare(first), lambda _: None), limit_s=60)
        one = request()
        data = await terminal.prepare(one)
        wiring.wires[-1].left = count
        wiring.wires[-1].spoil()
        try:
            outcome = await until(b.clock, terminal.transact(one, data, lambda _: None), limit_s=400)
        except DeviceError as error:
            outcome = error
        wiring.heal()
        answer = None
        for _ in range(10):
            terminal = await b.until_ready(EFT_TERMINAL)
            answer = await until(b.clock, terminal.inquire(one, data), limit_s=60)
            if answer.found is not Found.PENDING:
                break
            await b.clock.advance(5.0)
        again = request(amount=900)
        after = await until(
            b.clock, terminal.transact(again, await terminal.prepare(again), lambda _: None), limit_s=60
        )
        assert after.verdict is Verdict.APPROVED
        taken = [entry for entry in b.simulator.state()["taken"] if entry["amount"] == 1280]
    return outcome, answer, len(taken)


@pytest.mark.parametrize("link", ["tcp", "serial"])
@pytest.mark.parametrize("old_rule", [False, True])
async def test_wherever_the_line_breaks_nothing_false_is_said(link, old_rule):
    outcomes, answers = set(), set()
    for count in range(0, 1100, 29):
        outcome, answer, taken = await cut_after(count, old_rule, link)
        approved = not isinstance(outcome, DeviceError) and outcome.verdict is Verdict.APPROVED
        assert not isinstance(outcome, DeviceRefused | DeviceBusy)
        assert not approved or taken == 1
        if answer.found is Found.FOUND:
            assert answer.result.verdict is Verdict.APPROVED
            assert taken == 1
        else:
            assert answer.found is Found.INCONCLUSIVE
            # where the line broke before the terminal began, nothing was taken, and it cannot prove that
            assert old_rule or (not count and not taken), (count, outcome, answer)
        outcomes.add(approved)
        answers.add((answer.found, taken))
    assert outcomes == {True, False}
    assert ((Found.INCONCLUSIVE, 0) in answers) >= old_rule


@pytest.mark.parametrize("link", ["tcp", "serial"])
async def test_a_lost_reply_is_found(bench, link):
    b = sim_bench(bench, link=link)
    async with b.plugged() as device:
        await asked(b, device, request(amount=300))
        b.simulator.set_fault("lost_reply", True)
        one = request()
        with pytest.raises(DeviceTimeout):
            await asked(b, device, one)
    b.simulator.set_fault("lost_reply", False)
    async with b.plugged() as device:
        answer = await inquired(b, device, one)
        assert (answer.found, answer.result.verdict, answer.result.receipt) == (Found.FOUND, Verdict.APPROVED, "0002")
        assert (await inquired(b, device, one)).result == answer.result
        assert (await device.role(EFT_TERMINAL).cancel(one, b"")) == answer


async def test_a_lost_refusal_is_found_where_the_receipt_before_is_known(bench):
    b = sim_bench(bench)
    async with b.plugged() as device:
        await asked(b, device, request(amount=300))
        b.simulator.act("outcome", "decline")
        b.simulator.set_fault("lost_reply", True)
        one = request()
        with pytest.raises(DeviceTimeout):
            await asked(b, device, one)
    async with b.plugged() as device:
        assert (await inquired(b, device, one)).result.verdict is Verdict.DECLINED
    b.memory.clear()
    async with b.plugged() as device:
        assert (await inquired(b, device, one)).found is Found.INCONCLUSIVE


async def test_the_previous_transaction_is_not_this_one(bench):
    """The power went before the terminal stored its result: it tells the one before, of the same amount."""
    b = sim_bench(bench)
    async with b.plugged() as device:
        await asked(b, device, request())
        b.simulator.set_fault("power_cut", True)
        one = request()
        with pytest.raises(DeviceTimeout):
            await asked(b, device, one)
    b.simulator.set_fault("power_cut", False)
    async with b.plugged() as device:
        answer = await inquired(b, device, one)
        assert answer.found is Found.INCONCLUSIVE
        assert "receipt 0001" in answer.text
        assert len(b.simulator.state()["taken"]) == 2


async def test_after_a_restart_time_and_amount_must_do(bench):
    b = sim_bench(bench)
    async with b.plugged() as device:
        one = request()
        sold = await asked(b, device, one)
    b.memory.clear()
    async with b.plugged() as device:
        answer = await inquired(b, device, one)
        assert answer.result.identity == sold.identity
        later = request(at=(now(behind=False) + timedelta(hours=1)).isoformat(timespec="seconds"))
        assert (await inquired(b, device, later)).found is Found.INCONCLUSIVE
        other = request(amount=1281)
        assert (await inquired(b, device, other)).found is Found.INCONCLUSIVE


async def test_a_terminal_with_a_wrong_clock_proves_nothing(bench):
    b = sim_bench(bench)
    b.simulator.set_fault("clock_off", True)
    async with b.plugged() as device:
        one = request()
        assert (await asked(b, device, one)).verdict is Verdict.APPROVED
        assert "clock" in (await inquired(b, device, one)).text


async def test_receipt_numbers_begin_again(bench):
    b = sim_bench(bench)
    b.simulator.bank.receipts = 9998
    async with b.plugged() as device:
        first = await asked(b, device, request())
        b.simulator.set_fault("lost_reply", True)
        one = request()
        with pytest.raises(DeviceTimeout):
            await asked(b, device, one)
    b.simulator.set_fault("lost_reply", False)
    async with b.plugged() as device:
        answer = await inquired(b, device, one)
        assert (first.receipt, answer.result.receipt) == ("9999", "0001")
        undone = await asked(b, device, request(Transaction.VOID, original=answer.result))
        assert undone.verdict is Verdict.APPROVED


def twice(*statuses, end=DONE):
    return (OK, *statuses, end)


DOUBTFUL = {
    "an abort after a good result": twice(GOOD, end=ABORTED),
    "an abort without a code after a good result": twice(GOOD, end=Apdu(codec.ABORT)),
    "a completion without a result": (OK, DONE),
    "a completion with a bad code": twice(GOOD, end=Apdu(codec.COMPLETION, b"\x27\xe0")),
    "a completion with a bad code alone": (OK, Apdu(codec.COMPLETION, b"\x27\x6c")),
    "a good result and a bad one": twice(paid(code=0x05), GOOD),
    "a bad result and a good one": twice(GOOD, paid(code=0x05)),
    "two results of two receipts": twice(GOOD, paid(receipt=8)),
    "a result without a code": (OK, Apdu(codec.STATUS_INFORMATION, GOOD.data[2:]), DONE),
    "an unlisted code": twice(paid(code=0xE5)),
    "an unlisted code of an abort": (OK, Apdu(codec.ABORT, b"\xe5")),
    "an abort without a code": (OK, Apdu(codec.ABORT)),
    "an unlisted code to the request": (Apdu(0x84E5),),
    "wait as a result": twice(paid(code=0x9C)),
    "an unknown bitmap": (OK, Apdu(codec.STATUS_INFORMATION, GOOD.data + b"\x99"), DONE),
    "an unknown bitmap in a refusal": (OK, Apdu(codec.STATUS_INFORMATION, b"\x27\x05\x99"), ABORTED),
    "digits that are none": (OK, Apdu(codec.STATUS_INFORMATION, b"\x27\x00\x04\x00\x00\x00\x00\x12\x8a"), DONE),
    "another amount": twice(paid(amount=1281)),
    "no amount": (OK, Apdu(codec.STATUS_INFORMATION, GOOD.data[:2] + GOOD.data[9:]), DONE),
    "another currency": twice(paid(currency=756)),
    "what undoes another one": twice(paid(undone=3)),
}


@pytest.mark.parametrize("what", DOUBTFUL)
async def test_what_says_neither_yes_nor_no(bench, what):
    b = script_bench(bench, {codec.AUTHORISATION: DOUBTFUL[what]})
    async with b.plugged() as device:
        result = await asked(b, device, request())
        assert result.verdict is Verdict.UNKNOWN
        assert result.reason is (
            Reason.AMOUNT if what in {"another amount", "no amount", "another currency"} else Reason.OTHER
        )
        if "bitmap" in what:
            assert Apdu(0x8483) in b.simulator.heard


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((Apdu(0x8483),), "83"),
        ((Apdu(0x84A0),), "A0"),
        ((OK, ABORTED), "6C"),
        (twice(paid(code=0x05)), "05"),
        (twice(paid(code=0x05), end=Apdu(codec.ABORT, b"\xe5")), "05"),
        (twice(bare_result(0x6C, "Abbruch"), bare_result(0x6C, "Abbruch"), end=ABORTED), "6C"),
    ],
)
async def test_what_says_no(bench, said, code):
    b = script_bench(bench, {codec.AUTHORISATION: said})
    async with b.plugged() as device:
        result = await asked(b, device, request())
        assert (result.verdict, result.code) == (Verdict.DECLINED, code)


async def test_a_result_without_an_end_is_none(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK, shown(0x0A), GOOD)}, result_s=30)
    async with b.plugged() as device:
        with pytest.raises(DeviceTimeout, match="30 s"):
            await asked(b, device, request())
        assert b.simulator.heard[-1] == OK
        with pytest.raises(DeviceRefused):
            await asked(b, device, request())
        assert b.simulator.commands.count(codec.AUTHORISATION) == 1


async def test_the_terminal_sets_its_own_patience(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK, shown(0x0A, minutes=10))}, result_s=30)
    async with b.plugged() as device:
        with pytest.raises(DeviceTimeout, match="600 s"):
            await asked(b, device, request())


@pytest.mark.parametrize("stale", [(GOOD,), (GOOD, DONE), (GOOD, GOOD, DONE)])
async def test_an_earlier_result_is_not_this_ones(bench, stale):
    said = {codec.AUTHORISATION: [(OK, GOOD, DONE), (OK, *stale, shown(0x0A), paid(receipt=8), DONE)]}
    b = script_bench(bench, said)
    async with b.plugged() as device:
        assert (await asked(b, device, request())).receipt == "0007"
        assert (await asked(b, device, request())).receipt == "0008"


async def test_a_result_before_the_command_was_taken_is_not_its_own(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (paid(receipt=6), DONE, OK, paid(receipt=8), DONE)})
    async with b.plugged() as device:
        assert (await asked(b, device, request())).receipt == "0008"


async def test_the_last_receipt_is_asked_for_once_before_the_first_payment(bench):
    said = {codec.REPEAT_RECEIPT: (OK, GOOD, DONE), codec.AUTHORISATION: (OK, GOOD, DONE, paid(receipt=8), DONE)}
    b = script_bench(bench, said)
    async with b.plugged() as device:
        assert (await asked(b, device, request())).receipt == "0008"
        b.simulator.said[codec.AUTHORISATION] = (OK, paid(receipt=9), DONE)
        assert (await asked(b, device, request())).receipt == "0009"
        assert b.simulator.commands.count(codec.REPEAT_RECEIPT) == 1


async def test_out_of_step_bytes_end_the_connection(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK, b"\x99\x99\x99")})
    async with b.plugged() as device:
        with pytest.raises(DeviceLost):
            await asked(b, device, request())


async def test_a_line_lost_before_anything_left_is_no_doubt(bench):
    b = script_bench(bench, {codec.REPEAT_RECEIPT: (None,)})
    async with b.plugged() as device:
        heard = []
        with pytest.raises(DeviceRefused):
            await asked(b, device, request(), heard)
        assert heard == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({codec.STATUS_ENQUIRY: (OK, Apdu(codec.COMPLETION, b"\xa0"))}, Found.PENDING),
        ({codec.STATUS_ENQUIRY: (Apdu(0x84A0),)}, Found.PENDING),
        ({codec.STATUS_ENQUIRY: (OK, Apdu(codec.ABORT, b"\xa0"))}, Found.PENDING),
        ({codec.REPEAT_RECEIPT: (Apdu(0x84A0),)}, Found.PENDING),
        ({codec.REPEAT_RECEIPT: (Apdu(0x8483),)}, Found.INCONCLUSIVE),
        ({codec.REPEAT_RECEIPT: (Apdu(0x846B),)}, Found.INCONCLUSIVE),
        ({codec.REPEAT_RECEIPT: (OK, GOOD, DONE)}, Found.FOUND),
        ({codec.REPEAT_RECEIPT: (OK, GOOD, ABORTED)}, Found.INCONCLUSIVE),
        ({codec.REPEAT_RECEIPT: (OK, paid(amount=1281), DONE)}, Found.INCONCLUSIVE),
        ({codec.REPEAT_RECEIPT: (OK, paid(undone=3), DONE)}, Found.INCONCLUSIVE),
        ({codec.REPEAT_RECEIPT: (OK, paid(code=0xE5), DONE)}, Found.INCONCLUSIVE),
        ({codec.REPEAT_RECEIPT: (OK, paid(at=now(behind=True)), DONE)}, Found.INCONCLUSIVE),
        (
            {codec.REPEAT_RECEIPT: (OK, Apdu(0x040F, b"\x27\0" + bitmap(codec.AMOUNT, codec.bcd(1280, 6))), DONE)},
            Found.INCONCLUSIVE,
        ),
    ],
)
async def test_inquiries(bench, said, found):
    b = script_bench(bench, said)
    async with b.plugged() as device:
        assert (await inquired(b, device, request())).found is found


async def test_what_undoes_another_one_is_no_refund(bench):
    b = script_bench(bench, {codec.REPEAT_RECEIPT: (OK, paid(undone=3), DONE)})
    async with b.plugged() as device:
        assert (await inquired(b, device, request(Transaction.REFUND))).found is Found.INCONCLUSIVE
        original = Result(verdict=Verdict.APPROVED, receipt="0003")
        answer = await inquired(b, device, request(Transaction.VOID, original=original))
        assert answer.found is Found.FOUND


async def test_the_sale_is_not_its_own_reversal(bench):
    said = {codec.REPEAT_RECEIPT: [(Apdu(0x8483),), (OK, GOOD, DONE)], codec.AUTHORISATION: (OK, GOOD, DONE)}
    b = script_bench(bench, said)
    async with b.plugged() as device:
        sold = await asked(b, device, request())
        b.memory.clear()
        assert (await inquired(b, device, request(Transaction.VOID, original=sold))).found is Found.INCONCLUSIVE


async def test_a_terminal_that_speaks_without_end_is_given_up(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK, *(shown(0x17) for _ in range(70)))})
    async with b.plugged(bytes_max=100) as device:
        with pytest.raises(DeviceTimeout):
            await asked(b, device, request())


async def test_it_opens_again_after_it_was_lost(bench):
    b = script_bench(bench, {codec.REGISTRATION: [REGISTERED, REGISTERED], codec.AUTHORISATION: (OK, GOOD, DONE)})
    for _ in range(2):
        async with b.plugged() as device:
            assert (await asked(b, device, request())).verdict in (Verdict.APPROVED, Verdict.UNKNOWN)
            b.simulator.said[codec.AUTHORISATION] = (OK, paid(receipt=8), DONE)
