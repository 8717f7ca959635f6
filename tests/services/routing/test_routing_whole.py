"""The whole hub with simulated printers: a kitchen printer that is away loses no ticket."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from edge_hub.config import load
from edge_hub.daemon import hub
from edge_hub.devices.states import DeviceState
from edge_hub.domain.ids import TillId
from edge_hub.domain.staff import Role, Staff
from edge_hub.services.principal import Principal
from edge_hub.services.printing import fallback
from edge_hub.services.printing.job import JobState, Resolution

PATIENCE_S = 20
WHO = Principal(till=TillId("t1"), staff=Staff(id="s", name="Aino", role=Role.MANAGER))
CONFIG = """
[store]
id = "cafe"
name = "Café"
currency = "EUR"
timezone = "Europe/Helsinki"

[[taxes.rates]]
code = "a"
name = "VAT"
rate = "14%"

[[tills]]
id = "t1"
name = "Till 1"
receipt_prefix = "A"

[[devices]]
id = "hot"
driver = "escpos"
url = "sim://hot"

[[devices]]
id = "cold"
driver = "escpos"
url = "sim://cold"

[[devices]]
id = "labels"
driver = "zpl"
url = "sim://labels"
fallback = "cold"

[[routes]]
id = "kitchen"
name = "Kitchen"
printers = ["hot", "cold"]
categories = ["food"]

[[routes]]
id = "tea"
name = "Tea"
printers = ["labels"]
products = ["TEA", "GREEN"]
layout = "label"

[network]
listen = ["127.0.0.1"]
port = 0
tls_port = 0
mdns = false

[backup]
schedule = ""

[paths]
data = "data"
backups = "backups"
runtime = "run"

