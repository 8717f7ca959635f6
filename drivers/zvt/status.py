"""Status information (04 0F): what a terminal says of one transaction, and how much of it may be kept."""

from dataclasses import dataclass, field
from datetime import datetime

from drivers.zvt import codec, tables
from drivers.zvt.codec import Apdu, Tlv
from edge_hub.sdk.eft.scrub import mask, scrub, scrub_bytes
from edge_hub.sdk.errors import BadFrame

_NAMES = frozenset((codec.TEXT, codec.CARD_NAME))
_KEPT_BITMAPS = frozenset(
    (
        *(codec.SERVICE, codec.AMOUNT, codec.TRACE, codec.TIME, codec.DATE, codec.SEQUENCE, codec.TYPE, codec.RESULT),
        *(codec.TERMINAL_ID, codec.MERCHANT_ID, codec.ORIGINAL_TRACE, codec.APPROVAL, codec.CURRENCY, codec.TOTALS),
        *(codec.RECEIPT, codec.TURNOVER, codec.CARD_TYPE, codec.CARD_TYPE_ID, 0xA0, 0xAA, 0xBA),
    )
)
"""Kept as they are; TEXT and CARD_NAME are scrubbed, PAN masked, all others are blanked."""
_TRACE_TLV, _ENTRY_TLV, _TEXT_TLV, _ERROR_TLV, _APPLICATION = 0x1F2B, 0x1F12, 0x07, 0x1F17, 0x43
_KEPT_TLVS = frozenset((_TRACE_TLV, _ENTRY_TLV, _APPLICATION, 0x1F07, 0x1F10, 0x1F16, 0x41))
_SCRUBBED_TLVS = frozenset((_TEXT_TLV, _ERROR_TLV))
_NO_TRACE = "000000"


@dataclass(frozen=True, slots=True)
class Status:
    """One 04 0F, whole and well formed. None or "": it does not say."""

    code: int | None
    amount: int | None
    receipt: int | None
    trace: str
    original_trace: str
    """Only of what undoes or corrects another transaction."""
    date: str
    """MMDD."""
    time: str
    """HHMMSS."""
    terminal_id: str
    merchant_id: str
    approval: str
    currency: int | None
    card: str
    """Masked."""
    scheme: str
    entry: str
    turnover: str
    text: str
    raw: bytes
    """The APDU, scrubbed."""
    totals: bytes = field(default=b"", repr=False)

    @property
    def approves(self) -> bool:
        return self.code == 0

    @property
    def moment(self) -> str:
        """Date, time, trace and receipt: tells one transaction of a terminal from every other, but for the year."""
        return f"{self.date}{self.time}/{self.trace}/{'' if self.receipt is None else f'{self.receipt:04d}'}"

    def at(self, near: str) -> str:
        """Its date and time with the year that brings it nearest to `near` ("2026-10-09T14:30:15"); "" without."""
        if not self.date or not self.time:
            return ""
        asked = datetime.fromisoformat(near)
        found = []
        for year in (asked.year - 1, asked.year, asked.year + 1):
            try:
                found.append(datetime.strptime(f"{year}{self.date}{self.time}", "%Y%m%d%H%M%S"))  # noqa: DTZ007  # local, as all here
            except ValueError:
                continue
        if not found:
            return ""
        return min(found, key=lambda one: abs(one - asked)).isoformat()


def read_status(apdu: Apdu, charset: str) -> Status:
    """The status in an 04 0F. Raises BadFrame for an unknown bitmap or a value that is none."""
    found = dict(codec.bitmaps(apdu.data))
    objects = codec.tlvs(found.get(codec.TLV, b""))
    flat = {one.tag: one.value for one in codec.walk(objects)}
    trace = _digits(found, codec.TRACE)
    if trace in {"", _NO_TRACE} and _TRACE_TLV in flat:
        trace = codec.digits(flat[_TRACE_TLV])
    text = found.get(codec.TEXT) or flat.get(_ERROR_TLV, b"")
    return Status(
        code=found[codec.RESULT][0] if codec.RESULT in found else None,
        amount=_number(found, codec.AMOUNT),
        receipt=_number(found, codec.RECEIPT),
        trace=trace,
        original_trace=_digits(found, codec.ORIGINAL_TRACE),
        date=_digits(found, codec.DATE),
        time=_digits(found, codec.TIME),
        terminal_id=_digits(found, codec.TERMINAL_ID),
        merchant_id=_ascii(found.get(codec.MERCHANT_ID, b"")),
        approval=_ascii(found.get(codec.APPROVAL, b"")),
        currency=_number(found, codec.CURRENCY),
        card=card(found.get(codec.PAN, b"")),
        scheme=_scheme(found, charset),
        entry=tables.ENTRIES.get(_byte(flat.get(_ENTRY_TLV, b"")), ""),
        turnover=_digits(found, codec.TURNOVER),
        text=readable(text, charset),
        raw=scrubbed(apdu).encode(),
        totals=found.get(codec.TOTALS, b""),
    )


