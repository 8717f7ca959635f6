"""Bar codes: which symbol, which number, which price or weight inside (GS1 General Specifications).

`parse` takes what a scanner sent and says which codes to look up. Its refusals are BarcodeInvalid and subclasses.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.gs1 import GS, Element, parse_elements, parse_link
from edge_hub.domain.gtin import (
    UPC_E_LENGTHS,
    BarcodeInvalid,
    CheckDigitWrong,
    check_digit,
    digits_only,
    expand_upc_e,
    has_check_digit,
    is_gtin,
    normalise,
    price_check_digit,
)
from edge_hub.domain.money import CURRENCY_NUMBERS, CurrencyMismatch, Money, minor_digits, round_ratio
from edge_hub.errors import Invalid

SCAN_CHARACTERS_MAX = 4096
"""A QR code holds at most 4,296 letters; nothing sold is labelled with nearly that."""
EMBEDDED_DIGITS = 13


class LayoutInvalid(Invalid):
    """A store's own code layout that contradicts itself."""

    code = "barcode-layout-invalid"
    title = "This bar code layout is not valid."


class Embedded(StrEnum):
    PRICE = "price"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A store-defined 13-digit code: `pattern` of P (prefix), I (item), c (its check digit), V (value), C (check).

    "PPIIIIIVVVVVC" with prefixes ("20", "21"): digits 3-7 name the item, 8-12 the value. A `c` is the check
    digit of the value, which then has four or five digits.
    """

    prefixes: tuple[str, ...]
    pattern: str
    value: Embedded
    decimals: int
    """Decimal digits in the value: minor-unit digits for a price, 3 for kilograms in grams."""

    def __post_init__(self) -> None:
        pattern = self.pattern
        if len(pattern) != EMBEDDED_DIGITS or not _PATTERN.fullmatch(pattern):
            raise LayoutInvalid(f'{pattern!r} is not 13 letters such as "PPIIIIIVVVVVC".')
        if "c" in pattern and pattern.count("V") not in _CHECKED_VALUE_DIGITS:
            raise LayoutInvalid(f"{pattern!r}: only a value of four or five digits has a check digit (c).")
        if any(len(prefix) != pattern.count("P") or not digits_only(prefix) for prefix in self.prefixes):
            raise LayoutInvalid(f"The prefixes of {pattern!r} have {pattern.count('P')} digits.")
        if not 0 <= self.decimals <= pattern.count("V"):
            raise LayoutInvalid(f"The value in {pattern!r} does not have {self.decimals} decimals.")


_PATTERN = re.compile(r"P+(I+c?V+|I+V+c|c?V+I+|V+cI+)C")
_CHECKED_VALUE_DIGITS = (4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPrice:
    """The price on a label, for the whole article: `value` with `decimals`; `currency_number` is ISO 4217's or ""."""

    value: int
    decimals: int
    currency_number: str = ""

    def money(self, currency: str) -> Money:
        """In the store's currency: exactly, or refused."""
        if self.currency_number and CURRENCY_NUMBERS.get(self.currency_number) != currency:
            raise CurrencyMismatch("The label's price is not in {currency}.", why="label", currency=currency)
        minor, rest = divmod(self.value * 10 ** minor_digits(currency), 10**self.decimals)
        if rest:
            raise BarcodeInvalid(
                "The label's price has parts that {currency} does not have.", why="price-parts", currency=currency
            )
        return Money(minor, currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan says. `lookups` are the codes to seek in the catalogue, in this order (see `stored_form`)."""

    data: str
    """As scanned, without AIM id and line end."""
    aim: str
    lookups: tuple[str, ...]
    gtin: str = ""
    """Normalised: 8, 13 or 14 digits; empty for a store's own codes."""
    weight_milli: int | None = None
    """Kilograms in thousandths, from the code itself."""
    price: LabelPrice | None = None
    count: int | None = None
    """Pieces, from GS1 (30)."""
    elements: tuple[Element, ...] = ()
    """All of a GS1 symbol or Digital Link."""
    add_on: str = ""
    """The 2 or 5 digits beside an EAN (issue of a magazine)."""

    @property
    def code(self) -> str:
        """The code to show and to keep with the line."""
        return self.lookups[0]

    @property
    def embedded(self) -> Embedded | None:
        """What the code fixes about the line, if anything; a price goes before a weight."""
        if self.price is not None:
            return Embedded.PRICE
        return None if self.weight_milli is None else Embedded.WEIGHT

    def element(self, ai: str) -> str:
        """The data of one application identifier; empty when the symbol has none."""
        return next((element.value for element in self.elements if element.ai == ai), "")


_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})
_LINK_SYMBOLS = ("", "]Q", "]d", "]z")
_BARE_ELEMENTS = re.compile(r"\x1d?(?:0[12][0-9]{14}|00[0-9]{18})")
_LINE_ENDS = " \t\r\n\0"
_EAN_13 = 13
_UPC_A = 12
_EAN_8 = 8
_POUND_KILOGRAMS = (45_359_237, 10**8)


def parse(data: str, aim: str = "", layouts: Iterable[Layout] = (), *, upc_e: bool = False) -> Scan:
    """Read a scan. `aim` is the AIM identifier ("]E0"), which may also stand in front of `data`; "" when unknown.

    Eight digits without an identifier are an EAN-8 unless `upc_e` says that the store's scanners send UPC-E bare.
    """
    if len(data) > SCAN_CHARACTERS_MAX:
        raise BarcodeInvalid("The code is too long to be an article's.", why="too-long")
    text = data.strip(_LINE_ENDS)
    if not aim and _AIM.match(text):
        aim, text = text[:3], text[3:].strip(_LINE_ENDS)
    if not text or (aim and not _AIM.fullmatch(aim)):
        raise BarcodeInvalid("The scanner sent nothing that can be looked up.", why="nothing")
    if aim in _GS1_SYMBOLS:
        return _from_elements(text, aim, parse_elements(text))
    if aim.startswith("]E"):
        return _retail(text, aim, layouts)
    if text.lower().startswith(("https://", "http://")) and aim[:2] in _LINK_SYMBOLS:
        link = parse_link(text)
        return _plain(text, aim) if link is None else _from_elements(text, aim, link)
    return _plain(text, aim) if aim else _unmarked(text, layouts, upc_e=upc_e)


