"""Each wallet's rules, told one by one; tests/contract has every fault."""

import dataclasses
import json
import logging

import pytest
from wallet_bench import CODES, REFUND, VOID, WALLETS, inquire, serving

from edge_hub.sdk.eft.bank import PANS
from edge_hub.sdk.eft.model import Activity, Found, Milestone, Reason, Verdict
from edge_hub.sdk.errors import BadFrame, DeviceRefused, ErrorCode
from edge_hub.sdk.testing.contract_wallet import WalletBench


@pytest.fixture(params=sorted(WALLETS))
def name(request):
    return request.param


@pytest.mark.parametrize("other", sorted(CODES))
async def test_a_code_of_another_wallet_is_refused(name, other):
    async with WalletBench.opened(WALLETS[name]) as bench:
        request = await bench.request()
        wanted = bench.wallet.prepare(_with(request, code=CODES[other]))
        # LINE Pay's code is any 18 digits
        if other == name or (name == "line_pay" and other != "jkopay"):
            await wanted
        else:
            with pytest.raises(DeviceRefused) as caught:
                await wanted
            assert caught.value.error_code is ErrorCode.ILLEGAL
            assert CODES[other] not in str(caught.value)
        assert bench.simulator.state()["asked"] == 0


def _with(request, **changes):
    return dataclasses.replace(request, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "EUR"},
        {"amount": 0},
        {"amount": -100},
        {"reference": ""},
        {"reference": "a/../b"},
        {"code": ""},
        {"code": "１２３４５６７８９０１２３４５６７８"},
        {"transaction": REFUND},
        {"transaction": VOID, "original_reference": "A1", "original_amount": 1},
        {"amount": 10_001, "minor_digits": 3},
    ],
)
async def test_what_cannot_be_carried_is_refused(name, changes):
    async with WalletBench.opened(WALLETS[name]) as bench:
        request = await bench.request()
        with pytest.raises(DeviceRefused) as caught:
            await bench.wallet.prepare(_with(request, **changes))
        assert caught.value.error_code is ErrorCode.ILLEGAL


async def test_prepared_bytes_carry_no_moment_and_no_signature(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        data = await bench.wallet.prepare(await bench.request())
        for word in (b"sign", b"Sign", b"nonce", b"SendTime", b"timestamp"):
            assert word not in data
        assert b"A000000001" in data


@pytest.mark.parametrize(("title", "said"), [("A & B\x00 = 1/2", "1 2"), ("", "A000000001"), ("\n", "A000000001")])
async def test_titles_are_what_the_provider_takes(title, said):
    for name in ("alipay", "line_pay", "wechat_pay"):
        async with WalletBench.opened(WALLETS[name]) as bench:
            request = _with(await bench.request(), title=title)
            data = (await bench.wallet.prepare(request)).decode()
            assert "\\u0000" not in data
            if name == "alipay":
                assert said in json.loads(data)["subject"]
            assert (await bench.transact(request)).verdict is Verdict.APPROVED


async def test_nothing_to_stop_and_nothing_to_settle(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        assert not bench.wallet.capabilities.stops
        assert not bench.wallet.capabilities.settles
        assert not bench.wallet.capabilities.locks
        assert bench.wallet.capabilities.code
        for asked in (bench.wallet.stop(), bench.wallet.settle("2026-10-09T23:00:00", print)):
            with pytest.raises(DeviceRefused):
                await asked


# what an approval says


async def test_an_approval(name, caplog):
    caplog.set_level(logging.DEBUG)
    async with WalletBench.opened(WALLETS[name]) as bench:
        request, result = await bench.sold()
        assert bench.progress[0].milestone is Milestone.SENT
        assert bench.progress[0].activity is Activity.WAITING_FOR_HOST
        assert result.entry == "code"
        assert result.amount == request.amount
        assert result.data["order"] == request.reference
        said = repr(result) + result.raw.decode() + caplog.text
        for private in (
            *PANS.values(),
            request.code,
            "oSimulatedCustomer",
            "159****5620",
            "2088101117955611",
            "/ABC1234",
        ):
            assert private not in said
        if name in {"line_pay", "jkopay"}:
            assert result.card == "431195******1231"
        taken = bench.simulator.state()["taken"]
        assert [one["reference"] for one in taken] == [request.reference]


async def test_a_code_is_good_for_one_payment(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        first, _ = await bench.sold()
        again = await bench.transact(await bench.request(code=first.code))
        assert (again.verdict, again.reason) == (Verdict.DECLINED, Reason.CODE)


@pytest.mark.parametrize(("outcome", "reason"), [("balance", Reason.BALANCE)])
async def test_a_decline_has_its_reason(name, outcome, reason):
    async with WalletBench.opened(WALLETS[name]) as bench:
        bench.simulator.act("outcome", outcome)
        result = await bench.transact(await bench.request())
        assert (result.verdict, result.reason) == (Verdict.DECLINED, reason)


async def test_a_prefix_keeps_stores_apart(name):
    async with serving(name, order_prefix="S01") as bench:
        request, result = await bench.sold()
        refund = await bench.request(
            REFUND, 80, original=result, original_reference=request.reference, original_amount=request.amount
        )
        assert (await bench.transact(refund)).verdict is Verdict.APPROVED
        assert bench.simulator.state()["taken"][0]["reference"] == "S01" + request.reference


async def test_another_amount_than_asked_for_is_no_approval(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        bench.simulator.set_fault("wrong_amount", True)
        request = await bench.request()
        result = await bench.transact(request)
        assert (result.verdict, result.reason) == (Verdict.UNKNOWN, Reason.AMOUNT)
        await bench.pass_time(bench.wallet.capabilities.inquire_after_s)
        assert (await inquire(bench, request)).found is Found.INCONCLUSIVE


async def test_a_reply_to_another_order_is_none(name, monkeypatch):
    async with WalletBench.opened(WALLETS[name]) as bench:
        _, earlier = await bench.sold()
        simulator, answer = bench.simulator, bench.simulator.answer
        replies = []

        def mixed_up(received):
            replies.append(answer(received))
            return replies[0]

        first = await bench.request()
        monkeypatch.setattr(simulator, "answer", mixed_up)
        assert (await bench.transact(first)).verdict is Verdict.APPROVED
        assert isinstance(await bench.transact(await bench.request()), BadFrame)
        assert earlier.identity
