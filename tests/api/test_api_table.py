"""Every endpoint at least once with real services; answers are held against their declarations by the app itself."""

import json

import aiohttp
import pytest
from api_shop import LOCAL, PINS


async def test_hub_needs_no_token(shop):
    hub = await shop.ask("GET", "/v1/hub", token="")
    assert hub.status == 200
    assert hub.body["store"]["minor_digits"] == 2
    assert [(till["id"], till["drawer"]) for till in hub.body["tills"]] == [("t1", "printer"), ("t2", None)]
    assert (hub.body["routes"], hub.body["email"]) == ([], True)
    assert hub.body["seq"] == shop.services.journal.head.seq


async def test_health_metrics_and_documents(shop):
    assert (await shop.ask("GET", "/healthz", token="")).body == {"status": "ok", "problems": []}
    metrics = await shop.ask("GET", "/metrics", token="")
    assert b"edge_hub_http_requests_total" in metrics.raw
    assert b"edge_hub_journal_ok 1.0" in metrics.raw
    assert (await shop.ask("GET", "/openapi.json", token="")).body["openapi"] == "3.1.0"
    assert (await shop.ask("GET", "/asyncapi.json", token="")).body["asyncapi"] == "3.0.0"


async def test_pairing_and_clients(empty_shop):
    shop = empty_shop
    shop.token = await shop.pair()
    me = await shop.ask("GET", "/v1/clients/me")
    assert (me.body["till"], me.body["staff"]) == ("t1", None)
    assert (await shop.ask("GET", "/v1/clients")).body["type"] == "/problems/staff-needed"
    await shop.sign_in("owner")
    window = await shop.ask("POST", "/v1/pairing/window", {"minutes": 5})
    assert window.status == 200
    assert window.body["url"].startswith(shop.base)
    assert window.body["qr_svg"].lstrip().startswith("<")
    assert (await shop.ask("DELETE", "/v1/pairing/window")).status == 204
    refused = await shop.ask(
        "POST", "/v1/pairing", {"token": window.body["token"], "name": "Late", "till": "t1"}, token=""
    )
    assert refused.body["type"] == "/problems/pairing-refused"
    other = await shop.pair("t2", "Other")
    clients = (await shop.ask("GET", "/v1/clients")).body["clients"]
    assert [client["name"] for client in clients] == ["Tablet", "Other"]
    assert (await shop.ask("DELETE", f"/v1/clients/{clients[1]['id']}")).status == 204
    gone = await shop.ask("GET", "/v1/clients/me", token=other)
    assert gone.status == 401
    assert gone.headers["WWW-Authenticate"].startswith("Bearer")


async def test_pairing_can_be_asked_again_under_its_key(empty_shop):
    window = await empty_shop.services.access.open_window(LOCAL, base_url="http://hub")
    body = {"token": window.token, "name": "Tablet", "till": "t1"}
    first = await empty_shop.ask("POST", "/v1/pairing", body, token="", key="same")
    again = await empty_shop.ask("POST", "/v1/pairing", body, token="", key="same")
    assert first.body == again.body


async def test_staff_and_sessions(shop):
    await shop.sign_in("owner")
    added = await shop.ask("POST", "/v1/staff", {"name": "Ann", "role": "clerk", "pin": "5937", "locale": "fi"})
    assert added.status == 201
    changed = await shop.ask("PATCH", f"/v1/staff/{added.body['id']}", {"name": "Anna", "pin": "8046"})
    assert changed.body["name"] == "Anna"
    listed = (await shop.ask("GET", "/v1/staff")).body["staff"]
    assert {person["name"] for person in listed} == {"Anna", "Owner", "Manager", "Clerk"}
    signed = await shop.ask("POST", "/v1/session", {"staff_id": added.body["id"], "pin": "8046"})
    assert signed.body["staff"]["permissions"] == sorted(signed.body["staff"]["permissions"])
    assert (await shop.ask("GET", "/v1/session")).body["staff"]["name"] == "Anna"
    wrong = await shop.ask("POST", "/v1/session", {"staff_id": added.body["id"], "pin": "1111"})
    assert wrong.body["type"] == "/problems/sign-in-refused"
    assert (await shop.ask("DELETE", "/v1/session")).status == 204
    assert (await shop.ask("GET", "/v1/session")).body["type"] == "/problems/staff-needed"


async def test_no_digest_of_a_pin_is_stored(shop):
    await shop.sign_in("owner")
    for pin in ("5937", "8046"):
        answer = await shop.ask(
            "POST", "/v1/staff", {"name": "Ann", "role": "clerk", "pin": pin, "locale": ""}, key="add-ann"
        )
        assert answer.status == 201, answer.body
    rows = shop.services.journal.reader.rows("SELECT DISTINCT fingerprint FROM idempotency WHERE key = 'add-ann'")
    assert len(rows) == 1


