"""The HTTP edge: hosts, origins, bodies, headers, limits, languages - whatever is sent, the answer is a problem."""

import asyncio
import json

import aiohttp
import msgpack
import pytest
from api_shop import open_shop

from edge_hub.api.limits import Limits
from edge_hub.api.problem import problem_types, status_of

SELL = "/v1/sales"


def problem(answer, code, status):
    assert (answer.status, answer.body["type"]) == (status, f"/problems/{code}"), answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["instance"].endswith(answer.headers["X-Request-Id"])
    return answer.body


BODIES = [
    (b"", "syntax"),
    (b"{", "syntax"),
    (b"[]", "model_type"),
    (b"null", "model_type"),
    (b'{"till":"t1","till":"t2"}', "duplicate"),
    (b'{"till":"t1","t\\u0069ll":"t2"}', "duplicate"),
    (b'{"lines":NaN}', "syntax"),
    (b'{"lines":Infinity}', "syntax"),
    (b'{"sold_at_ms":' + b"9" * 5000 + b"}", "syntax"),
    (b'{"sold_at_ms":1e400}', "int_type"),
    (b"[" * 100_000, "depth"),
    (b'{"a":' * 100_000, "depth"),
    (b"\xff\xfe{\x00}\x00", "encoding"),
    (b'{"till":"\xed\xa0\x80"}', "encoding"),
    (b'{"till":"\\ud800"}', "json_invalid"),
    (b'\xef\xbb\xbf{"till":"t1"}', "syntax"),
    (b"{} {}", "syntax"),
]


async def test_a_body_that_is_no_good_is_a_problem(shop):
    for body, code in BODIES:
        answer = await shop.ask("POST", SELL, data=body, headers={"Content-Type": "application/json"})
        found = problem(answer, "invalid-request", 400)
        assert code in {fault["code"] for fault in found["faults"]}, body[:40]


async def test_every_fault_is_told_at_once_with_its_pointer(shop):
    body = {
        "lines": [{"product_id": "x", "quantity_milli": "many"}, {"quantity_milli": 0}, 7],
        "tenders": [{"type": "Cash!", "amount": 1.5, "a/b~c": 1}],
        "colour": "red",
    }
    found = problem(await shop.ask("POST", SELL, body), "invalid-request", 400)
    assert {fault["pointer"] for fault in found["faults"]} == {
        "/colour", "/lines/0/quantity_milli", "/lines/1/quantity_milli", "/lines/2", "/tenders/0/type",
        "/tenders/0/amount", "/tenders/0/a~1b~0c",
    }  # fmt: skip


async def test_pointers_name_no_branch_of_a_union(shop):
    body = {"device": "printer", "document": {"blocks": [{"type": "text", "text": 7}, {"type": "wave"}]}}
    found = problem(await shop.ask("POST", "/v1/jobs", body), "invalid-request", 400)
    assert {fault["pointer"] for fault in found["faults"]} == {"/document/blocks/0/text", "/document/blocks/1"}


async def test_query_faults(shop):
    for query in ("limit=0", "limit=501", "limit=1_0", "limit=%201", "limit=1&limit=2", "colour=red", "after=1e3"):
        answer = await shop.ask("GET", f"/v1/sales?{query}")
        found = problem(answer, "invalid-request", 400)
        assert found["faults"][0]["pointer"] == f"/{query.partition('=')[0]}"


async def test_media_types(shop):
    body = json.dumps({"minutes": 5}).encode()
    for content_type in ("text/plain", "application/xml", "application/json; charset=utf-16", ""):
        answer = await shop.ask("POST", "/v1/pairing/window", data=body, headers={"Content-Type": content_type})
        problem(answer, "unsupported-media-type", 415)
    packed = await shop.ask(
        "POST",
        "/v1/pairing/window",
        data=body,
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    problem(packed, "unsupported-media-type", 415)
    for accept in ("text/html", "application/json;q=0", "application/*;q=0, */*;q=0"):
        problem(await shop.ask("GET", "/v1/staff", headers={"Accept": accept}), "not-acceptable", 406)
    for accept in ("*/*", "text/html, application/*;q=0.1", "application/json;q=0.5, application/msgpack;q=0.4"):
        answer = await shop.ask("GET", "/v1/staff", headers={"Accept": accept})
        assert answer.headers["Content-Type"] == "application/json"


async def test_msgpack_both_ways(shop):
    product = await shop.product()
    body = {
        "lines": [{"product_id": product["id"], "quantity_milli": 1000}],
        "tenders": [{"type": "cash", "amount": 120}],
    }
    headers = {"Content-Type": "application/msgpack", "Accept": "application/msgpack, application/json;q=0.9"}
    sold = await shop.ask("POST", SELL, data=msgpack.packb(body), headers=headers)
    assert sold.headers["Content-Type"] == "application/msgpack"
    assert msgpack.unpackb(sold.raw)["total"] == 120


PACKED = [
    b"",
    b"\xc1",
    msgpack.packb({"minutes": 5}) + b"\x00",
    b"\x82\xa7minutes\x05\xa7minutes\x06",
    msgpack.packb({"minutes": float("nan")}),
    msgpack.packb({"minutes": msgpack.ExtType(5, b"x")}),
    msgpack.packb({"minutes": msgpack.Timestamp(1)}),
    b"\x81\xa7minutes\xa2\xff\xff",
    b"\x91" * 2000,
    b"\xdd\xff\xff\xff\xff",
    b"\x81\x01\x02",
    b"\x81\xc4\x01\xff\x02",
]


async def test_msgpack_that_is_no_good_is_a_problem(shop):
    for body in PACKED:
        headers = {"Content-Type": "application/msgpack"}
        problem(await shop.ask("POST", "/v1/pairing/window", data=body, headers=headers), "invalid-request", 400)


async def test_hosts_are_exact(shop):
    port = shop.base.rpartition(":")[2]
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1",
        f"localhost:{port}",
        f"hub.local:{int(port) + 1}",
        "[::1]",
    ):
        problem(await shop.ask("GET", "/v1/hub", headers={"Host": host}), "misdirected", 421)
    for host in (f"127.0.0.1:{port}", f"hub.local:{port}", f"HUB.local:{port}"):
        assert (await shop.ask("GET", "/v1/hub", headers={"Host": host})).status == 200


