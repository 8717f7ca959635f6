"""Slips that the terminal leaves to the till: lines (06 D1) and blocks (06 D3) to the customer's and the merchant's."""

from dataclasses import dataclass, field

from drivers.zvt import codec
from drivers.zvt.codec import Apdu
from edge_hub.sdk.eft.scrub import scrub

LINES_MAX = 1000
"""Of all slips of one transaction."""
MERCHANT, CUSTOMER, ADMINISTRATION = 1, 2, 3
_KIND_TLV, _BLOCK_TLV, _LINE_TLV, _ATTRIBUTE_TLV = 0x1F07, 0x25, 0x07, 0x09
_KIND_AT_END = bytes.fromhex("06041f0701")
_LAST, _PLAIN_LAST, _FEEDS = 0x80, 0x80, 0xFF
FEEDS_MAX = 9


@dataclass(slots=True)
class Slips:
    """What was printed so far. A slip without a kind: of two the first is the merchant's, one alone the customer's."""

    charset: str
    _done: list[tuple[int, list[str]]] = field(default_factory=list)
    _open: dict[int, list[str]] = field(default_factory=dict)
    _count: int = 0

    def add_line(self, apdu: Apdu) -> None:
        """One 06 D1: an attribute, then text, at its end the kind of slip where the terminal tells it."""
        data, kind = apdu.data, 0
        if data[-6:-1] == _KIND_AT_END:
            data, kind = data[:-6], data[-1]
        if not data:
            return
        attribute, text = data[0], data[1:]
        if attribute == _FEEDS:
            for _ in range(min(text[0] if text else 1, FEEDS_MAX)):
                self._put(kind, b"")
            return
        last = attribute & _LAST and attribute != _PLAIN_LAST
        if text or not last:
            self._put(kind, text)
        if last:
            self._end(kind)

    def add_block(self, apdu: Apdu) -> None:
        """One 06 D3. Raises BadFrame when it is none."""
        objects = tuple(codec.walk(codec.tlvs(dict(codec.bitmaps(apdu.data)).get(codec.TLV, b""))))
        kind = next((one.value[0] for one in objects if one.tag == _KIND_TLV and one.value), 0)
        for one in objects:
            if one.tag == _LINE_TLV:
                self._put(kind, one.value)
            elif one.tag == _ATTRIBUTE_TLV and one.value and one.value[0] & _LAST and one.value[0] != _PLAIN_LAST:
                self._end(kind)

    def _put(self, kind: int, text: bytes) -> None:
        if self._count >= LINES_MAX:
            return
        self._count += 1
        line = "".join(char if char.isprintable() else " " for char in text.decode(self.charset, errors="replace"))
        self._open.setdefault(kind, []).append(scrub(line.rstrip()))

    def _end(self, kind: int) -> None:
        if kind in self._open:
            self._done.append((kind, self._open.pop(kind)))

    def all(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """(customer's, merchant's, administration's) lines, each without empty ones at its end."""
        slips = [*self._done, *self._open.items()]
        kinds = {CUSTOMER: [], MERCHANT: [], ADMINISTRATION: []}  # type: dict[int, list[str]]
        untold = [lines for kind, lines in slips if kind not in kinds]
        for kind, lines in slips:
            if kind in kinds:
                kinds[kind] += lines
        if len(untold) > 1:
            kinds[MERCHANT] += untold[0]
        for lines in untold[-1:] if len(untold) <= 1 else untold[1:]:
            kinds[CUSTOMER] += lines
        return _trimmed(kinds[CUSTOMER]), _trimmed(kinds[MERCHANT]), _trimmed(kinds[ADMINISTRATION])


def _trimmed(lines: list[str]) -> tuple[str, ...]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return tuple(lines)


def slip_line(text: str, *, charset: str, last: bool = False) -> Apdu:
    """06 D1 of one line; `last` ends the slip."""
    return Apdu(codec.PRINT_LINE, b"\x81" if last else b"\x00" + text.encode(charset, errors="replace"))


def slip_block(kind: int, lines: list[str], *, charset: str) -> Apdu:
    """06 D3 of one whole slip."""
    text = b"".join(codec.tlv(_LINE_TLV, line.encode(charset, errors="replace")) for line in lines)
    block = codec.tlv(_BLOCK_TLV, text + codec.tlv(_ATTRIBUTE_TLV, b"\x81"))
    return Apdu(codec.PRINT_BLOCK, codec.bitmap(codec.TLV, codec.tlv(_KIND_TLV, bytes((kind,))) + block))