async def test_products_and_stock(shop):
    page = await shop.ask("GET", "/v1/products?query=mil&limit=10")
    milk = page.body["products"][0]
    assert (milk["sku"], milk["price"], milk["on_hand_milli"]) == ("milk", 120, 100_000)
    assert (await shop.ask("GET", f"/v1/products/{milk['id']}")).body == milk
    scanned = await shop.ask("GET", "/v1/products/by-barcode/6400000000015")
    assert scanned.body["product"]["id"] == milk["id"]
    assert scanned.body["embedded"] is None
    assert (await shop.ask("GET", "/v1/products/nothing")).body["type"] == "/problems/product-not-found"
    counted = await shop.ask(
        "POST", "/v1/stock/counts", {"lines": [{"product_id": milk["id"], "quantity_milli": 7000}], "reason": "count"}
    )
    assert counted.body["seq"] > 0
    await shop.ask(
        "POST", "/v1/stock/adjustments",
        {"lines": [{"product_id": milk["id"], "quantity_milli": -2000}], "reason": "broken"},
    )  # fmt: skip
    one = await shop.ask("GET", f"/v1/stock/{milk['id']}")
    assert one.body["on_hand_milli"] == 5000
    listed = await shop.ask("GET", "/v1/stock?limit=1")
    assert len(listed.body["stock"]) == 1
    assert listed.body["next_after"] is not None


async def test_pages_follow_one_another(shop):
    seen, after = [], ""
    while after is not None:
        page = (await shop.ask("GET", f"/v1/products?limit=1&after={after}")).body
        seen += [product["sku"] for product in page["products"]]
        after = page["next_after"]
    assert seen == sorted(seen)
    assert len(seen) == 3


async def test_a_catalogue_import_tells_its_progress(shop):
    file = b"sku,name,price,tax_code\ntea,Tea,3.40,food\n"
    answer = await shop.ask("POST", "/v1/catalogue/imports?name=new.csv", data=file)
    assert answer.status == 200
    last = json.loads(answer.raw.splitlines()[-1])
    assert (last["type"], last["products"]) == ("result", 1)
    refused = await shop.ask("POST", "/v1/catalogue/imports?name=bad.csv", data=b"sku,name,price\nx,X,many\n")
    last = json.loads(refused.raw.splitlines()[-1])
    assert last["type"].startswith("/problems/")
    assert last["faults"]


@pytest.fixture
async def basket(shop):
    opened = await shop.ask("POST", "/v1/baskets", {})
    assert opened.status == 201, opened.body
    assert opened.headers["ETag"] == '"1"'
    return opened.body


async def test_a_basket_from_open_to_sold(shop, basket):
    at = f"/v1/baskets/{basket['id']}"
    added = await shop.ask("POST", f"{at}/lines", {"barcode": "6400000000015", "quantity_milli": 3000}, version=1)
    assert added.status == 200, added.body
    line = added.body["changed_line"]
    assert [one["id"] for one in added.body["lines"]] == [line]
    version = added.body["version"]
    assert added.headers["ETag"] == f'"{version}"'
    cheaper = await shop.ask(
        "PATCH", f"{at}/lines/{line}", {"unit_price": 100, "discount": {"basis_points": 1000}, "reason": "dented"},
        version=version,
    )  # fmt: skip
    assert cheaper.status == 200, cheaper.body
    assert cheaper.body["lines"][0]["override_reason"] == "dented"
    assert cheaper.body["total"] == 270
    back = await shop.ask(
        "PATCH", f"{at}/lines/{line}", {"unit_price": None, "discount": None}, version=cheaper.body["version"]
    )
    assert back.body["total"] == 360
    off = await shop.ask("PUT", f"{at}/discount", {"amount": 60, "reason": "friend"}, version=back.body["version"])
    assert off.body["total"] == 300
    full = await shop.ask("DELETE", f"{at}/discount", version=off.body["version"])
    second = await shop.ask("POST", f"{at}/lines", {"barcode": "4006381333931"}, version=full.body["version"])
    gone = await shop.ask("DELETE", f"{at}/lines/{second.body['changed_line']}", version=second.body["version"])
    part = await shop.ask("POST", f"{at}/tenders", {"type": "card", "amount": 100}, version=gone.body["version"])
    assert part.body["sale"] is None
    assert part.body["basket"]["due"] == 260
    returned = await shop.ask("DELETE", f"{at}/tenders/0", version=part.body["basket"]["version"])
    assert returned.body["tenders"] == []
    paid = await shop.ask("POST", f"{at}/tenders", {"type": "cash", "amount": 500}, version=returned.body["version"])
    assert paid.body["sale"]["change"] == 140
    assert paid.body["basket"]["state"] == "sold"


