"""One lane: works through the waiting jobs of one device and kind, one at a time, in order.

Before the first byte the job is durably `sending`; afterwards its outcome is written down before the next one is
looked at. Prints and kicks of the same device are two lanes: the driver knows whether its wire can take a pulse in
the middle of a page, and where it cannot, its lock makes the pulse the very next thing.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from edge_hub.clock import Clock
from edge_hub.domain.ids import DeviceId, JobId
from edge_hub.errors import Conflict, Damaged, EdgeHubError, Limited, NotFound, OutcomeUnknown, Unavailable
from edge_hub.journal.commands import HUB, Command
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceRefused, ErrorCode
from edge_hub.sdk.roles import Role
from edge_hub.services.ports import JournalPort
from edge_hub.services.printing.commands import LoseJob, RefuseJob, RequeueJob, StartJob
from edge_hub.services.printing.job import Job, JobKind
from edge_hub.services.printing.ports import Devices, Documents, TicketLabels, no_labels
from edge_hub.services.printing.queries import JobReads
from edge_hub.services.printing.waiting import rest

RELOOK_S = 30
"""A lane that nobody wakes looks for itself this often: a lost wake-up costs this much, never a job."""
JOURNAL_RETRY_S = 5
NOT_NOW = (Unavailable, OutcomeUnknown, Damaged, Limited)
"""The journal records nothing at the moment, or the writer is going down."""
READY = "ready"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What all lanes share."""

    journal: JournalPort
    jobs: JobReads
    devices: Devices
    clock: Clock
    documents: Documents
    labels: TicketLabels = no_labels
    progress: dict[JobId, int] = field(default_factory=dict)
    """When the printer last took something of a job in hand, unix ms: for people, not worth a commit each."""


class Lane(ABC):
    """The order of work; what a job is made of and what its device does are the subclass's."""

    kind: ClassVar[JobKind]
    needs: ClassVar[Role[Any]]

    def __init__(self, shop: Shop, device: DeviceId) -> None:
        self.device = device
        self._shop = shop
        self._awake = asyncio.Event()
        self._stopping = False
        self._stuck = False
        """The first waiting job cannot be begun before its device changes or time passes."""

    def wake(self) -> None:
        """Look again; never waits."""
        self._awake.set()

    def job_came(self) -> None:
        """The same, because a job was queued here: behind a stuck one that is no reason to look. With a printer
        switched off, looking after each sale was an eighth of what the hub did.
        """
        if not self._stuck:
            self.wake()

    def device_changed(self) -> None:
        """The same, because something is different about a device."""
        self.wake()

    def recover(self) -> None:  # noqa: B027  # most devices keep nothing of the last run
        """Once, before `run`: what the hub's last run left behind at the device. Raises as a read does."""

    def stop(self) -> None:
        """Begin nothing more; `run` returns once the job in hand has its outcome."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                job = self._shop.jobs.next(self.device, self.kind)
            except NOT_NOW as exc:
                _log.warning("the jobs of %s cannot be read: %s", self.device, exc.detail)
                await self._shop.clock.sleep(JOURNAL_RETRY_S)
                continue
            if job is None:
                await rest(self._awake, self._shop.clock, RELOOK_S)
            elif not await self._take(job) and not self._stopping:
                self._stuck = True
                await rest(self._awake, self._shop.clock, self._patience_s(job))
                self._stuck = False

    @abstractmethod
    async def _take(self, job: Job) -> bool:
        """Do something about the first waiting job; False: nothing can be done before a wake-up."""

    @abstractmethod
    def _patience_s(self, job: Job) -> float:
        """How long to wait for a wake-up while this job waits."""

    @abstractmethod
    def _done(self, job: Job, result: Any) -> Command[Job]:
        """What the role's answer means for the job."""

    def _role(self) -> Any:
        """The object that does the work, or None while the device is away. The hub watches each of its calls: it ends
        with a result or a DeviceError, when the driver crashes or the device is closed under it too.
        """
        return self._shop.devices.get(self.device).role(self.needs)

    async def _send(self, job: Job, act: Callable[[], Awaitable[Any]]) -> bool:
        """Start it durably, do it, write down what came of it. False: the device said no."""
        try:
            await self._shop.journal.submit(StartJob(job=job.id, device=self.device), actor=HUB)
        except (Conflict, NotFound):
            return True  # cancelled, moved or pruned since it was read
        except EdgeHubError as exc:
            _log.warning("job %s on %s waits for the journal: %s", job.id, self.device, exc.detail)
            await self._shop.clock.sleep(JOURNAL_RETRY_S)
            return True
        outcome = await self._outcome(job, act)
        await self._record(outcome)
        return not isinstance(outcome, RequeueJob)

    async def _outcome(self, job: Job, act: Callable[[], Awaitable[Any]]) -> Command[Job]:
        try:
            return self._done(job, await act())
        except (DeviceRefused, DeviceBusy) as exc:
            if exc.error_code is ErrorCode.ILLEGAL:
                # no later try can do it, and those behind it must not wait for one
                _log.warning("job %s on %s is refused: %s", job.id, self.device, exc.detail)
                return RefuseJob(job=job.id, error_code=exc.error_code.value, error_text=exc.detail)
            return RequeueJob(job=job.id, error_code=exc.error_code.value, error_text=exc.detail)
        except DeviceError as exc:
            _log.warning("job %s on %s is of unknown outcome: %s", job.id, self.device, exc.detail)
            return LoseJob(job=job.id, error_code=exc.error_code.value, error_text=exc.detail)

    async def _record(self, command: Command[Any]) -> None:
        """Until the journal has it: the outcome is known here and nowhere else."""
        while True:
            try:
                await self._shop.journal.submit(command, actor=HUB)
            except NOT_NOW as exc:
                _log.warning("the outcome of a job on %s waits for the journal: %s", self.device, exc.detail)
                await self._shop.clock.sleep(JOURNAL_RETRY_S)
            except EdgeHubError:
                _log.exception("the ledger does not take the outcome of a job on %s", self.device)
                return
            else:
                return
