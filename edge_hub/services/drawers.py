"""Notices drawers left open: the device says so to everybody, and the journal keeps it, once for each opening."""

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.domain.ids import DeviceId, TillId
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import EdgeHubError
from edge_hub.sdk.timing import done_within
from edge_hub.services.ports import JournalPort
from edge_hub.services.printing.commands import NoteDrawerLeftOpen

if TYPE_CHECKING:
    from edge_hub.devices.hub import DeviceHub

RELOOK_S = 30.0
"""How long nothing may be heard before it is looked again: at drawers, and for a journal that takes notes again."""

log = logging.getLogger(__name__)


class Shop(Protocol):
    """What of the hub's services it needs."""

    @property
    def devices(self) -> "DeviceHub": ...

    @property
    def journal(self) -> JournalPort: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def settings(self) -> StoreSettings: ...


class DrawerWatch:
    """`run` until cancelled; one task for all drawers."""

    def __init__(self, shop: Shop) -> None:
        self._devices = shop.devices
        self._journal = shop.journal
        self._bus = shop.bus
        self._clock = shop.clock
        self._settings = shop.settings
        self._limit_s = shop.settings.drawer_alarm_s
        self._unwritten: dict[str, NoteDrawerLeftOpen] = {}
        """What the journal had no room for yet, by device: the newest of each."""

    async def run(self) -> None:
        if not self._limit_s:
            return
        with self._bus.subscribe("device") as wakes:
            heard = asyncio.ensure_future(wakes.get())
            try:
                while True:
                    self._ring()
                    await self._write()
                    if await done_within(self._clock, min((*self._left_s(), RELOOK_S)), heard):
                        heard.result()
                        heard = asyncio.ensure_future(wakes.get())
            finally:
                heard.cancel()

    def _left_s(self) -> Iterator[float]:
        """Of each open drawer that was not told of yet: until it must be."""
        for device in self._devices.each():
            open_s = device.drawer.open_s
            if open_s is not None and not device.drawer.alarm:
                yield max(0.0, self._limit_s - open_s)

    def _ring(self) -> None:
        for device in self._devices.each():
            open_s = device.drawer.open_s
            if open_s is not None and open_s >= self._limit_s and device.ring_drawer():
                log.warning("the drawer of %s has been open for %d s", device.device_id, open_s)
                self._unwritten[device.device_id] = NoteDrawerLeftOpen(
                    device=DeviceId(device.device_id), till=self._till(device.device_id), seconds=int(open_s)
                )

    def _till(self, device_id: str) -> TillId:
        return next((till.id for till in self._settings.tills if till.drawer == device_id), TillId(""))

    async def _write(self) -> None:
        for device_id, note in tuple(self._unwritten.items()):
            try:
                await self._journal.submit(note)
            except EdgeHubError as error:
                log.warning("a drawer left open could not be journaled: %s", error.detail)
                return
            del self._unwritten[device_id]
