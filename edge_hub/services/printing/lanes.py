"""All lanes of the shop: recovers the ledger, starts a lane for each device that prints or opens, passes wake-ups on.

Order: within a lane the highest priority first, then the order in which jobs were accepted. A job of unknown outcome
stands aside and does not hold up the next ones: the paper of one customer must not wait for the doubt about another's.
Its reprint is a new job at the end of the queue.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping

from edge_hub.bus import Bus, Overrun, Subscription
from edge_hub.clock import Clock
from edge_hub.domain.ids import DeviceId, JobId
from edge_hub.journal.commands import HUB
from edge_hub.services.ports import JournalPort
from edge_hub.services.printing.commands import RecoverJobs
from edge_hub.services.printing.job import JobKind
from edge_hub.services.printing.kick_lane import KickLane
from edge_hub.services.printing.label_lane import LabelLane, TicketLane
from edge_hub.services.printing.lane import JOURNAL_RETRY_S, NOT_NOW, Lane, Shop
from edge_hub.services.printing.ledger import LANE_TOPIC, lane_key
from edge_hub.services.printing.ports import Devices, Documents, TicketLabels, no_labels
from edge_hub.services.printing.print_lane import PrintLane
from edge_hub.services.printing.queries import JobReads

_log = logging.getLogger(__name__)


class Lanes:
    """Run it as one task of the daemon; `stop` lets the jobs in hand end."""

    def __init__(
        self,
        *,
        journal: JournalPort,
        devices: Devices,
        bus: Bus,
        clock: Clock,
        documents: Documents,
        labels: TicketLabels = no_labels,
        printers: Iterable[DeviceId],
        drawers: Iterable[DeviceId],
        labelers: Iterable[DeviceId] = (),
        fallbacks: Mapping[DeviceId, DeviceId],
    ) -> None:
        """`printers`, `drawers` and `labelers` (label printers) are the devices with these roles; `fallbacks` maps a
        printer to its stand-in. `documents` and `labels` draw what a job does not carry.
        """
        self._bus = bus
        self._shop = Shop(
            journal=journal,
            jobs=JobReads(journal.reader),
            devices=devices,
            clock=clock,
            documents=documents,
            labels=labels,
        )
        self._lanes: dict[str, Lane] = {}
        self._told_to_stop = asyncio.Event()
        self._groups: tuple[asyncio.TaskGroup, asyncio.TaskGroup] | None = None
        """Of the helpers and of the lanes, while they run."""
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._helpers: dict[Lane, asyncio.Task[None]] = {}
        self._add(printers, drawers, labelers, fallbacks)

    def leave(self, devices: Collection[str]) -> None:
        """Begin no more jobs on these devices: they are about to be taken away, or to begin anew."""
        for key, lane in tuple(self._lanes.items()):
            if lane.device in devices:
                lane.stop()
                del self._lanes[key]
                if (helper := self._helpers.pop(lane, None)) is not None:
                    helper.cancel()

    async def join(
        self,
        *,
        printers: Iterable[DeviceId],
        drawers: Iterable[DeviceId],
        labelers: Iterable[DeviceId] = (),
        fallbacks: Mapping[DeviceId, DeviceId],
    ) -> None:
        """Have a lane for each of these devices, after those that left have come to an end. Take a device away
        between `leave` and this: a job in hand would else last for as long as its paper is out.
        """
        left = {task for lane, task in self._tasks.items() if lane not in self._lanes.values()}
        if left:
            await asyncio.wait(left)
        self._tasks = {lane: task for lane, task in self._tasks.items() if task not in left}
        self._add(printers, drawers, labelers, fallbacks)
        self._start()

    def _add(
        self,
        printers: Iterable[DeviceId],
        drawers: Iterable[DeviceId],
        labelers: Iterable[DeviceId],
        fallbacks: Mapping[DeviceId, DeviceId],
    ) -> None:
        pages = frozenset(printers)
        for device in labelers:
            turn = asyncio.Lock()
            self._lanes.setdefault(lane_key(device, JobKind.LABEL), LabelLane(self._shop, device, turn))
            if device not in pages:
                tickets = TicketLane(self._shop, device, fallbacks.get(device), turn)
                self._lanes.setdefault(lane_key(device, JobKind.PRINT), tickets)
        for device in drawers:
            self._lanes.setdefault(lane_key(device, JobKind.KICK), KickLane(self._shop, device))
        for device in pages:
            lane = PrintLane(self._shop, device, fallbacks.get(device))
            self._lanes.setdefault(lane_key(device, JobKind.PRINT), lane)

    def _start(self) -> None:
        if self._groups is None or self._told_to_stop.is_set():
            return
        helping, working = self._groups
        for lane in self._lanes.values():
            if lane in self._tasks:
                continue
            self._tasks[lane] = working.create_task(lane.run(), name=f"{lane.kind} lane of {lane.device}")
            if isinstance(lane, PrintLane) and lane.fallback is not None:
                self._helpers[lane] = helping.create_task(lane.fallback.run(), name=f"fallback of {lane.device}")

    def progress_ms(self, job: JobId) -> int | None:
        """When the printer last took something of it; None unless it is in hand."""
        return self._shop.progress.get(job)

    def stop(self) -> None:
        """Begin no more jobs; `run` returns when those in hand have their outcomes."""
        self._told_to_stop.set()
        for lane in self._lanes.values():
            lane.stop()

    async def run(self) -> None:
        with self._bus.subscribe(LANE_TOPIC, "device") as wakes:
            await self._recover()
            async with asyncio.TaskGroup() as helping:
                dispatching = helping.create_task(self._dispatch(wakes), name="job wake-ups")
                try:
                    async with asyncio.TaskGroup() as working:
                        self._groups = helping, working
                        self._start()
                        # there may be no lane now and one later
                        working.create_task(self._until_told(), name="lanes")
                finally:
                    self._groups = None
                for helper in (dispatching, *self._helpers.values()):
                    helper.cancel()

    async def _until_told(self) -> None:
        await self._told_to_stop.wait()

    async def _recover(self) -> None:
        """What was being sent when the hub stopped is in doubt; nothing is sent before that is written down."""
        while True:
            try:
                cut_short = await self._shop.journal.submit(RecoverJobs(), actor=HUB)
                for lane in self._lanes.values():
                    lane.recover()
            except NOT_NOW:
                await self._shop.clock.sleep(JOURNAL_RETRY_S)
            else:
                break
        if cut_short:
            _log.warning("%d jobs were being sent when the hub stopped: their outcome is unknown", cut_short)

    async def _dispatch(self, wakes: Subscription) -> None:
        async for wake in wakes:
            if isinstance(wake, Overrun) or wake.topic == "device":
                self._device_changed()
            elif (lane := self._lanes.get(wake.key)) is not None:
                lane.job_came()

    def _device_changed(self) -> None:
        """All lanes: a lane may also wait for its fallback's device."""
        for lane in self._lanes.values():
            lane.device_changed()
