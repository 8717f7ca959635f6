"""The writer's side of the ledger: each change of a job's state, decided inside the batch's transaction."""

from edge_hub.domain.events import DrawerLeftOpen, DrawerOpened
from edge_hub.domain.ids import DeviceId, JobId
from edge_hub.journal.commands import Command, Handlers, Outcome, Tx
from edge_hub.sdk.messages import Proof
from edge_hub.services.printing import ledger
from edge_hub.services.printing.commands import (
    CancelJob,
    EnqueueJob,
    FinishJob,
    LoseJob,
    MoveJobs,
    NoteDrawerLeftOpen,
    OpenDrawer,
    PruneJobs,
    RecoverJobs,
    RefuseJob,
    RequeueJob,
    ResolveJob,
    StartJob,
)
from edge_hub.services.printing.job import (
    ENDED,
    Job,
    JobKind,
    JobState,
    JobStateConflict,
    QueueFull,
    Resolution,
    step,
)

JOBS_QUEUED_MAX = 500
"""Waiting jobs of one device beyond which only sales may add more."""
QUEUE_FULL_RETRY_S = 60
PROOF_BY_PERSON = "person"
"""Somebody stood before the printer and said so."""
INTERRUPTED = "INTERRUPTED"
HANDLERS = Handlers()


def _replay(tx: Tx, _: Command[Job], ref: str) -> Job:
    return ledger.load(tx, ref)


@HANDLERS.on(EnqueueJob, replay=_replay)
def _enqueue(tx: Tx, command: EnqueueJob) -> Outcome[Job]:
    _require_room(tx, command.device)
    job = ledger.insert(
        tx,
        device=command.device,
        kind=command.kind,
        packed=command.packed,
        title=command.title,
        origin=command.origin,
        priority=command.priority,
    )
    return Outcome(answer=ledger.load(tx, job), ref=job)


@HANDLERS.on(OpenDrawer, replay=_replay)
def _open_drawer(tx: Tx, command: OpenDrawer) -> Outcome[Job]:
    _require_room(tx, command.device)
    job = ledger.enqueue(
        tx,
        device=command.device,
        kind=JobKind.KICK,
        title=command.title,
        origin=f"drawer:{command.till}",
        priority=ledger.KICK_PRIORITY,
    )
    tx.append(DrawerOpened(till=command.till, job=job, reason=command.reason))
    return Outcome(answer=ledger.load(tx, job), ref=job)


@HANDLERS.on(NoteDrawerLeftOpen)
def _note_left_open(tx: Tx, command: NoteDrawerLeftOpen) -> Outcome[int]:
    seq = tx.append(DrawerLeftOpen(till=command.till, device=command.device, seconds=command.seconds))
    return Outcome(answer=seq)


