"""The whole hub with a simulated card terminal and a simulated wallet: a sale paid by each, a plug pulled, a restart."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from edge_hub.config import load
from edge_hub.daemon import hub
from edge_hub.domain.ids import BasketId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentMethod, PaymentState
from edge_hub.domain.staff import Role, Staff
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.services.principal import Principal

S = PaymentState
PATIENCE_S = 30
WHO = Principal(till=TillId("t1"), staff=Staff(id="s", name="Aino", role=Role.MANAGER))
PRODUCTS = (
    b"sku,name,price,tax_code,unit,barcodes,track_stock,active,on_hand\nTEA,Tea,25,a,piece,4006381333931,no,yes,\n"
)
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

[[wallets]]
id = "line"
driver = "line_pay"
url = "sim://line"

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


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")

    @asynccontextmanager
    async def open_it():
        async with asyncio.timeout(PATIENCE_S), hub(load(path)) as running:
            services = running.services
            if not (await services.catalogue.search("", limit=1)).products:
                await services.catalogue.import_file(Principal(local=True), PRODUCTS, "csv")
            await services.devices.get("card").until_ready()
            await services.wallets.get("line").until_ready()
            yield services

    return open_it


async def begun(services, provider, method, code=""):
    view = await services.checkout.open_basket(WHO)
    view = await services.checkout.add_line(WHO, BasketId(view.basket.id), view.basket.version, barcode="4006381333931")
    return await services.payments.start(
        WHO, BasketId(view.basket.id), None, provider=provider, method=method, amount=Money(25, "TWD"), code=code
    )


async def until(services, payment, *states):
    with services.bus.subscribe("payment") as wakes:
        while services.payments.get(payment).payment.state not in states:
            await wakes.get()
    return services.payments.get(payment)


async def test_a_card_and_a_wallet_pay(opened):
    async with opened() as services:
        card = await begun(services, "card", PaymentMethod.TERMINAL)
        paid = await until(services, card.payment.id, S.APPROVED)
        assert paid.paid_sale is not None
        taken = services.devices.simulator("card").state()["taken"]
        assert [one["amount"] for one in taken] == [25]
        code = str(services.wallets.simulator("line").state()["code"])
        wallet = await begun(services, "line", PaymentMethod.WALLET, code)
        paid = await until(services, wallet.payment.id, S.APPROVED)
        assert paid.payment.tender == "line_pay"
        assert paid.paid_sale is not None
        offers = {one.provider: one.ready for one in services.payments.offers(TillId("t1"))}
        assert offers == {"card": True, "line": True, "": True}


async def test_a_simulated_provider_is_reached_as_a_simulated_device_is(opened, tmp_path):
    connector = aiohttp.UnixConnector(path=str(tmp_path / "run" / "control.sock"))
    async with opened() as services, aiohttp.ClientSession("http://localhost", connector=connector) as console:
        base = "/v1/devices/line/simulator"
        async with console.get(base) as got:
            shown = await got.json()
        assert "code" in shown["state"]
        fault = shown["faults"][0]["name"]
        for on in (True, False):
            async with console.put(f"{base}/faults/{fault}", json={"on": on}) as got:
                assert got.status == 200
                assert (fault in services.wallets.simulator("line").active_faults) is on
        async with console.post(f"{base}/actions", json={"action": "outcome", "value": "decline"}) as got:
            assert got.status == 200
        async with console.get(f"{base}/picture") as got:
            assert got.status == 404
        async with console.get("/v1/devices/nobody/simulator") as got:
            assert got.status == 404


async def test_a_plug_pulled_in_mid_payment_and_the_hub_ended(opened):
    async with opened() as services:
        simulator = services.devices.simulator("card")
        simulator.set_fault("slow_host", True)
        started = await begun(services, "card", PaymentMethod.TERMINAL)
        await until(services, started.payment.id, S.IN_PROGRESS)
        services.devices.unplug("card")
        await until(services, started.payment.id, S.UNKNOWN)
    async with opened() as services:
        # this simulator is a new terminal that knows nothing of the payment: it proves that, or a person decides
        found = services.payments.get(started.payment.id)
        assert found.payment.state in {S.UNKNOWN, S.MANUAL, S.RECOVERED_DECLINED}
        assert found.payment.request == services.payments.get(started.payment.id).payment.request != b""
        assert services.devices.get("card").role(EFT_TERMINAL) is not None
