"""JKOPay offline POS: requests and replies as values, and the signature.

Source: open-doc.jkos.com, offline transactions (POS): signature rule, Payment, Refund, Inquiry, status codes.
The fields of Cancel are those that Payment and Inquiry have in common: unchecked.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.errors import BadFrame

CODE = re.compile(r"22[0-9A-Za-z]{16}")
OK = "000"
NOT_FOUND = "916"
"""Also while the payment is still under way, up to 15 s."""
REFUNDED = "812"
REPEATED = "1"
PAYMENT = "Payment"
REFUND = "Refund"
INQUIRY = "Inquiry"
CANCEL = "Cancel"
DECLINED: Mapping[str, Reason] = {
    **dict.fromkeys(("601", "802", "911", "912", "977", "978"), Reason.DECLINED),
    **dict.fromkeys(("804", "904", "905", "907", "929", "932", "935", "940", "980"), Reason.NOT_POSSIBLE),
    **dict.fromkeys(("906", "927"), Reason.CODE),
    **dict.fromkeys(("928", "931", "939"), Reason.BALANCE),
}
"""Status codes by which JKOPay vouches that nothing was charged. Every other one but OK leads to an inquiry."""
REFUND_DECLINED: Mapping[str, Reason] = {
    **dict.fromkeys(("804", "904", "905", "907", "934", "940", "951", "961", "968", "975", "980"), Reason.NOT_POSSIBLE),
    **dict.fromkeys((NOT_FOUND, "922"), Reason.NOT_FOUND),
    "962": Reason.DECLINED,
}
TEXTS: Mapping[str, str] = {"904": "the merchant key is wrong", "907": "the store id is not one of JKOPay's"}
_COMMON = ("GatewayTradeNo", "MerchantID", "MerchantTradeNo", "PosID", "PosTradeTime", "StoreID")


def canonical(fields: Mapping[str, Any]) -> str:
    """What is signed: compact JSON of all fields but Sign, by name."""
    kept = {name: fields[name] for name in sorted(fields) if name != "Sign"}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def sign(fields: Mapping[str, Any], key: str) -> str:
    """SHA-256 of the canonical text with the merchant's key behind it, in lower case hex."""
    return hashlib.sha256((canonical(fields) + key).encode()).hexdigest()


def signed(fields: Mapping[str, Any], key: str) -> bytes:
    """A request or reply as it goes out."""
    return canonical(fields)[:-1].encode() + f',"Sign":"{sign(fields, key)}"}}'.encode()


def encode(fields: Mapping[str, Any]) -> bytes:
    """Fields before the moment of sending: without SendTime and Sign."""
    return canonical(fields).encode()


def payment(common: Mapping[str, str], *, store_name: str, amount: int, code: str) -> bytes:
    """A payment; `common` has the fields of every request, amounts are whole units of TWD."""
    return encode({**common, **_free(store_name), "CardToken": code, "TradeAmount": amount, "UnRedeem": 0})


def refund(common: Mapping[str, str], *, store_name: str, amount: int, trade: str) -> bytes:
    """A refund of all or a part; `trade` is JKOPay's number of the payment."""
    return encode({**common, **_free(store_name), "TradeNo": trade, "TradeAmount": amount})


def fields_of(data: bytes) -> dict[str, Any]:
    """Of what `payment` or `refund` made."""
    return dict(json.loads(data))


def common_of(data: bytes) -> dict[str, Any]:
    """The fields by which JKOPay finds a request again."""
    fields = fields_of(data)
    return {name: fields[name] for name in _COMMON}


def decode(body: bytes, key: str | None = None) -> dict[str, Any]:
    """A reply's fields; with `key`, of one that is signed rightly. Raises BadFrame."""
    try:
        fields = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadFrame("no JSON") from None
    if not isinstance(fields, dict) or not re.fullmatch(r"[0-9A-Za-z]{1,12}", str(fields.get("StatusCode", ""))):
        raise BadFrame("no reply of JKOPay")
    if key is not None and fields.get("Sign") != sign(fields, key):
        raise BadFrame("a reply with a wrong signature")
    return fields


def charged(fields: Mapping[str, Any]) -> int | None:
    """What a reply names as the whole amount: what was paid and what was redeemed (below zero); None when it names
    nothing, or two amounts.
    """
    named = set()
    if (total := _number(fields.get("TradeAmount"))) is not None:
        named.add(total)
    if (debit := _number(fields.get("DebitAmount"))) is not None:
        redeemed = [_number(fields.get(name)) or 0 for name in ("RedeemAmount", "StoreRedeemAmount")]
        named.add(debit + sum(map(abs, redeemed)))
    return named.pop() if len(named) == 1 else None


def card_of(fields: Mapping[str, Any]) -> str:
    """The card behind the wallet, as it came; "" where there is none."""
    try:
        extra = json.loads(fields.get("Extra3") or "{}")
    except (TypeError, ValueError, RecursionError):
        return ""
    card = extra.get("CardNo") if isinstance(extra, dict) else None
    return card if isinstance(card, str) else ""


def pos_time(at: str) -> str:
    """Of "2026-10-09T14:30:15"."""
    return at.replace("-", "/").replace("T", " ")


def send_time(at: str) -> str:
    """The same moment as SendTime has it."""
    return re.sub(r"\D", "", at)


def _free(store_name: str) -> dict[str, str]:
    return {"StoreName": store_name, "Remark": "", "Extra1": "", "Extra2": "", "Extra3": ""}


def _number(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