async def test_baskets_are_parked_resumed_abandoned_and_listed(shop, basket):
    at = f"/v1/baskets/{basket['id']}"
    added = await shop.ask("POST", f"{at}/lines", {"barcode": "6400000000015"}, version=1)
    parked = await shop.ask("POST", f"{at}/park", {"label": "red coat"}, version=added.body["version"])
    assert parked.body["state"] == "parked"
    listed = await shop.ask("GET", "/v1/baskets?state=parked&till=t1")
    assert [one["label"] for one in listed.body["baskets"]] == ["red coat"]
    resumed = await shop.ask("POST", f"{at}/resume", {"till": "t2"}, version=parked.body["version"])
    assert resumed.body["till"] == "t2"
    assert (await shop.ask("GET", at)).body["version"] == resumed.body["version"]
    given_up = await shop.ask("POST", f"{at}/abandon", {"reason": "left"}, version=resumed.body["version"])
    assert given_up.body["state"] == "abandoned"


async def test_versions_are_asked_for_and_checked(shop, basket):
    at = f"/v1/baskets/{basket['id']}/lines"
    missing = await shop.ask("POST", at, {"barcode": "6400000000015"})
    assert (missing.status, missing.body["type"]) == (428, "/problems/if-match-needed")
    stale = await shop.ask("POST", at, {"barcode": "6400000000015"}, version=9)
    assert stale.status == 412, stale.body
    any_version = await shop.ask("POST", at, {"barcode": "6400000000015"}, headers={"If-Match": "*"})
    assert any_version.status == 200
    wrong = await shop.ask("POST", at, {"barcode": "6400000000015"}, headers={"If-Match": "W/7"})
    assert wrong.status == 400


async def test_sales_and_receipts(shop):
    sold = (await shop.sell()).body
    page = (await shop.ask("GET", f"/v1/sales?till=t1&after={sold['seq'] - 1}&limit=5")).body
    assert [one["id"] for one in page["sales"]] == [sold["id"]]
    one = (await shop.ask("GET", f"/v1/sales/{sold['id']}")).body
    assert one["lines"][0]["name"] == "Milk 1 l"
    at = f"/v1/sales/{sold['id']}/receipt"
    text = await shop.ask("GET", f"{at}?locale=fi", headers={"Accept": "text/plain"})
    assert "Corner Shop" in text.raw.decode()
    picture = await shop.ask("GET", at, headers={"Accept": "image/png"})
    assert picture.raw.startswith(b"\x89PNG")
    assert sold["receipt_label"] in (await shop.ask("GET", at)).raw.decode()
    again = await shop.ask("POST", f"{at}/print", {})
    assert again.status == 202, again.body
    assert again.body["copy"] >= 0
    missing = await shop.ask("GET", "/v1/sales/nothing")
    assert missing.body["type"] == "/problems/sale-not-found"


async def test_repeating_a_sale_under_its_key_changes_nothing(shop):
    product = await shop.product()
    body = {
        "lines": [{"product_id": product["id"], "quantity_milli": 1000}],
        "tenders": [{"type": "cash", "amount": 120}],
    }
    first = await shop.ask("POST", "/v1/sales", body, key="once")
    again = await shop.ask("POST", "/v1/sales", body, key="once")
    assert first.body["id"] == again.body["id"]
    other = await shop.ask("POST", "/v1/sales", {**body, "till": "t2"}, key="once")
    assert (other.status, other.body["type"]) == (422, "/problems/idempotency-key-reused")
    without = await shop.ask("POST", "/v1/sales", body, key=False)
    assert (without.status, without.body["type"]) == (400, "/problems/idempotency-key-needed")


async def test_devices(shop):
    listed = (await shop.ask("GET", "/v1/devices")).body["devices"]
    assert [one["id"] for one in listed] == ["printer", "scanner", "glass"]
    one = (await shop.ask("GET", "/v1/devices/printer")).body
    assert one["simulated"] is True
    assert (await shop.ask("GET", "/v1/devices/none")).body["type"] == "/problems/device-not-found"
    claim = await shop.ask("PUT", "/v1/devices/printer/claim", {"lease_s": 30})
    assert claim.body["claimed_by"]
    other = await shop.pair("t2", "Other")
    await shop.sign_in("clerk", token=other)
    held = await shop.ask("PUT", "/v1/devices/printer/claim", {"lease_s": 30}, token=other)
    assert (held.status, held.body["type"]) == (409, "/problems/device-claimed")
    assert (await shop.ask("DELETE", "/v1/devices/printer/claim")).status == 204
    away = await shop.ask("PUT", "/v1/devices/glass/display", {"lines": ["Hello"]})
    assert (away.status, away.body["type"]) == (503, "/problems/device-away")
    assert "Retry-After" in away.headers


