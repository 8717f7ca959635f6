"""The stream a Star printer receives, cut into commands: for the simulator, which must not guess lengths either.

Lengths after the Star Line Mode and StarPRNT specifications; receiptline sends most of these.
"""

from collections.abc import Callable
from dataclasses import dataclass

ESC, NUL, RS = 0x1B, 0x00, 0x1E
SPACE = 0x20
"""Below it are control codes."""
TEXT_BYTES_MAX = 256
BAR_CODE_BYTES_MAX = 255
SETTING_BYTES_MAX = 16
TABS_BYTES_MAX = 33
PICTURE_STRIDE_MAX = 128
PICTURE_ROWS_MAX = 4096
VERSION_QUESTION_BYTES = 16

_ESC_ARGS = {
    **dict.fromkeys(b"@EF45MP:0123LVt", 0),
    **dict.fromkeys(b" -zlQdaJIRWhAC$gwpu", 1),
    **dict.fromkeys(b"is\x07", 2),
    0x06: 1,
    0x0C: 1,
}
_GS_ARGS = {**dict.fromkeys(b"at", 1), **dict.fromkeys(b"AR", 2), 0x03: 3}
_QR_ARGS = {b"S": 2, b"P": 0, b"I": 0}


@dataclass(frozen=True, slots=True)
class Token:
    """A command: "ESC E" and its argument bytes; or "text", "control", "rows", "unknown" with the bytes themselves."""

    name: str
    args: bytes
    size: int


def next_token(buffer: bytes | bytearray, *, raster: bool) -> Token | None:
    """The first command of `buffer`, or None when its end has not come yet. `raster`: raster mode is on."""
    if not buffer:
        return None
    first = buffer[0]
    if first == ESC:
        return _esc(buffer)
    if raster:
        return _raster_row(buffer)
    if first < 0x20:  # noqa: PLR2004  # control codes
        return Token("control", bytes((first,)), 1)
    end = next((at for at, value in enumerate(buffer[:TEXT_BYTES_MAX]) if value < SPACE), None)
    return _take("text", buffer, 0, len(buffer[:TEXT_BYTES_MAX]) if end is None else end)


def _take(name: str, buffer: bytes | bytearray, start: int, size: int) -> Token | None:
    """Arguments from `start` up to `size` bytes of the whole command."""
    return Token(name, bytes(buffer[start:size]), size) if len(buffer) >= size else None


def _unknown(buffer: bytes | bytearray, size: int) -> Token:
    return Token("unknown", bytes(buffer[:size]), size)


def _number(buffer: bytes | bytearray, at: int) -> int | None:
    return int.from_bytes(buffer[at : at + 2], "little") if len(buffer) >= at + 2 else None


def _raster_row(buffer: bytes | bytearray) -> Token | None:
    """`b n1 n2 data` prints a row, `k n1 n2 data` too; anything else in raster mode is passed over."""
    if buffer[0] not in b"bk":
        return Token("control" if buffer[0] < SPACE else "unknown", bytes(buffer[:1]), 1)
    count = _number(buffer, 1)
    if count is None:
        return None
    return _unknown(buffer, 1) if count > PICTURE_STRIDE_MAX else _take("row", buffer, 3, 3 + count)


def _until(name: str, buffer: bytes | bytearray, start: int, end: int, longest: int) -> Token | None:
    at = buffer.find(end, start, start + longest)
    if at >= 0:
        return Token(name, bytes(buffer[start:at]), at + 1)
    return _unknown(buffer, 2) if len(buffer) >= start + longest else None


def _esc(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 2:  # noqa: PLR2004  # prefix and command
        return None
    code = buffer[1]
    if code in _ESC_ARGS:
        return _take(_named(code), buffer, 2, 2 + _ESC_ARGS[code])
    special = _ESC_SPECIAL.get(code)
    return special(buffer) if special else _unknown(buffer, 2)


def _named(code: int) -> str:
    names = {0x06: "ESC ACK", 0x07: "ESC BEL", 0x0C: "ESC FF"}
    return names.get(code, f"ESC {chr(code)}")


def _gs(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 3:  # noqa: PLR2004  # ESC GS x
        return None
    code = buffer[2]
    name = "ESC GS ETX" if code == 0x03 else f"ESC GS {chr(code)}"  # noqa: PLR2004  # ETX
    if code in _GS_ARGS:
        return _take(name, buffer, 3, 3 + _GS_ARGS[code])
    if name == "ESC GS S":
        return _picture(buffer)
    if name == "ESC GS y":
        return _qr(buffer)
    return _unknown(buffer, 3)


def _picture(buffer: bytes | bytearray) -> Token | None:
    across, down = _number(buffer, 4), _number(buffer, 6)
    if across is None or down is None:
        return None
    if across > PICTURE_STRIDE_MAX or down > PICTURE_ROWS_MAX:
        return _unknown(buffer, 3)
    return _take("ESC GS S", buffer, 3, 9 + across * down)


def _qr(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 4:  # noqa: PLR2004  # ESC GS y X
        return None
    kind = bytes(buffer[3:4])
    if kind == b"D":
        count = _number(buffer, 6)
        return None if count is None else _take("ESC GS y", buffer, 3, 8 + count)
    return _take("ESC GS y", buffer, 3, 4 + _QR_ARGS[kind]) if kind in _QR_ARGS else _unknown(buffer, 4)


def _raster_setting(buffer: bytes | bytearray) -> Token | None:
    """ESC * r A, B, C alone; the others with digits up to a NUL."""
    if len(buffer) < 4:  # noqa: PLR2004  # ESC * r x
        return None
    if buffer[2] != ord("r"):
        return _unknown(buffer, 2)
    if buffer[3] in b"ABC":
        return _take("ESC * r", buffer, 3, 4)
    token = _until("ESC * r", buffer, 4, NUL, SETTING_BYTES_MAX)
    if token is None or token.name == "unknown":
        return token
    return Token(token.name, bytes(buffer[3:4]) + token.args, token.size)


def _strip(buffer: bytes | bytearray) -> Token | None:
    """ESC k n1 n2: 24 rows of n bytes."""
    columns = _number(buffer, 2)
    if columns is None:
        return None
    return _take("ESC k", buffer, 2, 4 + columns * 24) if columns <= PICTURE_STRIDE_MAX else _unknown(buffer, 2)


_ESC_SPECIAL: dict[int, Callable[[bytes | bytearray], Token | None]] = {
    RS: lambda buffer: _take(f"ESC RS {chr(buffer[2])}", buffer, 3, 4) if len(buffer) > 2 else None,  # noqa: PLR2004  # its argument has come
    0x1D: _gs,
    ord("*"): _raster_setting,
    ord("b"): lambda buffer: _until("ESC b", buffer, 2, RS, 4 + BAR_CODE_BYTES_MAX),
    ord("k"): _strip,
    ord("D"): lambda buffer: _until("ESC D", buffer, 2, NUL, TABS_BYTES_MAX),
    ord("#"): lambda buffer: _until("ESC #", buffer, 2, NUL, VERSION_QUESTION_BYTES),
}


class RealTimeScanner:
    """Finds ESC ACK n anywhere in the stream, even inside a picture, as printers do on receipt."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[int]:
        """The n of real-time commands completed by `data`."""
        self._held += data
        found = []
        at = self._held.find(b"\x1b\x06")
        while 0 <= at < len(self._held) - 2:
            found.append(self._held[at + 2])
            at = self._held.find(b"\x1b\x06", at + 3)
        del self._held[: at if at >= 0 else len(self._held) - self._held.endswith(b"\x1b")]
        return found
