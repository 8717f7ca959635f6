"""The ledger with the real writer process, the real device hub and a simulated printer on its wire."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from drivers.escpos import DRIVER
from drivers.serial_drawer import DRIVER as DRAWER
from edge_hub.bus import Bus
from edge_hub.clock import SystemClock
from edge_hub.devices.hub import DeviceConfig, DeviceHub
from edge_hub.domain.staff import Role, Staff
from edge_hub.journal.journal import Journal
from edge_hub.sdk import document as doc
from edge_hub.services.principal import Principal
from edge_hub.services.printing.job import JobState, Resolution
from edge_hub.services.printing.lanes import Lanes
from edge_hub.services.printing.queries import JobReads
from edge_hub.services.printing.service import Printing

WHO = Principal(client="c1", till="t1", staff=Staff(id="s1", name="Aino", role=Role.OWNER))
PATIENCE_S = 20


def page(number):
    blocks = (doc.Text(text=f"page {number}"), doc.Cut())
    return doc.Document(blocks=blocks, title=f"page {number}")


class Running:
    """One run of the hub's printing side on a database file; the printers are new ones each time, as are the wires."""

    def __init__(self, journal, devices, bus, settings, lanes):
        self.devices, self.bus, self.lanes = devices, bus, lanes
        self.printing = Printing(journal=journal, devices=devices, clock=SystemClock(), settings=settings)
        self.reads = JobReads(journal.reader)

    def printer(self, device="front"):
        return self.devices.simulator(device)

    def pages(self, device="front"):
        return [text for lines in self.printer(device).pages for text in lines if text.strip()]

    async def until(self, done):
        """Looks again at each wake-up."""
        with self.bus.subscribe("job", "device") as wakes:
            async with asyncio.timeout(PATIENCE_S):
                while not done():
                    await wakes.get()

    async def until_states(self, jobs, *states):
        await self.until(lambda: {self.reads.get(job.id).state for job in jobs} <= set(states))


@pytest.fixture
def running(tmp_path, settings):
    @asynccontextmanager
    async def run(**faults):
        async with AsyncExitStack() as stack:
            bus, clock = Bus(), SystemClock()
            journal = await stack.enter_async_context(
                Journal.open(
                    tmp_path / "hub.db",
                    handlers="edge_hub.services.printing.handlers:HANDLERS",
                    settings=settings,
                    clock=clock,
                    bus=bus,
                )
            )
            configs = [
                DeviceConfig(id=name, driver="escpos", url=f"sim://{name}", options={"drawer_open_level": "high"})
                for name in ("front", "back")
            ]
            configs += [
                DeviceConfig(id=name, driver="serial_drawer", url=f"sim://{name}", options={"sensor": sensor})
                for name, sensor in (("box", "none"), ("sensed", "cts"))
            ]
            devices = DeviceHub(configs, {"escpos": DRIVER, "serial_drawer": DRAWER}, clock=clock, bus=bus)
            for fault in faults:
                devices.simulator("front").set_fault(fault, True)
            lanes = Lanes(
                journal=journal,
                devices=devices,
                bus=bus,
                clock=clock,
                documents=None,
                printers=("front", "back"),
                drawers=("front", "back", "box", "sensed"),
                fallbacks={},
            )
            tasks = [asyncio.create_task(devices.run()), asyncio.create_task(lanes.run())]
            try:
                yield Running(journal, devices, bus, settings, lanes)
            finally:
                for task in reversed(tasks):
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    return run


async def test_ten_pages_accepted_while_the_cover_is_open(running):
    async with running(cover_open=True) as hub:
        jobs = [await hub.printing.enqueue(WHO, "front", page(n)) for n in range(10)]
        await hub.until(lambda: hub.devices.get("front").state == "ready")
        assert {hub.reads.get(job.id).state for job in jobs} == {JobState.QUEUED}
        hub.printer().set_fault("cover_open", False)
        await hub.until_states(jobs, JobState.DONE)
        assert hub.pages() == [f"page {n}" for n in range(10)]
        assert {hub.reads.get(job.id).proof for job in jobs} == {"process_id"}


async def test_a_kick_and_the_test_page(running):
    async with running() as hub:
        kick = await hub.printing.open_drawer(WHO, "front", reason="change")
        test = await hub.printing.test_page(WHO, "front")
        await hub.until_states([kick, test], JobState.DONE)
        state = hub.printer().state()
        assert (state["kicks"], state["pages"], state["unknown_commands"]) == (1, 1, 0)


async def test_drawers_on_ports_of_their_own(running):
    async with running() as hub:
        blind = await hub.printing.open_drawer(WHO, "box", reason="change")
        seen = await hub.printing.open_drawer(WHO, "sensed", reason="change")
        await hub.until_states([blind], JobState.SENT)
        await hub.until_states([seen], JobState.DONE)
        assert [hub.devices.simulator(name).state()["drawer"] for name in ("box", "sensed")] == ["open", "open"]
        hub.devices.simulator("sensed").act("close_drawer", "")
        hub.devices.simulator("sensed").set_fault("drawer_jam", True)
        stuck = await hub.printing.open_drawer(WHO, "sensed", reason="change")
        await hub.until_states([stuck], JobState.REFUSED)
        assert hub.reads.get(stuck.id).error_code == "NOT_OPENED"


async def test_the_plug_of_the_hub_is_pulled_with_a_page_in_hand(running):
    async with running() as hub:
        before = [await hub.printing.enqueue(WHO, "front", page(n)) for n in range(2)]
        await hub.until_states(before, JobState.DONE)
        hub.printer().act("paper_lines_left", "1")
        jobs = [await hub.printing.enqueue(WHO, "front", page(n)) for n in range(2, 6)]
        await hub.until(lambda: hub.reads.get(jobs[0].id).state is JobState.SENDING)
        await hub.until(lambda: not hub.devices.get("front").status.ready)
        sending = [job for job in jobs if hub.reads.get(job.id).state is JobState.SENDING]
        printed = hub.pages()
    assert len(sending) == 1
    async with running() as hub:
        queued = [job for job in jobs if job.id != sending[0].id]
        await hub.until_states(queued, JobState.DONE)
        assert hub.reads.get(sending[0].id).state is JobState.UNKNOWN
        assert sorted(printed + hub.pages()) == sorted(f"page {n}" for n in range(6) if jobs.index(sending[0]) + 2 != n)
        again = await hub.printing.resolve(WHO, sending[0].id, Resolution.REPRINT)
        await hub.until_states([again], JobState.DONE)
        assert any("DUPLICATE" in "".join(line.split()) for line in hub.pages())


async def test_the_wire_is_lost_with_a_page_in_hand(running):
    async with running() as hub:
        first = await hub.printing.enqueue(WHO, "front", page(0))
        await hub.until_states([first], JobState.DONE)
        hub.printer().act("paper_lines_left", "1")
        jobs = [await hub.printing.enqueue(WHO, "front", page(n)) for n in range(1, 3)]
        await hub.until(lambda: hub.reads.get(jobs[0].id).state is JobState.SENDING)
        await hub.until(lambda: not hub.devices.get("front").status.ready)
        in_hand = next(job for job in jobs if hub.reads.get(job.id).state is JobState.SENDING)
        hub.devices.unplug("front")
        await hub.until(lambda: hub.reads.get(in_hand.id).state is JobState.UNKNOWN)
        hub.printer().act("load_paper", "")
        await hub.until_states([job for job in jobs if job.id != in_hand.id], JobState.DONE)
        assert hub.reads.get(in_hand.id).state is JobState.UNKNOWN
