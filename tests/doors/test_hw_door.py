"""Odoo's hardware proxy: its calls against a whole hub, and the pictures it sends."""

import asyncio
import base64
import contextlib
import io
import json

import aiohttp
import pytest
from door_hub import door, open_shop
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edge_hub.config import ConfigInvalid
from edge_hub.doors.hw_door import BadCall, _asked, _lines
from edge_hub.doors.pictures import BadPicture, decoded
from edge_hub.sdk.raster import PICTURE_HEIGHT_DOTS_MAX

ORIGIN = "https://pos.example.com"
TILL = 'display = "pole"\nscale = "scale"\nscanner = "scanner"'
DEVICES = "".join(
    f'\n[[devices]]\nid = "{name}"\ndriver = "{driver}"\nurl = "sim://{name}"\n'
    for name, driver in (("pole", "line_display"), ("scale", "scale_toledo"), ("scanner", "serial_scanner"))
)


def picture(width, height, kind="JPEG", colour="black"):
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def test_a_picture_is_made_as_narrow_as_the_paper_and_nothing_of_it_is_cut_off():
    wide, tall = decoded(picture(1152, 100), dots=576), decoded(picture(576, 5000, "PNG", "white"), dots=576)
    assert [(one.width, one.height, set(one.rows)) for one in wide] == [(576, 50, {0xFF})]
    assert [one.height for one in tall] == [PICTURE_HEIGHT_DOTS_MAX, PICTURE_HEIGHT_DOTS_MAX, 904]
    assert {byte for one in tall for byte in one.rows} == {0}


def test_what_lets_light_through_is_white_on_paper():
    def png(image, **more):
        out = io.BytesIO()
        image.save(out, "PNG", **more)
        return decoded(base64.b64encode(out.getvalue()).decode(), dots=576)[0].rows

    assert set(png(Image.new("RGBA", (16, 2), (0, 0, 0, 0)))) == {0}
    assert set(png(Image.new("RGBA", (16, 2), "black"))) == {0xFF}
    assert set(png(Image.new("RGB", (16, 2), "black"), transparency=(0, 0, 0))) == {0}
    assert set(png(Image.new("P", (16, 2), 0), transparency=0)) == {0}
    assert set(png(Image.new("L", (16, 2), 0))) == {0xFF}


@pytest.mark.parametrize("text", ["", "!", "AAAA", picture(8, 8, "GIF"), picture(4000, 4000, "PNG")])
def test_what_is_no_picture_is_refused(text):
    with pytest.raises(BadPicture):
        decoded(text, dots=576)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data):
    with contextlib.suppress(BadPicture):
        decoded(base64.b64encode(data).decode(), dots=576)
    with contextlib.suppress(BadCall):
        decoded_as = _asked(data)
        assert isinstance(decoded_as[1], dict)
    with contextlib.suppress(BadCall):
        _lines(data.decode("latin-1"))


async def test_a_door_needs_a_till(tmp_path):
    with pytest.raises(ConfigInvalid, match="name the till"):
        async with open_shop(tmp_path, door("hw_proxy")):
            pass


async def test_a_till_of_odoo(tmp_path):
    async with (
        open_shop(tmp_path, door("hw_proxy", till="till-1", origins=[ORIGIN]) + DEVICES, till=TILL) as shop,
        aiohttp.ClientSession() as session,
        asyncio.timeout(60),
    ):
        base = f"http://{shop.host}:{shop.port}/hw_proxy/"

        async def call(route, origin=ORIGIN, kind="application/json", **params):
            data = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": 7})
            headers = {"Content-Type": kind, "Origin": origin}
            async with session.post(base + route, data=data, headers=headers) as response:
                if response.status != 200:
                    return response.status
                said = await response.json()
                assert said["id"] == 7
                return said["result"] if "result" in said else said["error"]["message"]

        async def ready(device):
            await shop.until(lambda: shop.services.devices.get(device).state == "ready")

        for device in ("pole", "scale", "scanner"):
            await ready(device)
        async with session.get(base + "hello", headers={"Origin": ORIGIN}) as response:
            assert await response.text() == "ping"
            assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        async with session.options(base + "handshake", headers={"Origin": ORIGIN}) as response:
            assert response.status == 204
        assert await call("handshake", origin="https://elsewhere.example") == 403
        assert await call("handshake", kind="text/plain") == 415
        assert await call("handshake") is True
        status = await call("status_json")
        assert {name: one["status"] for name, one in status.items()} == dict.fromkeys(
            ("printer", "scale", "scanner", "customer_display"), "connected"
        )

        receipt = {"action": "print_receipt", "receipt": picture(576, 300)}
        assert await call("default_printer_action", data=receipt) is True
        (page,) = shop.lines()
        assert sum(int(line.removeprefix("[576x").split()[0]) for line in page) == 300
        assert await call("default_printer_action", data={"action": "cashbox"}) is True
        assert shop.printer.state()["kicks"] == 1
        assert "picture" in await call("default_printer_action", data={"action": "print_receipt", "receipt": "AAAA"})
        await shop.fault("cover_open")
        assert await call("default_printer_action", data=receipt) is False
        assert (await call("status_json"))["printer"] == {"status": "error", "messages": ["the cover is open"]}

        assert await call("send_text_customer_display", text_to_display='["Milk", "35.00"]') is True
        pole = shop.services.devices.simulator("pole")
        assert [line.strip() for line in pole.state()["lines"]] == ["Milk", "35.00"]
        shop.services.devices.simulator("scale").act("put", "1250")
        assert await call("scale_read") == {"weight": 1.25, "unit": "kg", "info": "ok"}
        shop.services.devices.simulator("scanner").act("scan", "6408430000135")
        assert await call("scanner") == "6408430000135"
