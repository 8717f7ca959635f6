"""The application: every endpoint, page and socket on one router."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import web

from edge_hub.api import asyncapi, codec, openapi, static
from edge_hub.api.endpoint import Endpoint
from edge_hub.api.front import front
from edge_hub.api.gate import Gate
from edge_hub.api.limits import Limits
from edge_hub.api.metrics import CONTENT_TYPE, Metrics
from edge_hub.api.pipeline import AioHandler, compile_endpoint
from edge_hub.api.routes.table import ENDPOINTS
from edge_hub.api.stream import EventStream
from edge_hub.api.websocket import socket_handler
from edge_hub.errors import EdgeHubError
from edge_hub.services.container import Services

SERVICES = web.AppKey("services", Services)
GATE = web.AppKey("gate", Gate)
METRICS = web.AppKey("metrics", Metrics)
STREAM = web.AppKey("stream", EventStream)


def create_app(
    services: Services,
    *,
    limits: Limits | None = None,
    hostnames: Iterable[str] = (),
    origins: Iterable[str] = (),
    local: bool = False,
    check_answers: bool = False,
    endpoints: Sequence[Endpoint] = ENDPOINTS,
) -> web.Application:
    """An application around these services.

    With `local` everybody who connects is the box's own console: for a unix socket of mode 0600 only. `check_answers`
    holds every answer against its declaration (tests). Whoever serves it also runs `app[STREAM].run()`.
    """
    limits = limits or Limits()
    metrics = Metrics()
    gate = Gate(services.access, services.clock, limits, hostnames=hostnames, origins=origins, local=local)
    services.payments.follow(metrics.payments.heard)
    stream = EventStream(services, metrics)
    locale, presence, now_ms = services.settings.card.locale, services.presence, services.clock.now_ms

    def answered() -> None:
        presence.answered_ms = now_ms()

    app = web.Application(middlewares=[front(gate, metrics, locale, answered)], client_max_size=limits.body_bytes_max)
    app[SERVICES], app[GATE], app[METRICS], app[STREAM] = services, gate, metrics, stream
    for endpoint in endpoints:
        handler = compile_endpoint(endpoint, services, gate, check_answers=check_answers)
        app.router.add_route(endpoint.method, endpoint.route, handler)
    app.router.add_get("/v1/events", socket_handler(gate, stream, limits), allow_head=False)
    app.router.add_get("/metrics", _metrics(services, metrics))
    app.router.add_get("/openapi.json", _made_once(lambda: openapi.document(endpoints, services.info.version)))
    app.router.add_get("/asyncapi.json", _made_once(lambda: asyncapi.document(services.info.version)))
    _pages(app)
    app.on_shutdown.append(_close_sockets)
    return app


def _pages(app: web.Application) -> None:
    app.router.add_get("/", static.to_till)
    for path, folder in sorted(static.PAGES.items(), key=lambda page: -len(page[0])):
        if "/" not in path:
            app.router.add_get(f"/{path}", _slash(path))
        app.router.add_get(f"/{path}/{{path:.*}}", static.page(folder))


def _slash(name: str) -> AioHandler:
    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/{name}/")

    return redirect


def _made_once(make: Any) -> AioHandler:
    """A document that takes long to make: in a thread, at the first request, once."""
    made: list[asyncio.Future[bytes]] = []

    async def document(_request: web.Request) -> web.StreamResponse:
        if not made:
            made.append(asyncio.ensure_future(asyncio.to_thread(lambda: codec.write(make(), codec.JSON))))
        body = await asyncio.shield(made[0])
        return web.Response(body=body, headers={"Content-Type": codec.JSON, "Cache-Control": "no-cache"})

    return document


def _metrics(services: Services, metrics: Metrics) -> AioHandler:
    async def metrics_text(_request: web.Request) -> web.StreamResponse:
        metrics.journal_seq.set(services.journal.head.seq)
        metrics.journal_ok.set(services.journal.health.state in {"ok", "verifying"})
        metrics.devices.clear()
        for device in services.devices.snapshots():
            metrics.devices.labels(device.state).inc()
        with suppress(EdgeHubError, sqlite3.Error):  # of a journal that cannot be read the rest is wanted all the more
            metrics.payments.unresolved.set(len(await services.payments.unresolved()))
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return metrics_text


async def _close_sockets(app: web.Application) -> None:
    await app[STREAM].close()