async def test_foreign_pages_are_refused(shop):
    for origin in ("http://evil.example", "null", "https://" + shop.base.partition("//")[2]):
        answer = await shop.ask("GET", "/v1/hub", headers={"Origin": origin})
        problem(answer, "origin-refused", 403)
    same = await shop.ask("GET", "/v1/hub", headers={"Origin": shop.base})
    assert same.status == 200
    assert "Access-Control-Allow-Origin" not in same.headers


async def test_a_configured_origin_may_ask(tmp_path):
    async with open_shop(tmp_path, devices=(), origins=("https://office.example",)) as shop:
        headers = {"Origin": "https://office.example", "Access-Control-Request-Method": "POST"}
        preflight = await shop.ask("OPTIONS", SELL, headers=headers, token="", key=False)
        assert preflight.status == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == "https://office.example"
        other = await shop.ask(
            "OPTIONS", SELL, headers={**headers, "Origin": "https://evil.example"}, token="", key=False
        )
        problem(other, "origin-refused", 403)


async def test_unknown_paths_and_methods(shop):
    problem(await shop.ask("GET", "/nothing"), "no-such-path", 404)
    problem(await shop.ask("GET", "/v1/baskets/a%2Fb"), "no-such-path", 404)
    refused = await shop.ask("PUT", "/v1/hub")
    problem(refused, "method-not-allowed", 405)
    assert "GET" in refused.headers["Allow"]
    problem(await shop.ask("OPTIONS", "/v1/hub"), "method-not-allowed", 405)


