"""Payments over the API: what is on offer, begun, told of on the socket, resolved, given back, settled."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import api_shop
import pytest

from edge_hub.devices.hub import DeviceConfig

WAIT_S = 20
TERMINAL = DeviceConfig(id="card-1", driver="caisse_ap", url="sim://card-1", label="Card terminal")
PNG = bytes.fromhex("89504e470d0a1a0a") + b"a slip"


@pytest.fixture
async def shop(tmp_path, monkeypatch):
    plain = api_shop.settings()
    tills = (replace(plain.tills[0], terminal="card-1"), plain.tills[1])
    monkeypatch.setattr(api_shop, "settings", lambda: replace(plain, tills=tills))
    async with api_shop.open_shop(tmp_path, devices=(*api_shop.DEVICES, TERMINAL)) as opened:
        running = [
            asyncio.create_task(opened.services.devices.run()),
            asyncio.create_task(opened.services.payments.run()),
        ]
        try:
            opened.token = await opened.pair()
            await opened.sign_in("manager")
            async with asyncio.timeout(WAIT_S):
                await opened.services.devices.get("card-1").until_ready()
            yield opened
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)


async def rung_up(shop, pieces=1):
    basket = (await shop.ask("POST", "/v1/baskets", {})).body
    line = {"product_id": (await shop.product())["id"], "quantity_milli": pieces * 1000}
    return (await shop.ask("POST", f"/v1/baskets/{basket['id']}/lines", line, version=basket["version"])).body


@asynccontextmanager
async def told(shop):
    """Messages of the socket, from now on."""
    async with shop.web.ws_connect(shop.socket_url()) as ws:
        await ws.send_json({"type": "subscribe", "token": shop.token, "after": None})

        async def until(wanted):
            async with asyncio.timeout(WAIT_S):
                while True:
                    message = json.loads((await ws.receive()).data)
                    if wanted(message):
                        return message

        await until(lambda message: message["type"] == "caught_up")
        yield until


def ended(payment_id):
    return lambda message: (
        message["type"] == "payment"
        and message["payment"]["id"] == payment_id
        and message["payment"]["outcome"] != "pending"
    )


async def manual(shop, payment):
    """Until a person may say what became of it."""
    async with told(shop) as until:
        if (await shop.ask("GET", f"/v1/payments/{payment['id']}")).body["state"] != "manual":
            await until(lambda message: message.get("payment", {}).get("state") == "manual")


async def pay(shop, basket, amount, provider="card-1", method="terminal", **more):
    body = {"provider": provider, "method": method, "amount": amount}
    return await shop.ask("POST", f"/v1/baskets/{basket['id']}/payments", body, version=basket["version"], **more)


async def test_what_is_on_offer(shop):
    tenders = (await shop.ask("GET", "/v1/tenders")).body["tenders"]
    assert [(one["method"], one["provider"], one["ready"]) for one in tenders] == [
        ("cash", "", True), ("terminal", "card-1", True), ("standalone", "", True),
    ]  # fmt: skip
    basket = await rung_up(shop)
    shop.services.devices.simulator("card-1").set_fault("lost_reply", on=True)
    assert (await pay(shop, basket, 120)).status == 202
    tenders = (await shop.ask("GET", "/v1/tenders?till=t1", headers={"Accept-Language": "fi"})).body["tenders"]
    assert tenders[1]["why_not"] == "payment-terminal-busy"
    assert "maksu" in tenders[1]["why_not_text"].lower()


async def test_an_approval_completes_the_sale_and_is_told(shop):
    basket = await rung_up(shop)
    async with told(shop) as until:
        begun = await pay(shop, basket, 120, key="pay-1")
        assert begun.status == 202, begun.body
        payment = begun.body["payment"]
        assert (payment["kind"], payment["amount"], payment["basket_id"]) == ("sale", 120, basket["id"])
        assert begun.headers["ETag"] == f'"{begun.body["basket"]["version"]}"'
        done = (await until(ended(payment["id"])))["payment"]
        assert (done["outcome"], done["why"]) == ("approved", "")
        again = await pay(shop, basket, 120, key="pay-1")
        assert again.body["payment"]["id"] == payment["id"]
    sale = (await shop.ask("GET", f"/v1/sales/{done['sale_id']}")).body
    assert [(one["type"], one["amount"], one["reference"]) for one in sale["tenders"]] == [
        ("card", 120, payment["reference"])
    ]
    assert shop.services.devices.simulator("card-1").state()["net"] == 120
    refund = await shop.ask("POST", f"/v1/sales/{sale['id']}/refunds", {"payment_id": payment["id"], "amount": 50})
    assert refund.status == 202, refund.body
    too_much = await shop.ask("POST", f"/v1/sales/{sale['id']}/refunds", {"payment_id": payment["id"], "amount": 100})
    assert too_much.body["type"] in {"/problems/refund-too-large", "/problems/payment-terminal-busy"}
    also = await shop.ask("POST", f"/v1/payments/{payment['id']}/refunds", {"amount": 100})
    assert also.body["type"] in {"/problems/refund-too-large", "/problems/payment-terminal-busy"}
    page = (await shop.ask("GET", f"/v1/payments?sale={sale['id']}")).body
    assert {one["kind"] for one in page["payments"]} == {"sale", "refund"}


async def test_a_tip_where_the_terminal_has_none(shop):
    async with told(shop) as until:
        payment = (await pay(shop, await rung_up(shop), 120)).body["payment"]
        await until(ended(payment["id"]))
    refused = await shop.ask("POST", f"/v1/payments/{payment['id']}/tip", {"amount": 10})
    assert refused.body["type"] == "/problems/device-cannot"
    missing = "01a20013-0000-7000-8000-000000000000"
    assert (await shop.ask("POST", f"/v1/payments/{missing}/tip", {"amount": 10})).status == 404
    assert (await shop.ask("POST", f"/v1/payments/{payment['id']}/tip", {"amount": 0})).status == 400
    assert not any(one["adds_tips"] for one in (await shop.ask("GET", "/v1/tenders")).body["tenders"])


async def test_declined_leaves_the_basket_to_be_paid_otherwise(shop):
    basket = await rung_up(shop)
    shop.services.devices.simulator("card-1").act("outcome", "decline")
    async with told(shop) as until:
        payment = (await pay(shop, basket, 120)).body["payment"]
        done = (await until(ended(payment["id"])))["payment"]
    assert (done["outcome"], done["state"], done["sale_id"]) == ("declined", "declined", None)
    now = (await shop.ask("GET", f"/v1/baskets/{basket['id']}")).body
    cash = {"type": "cash", "amount": 120}
    paid = await shop.ask("POST", f"/v1/baskets/{basket['id']}/tenders", cash, version=now["version"])
    assert paid.body["sale"] is not None


async def test_a_terminal_of_its_own_takes_the_slips_number(shop):
    basket = await rung_up(shop)
    payment = (await pay(shop, basket, 120, provider="", method="standalone")).body["payment"]
    await manual(shop, payment)
    path = f"/v1/payments/{payment['id']}/resolve"
    assert (await shop.ask("POST", path, {"outcome": "approved"})).body["type"] == "/problems/evidence-needed"
    photo = (await shop.ask("POST", "/v1/payment-photos", data=PNG, headers={"Content-Type": "image/png"})).body
    kept = await shop.ask("GET", f"/v1/payment-photos/{photo['sha256']}", headers={"Accept": "image/png"})
    assert kept.raw == PNG
    said = {"outcome": "approved", "slip": "000123", "photo_sha256": photo["sha256"]}
    done = (await shop.ask("POST", path, said)).body
    assert (done["outcome"], done["evidence"]["slip"]) == ("approved", "000123")
    assert done["sale_id"]
    other = await rung_up(shop)
    second = (await pay(shop, other, 120, provider="", method="standalone")).body["payment"]
    path = f"/v1/payments/{second['id']}/resolve"
    await manual(shop, second)
    assert (await shop.ask("POST", path, said)).body["type"] == "/problems/slip-used"
    listed = (await shop.ask("GET", "/v1/payments?list=unresolved")).body["payments"]
    assert [one["id"] for one in listed] == [second["id"]]


async def measured(shop):
    text = (await shop.ask("GET", "/metrics")).raw.decode()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("edge_hub_payment") and "_bucket" not in line and "_created" not in line
    }


async def test_outcomes_are_measured(shop):
    terminal = shop.services.devices.simulator("card-1")
    async with told(shop) as until:
        for _ in range(2):
            payment = (await pay(shop, await rung_up(shop), 120)).body["payment"]
            await until(ended(payment["id"]))
            terminal.act("outcome", "decline")
    alone = (await pay(shop, await rung_up(shop), 120, provider="", method="standalone")).body["payment"]
    await manual(shop, alone)
    found = await measured(shop)
    assert found.pop("edge_hub_payment_seconds_sum") > 0
    assert found == {
        'edge_hub_payments_total{kind="sale",outcome="approved"}': 1,
        'edge_hub_payments_total{kind="sale",outcome="declined"}': 1,
        "edge_hub_payment_seconds_count": 2,
        "edge_hub_payments_unresolved": 1,
    }


async def test_refusals(shop):
    basket = await rung_up(shop)
    assert (await pay(shop, basket, 121)).body["type"] == "/problems/tender-too-large"
    assert (await pay(shop, basket, 120, provider="card-9")).status == 404
    wrong = await pay(shop, basket, 120, method="wallet")
    assert wrong.body["faults"][0]["pointer"] == "/method"
    assert (await pay(shop, {**basket, "version": 1}, 120)).status == 412
    missing = "01a20013-0000-7000-8000-000000000000"
    for method, path in (
        ("GET", f"/v1/payments/{missing}"), ("POST", f"/v1/payments/{missing}/stop"),
        ("POST", f"/v1/payments/{missing}/ask"), ("GET", f"/v1/settlements/{missing}"),
    ):  # fmt: skip
        assert (await shop.ask(method, path)).status == 404, path
    cannot = await shop.ask("POST", "/v1/settlements", {"terminal": "card-1"})
    assert cannot.body["type"] == "/problems/device-cannot", cannot.body
    await shop.sign_in("clerk")
    assert (await shop.ask("POST", f"/v1/payments/{missing}/void")).status == 403
