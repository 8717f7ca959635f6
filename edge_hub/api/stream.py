"""Live events for all sockets: every change is read and encoded once for each language it has words in, then handed to
each socket's queue.

The bus says only that something changed; what it is now is read here. Wake-ups about the same thing that arrive
while others are being told are one.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_json

from edge_hub.api import events
from edge_hub.api.metrics import Metrics
from edge_hub.api.schemas import access, baskets, devices, payments, tickets
from edge_hub.api.socket import CLOSE_GOING_AWAY, CLOSE_UNAUTHENTICATED, Socket
from edge_hub.api.weights import LiveWeights
from edge_hub.bus import Overrun, Wake
from edge_hub.domain.ids import SettlementId
from edge_hub.errors import EdgeHubError, Unauthenticated
from edge_hub.sdk.messages import Scanned
from edge_hub.services.container import Services

log = logging.getLogger("edge_hub.api.events")

TOPICS = (
    "journal",
    "basket",
    "job",
    "device",
    "scan",
    "ticket",
    "payment",
    "settlement",
    "weight",
    "session",
    "access",
)
EVENTS_PAGE_MAX = 200
"""Journal rows read and told at a time; other requests get their turn between pages."""
SCANS_PENDING_MAX = 256
RESYNC = to_json({"type": "resync"})


class EventStream:
    """Follows the bus and tells the sockets. `run` must be running while sockets are open."""

    def __init__(self, services: Services, metrics: Metrics) -> None:
        self.services = services
        self.metrics = metrics
        self.seq = 0
        """Journal events up to this one have been handed to the sockets that are live."""
        self._sockets: set[Socket] = set()
        self.weights = LiveWeights(services, self._sockets)
        self._changed: dict[tuple[str, str], None] = {}
        self._scans: deque[Wake] = deque(maxlen=SCANS_PENDING_MAX)
        self._missed = False
        self._wake = asyncio.Event()
        self._readers: Mapping[str, Callable[[str], dict[str, Any]]] = {
            "basket": lambda key: {"type": "basket", "basket": baskets.basket(services.checkout.get(key))},
            "ticket": lambda key: {"type": "ticket", "ticket": tickets.of(key, services.tickets)},
        }
        self._tellers: Mapping[str, Callable[[str, str], dict[str, Any]]] = {
            "job": lambda key, locale: {"type": "job", "job": devices.job(services.printing.job(key), locale)},
            "device": lambda key, locale: {
                "type": "device",
                "device": devices.device(services.devices.snapshot(key), locale),
            },
            "payment": lambda key, locale: {
                "type": "payment",
                "payment": payments.of(key, services.payments, locale),
            },
            "settlement": lambda key, locale: {
                "type": "settlement",
                "settlement": payments.settlement(services.payments.settlement(SettlementId(key)), locale),
            },
        }
        """Those with words for people in them, by the language of whoever is told."""

    @property
    def sockets(self) -> int:
        """How many are open."""
        return len(self._sockets)

    def join(self, socket: Socket) -> None:
        """From here on the socket gets what changes; journal events once it is `live`."""
        self._sockets.add(socket)
        if socket.who.client is not None:
            self.services.presence.joined(socket.who.client)
            self.services.devices.owner_back(socket.who.client)
        self.metrics.sockets.set(len(self._sockets))

    def leave(self, socket: Socket) -> None:
        self._sockets.discard(socket)
        if socket.who.client is not None:
            self.services.presence.left(socket.who.client)
            if not self.services.presence.sockets[socket.who.client]:
                self.services.devices.owner_gone(socket.who.client)
        self.metrics.sockets.set(len(self._sockets))

    async def close(self) -> None:
        """Tell every socket that the hub stops."""
        for socket in tuple(self._sockets):
            socket.end(CLOSE_GOING_AWAY)
            self.services.presence.told += socket.who.client is not None

    async def run(self) -> None:
        """Until cancelled; a core task: an error here is a fault in the hub."""
        self.seq = self.services.journal.head.seq
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="events listen")
            group.create_task(self._tell(), name="events tell")
            group.create_task(self.weights.run(), name="events weights")

    async def _listen(self) -> None:
        with self.services.bus.subscribe(*TOPICS) as subscription:
            async for wake in subscription:
                if isinstance(wake, Overrun):
                    self._missed = True
                elif wake.topic == "scan":
                    self._scans.append(wake)
                elif wake.topic == "weight":
                    self.weights.heard(wake)
                    continue
                else:
                    if wake.topic == "device":
                        self.weights.heard(wake)
                    self._changed[wake.topic, "" if wake.topic == "journal" else wake.key] = None
                self._wake.set()

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, {}
            if self._missed:
                self._missed = False
                self._offer(RESYNC)
                changed["access", ""] = None
            while self._scans:
                self._tell_scan(self._scans.popleft())
            try:
                await self._tell_journal()
            except (EdgeHubError, sqlite3.Error) as error:
                log.warning("journal events cannot be read: %s", error)
            if not self._sockets:  # nobody to tell: the till that sells most may have none open
                continue
            for topic, key in changed:
                await self._tell_one(topic, key)

    async def _tell_journal(self) -> None:
        journal = self.services.journal
        while self._sockets and self.seq < journal.head.seq:
            rows = events.rows_after(journal.reader, self.seq, EVENTS_PAGE_MAX)
            if not rows:
                return
            for row in rows:
                doc = events.event(row)
                message = to_json({"type": "journal", "seq": doc["seq"], "event": doc})
                for socket in self._sockets:
                    if socket.follows(doc["seq"], doc["type"]):
                        socket.offer(message)
                self.seq = doc["seq"]
            await asyncio.sleep(0)
        if not self._sockets:
            self.seq = journal.head.seq

    async def _tell_one(self, topic: str, key: str) -> None:
        if topic == "session":
            await self._check([socket for socket in self._sockets if socket.who.client == key])
        elif topic == "access":
            await self._check([socket for socket in self._sockets if socket.token])
        elif self._sockets:
            try:
                self._tell_of(topic, key)
            except (EdgeHubError, sqlite3.Error) as error:  # gone again, or the disk: there is nothing to tell
                log.debug("%s %s cannot be told: %s", topic, key, error)

    def _tell_of(self, topic: str, key: str) -> None:
        """What it is now, read and encoded once for all, or once for each language."""
        if (read := self._readers.get(topic)) is not None:
            self._offer(to_json(read(key)))
        elif (tell := self._tellers.get(topic)) is not None:
            told = {locale: to_json(tell(key, locale)) for locale in {socket.locale for socket in self._sockets}}
            for socket in self._sockets:
                socket.offer(told[socket.locale])

    async def _check(self, sockets: list[Socket]) -> None:
        """Whose token still stands, and who is signed in on it now."""
        for socket in sockets:
            before = socket.who.staff
            try:
                socket.who = await self.services.access.authenticate(socket.token)
            except Unauthenticated:
                socket.end(CLOSE_UNAUTHENTICATED)
                continue
            staff = socket.who.staff
            if staff != before:
                socket.offer(to_json({"type": "session", "staff": access.signed_in(staff) if staff else None}))

    def _tell_scan(self, wake: Wake) -> None:
        if not isinstance(wake.value, Scanned):
            return
        till = next((till.id for till in self.services.settings.tills if till.scanner == wake.key), None)
        message = to_json(
            {"type": "scan", "device": wake.key, "till": till, "data": wake.value.data, "aim": wake.value.aim}
        )
        holder = self.services.devices.claimed_by(wake.key)
        for socket in self._sockets:
            if socket.hears(till, holder):
                socket.offer(message)

    def _offer(self, message: bytes) -> None:
        for socket in self._sockets:
            socket.offer(message)
