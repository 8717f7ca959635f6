"""The receipts that a terminal without a printer sends along: lines of key=...&name=...&value=..., to be printed."""

from collections.abc import Mapping
from typing import Any

from drivers.adyen.nexo import at, pairs, words
from edge_hub.sdk.eft.scrub import scrub

LINES_MAX = 80
LINE_CHARACTERS_MAX = 48
CUSTOMER, CASHIER = "CustomerReceipt", "CashierReceipt"
_NAMES = "holder"
"""In the key of a line that says whose card it is."""


def slip(body: Any, qualifier: str) -> tuple[str, ...]:
    """The lines of the receipt for the customer or the shop, scrubbed; () where there is none."""
    receipts = at(body, "PaymentReceipt")
    for receipt in receipts if isinstance(receipts, list) else []:
        lines = at(receipt, "OutputContent", "OutputText")
        if words(receipt, "DocumentQualifier") == qualifier and isinstance(lines, list):
            return tuple(line for one in lines[:LINES_MAX] if (line := _line(one)) is not None)
    return ()


def _line(one: Any) -> str | None:
    if not isinstance(one, Mapping):
        return None
    said = pairs(words(one, "Text"))
    if _NAMES in said.get("key", "").lower():
        return None
    text = " ".join(said[part].strip() for part in ("name", "value") if part in said)
    return scrub(text).strip()[:LINE_CHARACTERS_MAX]
