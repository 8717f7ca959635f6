"""The commands, against a hub in a thread of its own and a simulator in this process."""

import asyncio
import contextlib
import json
import sys
import threading
from pathlib import Path

import aiohttp
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_adoption import CONFIG
from typer.testing import CliRunner

from edge_hub.cli.app import app
from edge_hub.cli.control import Control
from edge_hub.cli.simulate import serving_panel
from edge_hub.config import load
from edge_hub.daemon import hub
from edge_hub.devices.registry import load_drivers
from edge_hub.devices.simulation import serve_tcp


def run(*words):
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    ready, loops = threading.Event(), []

    async def serve():
        stop = asyncio.Event()
        loops.append((asyncio.get_running_loop(), stop))
        async with hub(load(path)):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="hub")
    thread.start()
    assert ready.wait(20)
    yield str(path)
    loop, stop = loops[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    assert not thread.is_alive()


def test_adopt_watch_remove(shop):
    asked = ("--driver", "escpos", "--option", "width_dots=384", "--option", 'cjk="big5"', "--config", shop)
    adopted = run("devices", "adopt", "bar", "sim://bar", *asked, "--json")
    assert adopted.exit_code == 0, adopted.output
    assert json.loads(adopted.stdout)["id"] == "bar"
    watched = run("devices", "watch", "--seconds", "0.1", "--config", shop)
    assert "bar  ready" in watched.stdout
    found = run("devices", "find", "--no-network", "--json", "--config", shop)
    assert (found.exit_code, isinstance(json.loads(found.stdout), list)) == (0, True)
    assert run("devices", "remove", "bar", "--config", shop).exit_code == 0
    again = run("devices", "remove", "bar", "--config", shop)
    assert (again.exit_code, "no such device" in again.stderr) == (1, True)
    pages = ("--option", 'code_pages=["cp866"]', "--option", 'code_page_numbers={cp866 = 7, "cp858" = 19}')
    table = run("devices", "adopt", "bar", "sim://bar", "--driver", "escpos", *pages, "--config", shop)
    assert table.exit_code == 0, table.output
    config = load(Path(shop))
    assert config.devices[-1].options["code_page_numbers"] == {"cp866": 7, "cp858": 19}
    assert config.with_paths(config.devices[-1].options) == config.devices[-1].options
    assert (Path(shop).parent / "conf.d/50-adopted.toml").stat().st_mode & 0o027 == 0
    unknown = run("devices", "adopt", "x", "usb://04b8:0202", "--config", shop)
    assert (unknown.exit_code, "--driver" in unknown.stderr) == (2, True)


def test_simulate_says_what_it_needs():
    assert "--tcp" in run("simulate", "escpos").stderr
    assert "there is no driver" in run("simulate", "none", "--pty").stderr
    assert "/options/sufix" in run("simulate", "serial_scanner", "--pty", "--option", "sufix=cr").stderr


async def test_a_simulated_device_and_its_panel():
    info = load_drivers().find("escpos")
    simulator = info.simulator(info.options())
    async with (
        serve_tcp(simulator) as port,
        serving_panel(simulator, 0) as panel,
        aiohttp.ClientSession(f"http://127.0.0.1:{panel}") as web,
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HELLO\n\n\n\x1dV\x00")
        await writer.drain()
        for _ in range(200):
            async with web.get("/state") as answer:
                state = (await answer.json())["state"]
            if state["texts"]:
                break
        assert state["texts"][0][0].strip() == "HELLO"
        async with web.get("/picture") as answer:
            assert (await answer.read()).startswith(b"\x89PNG")
        async with web.put("/faults/paper_end", json={"on": True}) as answer:
            assert [one["name"] for one in (await answer.json())["faults"] if one["active"]] == ["paper_end"]
        for method, path, body in (("put", "/faults/none", {"on": True}), ("post", "/actions", {"action": "none"})):
            async with getattr(web, method)(path, json=body) as answer:
                assert answer.status == 400
        async with web.post("/actions", json={"action": "load_paper"}) as answer:
            assert answer.status == 200
        async with web.get("/", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 421
        async with web.get("/") as answer:
            assert "Simulated device" in await answer.text()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


KINDS = {
    "labels": "zpl", "scale": "scale_toledo", "glass": "line_display", "digits": "led8n", "drawer": "serial_drawer",
    "scanner": "serial_scanner", "card": "nccc",
}  # fmt: skip


def ready(shop, *devices):
    for _ in range(200):
        listed = json.loads(run("devices", "list", "--json", "--config", shop).stdout)
        if {one["id"] for one in listed if one["state"] == "ready"} >= set(devices):
            return
    raise AssertionError(listed)


def test_every_kind_of_device_is_tried_by_one_command(shop):
    for name, driver in KINDS.items():
        url = f"sim://{name}"
        adopted = run("devices", "adopt", name, url, "--driver", driver, "--config", shop)
        assert "config.toml: [[tills]]" in adopted.stdout, adopted.output
    ready(shop, "printer-1", *KINDS)

    def tried(device, *more):
        return run("devices", "test", device, *more, "--config", shop)

    assert " is done." in tried("printer-1").stdout
    assert " is done." in tried("printer-1", "--what", "kick").stdout
    assert " is done." in tried("labels").stdout
    assert tried("drawer").stdout.rstrip().endswith(("done.", "sent."))
    assert "should show edge-hub 0123456789 / TEST" in tried("glass").stdout
    assert "should show 1234.56" in tried("digits").stdout
    assert "no steady weight" in tried("scale").stderr
    assert run("devices", "act", "scale", "put", "1250", "--config", shop).exit_code == 0
    assert "1250 g" in tried("scale").stdout
    assert (tried("card").exit_code, tried("glass", "--what", "print").exit_code) == (2, 2)
    over = threading.Event()

    def scans():
        while not over.is_set():
            body = {"action": "scan", "value": "9521234000174"}
            Control(shop).send("POST", "/v1/devices/scanner/simulator/actions", body)

    hand = threading.Thread(target=scans, name="scans")
    hand.start()
    try:
        read = tried("scanner", "--json")
    finally:
        over.set()
        hand.join()
    assert read.exit_code == 0, read.output
    assert json.loads(read.stdout)["data"] == "9521234000174"


def test_a_page_that_cannot_be_printed_is_said_at_once(shop):
    ready(shop, "printer-1")
    assert run("devices", "break", "printer-1", "cover_open", "--config", shop).exit_code == 0
    for _ in range(200):
        if "cover" in run("devices", "list", "--config", shop).stdout:
            break
    tried = run("devices", "test", "printer-1", "--config", shop)
    assert "is queued" in tried.stdout
    assert "cover" in tried.stdout
