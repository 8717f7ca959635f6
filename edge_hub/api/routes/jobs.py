"""Jobs: what waits for a printer or drawer, and what became of it."""

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.devices import JobBody, JobDoc, JobsDoc, JobsQuery, ResolveBody, job
from edge_hub.devices.hub import UnknownDevice
from edge_hub.domain.ids import DeviceId, JobId
from edge_hub.domain.staff import Permission
from edge_hub.services.printing.job import JobNotFound, JobState, JobStateConflict, QueueFull, Resolution
from edge_hub.services.printing.pack import DocumentTooLarge
from edge_hub.services.printing.service import DeviceCannot

ROUTES = Routes("Jobs")


@ROUTES.on("GET", "/v1/jobs", query=JobsQuery, response=JobsDoc)
async def list_jobs(call: Call[None, JobsQuery]) -> JobsDoc:
    """Jobs, newest first."""
    asked = call.query
    states = tuple(JobState(state) for state in asked.state)
    found = call.services.printing.jobs(device=asked.device or "", states=states, limit=asked.limit)
    return {"jobs": [job(one, call.locale) for one in found]}


@ROUTES.on("GET", "/v1/jobs/{job_id}", response=JobDoc, errors=(JobNotFound,))
async def get_job(call: Call[None, None]) -> JobDoc:
    """One job."""
    return job(call.services.printing.job(call.path["job_id"]), call.locale)


@ROUTES.on(
    "POST", "/v1/jobs", request=JobBody, response=JobDoc, status=202, auth="staff", permission=Permission.SELL,
    idempotent=True, errors=(UnknownDevice, DeviceCannot, QueueFull, DocumentTooLarge),
)  # fmt: skip
async def print_document(call: Call[JobBody, None]) -> JobDoc:
    """Print any document: it waits for the printer, survives a restart and is printed once."""
    printed = await call.services.printing.enqueue(
        call.who,
        DeviceId(call.body.device),
        call.body.document.value(),
        key=call.key,
        fingerprint=call.fingerprint,
    )
    return job(printed, call.locale)


@ROUTES.on(
    "POST", "/v1/jobs/{job_id}/resolve", request=ResolveBody, response=JobDoc, auth="staff",
    permission=Permission.REPRINT, idempotent=True, errors=(JobNotFound, JobStateConflict),
)  # fmt: skip
async def resolve_job(call: Call[ResolveBody, None]) -> JobDoc:
    """Say what became of a job of unknown outcome. A reprint answers the new job, marked as a possible duplicate."""
    resolution = Resolution(call.body.outcome)
    printing, job_id = call.services.printing, JobId(call.path["job_id"])
    found = await printing.resolve(call.who, job_id, resolution, key=call.key, fingerprint=call.fingerprint)
    return job(found, call.locale)


@ROUTES.on(
    "POST", "/v1/jobs/{job_id}/cancel", response=JobDoc, auth="staff", permission=Permission.REPRINT,
    idempotent=True, errors=(JobNotFound, JobStateConflict),
)  # fmt: skip
async def cancel_job(call: Call[None, None]) -> JobDoc:
    """Cancel a job that still waits."""
    printing, job_id = call.services.printing, JobId(call.path["job_id"])
    found = await printing.cancel(call.who, job_id, key=call.key, fingerprint=call.fingerprint)
    return job(found, call.locale)