def card(pan: bytes) -> str:
    """BMP 22 as it may be kept: nibbles E are masked digits, F fills up."""
    shown = pan.hex().rstrip("f").replace("e", "*")
    return mask("".join(char if char.isdecimal() or char == "*" else "*" for char in shown))


def readable(data: bytes, charset: str) -> str:
    """A text of the terminal's in one line, scrubbed."""
    text = data.rstrip(b"\0").decode(charset, errors="replace")
    return scrub(" ".join("".join(char if char.isprintable() else " " for char in text).split()))


def scrubbed(apdu: Apdu) -> Apdu:
    """The same 04 0F without what must not be kept; every length stays."""
    return Apdu(apdu.command, b"".join(_scrubbed_bitmap(tag, value) for tag, value in codec.bitmaps(apdu.data)))


def _scrubbed_bitmap(tag: int, value: bytes) -> bytes:
    if tag == codec.TLV:
        value = b"".join(_scrubbed_tlv(one) for one in codec.tlvs(value))
    elif tag == codec.PAN:
        padding = len(value.hex()) - len(value.hex().rstrip("f"))
        value = bytes.fromhex(card(value).replace("*", "e") + "f" * padding)
    elif tag in _NAMES:
        value = scrub_bytes(value)
    elif tag not in _KEPT_BITMAPS:
        value = bytes(len(value))
    return codec.bitmap(tag, value)


def _scrubbed_tlv(one: Tlv) -> bytes:
    if one.parts:
        return codec.tlv(one.tag, b"".join(_scrubbed_tlv(part) for part in one.parts))
    if one.tag in _KEPT_TLVS:
        return codec.tlv(one.tag, one.value)
    value = scrub_bytes(one.value) if one.tag in _SCRUBBED_TLVS else bytes(len(one.value))
    return codec.tlv(one.tag, value)


def _digits(found: dict[int, bytes], tag: int) -> str:
    return codec.digits(found[tag]) if tag in found else ""


def _number(found: dict[int, bytes], tag: int) -> int | None:
    return int(codec.digits(found[tag])) if tag in found else None


def _ascii(data: bytes) -> str:
    return scrub(data.decode("ascii", errors="replace").strip("\0 "))


def _byte(data: bytes) -> int:
    return data[0] if len(data) == 1 else -1


def _scheme(found: dict[int, bytes], charset: str) -> str:
    name = readable(found.get(codec.CARD_NAME, b""), charset)
    return name or tables.CARDS.get(_byte(found.get(codec.CARD_TYPE, b"")), "")


@dataclass(frozen=True, slots=True)
class Intermediate:
    """04 FF: what the terminal is doing."""

    state: int
    minutes: int
    """T4 from now on; 0: as before."""
    text: str


def read_intermediate(apdu: Apdu, charset: str) -> Intermediate:
    """Raises BadFrame when it is none."""
    if not apdu.data:
        raise BadFrame("a status without a status")
    rest, minutes = apdu.data[1:], 0
    if rest and not _is_container(rest):
        minutes, rest = int(codec.digits(rest[:1])), rest[1:]
    found = dict(codec.bitmaps(rest))
    texts = [one.value for one in codec.walk(codec.tlvs(found.get(codec.TLV, b""))) if one.tag == _TEXT_TLV]
    return Intermediate(apdu.data[0], minutes, readable(b" ".join(texts), charset))


def _is_container(data: bytes) -> bool:
    """Not minutes that happen to be six."""
    try:
        return data[0] == codec.TLV and bool(codec.bitmaps(data))
    except BadFrame:
        return False


def read_condition(apdu: Apdu) -> int:
    """The terminal's own state in the 06 0F that answers a status enquiry: 00 ready. Raises BadFrame."""
    data = apdu.data
    if data and data[0] & 0xF0 == 0xF0:  # noqa: PLR2004  # a length digit of LLLVAR: the software's version
        size = codec.bitmaps(bytes((codec.TEXT,)) + data[: 3 + _lllvar(data)])[0][1]
        data = data[3 + len(size) :]
    return data[0] if data and data[0] != codec.TLV else 0


def _lllvar(data: bytes) -> int:
    return int("".join(str(min(byte & 0x0F, 9)) for byte in data[:3]))
