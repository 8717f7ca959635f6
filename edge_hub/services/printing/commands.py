"""What may be asked of the job ledger. Every answer is the job as it stands afterwards, unless it says otherwise."""

from dataclasses import dataclass

from edge_hub.domain.ids import DeviceId, JobId, TillId
from edge_hub.journal.commands import Command
from edge_hub.services.printing.job import Job, JobKind, Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueueJob(Command[Job]):
    """Queue something for a device. Raises QueueFull."""

    device: DeviceId
    kind: JobKind
    packed: bytes | None = None
    """The document, packed by the asking side."""
    title: str
    origin: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDrawer(Command[Job]):
    """A drawer opened without a sale: journaled with its reason, and kicked. Raises QueueFull."""

    device: DeviceId
    till: TillId
    reason: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDrawerLeftOpen(Command[int]):
    """A drawer has been open for too long; answers the seq."""

    device: DeviceId
    till: TillId
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartJob(Command[Job]):
    """Durable before the first byte leaves. Raises JobStateConflict when it was cancelled or moved meanwhile."""

    job: JobId
    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishJob(Command[Job]):
    """The device took it: "process_id" or "status_after" make it done, "sent" makes it sent."""

    job: JobId
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueJob(Command[Job]):
    """The device said no before the first byte: the job waits in its old place."""

    job: JobId
    error_code: str
    error_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseJob(Command[Job]):
    """No retry can do it."""

    job: JobId
    error_code: str
    error_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseJob(Command[Job]):
    """Some of it may have printed: unknown, until a person has looked."""

    job: JobId
    error_code: str
    error_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveJob(Command[Job]):
    """What a person says of an unknown job. A reprint answers the new job, marked as a possible duplicate."""

    job: JobId
    resolution: Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelJob(Command[Job]):
    """Only while it is queued."""

    job: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveJobs(Command[int]):
    """All waiting print jobs of a device to its fallback, each once only; answers how many."""

    device: DeviceId
    to: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverJobs(Command[int]):
    """At start: what was being sent when the hub stopped is of unknown outcome; answers how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneJobs(Command[int]):
    """Forget at most `limit` ended jobs untouched since `before_ms`; answers how many."""

    before_ms: int
    limit: int
