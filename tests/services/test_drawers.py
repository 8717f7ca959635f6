"""A drawer left open: everybody sees it in time, and the journal has it once."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from drivers.serial_drawer import DRIVER
from edge_hub.bus import Bus
from edge_hub.clock import ManualClock
from edge_hub.devices.hub import DeviceConfig, DeviceHub
from edge_hub.domain.events import DrawerLeftOpen
from edge_hub.domain.store import StoreSettings
from edge_hub.journal.errors import JournalBusy
from edge_hub.sdk.testing import settle
from edge_hub.services.drawers import RELOOK_S, DrawerWatch
from edge_hub.services.printing.commands import NoteDrawerLeftOpen
from edge_hub.services.printing.handlers import HANDLERS

START_MS = 2_000_000_000_000  # later than the machine, which dates the first row


class Shop:
    def __init__(self, open_journal, settings: StoreSettings) -> None:
        self.clock, self.bus = ManualClock(now_ms=START_MS), Bus()
        self.journal = open_journal(handlers=HANDLERS, clock=self.clock, bus=self.bus)
        configs = [
            DeviceConfig(id=name, driver=DRIVER.name, url=f"sim://{name}", options={"sensor": "cts"})
            for name in ("front", "spare")
        ]
        self.devices = DeviceHub(configs, {DRIVER.name: DRIVER}, clock=self.clock, bus=self.bus)
        self.settings = settings
        self.watch = DrawerWatch(self)

    @asynccontextmanager
    async def running(self):
        tasks = [asyncio.create_task(self.devices.run()), asyncio.create_task(self.watch.run())]
        try:
            await self.passing(1)
            yield self
        finally:
            for task in tasks:
                task.cancel()
            while not all(task.done() for task in tasks):
                await self.clock.advance(1.0)

    def move(self, device, how):
        self.devices.simulator(device).act(f"{how}_drawer", "")

    async def passing(self, seconds):
        for _ in range(int(seconds * 2)):
            await self.clock.advance(0.5)
        await settle()

    def seen(self, device="front"):
        snapshot = self.devices.snapshot(device)
        return snapshot.drawer.value, snapshot.drawer_alarm

    def left_open(self):
        return [event for event in self.journal.events() if isinstance(event, DrawerLeftOpen)]


@pytest.fixture
def shop(open_journal, settings):
    return Shop(open_journal, replace(settings, drawer_alarm_s=60))


async def test_it_rings_once_for_each_opening(shop):
    async with shop.running():
        shop.move("front", "open")
        await shop.passing(1)
        assert shop.seen() == ("open", False)
        since_ms = shop.devices.snapshot("front").drawer_open_since_ms
        assert START_MS + 1000 <= since_ms <= START_MS + 2000
        await shop.passing(55)
        assert shop.seen() == ("open", False)
        await shop.passing(10)
        assert shop.seen() == ("open", True)
        await shop.passing(300)
        assert shop.left_open() == [DrawerLeftOpen(till="t1", device="front", seconds=60)]
        shop.move("front", "close")
        await shop.passing(1)
        assert shop.seen() == ("closed", False)
        assert shop.devices.snapshot("front").drawer_open_since_ms is None
        shop.move("front", "open")
        await shop.passing(62)
        assert shop.seen() == ("open", True)
        assert len(shop.left_open()) == 2


async def test_one_shut_in_time_is_no_news(shop):
    async with shop.running():
        for _ in range(5):
            shop.move("front", "open")
            await shop.passing(50)
            shop.move("front", "close")
            await shop.passing(5)
        assert shop.left_open() == []


async def test_a_drawer_of_no_till_rings_too(shop):
    async with shop.running():
        shop.move("spare", "open")
        await shop.passing(62)
        assert shop.seen("spare") == ("open", True)
        assert shop.left_open() == [DrawerLeftOpen(till="", device="spare", seconds=60)]


async def test_a_device_that_was_away_meanwhile_begins_no_other_opening(shop):
    async with shop.running():
        shop.move("front", "open")
        await shop.passing(62)
        shop.devices.unplug("front")
        await settle()
        assert shop.seen() == ("unknown", False)
        await shop.passing(62)
        assert shop.seen() == ("open", True)
        assert len(shop.left_open()) == 1


async def test_the_wall_clock_does_not_matter(shop):
    async with shop.running():
        shop.move("front", "open")
        await shop.passing(5)
        shop.clock.jump(86_400_000)
        await shop.passing(5)
        assert shop.seen() == ("open", False)


async def test_a_busy_journal_is_told_later(shop):
    async with shop.running():
        shop.journal.failing[NoteDrawerLeftOpen] = JournalBusy("1024 commands wait")
        shop.move("front", "open")
        await shop.passing(62)
        assert shop.seen() == ("open", True)
        assert shop.left_open() == []
        shop.journal.failing.clear()
        shop.move("front", "close")
        await shop.passing(RELOOK_S + 1)
        assert shop.left_open() == [DrawerLeftOpen(till="t1", device="front", seconds=60)]


async def test_it_can_be_switched_off(open_journal, settings):
    shop = Shop(open_journal, settings)
    async with shop.running():
        shop.move("front", "open")
        await shop.passing(3600)
        assert shop.seen() == ("open", False)
        assert shop.journal.submitted == []
