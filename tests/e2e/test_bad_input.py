"""Everything that may arrive and should not: the hub says so, goes on, and keeps nothing of it."""

import asyncio
import json
import random
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from e2e_clients import Refused, device, drained, tablets, until
from e2e_forms import forms
from e2e_hub import BARCODES, free_port, printer
from e2e_paper import Papers, Printer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CODE = BARCODES[0]
ANSWER_S = 30.0
IDLE_S = 75.0
FDS_LOOKS_MAX = 400
LEAK_FDS_MAX = 3
"""Keep-alive connections of this test's own client come and go."""
JUNK_BYTES_MAX = 4096
FLOOD_BYTES = 1 << 20


async def say(hub, *pieces, half_close=False, listen=True):
    """Send bytes on a connection of their own; all that is answered until the hub closes, or b"" for not listening."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    heard = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if half_close:
            writer.write_eof()
        if listen:
            async with asyncio.timeout(ANSWER_S):
                heard = await reader.read(-1)
    except ConnectionError:
        pass
    finally:
        await hang_up(writer)
    assert b"Traceback" not in heard
    assert b".py" not in heard
    return heard


async def hang_up(writer):
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


def request(path="/healthz", *headers, close=True):
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1:{port}", *headers, *(["Connection: close"] if close else [])]
    return lambda hub: ("\r\n".join(lines) + "\r\n\r\n").format(port=hub.port).encode("latin-1")


BAD = {
    "huge header": request("/healthz", "X-Long: " + "a" * 40_000),
    "many headers": request("/healthz", *(f"X-{n}: 1" for n in range(500))),
    "huge path": request("/" + "a" * 40_000),
    "nul in path": request("/v1/\x00"),
    "no host": lambda _: b"GET /healthz HTTP/1.1\r\n\r\n",
    "other host": lambda _: b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "bad version": lambda _: b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "tls hello": lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "negative length": lambda _: b"POST /v1/sales HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "two lengths": lambda _: (
        b"POST /v1/sales HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "bad chunk": lambda _: b"POST /v1/sales HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
}


def open_files(hub):
    return tuple(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (hub.pid, hub.writer_pid))


async def files_back_to(hub, one, before):
    """Ask, answer by answer, until the hub has closed what it had open for those who left."""
    for _ in range(FDS_LOOKS_MAX):
        now = open_files(hub)
        if all(count <= was + LEAK_FDS_MAX for count, was in zip(now, before, strict=True)):
            return
        await one.get("/v1/hub")
    raise AssertionError(f"open files: {before} before, {now} after")


@pytest.mark.parametrize("connections", forms(200, 5000))
async def test_garbage_on_the_http_port(make_hub, connections):
    rng = random.Random(connections)  # noqa: S311  # reproducible, not secret
    hub = make_hub()
    await hub.start()
    async with tablets(hub, "till-1") as (one,):
        before = open_files(hub)
        for name, make in BAD.items():
            heard = await say(hub, make(hub), half_close=True)
            assert not heard.startswith(b"HTTP/1.1 2"), name
        for number in range(connections):
            junk = rng.randbytes(rng.randrange(1, JUNK_BYTES_MAX))
            whole = rng.choice([make(hub) for make in BAD.values()])
            cut = whole[: rng.randrange(len(whole))]
            await say(hub, rng.choice([junk, cut, cut + junk]), half_close=number % 3 == 0, listen=number % 3 == 0)
        await files_back_to(hub, one, before)
        await one.sell([CODE])
        assert (await one.get("/healthz"))["status"] == "ok"
    await hub.stop()


async def test_pipelined_half_closed_and_dribbled_requests(make_hub):
    hub = make_hub()
    await hub.start()
    one, last = request("/healthz", close=False)(hub), request("/healthz")(hub)
    heard = await say(hub, one + one + last)
    assert heard.count(b"HTTP/1.1 200") == 3
    heard = await say(hub, last, half_close=True)  # such a client has left, as far as the hub knows
    assert heard.count(b"HTTP/1.1 200") <= 1
    heard = await say(hub, *(last[at : at + 1] for at in range(len(last))))
    assert heard.count(b"HTTP/1.1 200") == 1
    await hub.stop()


async def test_connections_that_never_ask_do_not_keep_others_out_for_long(make_hub):
    """A bounded number of them is held; who comes then is told at once, and served when they are gone."""
    hub = make_hub(limits="connections_max = 40")
    await hub.start()
    async with tablets(hub, "till-1") as (one,):
        before = open_files(hub)
        held = []
        for _ in range(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
            writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
            held.append((reader, writer))
        refused = 0
        for reader, _ in held[-10:]:
            try:
                async with asyncio.timeout(ANSWER_S):
                    refused += (await reader.read(64)).startswith(b"HTTP/1.1 503")
            except ConnectionResetError:
                refused += 1  # what was sent on met the closed door before the answer was read
        assert refused == 10
        for _, writer in held:
            await hang_up(writer)
        await files_back_to(hub, one, before)
        await one.sell([CODE])
    await hub.stop()


@pytest.mark.campaign
async def test_a_request_that_never_ends_is_cut(make_hub):
    hub = make_hub()
    await hub.start()
    for begun in (
        b"",
        b"GET / HTTP/1.1\r\nX-Slow: ",
        b"POST /v1/pairing HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        writer.write(begun.replace(b"Host: x", b"Host: 127.0.0.1:%d" % hub.port))
        async with asyncio.timeout(IDLE_S + ANSWER_S):
            await reader.read(-1)
        await hang_up(writer)
    await hub.stop()


CODES = ["", "0", "952", "9" * 500, "９５２", "952\n", "'; DROP TABLE sales; --", "%00", "\U0001f9fe", "]C1" + "9" * 40]


async def test_bad_barcodes_and_bodies(make_hub):
    hub = make_hub()
    await hub.start()
    async with tablets(hub, "till-1") as (one,):
        basket = await one.do("POST", "/v1/baskets", {})
        path = f"/v1/baskets/{basket['id']}/lines"
        for code in CODES:
            with pytest.raises(Refused) as refused:
                await one.once("POST", path, {"barcode": code}, version=basket["version"])
            assert 400 <= refused.value.status < 500
            assert refused.value.problem["title"]
            if code:
                with pytest.raises(Refused, match=r"^4"):
                    await one.get(f"/v1/products/by-barcode/{quote(code, safe='')}")
        for body in (b"", b"{", b"[]", b"null", b'{"lines": 1}', b"\xff\xfe", b'{"a":' * 5000, b'{"lines": [1e999]}'):
            head = (
                f"POST /v1/sales HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\nAuthorization: Bearer {one.token}\r\n"
                f"Idempotency-Key: bad-body\r\nContent-Type: application/json\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            heard = await say(hub, head.encode() + body)
            assert heard.startswith(b"HTTP/1.1 4"), (body, heard[:200])
            assert json.loads(heard.partition(b"\r\n\r\n")[2])["type"].startswith("/problems/")
        assert hub.rows("SELECT count(*) FROM sales") == [(0,)]
        await one.do("POST", f"/v1/baskets/{basket['id']}/abandon", {"reason": "test"}, version=basket["version"])
    await hub.stop()


GOOD = "[store]\nid = 's'\nname = 'S'\ncurrency = 'EUR'\ntimezone = 'Europe/Helsinki'\n"
CONFIGS = {
    "unknown driver": None,
    "empty": b"",
    "no toml": b"this is not toml [[[",
    "binary": bytes(range(256)),
    "cut off": GOOD.encode()[:-20],
    "wrong types": (GOOD + "[network]\nport = 'many'\n").encode(),
    "unknown key": (GOOD + "[netwrok]\nport = 1\n").encode(),
}


async def test_a_bad_configuration_is_refused_in_words(make_hub):
    hub = make_hub({"p": {"driver": "telepathy", "url": "tcp://127.0.0.1:9100"}})
    for name, data in CONFIGS.items():
        if data is not None:
            hub.config.write_bytes(data)
        first = len(hub.lines)
        await hub.spawn()
        assert await hub.ended() == 78, name
        words = "\n".join(line["event"] for line in hub.lines[first:])
        assert "configuration needs a change" in words, name
    _, said = await hub.command("config", "check", status=78)
    assert "driver" in said or "netwrok" in said


CSVS = {
    "binary": bytes(range(256)) * 100,
    "no header": b"1,2,3\n4,5,6\n",
    "bad price": b"sku,name,price,tax_code,barcodes\nA,Apple,1.00,general,\nB,Bread,free,general,\n",
    "bad tax": b"sku,name,price,tax_code,barcodes\nA,Apple,1.00,nowhere,\n",
    "twice": b"sku,name,price,tax_code,barcodes\nA,Apple,1.00,general,\nA,Again,2.00,general,\n",
    "open quote": b'sku,name,price,tax_code,barcodes\nA,"Apple,1.00,general,\n',
    "endless line": b"sku,name,price,tax_code,barcodes\n" + b"a" * 3_000_000,
    "not utf-8": "sku,name,price,tax_code,barcodes\nA,Äpfel,1.00,general,\n".encode("utf-16"),
}


async def test_a_bad_catalogue_changes_nothing(make_hub, tmp_path):
    hub = make_hub()
    await hub.start()
    before = hub.rows("SELECT count(*), max(updated_ms) FROM products")
    for name, data in CSVS.items():
        path = tmp_path / f"{name.replace(' ', '-')}.csv"
        path.write_bytes(data)
        out, said = await hub.command("catalogue", "import", str(path), status=1)
        assert said.strip(), name
        assert "Traceback" not in said + out, name
        assert hub.rows("SELECT count(*), max(updated_ms) FROM products") == before, name
        if name.startswith("bad price"):
            assert "3" in said, "the line's number"
    assert "Traceback" not in str(hub.lines)
    async with tablets(hub, "till-1") as (one,):
        await one.sell([CODE])
    await hub.stop()


@asynccontextmanager
async def babbling(port, rng):
    """Something on a printer's port that is no printer: it answers with noise, a flood, or by hanging up."""
    talking = set()

    async def talk(reader, writer):
        talking.add(asyncio.current_task())
        try:
            how = rng.randrange(3)
            while how < 2 and await reader.read(4096):
                writer.write(rng.randbytes(FLOOD_BYTES if how else 64))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            await hang_up(writer)
            talking.discard(asyncio.current_task())

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        ending = tuple(talking)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await server.wait_closed()


