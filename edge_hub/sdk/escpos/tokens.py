"""The stream a printer receives, cut into commands: for who reads it, and must not guess lengths.

Lengths after the Epson command reference; python-escpos, receiptline and clone firmware send all of these.
"""

from dataclasses import dataclass

DLE, ESC, FS, GS, NUL = 0x10, 0x1B, 0x1C, 0x1D, 0x00
SPACE = 0x20
"""Below it are control codes."""
TEXT_BYTES_MAX = 256
TABS_BYTES_MAX = 33

_ESC_ARGS = {
    **dict.fromkeys(b"@2iLmSv<\x0c", 0),
    **dict.fromkeys(b" !-3=?AEGJKMRTUVadert{%su", 1),
    **dict.fromkeys(b"$\\Bc", 2),
    ord("p"): 3,
    ord("W"): 8,
}
_GS_ARGS = {
    **dict.fromkeys(b":c", 0),
    **dict.fromkeys(b"!/BEHITabfhrw", 1),
    **dict.fromkeys(b"$LPW\\", 2),
    ord("^"): 3,
}
_FS_ARGS = {**dict.fromkeys(b"&.", 0), **dict.fromkeys(b"!-CW", 1), **dict.fromkeys(b"?Sp", 2), ord("2"): 74}
_DLE_EOT_LONG = frozenset((7, 8, 18))
_DLE_DC4_ARGS = {1: 3, 2: 3, 3: 6, 7: 2, 8: 8}
_CUT_SHORT = frozenset((0, 1, 48, 49))
_BAR_CODE_COUNTED_MIN = 65


@dataclass(frozen=True, slots=True)
class Token:
    """A command: "ESC E" and its argument bytes; or "text", "control", "unknown" with the bytes themselves."""

    name: str
    args: bytes
    size: int


def next_token(buffer: bytes | bytearray, *, kanji: bool) -> Token | None:
    """The first command of `buffer`, or None when its end has not come yet. `kanji`: FS & is in force."""
    if not buffer:
        return None
    first = buffer[0]
    if first in _PREFIXES:
        if len(buffer) < 2:  # noqa: PLR2004  # prefix and command
            return None
        return _PREFIXES[first](buffer)
    if first < SPACE:
        return Token("control", bytes((first,)), 1)
    return _text(buffer, kanji=kanji)


def _text(buffer: bytes | bytearray, *, kanji: bool) -> Token | None:
    at = 0
    while at < min(len(buffer), TEXT_BYTES_MAX) and buffer[at] >= SPACE:
        step = 2 if kanji and buffer[at] > 0x80 else 1  # noqa: PLR2004  # the first of two bytes
        if at + step > len(buffer):
            break
        at += step
    return Token("text", bytes(buffer[:at]), at) if at else None


def _whole(name: str, buffer: bytes | bytearray, start: int, size: int) -> Token | None:
    """Arguments from `start` up to `size` bytes of the whole command."""
    return Token(name, bytes(buffer[start:size]), size) if len(buffer) >= size else None


def _number(buffer: bytes | bytearray, at: int, size: int = 2) -> int | None:
    return int.from_bytes(buffer[at : at + size], "little") if len(buffer) >= at + size else None


def _unknown(buffer: bytes | bytearray) -> Token:
    return Token("unknown", bytes(buffer[:2]), 2)


def _until_nul(name: str, buffer: bytes | bytearray, start: int, longest: int) -> Token | None:
    end = buffer.find(NUL, start, start + longest)
    if end >= 0:
        return Token(name, bytes(buffer[start:end]), end + 1)
    return _unknown(buffer) if len(buffer) >= start + longest else None


def _esc(buffer: bytes | bytearray) -> Token | None:
    code = buffer[1]
    name = f"ESC {chr(code)}"
    if code in _ESC_ARGS:
        return _whole(name, buffer, 2, 2 + _ESC_ARGS[code])
    if name == "ESC D":
        return _until_nul(name, buffer, 2, TABS_BYTES_MAX)
    if name == "ESC *":
        columns = _number(buffer, 3)
        return None if columns is None else _whole(name, buffer, 2, 5 + columns * (3 if buffer[2] >= 32 else 1))  # noqa: PLR2004  # 32 and above: 24 dots high
    if name == "ESC &":
        return _user_characters(buffer)
    if name == "ESC (":
        return _counted(name, buffer)
    return _unknown(buffer)


