"""Wallets in doubt, giving back, and set up wrongly."""

import json
import logging
from contextlib import asynccontextmanager

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from wallet_bench import ABSENT_AFTER_S, ASKING, REFUND, SALE, VOID, WALLETS, inquire, lost, serving

from edge_hub.clock import ManualClock
from edge_hub.sdk.eft.model import Activity, Found, Milestone, Reason, Verdict
from edge_hub.sdk.eft.wallet import WalletContext
from edge_hub.sdk.errors import DeviceLost, DeviceRefused
from edge_hub.sdk.testing.contract_wallet import WalletBench
from edge_hub.sdk.wallets.driver import CALLS_KEPT_MAX, Calls


@pytest.fixture(params=sorted(WALLETS))
def name(request):
    return request.param


async def test_unknown_is_not_absent_until_it_is_proven(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        bench.simulator.set_fault("lost_request", True)
        request = await bench.request()
        await lost(bench, request)
        after = ABSENT_AFTER_S[name]
        for way in ("inquire", "cancel"):
            if (name, way) != ("wechat_pay", "cancel"):  # it waits by itself
                assert (await bench.ask(way, request)).found is Found.INCONCLUSIVE
        await bench.pass_time(after - 16 if name == "wechat_pay" else after - 5)
        if name != "jkopay":  # which is not asked about what was to be cancelled
            assert (await inquire(bench, request)).found is Found.INCONCLUSIVE
        await bench.pass_time(20)
        assert (await bench.ask("cancel", request)).found is Found.ABSENT
        if name != "jkopay":
            assert (await inquire(bench, request)).found is Found.ABSENT
        assert bench.net == 0


async def test_a_restart_forgets_nothing_that_matters(name):
    info = WALLETS[name]
    async with WalletBench.opened(info) as bench:
        bench.simulator.set_fault("lost_reply", True)
        paid = await bench.request()
        await lost(bench, paid)
        bench.simulator.set_fault("lost_request", True)
        gone = await bench.request()
        await lost(bench, gone)
        await bench.pass_time(1000)
        async with _again(bench) as later:
            assert (await inquire(later, paid)).result.verdict is Verdict.APPROVED
            # this run does not know when the earlier one asked
            assert (await inquire(later, gone)).found is Found.INCONCLUSIVE
            await later.pass_time(ABSENT_AFTER_S[name])
            assert (await inquire(later, gone)).found is Found.ABSENT


@asynccontextmanager
async def _again(bench):
    """The merchant's next run; the provider's door is the one that is open."""
    later = WalletBench(bench.info, bench.simulator, bench.clock)
    log = logging.getLogger("again")
    context = WalletContext(wallet_id="again", clock=bench.clock, now=lambda: "2026-10-09T15:00:00", log=log)
    first = bench.wallet
    async with bench.info.open(context, bench.simulator.options(_base(first))) as wallet:
        later._wallet = wallet
        later.currency = bench.currency
        yield later


def _base(wallet):
    return wallet._options.url.removesuffix("/gateway.do")


@pytest.mark.parametrize("name", ASKING)
async def test_the_customer_is_asked_and_says_yes(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        bench.simulator.set_fault("user_paying", True)
        request = await bench.request()
        result = await bench.transact(request)
        assert (result.verdict, result.reason) == (Verdict.UNKNOWN, Reason.TIMEOUT)
        assert bench.progress[-1].milestone is Milestone.IN_PROGRESS
        assert bench.progress[-1].activity is Activity.WAITING_FOR_CUSTOMER
        assert (await inquire(bench, request)).found is Found.PENDING
        bench.simulator.act("confirm", "")
        answer = await inquire(bench, request)
        assert (answer.found, answer.result.verdict) == (Found.FOUND, Verdict.APPROVED)
        assert answer.result.identity


@pytest.mark.parametrize("name", ASKING)
async def test_the_customer_is_asked_and_says_no(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        bench.simulator.set_fault("user_paying", True)
        request = await bench.request()
        await bench.transact(request)
        bench.simulator.act("refuse", "")
        answer = await inquire(bench, request)
        assert answer.found is Found.ABSENT or answer.result.verdict is Verdict.DECLINED
        assert bench.net == 0


async def test_a_payment_in_doubt_is_cancelled_as_often_as_it_takes(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        bench.simulator.set_fault("lost_reply", True)
        request = await bench.request()
        assert isinstance(await bench.transact(request), DeviceLost)
        assert bench.net == request.amount
        assert isinstance(await bench.ask("cancel", request), DeviceLost)
        assert bench.net == 0
        bench.simulator.set_fault("lost_reply", False)
        for _ in range(2):
            assert (await bench.ask("cancel", request)).found is Found.ABSENT
        assert bench.net == 0


async def test_a_refund_is_not_cancelled(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        request = await bench.giving_back(REFUND, 100)
        assert (await bench.transact(request)).verdict is Verdict.APPROVED
        before = bench.net
        assert (await bench.ask("cancel", request)).found is Found.INCONCLUSIVE
        assert bench.net == before


async def test_wechat_is_not_told_to_reverse_too_soon():
    async with WalletBench.opened(WALLETS["wechat_pay"]) as bench:
        bench.simulator.set_fault("lost_reply", True)
        request = await bench.request()
        await lost(bench, request)
        begun = bench.clock.monotonic()
        assert (await bench.ask("cancel", request)).found is Found.ABSENT
        assert bench.clock.monotonic() - begun >= 15


async def test_jkopay_is_not_asked_about_what_was_to_be_cancelled(monkeypatch):
    async with WalletBench.opened(WALLETS["jkopay"]) as bench:
        request, _ = await bench.sold()
        assert (await bench.ask("cancel", request)).found is Found.ABSENT
        monkeypatch.setattr(bench.simulator, "answer", None)
        assert (await inquire(bench, request)).found is Found.INCONCLUSIVE


async def test_the_hub_does_not_give_up_before_absence_can_be_proven(name):
    """It asks `inquiries_max` times, then cancels as often, 5 s after the first time and twice that after each further."""
    async with WalletBench.opened(WALLETS[name]) as bench:
        can = bench.wallet.capabilities
        asked_s = can.inquire_after_s + can.inquiries_max * can.inquire_every_s
        assert asked_s + sum(min(5 * 2**n, 120) for n in range(can.inquiries_max - 1)) >= ABSENT_AFTER_S[name]


# giving back


async def test_parts_are_given_back_up_to_the_whole(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        sale, result = await bench.sold(units=100)
        of = {"original": result, "original_reference": sale.reference, "original_amount": sale.amount}
        identities = set()
        for units, verdict in (
            (30, Verdict.APPROVED),
            (30, Verdict.APPROVED),
            (41, Verdict.DECLINED),
            (40, Verdict.APPROVED),
        ):
            given = await bench.transact(await bench.request(REFUND, units, **of))
            assert given.verdict is verdict
            if verdict is Verdict.APPROVED:
                identities.add(given.identity)
        assert len(identities) == 3
        assert bench.net == 0


async def test_a_refund_that_never_arrived_is_not_the_one_before():
    async with WalletBench.opened(WALLETS["line_pay"]) as bench:
        sale, result = await bench.sold(units=100)
        of = {"original": result, "original_reference": sale.reference, "original_amount": sale.amount}
        assert (await bench.transact(await bench.request(REFUND, 30, **of))).verdict is Verdict.APPROVED
        bench.simulator.set_fault("lost_request", True)
        second = await bench.request(REFUND, 30, **of)
        await lost(bench, second)
        assert (await inquire(bench, second)).found is Found.INCONCLUSIVE


async def test_giving_back_what_a_person_decided(name):
    """An approval by hand has no data of the provider's."""
    async with WalletBench.opened(WALLETS[name]) as bench:
        sale, _ = await bench.sold()
        of = {"original": None, "original_reference": sale.reference, "original_amount": sale.amount}
        if name == "jkopay":
            with pytest.raises(DeviceRefused):
                await bench.request(VOID, **of)
        else:
            assert (await bench.transact(await bench.request(VOID, **of))).verdict is Verdict.APPROVED
            assert bench.net == 0


# set up wrongly


@pytest.mark.parametrize(
    ("name", "file", "code"), [("line_pay", "channel_secret", "1106"), ("jkopay", "merchant_key", "904")]
)
async def test_a_wrong_secret_is_a_decline_that_says_so(name, file, code, tmp_path):
    (tmp_path / file).write_text("wrong")
    async with serving(name, **{f"{file}_file": str(tmp_path / file)}, **_unchecked(name)) as bench:
        result = await bench.transact(await bench.request())
        assert (result.verdict, result.reason, result.code) == (Verdict.DECLINED, Reason.NOT_POSSIBLE, code)
        assert "wrong" in result.text


def _unchecked(name):
    return {"check_reply_sign": False} if name == "jkopay" else {}


async def test_alipays_gateway_complains_unsigned(tmp_path):
    simulator = WALLETS["alipay"].simulator()
    async with simulator.serving("127.0.0.1", 0) as url:
        (tmp_path / "key").write_text(alipay_key())
        async with serving("alipay", private_key_file=str(tmp_path / "key"), url=f"{url}/gateway.do") as bench:
            result = await bench.transact(await bench.request())
            assert (result.verdict, result.reason) == (Verdict.DECLINED, Reason.NOT_POSSIBLE)
            assert result.code == "isv.invalid-signature"


def alipay_key():
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


async def test_what_wechat_does_not_understand_is_unsigned_and_proves_nothing(tmp_path):
    (tmp_path / "key").write_text("wrong")
    async with serving("wechat_pay", api_key_file=str(tmp_path / "key")) as bench:
        result = await bench.transact(await bench.request())
        assert (result.verdict, result.text) == (Verdict.UNKNOWN, "签名错误")


async def test_wechat_without_a_certificate_gives_nothing_back():
    async with serving("wechat_pay", certificate_file="", certificate_key_file="") as bench:
        can = bench.wallet.capabilities
        assert (can.transactions, can.cancels) == ({SALE}, False)
        sale, result = await bench.sold()
        with pytest.raises(DeviceRefused):
            await bench.request(
                REFUND, 1, original=result, original_reference=sale.reference, original_amount=sale.amount
            )


def test_wechats_certificate_and_key_go_together():
    fields = {"app_id": "wx1", "merchant_id": "1", "api_key_file": "k", "certificate_file": "c"}
    with pytest.raises(ValueError, match="go together"):
        WALLETS["wechat_pay"].options(**fields)


# the provider on the bench


async def test_the_simulator(name):
    simulator = WALLETS[name].simulator()
    assert simulator.active_faults == frozenset()
    with pytest.raises(KeyError):
        simulator.set_fault("no such", True)
    with pytest.raises(KeyError):
        simulator.act("no such", "")
    simulator.set_fault("busy", True)
    assert simulator.active_faults == {"busy"}
    assert json.loads(json.dumps(simulator.state()))["code"] == simulator.state()["code"]
    assert all(simulator.faults.values())


async def test_the_simulators_door_opens_again_at_the_same_place(name):
    async with WalletBench.opened(WALLETS[name]) as bench:
        for _ in range(2):
            bench.simulator.set_fault("unreachable", True)
            await bench.pass_time(1)
            assert isinstance(await bench.transact(await bench.request()), DeviceRefused)
            bench.simulator.set_fault("unreachable", False)
            await bench.pass_time(1)
            await bench.sold()


async def test_how_long_ago_calls_ended_is_never_too_much():
    clock = ManualClock()
    await clock.advance(100)
    calls = Calls(clock)
    await clock.advance(10)
    assert calls.since_s("earlier") == 10
    for number in range(CALLS_KEPT_MAX + 1):
        calls.note(f"R{number}")
    await clock.advance(5)
    assert (calls.since_s("R0"), calls.since_s(f"R{CALLS_KEPT_MAX}"), calls.since_s("earlier")) == (5, 5, 5)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("line_pay", {"channel_id": "other"}),
        ("jkopay", {"merchant_id": "other"}),
        ("jkopay", {"store_id": "other"}),
        ("jkopay", {"system": "other"}),
        ("wechat_pay", {"merchant_id": "other"}),
        ("wechat_pay", {"sub_merchant_id": "other"}),
        ("alipay", {"app_id": "7"}),
        ("alipay", {"app_auth_token_file": "/secrets/other"}),
        *((name, {"url": "https://elsewhere.example"}) for name in sorted(WALLETS)),
    ],
)
def test_another_merchant_is_another_account(name, changes):
    info = WALLETS[name]
    options = info.simulator().options("https://provider.example")
    moved = {field: f"/elsewhere{value}" for field, value in options if field.endswith("_file") and value}
    assert info.account(options.model_copy(update=moved)) == info.account(options)
    assert info.account(options.model_copy(update=changes)) != info.account(options)
