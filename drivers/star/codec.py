"""Star, the printer's side of the talk: its answers as frames, its status bits as a report.

Sources: Star Line Mode specifications p. 5-9 to 5-11 (automatic status, how it is told from other answers), StarPRNT
specifications p. 2-84 (ETB, ESC GS ETX), Line Mode p. 3-87 (version).
"""

from dataclasses import dataclass

from edge_hub.sdk.printing.framing import Framer

STATUS_BYTES_MIN, STATUS_BYTES_MAX = 7, 33
"""Two bytes of header, five of status in the oldest models; the length has five bits and two are added."""
BLOCK_BYTES_MAX = 128
"""A version answer is far shorter; longer is noise."""
ETB_COUNTS = 32
_DOCUMENT_END = b"\x1b\x1d\x03"
_DOCUMENT_END_BYTES = 8
_VERSION = b"\x1b#*"
_ETB_AT = 7


@dataclass(frozen=True, slots=True)
class Report:
    """What the printer said of itself so far; None: not said."""

    online: bool | None = None
    cover_open: bool | None = None
    paper_end: bool | None = None
    paper_near_end: bool | None = None
    cutter_error: bool | None = None
    mechanical: bool | None = None
    """A jam, a black mark not found, the head up: a person mends it."""
    unrecoverable: bool | None = None
    overheated: bool | None = None
    """It stopped to cool down."""
    switch_on: bool | None = None
    """The drawer's switch ("compulsion switch")."""

    @property
    def trouble(self) -> bool:
        """It says of itself that it cannot print now."""
        return self.online is False or bool(
            self.cover_open or self.paper_end or self.cutter_error or self.mechanical or self.unrecoverable
        )


@dataclass(frozen=True, slots=True)
class Status:
    """A status frame of 7 to 33 bytes, asked for or sent by itself."""

    data: bytes

    def report(self) -> Report:
        """All of the printer's state."""
        first, second, third, fourth = self.data[2:6]
        return Report(
            online=not first & 0x08,
            cover_open=bool(first & 0x20),
            paper_end=bool(fourth & 0x08),
            paper_near_end=bool(fourth & 0x04),
            cutter_error=bool(second & 0x08),
            mechanical=bool(second & 0x04 or third & 0x0A),
            unrecoverable=bool(second & 0x20),
            overheated=bool(second & 0x40),
            switch_on=bool(first & 0x04),
        )

    @property
    def etb(self) -> int | None:
        """The ETB counter, 0 to 31; None in the short frames of old models."""
        if len(self.data) <= _ETB_AT:
            return None
        bits = self.data[_ETB_AT]
        return bits >> 2 & 0x18 | bits >> 1 & 0x07


@dataclass(frozen=True, slots=True)
class DocumentEnd:
    """The answer to ESC GS ETX: our number, and the printer's own count (modulo 256)."""

    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Version:
    """Model and firmware, such as "TSP654IIVer2.1"."""

    text: str


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that fit no answer, skipped."""

    data: bytes


Frame = Status | DocumentEnd | Version | Noise


def status_bytes(first: int, second: int) -> int:
    """Length of a status frame by its first two bytes."""
    return (first >> 2 & 0x18 | first >> 1 & 0x07) + (second >> 6 & 0x02)


class Demultiplexer(Framer[Frame]):
    """Tells the printer's answers apart, however the bytes were torn. Never raises; holds BLOCK_BYTES_MAX at most."""

    def __init__(self) -> None:
        super().__init__(_next)


def _next(held: bytearray) -> tuple[Frame, int] | None:
    """The first frame and its length, or None when more bytes are needed."""
    first = held[0]
    if first & 0x91 == 0x01:
        return _status(held)
    for mark, parse in ((_DOCUMENT_END, _document_end), (_VERSION, _version)):
        if held.startswith(mark):
            return parse(held)
        if mark.startswith(bytes(held)):
            return None
    return Noise(bytes((first,))), 1


def _status(held: bytearray) -> tuple[Frame, int] | None:
    if len(held) < 2:  # noqa: PLR2004  # the header
        return None
    size = status_bytes(held[0], held[1])
    # every byte after the first has bits 0, 4 and 7 clear (p. 5-11); bit 7 of the second counts in the length
    fits = STATUS_BYTES_MIN <= size <= STATUS_BYTES_MAX and held[1] & 0x11 == 0
    if not fits or any(value & 0x91 for value in held[2:size]):
        return Noise(bytes(held[:1])), 1
    return (Status(bytes(held[:size])), size) if len(held) >= size else None


def _document_end(held: bytearray) -> tuple[Frame, int] | None:
    if len(held) < _DOCUMENT_END_BYTES:
        return None
    if held[3] not in (0, 1) or held[7]:
        return Noise(bytes(held[:1])), 1
    return DocumentEnd(int.from_bytes(held[4:6], "big"), held[6]), _DOCUMENT_END_BYTES


def _version(held: bytearray) -> tuple[Frame, int] | None:
    end = held.find(0, len(_VERSION), BLOCK_BYTES_MAX)
    if end > 0:
        return Version(held[len(_VERSION) : end].decode("ascii", "replace").strip(" ,\n")), end + 1
    return (Noise(bytes(held[:1])), 1) if len(held) >= BLOCK_BYTES_MAX else None
