"""Tips at NCCC's terminals: a transaction of its own that names its sale, with all that may happen to one."""

import pytest
from nccc_bench import AT, asking, codec, reply_to, terminal

from drivers.nccc.codec import AMOUNT_MAX, CARD_LAYOUT
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.model import Found, Reason, Result, Transaction, Verdict
from edge_hub.sdk.eft.records import Match
from edge_hub.sdk.errors import DeviceRefused, DeviceTimeout

TIP, VOID = Transaction.TIP, Transaction.VOID
SALE_RESULT = Result(verdict=Verdict.APPROVED, receipt="000123", data={"host": "03", "payment": "N"})


def of(sale, amount=1280):
    return {"original": sale, "original_amount": amount}


def the_tip(amount=100, **more):
    return asking(TIP, amount, **of(SALE_RESULT), **more)


@pytest.mark.parametrize(("tip_amount", "named"), [("sale", "000000128000"), ("total", "000000138000")])
def test_it_names_its_sale(tip_amount, named):
    record = codec(tip_amount=tip_amount).request(the_tip(at=AT))
    assert record[8:19] == b"28N03000123"
    assert (record[42:54], record[103:115]) == (named.encode(), b"000000010000")
    assert record[115:125] == b"A1B2C3D4E5"


@pytest.mark.parametrize(
    "request_",
    [
        asking(TIP, 100),
        asking(TIP, 100, **of(Result(verdict=Verdict.APPROVED))),
        asking(TIP, 2, **of(SALE_RESULT, AMOUNT_MAX - 1)),
    ],
)
def test_what_cannot_be_asked(request_):
    with pytest.raises(DeviceRefused):
        codec().request(request_)


@pytest.mark.parametrize("payment", ["C", "S", "E", "W"])
def test_only_credit_cards_have_tips(payment):
    assert TIP not in codec(payment=payment).types
    with pytest.raises(DeviceRefused):
        codec(payment=payment).request(the_tip())


@pytest.mark.parametrize("tip_amount", ["sale", "total"])
@pytest.mark.parametrize(
    ("fields", "moved"),
    [
        ({"amount": "128000", "tip": "10000"}, 100),
        ({"amount": "138000", "tip": "10000"}, 100),
        ({"amount": "128000"}, 100),
        ({"amount": "138000"}, 100),
        ({"amount": "138000", "tip": "20000"}, 200),
        ({"amount": "10000", "tip": "10000"}, None),
        ({"amount": ""}, None),
    ],
)
def test_what_its_reply_says(tip_amount, fields, moved):
    """The sale's sum with the tip or without it; the tip, if it is repeated."""
    one, request = codec(tip_amount=tip_amount), the_tip()
    reply = reply_to(one.request(request), **fields)
    result = one.result(reply, request)
    assert (result.verdict is Verdict.APPROVED) == (moved == request.amount)
    assert result.amount == moved


@pytest.mark.parametrize("tip_amount", ["sale", "total"])
@pytest.mark.parametrize(
    ("amount", "match"), [(128000, Match.PLAUSIBLE), (138000, Match.PLAUSIBLE), (118000, Match.FOREIGN)]
)
def test_whose_a_reply_without_a_reference_is(tip_amount, amount, match):
    one = codec(tip_amount=tip_amount)
    data = one.request(the_tip())
    assert one.match(data, reply_to(data, amount=str(amount), store="")) is match


@pytest.mark.parametrize("tip_amount", ["sale", "total"])
async def test_a_tip_and_its_void(tip_amount):
    async with terminal(tip_amount=tip_amount) as it:
        _, _, sale = await it.pay()
        _, _, tip = await it.pay(100, TIP, **of(sale))
        assert (tip.verdict, tip.amount, tip.receipt) == (Verdict.APPROVED, 100, sale.receipt)
        assert tip.identity not in {"", sale.identity}
        _, _, again = await it.pay(50, TIP, **of(sale))
        assert (again.verdict, again.code) == (Verdict.DECLINED, "0004")
        _, _, part = await it.pay(1280, VOID, original=sale)
        assert part.verdict is Verdict.DECLINED
        _, _, undone = await it.pay(1380, VOID, original=sale)
        assert undone.verdict is Verdict.APPROVED
        assert [(one["transaction"], one["amount"], one["receipt"]) for one in it.taken] == [
            ("sale", 1280, 1), ("tip", 100, 1), ("void", 1380, 2),
        ]  # fmt: skip
        assert it.simulator.state()["net"] == 0


async def test_the_terminal_says_no():
    async with terminal() as it:
        _, _, sale = await it.pay()
        _, _, other_sum = await it.pay(100, TIP, **of(sale, 1000))
        assert other_sum.reason is Reason.NOT_POSSIBLE
        totals = await it.run(it.eft.settle(AT, it.heard.append))
        assert (totals.count, totals.amount) == (1, 1280)
        _, _, late = await it.pay(100, TIP, **of(sale))
        assert late.verdict is Verdict.DECLINED
        assert len(it.taken) == 1


async def test_a_settlement_has_it_in_the_sum():
    async with terminal() as it:
        _, _, sale = await it.pay()
        await it.pay(100, TIP, **of(sale))
        totals = await it.run(it.eft.settle(AT, it.heard.append))
        assert (totals.count, totals.amount) == (1, 1380)


@pytest.mark.parametrize("fault", [bank.LOST_ACK, bank.DUPLICATE_REPLY, bank.LATE_REPLY, bank.SPLIT, bank.SLOW_HOST])
async def test_what_does_no_harm(fault):
    async with terminal() as it:
        _, _, sale = await it.pay()
        it.fault(fault)
        _, _, tip = await it.pay(100, TIP, **of(sale))
        assert (tip.verdict, tip.amount) == (Verdict.APPROVED, 100)


@pytest.mark.parametrize(("outcome", "verdict"), [("approve", Verdict.APPROVED), ("decline", Verdict.DECLINED)])
async def test_one_in_doubt_is_found(outcome, verdict):
    async with terminal() as it:
        _, _, sale = await it.pay()
        it.simulator.act("outcome", outcome)
        it.fault(bank.LOST_REPLY)
        request, data, lost = await it.pay(100, TIP, **of(sale))
        assert isinstance(lost, DeviceTimeout)
        it.fault(bank.LOST_REPLY, on=False)
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict) == (Found.FOUND, verdict)
        assert len(it.taken) == (2 if outcome == "approve" else 1)


@pytest.mark.parametrize("fault", [bank.WRONG_AMOUNT, bank.UNLISTED_CODE])
async def test_an_answer_that_says_neither(fault):
    async with terminal() as it:
        _, _, sale = await it.pay()
        it.fault(fault)
        _, _, tip = await it.pay(100, TIP, **of(sale))
        assert tip.verdict is Verdict.UNKNOWN


async def test_a_power_cut_proves_nothing():
    async with terminal() as it:
        _, _, sale = await it.pay()
        it.fault(bank.POWER_CUT)
        request, data, _ = await it.pay(100, TIP, **of(sale))
        it.fault(bank.POWER_CUT, on=False)
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE
        assert len(it.taken) == 2


def test_a_sales_record_has_no_tip():
    assert CARD_LAYOUT.unpack(codec().request(asking()))["tip"] == ""
