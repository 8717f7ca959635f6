"""Card numbers out of everything that is kept: at most the first six and the last four digits stay.

Works on text and on bytes in ASCII, and leaves lengths as they are, so that a scrubbed frame can still be read by
offsets. What else must not be kept (tracks, names) the codecs know by their places and blank themselves.
"""

import re

_FIRST = 6
_LAST = 4
_LEAST, _MOST = 13, 19
"""Digits of a card number (ISO/IEC 7812)."""
_RUN = re.compile(r"[0-9]+(?:[ -][0-9]+)*")
"""Groups of digits with one space or hyphen between; what stands beside a card number may be among them."""
_GROUP = re.compile(r"[0-9]+")
_PRINTED = re.compile(r"4 4 4 [1-7]|4 4 4 4 [1-3]|4 6 [45]|4 3 3 3")
"""How many digits the groups have in which card numbers are printed."""
_GROUPS_MAX = 5
_TRACK = re.compile(r"%?B?([0-9]{12,19})[\^=D][^?\x00-\x1f]*\??")


def scrub(text: str) -> str:
    """The text with every run of 13 to 19 digits that passes the check digit masked, in one piece or in groups, also
    where a date or another number stands beside it; and what follows a track's separator blanked.
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
    run = found[0]
    if len(run) < _LEAST:
        return run
    groups = [group.span() for group in _GROUP.finditer(run)]
    at, masked = 0, False
    while at < len(groups):
        size = _card_at(run, groups[at : at + _GROUPS_MAX])
        if size:
            start, end = groups[at][0], groups[at + size - 1][1]
            run, masked = run[:start] + _masked(run[start:end]) + run[end:], True
        at += size or 1
    return run if masked or not _is_card(run) else _masked(run)


def _card_at(run: str, groups: list[tuple[int, int]]) -> int:
    """How many of the groups, from the first on, are a card number: in one piece or as it is printed; 0: none."""
    for size in range(len(groups), 0, -1):
        shape = " ".join(str(end - start) for start, end in groups[:size])
        if (size == 1 or _PRINTED.fullmatch(shape)) and _is_card(run[groups[0][0] : groups[size - 1][1]]):
            return size
    return 0


def _is_card(text: str) -> bool:
    digits = [char for char in text if char.isdigit()]
    return _LEAST <= len(digits) <= _MOST and _luhn(digits)


def _masked(text: str) -> str:
    hidden = sum(char.isdigit() for char in text) - _LAST
    out, seen = [], 0
    for char in text:
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
