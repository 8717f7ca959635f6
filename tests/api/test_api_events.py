"""/v1/events: the order of things, no gap and nothing twice, and clients that do not behave."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
from api_shop import LOCAL, open_shop

from edge_hub.api import socket as sockets
from edge_hub.api import websocket
from edge_hub.api.app import METRICS, STREAM
from edge_hub.api.limits import Limits
from edge_hub.bus import Wake
from edge_hub.sdk.messages import Scanned

WAIT_S = 10


@asynccontextmanager
async def events(shop, *, token=None, after=None, **more):
    async with shop.web.ws_connect(shop.socket_url(), max_msg_size=0) as ws:
        await ws.send_json(
            {"type": "subscribe", "token": shop.token if token is None else token, "after": after, **more}
        )
        yield ws


async def until(ws, kind, *, seen=None):
    """The next message of a kind; those before it go to `seen`."""
    async with asyncio.timeout(WAIT_S):
        while True:
            message = await ws.receive()
            assert message.type is aiohttp.WSMsgType.TEXT, message
            found = json.loads(message.data)
            if found["type"] == kind:
                return found
            if seen is not None:
                seen.append(found)


async def closed(ws):
    """The close code, whatever comes before it."""
    async with asyncio.timeout(WAIT_S):
        while (await ws.receive()).type not in {
            aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.ERROR,
        }:  # fmt: skip
            pass
    return ws.close_code


async def test_hello_snapshots_then_live(shop):
    async with events(shop) as ws:
        hello = await until(ws, "hello")
        assert hello["schema"] == 1
        assert hello["seq"] == shop.services.journal.head.seq
        assert len((await until(ws, "devices"))["devices"]) == 3
        assert (await until(ws, "baskets"))["baskets"] == []
        assert (await until(ws, "caught_up"))["seq"] == hello["seq"]
        opened = await shop.ask("POST", "/v1/baskets", {})
        assert (await until(ws, "basket"))["basket"]["id"] == opened.body["id"]
        sold = await shop.sell()
        journaled = await until(ws, "journal")
        assert journaled["seq"] == sold.body["seq"]
        assert journaled["event"]["body"]["sale"]["id"] == sold.body["id"]
        await shop.ask("PUT", "/v1/devices/printer/claim", {"lease_s": 5})
        assert (await until(ws, "device"))["device"]["claimed_by"]
        job = await shop.ask("POST", "/v1/devices/printer/test")
        while (await until(ws, "job"))["job"]["id"] != job.body["id"]:
            pass
        shop.bus.publish(Wake(topic="scan", key="scanner", value=Scanned(data="640", aim="]E0")))
        assert await until(ws, "scan") == {
            "type": "scan", "device": "scanner", "till": "t1", "data": "640", "aim": "]E0",
        }  # fmt: skip


async def test_scans_go_to_their_till_only(shop):
    other = await shop.pair("t2", "Other")
    async with events(shop, token=other) as ws:
        await until(ws, "caught_up")
        shop.bus.publish(Wake(topic="scan", key="scanner", value=Scanned(data="640")))
        shop.bus.publish(Wake(topic="device", key="printer"))
        seen = []
        await until(ws, "device", seen=seen)
        assert seen == []


async def test_a_claimed_scanner_is_heard_by_its_holder_alone(shop):
    other = await shop.pair("t1", "Other")
    async with events(shop) as holder, events(shop, token=other) as beside:
        await until(holder, "caught_up")
        await until(beside, "caught_up")
        await shop.ask("PUT", "/v1/devices/scanner/claim", {"lease_s": 60})
        await until(beside, "device")
        seen = []
        shop.bus.publish(Wake(topic="scan", key="scanner", value=Scanned(data="640")))
        shop.bus.publish(Wake(topic="device", key="printer"))
        assert (await until(holder, "scan"))["data"] == "640"
        await until(beside, "device", seen=seen)
        assert seen == []


async def test_a_tablet_that_is_gone_loses_what_it_claimed(shop):
    devices, told = shop.services.devices, []
    gone, devices.owner_gone = devices.owner_gone, told.append
    async with events(shop) as ws:
        await until(ws, "caught_up")
        await shop.ask("PUT", "/v1/devices/scanner/claim", {"lease_s": 600})
        holder = devices.claimed_by("scanner")
        async with events(shop) as second:
            await until(second, "caught_up")
        await until(ws, "device")
        assert told == []
    async with asyncio.timeout(WAIT_S):
        while not told:
            await shop.ask("GET", "/v1/hub")
    assert told == [holder]
    gone(holder)


async def test_replay_then_live_has_no_gap_and_nothing_twice(shop):
    """Sockets join at every moment of a busy time; each sees every sale once, in order."""
    await shop.sign_in("owner")
    async with asyncio.TaskGroup() as group:
        stop = asyncio.Event()

        async def sell():
            while not stop.is_set():
                assert (await shop.sell()).status == 201

        async def follow(after):
            async with events(shop, after=after) as ws:
                seqs, caught = [], None
                async with asyncio.timeout(WAIT_S):
                    while caught is None or len(seqs) < caught + 40:
                        message = json.loads((await ws.receive()).data)
                        if message["type"] == "journal":
                            seqs.append(message["seq"])
                            assert message["event"]["seq"] == message["seq"]
                        elif message["type"] == "caught_up":
                            caught = len(seqs)
                assert seqs == list(range(after + 1, after + 1 + len(seqs)))

        sellers = [group.create_task(sell()) for _ in range(4)]
        followers = []
        for _ in range(12):
            starts = (0, max(0, shop.services.journal.head.seq - 5))
            followers += [asyncio.create_task(follow(after)) for after in starts]
            await shop.sell()
        try:
            await asyncio.gather(*followers)
        finally:
            stop.set()
        await asyncio.gather(*sellers)


async def test_resync_when_the_replay_would_be_another_journal_or_too_long(shop, monkeypatch):
    async with events(shop, after=1, epoch="another") as ws:
        await until(ws, "resync")
        assert (await until(ws, "caught_up"))["seq"] == shop.services.journal.head.seq
    async with events(shop, after=10**9) as ws:
        await until(ws, "resync")
    monkeypatch.setattr(websocket, "REPLAY_EVENTS_MAX", 2)
    async with events(shop, after=0) as ws:
        await until(ws, "resync")


async def test_what_a_clerk_may_not_see_is_not_sent(shop):
    clerk = await shop.pair("t2", "Clerk's")
    await shop.sign_in("clerk", token=clerk)
    async with events(shop, token=clerk, after=0) as ws:
        seen = []
        await until(ws, "caught_up", seen=seen)
        kinds = {message["event"]["type"] for message in seen if message["type"] == "journal"}
        assert "catalogue.imported" in kinds
        assert not any(kind.startswith(("staff.", "client.")) for kind in kinds)
    async with events(shop, after=0) as ws:
        seen = []
        await until(ws, "caught_up", seen=seen)
        assert any(m["type"] == "journal" and m["event"]["type"] == "staff.signed_in" for m in seen)


async def test_signing_in_and_out_is_told(shop):
    async with events(shop) as ws:
        await until(ws, "caught_up")
        await shop.ask("DELETE", "/v1/session")
        assert (await until(ws, "session"))["staff"] is None
        await shop.sign_in("clerk")
        assert (await until(ws, "session"))["staff"]["role"] == "clerk"


async def test_a_revoked_client_is_cut_at_once(shop):
    other = await shop.pair("t2", "Other")
    me = (await shop.ask("GET", "/v1/clients/me", token=other)).body
    async with events(shop, token=other) as ws, events(shop) as mine:
        await until(ws, "caught_up")
        await until(mine, "caught_up")
        await shop.services.access.revoke(LOCAL, me["client_id"])
        assert await closed(ws) == sockets.CLOSE_UNAUTHENTICATED
        await shop.sell()
        await until(mine, "journal")


FIRST_MESSAGES = [
    ("{", sockets.CLOSE_PROTOCOL),
    ('{"type":"hello"}', sockets.CLOSE_PROTOCOL),
    ('{"type":"subscribe","token":"x","more":1}', sockets.CLOSE_PROTOCOL),
    ('{"type":"subscribe","token":"x","token":"y"}', sockets.CLOSE_PROTOCOL),
    ('{"type":"subscribe","token":"eh_wrong"}', sockets.CLOSE_UNAUTHENTICATED),
    ('{"type":"subscribe"}', sockets.CLOSE_UNAUTHENTICATED),
    (b"\x00", sockets.CLOSE_PROTOCOL),
]


async def test_a_wrong_first_message_closes(empty_shop):
    for first, code in FIRST_MESSAGES:
        async with empty_shop.web.ws_connect(empty_shop.socket_url()) as ws:
            await (ws.send_bytes(first) if isinstance(first, bytes) else ws.send_str(first))
            assert await closed(ws) == code, first


async def test_no_first_message_in_time_closes(empty_shop, monkeypatch):
    monkeypatch.setattr(websocket, "AUTH_S", 0.05)
    async with empty_shop.web.ws_connect(empty_shop.socket_url()) as ws:
        assert await closed(ws) == sockets.CLOSE_AUTH_TIMEOUT


async def test_a_subscriber_says_no_more(shop):
    async with events(shop) as ws:
        await until(ws, "caught_up")
        await ws.send_str("hello?")
        assert await closed(ws) == sockets.CLOSE_PROTOCOL


async def test_a_huge_message_closes(shop):
    async with shop.web.ws_connect(shop.socket_url()) as ws:
        await ws.send_str("x" * 10_000)
        assert await closed(ws) in {1009, sockets.CLOSE_PROTOCOL}


async def test_plain_http_is_told_to_speak_websocket(shop):
    answer = await shop.ask("GET", "/v1/events")
    assert (answer.status, answer.body["type"]) == (400, "/problems/bad-http")


async def test_a_client_that_does_not_read_is_cut_and_the_others_are_not(shop, monkeypatch):
    monkeypatch.setattr(sockets, "PENDING_MESSAGES_MAX", 50)
    stream, filler = shop.app[STREAM], b'{"type":"filler","x":"' + b"x" * 100_000 + b'"}'
    async with events(shop) as good, events(shop) as deaf:
        await until(good, "caught_up")
        await until(deaf, "caught_up")
        wire = deaf._response.connection.protocol.transport
        wire.pause_reading()
        async with asyncio.timeout(WAIT_S):
            while stream.sockets == 2:
                stream._offer(filler)
                await until(good, "filler")
        wire.resume_reading()
        assert await closed(deaf) == sockets.CLOSE_SLOW
        assert shop.app[METRICS].sockets_cut._value.get() == 1
        sold = await shop.sell()
        assert (await until(good, "journal"))["seq"] == sold.body["seq"]


async def test_sockets_have_a_limit(tmp_path):
    async with open_shop(tmp_path, devices=(), limits=Limits(sockets_max=1, requests_per_s=100)) as shop:
        shop.token = await shop.pair()
        async with events(shop) as ws:
            await until(ws, "caught_up")
            async with events(shop) as extra:
                assert await closed(extra) == sockets.CLOSE_TOO_MANY


async def test_stopping_tells_the_sockets(tmp_path):
    async with open_shop(tmp_path, devices=()) as shop:
        shop.token = await shop.pair()
        web = aiohttp.ClientSession()
        ws = await web.ws_connect(shop.socket_url())
        await ws.send_json({"type": "subscribe", "token": shop.token})
        await until(ws, "caught_up")
        closing = asyncio.create_task(closed(ws))
    assert await closing == sockets.CLOSE_GOING_AWAY
    await web.close()


async def test_the_console_needs_no_token(shop):
    connector = aiohttp.UnixConnector(str(shop.socket))
    async with (
        aiohttp.ClientSession(connector=connector) as console,
        console.ws_connect("http://localhost/v1/events") as ws,
    ):
        await ws.send_json({"type": "subscribe", "after": 0})
        seen = []
        await until(ws, "caught_up", seen=seen)
        assert any(message["type"] == "journal" for message in seen)


async def test_missed_wakes_make_everybody_look_again(shop):
    async with events(shop) as ws:
        await until(ws, "caught_up")
        for _ in range(2000):
            shop.bus.publish(Wake(topic="device", key="printer"))
        await until(ws, "resync")


async def test_many_sockets_hear_of_a_sale(shop):
    async with asyncio.timeout(60):
        opened = [await shop.web.ws_connect(shop.socket_url()) for _ in range(60)]
        for ws in opened:
            await ws.send_json({"type": "subscribe", "token": shop.token})
        for ws in opened:
            await until(ws, "caught_up")
        sold = await shop.sell()
        for ws in opened:
            assert (await until(ws, "journal"))["seq"] == sold.body["seq"]
        for ws in opened:
            await ws.close()
