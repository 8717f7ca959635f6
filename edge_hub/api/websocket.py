"""/v1/events: subscribe, hello, snapshots, replay from the journal, then live, with no gap and nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web
from pydantic_core import to_json

from edge_hub.api import codec, events, validate
from edge_hub.api.gate import CONSOLE, Gate
from edge_hub.api.limits import Limits
from edge_hub.api.problem import BadHttp, locale_of
from edge_hub.api.schemas import baskets, devices, payments
from edge_hub.api.schemas.events import SCHEMA_VERSION, SubscribeBody
from edge_hub.api.socket import (
    CLOSE_AUTH_TIMEOUT,
    CLOSE_CODES,
    CLOSE_PROTOCOL,
    CLOSE_SLOW,
    CLOSE_TOO_MANY,
    CLOSE_UNAUTHENTICATED,
    Socket,
)
from edge_hub.api.stream import RESYNC, EventStream
from edge_hub.domain.basket import BasketState
from edge_hub.errors import Invalid, Limited, Unauthenticated
from edge_hub.words import best_locale

AUTH_S = 5.0
PING_PERIOD_S = 20.0
CLOSE_S = 2.0
"""For the client to answer a close; then the connection is dropped."""
REPLAY_SEND_S = 10.0
"""For a client to take one page of the replay."""
MESSAGE_BYTES_MAX = 4096
"""From a client."""
REPLAY_EVENTS_MAX = 50_000
"""A client further behind reads everything again instead (`resync`)."""


def socket_handler(
    gate: Gate, stream: EventStream, limits: Limits
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of /v1/events."""

    async def websocket_events(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(
            heartbeat=PING_PERIOD_S, timeout=CLOSE_S, compress=False, max_msg_size=MESSAGE_BYTES_MAX
        )
        if not ws.can_prepare(request).ok:
            raise BadHttp("This address speaks WebSocket only.", why="websocket-only")
        await ws.prepare(request)
        if stream.sockets >= limits.sockets_max:
            await _close(ws, request, CLOSE_TOO_MANY)
            return ws
        subscribed = await _subscribe(ws, request, gate, stream.services.settings.card.locale)
        if isinstance(subscribed, int):
            await _close(ws, request, subscribed)
            return ws
        socket, wanted = subscribed
        await _serve(ws, request, socket, wanted, stream)
        return ws

    return websocket_events


async def _subscribe(
    ws: web.WebSocketResponse, request: web.Request, gate: Gate, default: str
) -> tuple[Socket, SubscribeBody] | int:
    """The first message, or the code to close with; `default`: the language of whoever names none."""
    try:
        message = await ws.receive(timeout=AUTH_S)
    except TimeoutError:
        return CLOSE_AUTH_TIMEOUT
    if message.type is not WSMsgType.TEXT:
        return CLOSE_PROTOCOL
    try:
        raw = message.data.encode()
        wanted = validate.body(SubscribeBody, raw, codec.read_json(raw))
        who = CONSOLE if gate.local else await gate.authenticate(wanted.token, request.remote or "")
    except (Invalid, UnicodeEncodeError):
        return CLOSE_PROTOCOL
    except Unauthenticated:
        return CLOSE_UNAUTHENTICATED
    except Limited:
        return CLOSE_TOO_MANY
    locale = best_locale(wanted.locale, default) if wanted.locale else locale_of(request, default)
    return Socket(who, "" if gate.local else wanted.token, locale), wanted


async def _serve(
    ws: web.WebSocketResponse, request: web.Request, socket: Socket, wanted: SubscribeBody, stream: EventStream
) -> None:
    """Until either side has enough."""
    stream.join(socket)
    reading = asyncio.create_task(_read(ws), name="socket read")
    sending = asyncio.create_task(_send(ws, socket, wanted, stream), name="socket send")
    try:
        waited: set[asyncio.Future[Any]] = {reading, sending, socket.ending}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stream.leave(socket)
        reading.cancel()
        sending.cancel()
        await asyncio.wait({reading, sending})
    if socket.ending.done():
        code = socket.ending.result()
        if code == CLOSE_SLOW:
            stream.metrics.sockets_cut.inc()
        await _close(ws, request, code)
        return
    failed = next((task.exception() for task in (reading, sending) if not task.cancelled()), None)
    if failed is not None and not isinstance(failed, ConnectionError):
        raise failed
    if not ws.closed:
        await _close(ws, request, CLOSE_PROTOCOL)


async def _read(ws: web.WebSocketResponse) -> None:
    """A subscriber says nothing more: returns when it leaves, or breaks that rule."""
    await ws.receive()


async def _send(ws: web.WebSocketResponse, socket: Socket, wanted: SubscribeBody, stream: EventStream) -> None:
    services, locale = stream.services, socket.locale
    head = services.journal.head
    behind = head.seq - wanted.after if wanted.after is not None else 0
    replay = wanted.after is not None and 0 <= behind <= REPLAY_EVENTS_MAX and wanted.epoch in {None, head.epoch}
    socket.cursor = wanted.after if replay and wanted.after is not None else stream.seq
    socket.live = not replay
    states = (BasketState.OPEN, BasketState.PARKED)
    for first in (
        {"type": "hello", "schema": SCHEMA_VERSION, "epoch": head.epoch, "seq": stream.seq},
        {"type": "devices", "devices": [devices.device(one, locale) for one in services.devices.snapshots()]},
        {"type": "baskets", "baskets": [baskets.basket(one) for one in services.checkout.list(states)]},
        {
            "type": "payments",
            "payments": [
                payments.of(one.payment.id, services.payments, locale) for one in services.payments.attended()
            ],
        },
    ):
        await ws.send_frame(to_json(first), WSMsgType.TEXT)
    if replay:
        await _replay(ws, socket, stream)
    elif wanted.after is not None:
        await ws.send_frame(RESYNC, WSMsgType.TEXT)
    await ws.send_frame(to_json({"type": "caught_up", "seq": socket.cursor}), WSMsgType.TEXT)
    stream.weights.greet(socket)
    while True:
        await ws.send_frame(await socket.next(), WSMsgType.TEXT)
        stream.metrics.messages.inc()


async def _replay(ws: web.WebSocketResponse, socket: Socket, stream: EventStream) -> None:
    """Journal pages until the live stream is reached; between the last look and `live` nothing else runs."""
    reader = stream.services.journal.reader
    while socket.cursor < stream.seq:
        page = events.rows_after(reader, socket.cursor, _PAGE_MAX)
        if not page:
            break
        try:
            async with asyncio.timeout(REPLAY_SEND_S):
                for row in page:
                    doc = events.event(row)
                    if socket.may_see(doc["type"]):
                        message = to_json({"type": "journal", "seq": doc["seq"], "event": doc})
                        await ws.send_frame(message, WSMsgType.TEXT)
                    socket.cursor = doc["seq"]
        except TimeoutError:
            socket.end(CLOSE_SLOW)
            return
        await asyncio.sleep(0)
    socket.live = True


_PAGE_MAX = 100


async def _close(ws: web.WebSocketResponse, request: web.Request, code: int) -> None:
    """Say why and wait a moment for the answer; a client that does not even read that is dropped."""
    reason = CLOSE_CODES.get(code, "").encode()[:_REASON_BYTES_MAX]
    try:
        async with asyncio.timeout(CLOSE_S):
            await ws.close(code=code, message=reason, drain=False)
    except TimeoutError:
        pass
    transport = request.transport
    if transport is not None:
        transport.abort()


_REASON_BYTES_MAX = 123
"""A control frame holds 125 bytes, two are the code (RFC 6455, 5.5)."""