def _user_characters(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 5:  # noqa: PLR2004  # ESC & y c1 c2
        return None
    size, height = 5, buffer[2]
    for _ in range(buffer[4] - buffer[3] + 1):
        if len(buffer) <= size:
            return None
        size += 1 + height * buffer[size]
    return _whole("ESC &", buffer, 2, size)


def _counted(name: str, buffer: bytes | bytearray) -> Token | None:
    """ESC ( X pL pH ..., GS ( X ..., FS ( X ...: the name gets the X."""
    count = _number(buffer, 3)
    return None if count is None else _whole(f"{name}{chr(buffer[2])}", buffer, 5, 5 + count)


def _gs(buffer: bytes | bytearray) -> Token | None:
    code = chr(buffer[1])
    name = f"GS {code}"
    if code == "(":
        return _counted(name, buffer)
    if buffer[1] in _GS_ARGS:
        return _whole(name, buffer, 2, 2 + _GS_ARGS[buffer[1]])
    special = _GS_SPECIAL.get(code)
    if special is None:
        return _unknown(buffer)
    if len(buffer) < 4 and not (code == "V" and len(buffer) == 3):  # noqa: PLR2004  # the shortest of them
        return None
    return special(name, buffer)


def _cut(name: str, buffer: bytes | bytearray) -> Token | None:
    return _whole(name, buffer, 2, 3 if buffer[2] in _CUT_SHORT else 4)


def _raster(name: str, buffer: bytes | bytearray) -> Token | None:
    across, down = _number(buffer, 4), _number(buffer, 6)
    return None if across is None or down is None else _whole(name, buffer, 2, 8 + across * down)


def _bar_code(name: str, buffer: bytes | bytearray) -> Token | None:
    if buffer[2] < _BAR_CODE_COUNTED_MIN:
        token = _until_nul(name, buffer, 3, 256)
        return None if token is None else Token(token.name, bytes((buffer[2],)) + token.args, token.size)
    token = _whole(name, buffer, 4, 4 + buffer[3])
    return None if token is None else Token(name, bytes((buffer[2],)) + token.args, token.size)


def _graphics_long(_name: str, buffer: bytes | bytearray) -> Token | None:
    count = _number(buffer, 3, 4)
    return None if count is None else _whole(f"GS ({chr(buffer[2])}", buffer, 7, 7 + count)


def _downloaded(name: str, buffer: bytes | bytearray) -> Token | None:
    return _whole(name, buffer, 2, 4 + buffer[2] * buffer[3] * 8)


_GS_SPECIAL = {"V": _cut, "v": _raster, "k": _bar_code, "8": _graphics_long, "*": _downloaded}


def _fs(buffer: bytes | bytearray) -> Token | None:
    name = f"FS {chr(buffer[1])}"
    if name == "FS (":
        return _counted(name, buffer)
    if buffer[1] in _FS_ARGS:
        return _whole(name, buffer, 2, 2 + _FS_ARGS[buffer[1]])
    return _unknown(buffer)


def _dle(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 3:  # noqa: PLR2004  # DLE, command, n
        return None
    command, n = buffer[1], buffer[2]
    match command:
        case 0x04:
            return _whole("DLE EOT", buffer, 2, 4 if n in _DLE_EOT_LONG else 3)
        case 0x05:
            return _whole("DLE ENQ", buffer, 2, 3)
        case 0x14:
            return _whole("DLE DC4", buffer, 2, 2 + _DLE_DC4_ARGS.get(n, 1))
    return Token("unknown", bytes(buffer[:1]), 1)


_PREFIXES = {ESC: _esc, GS: _gs, FS: _fs, DLE: _dle}


class RealTimeScanner:
    """Finds real-time commands anywhere in the stream, even inside a picture, as printers do on receipt."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Token]:
        """Real-time commands completed by `data`."""
        self._held += data
        found = []
        at = self._held.find(DLE)
        while at >= 0:
            token = _dle(self._held[at : at + 16])
            if token is None:
                break
            if token.name != "unknown":
                found.append(token)
            at = self._held.find(DLE, at + token.size)
        del self._held[: at if at >= 0 else len(self._held)]
        return found
