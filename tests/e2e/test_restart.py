"""The drill that is real: the daemon starts anew in its own place, and a till goes on with its basket."""

import asyncio
import json
import socket
from pathlib import Path

import aiohttp
import pytest
from e2e_clients import Heard, Refused, Tablet
from e2e_hub import BARCODES, Hub

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

HELLO_S = 30.0
NOTICE_BYTES_MAX = 4096
KEY = {"Idempotency-Key": "restart-window"}


class Manager:
    """systemd's end of sd_notify."""

    def __init__(self, path) -> None:
        self.path = path
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(str(path))
        self._sock.setblocking(False)

    def heard(self) -> list[str]:
        """The states told so far, in order."""
        told: list[str] = []
        while True:
            try:
                words = self._sock.recv(NOTICE_BYTES_MAX).decode().splitlines()
            except BlockingIOError:
                return told
            told += [word for word in words if word.split("=")[0] in {"READY", "RELOADING", "STOPPING"}]

    def close(self) -> None:
        self._sock.close()


async def follow(session: aiohttp.ClientSession, tablet: Tablet) -> tuple[aiohttp.ClientWebSocketResponse, dict]:
    """A socket that has heard hello, and the baskets it was told of."""
    ws = await session.ws_connect(f"{tablet.hub.url}/v1/events")
    await ws.send_json({"type": "subscribe", "token": tablet.token, "after": None})
    async with asyncio.timeout(HELLO_S):
        while (message := await ws.receive_json())["type"] != "baskets":
            pass
    return ws, {basket["id"]: basket for basket in message["baskets"]}


async def report_of(tablet: Tablet) -> dict:
    """The last drill's, once it is over."""
    async with asyncio.timeout(60):
        while (report := (await tablet.get("/v1/drills"))["drill"])["verdict"] == "running":
            pass
    return report


def born(pid: int) -> str:
    """When the process began: the same after it became another program."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]


async def test_a_restart_keeps_the_process_the_basket_and_tells_what_it_cost(make_hub, tmp_path, request) -> None:
    manager = Manager(tmp_path / "notify")
    request.addfinalizer(manager.close)
    hub: Hub = make_hub(environment={"NOTIFY_SOCKET": str(manager.path)})
    await hub.start()
    pid, writer, began = hub.pid, hub.writer_pid, born(hub.pid)
    async with aiohttp.ClientSession() as session:
        tablet = Tablet(hub, session, "till-1", Heard())
        await tablet.pair("tablet")
        basket = await tablet.once("POST", "/v1/baskets", {})
        path = f"/v1/baskets/{basket['id']}"
        basket = await tablet.once("POST", f"{path}/lines", {"barcode": BARCODES[3]}, version=basket["version"])
        ws, told = await follow(session, tablet)
        assert told[basket["id"]]["version"] == basket["version"]

        first = len(hub.lines)
        asked = await tablet.once("POST", "/v1/drills", {"name": "hub_restart"})
        assert (asked["verdict"], asked["restart"]) == ("running", None)
        async with asyncio.timeout(HELLO_S):
            while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert ws.close_code == 1001
        await hub.logged(lambda line: line["event"] == "ready", first)

        assert (hub.pid, born(pid)) == (pid, began), "the same process, which systemd knows"
        assert hub.writer_pid != writer
        assert manager.heard() == ["READY=1", "RELOADING=1", "READY=1"]
        ws, told = await follow(session, tablet)
        assert told[basket["id"]]["lines"] == basket["lines"]
        report = await report_of(tablet)
        assert report["verdict"] == "held", report
        seen = dict(report["restart"])
        assert 0 < seen.pop("away_ms") < HELLO_S * 1000
        assert seen == {
            "in_place": True, "sockets": 1, "sockets_told": 1, "sockets_back": 1, "baskets": 1, "baskets_kept": 1,
            "jobs_waiting": 0, "jobs_unknown": 0, "payments_open": 0, "payments_in_doubt": 0,
        }  # fmt: skip
        assert [step["what"] for step in report["steps"]] == [
            "restart_asked", "last_answer", "sockets_told", "ready", "sockets_back",
        ]  # fmt: skip
        assert report["steps"][0]["seen"] == "Aino"
        sold = await tablet.once(
            "POST", f"{path}/tenders", {"type": "cash", "amount": basket["cash_due"]}, version=basket["version"]
        )
        assert sold["sale"] is not None
        await ws.close()

        await hub.stop()
        assert manager.heard() == ["STOPPING=1"], "a stop is a stop"
        await hub.start()
        again = (await tablet.get("/v1/drills"))["drill"]
        assert again == report, "kept until the next one, and it restarts nothing"


async def test_a_hub_that_would_not_come_back_is_not_restarted(make_hub) -> None:
    hub: Hub = make_hub()
    await hub.start()
    async with aiohttp.ClientSession() as session:
        tablet = Tablet(hub, session, "till-1", Heard())
        await tablet.pair("tablet")
        hub.config.write_text(hub.config.read_text() + "\n[shop]\n", encoding="utf-8")
        with pytest.raises(Refused) as refused:
            await tablet.once("POST", "/v1/drills", {"name": "hub_restart"})
        assert (refused.value.status, refused.value.problem["type"]) == (409, "/problems/restart-unsafe")
        assert "shop" in refused.value.problem["detail"], json.dumps(refused.value.problem)
        assert (await tablet.get("/v1/drills"))["drill"] is None
