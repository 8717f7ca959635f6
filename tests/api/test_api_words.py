"""What people read comes in their language: refusals, faults, a file's rows, devices on the socket."""

import asyncio
import json
import pickle

import pytest

from edge_hub.domain.money import parse_minor
from edge_hub.errors import EdgeHubError, Fault, fault
from edge_hub.words import words

WAIT_S = 10


def reads(locale):
    return {"Accept-Language": locale}


async def test_a_label_that_cannot_be_sold_is_refused_in_the_cashiers_language(shop):
    basket = (await shop.ask("POST", "/v1/baskets", {})).body
    path, line = f"/v1/baskets/{basket['id']}/lines", {"barcode": "]E012345678901234567890"}
    said = {}
    for locale in ("zh-TW", "fi", "zh-CN", "en"):
        answer = await shop.ask("POST", path, line, version=basket["version"], headers=reads(locale))
        assert answer.body["type"] == "/problems/barcode-invalid"
        said[locale] = answer.body["detail"]
    assert said == {
        "zh-TW": "EAN 或 UPC 條碼的位數不對。",
        "fi": "EAN- tai UPC-koodissa ei ole näin montaa numeroa.",
        "zh-CN": "EAN 或 UPC 条码的位数不对。",
        "en": "An EAN or UPC does not have that many digits.",
    }


async def test_each_row_of_a_catalogue_is_refused_in_the_managers_language(shop):
    file = b"sku,name,price,tax_code,until\nx,X,many,food,\ny,Y,1.20,none,\n"
    answer = await shop.ask("POST", "/v1/catalogue/imports?name=a.csv", data=file, headers=reads("zh-TW"))
    refused = json.loads(answer.raw.splitlines()[-1])
    assert refused["detail"] == "匯入檔有 2 個錯誤，未做任何變更。"
    assert [fault["message"] for fault in refused["faults"]] == [
        "第 2 行，price：「many」不是金額，例：12.34。",
        "第 3 行，tax_code：「none」不是本店的稅別：general, food",
    ]


async def test_what_is_wrong_in_a_form_is_said_in_the_readers_language(shop):
    await shop.sign_in("owner")
    body = {"name": "Aino", "role": "clerk", "pin": "1234"}
    weak = await shop.ask("POST", "/v1/staff", body, headers=reads("fi"))
    assert [one["message"] for one in weak.body["faults"]] == ["laskee ylös tai alas"]
    missing = await shop.ask("POST", "/v1/staff", {"name": "Aino", "role": "clerk"}, headers=reads("zh-CN"))
    assert [(one["pointer"], one["message"]) for one in missing.body["faults"]] == [("/pin", "必填")]
    assert missing.body["detail"] == missing.body["title"] == "请求内容不正确。"


async def test_a_socket_tells_of_devices_in_its_own_language(shop):
    running = asyncio.create_task(shop.services.devices.run())
    try:
        async with (
            asyncio.timeout(WAIT_S),
            shop.web.ws_connect(shop.socket_url()) as fi,
            shop.web.ws_connect(shop.socket_url(), headers=reads("zh-TW")) as taiwan,
        ):
            await shop.services.devices.get("printer").until_ready()
            await fi.send_json({"type": "subscribe", "token": shop.token, "locale": "fi-FI"})
            await taiwan.send_json({"type": "subscribe", "token": shop.token})
            for ws in (fi, taiwan):
                await told(ws, lambda message: message["type"] == "caught_up")
            shop.services.devices.simulator("printer").set_fault("paper_end", on=True)
            out = [(await told(ws, complains))["device"]["error_text"] for ws in (fi, taiwan)]
        assert out == ["paperi on loppu", "紙張用完了"]
        asked = await shop.ask("GET", "/v1/devices/printer", headers=reads("zh-CN"))
        assert asked.body["error_text"] == "纸张用完了"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def complains(message):
    return message["type"] == "device" and message["device"]["error_code"] == "REC_EMPTY"


async def told(ws, wanted):
    while True:
        message = json.loads((await ws.receive()).data)
        if wanted(message):
            return message


def test_a_reason_survives_the_writers_pipe():
    with pytest.raises(EdgeHubError) as caught:
        parse_minor("{currency} 1", "EUR")
    error = caught.value
    error.faults = (fault("/a", "too-long", "is longer than {limit} characters", why="too-long", limit=7),)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (str(again), again.detail, again.why, again.params) == (str(error), error.detail, error.why, error.params)
    assert again.detail == "'{currency} 1' is not an amount such as 12.34."
    assert words("fi").problem(again)[1] == "”{currency} 1” ei ole summa, kuten 12.34."
    assert words("zh-TW").fault(again.faults[0]) == "超過 7 個字"
    assert again.faults == (Fault(pointer="/a", code="too-long", message="is longer than 7 characters"),)
