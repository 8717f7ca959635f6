"""ZVT application layer: APDUs, bitmaps (BMP), TLV containers. ECR interface PA00P015 13.08.

An APDU is CLASS INSTR LEN DATA; LEN 0xFF is followed by two bytes, low one first. Numbers are packed BCD.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_hub.sdk.errors import BadFrame

DATA_BYTES_MAX = 16_384
"""Of one APDU. The longest seen are blocks of a slip, some thousand bytes; the format would allow 65,535."""
TLV_DEPTH_MAX = 8
LONG = 0xFF

REGISTRATION, AUTHORISATION, LOG_OFF = 0x0600, 0x0601, 0x0602
REPEAT_RECEIPT, REVERSAL, REFUND = 0x0620, 0x0630, 0x0631
END_OF_DAY, DIAGNOSIS, STATUS_ENQUIRY, ABORT_BY_TILL = 0x0650, 0x0670, 0x0501, 0x06B0
SET_TIME, STATUS_INFORMATION, INTERMEDIATE_STATUS = 0x0401, 0x040F, 0x04FF
COMPLETION, ABORT, PRINT_LINE, PRINT_BLOCK = 0x060F, 0x061E, 0x06D1, 0x06D3
OK = 0x8000
_CLASSES = frozenset((0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84))
_ANSWERS = frozenset((0x80, 0x84))

TIMEOUT_MINUTES, MAX_STATUS, SERVICE, AMOUNT, TLV = 0x01, 0x02, 0x03, 0x04, 0x06
TRACE, TIME, DATE, EXPIRY, SEQUENCE, TYPE = 0x0B, 0x0C, 0x0D, 0x0E, 0x17, 0x19
PAN, TRACK_2, TRACK_3, TRACK_1, CVV = 0x22, 0x23, 0x24, 0x2D, 0x3A
RESULT, TERMINAL_ID, MERCHANT_ID, ORIGINAL_TRACE, APPROVAL = 0x27, 0x29, 0x2A, 0x37, 0x3B
TEXT, CURRENCY, TOTALS, RECEIPT, TURNOVER = 0x3C, 0x49, 0x60, 0x87, 0x88
CARD_TYPE, CARD_NAME, CARD_TYPE_ID = 0x8A, 0x8B, 0x8C

_FIXED = {
    TIMEOUT_MINUTES: 1,
    MAX_STATUS: 1,
    SERVICE: 1,
    AMOUNT: 6,
    0x05: 1,
    TRACE: 3,
    TIME: 3,
    DATE: 2,
    EXPIRY: 2,
    SEQUENCE: 2,
    TYPE: 1,
    RESULT: 1,
    TERMINAL_ID: 4,
    MERCHANT_ID: 15,
    ORIGINAL_TRACE: 3,
    CVV: 2,
    APPROVAL: 8,
    0x3D: 3,
    CURRENCY: 2,
    RECEIPT: 2,
    TURNOVER: 3,
    CARD_TYPE: 1,
    CARD_TYPE_ID: 1,
    0xA0: 1,
    0xAA: 3,
    0xBA: 5,
    **dict.fromkeys((0xD0, 0xD2, 0xD3, 0xE0, 0xE9, 0xEA, 0xF0, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD), 1),
    0xEB: 8,
}
"""Bytes of each bitmap of fixed length."""
_DIGITS = {
    **dict.fromkeys((PAN, TRACK_2, TRACK_1, CARD_NAME, 0xA7, 0xD1, *range(0xE1, 0xE9), *range(0xF1, 0xF9)), 2),
    **dict.fromkeys((TRACK_3, 0x2E, TEXT, TOTALS, 0x9A, 0xAF), 3),
}
"""Digits of the length (LLVAR, LLLVAR) of the others; each is a byte 0xF0 to 0xF9."""
_LENGTH_DIGIT = 0xF0


@dataclass(frozen=True, slots=True)
class Apdu:
    """`command` is CLASS and INSTR. Its data is in no repr: it may hold a card."""

    command: int
    data: bytes = b""

    def __repr__(self) -> str:
        return f"Apdu({self.command:04X}, {len(self.data)} bytes)"

    @property
    def is_answer(self) -> bool:
        """80 00, or 84 with an error code: to a command of the other side."""
        return self.command >> 8 in _ANSWERS

    @property
    def error(self) -> int:
        """Of an answer: 0 good, else its code."""
        return self.command & 0xFF

    def encode(self) -> bytes:
        size = len(self.data)
        length = bytes((size,)) if size < LONG else bytes((LONG,)) + size.to_bytes(2, "little")
        return self.command.to_bytes(2, "big") + length + self.data


ACCEPTED = Apdu(OK)
NOT_ACCEPTED = Apdu(0x8483)


def decode(data: bytes) -> Apdu:
    """One whole APDU, or BadFrame."""
    header, size = _header(data) or (0, -1)
    if len(data) != header + size:
        raise BadFrame("an APDU with another length than it says")
    return Apdu(int.from_bytes(data[:2], "big"), bytes(data[header:]))


def _header(data: bytes | bytearray) -> tuple[int, int] | None:
    """(bytes before the data, bytes of data), or None while too little is there. Raises BadFrame."""
    if data and data[0] not in _CLASSES:
        raise BadFrame(f"no class of this protocol: {data[0]:02X}")
    if len(data) < 3:  # noqa: PLR2004  # class, instruction, length
        return None
    header, size = 3, data[2]
    if size == LONG:
        header = 5
        if len(data) < header:
            return None
        size = int.from_bytes(data[3:5], "little")
    if size > DATA_BYTES_MAX or (size and data[0] in _ANSWERS) or (data[0] == OK >> 8 and data[1]):
        raise BadFrame(f"no APDU of this protocol: {data[:header].hex(' ')}")
    return header, size


class ApduStream:
    """APDUs one after the other in any pieces, as on TCP. Nothing tells where one begins: after BadFrame the
    connection is of no more use.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def unfinished(self) -> bool:
        return False

    def feed(self, data: bytes) -> Iterator[Apdu]:
        """APDUs ended by `data`. Raises BadFrame."""
        self._held += data
        while (found := _header(self._held)) is not None and len(self._held) >= sum(found):
            size = sum(found)
            apdu = decode(bytes(self._held[:size]))
            del self._held[:size]
            yield apdu

    def encode(self, apdu: Apdu) -> bytes:
        return apdu.encode()


