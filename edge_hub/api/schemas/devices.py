"""Devices, jobs and simulators."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from edge_hub.api.schemas.common import Id, Line, QueryLimit, Reason, doc
from edge_hub.api.schemas.documents import DocumentBody
from edge_hub.api.validate import Body, Query, WholeText
from edge_hub.devices.hub import DeviceSnapshot
from edge_hub.services.printing.job import Job
from edge_hub.words import words

DISPLAY_LINES_MAX = 8
LEASE_S_MAX = 600
SCAN_WAIT_S_MAX = 3
"""Whoever waits longer asks again: a request in hand holds up the hub's stop."""
JobStateName = Literal["queued", "sending", "done", "sent", "refused", "unknown", "cancelled"]


class DrawerBody(Body):
    reason: Annotated[Reason, Field(min_length=1)]


class DisplayBody(Body):
    lines: Annotated[tuple[Line, ...], Field(max_length=DISPLAY_LINES_MAX)]


class ClaimBody(Body):
    lease_s: Annotated[int, Field(ge=1, le=LEASE_S_MAX)] = 60


class ScanQuery(Query):
    wait_s: Annotated[int, Field(ge=0, le=SCAN_WAIT_S_MAX), WholeText] = SCAN_WAIT_S_MAX


class FaultBody(Body):
    on: bool


class ActionBody(Body):
    action: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
    value: Line = ""


class JobsQuery(Query):
    device: Id | None = None
    state: Annotated[tuple[JobStateName, ...], Field(max_length=8)] = ()
    limit: QueryLimit = 50


class JobBody(Body):
    device: Id
    document: DocumentBody


class ResolveBody(Body):
    outcome: Literal["printed", "reprint", "cancel"]


@doc
class PrinterStatusDoc(TypedDict):
    online: bool | None
    cover_open: bool | None
    paper_end: bool | None
    paper_near_end: bool | None
    cutter_error: bool | None
    unrecoverable: bool | None


@doc
class DeviceDoc(TypedDict):
    id: str
    label: str
    driver: str
    url: str
    roles: list[str]
    state: Literal["connecting", "ready", "offline", "fault", "disabled"]
    since_ms: int
    error_code: str
    error_text: str
    status: PrinterStatusDoc | None
    drawer: Literal["open", "closed", "unknown"]
    drawer_open_since_ms: int | None
    """When it opened, while it is open."""
    drawer_alarm: bool
    """It has been open for longer than `store.drawer_alarm_s`."""
    claimed_by: str | None
    simulated: bool


@doc
class DevicesDoc(TypedDict):
    devices: list[DeviceDoc]


@doc
class ClaimDoc(TypedDict):
    device: str
    claimed_by: str
    lease_s: int


@doc
class ScanDoc(TypedDict):
    data: str | None
    """What was read; null when nothing was in that time."""
    aim: str
    """AIM symbology identifier (ISO/IEC 15424), where the scanner sends it."""


@doc
class SimulatorFaultDoc(TypedDict):
    name: str
    help: str
    active: bool


@doc
class SimulatorDoc(TypedDict):
    faults: list[SimulatorFaultDoc]
    state: dict[str, Any]


@doc
class JobDoc(TypedDict):
    id: str
    device: str
    kind: Literal["print", "kick", "label"]
    state: JobStateName
    title: str
    origin: str
    copy: int
    possible_duplicate: bool
    proof: str
    error_code: str
    error_text: str
    attempts: int
    fallback_of: str
    created_ms: int
    updated_ms: int


@doc
class JobsDoc(TypedDict):
    jobs: list[JobDoc]


def job(value: Job, locale: str) -> JobDoc:
    return {
        "id": value.id,
        "device": value.device,
        "kind": value.kind.value,
        "state": value.state.value,
        "title": value.title,
        "origin": value.origin,
        "copy": value.copy,
        "possible_duplicate": value.possible_duplicate,
        "proof": value.proof,
        "error_code": value.error_code,
        "error_text": words(locale).device(value.error_code, value.error_text),
        "attempts": value.attempts,
        "fallback_of": value.fallback_of,
        "created_ms": value.created_ms,
        "updated_ms": value.updated_ms,
    }


def device(value: DeviceSnapshot, locale: str) -> DeviceDoc:
    status = value.status
    return {
        "id": value.id,
        "label": value.label,
        "driver": value.driver,
        "url": value.url,
        "roles": list(value.roles),
        "state": value.state.value,
        "since_ms": value.since_ms,
        "error_code": value.error_code,
        "error_text": words(locale).device(value.error_code, value.error_text),
        "status": None
        if status is None
        else {
            "online": status.online,
            "cover_open": status.cover_open,
            "paper_end": status.paper_end,
            "paper_near_end": status.paper_near_end,
            "cutter_error": status.cutter_error,
            "unrecoverable": status.unrecoverable,
        },
        "drawer": value.drawer.value,
        "drawer_open_since_ms": value.drawer_open_since_ms,
        "drawer_alarm": value.drawer_alarm,
        "claimed_by": value.claimed_by,
        "simulated": value.simulated,
    }


def faults(known: Mapping[str, str], active: frozenset[str], locale: str) -> list[SimulatorFaultDoc]:
    said = words(locale).said
    return [{"name": name, "help": said(text), "active": name in active} for name, text in sorted(known.items())]
