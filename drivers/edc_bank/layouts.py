"""The records of the banks' terminals, as their sheets number them: positions from 1.

Sources: the banks' sheets as tills in Taiwan used them, 2010 to 2018. Type, host, receipt, card, amount, date, approval
and response code are seen in use, the rest is from the sheets alone. Fields whose contents differ between banks are
text here: a reply is not refused for what nobody needs.
"""

from edge_hub.sdk.eft.fields import Field, Layout

_HEAD = (
    ("type", 1, 2, "n", 0),
    ("host", 3, 2, "an", 0),
    ("receipt", 5, 6, "an", 0),
    ("card", 11, 19, "an", 0),
    ("expiry", 30, 4, "an", 0),
    ("amount", 34, 12, "n", 2),
    ("date", 46, 6, "an", 0),
    ("time", 52, 6, "an", 0),
)
_COMMON = (
    *_HEAD,
    ("approval", 58, 9, "an", 0),
    ("auth_amount", 67, 12, "an", 0),
    ("code", 79, 4, "an", 0),
    ("terminal", 83, 8, "an", 0),
    ("rrn", 91, 12, "an", 0),
    ("exp_amount", 103, 12, "an", 0),
)
_SHORT_APPROVAL = (*_HEAD, ("approval", 58, 6, "an", 0), ("code", 64, 4, "an", 0))
_LONG = (
    *_COMMON,
    ("store", 115, 16, "an", 0),
    ("amount_3", 131, 12, "an", 0),
    ("amount_4", 143, 12, "an", 0),
    ("inquiry_type", 155, 2, "an", 0),
    ("product", 157, 2, "an", 0),
    ("plan", 159, 1, "an", 0),
    ("fee", 160, 1, "an", 0),
    ("delay", 161, 1, "an", 0),
)


def _layout(name: str, size: int, places: tuple[tuple[str, int, int, str, int], ...]) -> Layout:
    return Layout(
        name,
        size,
        (
            Field(field, position - 1, length, "n" if kind == "n" else "an", decimals)
            for field, position, length, kind, decimals in places
        ),
    )


BANK_144 = _layout(
    "bank 144",
    144,
    (*_COMMON, ("store", 115, 18, "an", 0), ("filler", 133, 10, "an", 0), ("start_type", 143, 2, "an", 0)),
)
AS320_144 = _layout(
    "AS320 144",
    144,
    (
        *_HEAD,
        ("approval", 58, 9, "an", 0),
        ("code", 67, 4, "an", 0),
        ("terminal", 71, 8, "an", 0),
        ("rrn", 79, 12, "an", 0),
        ("store", 91, 16, "an", 0),
        ("amount_1", 107, 12, "an", 0),
        ("amount_2", 119, 12, "an", 0),
        ("amount_3", 131, 12, "an", 0),
        ("period", 143, 2, "an", 0),
    ),
)
BANK_200 = _layout("bank 200", 200, (*_LONG, ("reserved", 162, 39, "an", 0)))
CTBC_250 = _layout(
    "CTBC 250",
    250,
    (*_LONG, ("card_hash", 162, 50, "an", 0), ("invoice_issuer", 212, 1, "an", 0), ("reserved", 213, 38, "an", 0)),
)
ESUN_144 = _layout("E.SUN 144", 144, (*_SHORT_APPROVAL, ("rest", 68, 77, "an", 0)))
"""What is behind the response code is not known: no terminal number, no place for the hub's reference."""
ESUN_600 = _layout(
    "E.SUN 600",
    600,
    (
        *_SHORT_APPROVAL,
        ("terminal", 68, 8, "an", 0),
        ("rrn", 76, 12, "an", 0),
        ("period", 95, 2, "an", 0),
        ("down_payment", 97, 8, "an", 0),
        ("each_payment", 105, 8, "an", 0),
        ("redeemed", 113, 10, "an", 0),
        ("store", 123, 20, "an", 0),
        ("start_type", 143, 2, "an", 0),
        ("card_hash", 145, 60, "an", 0),
        ("order", 205, 20, "an", 0),
        ("order_info", 225, 150, "an", 0),
        ("code_index", 375, 2, "an", 0),
        ("coupons", 377, 56, "an", 0),
        ("ticket", 433, 96, "an", 0),
    ),
)