async def test_simulators(shop):
    simulator = (await shop.ask("GET", "/v1/devices/printer/simulator")).body
    fault = simulator["faults"][0]["name"]
    broken = await shop.ask("PUT", f"/v1/devices/printer/simulator/faults/{fault}", {"on": True})
    assert next(one for one in broken.body["faults"] if one["name"] == fault)["active"] is True
    unknown = await shop.ask("PUT", "/v1/devices/printer/simulator/faults/none", {"on": True})
    assert unknown.body["type"] == "/problems/fault-unknown"
    scanned = await shop.ask("POST", "/v1/devices/scanner/simulator/actions", {"action": "scan", "value": "123"})
    assert scanned.status == 200, scanned.body
    odd = await shop.ask("POST", "/v1/devices/scanner/simulator/actions", {"action": "fly"})
    assert odd.body["faults"][0]["pointer"] == "/action"
    picture = await shop.ask("GET", "/v1/devices/glass/simulator/picture", headers={"Accept": "image/*"})
    assert picture.raw.startswith(b"\x89PNG")


async def test_jobs(shop):
    tested = await shop.ask("POST", "/v1/devices/printer/test")
    assert (tested.status, tested.body["state"]) == (202, "queued")
    document = {
        "title": "Note",
        "blocks": [
            {"type": "text", "text": "Hello", "align": "center", "style": {"bold": True}},
            {"type": "row", "cells": [{"text": "a"}, {"text": "b", "align": "right", "weight": 1}]},
            {"type": "rule"},
            {"type": "code", "symbology": "qr", "data": "https://example.org"},
            {"type": "picture", "width": 9, "height": 1, "rows": "/4A="},
            {"type": "feed", "lines": 2},
            {"type": "cut"},
        ],
    }
    printed = await shop.ask("POST", "/v1/jobs", {"device": "printer", "document": document})
    assert printed.status == 202, printed.body
    job = printed.body["id"]
    assert (await shop.ask("GET", f"/v1/jobs/{job}")).body["title"] == "Note"
    listed = await shop.ask("GET", "/v1/jobs?device=printer&state=queued&state=unknown&limit=5")
    assert job in [one["id"] for one in listed.body["jobs"]]
    resolved = await shop.ask("POST", f"/v1/jobs/{job}/resolve", {"outcome": "printed"})
    assert (resolved.status, resolved.body["type"]) == (409, "/problems/job-state")
    assert (await shop.ask("POST", f"/v1/jobs/{job}/cancel")).body["state"] == "cancelled"
    opened = await shop.ask("POST", "/v1/devices/printer/open-drawer", {"reason": "change"})
    assert opened.status == 202, opened.body
    assert opened.body["kind"] == "kick"
    cannot = await shop.ask("POST", "/v1/devices/scanner/test")
    assert cannot.body["type"] == "/problems/device-cannot"


async def test_the_journal(shop):
    await shop.sell()
    head = (await shop.ask("GET", "/v1/journal/head")).body
    assert len(head["hash"]) == 64
    page = (await shop.ask("GET", "/v1/journal?after=0&limit=3")).body
    assert [event["seq"] for event in page["events"]] == [1, 2, 3]
    assert page["next_after"] == 3
    await shop.sign_in("clerk")
    refused = await shop.ask("GET", "/v1/journal")
    assert (refused.status, refused.body["type"]) == (403, "/problems/permission-needed")
    assert refused.body["permission"] == "read_journal"


async def test_the_console_needs_no_token(shop):
    connector = aiohttp.UnixConnector(str(shop.socket))
    async with aiohttp.ClientSession(connector=connector) as console:
        async with console.get("http://localhost/v1/clients") as answer:
            assert answer.status == 200
            assert len((await answer.json())["clients"]) == 1
        async with console.post("http://localhost/v1/pairing/window", json={}) as answer:
            assert (await answer.json())["url"].startswith("http://hub.local:8700")
    assert shop.socket.stat().st_mode & 0o777 == 0o600


async def test_every_role_signs_in(empty_shop):
    empty_shop.token = await empty_shop.pair()
    for role in PINS:
        assert (await empty_shop.sign_in(role))["staff"]["role"] == role
