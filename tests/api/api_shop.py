"""A whole shop behind its API: real journal, services and simulated devices, served on loopback."""

import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from edge_hub.api.app import create_app
from edge_hub.api.limits import Limits
from edge_hub.api.server import Listener, serving
from edge_hub.bus import Bus
from edge_hub.clock import SystemClock
from edge_hub.devices.hub import DeviceConfig, DeviceHub
from edge_hub.devices.registry import WalletDrivers, load_drivers
from edge_hub.devices.wallets import Wallets
from edge_hub.domain.barcode import Embedded, Layout
from edge_hub.domain.ids import TillId
from edge_hub.domain.receipt import StoreCard, Till
from edge_hub.domain.staff import Role
from edge_hub.domain.store import StoreSettings
from edge_hub.domain.tax import TaxPolicy, TaxRate, TaxRounding
from edge_hub.journal.journal import Journal
from edge_hub.services.access.pins import PinHasher
from edge_hub.services.access.service import Access
from edge_hub.services.catalogue.service import Catalogue
from edge_hub.services.checkout.service import Checkout
from edge_hub.services.container import HubInfo, Services
from edge_hub.services.drill import Drills
from edge_hub.services.labels.service import Labels
from edge_hub.services.mail.service import Mails
from edge_hub.services.payments.service import Payments
from edge_hub.services.principal import Principal
from edge_hub.services.printing.service import Printing
from edge_hub.services.routing.service import Tickets
from edge_hub.services.stock.service import Stock

LOCAL = Principal(local=True)
CATALOGUE = b"""sku,name,price,tax_code,barcodes,on_hand,unit
milk,Milk 1 l,1.20,food,6400000000015,100,piece
coat,Red coat,89.90,general,4006381333931,3,piece
cheese,Cheese,12.50,food,00123,,kilogram
"""
PINS = {"owner": "4711", "manager": "8260", "clerk": "3095"}


def settings() -> StoreSettings:
    return StoreSettings(
        id="s1",
        currency="EUR",
        card=StoreCard(name="Corner Shop", lines=("Street 1",), footer=(), locale="en", timezone="Europe/Helsinki"),
        taxes=TaxPolicy(
            rates=(
                TaxRate(code="general", name="VAT 25.5 %", rate=Fraction(51, 200)),
                TaxRate(code="food", name="VAT 14 %", rate=Fraction(14, 100)),
            ),
            prices_include_tax=True,
            rounding=TaxRounding.DOCUMENT,
        ),
        tills=(
            Till(
                id=TillId("t1"), name="Till 1", receipt_prefix="A", printer="printer", drawer="printer",
                display="glass", scanner="scanner", scale="scale",
            ),
            Till(id=TillId("t2"), name="Till 2", receipt_prefix="B"),
        ),
        embedded=(Layout(prefixes=("20",), pattern="PPIIIIIVVVVVC", value=Embedded.PRICE, decimals=2),),
        low_stock_milli=2000,
    )  # fmt: skip


DEVICES = (
    DeviceConfig(id="printer", driver="escpos", url="sim://printer"),
    DeviceConfig(id="scanner", driver="serial_scanner", url="sim://scanner"),
    DeviceConfig(id="glass", driver="line_display", url="sim://glass"),
)


@dataclass
class Answer:
    status: int
    body: Any
    headers: Any
    raw: bytes = b""


