"""The simulated printer's service: strict about what it is sent, as Epson's schema is. Steps one request at a time."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from drivers.epos import markup
from drivers.epos.codec import BODY_BYTES_MAX, PATH, STATUS_BITS
from drivers.epos.options import EposOptions
from edge_hub.sdk import http
from edge_hub.sdk.document import CodeType
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.printing_sim import Paper, PrinterBody
from edge_hub.sdk.widths import char_cells

ELEMENTS_MAX = 20_000
JOBS_KEPT_MAX = 50
IMAGE_STRIDE_MAX = 72
_FLAG = frozenset({"true", "false", "0", "1"})
_ALIGN = {"left": 0, "center": 1, "right": 2}
_SMALL = frozenset(map(str, range(1, 9)))
_SIZE = frozenset(map(str, range(256)))
_LONG = frozenset(map(str, range(65536)))
_SCHEMA: Mapping[str, Mapping[str, frozenset[str]]] = {
    "text": {"lang": frozenset({"en", "de", "fr", "it", "es", "ja", "ja-jp", "zh-cn", "zh-hans", "zh-tw", "zh-hant",
                                "ko", "th", "vi", "mul"}),
             "font": frozenset({"font_a", "font_b", "font_c"}), "align": frozenset(_ALIGN), "smooth": _FLAG,
             "width": _SMALL, "height": _SMALL, "reverse": _FLAG, "ul": _FLAG, "em": _FLAG},
    "feed": {"line": _SIZE, "unit": _SIZE, "linespc": _SIZE},
    "image": {"width": _LONG, "height": _LONG, "align": frozenset(_ALIGN), "mode": frozenset({"mono", "gray16"}),
              "color": frozenset({"none", "color_1", "color_2", "color_3", "color_4"})},
    "barcode": {"type": frozenset({"upc_a", "upc_e", "ean13", "jan13", "ean8", "jan8", "code39", "itf", "codabar",
                                   "code93", "code128"}),
                "hri": frozenset({"none", "above", "below", "both"}), "font": frozenset({"font_a", "font_b"}),
                "width": frozenset("23456"), "height": _SIZE, "align": frozenset(_ALIGN)},
    "symbol": {"type": frozenset({"qrcode_model_1", "qrcode_model_2", "pdf417_standard"}), "width": _SIZE,
               "level": frozenset({"level_l", "level_m", "level_q", "level_h"}), "align": frozenset(_ALIGN)},
    "cut": {"type": frozenset({"feed", "no_feed", "reserve"})},
    "pulse": {"drawer": frozenset({"drawer_1", "drawer_2"}),
              "time": frozenset({f"pulse_{ms}" for ms in (100, 200, 300, 400, 500)})},
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Job:
    """What became of a named job."""

    elements: list[markup.Element]
    state: str = "printing"


class SchemaError(Exception):  # the service's own word
    """What it was sent is not ePOS-Print."""


class Engine(PrinterBody):
    """Everything but the wire."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "cover_open": "the cover is open",
        "rec_empty": "the roll is empty",
        "near_end": "the roll is nearly empty",
        "cutter": "the cutter is stuck",
        "busy": "another host is printing",
        "spooler": "the spooler is on: jobs are accepted before they are printed",
        "slow": "answers nothing until this is switched off",
        "drops_answer": "prints, and breaks the connection instead of answering",
        "wrong_answer": "answers with a page that is no answer",
        "reset": "switched off and on once: what was in its buffer is lost",
    }
    OFFLINE: ClassVar[frozenset[str]] = frozenset({"cover_open", "rec_empty", "cutter"})
    CURED_BY_PAPER: ClassVar[frozenset[str]] = frozenset({"rec_empty", "near_end", "cover_open"})

    def __init__(self, options: EposOptions) -> None:
        super().__init__(Paper(options.width_dots, {}))
        self._device = options.device_name
        self._open_is_low = options.drawer_open_level == "low"
        self._requests: list[http.Message] = []
        self.jobs: dict[str, Job] = {}
        self._nameless = 0
        self.hang_up: Callable[[], None] = lambda: None
        self.refused = ""
        """Why the last document was turned away."""
        self.connected()

    def connected(self) -> None:
        """A new connection: nothing is left of the one before."""
        self._answers.clear()
        self._parser = http.Parser(BODY_BYTES_MAX)
        self._requests.clear()

    def power_cycle(self) -> None:
        """Off and on."""
        super().power_cycle()
        self.jobs.clear()
        self.connected()

    def receive(self, data: bytes) -> None:
        """Bytes from the host."""
        try:
            self._requests += self._parser.feed(data)
        except BadFrame:
            self.hang_up()

    def step(self) -> bool:
        """Answer the next request; False when there is none."""
        if self.online:
            self._print_spooled()
        if not self._requests or "slow" in self.faults:
            return False
        self._serve(self._requests.pop(0))
        return True

    def _serve(self, message: http.Message) -> None:
        method, target, _ = message.start
        path, _, query = target.partition("?")
        if method != "POST" or path != PATH or not message.headers.get("content-type", "").startswith("text/xml"):
            self._answers += http.encode("HTTP/1.1 404 Not Found", {}, b"")
            return
        answer = self._answer(message.body, query)
        if "drops_answer" in self.faults:
            self.hang_up()
        elif "wrong_answer" in self.faults:
            self._answers += http.encode("HTTP/1.1 200 OK", {"Content-Type": "text/html"}, b"<html>Login</html>")
        else:
            self._answers += http.encode("HTTP/1.1 200 OK", {"Content-Type": "text/xml; charset=utf-8"}, answer)

    def _answer(self, body: bytes, query: str) -> bytes:
        if f"devid={self._device}" not in query.split("&"):
            return self._response("DeviceNotFound", 1)
        try:
            document, name = _checked(body)
        except (SchemaError, BadFrame) as error:
            self.refused = str(error)
            return self._response("SchemaError", 0)
        if not document.children:
            return self._status_of(name)
        if "busy" in self.faults:
            return self._response("EX_DEVICE_BUSY", 0)
        job = Job(document.children)
        if name:
            self.jobs[name] = job
        answer = self._take(job)
        while len(self.jobs) > JOBS_KEPT_MAX:
            del self.jobs[next(iter(self.jobs))]
        return answer

    def _take(self, job: Job) -> bytes:
        if "spooler" in self.faults:
            if job not in self.jobs.values():
                self._nameless += 1
                self.jobs[f"#{self._nameless}"] = job
            return self._response("", 0x2)
        code = self._print(job)
        return self._response(code, self._status() | (0 if code else 0x2))

    def _status_of(self, name: str) -> bytes:
        if not name:
            return self._response(self._complaint(), self._status())
        job = self.jobs.get(name)
        if job is None:
            return self._response("JobNotFound", 0)
        if job.state == "printing":
            return self._response("Printing", 0)
        return self._response("" if job.state == "done" else job.state, self._status() | 0x2)

    def _print_spooled(self) -> None:
        for job in self.jobs.values():
            if job.state == "printing":
                self._print(job)

    def _response(self, code: str, status: int) -> bytes:
        words = f'success="{"false" if code else "true"}" code="{code}" status="{status}" battery="0"'
        response = f'<response {words} xmlns="{markup.EPOS}"/>'
        envelope = f'<s:Envelope xmlns:s="{markup.SOAP}"><s:Body>{response}</s:Body></s:Envelope>'
        return f'<?xml version="1.0" encoding="UTF-8"?>{envelope}'.encode()

    def _complaint(self) -> str:
        codes = {"cover_open": "EPTR_COVER_OPEN", "rec_empty": "EPTR_REC_EMPTY", "cutter": "EPTR_CUTTER"}
        return next((code for fault, code in codes.items() if fault in self.faults), "")

    def _status(self) -> int:
        bits = {
            "pin_high": self.drawer_open != self._open_is_low,
            "offline": not self.online,
            "cover_open": "cover_open" in self.faults,
            "cutter": "cutter" in self.faults,
            "near_end": "near_end" in self.faults or "rec_empty" in self.faults,
            "paper_end": "rec_empty" in self.faults,
        }
        return 0x0F000010 | sum(STATUS_BITS[bit] for bit, on in bits.items() if on)

    # printing

    def _print(self, job: Job) -> str:
        """Print what can be; the error code, or nothing."""
        for item in job.elements:
            if code := self._complaint():
                job.state = code
                return code
            self._PRINT[item.tag](self, item)
            self._use_paper()
        job.state = "done"
        self.paper.flush()
        self.paper.restyle(bold=False, underline=False, invert=False, width=1, height=1)
        return ""

    def set_fault(self, name: str, *, on: bool) -> None:
        """A condition begins or ends; the paper's count comes as the body's word for it."""
        super().set_fault("rec_empty" if name == "paper_end" else name, on=on)
        if name == "rec_empty" and not on:
            self._lines_left = None

    def _aligned(self, item: markup.Element) -> None:
        if "align" in item.attributes:
            self.paper.set_align(_ALIGN[item.attributes["align"]])

    def _text(self, item: markup.Element) -> None:
        self._aligned(item)
        names = {"em": "bold", "ul": "underline", "reverse": "invert"}
        for name, style in names.items():
            if name in item.attributes:
                self.paper.restyle(**{style: item.attributes[name] in {"true", "1"}})
        for name in ("width", "height"):
            if name in item.attributes:
                self.paper.restyle(**{name: int(item.attributes[name])})
        for char in item.text:
            if char == "\n":
                self.paper.feed()
            else:
                self.paper.put(char, wide=char_cells(char, cjk="zh" in item.attributes.get("lang", "")) > 1)

    def _feed(self, item: markup.Element) -> None:
        self.paper.feed_many(int(item.attributes.get("line", "0")))
        self.paper.blank_after(int(item.attributes.get("unit", "0")))

    def _image(self, item: markup.Element) -> None:
        self._aligned(item)
        height = int(item.attributes["height"])
        self.paper.raster((int(item.attributes["width"]) + 7) // 8, height, base64.b64decode(item.text))
        self.paper.lines_printed += -(-height // 30)

    def _barcode(self, item: markup.Element) -> None:
        self._aligned(item)
        kinds = {"ean13": CodeType.EAN13, "ean8": CodeType.EAN8, "code39": CodeType.CODE39, "code128": CodeType.CODE128}
        kind, data = kinds.get(item.attributes["type"]), item.text
        self.paper.bar_module = int(item.attributes.get("width", "3"))
        self.paper.bar_height = int(item.attributes.get("height", "162"))
        self.paper.bar_text = 2 if item.attributes.get("hri", "none") != "none" else 0
        if kind is CodeType.CODE128:
            data = data.removeprefix("{B").replace("{{", "{")
        if kind is not None:
            self.paper.bars(kind, data)

    def _symbol(self, item: markup.Element) -> None:
        self._aligned(item)
        self.paper.qr_module = int(item.attributes.get("width", "3"))
        self.paper.qr_data = item.text
        self.paper.qr()

    def _pulse(self, _: markup.Element) -> None:
        self.kicks += 1
        self.move_drawer(is_open=True)

    _PRINT: ClassVar[dict[str, Callable[["Engine", markup.Element], None]]] = {
        "text": _text,
        "feed": _feed,
        "image": _image,
        "barcode": _barcode,
        "symbol": _symbol,
        "cut": lambda engine, _: engine.paper.cut(),
        "pulse": _pulse,
    }


def _checked(body: bytes) -> tuple[markup.Element, str]:
    """(the epos-print element, the job's name or ""). Raises SchemaError."""
    root = markup.parse(body, elements_max=ELEMENTS_MAX)
    if root.name != f"{markup.SOAP} Envelope":
        raise SchemaError("no SOAP envelope")
    soap_body = root.find(f"{markup.SOAP} Body")
    if soap_body is None or [child.name for child in soap_body.children] != [f"{markup.EPOS} epos-print"]:
        raise SchemaError("no epos-print in the body")
    name = root.find(f"{markup.EPOS} printjobid")
    document = soap_body.children[0]
    for item in document.children:
        _check(item)
    return document, name.text if name else ""


def _check(item: markup.Element) -> None:
    known = _SCHEMA.get(item.tag)
    if known is None or item.name != f"{markup.EPOS} {item.tag}" or item.children:
        raise SchemaError(f"no element {item.name}")
    for key, value in item.attributes.items():
        if value not in known.get(key, ()):
            raise SchemaError(f'{item.tag} {key}="{value}"')
    if item.tag in {"barcode", "symbol"} and "type" not in item.attributes:
        raise SchemaError(f"{item.tag} without type")
    if item.tag == "image":
        _check_image(item)


def _check_image(item: markup.Element) -> None:
    try:
        size = len(base64.b64decode(item.text, validate=True))
    except binascii.Error as error:
        raise SchemaError("image data is no base64") from error
    width, height = int(item.attributes.get("width", "0")), int(item.attributes.get("height", "0"))
    if not 0 < (width + 7) // 8 <= IMAGE_STRIDE_MAX or size != (width + 7) // 8 * height:
        raise SchemaError(f"image of {width} x {height} dots with {size} bytes")
