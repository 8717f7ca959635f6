"""Rehearsing an outage: a simulated device fails for a while, and what a cashier would have seen of it is written down.

Real devices are never touched. One drill at a time, none longer than a minute, and whatever ends it mends the device.
A card terminal's drill is in `silence`; the restart of the hub itself is no simulation: `restart`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from edge_hub.bus import Bus, Subscription, Wake
from edge_hub.clock import Clock
from edge_hub.devices.claims import Claimed
from edge_hub.devices.hub import DeviceHub, DeviceSnapshot, DeviceState
from edge_hub.domain.ids import DeviceId
from edge_hub.domain.staff import Permission
from edge_hub.errors import Conflict, EdgeHubError, NotFound
from edge_hub.sdk.driver import Simulator
from edge_hub.sdk.roles import POS_PRINTER, SCANNER, Role
from edge_hub.services.principal import Principal
from edge_hub.services.printing.job import Job, JobState
from edge_hub.services.printing.service import Printing

OUT_S = 4.0
"""How long a device stays broken: long enough to be read on the till's page."""
SETTLE_S = 20.0
"""For everything to come right after it was mended."""
STEPS_MAX = 100
OWNER = "drill"
PAPER_END, RESET = "paper_end", "reset"
CODE = "9521234000013"
_OVER = frozenset({JobState.DONE, JobState.SENT, JobState.REFUSED, JobState.UNKNOWN, JobState.CANCELLED})
_PRINTED = frozenset({JobState.DONE, JobState.SENT})


class DrillName(StrEnum):
    PRINTER_OUT = "printer_out"
    """The paper runs out while a page waits."""
    SCANNER_GONE = "scanner_gone"
    """The cable is pulled, and somebody scans."""
    DEVICE_RESET = "device_reset"
    """A printer is switched off and on, and a page follows."""
    TERMINAL_SILENT = "terminal_silent"
    """A card terminal says nothing more in the middle of a payment: `silence`."""
    HUB_RESTART = "hub_restart"
    """The hub stops and starts anew; nothing of it is simulated."""


FAULTS = {DrillName.PRINTER_OUT: PAPER_END, DrillName.DEVICE_RESET: RESET}
"""What the simulator must be able to do."""


class Verdict(StrEnum):
    RUNNING = "running"
    HELD = "held"
    """Nothing was lost and nobody had to do anything."""
    NEEDS_PERSON = "needs_person"
    """Something did not come right by itself."""
    CANCELLED = "cancelled"


class DrillRunning(Conflict):
    """A drill is going on."""

    code = "drill-running"
    title = "A drill is going on: wait for its end, or stop it."


