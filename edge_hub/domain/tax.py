"""Tax: rates by code, inclusive or exclusive prices, rounding per line or per document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from edge_hub.domain.money import Money, round_ratio, two_currencies
from edge_hub.domain.values import quick
from edge_hub.errors import Invalid

RATE_DIGITS_MAX = 12
"""Decimal digits of a rate; statutes need three or four."""
_RATE_TEXTS_KEPT_MAX = 256


class TaxCodeUnknown(Invalid):
    """A product's tax code that the store's configuration does not have."""

    code = "tax-code-unknown"
    title = "There is no tax rate for this product."


class TaxRateInvalid(Invalid):
    """A rate below zero, or one that no decimal number writes exactly."""

    code = "tax-rate-invalid"
    title = "This is not a tax rate."


class TaxRounding(StrEnum):
    """Where tax is rounded to a minor unit: on each line, or once for each rate of the document."""

    LINE = "line"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """`rate` as an exact share: 5 % is Fraction(5, 100)."""

    code: str
    name: str
    rate: Fraction

    def __post_init__(self) -> None:
        rate_text(self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPolicy:
    """How this store taxes: its rates by code, and what its shelf prices mean."""

    rates: tuple[TaxRate, ...]
    prices_include_tax: bool
    rounding: TaxRounding

    def rate(self, code: str) -> TaxRate:
        """The rate under a code; a store has a handful, so this looks along the row."""
        for rate in self.rates:
            if rate.code == code:
                return rate
        raise TaxCodeUnknown("There is no tax rate with the code {tax_code!r}.", why="named", tax_code=code)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """One row of a tax table: `gross == net + tax`, `rate` as text ("0.05") so that it stores exactly."""

    code: str
    name: str
    rate: str
    net: Money
    tax: Money
    gross: Money


def tax_table(amounts: Iterable[tuple[str, Money]], policy: TaxPolicy) -> tuple[TaxLine, ...]:
    """The tax in `amounts` (tax code, amount as priced), one row for each rate in use, in the policy's order.

    The sum of `gross` is what the customer pays. With inclusive prices that is the sum of the amounts whatever
    the rounding: gross is given and the tax is taken out of it. With exclusive prices net is given and the tax
    comes on top. Tax is rounded half away from zero, so a negative line undoes its positive twin exactly.
    """
    by_code: dict[str, list[int]] = {}
    currency = ""
    for code, amount in amounts:
        if currency and amount.currency != currency:
            raise two_currencies(currency, amount.currency)
        currency = amount.currency
        by_code.setdefault(code, []).append(amount.minor)
    for code in by_code:
        policy.rate(code)
    return tuple(_row(rate, by_code[rate.code], policy, currency) for rate in policy.rates if rate.code in by_code)


def _row(rate: TaxRate, minors: Sequence[int], policy: TaxPolicy, currency: str) -> TaxLine:
    numerator, denominator = rate.rate.numerator, rate.rate.denominator
    if policy.prices_include_tax:
        denominator += numerator  # the tax share of a gross amount is rate / (1 + rate)
    given = sum(minors)
    if policy.rounding is TaxRounding.DOCUMENT:
        tax = round_ratio(given * numerator, denominator)
    else:
        tax = sum(round_ratio(minor * numerator, denominator) for minor in minors)
    net, gross = (given - tax, given) if policy.prices_include_tax else (given, given + tax)
    return TaxLine(
        code=rate.code,
        name=rate.name,
        rate=rate_text(rate.rate),
        net=Money(net, currency),
        tax=Money(tax, currency),
        gross=Money(gross, currency),
    )


def rate_text(rate: Fraction) -> str:
    """A rate as the decimal number that equals it: Fraction(51, 200) is "0.255", zero is "0"."""
    return _decimal(rate.numerator, rate.denominator)


@lru_cache(_RATE_TEXTS_KEPT_MAX)
def _decimal(numerator: int, denominator: int) -> str:
    if numerator < 0:
        raise TaxRateInvalid("A tax rate cannot be negative.")
    scaled, rest = divmod(numerator * 10**RATE_DIGITS_MAX, denominator)
    if rest:
        raise TaxRateInvalid(f"{numerator}/{denominator} is not a decimal number of {RATE_DIGITS_MAX} digits.")
    whole, decimals = divmod(scaled, 10**RATE_DIGITS_MAX)
    return f"{whole}.{decimals:0{RATE_DIGITS_MAX}d}".rstrip("0").rstrip(".")
