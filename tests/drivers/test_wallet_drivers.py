"""Each wallet's rules, told one by one; tests/contract has every fault."""

import dataclasses
import json
import logging
from contextlib import asynccontextmanager

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from drivers import alipay, jkopay, line_pay, wechat_pay
from edge_hub.clock import ManualClock
from edge_hub.sdk.eft.bank import PANS
from edge_hub.sdk.eft.model import Activity, Found, Milestone, Reason, Transaction, Verdict
from edge_hub.sdk.eft.wallet import WalletContext
from edge_hub.sdk.errors import BadFrame, DeviceLost, DeviceRefused, ErrorCode
from edge_hub.sdk.testing.contract_wallet import WalletBench
from edge_hub.sdk.wallets.driver import CALLS_KEPT_MAX, Calls

WALLETS = {wallet.WALLET.name: wallet.WALLET for wallet in (alipay, jkopay, line_pay, wechat_pay)}
CODES = {
    "line_pay": "312345678901234567",
    "jkopay": "22J123456789ABCDEF",
    "wechat_pay": "130000000000000001",
    "alipay": "280000000000000001",
}
ABSENT_AFTER_S = {"line_pay": 330, "jkopay": 15, "wechat_pay": 150, "alipay": 150}
ASKING = ["alipay", "line_pay", "wechat_pay"]
SALE, REFUND, VOID = Transaction.SALE, Transaction.REFUND, Transaction.VOID


@pytest.fixture(params=sorted(WALLETS))
def name(request):
    return request.param


@asynccontextmanager
async def serving(name, **changes):
    """A bench whose merchant's options are changed."""
    info = WALLETS[name]

    def opened(context, options):
        return info.open(context, options.model_copy(update=changes))

    async with WalletBench.opened(dataclasses.replace(info, open=opened)) as bench:
        yield bench


async def inquire(bench, request):
    return await bench.ask("inquire", request)


async def lost(bench, request):
    result = await bench.transact(request)
    assert isinstance(result, DeviceLost)
    for fault in bench.simulator.active_faults:
        bench.simulator.set_fault(fault, False)


# before anything is sent


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


# doubt


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
