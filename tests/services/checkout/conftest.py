"""A small shop on the real writer core: a few products, two tills with devices, clerks on tablets."""

from dataclasses import replace
from fractions import Fraction

import pytest

from edge_hub.bus import Bus
from edge_hub.clock import ManualClock
from edge_hub.domain.barcode import Embedded, Layout
from edge_hub.domain.ids import BasketId, ClientId, StaffId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.receipt import Till
from edge_hub.domain.staff import Role, Staff
from edge_hub.domain.tax import TaxRate
from edge_hub.domain.tender import Tender
from edge_hub.journal.commands import Handlers
from edge_hub.services.catalogue import handlers as catalogue
from edge_hub.services.catalogue.service import Catalogue
from edge_hub.services.checkout import handlers as checkout
from edge_hub.services.checkout.commands import SellLine
from edge_hub.services.checkout.service import Checkout, SellRequest
from edge_hub.services.principal import Principal
from edge_hub.services.stock import handlers as stock
from edge_hub.services.stock.service import Stock

PRODUCTS = """\
sku,name,name:fi,name:zh-TW,price,tax_code,unit,barcodes,track_stock,active,on_hand
TEA,Green tea,Vihreä tee,綠茶,2.50,A,piece,4006381333931,yes,yes,10
BAG,Paper bag,Paperikassi,紙袋,0.20,A,piece,96385074,no,yes,
CHEESE,Cheese,Juusto,起司,12.90,F,kilogram,2100123000005,yes,yes,5.5
FISH,Smoked fish,Savukala,燻魚,30.00,F,kilogram,2000777000003,yes,yes,
OLD,Old stock,,,1.00,A,piece,4006381333948,yes,no,
"""
HANDLERS = Handlers().merge(catalogue.HANDLERS, checkout.HANDLERS, stock.HANDLERS)


def eur(minor):
    return Money(minor, "EUR")


def cash(minor):
    return Tender(type="cash", amount=eur(minor))


class Shop:
    def __init__(self, journal, clock, bus, settings):
        self.journal, self.clock, self.bus, self.settings = journal, clock, bus, settings
        self.catalogue = Catalogue(journal, clock, settings)
        self.checkout = Checkout(journal, clock, settings, tender_types=("card",))
        self.stock = Stock(journal, clock, settings)
        self.console = Principal(local=True)
        self._keys = 0

    def tablet(self, name="tab-1", till="t1", role=Role.CLERK):
        staff = Staff(id=StaffId(f"staff-{role}"), name="Aino", role=role)
        return Principal(client=ClientId(name), till=TillId(till), staff=staff)

    async def product(self, sku):
        page = await self.catalogue.search(sku)
        return page.products[0].product

    async def stock_products(self):
        await self.catalogue.import_file(self.console, PRODUCTS.encode(), "csv")

    def request(self, *lines, tenders=None, **fields):
        lines = lines or (SellLine(barcode="4006381333931"),)
        tenders = (cash(100_000),) if tenders is None else tenders
        return SellRequest(lines=tuple(lines), tenders=tuple(tenders), **fields)

    def events(self, kind):
        return [event for event in self.journal.events() if isinstance(event, kind)]

    def count(self, table, where="1"):
        return self.journal.row(f"SELECT count(*) FROM {table} WHERE {where}")[0]  # noqa: S608  # the tests' own SQL

    def on_hand(self, sku):
        row = self.journal.row(
            "SELECT on_hand_milli FROM stock WHERE product = (SELECT id FROM products WHERE sku = ?)", (sku,)
        )
        return row and row[0]

    async def basket(self, who=None, *codes):
        who = who or self.tablet()
        view = await self.checkout.open_basket(who)
        for code in codes:
            view = await self.checkout.add_line(who, BasketId(view.basket.id), view.basket.version, barcode=code)
        return view


@pytest.fixture
def shop_settings(settings):
    food = TaxRate(code="F", name="Food", rate=Fraction(14, 100))
    return replace(
        settings,
        taxes=replace(settings.taxes, rates=(*settings.taxes.rates, food)),
        tills=(*settings.tills, Till(id=TillId("bare"), name="No devices", receipt_prefix="C")),
        cash_rounding=5,
        embedded=(
            Layout(prefixes=("21",), pattern="PPIIIIIVVVVVC", value=Embedded.WEIGHT, decimals=3),
            Layout(prefixes=("20",), pattern="PPIIIIIVVVVVC", value=Embedded.PRICE, decimals=2),
        ),
    )


@pytest.fixture
def open_shop(open_journal, shop_settings):
    """Opens the shop's file, the same one each time (a restart)."""
    clock, bus = ManualClock(), Bus()

    def open_it(settings=None):
        used = settings or shop_settings
        journal = open_journal(handlers=HANDLERS, clock=clock, bus=bus, settings=used)
        return Shop(journal, clock, bus, used)

    return open_it


@pytest.fixture
async def shop(open_shop):
    opened = open_shop()
    await opened.stock_products()
    return opened
