"""Currencies by their ISO 4217 numbers, as card terminals name them."""

from collections.abc import Mapping

from edge_hub.sdk.errors import DeviceRefused, ErrorCode

NUMBERS: Mapping[str, int] = {
    "AUD": 36, "BGN": 975, "CAD": 124, "CHF": 756, "CNY": 156, "CZK": 203, "DKK": 208, "EUR": 978, "GBP": 826,
    "HKD": 344, "HUF": 348, "ISK": 352, "JPY": 392, "KRW": 410, "NOK": 578, "PLN": 985, "RON": 946, "RSD": 941,
    "SEK": 752, "SGD": 702, "TRY": 949, "TWD": 901, "UAH": 980, "USD": 840,
}  # fmt: skip


def number_of(currency: str) -> str:
    """Three digits. Raises DeviceRefused (ILLEGAL) for a currency that is not listed."""
    if currency not in NUMBERS:
        raise DeviceRefused(f"the number of the currency {currency} is not known", error_code=ErrorCode.ILLEGAL)
    return f"{NUMBERS[currency]:03d}"
