"""The drill that is no simulation: the hub stops in its stages, starts anew in place, and reports what that cost.

What there was before is durable before anything stops. The marker is only ever read: it never makes a hub restart, so
whatever ends the stop half way, the next start tells of it and goes on.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from edge_hub.domain.ids import PaymentId
from edge_hub.domain.payment import IN_HAND, OPEN
from edge_hub.domain.staff import Permission
from edge_hub.errors import Conflict, Damaged, EdgeHubError
from edge_hub.journal.codec import decode, encode
from edge_hub.services.container import Services
from edge_hub.services.drill import DrillName, Interruption, Report, Step, Verdict
from edge_hub.services.payments.records import open_of
from edge_hub.services.principal import Principal
from edge_hub.services.printing.waiting import rest

MARKER_NAME = "drill-restart"
"""The file in the data folder."""
RETURN_S = 30.0
"""For tablets to be back, and for doubts to be settled, before somebody has to look."""
LOOK_S = 0.5
_WAITING = "state IN ('queued', 'held', 'sending') AND state IN ('queued', 'held', 'sending', 'unknown')"
"""The second term is that of the index, as in the ledger."""
_CUT_SHORT = "SELECT count(*) FROM jobs WHERE state = 'unknown' AND error_code = 'INTERRUPTED' AND updated_ms >= ?"
_NOT_LOOKED_AT = "SELECT count(*) FROM jobs WHERE state = 'sending' AND updated_ms < ?"
"""The last run's, before the lanes have seen to them."""

log = logging.getLogger(__name__)


class RestartImpossible(Conflict):
    """This hub runs inside another program."""

    code = "restart-impossible"
    title = "This hub cannot start itself anew: it was not started by its own command."


class RestartUnsafe(Conflict):
    """The hub would not come back as it was; `detail` says why."""

    code = "restart-unsafe"
    title = "The hub is not restarted now: it might not come back."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tablet:
    client: str
    sockets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketSeen:
    id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """The shop when the restart was asked for. Times are unix ms."""

    asked_ms: int
    by: str
    process: str
    tablets: tuple[Tablet, ...]
    baskets: tuple[BasketSeen, ...]
    jobs_waiting: int
    payments: tuple[PaymentId, ...]
    """Under way."""
    answered_ms: int = 0
    """The hub's last answer, once it has stopped."""
    told: int = 0
    report: Report | None = None
    """Once the hub was back: from then on this is a report and marks nothing."""


