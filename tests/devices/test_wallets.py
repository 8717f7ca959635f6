"""Wallets: found by entry points, kept open like devices, simulated on the loopback address, contained."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from edge_hub.devices.registry import WALLET_GROUP, UnknownDriver, WalletDrivers, load_wallet_drivers
from edge_hub.devices.states import DeviceState
from edge_hub.devices.wallets import UnknownWallet, WalletConfig, Wallets
from edge_hub.sdk.driver import Options
from edge_hub.sdk.eft.model import Capabilities
from edge_hub.sdk.eft.wallet import WalletInfo
from edge_hub.sdk.errors import DeviceFault, DeviceRefused
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.testing import settle
from edge_hub.sdk.transport import READ_BYTES_MAX


class CoinOptions(Options):
    merchant: str
    secret_file: str = ""
    base: str = "https://coin.example"


class Coin:
    """A wallet whose provider is asked in plain text."""

    capabilities = Capabilities(transactions=frozenset(), inquires=True, locks=False)

    def __init__(self, context, options):
        self.context, self.options = context, options

    async def prepare(self, request):
        if request == "crash":
            raise ZeroDivisionError("in prepare")
        if request == "real":
            return self.options.base.encode()
        host, port = self.options.base.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"?\n")
        answer = await reader.read(READ_BYTES_MAX)
        writer.close()
        await writer.wait_closed()
        return answer

    async def transact(self, request, data, progress):
        return self.context.now()


class CoinProvider:
    faults = {"broken": "cannot be served"}

    def __init__(self):
        self.active_faults = frozenset()
        self.asked = 0

    def set_fault(self, name, on):
        self.faults[name]
        self.active_faults = self.active_faults | {name} if on else self.active_faults - {name}

    def state(self):
        return {"taken": [], "asked": self.asked}

    def act(self, action, value):
        raise KeyError(action)

    def options(self, url):
        return CoinOptions(merchant="simulated", base=url)

    @asynccontextmanager
    async def serving(self, host, port):
        if "broken" in self.active_faults:
            raise RuntimeError("simulated crash of the simulator")

        async def answer(reader, writer):
            await reader.readline()
            self.asked += 1
            writer.write(b"coin")
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, host, port)
        try:
            yield f"http://{host}:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await server.wait_closed()


@asynccontextmanager
async def open_coin(context, options):
    if options.merchant == "crash":
        raise LookupError("in open")
    yield Coin(context, options)


def coin_account(options):
    if options.merchant == "nobody":
        raise LookupError("in account")
    return f"{options.base} {options.merchant}"


COIN = WalletInfo(
    name="coin", summary="for tests", options=CoinOptions, open=open_coin, account=coin_account, simulator=CoinProvider
)


def no_simulator():
    raise RuntimeError("no simulator")


@pytest.fixture
def wallets_of(clock, bus, toy):
    @asynccontextmanager
    async def running(*configs, info=COIN):
        wallets = Wallets(
            configs, WalletDrivers({"coin": info}), clock=clock, bus=bus, timezone="Asia/Taipei", backoff=toy.Steady
        )
        task = asyncio.create_task(wallets.run())
        await ready(wallets)
        try:
            yield wallets
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def ready(wallets):
        for config in wallets.ids:
            if wallets.get(config).state is not DeviceState.FAULT:
                with bus.subscribe("wallet") as wakes:
                    while (
                        wallets.get(config).state is DeviceState.DISABLED
                        or wallets.get(config).state is DeviceState.CONNECTING
                    ):
                        await wakes.get()

    return running


def coin(name="coin-1", **more):
    return WalletConfig(id=name, driver="coin", **{"options": {"merchant": "m"}, **more})


async def test_a_wallet_is_opened_with_its_options_and_the_stores_time(wallets_of):
    async with wallets_of(coin()) as wallets:
        terminal = wallets.get("coin-1").role(EFT_TERMINAL)
        assert await terminal.prepare("real") == b"https://coin.example"
        assert await terminal.transact(None, b"", None) == "2026-05-29T04:26:40"
        assert terminal.capabilities.locks is False
        snapshot = wallets.snapshot("coin-1")
        assert (snapshot.label, snapshot.driver, snapshot.state, snapshot.simulated) == (
            "coin-1",
            "coin",
            DeviceState.READY,
            False,
        )
        assert wallets.simulator("coin-1") is None
        assert "coin-1" in wallets
        with pytest.raises(UnknownWallet):
            wallets.get("other")
    assert wallets.snapshot("coin-1").state is DeviceState.DISABLED


async def test_a_simulated_one_is_served_on_loopback_and_stays_the_same(wallets_of, clock):
    async with wallets_of(coin(url="sim://coin", options={})) as wallets:
        terminal = wallets.get("coin-1").role(EFT_TERMINAL)
        assert await terminal.prepare("sim") == b"coin"
        with pytest.raises(DeviceFault, match="ZeroDivisionError"):
            await terminal.prepare("crash")
        for _ in range(100):  # it goes, and comes back
            await settle()
            await clock.advance(0.5)
        assert await wallets.get("coin-1").role(EFT_TERMINAL).prepare("sim") == b"coin"
        assert wallets.simulator("coin-1").state() == {"taken": [], "asked": 2}
        with pytest.raises(DeviceRefused):
            await terminal.prepare("sim")  # of the life before: nothing was asked


async def test_one_that_crashes_is_its_own_fault_and_nobody_elses(wallets_of):
    bad = coin("bad", options={"merchant": "crash"})
    unknown = WalletConfig(id="unknown", driver="nobody")
    wrong = coin("wrong", options={"colour": "red"})
    async with wallets_of(bad, unknown, wrong, coin()) as wallets:
        states = {one.id: (one.state, one.error_text) for one in wallets.snapshots()}
        assert states["bad"] == (DeviceState.FAULT, "the driver crashed: LookupError: in open")
        assert states["unknown"][1] == "there is no driver 'nobody'; installed are: coin"
        assert states["wrong"][0] is DeviceState.FAULT
        assert states["coin-1"] == (DeviceState.READY, "")
        assert wallets.get("bad").role(EFT_TERMINAL) is None


async def test_the_merchant_behind_a_wallet_is_the_same_in_every_run_and_tells_from_others(wallets_of):
    configs = (
        coin(),
        coin("again"),
        coin("other", options={"merchant": "n"}),
        coin("elsewhere", options={"merchant": "m", "base": "https://b"}),
        coin("simulated", url="sim://coin", options={}),
    )
    async with wallets_of(*configs) as wallets:
        accounts = [wallets.account(one.id) for one in configs]
        assert accounts[0] == accounts[1] == "coin 2db12e5ca70e6756"
        assert len(set(accounts)) == 4
        with pytest.raises(UnknownWallet):
            wallets.account("nobody")


async def test_a_wallet_that_cannot_say_who_it_is_does_not_run(wallets_of):
    async with wallets_of(coin(options={"merchant": "nobody"})) as wallets:
        assert wallets.snapshot("coin-1").error_text == "the driver crashed: LookupError: in account"
        assert wallets.account("coin-1") == ""


async def test_a_simulator_that_crashes_is_its_wallets_fault(wallets_of):
    async with wallets_of(coin(url="sim://coin", options={}), info=replace(COIN, simulator=no_simulator)) as wallets:
        assert wallets.snapshot("coin-1").error_text == "the driver crashed: RuntimeError: no simulator"


def test_drivers_of_wallets_come_through_their_own_door(tmp_path, monkeypatch):
    (tmp_path / "odd_wallet_module.py").write_text("WALLET = 1")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint(name="odd", value="odd_wallet_module:WALLET", group=WALLET_GROUP)
    monkeypatch.setattr(
        "edge_hub.devices.registry.entry_points", lambda group: [point] if group == WALLET_GROUP else []
    )
    with pytest.raises(UnknownDriver, match="is a int, not a WalletInfo"):
        load_wallet_drivers().find("odd")


def test_the_built_in_ones_are_there():
    found = load_wallet_drivers()
    assert found.unavailable == {}
    assert "line_pay" in found
