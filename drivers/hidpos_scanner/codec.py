"""Reports of a HID POS scanner to codes (HID Point of Sale Usage Tables 1.02, page 8C, usage 12 Scanned Data Report).

64 bytes: 0 report id 02; 1 length, at most 56; 2-4 AIM identifier; 5-60 data; 61 the vendor's symbology id; 63 is 01
when more reports of this code follow (Honeywell, Access-IS LSR118). Two kinds differ: the AIM identifier and what
follows it one byte later ("late"), and no AIM identifier at all, data from byte 2 on (Newland, "plain").
"""

from typing import Literal

from edge_hub.sdk.scanning.codes import CODE_BYTES_MAX, Code, Frame, Unreadable, decoded, has_foreign_controls

Kind = Literal["aim", "late", "plain"]
REPORT_ID = 0x02
REPORT_BYTES = 64
DATA_BYTES_MAX = 56
AIM_BYTES = 3
MORE_AT = 63
_DATA_AT: dict[Kind, int] = {"aim": 5, "late": 6, "plain": 2}


class ReportCodec:
    """Holds at most CODE_BYTES_MAX bytes. Never raises."""

    def __init__(self, *, kind: Kind | Literal["auto"] = "auto", encoding: str = "utf-8") -> None:
        self._kind = kind
        self._encoding = encoding
        self._held = bytearray()
        self._aim = b""
        self._of: Kind | None = None
        """The kind of the reports of the unfinished code; None: there is none."""
        self._skipping = False

    @property
    def pending(self) -> bool:
        """More reports of a code are to come."""
        return self._of is not None or self._skipping

    def feed(self, report: bytes) -> list[Frame]:
        """The code that this report ended. Reports of other ids (a button, a battery) say nothing of codes."""
        if report[:1] != bytes((REPORT_ID,)):
            return []
        if len(report) != REPORT_BYTES or report[1] > DATA_BYTES_MAX:
            return [Unreadable(report, "no report of a code"), *self._give_up("a report of it was not one")]
        kind = self._of or (kind_of(report) if self._kind == "auto" else self._kind)
        if self._of is None:
            self._aim = _aim(report, kind)
        start = _DATA_AT[kind]
        self._held += report[start : min(start + report[1], MORE_AT)]
        more = report[MORE_AT] == 1
        self._of = kind if more else None
        if len(self._held) > CODE_BYTES_MAX:
            dropped = self.drop("longer than any code")
            self._skipping = more
            return [dropped]
        if more:
            return []
        if self._skipping:
            self._skipping = False
            self._held.clear()
            return []
        return self._end()

    def drop(self, why: str) -> Unreadable:
        """Forget the unfinished code."""
        dropped = Unreadable(bytes(self._held), why)
        self._held.clear()
        self._of = None
        self._skipping = False
        return dropped

    def _give_up(self, why: str) -> list[Frame]:
        return [self.drop(why)] if self.pending else []

    def _end(self) -> list[Frame]:
        # a suffix set for other modes (CR, CR LF) is no part of a code
        raw = bytes(self._held).rstrip(b"\r\n")
        self._held.clear()
        if not raw:
            return []
        data = decoded(raw, self._encoding)
        if isinstance(data, Unreadable):
            return [data]
        if has_foreign_controls(data):
            return [Unreadable(raw, "control characters")]
        return [Code(data, self._aim.decode("ascii"))]


def kind_of(report: bytes) -> Kind:
    """Which kind of report this looks like."""
    if is_aim(report[2:5]) or not any(report[2:5]):
        return "aim"
    return "late" if is_aim(report[3:6]) else "plain"


def is_aim(text: bytes) -> bool:
    """Whether these three bytes are an AIM identifier."""
    return len(text) == AIM_BYTES and text[:1] == b"]" and text[1:].isalnum() and text[1:2].isalpha()


def _aim(report: bytes, kind: Kind) -> bytes:
    end = _DATA_AT[kind]
    found = report[end - AIM_BYTES : end]
    return found if kind != "plain" and is_aim(found) else b""
