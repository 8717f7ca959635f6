"""What the technicians' page asks for beside the till: the log's tail, a scan waited for."""

import asyncio
import logging

import pytest


@pytest.fixture
async def running(shop):
    """The shop with its devices at work."""
    work = asyncio.create_task(shop.services.devices.run())
    yield shop
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_the_log_is_read_from_where_it_was_left(shop):
    with shop.services.logs.following():
        log = logging.getLogger("test.console")
        log.warning("first")
        log.error("second")
        shown = (await shop.ask("GET", "/v1/logs?level=warning")).body["lines"]
        mine = [line for line in shown if line["logger"] == "test.console"]
        assert [(line["level"], line["text"]) for line in mine] == [("warning", "first"), ("error", "second")]
        log.error("third")
        newer = (await shop.ask("GET", f"/v1/logs?level=error&after={mine[-1]['seq']}")).body["lines"]
        assert [line["text"] for line in newer if line["logger"] == "test.console"] == ["third"]


async def test_logs_and_scans_are_for_those_who_manage_devices(shop):
    await shop.sign_in("clerk")
    for path in ("/v1/logs", "/v1/devices/scanner/scan?wait_s=0"):
        assert (await shop.ask("GET", path)).body["type"] == "/problems/permission-needed"


async def test_a_scan_is_waited_for(running):
    shop = running
    nothing = await shop.ask("GET", "/v1/devices/scanner/scan?wait_s=0")
    assert nothing.body == {"data": None, "aim": ""}
    waiting = asyncio.create_task(shop.ask("GET", "/v1/devices/scanner/scan"))
    while not waiting.done():
        await shop.ask("POST", "/v1/devices/scanner/simulator/actions", {"action": "scan", "value": "4006381333931"})
    assert waiting.result().body["data"] == "4006381333931"
    assert (await shop.ask("GET", "/v1/devices/printer/scan")).body["type"] == "/problems/device-cannot"
    assert (await shop.ask("GET", "/v1/devices/none/scan")).status == 404


async def test_the_console_is_served(shop):
    page = await shop.ask("GET", "/console/", token="")
    assert page.status == 200
    assert b"/console/main.mjs" in page.raw
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert (await shop.ask("GET", "/console", token="")).headers["Location"] == "/console/"


async def test_a_drill_is_started_told_and_stopped(running):
    shop = running
    assert (await shop.ask("GET", "/v1/drills")).body == {"drill": None}
    while (await shop.ask("GET", "/v1/devices/scanner")).body["state"] != "ready":
        pass
    work = asyncio.create_task(shop.services.drills.run())
    try:
        started = await shop.ask("POST", "/v1/drills", {"name": "scanner_gone"})
        assert (started.status, started.body["device"], started.body["verdict"]) == (202, "scanner", "running")
        second = await shop.ask("POST", "/v1/drills", {"name": "scanner_gone"})
        assert second.body["type"] == "/problems/drill-running"
        assert (await shop.ask("DELETE", "/v1/drills")).status == 204
        while (report := (await shop.ask("GET", "/v1/drills")).body["drill"])["verdict"] == "running":
            pass
        assert report["verdict"] == "cancelled"
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def test_a_hub_inside_another_program_is_not_restarted(shop):
    refused = await shop.ask("POST", "/v1/drills", {"name": "hub_restart"})
    assert (refused.status, refused.body["type"]) == (409, "/problems/restart-impossible")
    assert (await shop.ask("GET", "/v1/drills")).body == {"drill": None}
