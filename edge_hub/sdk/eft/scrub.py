"""Card numbers out of everything that is kept: at most the first six and the last four digits stay.

Works on text and on bytes in ASCII, and leaves lengths as they are, so that a scrubbed frame can still be read by
offsets. What else must not be kept (tracks, names) the codecs know by their places and blank themselves.
"""

import re

_FIRST = 6
_LAST = 4
_RUN = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
"""13 to 19 digits in one piece or in printed groups (ISO/IEC 7812)."""
_TRACK = re.compile(r"%?B?([0-9]{12,19})[\^=D][^?\x00-\x1f]*\??")


def scrub(text: str) -> str:
    """The text with every run of 13 to 19 digits that passes the check digit masked, and what follows a track's
    separator blanked.
    """
    text = _TRACK.sub(_blank_track, text)
    return _RUN.sub(_mask_run, text)


def scrub_bytes(data: bytes) -> bytes:
    """The same for bytes; every byte that is no ASCII stays."""
    return scrub(data.decode("latin-1")).encode("latin-1")


def mask(number: str) -> str:
    """A card number as it may be kept: first six and last four digits, "*" for the rest; already masked ones stay.

    Fewer than 13 digits in sight: at most the last four stay.
    """
    number = number.strip()
    if number.isdigit():
        if len(number) <= _LAST:
            return number
        first = _FIRST if len(number) > _FIRST + _LAST + 2 else 0
        return number[:first] + "*" * (len(number) - first - _LAST) + number[-_LAST:]
    if sum(char.isdigit() for char in number) > _FIRST + _LAST:
        return number[:_FIRST] + "*" * max(0, len(number) - _FIRST - _LAST) + number[-_LAST:]
    return number


def _mask_run(found: re.Match[str]) -> str:
    digits = [char for char in found[0] if char.isdigit()]
    if not _luhn(digits):
        return found[0]
    hidden = len(digits) - _LAST
    out, seen = [], 0
    for char in found[0]:
        if not char.isdigit():
            out.append(char)
            continue
        out.append("*" if _FIRST <= seen < hidden else char)
        seen += 1
    return "".join(out)


def _blank_track(found: re.Match[str]) -> str:
    start = found.start(1) - found.start()
    return found[0][:start] + mask(found[1]) + " " * (len(found[0]) - start - len(found[1]))


def _luhn(digits: list[str]) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  # two digits of a doubled one
    return total % 10 == 0