@dataclass
class Shop:
    services: Services
    bus: Bus
    base: str
    socket: Path
    web: aiohttp.ClientSession
    app: Any
    staff: dict[str, str] = field(default_factory=dict)
    token: str = ""
    keys: Any = field(default_factory=lambda: count(1))

    async def ask(self, method, path, body=None, *, token=None, key=True, version=None, headers=None, data=None):
        """One request as a paired client; commands get a fresh key."""
        sent = {"Accept": "application/json", **(headers or {})}
        token = self.token if token is None else token
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if key and method != "GET":
            sent.setdefault("Idempotency-Key", key if isinstance(key, str) else f"k-{next(self.keys)}")
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        async with self.web.request(method, self.base + path, headers=sent, data=data, allow_redirects=False) as got:
            raw = await got.read()
            kind = got.headers.get("Content-Type", "")
            parsed = json.loads(raw) if raw and "json" in kind and "ndjson" not in kind else raw
            return Answer(got.status, parsed, got.headers, raw)

    async def pair(self, till="t1", name="Tablet"):
        """A new client's token."""
        window = await self.services.access.open_window(LOCAL, base_url="http://hub")
        paired = await self.ask("POST", "/v1/pairing", {"token": window.token, "name": name, "till": till}, token="")
        assert paired.status == 201, paired.body
        return paired.body["token"]

    async def sign_in(self, role="manager", token=None):
        answer = await self.ask("POST", "/v1/session", {"staff_id": self.staff[role], "pin": PINS[role]}, token=token)
        assert answer.status == 200, answer.body
        return answer.body

    async def product(self, sku="milk"):
        found = await self.ask("GET", f"/v1/products?query={sku}")
        return found.body["products"][0]

    async def sell(self, till=None, price=120, **more):
        product = await self.product()
        body = {
            "lines": [{"product_id": product["id"], "quantity_milli": 1000}],
            "tenders": [{"type": "cash", "amount": price}],
            **more,
        }
        if till:
            body["till"] = till
        return await self.ask("POST", "/v1/sales", body)

    def socket_url(self):
        return self.base + "/v1/events"


async def _services(stack, path, bus, clock, devices):
    shop = settings()
    journal = await stack.enter_async_context(Journal.open(path / "hub.db", settings=shop, clock=clock, bus=bus))
    hub = DeviceHub(devices, load_drivers() if devices else {}, clock=clock, bus=bus)
    hasher = PinHasher()
    printing = Printing(journal=journal, devices=hub, clock=clock, settings=shop)
    wallets = Wallets((), WalletDrivers({}), clock=clock, bus=bus, timezone=shop.card.timezone)
    return Services(
        info=HubInfo(id="hub-1", version="0.1.0", demo=True, base_url="http://hub.local:8700"),
        settings=shop,
        clock=clock,
        bus=bus,
        journal=journal,
        checkout=Checkout(journal, clock, shop, ("card",)),
        catalogue=Catalogue(journal, clock, shop),
        stock=Stock(journal, clock, shop),
        printing=printing,
        labels=Labels(
            journal=journal, catalogue=Catalogue(journal, clock, shop), devices=hub, clock=clock, settings=shop
        ),
        tickets=Tickets(journal, shop),
        mails=Mails(journal, on=True),
        access=Access(journal=journal, bus=bus, clock=clock, settings=shop, hasher=hasher),
        devices=hub,
        wallets=wallets,
        payments=Payments(
            journal=journal,
            devices=hub,
            wallets=wallets,
            printing=printing,
            bus=bus,
            clock=clock,
            settings=shop,
            data=path,
        ),
        drills=Drills(printing=printing, devices=hub, bus=bus, clock=clock),
    )


@asynccontextmanager
async def open_shop(path, *, limits=None, devices=DEVICES, check_answers=True, origins=()):
    """A shop with a catalogue, staff, and nobody paired."""
    bus, clock = Bus(), SystemClock()
    async with AsyncExitStack() as stack:
        services = await _services(stack, path, bus, clock, devices)
        await services.catalogue.import_file(LOCAL, CATALOGUE, "csv")
        staff = {}
        for role in Role:
            added = await services.access.add_staff(LOCAL, name=role.value.title(), role=role, pin=PINS[role.value])
            staff[role.value] = added.id
        limits = limits or Limits(requests_per_s=5000)
        common = {"limits": limits, "check_answers": check_answers}
        app = create_app(services, hostnames=("hub.local",), origins=origins, **common)
        local = create_app(services, local=True, **common)
        addresses = await stack.enter_async_context(serving(app, [Listener(host="127.0.0.1")]))
        socket = path / "control.sock"
        await stack.enter_async_context(serving(local, [Listener(path=socket)]))
        web = await stack.enter_async_context(aiohttp.ClientSession())
        host, port = addresses[0]
        yield Shop(services, bus, f"http://{host}:{port}", socket, web, app, staff)
