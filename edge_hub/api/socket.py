"""One WebSocket's side of the event stream: what it may see, what waits for it, and when it is cut."""

import asyncio
from collections import deque

from edge_hub.api.events import TILL_EVENTS, sees_all
from edge_hub.services.principal import Principal

PENDING_MESSAGES_MAX = 4096
PENDING_BYTES_MAX = 2 << 20
"""What may wait for one client beside what the kernel holds; one that leaves more unread is cut."""

CLOSE_GOING_AWAY = 1001
CLOSE_PROTOCOL = 4000
CLOSE_UNAUTHENTICATED = 4001
CLOSE_SLOW = 4008
CLOSE_AUTH_TIMEOUT = 4009
CLOSE_TOO_MANY = 4029
CLOSE_CODES = {
    CLOSE_GOING_AWAY: "the hub stops: connect again",
    CLOSE_PROTOCOL: "a message that is not part of the protocol",
    CLOSE_UNAUTHENTICATED: "the device token is not, or no longer, valid",
    CLOSE_SLOW: "the client did not read what was sent to it: connect again with `after`",
    CLOSE_AUTH_TIMEOUT: "no subscribe message came in time",
    CLOSE_TOO_MANY: "too many sockets, or connecting too often: wait, then connect again",
}


class Socket:
    """A bounded queue of encoded messages, filled by the stream and emptied by the socket's own task."""

    def __init__(self, who: Principal, token: str, locale: str) -> None:
        self.who = who
        self.locale = locale
        """One of the hub's four."""
        self.token = token
        self.cursor = 0
        """Journal events up to this one were sent by the replay."""
        self.live = False
        """The replay has met the live stream."""
        self.ending: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Close code, once the hub wants the socket gone."""
        self._pending: deque[bytes] = deque()
        self._pending_bytes = 0
        self._newest: dict[str, bytes] = {}
        self._ready = asyncio.Event()

    def follows(self, seq: int, event_type: str) -> bool:
        """Whether a live journal event is for this socket."""
        return self.live and seq > self.cursor and self.may_see(event_type)

    def may_see(self, event_type: str) -> bool:
        return event_type in TILL_EVENTS or sees_all(self.who)

    def hears(self, till: str | None, holder: str | None) -> bool:
        """Whether input of a device is for this socket: `till` is the one it is bound to, None for any; `holder` the
        client that has claimed it, which then is the only one to hear it.
        """
        if self.who.local:
            return True
        if holder is not None:
            return self.who.client == holder
        return till is None or self.who.till == till

    def offer(self, message: bytes) -> None:
        """Queue a message; a client too far behind is cut instead."""
        if self.ending.done():
            return
        if len(self._pending) >= PENDING_MESSAGES_MAX or self._pending_bytes + len(message) > PENDING_BYTES_MAX:
            self.end(CLOSE_SLOW)
            return
        self._pending.append(message)
        self._pending_bytes += len(message)
        self._ready.set()

    def offer_newest(self, key: str, message: bytes) -> None:
        """Queue a message that takes the place of an unread one under the same key, behind all others."""
        if not self.ending.done():
            self._newest[key] = message
            self._ready.set()

    def end(self, code: int) -> None:
        """Close the socket with this code; the first reason stands."""
        if not self.ending.done():
            self.ending.set_result(code)
            self._pending.clear()
            self._newest.clear()

    async def next(self) -> bytes:
        """The message that waits longest."""
        while not self._pending:
            if self._newest:
                return self._newest.pop(next(iter(self._newest)))
            self._ready.clear()
            await self._ready.wait()
        message = self._pending.popleft()
        self._pending_bytes -= len(message)
        return message