def bcd(number: int, size: int) -> bytes:
    """A number in `size` bytes of two digits each."""
    return bytes.fromhex(f"{number:0{2 * size}d}")


def digits(data: bytes) -> str:
    """The digits of packed BCD. Raises BadFrame for anything else."""
    text = data.hex()
    if not text.isdecimal():
        raise BadFrame("a number with other digits than 0 to 9")
    return text


def bitmap(tag: int, value: bytes) -> bytes:
    """One bitmap, its length before the value where it is variable."""
    if tag == TLV:
        return bytes((tag,)) + _tlv_length(len(value)) + value
    if tag in _FIXED:
        if len(value) != _FIXED[tag]:
            raise ValueError(f"BMP {tag:02X} has {_FIXED[tag]} bytes")
        return bytes((tag,)) + value
    size = f"{len(value):0{_DIGITS[tag]}d}"
    return bytes((tag, *(_LENGTH_DIGIT | int(digit) for digit in size))) + value


def bitmaps(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """(tag, value) in order. Raises BadFrame for an unknown tag or one that ends too soon."""
    found, at = [], 0
    while at < len(data):
        tag = data[at]
        size, at = _bitmap_size(tag, data, at + 1)
        if at + size > len(data):
            raise BadFrame(f"BMP {tag:02X} ends too soon")
        found.append((tag, data[at : at + size]))
        at += size
    return tuple(found)


def _bitmap_size(tag: int, data: bytes, at: int) -> tuple[int, int]:
    if tag == TLV:
        return _read_tlv_length(data, at)
    if tag in _FIXED:
        return _FIXED[tag], at
    if tag not in _DIGITS:
        raise BadFrame(f"unknown BMP {tag:02X}")
    end = at + _DIGITS[tag]
    size = data[at:end]
    if end > len(data) or any(not _LENGTH_DIGIT <= byte <= _LENGTH_DIGIT | 9 for byte in size):
        raise BadFrame(f"BMP {tag:02X} has no length")
    return int("".join(str(byte & 0x0F) for byte in size)), end


@dataclass(frozen=True, slots=True, repr=False)
class Tlv:
    """One data object; of a constructed one `parts` are its contents, as far as they can be read."""

    tag: int
    value: bytes
    parts: tuple["Tlv", ...] = ()

    @property
    def constructed(self) -> bool:
        return bool(_first_byte(self.tag) & 0x20)


def tlvs(data: bytes, depth: int = 0) -> tuple[Tlv, ...]:
    """Data objects in order. Raises BadFrame when they do not fit."""
    found, at = [], 0
    while at < len(data):
        tag, at = _read_tag(data, at)
        size, at = _read_tlv_length(data, at)
        if at + size > len(data):
            raise BadFrame(f"TLV {tag:X} ends too soon")
        one = Tlv(tag, data[at : at + size])
        found.append(Tlv(tag, one.value, _parts(one, depth)) if one.constructed else one)
        at += size
    return tuple(found)


def walk(objects: tuple[Tlv, ...]) -> Iterator[Tlv]:
    """Them and all within them, in order."""
    for one in objects:
        yield one
        yield from walk(one.parts)


def tlv(tag: int, value: bytes) -> bytes:
    """One data object."""
    return tag.to_bytes(2 if tag > 0xFF else 1, "big") + _tlv_length(len(value)) + value  # noqa: PLR2004  # one byte


def _parts(one: Tlv, depth: int) -> tuple[Tlv, ...]:
    try:
        return tlvs(one.value, depth + 1) if depth < TLV_DEPTH_MAX else ()
    except BadFrame:
        return ()


def _first_byte(tag: int) -> int:
    return tag if tag < 0x100 else tag >> 8 * ((tag.bit_length() - 1) // 8)  # noqa: PLR2004  # one byte


def _read_tag(data: bytes, at: int) -> tuple[int, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:  # noqa: PLR2004  # ISO/IEC 8825: more bytes follow
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > 3:  # noqa: PLR2004  # no tag is longer
        raise BadFrame("a TLV tag that does not end")
    return int.from_bytes(data[at:end], "big"), end


def _tlv_length(size: int) -> bytes:
    if size < 0x80:  # noqa: PLR2004  # ISO/IEC 8825: short form
        return bytes((size,))
    return bytes((0x81, size)) if size <= 0xFF else b"\x82" + size.to_bytes(2, "big")  # noqa: PLR2004  # one byte


def _read_tlv_length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise BadFrame("a TLV without a length")
    first = data[at]
    more = {0x81: 1, 0x82: 2}.get(first, 0)
    if first >= 0x80 and not more:  # noqa: PLR2004  # ISO/IEC 8825: other forms are not used here
        raise BadFrame(f"a TLV length of the form {first:02X}")
    if at + 1 + more > len(data):
        raise BadFrame("a TLV without a length")
    return (int.from_bytes(data[at + 1 : at + 1 + more], "big") if more else first), at + 1 + more