class Restarts:
    """`begin` and `check` come from whoever runs the process; without them nothing is restarted."""

    def __init__(self, services: Services, data: Path) -> None:
        self._services = services
        self._path = data / MARKER_NAME
        self._begin: Callable[[], None] | None = None
        self._check: Callable[[], None] = lambda: None
        self._marker: Marker | None = None

    @property
    def under_way(self) -> bool:
        """The stop that is going on is to be followed by a new start."""
        return self._marker is not None

    def enable(self, begin: Callable[[], None], check: Callable[[], None]) -> None:
        """From now on restarts can be asked for. `begin` sets off the stop; `check` raises an EdgeHubError where the
        hub would not start again, and may block.
        """
        self._begin, self._check = begin, check

    async def start(self, who: Principal) -> Report:
        """Stop the hub and start it anew. Raises DrillRunning, RestartImpossible, RestartUnsafe."""
        who.require(Permission.MANAGE_DEVICES)
        drills, begin = self._services.drills, self._begin
        if begin is None:
            raise RestartImpossible
        drills.check_free()
        asked_ms, before = self._services.clock.now_ms(), drills.report
        drills.report = Report(
            name=DrillName.HUB_RESTART, device="", started_ms=asked_ms, verdict=Verdict.RUNNING
        )  # nobody else begins one meanwhile
        try:
            await self._would_start()
            self._marker = await self._noted(who, asked_ms)
        finally:
            if self._marker is None:
                drills.report = before
        drills.note("restart_asked", self._marker.by)
        log.warning("restarting: a drill asked for by %s", self._marker.by or "the console")
        begin()
        return drills.report

    async def left(self) -> None:
        """Call when the hub has stopped, before it starts anew."""
        if self._marker is not None:
            presence = self._services.presence
            marker = replace(self._marker, answered_ms=presence.answered_ms, told=presence.told)
            await self._keep(marker)

    async def ready(self) -> None:
        """Call once the hub answers: a restart that was asked for is over, and its report begins."""
        marker = await asyncio.to_thread(self._read)
        if marker is None:
            return
        if marker.report is not None:
            self._services.drills.report = marker.report
            return
        report = self._back(marker)
        unfinished = replace(report, verdict=Verdict.CANCELLED)  # what is kept unless it comes to its end
        await self._keep(replace(marker, report=unfinished))
        self._services.drills.play(report, partial(self._follow, marker, report))

    async def forget(self) -> None:
        """Another drill was begun: the report is not shown any more."""
        await asyncio.to_thread(self._path.unlink, missing_ok=True)

    # before

    async def _would_start(self) -> None:
        health = self._services.journal.health
        if health.state not in {"ok", "verifying"}:
            raise RestartUnsafe(health.detail)
        try:
            await asyncio.to_thread(self._check)
        except EdgeHubError as error:
            raise RestartUnsafe(error.detail) from error

    async def _noted(self, who: Principal, asked_ms: int) -> Marker:
        reader, presence = self._services.journal.reader, self._services.presence
        waiting = reader.row(f"SELECT count(*) FROM jobs WHERE {_WAITING}")  # noqa: S608  # constant
        open_baskets = reader.rows("SELECT id, version FROM baskets WHERE state IN ('open', 'parked')")
        marker = Marker(
            asked_ms=asked_ms,
            by=who.staff.name if who.staff is not None else who.client_name,
            process=this_process(),
            tablets=tuple(Tablet(client=client, sockets=count) for client, count in presence.sockets.items() if count),
            baskets=tuple(BasketSeen(id=basket, version=version) for basket, version in open_baskets),
            jobs_waiting=0 if waiting is None else waiting[0],
            payments=tuple(one.payment.id for one in open_of(reader.rows) if one.payment.state in IN_HAND),
        )
        try:
            await asyncio.to_thread(_write, self._path, encode(marker))
        except OSError as error:
            raise RestartUnsafe("{path}: {words}", why="system", path=self._path.name, words=error.strerror) from error
        return marker

    # after

    def _back(self, marker: Marker) -> Report:
        now_ms, row = self._services.clock.now_ms(), self._services.journal.reader.row
        answered_ms = marker.answered_ms or marker.asked_ms
        found = ((seen, row("SELECT version FROM baskets WHERE id = ?", (seen.id,))) for seen in marker.baskets)
        restart = Interruption(
            away_ms=max(0, now_ms - answered_ms),
            in_place=marker.process == this_process(),
            sockets=sum(tablet.sockets for tablet in marker.tablets),
            sockets_told=marker.told,
            sockets_back=0,
            baskets=len(marker.baskets),
            baskets_kept=sum(kept is not None and kept[0] >= seen.version for seen, kept in found),
            jobs_waiting=marker.jobs_waiting,
            jobs_unknown=0,
            payments_open=len(marker.payments),
            payments_in_doubt=len(marker.payments),
        )
        steps = (
            Step(at_ms=marker.asked_ms, what="restart_asked", seen=marker.by),
            Step(at_ms=answered_ms, what="last_answer", seen=""),
            Step(at_ms=answered_ms, what="sockets_told", seen=str(marker.told)),
            Step(at_ms=now_ms, what="ready", seen=""),
        )
        return Report(
            name=DrillName.HUB_RESTART, device="", started_ms=marker.asked_ms, verdict=Verdict.RUNNING, steps=steps,
            restart=restart,
        )  # fmt: skip

    async def _follow(self, marker: Marker, report: Report) -> bool:
        """Until everything is as it was, or RETURN_S; whether nobody has to do anything."""
        drills, clock, presence = self._services.drills, self._services.clock, self._services.presence
        ready_ms, until, now = clock.now_ms(), clock.monotonic() + RETURN_S, report.restart
        while now is not None:
            presence.changed.clear()
            seen, now = now, self._now(marker, now)
            if now.sockets_back != seen.sockets_back:
                drills.note("sockets_back", f"{now.sockets_back}/{now.sockets}")
            drills.report = replace(drills.report or report, restart=now)
            left_s = until - clock.monotonic()
            if left_s <= 0 or (self._looked_at(ready_ms) and _whole(now)):
                break
            await rest(presence.changed, clock, min(LOOK_S, left_s))
        held = now is not None and now.in_place and _whole(now) and not now.jobs_unknown
        verdict = Verdict.HELD if held else Verdict.NEEDS_PERSON
        await self._keep(replace(marker, report=replace(drills.report or report, verdict=verdict)))
        return held

    def _now(self, marker: Marker, before: Interruption) -> Interruption:
        reader, sockets = self._services.journal.reader, self._services.presence.sockets
        cut_short = reader.row(_CUT_SHORT, (marker.asked_ms,))
        return replace(
            before,
            sockets_back=sum(min(tablet.sockets, sockets[tablet.client]) for tablet in marker.tablets),
            jobs_unknown=0 if cut_short is None else cut_short[0],
            payments_in_doubt=sum(self._services.payments.get(one).payment.state in OPEN for one in marker.payments),
        )

    def _looked_at(self, ready_ms: int) -> bool:
        found = self._services.journal.reader.row(_NOT_LOOKED_AT, (ready_ms,))
        return found is None or not found[0]

    # the file

    async def _keep(self, marker: Marker) -> None:
        try:
            await asyncio.to_thread(_write, self._path, encode(marker))
        except OSError as error:  # the shop comes first: what is lost is a report
            log.warning("the report of the restart cannot be kept: %s", error)

    def _read(self) -> Marker | None:
        try:
            return decode(Marker, self._path.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, Damaged) as error:
            log.warning("the report of a restart cannot be read: %s", error)
        return None


def _whole(now: Interruption) -> bool:
    return now.sockets_back >= now.sockets and now.baskets_kept >= now.baskets and not now.payments_in_doubt


def this_process() -> str:
    """This process, told apart from every other one of this machine; the same after it became another program."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    started = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]  # proc(5), field 22
    return f"{boot} {os.getpid()} {started}"


def _write(path: Path, data: bytes) -> None:
    partial_path = path.with_suffix(".new")
    with partial_path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial_path.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
