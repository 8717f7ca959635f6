"""A restart of the hub as a drill: what is noted before, what is told after, and that nothing restarts by itself."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from edge_hub.bus import Bus
from edge_hub.clock import ManualClock
from edge_hub.config import ConfigInvalid
from edge_hub.devices.hub import DeviceHub
from edge_hub.devices.registry import load_drivers
from edge_hub.services import restart as module
from edge_hub.services.drill import DrillName, DrillRunning, Drills, NothingToDrill, Verdict
from edge_hub.services.presence import Presence
from edge_hub.services.principal import Principal, StaffNeeded
from edge_hub.services.restart import MARKER_NAME, RETURN_S, RestartImpossible, Restarts, RestartUnsafe

WRITTEN_S = 30
"""Real time, for a slow disk."""
WHO = Principal(local=True, client_name="console")
TABLES = """
CREATE TABLE baskets (id, state, version);
CREATE TABLE jobs (state, error_code, updated_ms);
CREATE TABLE payments (id, body, sale, updated_ms, watched, state, provider);
INSERT INTO baskets VALUES ('b1', 'open', 3), ('b2', 'parked', 1), ('b3', 'sold', 9);
INSERT INTO jobs VALUES ('queued', '', 1), ('sending', '', 1), ('done', '', 1), ('unknown', 'INTERRUPTED', 1);
"""


class Rows:
    def __init__(self):
        self.base = sqlite3.connect(":memory:")
        self.base.executescript(TABLES)

    def row(self, sql, params=()):
        return self.base.execute(sql, params).fetchone()

    def rows(self, sql, params=()):
        return self.base.execute(sql, params).fetchall()


@pytest.fixture
def rows():
    made = Rows()
    yield made
    made.base.close()


@asynccontextmanager
async def life(rows, folder, clock):
    """One run of a hub with these tables and this data folder."""
    bus, health = Bus(), SimpleNamespace(state="ok", detail="")
    devices = DeviceHub((), load_drivers(), clock=clock, bus=bus)
    drills = Drills(printing=None, devices=devices, bus=bus, clock=clock)
    services = SimpleNamespace(
        drills=drills, clock=clock, presence=Presence(), journal=SimpleNamespace(reader=rows, health=health)
    )
    work = asyncio.create_task(drills.run())
    yield services, Restarts(services, folder)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@asynccontextmanager
async def restarted(rows, folder, clock):
    """A hub that two tablets follow is restarted; the life after it, before it is ready."""
    begun = []
    async with life(rows, folder, clock) as (services, restarts):
        restarts.enable(lambda: begun.append(1), lambda: None)
        for client in ("t1", "t1", "t2", "t3"):
            services.presence.joined(client)
        services.presence.left("t3")
        report = await restarts.start(WHO)
        assert (report.verdict, report.steps[0].what, report.steps[0].seen) == (
            Verdict.RUNNING, "restart_asked", "console",
        )  # fmt: skip
        assert begun == [1]
        assert restarts.under_way
        with pytest.raises(DrillRunning):
            await restarts.start(WHO)
        with pytest.raises(DrillRunning):
            services.drills.start(WHO, DrillName.PRINTER_OUT)
        services.presence.told, services.presence.answered_ms = 3, clock.now_ms() + 500
        await restarts.left()
    rows.base.execute("UPDATE jobs SET state = 'unknown', error_code = 'INTERRUPTED' WHERE state = 'sending'")
    await clock.advance(4.5)
    async with life(rows, folder, clock) as (services, restarts):
        yield services, restarts


async def ended(drills, clock):
    async with asyncio.timeout(WRITTEN_S):
        while drills.report.verdict is Verdict.RUNNING:
            await clock.advance(1)
            await asyncio.to_thread(lambda: None)  # the report is written by a thread
    return drills.report


async def test_everything_back_is_held(rows, tmp_path):
    clock = ManualClock()
    async with restarted(rows, tmp_path, clock) as (services, restarts):
        await restarts.ready()
        for client in ("t1", "t2", "t1", "t1"):
            await clock.advance(0.1)
            services.presence.joined(client)
        report = await ended(services.drills, clock)
        seen = report.restart
        assert report.verdict is Verdict.HELD
        assert (seen.away_ms, seen.in_place) == (4000, True)
        assert (seen.sockets, seen.sockets_told, seen.sockets_back) == (3, 3, 3)
        assert (seen.baskets, seen.baskets_kept, seen.jobs_waiting, seen.jobs_unknown) == (2, 2, 2, 0)
        assert not restarts.under_way
        steps = [(step.what, step.seen) for step in report.steps]
        assert steps[:4] == [("restart_asked", "console"), ("last_answer", ""), ("sockets_told", "3"), ("ready", "")]
        assert steps[-1] == ("sockets_back", "3/3")
    async with life(rows, tmp_path, clock) as (services, restarts):
        await restarts.ready()
        assert services.drills.report == report, "kept"
        assert not restarts.under_way, "and it restarts nothing"
        await restarts.forget()
    async with life(rows, tmp_path, clock) as (services, restarts):
        await restarts.ready()
        assert services.drills.report is None


async def test_a_page_cut_short_and_a_tablet_that_stays_away_need_a_person(rows, tmp_path):
    clock = ManualClock()
    async with restarted(rows, tmp_path, clock) as (services, restarts):
        rows.base.execute("UPDATE jobs SET updated_ms = ? WHERE state = 'unknown'", (clock.now_ms(),))
        rows.base.execute("DELETE FROM baskets WHERE id = 'b2'")
        rows.base.execute("UPDATE baskets SET version = 2 WHERE id = 'b1'")
        await restarts.ready()
        services.presence.joined("t1")
        began = clock.monotonic()
        report = await ended(services.drills, clock)
        assert clock.monotonic() - began >= RETURN_S
        assert report.verdict is Verdict.NEEDS_PERSON
        assert (report.restart.sockets_back, report.restart.baskets_kept, report.restart.jobs_unknown) == (1, 0, 2)


async def test_it_waits_until_the_lanes_have_seen_to_what_was_being_sent(rows, tmp_path):
    clock = ManualClock()
    async with restarted(rows, tmp_path, clock) as (services, restarts):
        rows.base.execute("UPDATE jobs SET state = 'sending', error_code = '' WHERE state = 'unknown'")
        for client in ("t1", "t1", "t2"):
            services.presence.joined(client)
        await restarts.ready()
        await clock.advance(2)
        assert services.drills.report.verdict is Verdict.RUNNING
        rows.base.execute(
            "UPDATE jobs SET state = 'unknown', error_code = 'INTERRUPTED', updated_ms = ? WHERE state = 'sending'",
            (clock.now_ms(),),
        )
        assert (await ended(services.drills, clock)).restart.jobs_unknown == 2


async def test_a_hub_that_something_else_started_says_so(rows, tmp_path, monkeypatch):
    clock = ManualClock()
    async with restarted(rows, tmp_path, clock) as (services, restarts):
        monkeypatch.setattr(module, "this_process", lambda: "another")
        await restarts.ready()
        for client in ("t1", "t1", "t2"):
            services.presence.joined(client)
        report = await ended(services.drills, clock)
        assert (report.restart.in_place, report.verdict) == (False, Verdict.NEEDS_PERSON)


async def test_a_stop_in_the_middle_of_the_report_is_not_taken_for_another_restart(rows, tmp_path):
    clock = ManualClock()
    async with restarted(rows, tmp_path, clock) as (_services, restarts):
        await restarts.ready()
    async with life(rows, tmp_path, clock) as (services, restarts):
        await restarts.ready()
        assert services.drills.report.verdict is Verdict.CANCELLED


async def test_it_is_refused_where_the_hub_would_not_come_back(rows, tmp_path):
    clock = ManualClock()

    def invalid():
        raise ConfigInvalid("devices[0].driver: is not known")

    async with life(rows, tmp_path, clock) as (services, restarts):
        with pytest.raises(StaffNeeded):
            await restarts.start(Principal())
        with pytest.raises(RestartImpossible):
            await restarts.start(WHO)
        restarts.enable(lambda: pytest.fail("begun"), invalid)
        with pytest.raises(RestartUnsafe, match="is not known"):
            await restarts.start(WHO)
        restarts.enable(lambda: pytest.fail("begun"), lambda: None)
        services.journal.health = SimpleNamespace(state="unavailable", detail="the disk is full")
        with pytest.raises(RestartUnsafe, match="the disk is full"):
            await restarts.start(WHO)
        services.journal.health.state = "ok"
        with pytest.raises(RestartUnsafe, match=MARKER_NAME):
            await enabled(services, tmp_path / "gone").start(WHO)
        assert services.drills.report is None
        assert not restarts.under_way
        with pytest.raises(NothingToDrill):
            services.drills.start(WHO, DrillName.PRINTER_OUT)
        await restarts.left()
        assert list(tmp_path.iterdir()) == []


def enabled(services, folder):
    made = Restarts(services, folder)
    made.enable(lambda: pytest.fail("begun"), lambda: None)
    return made


@pytest.mark.parametrize("data", [b"", b"\xc1\x00", b"\x93\x01\x02\x03"])
async def test_a_file_that_is_no_report_stops_nothing(rows, tmp_path, data, caplog):
    (tmp_path / MARKER_NAME).write_bytes(data)
    async with life(rows, tmp_path, ManualClock()) as (services, restarts):
        await restarts.ready()
        assert services.drills.report is None
    assert "cannot be read" in caplog.text
