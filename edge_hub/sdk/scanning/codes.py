"""What a scanner's codec makes of what came: codes, and what is none."""

import re
from dataclasses import dataclass

CODE_BYTES_MAX = 4296
"""What a QR code can hold; more is no code."""
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ALLOWED_CONTROLS = frozenset("\x1d\x1e\x04")
"""GS1 and ISO 15434 separators."""


@dataclass(frozen=True, slots=True)
class Code:
    """One reading."""

    data: str
    aim: str
    """The AIM identifier (`]`, a letter for the symbology, a modifier), or ""."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is no code, in characters where they were typed, and why; it is dropped."""

    data: bytes | str
    why: str


Frame = Code | Unreadable


def split_aim(text: str) -> tuple[str, str]:
    """The AIM identifier in front ("" if there is none), and the rest."""
    found = _AIM.match(text)
    return (found.group(), text[found.end() :]) if found else ("", text)


def has_foreign_controls(data: str) -> bool:
    """Whether there are characters in it that no code has: then it is noise."""
    return any(not char.isprintable() and char not in _ALLOWED_CONTROLS for char in data)


def decoded(raw: bytes, encoding: str) -> str | Unreadable:
    """The text of a code."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return Unreadable(raw, f"not {encoding} text")
