"""One HTTPS request at a time to a provider, and certainty about whether any of it left.

Every request has a connection of its own: the moment at which its first byte may leave is then known, and no request is
in doubt because a kept connection had died.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
from yarl import URL

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import BadFrame, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.timing import done_within

BODY_BYTES_MAX = 64 * 1024
"""Answers are a few hundred bytes; more is none of a payment service."""
CONNECTIONS_MAX = 8
"""At once, to one provider."""
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it goes out. `url` is whole and already percent-encoded."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Call({self.method} {URL(self.url, encoded=True).path})"


def _nothing() -> None:
    """Nobody wants to know."""


class Http:
    """Requests of one wallet. Made by `opened`."""

    def __init__(self, session: aiohttp.ClientSession, clock: DriverClock, *, connect_s: float, read_s: float) -> None:
        self._session = session
        self._clock = clock
        self._connect_s = connect_s
        self._read_s = read_s

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, clock: DriverClock, *, connect_s: float, read_s: float, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator["Http"]:
        """`connect_s`: name, TCP and TLS together; `read_s`: from then to the end of the answer. `tls`: with the
        merchant's certificate, where the provider asks for one.
        """
        tracing = aiohttp.TraceConfig()
        tracing.on_connection_create_end.append(_connected)
        connector = aiohttp.TCPConnector(force_close=True, limit=CONNECTIONS_MAX, ssl=tls if tls is not None else True)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            headers={"User-Agent": "edge-hub", "Accept-Encoding": "identity"},
            trace_configs=[tracing],
        ) as session:
            yield cls(session, clock, connect_s=connect_s, read_s=read_s)

    async def send(self, call: Call, *, sent: Callable[[], None] = _nothing) -> bytes:
        """The body of the answer. `sent` is called right before the first byte may leave.

        Raises DeviceRefused (OFFLINE) when nothing left, DeviceTimeout, DeviceLost or BadFrame (no answer of a payment
        service) when something may have arrived.
        """
        start: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def begin() -> None:
            if not start.done():
                sent()
                start.set_result(None)

        work = asyncio.ensure_future(self._exchange(call, begin))
        try:
            if await done_within(self._clock, self._connect_s, work, start):
                await done_within(self._clock, self._read_s, work)
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait([work])
        if work.cancelled():
            if start.done():
                raise DeviceTimeout(f"no answer within {self._read_s:g} s")
            raise _offline(f"not reached within {self._connect_s:g} s")
        try:
            return work.result()
        except (aiohttp.ClientError, OSError) as error:
            what = getattr(error, "strerror", None) or type(error).__name__
            if start.done():
                raise DeviceLost(f"the connection ended before the answer ({what})") from None
            raise _offline(what) from None

    async def _exchange(self, call: Call, begin: Callable[[], None]) -> bytes:
        async with self._session.request(
            call.method,
            URL(call.url, encoded=True),
            data=call.body or None,
            headers=call.headers,
            allow_redirects=False,
            trace_request_ctx=begin,
        ) as response:
            body = bytearray()
            async for piece in response.content.iter_any():
                body += piece
                if len(body) > BODY_BYTES_MAX:
                    raise BadFrame(f"an answer of more than {BODY_BYTES_MAX} bytes")
            if response.status != OK:
                raise BadFrame(f"HTTP status {response.status}")
            return bytes(body)


def _offline(why: str) -> DeviceRefused:
    return DeviceRefused(f"no internet, nothing was sent: {why}", error_code=ErrorCode.OFFLINE)


async def _connected(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    context.trace_request_ctx()