def _unmarked(text: str, layouts: Iterable[Layout], *, upc_e: bool) -> Scan:
    """Without an AIM id: what it looks like, and in doubt the store's own code."""
    if upc_e and len(text) == _EAN_8 and digits_only(text):
        return _upc_e(text, "")
    if digits_only(text) and (len(text) == _EAN_13 or (len(text) == _UPC_A and has_check_digit(text))):
        return _embedded(text, "", layouts) or _plain(text, "")
    if GS in text:
        return _from_elements(text, "", parse_elements(text))
    if _BARE_ELEMENTS.match(text):
        try:
            return _from_elements(text, "", parse_elements(text))
        except BarcodeInvalid:
            return _plain(text, "")
    return _plain(text, "")


def _retail(text: str, aim: str, layouts: Iterable[Layout]) -> Scan:
    """EAN and UPC symbols: their scanners have checked the digits, so a wrong one is a fault on the way."""
    if not digits_only(text):
        raise BarcodeInvalid("An EAN or UPC has digits only.", why="ean-digits")
    if aim in {"]E1", "]E2"}:
        return _plain(text, aim)
    add_on = ""
    if aim == "]E3":
        for digits in (2, 5):
            if len(text) - digits in {_EAN_13, _UPC_A}:
                text, add_on = text[:-digits], text[-digits:]
                break
    if aim != "]E4" and len(text) in UPC_E_LENGTHS:
        return _upc_e(text, aim)
    if len(text) not in ({_EAN_8} if aim == "]E4" else {_EAN_13, _UPC_A}):
        raise BarcodeInvalid("An EAN or UPC does not have that many digits.", why="ean-length")
    scan = None if aim == "]E4" else _embedded(text, aim, layouts)
    if scan is not None:
        return scan
    if not has_check_digit(text):
        raise CheckDigitWrong
    gtin = normalise(text)
    return Scan(data=text, aim=aim, lookups=(gtin,), gtin=gtin, add_on=add_on)


def _upc_e(text: str, aim: str) -> Scan:
    try:
        gtin = normalise(expand_upc_e(text))
    except BarcodeInvalid:
        if not is_gtin(text):  # some scanners name an EAN-8 ]E0 too
            raise
        gtin = text
    return Scan(data=text, aim=aim, lookups=(gtin,), gtin=gtin)


def _plain(text: str, aim: str) -> Scan:
    """A code as it is; if it happens to be a GTIN, in the form the catalogue keeps those."""
    if not text.isprintable():
        raise BarcodeInvalid("The code has characters that cannot be printed.", why="unprintable")
    gtin = normalise(text) if is_gtin(text) else ""
    lookups = tuple(dict.fromkeys((gtin, text))) if gtin else (text,)
    return Scan(data=text, aim=aim, lookups=lookups, gtin=gtin)


def _embedded(text: str, aim: str, layouts: Iterable[Layout]) -> Scan | None:
    """The store's own price or weight code, if a layout claims the prefix; then all its digits must be right."""
    digits = text.zfill(EMBEDDED_DIGITS)
    layout = next((one for one in layouts if digits.startswith(one.prefixes)), None)
    if layout is None:
        return None
    prefix, item, inner, value = (_picked(digits, layout.pattern, letter) for letter in "PIcV")
    if not has_check_digit(digits) or (inner and price_check_digit(value) != inner):
        raise CheckDigitWrong
    blank = "".join(
        "0" if letter in "cV" else digit for digit, letter in zip(digits[:-1], layout.pattern, strict=False)
    )
    price = LabelPrice(value=int(value), decimals=layout.decimals) if layout.value is Embedded.PRICE else None
    return Scan(
        data=text,
        aim=aim,
        lookups=(blank + check_digit(blank), prefix + item, item),
        price=price,
        weight_milli=None if price else round_ratio(int(value) * 1000, 10**layout.decimals),
    )


def _picked(digits: str, pattern: str, letter: str) -> str:
    return "".join(digit for digit, place in zip(digits, pattern, strict=True) if place == letter)


def _from_elements(text: str, aim: str, elements: tuple[Element, ...]) -> Scan:
    by_ai = {element.ai: element.value for element in elements}
    gtin = normalise(by_ai["01"]) if "01" in by_ai else ""
    weight: int | None = None
    price: LabelPrice | None = None
    for ai, value in by_ai.items():
        match ai[:3]:
            case "310":
                weight = round_ratio(int(value) * 1000, 10 ** int(ai[3]))
            case "320":
                kilograms, pounds = _POUND_KILOGRAMS
                weight = round_ratio(int(value) * 1000 * kilograms, pounds * 10 ** int(ai[3]))
            case "392":
                price = LabelPrice(value=int(value), decimals=int(ai[3]))
            case "393":
                price = LabelPrice(value=int(value[3:]), decimals=int(ai[3]), currency_number=value[:3])
    return Scan(
        data=text,
        aim=aim,
        lookups=(gtin or by_ai.get("00") or text,),
        gtin=gtin,
        weight_milli=weight,
        price=price,
        count=int(by_ai["30"]) if "30" in by_ai else None,
        elements=elements,
    )
