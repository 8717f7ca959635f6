"""Labels over HTTP: previewed, queued, printed by a simulated printer."""

import asyncio
import io

import pytest
import zxingcpp
from api_shop import DEVICES, open_shop
from PIL import Image

from edge_hub.devices.hub import DeviceConfig
from edge_hub.services.printing.lanes import Lanes
from edge_hub.services.printing.pack import unpack_label

PRINTED_S = 10


@pytest.fixture
async def shop(tmp_path):
    """A shop with a label printer, where a manager is signed in."""
    devices = (*DEVICES, DeviceConfig(id="labels", driver="zpl", url="sim://labels"))
    async with open_shop(tmp_path, devices=devices) as opened:
        opened.token = await opened.pair()
        await opened.sign_in("manager")
        yield opened


def codes(png):
    with Image.open(io.BytesIO(png)) as picture:
        return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


async def test_a_label_is_previewed_with_a_code_that_scans(shop):
    product = await shop.product("milk")
    for template in ("shelf-60x40", "shelf-40x30", "price-40x30"):
        shown = await shop.ask(
            "GET", f"/v1/labels/preview?product_id={product['id']}&template={template}", headers={"Accept": "image/*"}
        )
        assert shown.status == 200, shown.body
        assert codes(shown.raw) == ["6400000000015"]


async def test_what_does_not_exist_is_named(shop):
    product = await shop.product("milk")
    unknown = await shop.ask(
        "GET", f"/v1/labels/preview?product_id={product['id']}&template=nope", headers={"Accept": "*/*"}
    )
    assert unknown.body["type"] == "/problems/label-template-unknown"
    missing = await shop.ask("GET", "/v1/labels/preview?product_id=nope", headers={"Accept": "*/*"})
    assert missing.body["type"] == "/problems/product-not-found"
    path = f"/v1/products/{product['id']}/label"
    assert (await shop.ask("POST", path, {"device": "nope"})).body["type"] == "/problems/device-not-found"
    assert (await shop.ask("POST", path, {"device": "printer"})).body["type"] == "/problems/device-cannot"
    assert (await shop.ask("POST", path, {"device": "labels", "copies": 0})).status == 400


async def test_labels_are_queued_once_under_their_key_and_printed(shop):
    product = await shop.product("milk")
    path, body = f"/v1/products/{product['id']}/label", {"device": "labels", "copies": 3, "template": "shelf-40x30"}
    first = await shop.ask("POST", path, body, key="same")
    again = await shop.ask("POST", path, body, key="same")
    assert (first.status, first.body["id"]) == (202, again.body["id"])
    assert (first.body["kind"], first.body["title"]) == ("label", "Label: Milk 1 l")
    row = shop.services.journal.reader.row("SELECT document FROM jobs WHERE id = ?", (first.body["id"],))
    assert unpack_label(row[0]).copies == 3
    services = shop.services
    lanes = Lanes(
        journal=services.journal, devices=services.devices, bus=services.bus, clock=services.clock,
        documents=services.checkout.document_for, printers=(), drawers=(), labelers=("labels",), fallbacks={},
    )  # fmt: skip
    with shop.bus.subscribe("job") as wakes:
        tasks = [asyncio.create_task(services.devices.run()), asyncio.create_task(lanes.run())]
        async with asyncio.timeout(PRINTED_S):
            while services.printing.job(first.body["id"]).state != "done":
                await wakes.get()
    assert services.devices.simulator("labels").state()["labels"] == [["6400000000015"]] * 3
    lanes.stop()
    await tasks[1]
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_test_label_is_queued_by_the_same_call_as_a_test_page(shop):
    tested = await shop.ask("POST", "/v1/devices/labels/test")
    assert (tested.status, tested.body["kind"], tested.body["origin"]) == (202, "label", "test")
    cannot = await shop.ask("POST", "/v1/devices/scanner/test")
    assert cannot.body["type"] == "/problems/device-cannot"
