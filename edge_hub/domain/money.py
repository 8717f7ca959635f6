"""Money: whole minor units with a currency; shares are made by `allocate`, which sums exactly."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

from edge_hub.domain.values import quick
from edge_hub.errors import Invalid

MINOR_DIGITS = {"TWD": 0, "JPY": 0, "KRW": 0, "CNY": 2, "EUR": 2, "USD": 2, "SEK": 2, "HKD": 2}
"""Digits after the decimal point as retail uses them (ISO 4217 gives TWD two, no shop does)."""

Rounding = Literal["half_up", "half_even", "down"]


AMOUNT_CHARACTERS_MAX = 24
_AMOUNT = re.compile(r"(-)?([0-9]{1,15})(?:\.([0-9]{1,6}))?", re.ASCII)

CURRENCY_NUMBERS = {
    "901": "TWD", "392": "JPY", "410": "KRW", "156": "CNY", "978": "EUR", "840": "USD", "752": "SEK", "344": "HKD",
}  # fmt: skip
"""Currencies by their ISO 4217 number, as bar codes name them (GS1 AI 391n and 393n)."""


class CurrencyUnknown(Invalid):
    """A currency whose minor unit the hub does not know."""

    code = "currency-unknown"
    title = "This currency is not known."


class AmountInvalid(Invalid):
    """A text that is not an amount of its currency."""

    code = "amount-invalid"
    title = "This is not an amount of money."


class CurrencyMismatch(Invalid):
    """Two currencies met in one sum."""

    code = "currency-mismatch"
    title = "Amounts of different currencies cannot be combined."


@quick
@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units (cents; dollars for TWD) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def scaled(self, factor: Fraction, rounding: Rounding = "half_up") -> "Money":
        """This amount times an exact factor, rounded to a minor unit."""
        return Money(round_ratio(self.minor * factor.numerator, factor.denominator, rounding), self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise two_currencies(self.currency, other.currency)


def two_currencies(one: str, other: str) -> CurrencyMismatch:
    """The error of a sum of both."""
    return CurrencyMismatch("{currency} and {other} cannot be combined.", why="two", currency=one, other=other)


def round_fraction(value: Fraction, rounding: Rounding = "half_up") -> int:
    """Round to a whole number; `half_up` means away from zero, as tax authorities do."""
    return round_ratio(value.numerator, value.denominator, rounding)


def round_ratio(numerator: int, denominator: int, rounding: Rounding = "half_up") -> int:
    """`round_fraction` of numerator/denominator (denominator > 0) without making a Fraction: twenty times faster."""
    whole, rest = divmod(abs(numerator), denominator)
    twice = 2 * rest
    if rounding == "half_up":
        whole += twice >= denominator
    elif rounding == "half_even":
        whole += twice > denominator or (twice == denominator and whole % 2 == 1)
    return -whole if numerator < 0 else whole


def round_to(minor: int, unit: int) -> int:
    """The multiple of `unit` nearest to an amount, half away from zero: cash rounding (unit 5: 10.02 is 10.00)."""
    return minor if unit == 1 else unit * round_ratio(minor, unit)


def minor_digits(currency: str) -> int:
    """Digits after the decimal point in this currency's retail amounts."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise CurrencyUnknown(
            "{currency!r} is not a currency this hub knows.", why="named", currency=currency
        ) from None


def parse_minor(text: str, currency: str) -> int:
    """Minor units of an amount as written: "12.34" EUR is 1234, "100" or "100.00" TWD is 100.

    A point is the only separator (a comma means thousands here and decimals there). Digits the currency
    does not have are refused unless they are zeros.
    """
    digits = minor_digits(currency)
    match = _AMOUNT.fullmatch(text.strip()) if len(text) <= AMOUNT_CHARACTERS_MAX else None
    if match is None:
        raise AmountInvalid("{text!r} is not an amount such as 12.34.", why="form", text=text[:AMOUNT_CHARACTERS_MAX])
    sign, whole, decimals = match.group(1), match.group(2), match.group(3) or ""
    if decimals[digits:].strip("0"):
        raise AmountInvalid(
            "{currency} amounts have {digits} decimal digits, {text!r} has more.",
            why="decimals",
            currency=currency,
            digits=digits,
            text=text.strip(),
        )
    minor = int(whole + decimals[:digits].ljust(digits, "0"))
    return -minor if sign else minor


def allocate(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Share `amount` by `weights` (whole, not negative, not all zero); the shares sum to it exactly.

    Largest remainder first, the earlier share on a tie, so the result does not depend on anything else.
    """
    return tuple(Money(share, amount.currency) for share in allocate_minor(amount.minor, weights))


def allocate_minor(minor: int, weights: Sequence[int]) -> list[int]:
    """`allocate` in bare minor units."""
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights must be whole, not negative and not all zero: {weights!r}")
    rest = abs(minor)
    shares = [rest * weight // whole for weight in weights]
    left = rest - sum(shares)
    if left:
        remainders = [rest * weight % whole for weight in weights]
        for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
            shares[index] += 1
    return [-share for share in shares] if minor < 0 else shares


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`; zero of `currency` when there are none."""
    result = 0
    for amount in amounts:
        if amount.currency != currency:
            raise two_currencies(currency, amount.currency)
        result += amount.minor
    return Money(result, currency)
