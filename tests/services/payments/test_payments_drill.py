"""The drill of a silent card terminal, played on the whole hub with a clock that runs faster."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from edge_hub.clock import SystemClock
from edge_hub.config import load
from edge_hub.daemon import hub
from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import TillId
from edge_hub.domain.payment import PaymentState
from edge_hub.services.drill import DrillRunning, NothingToDrill, Verdict
from edge_hub.services.principal import Principal, StaffNeeded
from edge_hub.services.silence import SilentTerminal

WHO = Principal(local=True)
FACTOR = 20
PATIENCE_S = 30
PRODUCTS = b"sku,name,price,tax_code,unit\nBAG,Bag,0,a,piece\nTEA,Tea,25,a,piece\n"
CONFIG = """
[store]
id = "shop"
name = "Shop"
currency = "TWD"
timezone = "Asia/Taipei"

[[taxes.rates]]
code = "a"
name = "VAT"
rate = "5%"

[[tills]]
id = "t1"
name = "Till 1"
receipt_prefix = "A"
terminal = "card"

[[devices]]
id = "card"
driver = "nccc"
url = "sim://card"

[network]
listen = ["127.0.0.1"]
port = 0
tls_port = 0
mdns = false

[paths]
data = "data"
backups = "backups"
runtime = "run"

[backup]
schedule = ""

[demo]
"""


class FastClock(SystemClock):
    def monotonic(self):
        return time.monotonic() * FACTOR

    async def sleep(self, seconds):
        await asyncio.sleep(seconds / FACTOR)


@pytest.fixture
def in_taipei(monkeypatch):
    """The simulated terminal's clock shows the store's time, as the demo's do."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Taipei")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def opened(tmp_path, monkeypatch, in_taipei):
    monkeypatch.setattr("edge_hub.services.upkeep.clockwatch.STEP_MS_MIN", 1 << 60)  # the clocks part all the time

    @asynccontextmanager
    async def open_it(driver="nccc", products=PRODUCTS):
        path, clock = tmp_path / "config.toml", FastClock()
        path.write_text(CONFIG.replace('"nccc"', f'"{driver}"'), encoding="utf-8")
        async with asyncio.timeout(PATIENCE_S), hub(load(path), clock=clock) as running:
            services = running.services
            if products:
                await services.catalogue.import_file(WHO, products, "csv")
            await services.devices.get("card").until_ready()
            services.devices.simulator("card").sleep = clock.sleep
            yield services

    return open_it


async def ended(services):
    while (report := services.drills.report).verdict is Verdict.RUNNING:
        await services.clock.sleep(0.1)
    return report


async def state(services):
    """Of the only payment, if there is one."""
    return next((one.payment.state for one in (await services.payments.listed()).payments), None)


async def test_a_silent_terminal_is_found_out_and_nothing_is_left(opened):
    async with opened() as services:
        simulator = services.devices.simulator("card")
        began_ms = services.clock.now_ms()
        assert (await SilentTerminal(services).start(WHO)).device == "card"
        with pytest.raises(DrillRunning):
            await SilentTerminal(services).start(WHO)
        report = await ended(services)
        assert report.verdict is Verdict.HELD, report
        seen = [(step.what, step.seen) for step in report.steps]
        (paid,) = (await services.payments.listed()).payments
        wanted = [
            ("fault_on", "lost_reply"),
            ("payment_begun", paid.payment.reference),
            ("payment", "in_progress"),
            ("unplugged", ""),
            ("payment", "unknown"),
            ("listed", "unknown"),
            ("fault_off", "lost_reply"),
            ("payment", "recovered_declined"),
            ("listed", ""),
            ("basket_abandoned", ""),
        ]
        assert [step for step in seen if step in wanted] == wanted
        assert ("shown", "waiting_for_card") in seen[: seen.index(("unplugged", ""))]
        assert ("device", "offline") in seen or ("device", "connecting") in seen
        assert (report.steps[-1].at_ms - began_ms) * FACTOR / 1000 < 60  # it fits in a minute
        assert paid.payment.state is PaymentState.RECOVERED_DECLINED
        assert (simulator.active_faults, simulator.state()["outcome"]) == (frozenset(), "approve")
        assert simulator.state()["taken"] == []
        assert (await services.checkout.sales()).sales == ()
        assert services.checkout.list((BasketState.OPEN, BasketState.PARKED)) == []
        assert all(one.ready for one in services.payments.offers(TillId("t1")))


async def test_one_that_is_stopped_leaves_the_terminal_well_and_the_payment_to_the_hub(opened):
    async with opened() as services:
        await SilentTerminal(services).start(WHO)
        while await state(services) is not PaymentState.IN_PROGRESS:
            await services.clock.sleep(0.1)
        services.drills.cancel(WHO)
        report = await ended(services)
        assert report.verdict is Verdict.CANCELLED
        assert [step.what for step in report.steps][-2:] == ["fault_off", "basket_abandoned"]
        assert services.devices.simulator("card").active_faults == frozenset()
        assert services.checkout.list((BasketState.OPEN, BasketState.PARKED)) == []
        services.devices.unplug("card")  # else its time limit is waited for
        while await state(services) is not PaymentState.RECOVERED_DECLINED:
            await services.clock.sleep(0.1)


async def test_only_a_terminal_that_can_be_asked_afterwards_is_drilled(opened):
    async with opened("concert") as services:
        with pytest.raises(NothingToDrill):
            await SilentTerminal(services).start(WHO)
        with pytest.raises(StaffNeeded):
            await SilentTerminal(services).start(Principal())


async def test_without_goods_there_is_nothing_to_pay_for(opened):
    async with opened(products=b"") as services:
        with pytest.raises(NothingToDrill):
            await SilentTerminal(services).start(WHO)
        assert services.checkout.list() == []
