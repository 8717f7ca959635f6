"""Epson's ePOS-Print service as tills call it: answered when the page is printed, or why it is not.

Codes and status bits: Epson ePOS-Print XML User's Manual (TM-T20II-i p. 63, TM-m50II p. 59).
"""

import hashlib
import logging
from dataclasses import dataclass
from uuid import uuid4

from aiohttp import web

from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.devices.hub import DeviceHub
from edge_hub.domain.ids import DeviceId, TillId
from edge_hub.doors.epos_parse import NAMESPACE, Order, SchemaFault, parse
from edge_hub.doors.face import Face, face_of
from edge_hub.doors.waiting import WAITING, ended_within
from edge_hub.doors.web_door import body
from edge_hub.errors import Conflict, EdgeHubError, Invalid, Limited
from edge_hub.sdk.document import Document
from edge_hub.sdk.errors import ErrorCode
from edge_hub.services.printing.intake import Intake
from edge_hub.services.printing.job import Job, JobState

PATH = "/cgi-bin/epos/service.cgi"
DEVID = "local_printer"
WAIT_MS = 60_000
"""For a page to be printed, where the program names no time."""
WAIT_MS_MAX = 300_000
WAIT_DIGITS_MAX = 9
KICK_REASON = "another program's till (ePOS-Print)"
_CODES = {
    ErrorCode.COVER_OPEN: "EPTR_COVER_OPEN",
    ErrorCode.REC_EMPTY: "EPTR_REC_EMPTY",
    ErrorCode.CUTTER: "EPTR_CUTTER",
    ErrorCode.UNRECOVERABLE: "EPTR_UNRECOVERABLE",
}
OFFLINE = "EX_BADPORT"
PRINTED, NO_RESPONSE = 0x2, 0x1
FIXED = 0x0F000010
"""Set in every status of a TM printer (251658262 is printed, drawer pin high); a status of 2 alone means spooled."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EposRules:
    """What one door allows. `till`: whose drawer is opened; None: pulses are refused."""

    door: str
    device: DeviceId
    till: TillId | None
    title: str


class EposDoor:
    """One service."""

    def __init__(self, rules: EposRules, *, intake: Intake, devices: DeviceHub, bus: Bus, clock: Clock) -> None:
        self._rules = rules
        self._intake = intake
        self._devices = devices
        self._bus = bus
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The one path, and what a browser asks before."""
        return [web.post(PATH, self.serve), web.options(PATH, self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        """One request."""
        if request.content_type != "text/xml":
            # a page of another origin could post any other type unasked
            return web.Response(status=415)
        try:
            order = parse(await body(request))
            wait_ms = _wait_ms(order, request.query.get("timeout", ""))
        except web.HTTPRequestEntityTooLarge:
            return self._response("RequestEntityTooLarge")
        except SchemaFault as fault:
            _log.warning("door %s: a page cannot be printed: %s", self._rules.door, fault)
            return self._response("SchemaError")
        if (request.query.get("devid") or order.devid) not in {DEVID, self._rules.device}:
            return self._response("DeviceNotFound", status=NO_RESPONSE)
        try:
            return await self._obey(order, wait_ms)
        except EdgeHubError as error:
            _log.warning("door %s: %s", self._rules.door, error.detail)
            return self._response(_refusal(error), name=order.name)

    async def _obey(self, order: Order, wait_ms: int) -> web.Response:
        if order.page is None and not order.pulses:
            return self._asked(order.name)
        if order.pulses and self._rules.till is None:
            _log.warning("door %s: no till is configured whose drawer could be opened", self._rules.door)
            return self._response("SchemaError", name=order.name)
        face = self._face()
        if not order.name and not face.online:
            # a till that is told so asks again: taking the page as well would print it twice
            return self._response(_trouble(face))
        job = await self._enqueue(order)
        job = await ended_within(self._intake, self._bus, self._clock, job.id, wait_ms / 1000)
        if job.state not in WAITING:
            return self._ended(job, order.name)
        return await self._late(order, job)

    async def _enqueue(self, order: Order) -> Job:
        """The page, or where there is none the pulse; the same name is the same job."""
        rules = self._rules
        kick = None
        if order.pulses and rules.till is not None:
            key = _key(order.name, "kick") if order.name else uuid4().hex
            kick = await self._intake.kick(rules.device, till=rules.till, reason=KICK_REASON, key=key)
        if order.page is None and kick is not None:
            return kick
        key = _key(order.name, "page") if order.name else uuid4().hex
        return await self._intake.page(rules.device, order.page or Document(blocks=()), title=rules.title, key=key)

    async def _late(self, order: Order, job: Job) -> web.Response:
        if order.name:
            return self._response(_pending(job), name=order.name)
        await self._intake.withdraw(job.id)
        return self._response("EX_TIMEOUT")

    def _asked(self, name: str) -> web.Response:
        """After a job, or after the printer."""
        if not name:
            face = self._face()
            return self._response("" if face.online else _trouble(face), success=face.online)
        job = self._intake.find(_key(name, "page")) or self._intake.find(_key(name, "kick"))
        if job is None:
            return self._response("JobNotFound", name=name)
        if job.state in WAITING:
            return self._response(_pending(job), name=name)
        return self._ended(job, name)

    def _ended(self, job: Job, name: str) -> web.Response:
        if job.state is JobState.DONE:
            return self._response("", success=True, status=PRINTED, name=name)
        if job.state in {JobState.UNKNOWN, JobState.SENT}:
            return self._response("EX_TIMEOUT", status=NO_RESPONSE, name=name)
        return self._response("PrintSystemError", name=name)

    def _face(self) -> Face:
        return face_of(self._devices, self._rules.device)

    def _response(self, code: str, *, success: bool = False, status: int = 0, name: str = "") -> web.Response:
        bits = status | _bits(self._face())
        named = f"<s:Header><parameter><printjobid>{name}</printjobid></parameter></s:Header>" if name else ""
        text = (
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{named}<s:Body>'
            f'<response success="{str(success).lower()}" code="{code}" status="{bits}" battery="0"'
            f' xmlns="{NAMESPACE}"/>'
            "</s:Body></s:Envelope>"
        )
        return web.Response(text=text, content_type="text/xml", charset="utf-8")


def _wait_ms(order: Order, query: str) -> int:
    asked = order.timeout_ms
    if asked is None and query.isascii() and query.isdigit() and len(query) <= WAIT_DIGITS_MAX:
        asked = int(query)
    return min(WAIT_MS if asked is None else asked, WAIT_MS_MAX)


def _key(name: str, what: str) -> str:
    """An idempotency key of a length that fits; names are the program's own."""
    return f"{what}-{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _refusal(error: EdgeHubError) -> str:
    if isinstance(error, Limited):
        return "TooManyRequests"
    return "SchemaError" if isinstance(error, Invalid | Conflict) else "PrintSystemError"


def _pending(job: Job) -> str:
    return "Printing" if job.state is JobState.SENDING else "JobSpooling"


def _trouble(face: Face) -> str:
    complaint = None if face.away else face.status.complaint
    return _CODES.get(complaint[0], OFFLINE) if complaint else OFFLINE


def _bits(face: Face) -> int:
    """The device's state as ASB of ePOS-Print."""
    said = face.status
    flags = {
        NO_RESPONSE: face.away,
        FIXED: not face.away,
        0x4: not face.away and face.pin_high,
        0x8: not face.online,
        0x20: bool(said.cover_open),
        0x800: bool(said.cutter_error),
        0x2000: bool(said.unrecoverable),
        0x20000: bool(said.paper_near_end or said.paper_end),
        0x80000: bool(said.paper_end),
    }
    return sum(bit for bit, on in flags.items() if on)
