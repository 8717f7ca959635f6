"""ePOS-Print XML: requests as bytes, answers as values.

Sources: Epson ePOS-Print XML User's Manual (TM-T20II-i p. 63, TM-m50II p. 59 and 60), Server Direct Print manual p. 33.
"""

from dataclasses import dataclass

from drivers.epos import markup
from edge_hub.sdk import http
from edge_hub.sdk.errors import BadFrame, ErrorCode

PATH = "/cgi-bin/epos/service.cgi"
BODY_BYTES_MAX = 8 * 1024 * 1024
"""A metre of raster is under 1 MB in base64."""
ANSWER_BYTES_MAX = 65_536
ANSWER_ELEMENTS_MAX = 32
SPOOLED = frozenset({0x00000002, 0x80000000})
"""The whole status of a job that was put aside, not printed."""

STATUS_BITS = {
    "no_response": 0x1,
    "printed": 0x2,
    "pin_high": 0x4,
    "offline": 0x8,
    "cover_open": 0x20,
    "mechanical": 0x400,
    "cutter": 0x800,
    "unrecoverable": 0x2000,
    "overheated": 0x4000,
    "near_end": 0x20000,
    "paper_end": 0x80000,
    "spooler_stopped": 0x80000000,
}
ERROR_CODES = {
    "EPTR_COVER_OPEN": ErrorCode.COVER_OPEN,
    "EPTR_REC_EMPTY": ErrorCode.REC_EMPTY,
    "EPTR_CUTTER": ErrorCode.CUTTER,
    "EPTR_UNRECOVERABLE": ErrorCode.UNRECOVERABLE,
    "EPTR_AUTOMATICAL": ErrorCode.OVERHEAT,
    "EX_DEVICE_BUSY": ErrorCode.BUSY,
    "TooManyRequests": ErrorCode.BUSY,
    "EX_BADPORT": ErrorCode.OFFLINE,
    "EX_SPOOLER": ErrorCode.BUSY,
    "SchemaError": ErrorCode.ILLEGAL,
    "RequestEntityTooLarge": ErrorCode.ILLEGAL,
    "DeviceNotFound": ErrorCode.NOHARDWARE,
}
NOT_TAKEN = frozenset({"SchemaError", "DeviceNotFound", "EX_DEVICE_BUSY", "EX_SPOOLER", "TooManyRequests",
                       "RequestEntityTooLarge"})  # fmt: skip
"""The service turned the request away: nothing of it was printed. With any other code a part may have been."""
STILL_PRINTING = frozenset({"Printing", "JobSpooling"})
HTTP_NOT_TAKEN = frozenset({"400", "401", "403", "404", "405", "411", "413", "429", "503"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A `<response>`."""

    success: bool
    code: str
    status: int

    def has(self, bit: str) -> bool:
        """Whether a bit of STATUS_BITS is set."""
        return bool(self.status & STATUS_BITS[bit])

    @property
    def spooled(self) -> bool:
        """Accepted, not yet printed."""
        return self.success and self.status in SPOOLED

    @property
    def error_code(self) -> ErrorCode:
        return ERROR_CODES.get(self.code, ErrorCode.FAILURE)


class NotTaken(Exception):  # an answer, raised where one is parsed
    """The HTTP server turned the request away."""


def request(host: str, body: str, *, device: str, timeout_s: int, job: str = "") -> bytes:
    """POST of an epos-print document with `body` in it; empty: asks for the status, or for the end of `job`."""
    named = ""
    if job:
        inner = f"<devid>{device}</devid><timeout>{timeout_s * 1000}</timeout><printjobid>{job}</printjobid>"
        named = f'<s:Header><parameter xmlns="{markup.EPOS}">{inner}</parameter></s:Header>'
    document = (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{markup.SOAP}">{named}<s:Body>'
        f'<epos-print xmlns="{markup.EPOS}">{body}</epos-print></s:Body></s:Envelope>'
    )
    headers = {
        "Host": host,
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '""',
        "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
    }
    start = f"POST {PATH}?devid={device}&timeout={timeout_s * 1000} HTTP/1.1"
    return http.encode(start, headers, document.encode())


def answer(message: http.Message) -> Answer:
    """What an HTTP response says. Raises NotTaken, or BadFrame when it is no answer of this service."""
    version, status, _ = message.start
    if not version.startswith("HTTP/"):
        raise BadFrame("not a response")
    if status in HTTP_NOT_TAKEN:
        raise NotTaken(f"the printer's web server answers {status}")
    if status != "200":
        raise BadFrame(f"the printer's web server answers {status}")
    root = markup.parse(message.body, elements_max=ANSWER_ELEMENTS_MAX)
    response = root.find(f"{markup.EPOS} response")
    if response is None:
        raise BadFrame("no response element")
    success, digits = response.attributes.get("success", ""), response.attributes.get("status", "")
    if success not in {"true", "false", "1", "0"} or not (digits.isascii() and digits.isdigit() and len(digits) <= 10):  # noqa: PLR2004  # a status is 32 bits
        raise BadFrame("a response without success or status")
    return Answer(success in {"true", "1"}, response.attributes.get("code", ""), int(digits))
