"""Drills."""

from typing import Literal

from typing_extensions import TypedDict

from edge_hub.api.schemas.common import doc
from edge_hub.api.validate import Body
from edge_hub.services.drill import Interruption, Report
from edge_hub.words import words

DrillKind = Literal["printer_out", "scanner_gone", "device_reset", "terminal_silent", "hub_restart"]


class DrillBody(Body):
    name: DrillKind


@doc
class StepDoc(TypedDict):
    at_ms: int
    what: str
    """What was done, or what changed: `device`, `job`, `payment`, `shown` at the till, `listed` for the manager."""
    seen: str


@doc
class RestartDoc(TypedDict):
    away_ms: int
    """From the hub's last answer to being ready again."""
    in_place: bool
    """false: the hub ended on the way, and something else started it."""
    sockets: int
    """Of tablets, when the restart was asked for."""
    sockets_told: int
    """Closed with 1001."""
    sockets_back: int
    baskets: int
    baskets_kept: int
    jobs_waiting: int
    jobs_unknown: int
    """Were being printed at the stop: somebody looks at the paper."""
    payments_open: int
    payments_in_doubt: int
    """Of those under way: still being asked about, or a person must decide."""


@doc
class DrillDoc(TypedDict):
    name: DrillKind
    device: str
    started_ms: int
    verdict: Literal["running", "held", "needs_person", "cancelled"]
    steps: list[StepDoc]
    restart: RestartDoc | None
    """Of a restart that is over."""


@doc
class DrillsDoc(TypedDict):
    drill: DrillDoc | None


def _restart(seen: Interruption) -> RestartDoc:
    return {
        "away_ms": seen.away_ms,
        "in_place": seen.in_place,
        "sockets": seen.sockets,
        "sockets_told": seen.sockets_told,
        "sockets_back": seen.sockets_back,
        "baskets": seen.baskets,
        "baskets_kept": seen.baskets_kept,
        "jobs_waiting": seen.jobs_waiting,
        "jobs_unknown": seen.jobs_unknown,
        "payments_open": seen.payments_open,
        "payments_in_doubt": seen.payments_in_doubt,
    }


def drill(report: Report, locale: str) -> DrillDoc:
    said = words(locale).said
    return {
        "name": report.name.value,
        "device": report.device,
        "started_ms": report.started_ms,
        "verdict": report.verdict.value,
        "steps": [{"at_ms": step.at_ms, "what": step.what, "seen": said(step.seen)} for step in report.steps],
        "restart": None if report.restart is None else _restart(report.restart),
    }