class NothingToDrill(NotFound):
    """No simulated device of that kind is ready and free; real ones are left alone."""

    code = "nothing-to-drill"
    title = "There is no simulated device of that kind that is ready."


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    at_ms: int
    what: str
    """Done: `fault_on`, `fault_off`, `unplugged`, `job_queued`, `scanned`, `payment_begun`, `basket_abandoned`.
    Changed: `device`, `job`, `scan_seen`, `payment`, `shown` (what the terminal does), `listed` (for the manager).
    Of a restart: `restart_asked`, `last_answer`, `sockets_told`, `ready`, `sockets_back`."""
    seen: str
    """The state it came to, an error code, a code read; for what was done, the fault or ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A restart in numbers: what there was when it was asked for, and what of it there is since."""

    away_ms: int
    """From the last answer to being ready again."""
    in_place: bool
    """The same process went on as the new hub; else it ended, and something else started the hub."""
    sockets: int
    sockets_told: int
    """Closed with 1001 at the stop; the others had left by then."""
    sockets_back: int
    baskets: int
    """Open or parked."""
    baskets_kept: int
    jobs_waiting: int
    jobs_unknown: int
    """Were being sent at the stop: a person looks at the paper."""
    payments_open: int
    """Under way when the restart was asked for."""
    payments_in_doubt: int
    """Of those: the hub is asking, or a person must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    name: DrillName
    device: str
    """"" for the hub itself."""
    started_ms: int
    verdict: Verdict
    steps: tuple[Step, ...] = ()
    restart: Interruption | None = None
    """Once a restart is over."""


class Drills:
    """`run` must be running while drills are started."""

    def __init__(self, *, printing: Printing, devices: DeviceHub, bus: Bus, clock: Clock) -> None:
        self._printing = printing
        self._devices = devices
        self._bus = bus
        self._clock = clock
        self._wanted = asyncio.Event()
        self._act: Callable[[], Awaitable[bool]] | None = None
        self._playing: asyncio.Task[None] | None = None
        self.report: Report | None = None
        """Of the drill that is going on, else of the last one."""

    async def run(self) -> None:
        """Play what is asked for, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            self._playing = asyncio.create_task(self._play(), name="drill")
            try:
                await asyncio.wait({self._playing})
                if not self._playing.cancelled():
                    self._playing.result()
            finally:
                self._playing.cancel()
                await asyncio.wait({self._playing})
                self._playing = None

    def start(self, who: Principal, name: DrillName) -> Report:
        """Begin a drill on a device. Raises DrillRunning, NothingToDrill."""
        who.require(Permission.MANAGE_DEVICES)
        self.check_free()
        device = self.free(SCANNER if name is DrillName.SCANNER_GONE else POS_PRINTER, FAULTS.get(name))
        now_ms = self._clock.now_ms()
        report = Report(name=name, device=device.id, started_ms=now_ms, verdict=Verdict.RUNNING)
        self.play(report, partial(self._on_device, who, report))
        return report

    def check_free(self) -> None:
        """Raises DrillRunning."""
        if self.report is not None and self.report.verdict is Verdict.RUNNING:
            raise DrillRunning

    def play(self, report: Report, act: Callable[[], Awaitable[bool]]) -> None:
        """Have `run` play a drill; `act` says at its end whether nobody had to do anything."""
        self.report = report
        self._act = act
        self._wanted.set()

    def cancel(self, who: Principal) -> None:
        """End the drill that is going on, if any; the device is mended."""
        who.require(Permission.MANAGE_DEVICES)
        if self._playing is not None:
            self._playing.cancel()

    def free(
        self, role: Role[Any], fault: str | None, *, fits: Callable[[DeviceSnapshot], bool] = lambda _: True
    ) -> DeviceSnapshot:
        """A simulated device that is well and that nobody uses. Raises NothingToDrill."""
        for device in self._devices.snapshots():
            simulator = self._devices.simulator(device.id)
            if simulator is None or role.name not in device.roles or (fault and fault not in simulator.faults):
                continue
            if device.state is not DeviceState.READY or device.error_code or device.claimed_by is not None:
                continue
            if fits(device):
                return device
        raise NothingToDrill

    async def _play(self) -> None:
        act, verdict = self._act, Verdict.CANCELLED
        if act is None or self.report is None:
            return
        try:
            verdict = Verdict.HELD if await act() else Verdict.NEEDS_PERSON
        except EdgeHubError as error:
            self.note("error", error.detail)
            verdict = Verdict.NEEDS_PERSON
        finally:
            self.report = replace(self.report, verdict=verdict)

    async def _on_device(self, who: Principal, report: Report) -> bool:
        simulator = self._devices.simulator(report.device)
        if simulator is None:
            return False  # taken away meanwhile
        plays = {
            DrillName.PRINTER_OUT: self._printer_out,
            DrillName.SCANNER_GONE: self._scanner_gone,
            DrillName.DEVICE_RESET: self._device_reset,
        }
        with self._bus.subscribe("device", "job", "scan") as wakes:
            return await plays[report.name](_Watch(self, who, DeviceId(report.device), wakes), simulator)

    def note(self, what: str, seen: str = "") -> None:
        """Another step of the report, up to STEPS_MAX."""
        if self.report is not None and len(self.report.steps) < STEPS_MAX:
            step = Step(at_ms=self._clock.now_ms(), what=what, seen=seen)
            self.report = replace(self.report, steps=(*self.report.steps, step))

    async def _printer_out(self, watch: "_Watch", simulator: Simulator) -> bool:
        try:
            simulator.set_fault(PAPER_END, True)
            self.note("fault_on", PAPER_END)
            await watch.until(watch.away, OUT_S)
            await self._order(watch)
            await watch.until(lambda: False, OUT_S)
        finally:
            simulator.set_fault(PAPER_END, False)
            self.note("fault_off", PAPER_END)
        return await watch.printed()

    async def _device_reset(self, watch: "_Watch", simulator: Simulator) -> bool:
        simulator.set_fault(RESET, True)
        self.note("fault_on", RESET)
        await self._order(watch)
        return await watch.printed()

    async def _order(self, watch: "_Watch") -> None:
        self.note("job_queued")
        watch.job = await self._printing.test_page(watch.who, watch.device)

    async def _scanner_gone(self, watch: "_Watch", simulator: Simulator) -> bool:
        """The scanner is claimed meanwhile, so that no till rings the code up."""
        self._devices.claim(watch.device, OWNER, OUT_S + 2 * SETTLE_S)
        try:
            self._devices.unplug(watch.device)
            self.note("unplugged")
            await watch.until(watch.away, SETTLE_S)
            simulator.act("scan", CODE)
            self.note("scanned", CODE)
            if not await watch.until(watch.ready, SETTLE_S):
                return False
            simulator.act("scan", CODE)
            self.note("scanned", CODE)
            return await watch.until(lambda: watch.scans > 0, SETTLE_S)
        finally:
            with suppress(Claimed):
                self._devices.release(watch.device, OWNER)

    def device_seen(self, device: DeviceId) -> str:
        """The device in one word: its state, or the error it reports while it can be reached."""
        now = self._devices.snapshot(device)
        return now.error_code if now.state is DeviceState.READY and now.error_code else now.state.value

    def job_now(self, job: Job) -> Job:
        return self._printing.job(job.id)

    def sleep(self, seconds: float) -> "asyncio.Future[None]":
        return asyncio.ensure_future(self._clock.sleep(seconds))