async def test_tokens(shop):
    for header in ("", "Basic abc", "Bearer", "Bearer x", "Bearer " + "x" * 300):
        answer = await shop.ask("GET", "/v1/staff", token="", headers={"Authorization": header})
        problem(answer, "unauthenticated", 401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="edge-hub"'


async def test_guessing_tokens_is_slowed(shop):
    answers = [await shop.ask("GET", "/v1/staff", token="eh_wrong") for _ in range(25)]
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert (await shop.ask("GET", "/v1/staff")).status == 200


async def test_one_client_cannot_take_the_hub_from_the_others(tmp_path):
    async with open_shop(tmp_path, devices=(), limits=Limits(requests_per_s=1)) as shop:
        greedy, modest = await shop.pair(), await shop.pair("t2", "Other")
        statuses = [(await shop.ask("GET", "/v1/clients/me", token=greedy)).status for _ in range(12)]
        assert statuses[:10] == [200] * 10
        assert statuses[-1] == 429
        assert (await shop.ask("GET", "/v1/clients/me", token=modest)).status == 200


async def test_bodies_have_a_limit(tmp_path):
    async with open_shop(tmp_path, devices=(), limits=Limits(body_bytes_max=4096, requests_per_s=100)) as shop:
        shop.token = await shop.pair()
        await shop.sign_in("clerk")
        headers = {"Content-Type": "application/json"}
        problem(await shop.ask("POST", SELL, data=b" " * 5000, headers=headers), "body-too-large", 413)

        async def endless():
            for _ in range(100):
                yield b" " * 1000

        problem(await shop.ask("POST", SELL, data=endless(), headers=headers), "body-too-large", 413)
        fits = await shop.ask("POST", SELL, data=b" " * 4096, headers=headers)
        problem(fits, "invalid-request", 400)


async def _raw(shop, *parts):
    host, _, port = shop.base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for part in parts:
            writer.write(part.replace(b"HOST", f"{host}:{port}".encode()))
            await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_body_that_does_not_come_is_given_up(tmp_path):
    async with open_shop(tmp_path, devices=(), limits=Limits(body_wait_s=0.05)) as shop:
        request = (
            b"POST /v1/pairing HTTP/1.1\r\nHost: HOST\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: 100\r\n\r\n{"
        )
        assert b"408" in (await _raw(shop, request)).partition(b"\r\n")[0]


async def test_a_connection_that_says_nothing_is_closed(tmp_path):
    async with open_shop(tmp_path, devices=(), limits=Limits(idle_s=0.05)) as shop:
        assert await _raw(shop, b"GET /v1/hub HT") == b""


async def test_headers_have_limits(shop):
    long = await _raw(shop, b"GET /v1/hub HTTP/1.1\r\nHost: HOST\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
    assert b" 400 " in long.partition(b"\r\n")[0]
    many = b"".join(b"X%d: 1\r\n" % number for number in range(500))
    assert (
        b" 400 " in (await _raw(shop, b"GET /v1/hub HTTP/1.1\r\nHost: HOST\r\n" + many + b"\r\n")).partition(b"\r\n")[0]
    )
    assert b" 400 " in (await _raw(shop, b"GET /v1/hub HTTP/1.1\r\nConnection: close\r\n\r\n")).partition(b"\r\n")[0]


async def test_too_many_connections_are_told_so(tmp_path):
    async with open_shop(tmp_path, devices=(), limits=Limits(connections_max=2)) as shop:
        host, _, port = shop.base.removeprefix("http://").partition(":")
        open_ = [await asyncio.open_connection(host, int(port)) for _ in range(2)]
        reader, writer = await asyncio.open_connection(host, int(port))
        assert b"503" in await reader.readline()
        for _, each in (*open_, (reader, writer)):
            each.close()
            await each.wait_closed()


async def test_problems_speak_the_callers_language(shop):
    finnish = await shop.ask("GET", "/v1/products/nothing", headers={"Accept-Language": "fi, en;q=0.5"})
    english = await shop.ask("GET", "/v1/products/nothing", headers={"Accept-Language": "xx"})
    assert finnish.body["title"] != english.body["title"]
    assert finnish.headers["Content-Language"] == "fi"


async def test_each_problem_type_has_a_page(shop):
    for code, cls in problem_types().items():
        page = await shop.ask("GET", f"/problems/{code}", token="")
        assert page.body["status"] == status_of(cls)
    html = await shop.ask("GET", "/problems/forbidden", headers={"Accept": "text/html"}, token="")
    assert html.headers["Content-Type"].startswith("text/html")
    problem(await shop.ask("GET", "/problems/nothing", token=""), "no-such-path", 404)


async def test_request_ids_come_back(shop):
    assert (await shop.ask("GET", "/v1/hub", headers={"X-Request-Id": "abc-1"})).headers["X-Request-Id"] == "abc-1"
    made = (await shop.ask("GET", "/v1/hub", headers={"X-Request-Id": "no good"})).headers["X-Request-Id"]
    assert made != "no good"


async def test_a_fault_in_the_hub_is_a_problem_without_a_traceback(shop, monkeypatch, caplog):
    def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(shop.services.printing), "jobs", broken)
    answer = await shop.ask("GET", "/v1/jobs")
    problem(answer, "internal", 500)
    assert "secret" not in answer.raw.decode()
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(("path", "camera"), [("/till/", "(self)"), ("/console/", "()"), ("/docs/", "()")])
async def test_only_the_till_may_use_the_camera(shop, path, camera):
    page = await shop.ask("GET", path, token="")
    assert page.headers["Permissions-Policy"] == f"camera={camera}, geolocation=(), microphone=()"


async def test_pages(shop):
    root = await shop.ask("GET", "/", token="")
    assert (root.status, root.headers["Location"]) == (302, "/till/")
    page = await shop.ask("GET", "/docs/", token="")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "'unsafe" not in page.headers["Content-Security-Policy"]
    tag = page.headers["ETag"]
    assert (await shop.ask("GET", "/docs/", token="", headers={"If-None-Match": tag})).status == 304
    script = await shop.ask("GET", "/docs/docs.mjs", token="")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert (await shop.ask("GET", "/till/vendor/preact.mjs", token="")).status == 200
    for path in (
        "/docs/../api/app.py",
        "/docs/%2e%2e/%2e%2e/api/app.py",
        "/docs/.hidden",
        "/till/vendor/",
        "/docs/%00",
    ):
        async with shop.web.get(shop.base + path, allow_redirects=False) as answer:
            assert answer.status in {400, 404}, path


async def test_head_answers_without_a_body(shop):
    async with shop.web.head(shop.base + "/docs/") as answer:
        assert answer.status == 200
        assert await answer.read() == b""


async def test_stopping_lets_a_request_in_hand_finish(tmp_path):
    async with open_shop(tmp_path, devices=()) as shop:
        token = await shop.pair()
        gate = asyncio.Event()
        search = shop.services.catalogue.search

        async def slow(*args, **more):
            gate.set()
            await asyncio.sleep(0.05)
            return await search(*args, **more)

        type(shop.services.catalogue).search, kept = slow, type(shop.services.catalogue).search
        try:
            web = aiohttp.ClientSession()
            asking = asyncio.create_task(
                web.get(shop.base + "/v1/products", headers={"Authorization": f"Bearer {token}"})
            )
            await gate.wait()
        finally:
            type(shop.services.catalogue).search = kept
    async with asyncio.timeout(5):
        answer = await asking
        assert answer.status in {200, 500}
        await web.close()