async def test_a_device_that_babbles(make_hub):
    """Then the right printer is plugged in at the same place: the waiting receipts come out once."""
    paper, port = Printer(), free_port()
    paper.port = port
    async with babbling(port, random.Random(4)):  # noqa: S311  # reproducible, not secret
        hub = make_hub({"till-1-printer": printer(paper.url)})
        await hub.start()
        async with tablets(hub, "till-1") as (one,):
            sales = [await one.sell([CODE]) for _ in range(3)]

            async def away():
                found = await device(one, "till-1-printer")
                return found["state"] in {"offline", "fault"} and found["error_text"]

            assert "Traceback" not in await until(one, away)
            before = open_files(hub)
    async with paper.serve(), tablets(hub, "till-1") as (one,):
        await drained(one)
        states = {state for (state,) in hub.rows("SELECT state FROM jobs WHERE kind = 'print'")}
        assert states <= {"done", "sent", "unknown"}
        printed = [Papers(paper).whole[sale["receipt_label"]] for sale in sales]
        assert set(printed) <= {0, 1}
        unknown = hub.rows("SELECT count(*) FROM jobs WHERE kind = 'print' AND state IN ('unknown', 'sent')")
        assert sum(printed) + unknown[0][0] >= len(sales)
        await files_back_to(hub, one, before)
        assert not hub.said("crashed")
        await hub.stop()
