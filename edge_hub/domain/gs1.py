"""GS1 element strings and Digital Link URIs (General Specifications 3 and 7.8; GS1 Digital Link URI Syntax 1.4)."""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

from edge_hub.domain.gtin import GTIN_LENGTHS, BarcodeInvalid, CheckDigitWrong, digits_only, has_check_digit

GS = "\x1d"
QUERY_FIELDS_MAX = 64
_SEPARATORS = re.compile(r"~1|<GS>|\{GS\}|\u241d|\xe8", re.IGNORECASE)
"""What scanners send for FNC1 besides GS; but for the spelt-out <GS>, none of it can be GS1 data."""


def _prefixes(*ranges: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"{n:02d}" for first, last in ranges for n in range(first, last + 1))


_AI_DIGITS = {
    **dict.fromkeys(_prefixes((0, 4), (10, 22), (30, 30), (37, 37), (90, 99)), 2),
    **dict.fromkeys(_prefixes((23, 25), (40, 42), (71, 71)), 3),
    **dict.fromkeys(_prefixes((31, 36), (39, 39), (43, 43), (70, 70), (72, 72), (80, 82)), 4),
}
"""Digits of an application identifier by its first two (figure 7.8.2-1)."""
_FIXED_LENGTHS = {
    "00": 20,
    "04": 18,
    "20": 4,
    **dict.fromkeys(_prefixes((1, 3), (41, 41)), 16),
    **dict.fromkeys(_prefixes((11, 19)), 8),
    **dict.fromkeys(_prefixes((31, 36)), 10),
}
"""Characters of an element string, identifier included, that needs no separator after it (figure 7.8.5-2)."""

_TEXT_20 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")
_TEXT_90 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,90}")
_DATE = re.compile(r"[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])")
_FORMATS = {
    "00": re.compile(r"[0-9]{18}"),
    **dict.fromkeys(("01", "02"), re.compile(r"[0-9]{14}")),
    **dict.fromkeys(("10", "21", "22"), _TEXT_20),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), _DATE),
    "20": re.compile(r"[0-9]{2}"),
    **dict.fromkeys(("30", "37"), re.compile(r"[0-9]{1,8}")),
    **dict.fromkeys((f"{kind}{n}" for kind in ("310", "320") for n in range(6)), re.compile(r"[0-9]{6}")),
    **dict.fromkeys((f"392{n}" for n in range(10)), re.compile(r"[0-9]{1,15}")),
    **dict.fromkeys((f"393{n}" for n in range(10)), re.compile(r"[0-9]{4,18}")),
}
_DATES = frozenset({"11", "12", "13", "15", "16", "17"})
_CHECKED = frozenset({"00", "01", "02"})
_WINDOW_YEARS = 50
"""A two-digit year lies at most 49 years back and 50 ahead (General Specifications 7.12)."""


@dataclass(frozen=True, slots=True)
class Element:
    """One application identifier and its data field, as it stands in the symbol."""

    ai: str
    value: str

    def date(self, this_year: int) -> date:
        """The day of a date element; day 00 is the month's last; `this_year` places the two-digit year."""
        if self.ai not in _DATES:
            raise BarcodeInvalid("({ai}) is not a date.", why="ai-no-date", ai=self.ai)
        year = this_year - this_year % 100 + int(self.value[:2])
        if year - this_year > _WINDOW_YEARS:
            year -= 100
        elif year - this_year < 1 - _WINDOW_YEARS:
            year += 100
        month, day = int(self.value[2:4]), int(self.value[4:])
        last = monthrange(year, month)[1]
        if day > last:
            raise BarcodeInvalid(
                "({ai}){value} is no day of the calendar.", why="ai-no-day", ai=self.ai, value=self.value
            )
        return date(year, month, day or last)


def parse_elements(data: str) -> tuple[Element, ...]:
    """The element strings of a GS1 symbol's data; FNC1 as GS or as one of the ways scanners write it."""
    text = _SEPARATORS.sub(GS, data)
    found: list[Element] = []
    place = 0
    while place < len(text):
        if text[place] == GS:
            place += 1
            continue
        prefix = text[place : place + 2]
        ai = text[place : place + _AI_DIGITS.get(prefix, 0)]
        if not digits_only(ai):
            raise BarcodeInvalid(
                "There is no GS1 application identifier at character {place}.", why="no-ai", place=place + 1
            )
        if prefix in _FIXED_LENGTHS:
            end = place + _FIXED_LENGTHS[prefix]
        else:
            end = text.find(GS, place)
            end = len(text) if end < 0 else end
        found.append(_element(ai, text[place + len(ai) : end]))
        place = end
    return _consistent(found)


def parse_link(uri: str) -> tuple[Element, ...] | None:
    """The elements of a GS1 Digital Link; None for any other address."""
    try:
        parts = urlsplit(uri)
        fields = parse_qsl(parts.query, max_num_fields=QUERY_FIELDS_MAX)
    except ValueError:
        return None
    path = [unquote(segment) for segment in parts.path.split("/") if segment]
    start = next((place for place in range(len(path) - 1) if _is_key(path[place], path[place + 1])), None)
    if start is None:
        return None
    pairs = path[start:]
    if len(pairs) % 2:
        raise BarcodeInvalid("The address names a GS1 application identifier without its value.", why="link-value")
    found = [
        _element(ai, value.zfill(14) if ai == "01" else value) for ai, value in zip(*[iter(pairs)] * 2, strict=True)
    ]
    found += [_element(ai, value) for ai, value in fields if digits_only(ai)]
    return _consistent(found)


def _is_key(ai: str, value: str) -> bool:
    return digits_only(value) and ((ai == "01" and len(value) in GTIN_LENGTHS) or (ai == "00" and len(value) == 18))  # noqa: PLR2004  # an SSCC


def _element(ai: str, value: str) -> Element:
    if len(ai) != _AI_DIGITS.get(ai[:2]) or not _FORMATS.get(ai, _TEXT_90).fullmatch(value):
        raise BarcodeInvalid("({ai}) is not followed by the data it announces.", why="ai-data", ai=ai[:4])
    if ai[:3] in {"310", "320"} and ai not in _FORMATS:
        raise BarcodeInvalid("({ai}) has more decimals than GS1 allows.", why="ai-decimals", ai=ai)
    if ai in _CHECKED and not has_check_digit(value):
        raise CheckDigitWrong
    return Element(ai, value)


def _consistent(found: Iterable[Element]) -> tuple[Element, ...]:
    by_ai: dict[str, Element] = {}
    for element in found:
        if by_ai.setdefault(element.ai, element) != element:
            raise BarcodeInvalid(
                "({ai}) stands in the symbol twice, with different data.", why="ai-twice", ai=element.ai
            )
    if not by_ai:
        raise BarcodeInvalid("There is no GS1 element string in the symbol.", why="no-elements")
    return tuple(by_ai.values())
