"""The hardware proxy of Odoo's point of sale: JSON-RPC under /hw_proxy, for one till of the hub's.

Shapes after odoo/odoo (addons/hw_drivers: ProxyController, PrinterController, ScaleReadHardwareProxy,
KeyboardUSBController; addons/point_of_sale: HWPrinter), OCA/pos (hw_customer_display) and akretion/pywebdriver.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import web

from edge_hub.bus import Bus, Overrun
from edge_hub.clock import Clock
from edge_hub.devices.hub import DeviceHub, UnknownDevice
from edge_hub.devices.states import DeviceState
from edge_hub.domain.ids import DeviceId
from edge_hub.domain.receipt import Till
from edge_hub.doors.face import face_of
from edge_hub.doors.pictures import BadPicture, decoded
from edge_hub.doors.waiting import WAITING, ended_within
from edge_hub.doors.web_door import body
from edge_hub.errors import EdgeHubError
from edge_hub.sdk.document import Cut, Document
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.glyphs import CELL_DOTS
from edge_hub.sdk.messages import Scanned
from edge_hub.sdk.roles import LINE_DISPLAY, POS_PRINTER, SCALE
from edge_hub.sdk.timing import deadline
from edge_hub.services.printing.intake import Intake
from edge_hub.services.printing.job import JobState
from edge_hub.words import best_locale, words

PRINT_WAIT_S = 20.0
"""For a page or a pulse to come to its end."""
SCAN_WAIT_S = 5.0
"""The till waits 7.5 s for an answer."""
SCAN_FRESH_S = 5.0
"""What was scanned longer ago is of no interest any more."""
SCANS_KEPT_MAX = 16
DISPLAY_LINES_MAX = 8
DISPLAY_CHARACTERS_MAX = 200
KICK_REASON = "another program's till (hw_proxy)"
PREFIX = "/hw_proxy/"
Params = dict[str, Any]
_log = logging.getLogger(__name__)


class BadCall(Exception):
    """The call's parameters are not those of this route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HwRules:
    """What one door leads to: `till` with its devices; `printer` is the door's own or the till's, "" for none."""

    door: str
    till: Till
    printer: str
    title: str


