"""Doors that speak HTTP: who may knock, from which pages of a browser, and how much at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from edge_hub.admission import admitting
from edge_hub.doors.access import Allowed

BODY_WAIT_S = 20.0
"""For all of a request to arrive."""
IDLE_CLOSE_S = 5.0
STOP_S = 3.0
PREFLIGHT_S = "600"
HEADER_BYTES_MAX = 8190
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gate:
    """Addresses, origins and the number of requests under way. A browser's page of another origin is turned away
    whatever it asks: what it cannot read could still print.
    """

    def __init__(self, allowed: Allowed, origins: Sequence[str], requests_max: int) -> None:
        self._allowed = allowed
        self._origins = frozenset(origins)
        self._requests_max = requests_max
        self._requests = 0

    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or turn away."""
        origin = request.headers.get("Origin")
        if not self._allowed.admits(request.remote or "") or (origin is not None and origin not in self._origins):
            return web.Response(status=403)
        if request.method == "OPTIONS":
            return self._marked(web.Response(status=204), origin)
        if self._requests >= self._requests_max:
            return self._marked(web.Response(status=503, headers={"Retry-After": "2"}), origin)
        self._requests += 1
        try:
            return self._marked(await handler(request), origin)
        except web.HTTPException as refusal:
            return self._marked(web.Response(status=refusal.status), origin)
        finally:
            self._requests -= 1

    def _marked(self, response: web.StreamResponse, origin: str | None) -> web.StreamResponse:
        if origin is not None:
            response.headers.update(
                {
                    "Access-Control-Allow-Origin": origin,
                    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
                    "Access-Control-Allow-Headers": "Content-Type, SOAPAction, If-Modified-Since",
                    "Access-Control-Allow-Private-Network": "true",
                    "Access-Control-Max-Age": PREFLIGHT_S,
                    "Vary": "Origin",
                }
            )
        return response


async def body(request: web.Request) -> bytes:
    """All of it. Raises HTTPRequestTimeout, HTTPRequestEntityTooLarge."""
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            return await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


@asynccontextmanager
async def serving_web(
    gate: Gate,
    routes: Sequence[web.RouteDef],
    *,
    host: str,
    port: int,
    body_bytes_max: int,
    connections_max: int,
    idle_s: int,
) -> AsyncIterator[tuple[str, int]]:
    """Serve `routes` while the block runs; yields the address. Raises OSError when it cannot be had."""

    @web.middleware
    async def gated(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await gate.admit(request, handler)

    app = web.Application(middlewares=[gated], client_max_size=body_bytes_max)
    app.add_routes(routes)
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=idle_s,
        max_line_size=HEADER_BYTES_MAX,
        max_field_size=HEADER_BYTES_MAX,
        shutdown_timeout=STOP_S,
        lingering_time=IDLE_CLOSE_S,
    )
    await runner.setup()
    try:
        listening = await asyncio.get_running_loop().create_server(admitting(runner, connections_max), host, port)
        try:
            yield listening.sockets[0].getsockname()[:2]
        finally:
            listening.close()
    finally:
        await runner.cleanup()