[demo]
"""
MENU = """\
sku,name,price,tax_code,unit,category
SOUP,Soup,8.00,a,piece,food
TEA,Bubble tea,4.00,a,piece,
GREEN,綠茶,4.00,a,piece,
""".encode()


@pytest.fixture
def running(tmp_path):
    @asynccontextmanager
    async def run():
        path = tmp_path / "config.toml"
        path.write_text(CONFIG, encoding="utf-8")
        async with hub(load(path)) as opened:
            for printer in ("hot", "cold", "labels"):
                async with asyncio.timeout(PATIENCE_S):
                    await opened.services.devices.get(printer).until_ready()
            yield opened.services

    return run


async def until(services, done):
    with services.bus.subscribe("job", "device") as wakes:
        async with asyncio.timeout(PATIENCE_S):
            while not done():
                await wakes.get()


def pages(services, printer):
    return [text for page in services.devices.simulator(printer).pages for text in page]


async def test_a_ticket_waits_for_its_printer_over_a_restart(running):
    async with running() as services:
        await services.catalogue.import_file(Principal(local=True), MENU, "csv")
        soup = (await services.catalogue.search("soup")).products[0].product.id
        services.devices.simulator("hot").set_fault("paper_end", True)
        await until(services, lambda: not services.devices.get("hot").status.ready)
        view = await services.checkout.open_basket(WHO)
        view = await services.checkout.add_line(WHO, view.basket.id, None, product_id=soup, quantity_milli=2000)
        (ticket,) = (await services.tickets.send(WHO, view.basket.id, None, "Table 9")).tickets
        first, second = services.tickets.jobs(ticket)
        await until(services, lambda: services.printing.job(second).state is JobState.DONE)
        assert services.printing.job(first).state is JobState.QUEUED
        assert any("Table 9" in text for text in pages(services, "cold"))
    async with running() as services:  # the printer has paper again
        await until(services, lambda: services.printing.job(first).state is JobState.DONE)
        assert services.devices.get("hot").state is DeviceState.READY
        assert sum("Soup" in text for text in pages(services, "hot")) == 1
        assert pages(services, "cold") == []
        assert services.tickets.get(ticket.id).number == 1


async def order(services, label, **wanted):
    """A basket of these SKUs with their numbers, sent; its one job on the label printer."""
    view = await services.checkout.open_basket(WHO)
    for sku, pieces in wanted.items():
        product = (await services.catalogue.search(sku)).products[0].product.id
        view = await services.checkout.add_line(
            WHO, view.basket.id, None, product_id=product, quantity_milli=1000 * pieces
        )
    (ticket,) = (await services.tickets.send(WHO, view.basket.id, None, label)).tickets
    (job,) = services.tickets.jobs(ticket)
    return job


def labels_out(services):
    return services.devices.simulator("labels").state()["texts"]


async def test_a_label_printer_prints_a_label_for_each_piece(running):
    async with running() as services:
        await services.catalogue.import_file(Principal(local=True), MENU, "csv")
        job = await order(services, "Table 3", TEA=2, GREEN=1)
        await until(services, lambda: services.printing.job(job).state is JobState.DONE)
        assert (services.printing.job(job).device, services.printing.job(job).kind) == ("labels", "print")
        first, second, green = labels_out(services)
        assert first[:4] == ["Table 3", "No. 1", "Bubble", "tea"], "large, so on two lines"
        assert (first[-1], second[-1]) == ("1/2", "2/2")
        assert green[:2] == ["Table 3", "No. 1"], "the name is drawn as dots"
        assert len(green) == 3

        product = (await services.catalogue.search("TEA")).products[0].product.id
        label = await services.labels.print(WHO, product, device="labels")
        other = await order(services, "Table 4", TEA=1)
        await until(
            services, lambda: {services.printing.job(one).state for one in (label.id, other)} == {JobState.DONE}
        )
        assert len(labels_out(services)) == 5

        many = await order(services, "Table 5", TEA=20, GREEN=5)
        await until(services, lambda: services.printing.job(many).state is JobState.DONE)
        assert [label[-1] for label in labels_out(services)[5:]] == [
            *(f"{number}/20" for number in range(1, 21)), *(f"{number}/5" for number in range(1, 6)),
        ]  # fmt: skip
        assert services.devices.simulator("labels").state()["dropped"] == 0


async def test_a_label_printer_without_labels_hands_its_tickets_to_a_receipt_printer(running, monkeypatch):
    monkeypatch.setattr(fallback, "FALLBACK_AFTER_S", 0.2)
    async with running() as services:
        await services.catalogue.import_file(Principal(local=True), MENU, "csv")
        services.devices.simulator("labels").set_fault("paper_out", True)
        await until(services, lambda: not services.devices.get("labels").status.ready)
        job = await order(services, "Table 5", TEA=2)
        await until(services, lambda: services.printing.job(job).state is JobState.DONE)
        done = services.printing.job(job)
        assert (done.device, done.fallback_of) == ("cold", "labels")
        assert [text for text in pages(services, "cold") if "Bubble tea" in text] == [
            "Bubble tea 1/2",
            "Bubble tea 2/2",
        ]
        assert labels_out(services) == []


async def test_labels_that_broke_off_are_unknown_and_marked_when_printed_again(running):
    async with running() as services:
        await services.catalogue.import_file(Principal(local=True), MENU, "csv")
        simulator = services.devices.simulator("labels")
        simulator.set_fault("slow", True)
        job = await order(services, "Table 6", TEA=3)
        async with asyncio.timeout(PATIENCE_S):
            while not simulator.state()["waiting"]:  # noqa: ASYNC110  # a simulator tells nobody
                await asyncio.sleep(0)
        services.devices.unplug("labels")
        await until(services, lambda: services.printing.job(job).state is JobState.UNKNOWN)
        simulator.set_fault("slow", False)
        again = await services.printing.resolve(WHO, job, Resolution.REPRINT)
        await until(services, lambda: services.printing.job(again.id).state is JobState.DONE)
        assert sum("POSSIBLE DUPLICATE" in label for label in labels_out(services)) == 3
