"""How many connections an HTTP server holds at a time, also when many come at once."""

import asyncio
from collections.abc import Callable

from aiohttp import web

HANDSHAKE_S = 10
"""For TLS: a connection counts once its handshake is done."""
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Door(asyncio.Protocol):
    """A connection until it is counted: let in, or one too many and told so."""

    def __init__(self, server: web.Server, connections_max: int) -> None:
        self._server = server
        self._connections_max = connections_max

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Over TLS, only once the handshake is done: so nobody is let in when accepted, before others are counted."""
        if not isinstance(transport, asyncio.Transport):
            transport.close()
        elif len(self._server.connections) >= self._connections_max:
            transport.write(REFUSAL)
            transport.close()
        else:
            handler = self._server()
            transport.set_protocol(handler)
            handler.connection_made(transport)


def admitting(runner: web.AppRunner, connections_max: int) -> Callable[[], asyncio.Protocol]:
    """What makes the protocols of a listener's connections: the runner's, or a refusal beyond `connections_max`."""
    server = runner.server
    if server is None:
        raise RuntimeError("the runner is not set up")
    return lambda: _Door(server, connections_max)
