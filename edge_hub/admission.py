"""How many connections an HTTP server holds at a time, also when many come at once."""

import asyncio
from collections.abc import Callable

from aiohttp import web

HANDSHAKE_S = 10
"""For TLS: a connection counts once its handshake is done."""
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Refuse(asyncio.Protocol):
    """One connection too many: told so at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(REFUSAL)
        transport.close()


def admitting(runner: web.AppRunner, connections_max: int) -> Callable[[], asyncio.Protocol]:
    """What makes the protocols of a listener's connections: the runner's, or a refusal beyond `connections_max`."""
    server = runner.server
    if server is None:
        raise RuntimeError("the runner is not set up")
    loop = asyncio.get_running_loop()
    coming = 0  # asyncio accepts a whole backlog in one turn, and the server counts them in the next

    def arrived() -> None:
        nonlocal coming
        coming -= 1

    def protocol() -> asyncio.Protocol:
        nonlocal coming
        if len(server.connections) + coming >= connections_max:
            return _Refuse()
        coming += 1
        loop.call_soon(arrived)  # the transport puts connection_made right behind it
        return server()

    return protocol
