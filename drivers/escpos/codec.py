"""ESC/POS, the printer's side of the talk: its answers as frames, its status bits as a report.

Sources: Epson TM-U220 manual p. 54 and 82 (DLE EOT, GS a), TM-T88III APG p. 319 (ASB), TM-L90 APG p. 425-429
(process id), receiptio's demultiplexer for telling the answers apart.
"""

from dataclasses import dataclass, replace

from edge_hub.sdk.printing.framing import Framer

DLE_EOT_ALL = (1, 2, 3, 4)
BLOCK_BYTES_MAX = 128
"""A block answer (model name, process id) is far shorter; longer is noise."""
ASB_BYTES = 4
_BLOCK_HEADERS = frozenset((0x35, 0x37, 0x3B, 0x3D, 0x5F))
_XON, _XOFF = 0x11, 0x13
PROCESS_ID_MARK = b"\x22"


@dataclass(frozen=True, slots=True)
class Report:
    """What the printer said of itself so far; None: not said."""

    online: bool | None = None
    cover_open: bool | None = None
    paper_end: bool | None = None
    paper_near_end: bool | None = None
    cutter_error: bool | None = None
    recoverable: bool | None = None
    unrecoverable: bool | None = None
    pin_high: bool | None = None
    """Pin 3 of the drawer connector."""

    @property
    def trouble(self) -> bool:
        """It says of itself that it cannot print now."""
        return self.online is False or bool(
            self.cover_open or self.paper_end or self.cutter_error or self.unrecoverable
        )


@dataclass(frozen=True, slots=True)
class Asb:
    """Automatic Status Back: four bytes, sent at every change."""

    data: bytes

    def report(self) -> Report:
        """All of the printer's state."""
        first, second, third, _ = self.data
        return Report(
            online=not first & 0x08,
            cover_open=bool(first & 0x20),
            paper_end=bool(third & 0x0C),
            paper_near_end=bool(third & 0x03),
            cutter_error=bool(second & 0x08),
            recoverable=bool(second & 0x04),
            unrecoverable=bool(second & 0x20),
            pin_high=bool(first & 0x04),
        )


@dataclass(frozen=True, slots=True)
class RealTime:
    """One byte, the answer to DLE EOT n; it does not say to which n."""

    value: int

    def merged(self, n: int, report: Report) -> Report:
        """`report` with what this byte says as the answer to DLE EOT `n`."""
        bits = self.value
        match n:
            case 1:
                return replace(report, online=not bits & 0x08, pin_high=bool(bits & 0x04))
            case 2:
                return replace(report, cover_open=bool(bits & 0x04))
            case 3:
                return replace(
                    report,
                    recoverable=bool(bits & 0x04),
                    cutter_error=bool(bits & 0x08),
                    unrecoverable=bool(bits & 0x20),
                )
        return replace(report, paper_near_end=bool(bits & 0x0C), paper_end=bool(bits & 0x60))


@dataclass(frozen=True, slots=True)
class Block:
    """A header byte and text up to a NUL: model names (5F), process ids and offline notices (37)."""

    header: int
    data: bytes

    @property
    def process_id(self) -> int | None:
        """The number of a process-id answer, else None."""
        digits = self.data[1:]
        if self.header == 0x37 and self.data[:1] == PROCESS_ID_MARK and len(digits) == 4 and digits.isdigit():  # noqa: PLR2004  # GS ( H
            return int(digits)
        return None

    @property
    def text(self) -> str:
        return self.data.decode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class Reply:
    """One byte, the in-order answer to GS r n or GS I n."""

    value: int


@dataclass(frozen=True, slots=True)
class Flow:
    """XON / XOFF of a serial line that the port did not swallow."""

    stop: bool


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that fit no answer, skipped."""

    data: bytes


Frame = Asb | RealTime | Block | Reply | Flow | Noise


class Demultiplexer(Framer[Frame]):
    """Tells the printer's answers apart, however the bytes were torn. Never raises; holds BLOCK_BYTES_MAX at most."""

    def __init__(self) -> None:
        super().__init__(_next)


def _next(held: bytearray) -> tuple[Frame, int] | None:
    """The first frame and its length, or None when more bytes are needed."""
    first = held[0]
    if first in _BLOCK_HEADERS:
        return _block(held)
    if first in (_XON, _XOFF):
        return Flow(first == _XOFF), 1
    if first & 0x93 == 0x12:  # noqa: PLR2004  # the fixed bits of the table
        return RealTime(first), 1
    if first & 0x93 == 0x10:  # noqa: PLR2004  # likewise
        return _asb(held)
    if first & 0x90 == 0:
        return Reply(first), 1
    return Noise(bytes((first,))), 1


def _block(held: bytearray) -> tuple[Frame, int] | None:
    end = held.find(0, 1, BLOCK_BYTES_MAX)
    if end > 0:
        return Block(held[0], bytes(held[1:end])), end + 1
    if len(held) >= BLOCK_BYTES_MAX:
        return Noise(bytes(held[:BLOCK_BYTES_MAX])), BLOCK_BYTES_MAX
    return None


def _asb(held: bytearray) -> tuple[Frame, int] | None:
    # XON and XOFF may fall between the four bytes; nothing else may (APG, GS a)
    data, size = bytearray((held[0],)), 1
    for value in held[1:]:
        size += 1
        if value in (_XON, _XOFF):
            if size > BLOCK_BYTES_MAX:
                break
            continue
        if value & 0x90:
            break
        data.append(value)
        if len(data) == ASB_BYTES:
            return Asb(bytes(data)), size
    else:
        return None
    return Noise(bytes((held[0],))), 1