@HANDLERS.on(StartJob)
def _start(tx: Tx, command: StartJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    if job.device != command.device:
        raise JobStateConflict(state=job.state.value)
    state = step(job, JobState.SENDING)
    tx.execute(
        "UPDATE jobs SET state = ?, attempts = attempts + 1, error_code = '', error_text = '', updated_ms = ?"
        " WHERE id = ?",
        (state.value, tx.at_ms, job.id),
    )
    return _changed(tx, job.id)


@HANDLERS.on(FinishJob)
def _finish(tx: Tx, command: FinishJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    state = step(job, JobState.SENT if command.proof == Proof.SENT else JobState.DONE)
    return _end(tx, job, state, proof=command.proof)


@HANDLERS.on(RequeueJob)
def _requeue(tx: Tx, command: RequeueJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    return _fail(tx, job, step(job, JobState.QUEUED), command.error_code, command.error_text)


@HANDLERS.on(RefuseJob)
def _refuse(tx: Tx, command: RefuseJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    return _fail(tx, job, step(job, JobState.REFUSED), command.error_code, command.error_text)


@HANDLERS.on(LoseJob)
def _lose(tx: Tx, command: LoseJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    return _fail(tx, job, step(job, JobState.UNKNOWN), command.error_code, command.error_text)


@HANDLERS.on(CancelJob, replay=_replay)
def _cancel(tx: Tx, command: CancelJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    if job.state is not JobState.QUEUED:
        raise JobStateConflict(state=job.state.value)
    return _end(tx, job, step(job, JobState.CANCELLED))


@HANDLERS.on(ResolveJob, replay=_replay)
def _resolve(tx: Tx, command: ResolveJob) -> Outcome[Job]:
    job = ledger.load(tx, command.job)
    if job.state is not JobState.UNKNOWN:
        raise JobStateConflict(state=job.state.value)
    if command.resolution is Resolution.PRINTED:
        return _end(tx, job, step(job, JobState.DONE), proof=PROOF_BY_PERSON)
    ended = _end(tx, job, step(job, JobState.CANCELLED))
    return _again(tx, job) if command.resolution is Resolution.REPRINT else ended


def _again(tx: Tx, job: Job) -> Outcome[Job]:
    """The same once more, as a job of its own at the end of the queue, on the printer it was first meant for."""
    row = tx.row("SELECT document FROM jobs WHERE id = ?", (job.id,))
    new = ledger.insert(
        tx,
        device=job.fallback_of or job.device,
        kind=job.kind,
        packed=row[0] if row else None,
        title=job.title,
        origin=job.origin,
        priority=job.priority,
        copy=job.copy,
        possible_duplicate=True,
    )
    return Outcome(answer=ledger.load(tx, new), ref=new)


@HANDLERS.on(MoveJobs)
def _move(tx: Tx, command: MoveJobs) -> Outcome[int]:
    """Their places in the other queue follow from when they were accepted."""
    waiting = tx.rows(
        "SELECT id FROM jobs WHERE device = ? AND kind = 'print' AND fallback_of = ''"  # noqa: S608  # constants
        f" AND {ledger.NOT_RAW} AND {ledger.WAITING}",
        (command.device,),
    )
    for (job,) in waiting:
        tx.execute(
            "UPDATE jobs SET device = ?, fallback_of = ?, updated_ms = ? WHERE id = ?",
            (command.to, command.device, tx.at_ms, job),
        )
        tx.wake("job", job)
    tx.wake(ledger.LANE_TOPIC, ledger.lane_key(command.to, JobKind.PRINT))
    return Outcome(answer=len(waiting))


@HANDLERS.on(RecoverJobs)
def _recover(tx: Tx, _: RecoverJobs) -> Outcome[int]:
    cut_short = tx.rows("SELECT id FROM jobs WHERE state = 'sending'")
    for (job,) in cut_short:
        _fail(tx, ledger.load(tx, job), JobState.UNKNOWN, INTERRUPTED, "The hub stopped while this was being sent.")
    return Outcome(answer=len(cut_short))


@HANDLERS.on(PruneJobs)
def _prune(tx: Tx, command: PruneJobs) -> Outcome[int]:
    ended = sorted(state.value for state in ENDED)
    places = ",".join("?" * len(ended))
    pruned = tx.execute(
        "DELETE FROM jobs WHERE lane_order IN"  # noqa: S608  # only question marks are put in
        f" (SELECT lane_order FROM jobs WHERE state IN ({places}) AND updated_ms < ? ORDER BY lane_order LIMIT ?)",
        (*ended, command.before_ms, command.limit),
    )
    return Outcome(answer=pruned)


def _require_room(tx: Tx, device: DeviceId) -> None:
    row = tx.row(f"SELECT count(*) FROM jobs WHERE device = ? AND {ledger.WAITING}", (device,))  # noqa: S608  # constant
    if row is not None and row[0] >= JOBS_QUEUED_MAX:
        raise QueueFull(jobs_max=JOBS_QUEUED_MAX, retry_after_s=QUEUE_FULL_RETRY_S)


def _end(tx: Tx, job: Job, state: JobState, *, proof: str = "") -> Outcome[Job]:
    tx.execute("UPDATE jobs SET state = ?, proof = ?, updated_ms = ? WHERE id = ?", (state, proof, tx.at_ms, job.id))
    return _changed(tx, job.id)


def _fail(tx: Tx, job: Job, state: JobState, error_code: str, error_text: str) -> Outcome[Job]:
    tx.execute(
        "UPDATE jobs SET state = ?, error_code = ?, error_text = ?, updated_ms = ? WHERE id = ?",
        (state, error_code, error_text, tx.at_ms, job.id),
    )
    return _changed(tx, job.id)


def _changed(tx: Tx, job: JobId) -> Outcome[Job]:
    tx.wake("job", job)
    return Outcome(answer=ledger.load(tx, job), ref=job)