class HwDoor:
    """One till's hardware, as Odoo asks for it."""

    def __init__(self, rules: HwRules, *, intake: Intake, devices: DeviceHub, bus: Bus, clock: Clock) -> None:
        self._rules = rules
        self._intake = intake
        self._devices = devices
        self._bus = bus
        self._clock = clock
        self._scans: deque[tuple[float, str]] = deque(maxlen=SCANS_KEPT_MAX)
        self._scanned = asyncio.Event()
        self._weighing = asyncio.Lock()
        self._drawing = asyncio.Lock()
        """One picture at a time: a large one takes 100 MB while it is made small."""

    def routes(self) -> list[web.RouteDef]:
        """All paths."""
        calls: dict[str, Callable[[Params], Awaitable[object]]] = {
            "handshake": self._handshake,
            "status_json": self._status,
            "default_printer_action": self._printer_action,
            "open_cashbox": self._cashbox,
            "scale_read": self._weigh,
            "scanner": self._scan,
            "send_text_customer_display": self._show,
        }
        posts = [web.post(PREFIX + name, _json_rpc(call, self._rules.door)) for name, call in calls.items()]
        preflights = [web.options(PREFIX + name, _hello) for name in (*calls, "hello")]
        return [web.get(f"{PREFIX}hello", _hello), *posts, *preflights]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Keep what the till's scanner reads, for the next call, while the block runs."""
        keeping = asyncio.create_task(self._keep(), name=f"scans of door {self._rules.door}")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    async def _keep(self) -> None:
        with self._bus.subscribe("scan") as scans:
            async for wake in scans:
                if isinstance(wake, Overrun) or wake.key != self._rules.till.scanner:
                    continue
                if self._devices.claimed_by(wake.key):
                    continue  # what a tablet holds is read for that tablet
                if isinstance(wake.value, Scanned):
                    self._scans.append((self._clock.monotonic(), wake.value.data))
                    self._scanned.set()

    async def _handshake(self, _: Params) -> bool:
        return True

    async def _status(self, _: Params) -> dict[str, object]:
        till = self._rules.till
        devices = {"scanner": till.scanner, "scale": till.scale, "customer_display": till.display}
        said: dict[str, object] = {name: self._device_status(one) for name, one in devices.items() if one}
        if self._rules.printer:
            face = face_of(self._devices, self._rules.printer)
            complaint = None if face.away else face.status.complaint
            state = "disconnected" if face.away else "error" if complaint else "connected"
            said["printer"] = {"status": state, "messages": [complaint[1]] if complaint else []}
        return said

    def _device_status(self, device_id: str) -> dict[str, object]:
        try:
            ready = self._devices.get(device_id).state is DeviceState.READY
        except UnknownDevice:
            ready = False
        return {"status": "connected" if ready else "disconnected", "messages": []}

    async def _printer_action(self, params: Params) -> bool:
        data = params.get("data")
        if not isinstance(data, dict):
            raise BadCall("params.data is not an object")
        if data.get("action") in {"cashbox", "open_cashbox"}:
            return await self._cashbox({})
        receipt = data.get("receipt")
        if data.get("action") != "print_receipt" or not isinstance(receipt, str):
            raise BadCall("neither print_receipt with a picture nor cashbox")
        return await self._print(receipt)

    async def _print(self, receipt: str) -> bool:
        """Whether it was printed. What is refused now is not kept: the till offers to print it again."""
        if not self._rules.printer:
            return False
        device = DeviceId(self._rules.printer)
        printer = self._devices.get(device).role(POS_PRINTER)
        if printer is None or not face_of(self._devices, device).online:
            return False
        try:
            async with self._drawing:
                pictures = await asyncio.to_thread(decoded, receipt, dots=printer.columns * CELL_DOTS)
        except BadPicture as error:
            raise BadCall(str(error)) from error
        page = Document(blocks=(*pictures, Cut()), title=self._rules.title)
        job = await self._intake.page(device, page, title=self._rules.title, key=uuid4().hex)
        return await self._done(job.id)

    async def _cashbox(self, _: Params) -> bool:
        till = self._rules.till
        if not till.drawer:
            return False
        job = await self._intake.kick(DeviceId(till.drawer), till=till.id, reason=KICK_REASON, key=uuid4().hex)
        return await self._done(job.id)

    async def _done(self, job_id: str) -> bool:
        job = await ended_within(self._intake, self._bus, self._clock, job_id, PRINT_WAIT_S)
        if job.state in WAITING:
            await self._intake.withdraw(job.id)
        return job.state in {JobState.DONE, JobState.SENT}

    async def _weigh(self, _: Params) -> dict[str, object] | None:
        """A steady weight, or 0.0 with why there is none."""
        scale_id = self._rules.till.scale
        if not scale_id:
            return None
        scale = None if self._devices.claimed_by(scale_id) else self._devices.get(scale_id).role(SCALE)
        if scale is None:
            return {"weight": 0.0, "unit": "kg", "info": "error"}
        async with self._weighing:
            try:
                weight = await scale.weigh()
            except DeviceError as error:
                return {"weight": 0.0, "unit": "kg", "info": error.error_code.value.lower()}
        return {"weight": weight.grams / 1000, "unit": "kg", "info": "ok"}

    async def _scan(self, _: Params) -> str | None:
        """The next code read; null when there was none for a while: the till asks again."""
        try:
            async with deadline(self._clock, SCAN_WAIT_S):
                while True:
                    while self._scans:
                        at, data = self._scans.popleft()
                        if self._clock.monotonic() - at < SCAN_FRESH_S:
                            return data
                    self._scanned.clear()
                    await self._scanned.wait()
        except TimeoutError:
            return None

    async def _show(self, params: Params) -> bool:
        lines = _lines(params.get("text_to_display"))
        if not self._rules.till.display or self._devices.claimed_by(self._rules.till.display):
            return False
        display = self._devices.get(self._rules.till.display).role(LINE_DISPLAY)
        if display is None:
            return False
        try:
            await display.show(lines)
        except DeviceError:
            return False
        return True


def _lines(text: object) -> tuple[str, ...]:
    """The lines: a list as JSON in a string, as tills send it, or the list itself."""
    try:
        lines = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError) as error:
        raise BadCall("text_to_display is not JSON") from error
    if not isinstance(lines, list) or len(lines) > DISPLAY_LINES_MAX or not all(isinstance(one, str) for one in lines):
        raise BadCall("text_to_display is not a short list of lines")
    return tuple(line[:DISPLAY_CHARACTERS_MAX] for line in lines)


async def _hello(_: web.Request) -> web.Response:
    return web.Response(text="ping")


def _json_rpc(
    call: Callable[[Params], Awaitable[object]], door: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The call behind JSON-RPC 2.0 as Odoo speaks it: `method` says nothing, the path does."""

    async def answer(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            # a page of another origin could post any other type unasked
            return web.Response(status=415)
        number: object = None
        try:
            number, params = _asked(await body(request))
            result = await call(params)
        except (BadCall, EdgeHubError) as error:
            _log.warning("door %s: %s: %s", door, request.path, error)
            message = _told(error, request)
            fault = {"code": 200, "message": message, "data": {"name": type(error).__name__, "message": message}}
            return web.json_response({"jsonrpc": "2.0", "id": number, "error": fault})
        return web.json_response({"jsonrpc": "2.0", "id": number, "result": result})

    return answer


def _told(error: BadCall | EdgeHubError, request: web.Request) -> str:
    """What the till that asked shows, in its browser's language; a call that is none is its programmer's matter."""
    if isinstance(error, BadCall):
        return str(error)
    return words(best_locale(request.headers.get("Accept-Language", ""))).problem(error)[1]


def _asked(data: bytes) -> tuple[int | str | None, Params]:
    """The call's id and parameters. Raises BadCall."""
    try:
        said = json.loads(data) if data else {}
    except (ValueError, RecursionError) as error:
        raise BadCall("not JSON") from error
    params = said.get("params") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(params, dict | None):
        raise BadCall("not a JSON-RPC call")
    number = said.get("id")
    return number if isinstance(number, int | str) else None, params or {}
