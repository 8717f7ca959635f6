"""Currencies by their ISO 4217 numbers, as card terminals name them."""

from collections.abc import Mapping
from typing import NamedTuple

from edge_hub.sdk.errors import DeviceRefused, ErrorCode


class Currency(NamedTuple):
    """ISO 4217: its number and the decimals of its amounts."""

    number: int
    digits: int


CURRENCIES: Mapping[str, Currency] = {
    "AUD": Currency(36, 2),
    "BGN": Currency(975, 2),
    "CAD": Currency(124, 2),
    "CHF": Currency(756, 2),
    "CNY": Currency(156, 2),
    "CZK": Currency(203, 2),
    "DKK": Currency(208, 2),
    "EUR": Currency(978, 2),
    "GBP": Currency(826, 2),
    "HKD": Currency(344, 2),
    "HUF": Currency(348, 2),
    "ISK": Currency(352, 0),
    "JPY": Currency(392, 0),
    "KRW": Currency(410, 0),
    "NOK": Currency(578, 2),
    "PLN": Currency(985, 2),
    "RON": Currency(946, 2),
    "RSD": Currency(941, 2),
    "SEK": Currency(752, 2),
    "SGD": Currency(702, 2),
    "TRY": Currency(949, 2),
    "TWD": Currency(901, 2),
    "UAH": Currency(980, 2),
    "USD": Currency(840, 2),
}


def number_of(currency: str) -> str:
    """Three digits. Raises DeviceRefused (ILLEGAL) for a currency that is not listed."""
    if currency not in CURRENCIES:
        raise DeviceRefused(f"the number of the currency {currency} is not known", error_code=ErrorCode.ILLEGAL)
    return f"{CURRENCIES[currency].number:03d}"
