"""Listeners: the application on TCP, TLS and a unix socket, with a limit on connections and an orderly stop."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from edge_hub.admission import HANDSHAKE_S, admitting
from edge_hub.api.app import GATE, STREAM

BACKLOG_MAX = 256
SOCKET_MODE = 0o600


def _is_ours(record: logging.LogRecord) -> bool:
    """Not bytes that are no HTTP: they were answered, and whoever sends them must not fill the log with tracebacks."""
    raised = record.exc_info[1] if record.exc_info else None
    return not isinstance(raised, HttpProcessingError)


_log = logging.getLogger("edge_hub.api.http")
_log.addFilter(_is_ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where one application is reached: `host` and `port` (0: the system chooses), or a unix socket's `path`."""

    host: str = ""
    port: int = 0
    tls: ssl.SSLContext | None = None
    path: Path | None = None


@asynccontextmanager
async def serving(app: web.Application, listeners: Sequence[Listener]) -> AsyncIterator[list[tuple[str, int]]]:
    """Serve `app` while the block runs; yields the TCP addresses in the order of `listeners`.

    At the end: no new connections, sockets are told, requests in hand have `stop_s`. A fault of the event stream ends
    the block (a core task). Raises OSError when an address cannot be had.
    """
    limits = app[GATE].limits
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_log,
        handle_signals=False,
        keepalive_timeout=limits.idle_s,
        max_line_size=limits.header_line_bytes_max,
        max_field_size=limits.header_line_bytes_max,
        max_headers=limits.headers_max,
        auto_decompress=False,
        shutdown_timeout=limits.stop_s,
        lingering_time=1.0,
    )
    await runner.setup()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        stream = group.create_task(app[STREAM].run(), name="events")
        stack.callback(stream.cancel)
        addresses: list[tuple[str, int]] = []
        for listener in listeners:
            server = await _listen(admitting(runner, limits.connections_max), listener)
            stack.callback(server.close)
            addresses += [sock.getsockname()[:2] for sock in server.sockets if sock.family != socket.AF_UNIX]
        yield addresses


async def _listen(protocols: Callable[[], asyncio.Protocol], listener: Listener) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if listener.path is None:
        return await loop.create_server(
            protocols,
            listener.host,
            listener.port,
            ssl=listener.tls,
            ssl_handshake_timeout=HANDSHAKE_S if listener.tls else None,
            backlog=BACKLOG_MAX,
            reuse_address=True,
        )
    listener.path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(str(listener.path))
    listener.path.chmod(SOCKET_MODE)  # before it listens: nobody can have connected
    return await loop.create_unix_server(protocols, sock=sock, backlog=BACKLOG_MAX)