class _Watch:
    """Notes every change of one device and one job, as the bus tells of them."""

    def __init__(self, drills: Drills, who: Principal, device: DeviceId, wakes: Subscription) -> None:
        self._drills = drills
        self._wakes = wakes
        self.who = who
        self._seen = {"device": drills.device_seen(device), "job": ""}
        self.device = device
        self.job: Job | None = None
        self.scans = 0

    def ready(self) -> bool:
        return self._seen["device"] == DeviceState.READY.value

    def away(self) -> bool:
        return not self.ready()

    async def printed(self) -> bool:
        """Whether the page came out and the printer is well again."""
        job_over = await self.until(lambda: self.job is not None and self.job.state in _OVER, SETTLE_S)
        well = await self.until(self.ready, SETTLE_S)
        return job_over and well and self.job is not None and self.job.state in _PRINTED

    async def until(self, done: Callable[[], bool], limit_s: float) -> bool:
        """Follow the wake-ups until `done` or for `limit_s`; whether it came to be done."""
        limit = self._drills.sleep(limit_s)
        getting: asyncio.Future[Any] | None = None
        try:
            while True:
                self._look()
                if done():
                    return True
                if limit.done():
                    return False
                getting = getting or asyncio.ensure_future(self._wakes.get())
                await asyncio.wait({getting, limit}, return_when=asyncio.FIRST_COMPLETED)
                if getting.done():
                    self._hear(getting.result())
                    getting = None
        finally:
            limit.cancel()
            if getting is not None:
                getting.cancel()

    def _hear(self, wake: object) -> None:
        if isinstance(wake, Wake) and wake.topic == "scan" and wake.key == self.device:
            self.scans += 1
            self._drills.note("scan_seen", CODE)

    def _look(self) -> None:
        self._tell("device", self._drills.device_seen(self.device))
        if self.job is not None:
            self.job = self._drills.job_now(self.job)
            self._tell("job", self.job.state.value)

    def _tell(self, what: str, seen: str) -> None:
        if self._seen[what] != seen:
            self._seen[what] = seen
            self._drills.note(what, seen)
