"""Printing as others ask for it: permissions, limits and words here; the facts are the ledger's."""

from collections.abc import Sequence
from typing import Any, Protocol

from edge_hub.clock import Clock
from edge_hub.domain.ids import DeviceId, JobId, TillId
from edge_hub.domain.staff import Permission
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import Invalid, fault
from edge_hub.journal.commands import HUB
from edge_hub.sdk.document import Document
from edge_hub.sdk.roles import CASH_DRAWER, LABEL_PRINTER, POS_PRINTER, Role
from edge_hub.services.ports import JournalPort
from edge_hub.services.principal import Principal
from edge_hub.services.printing.commands import CancelJob, EnqueueJob, OpenDrawer, PruneJobs, ResolveJob
from edge_hub.services.printing.job import Job, JobKind, JobState, Resolution
from edge_hub.services.printing.pack import LabelRun, pack
from edge_hub.services.printing.queries import JOBS_LISTED_MAX, JobReads
from edge_hub.services.printing.testpage import test_label, test_page
from edge_hub.words import words

TITLE_CHARACTERS_MAX = 120
REASON_CHARACTERS_MAX = 200
JOBS_KEPT_DAYS = 30
"""Ended jobs are kept this long for questions about a page."""
PRUNE_PERIOD_S = 6 * 60 * 60
PRUNE_BATCH_MAX = 500
"""Rows forgotten in one transaction, so that no sale waits long behind it."""
DAY_MS = 86_400_000


class DeviceCannot(Invalid):
    """The device is of another kind; `params["role"]` is what it would have to be."""

    code = "device-cannot"
    title = "This device cannot do that."


class Snapshot(Protocol):
    """The part of a device's snapshot that is needed here."""

    @property
    def id(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def roles(self) -> tuple[str, ...]: ...


class Snapshots(Protocol):
    def snapshot(self, device_id: str) -> Snapshot:
        """Raises a NotFound for a device that is not configured."""
        ...


class Printing:
    def __init__(self, *, journal: JournalPort, devices: Snapshots, clock: Clock, settings: StoreSettings) -> None:
        self._journal = journal
        self._jobs = JobReads(journal.reader)
        self._devices = devices
        self._clock = clock
        self._settings = settings

    async def enqueue(
        self,
        who: Principal,
        device: DeviceId,
        document: Document,
        *,
        title: str = "",
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Job:
        """Print any document. Raises UnknownDevice, DeviceCannot, QueueFull, DocumentTooLarge."""
        who.require(Permission.SELL)
        self._device(device, POS_PRINTER)
        command = EnqueueJob(
            device=device,
            kind=JobKind.PRINT,
            packed=pack(document),
            title=_short("/title", title or document.title, TITLE_CHARACTERS_MAX),
        )
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    async def test_page(self, who: Principal, device: DeviceId, *, key: str = "", fingerprint: bytes = b"") -> Job:
        """A page with everything a document can have, in the language of whoever asks; of a label printer a label."""
        who.require(Permission.MANAGE_DEVICES)
        labels = LABEL_PRINTER.name in self._devices.snapshot(device).roles
        snapshot = self._device(device, LABEL_PRINTER if labels else POS_PRINTER)
        said, name = words(self._locale(who)), snapshot.label or snapshot.id
        printed_at = said.date_time(self._clock.now_ms(), self._settings.card.timezone)
        if labels:
            label = test_label(said, device=name, printed_at=printed_at)
            kind, packed, title = JobKind.LABEL, pack(LabelRun(label=label, copies=1)), label.title
        else:
            page = test_page(said, device=name, store=self._settings.card.name, printed_at=printed_at)
            kind, packed, title = JobKind.PRINT, pack(page), page.title
        command = EnqueueJob(device=device, kind=kind, packed=packed, title=title, origin="test")
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    async def open_drawer(
        self,
        who: Principal,
        device: DeviceId,
        *,
        till: TillId | None = None,
        reason: str,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Job:
        """Without a sale: journaled with who and why. Raises UnknownDevice, DeviceCannot, QueueFull."""
        who.require(Permission.OPEN_DRAWER)
        self._device(device, CASH_DRAWER)
        wanted = till or who.till or self._till_of(device)
        if wanted is None and who.local:
            wanted = TillId("")  # a drawer that was not given to a till yet has to be tried all the same
        elif wanted is None or self._settings.till(wanted) is None:
            raise Invalid(faults=(fault("/till", "unknown-till", "is not a till of this store", why="unknown-till"),))
        if not reason.strip():
            raise Invalid(faults=(fault("/reason", "missing", "say why the drawer is opened", why="no-reason"),))
        command = OpenDrawer(
            device=device,
            till=wanted,
            reason=_short("/reason", reason.strip(), REASON_CHARACTERS_MAX),
            title=words(self._settings.card.locale).text("job.kind.kick"),
        )
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    def job(self, job_id: str) -> Job:
        """Raises JobNotFound."""
        return self._jobs.get(job_id)

    def jobs(self, *, device: str = "", states: Sequence[JobState] = (), limit: int = JOBS_LISTED_MAX) -> list[Job]:
        """Newest first."""
        return self._jobs.listed(device=device, states=states, limit=limit)

    async def resolve(
        self, who: Principal, job_id: JobId, resolution: Resolution, *, key: str = "", fingerprint: bytes = b""
    ) -> Job:
        """A person looked at the printer. A reprint answers the new job. Raises JobNotFound, JobStateConflict."""
        who.require(Permission.REPRINT)
        if resolution is Resolution.REPRINT and self._jobs.get(job_id).kind is JobKind.KICK:
            who.require(Permission.OPEN_DRAWER)
        command = ResolveJob(job=job_id, resolution=resolution)
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    async def cancel(self, who: Principal, job_id: JobId, *, key: str = "", fingerprint: bytes = b"") -> Job:
        """Only while it waits. Raises JobNotFound, JobStateConflict."""
        who.require(Permission.REPRINT)
        return await self._journal.submit(CancelJob(job=job_id), actor=who.actor, key=key, fingerprint=fingerprint)

    async def prune(self) -> int:
        """Forget ended jobs older than JOBS_KEPT_DAYS; how many."""
        before_ms = self._clock.now_ms() - JOBS_KEPT_DAYS * DAY_MS
        total = 0
        while True:
            pruned = await self._journal.submit(PruneJobs(before_ms=before_ms, limit=PRUNE_BATCH_MAX), actor=HUB)
            total += pruned
            if pruned < PRUNE_BATCH_MAX:
                return total

    def _device(self, device: DeviceId, role: Role[Any]) -> Snapshot:
        snapshot = self._devices.snapshot(device)
        if role.name not in snapshot.roles:
            raise DeviceCannot(device=device, role=role.name)
        return snapshot

    def _locale(self, who: Principal) -> str:
        return (who.staff.locale if who.staff else "") or self._settings.card.locale

    def _till_of(self, device: DeviceId) -> TillId | None:
        return next((till.id for till in self._settings.tills if till.drawer == device), None)


def _short(pointer: str, text: str, characters_max: int) -> str:
    if len(text) > characters_max:
        words = "is longer than {limit} characters"
        raise Invalid(faults=(fault(pointer, "too-long", words, why="too-long", limit=characters_max),))
    return text
