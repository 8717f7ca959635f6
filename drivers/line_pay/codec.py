"""LINE Pay Offline API v4: requests and replies as values, and the signature.

Source: developers-pay.line.me, "Offline API v4" (request header, request payment, check, refund, retrieve details).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.errors import BadFrame

PAY = "/v4/payments/oneTimeKeys/pay"
DETAILS = "/v4/payments"
CODE = re.compile(r"[0-9]{18}")
"""Taiwan's; a one-time key lives for 5 minutes."""
OK = "0000"
IN_PROCESS = frozenset({"1145", "1169"})
"""The customer is still being asked, or the payment is under way."""
NO_HISTORY = "1150"
REFUNDED = "1165"
DECLINED: Mapping[str, Reason] = {
    "1101": Reason.DECLINED,
    "1102": Reason.DECLINED,
    "1104": Reason.NOT_POSSIBLE,
    "1105": Reason.NOT_POSSIBLE,
    "1106": Reason.NOT_POSSIBLE,
    "1110": Reason.CARD,
    "1124": Reason.NOT_POSSIBLE,
    "1133": Reason.CODE,
    "1141": Reason.DECLINED,
    "1142": Reason.BALANCE,
    "1178": Reason.NOT_POSSIBLE,
    "2101": Reason.NOT_POSSIBLE,
    "2102": Reason.NOT_POSSIBLE,
    **dict.fromkeys(("1281", "1282", "1283", "1284", "1285", "1286", "1287", "1289", "1290", "1291"), Reason.CARD),
    "1288": Reason.BALANCE,
}
"""Codes by which LINE Pay vouches that nothing was charged. Every other one but OK leads to an inquiry."""
REFUND_DECLINED: Mapping[str, Reason] = {
    "1101": Reason.DECLINED,
    "1102": Reason.DECLINED,
    "1104": Reason.NOT_POSSIBLE,
    "1105": Reason.NOT_POSSIBLE,
    "1106": Reason.NOT_POSSIBLE,
    "1124": Reason.NOT_POSSIBLE,
    NO_HISTORY: Reason.NOT_FOUND,
    "1155": Reason.NOT_POSSIBLE,
    "1163": Reason.NOT_POSSIBLE,
    "1164": Reason.NOT_FOUND,
    REFUNDED: Reason.NOT_FOUND,
    "1179": Reason.NOT_POSSIBLE,
    "2101": Reason.NOT_POSSIBLE,
    "2102": Reason.NOT_POSSIBLE,
}
TEXTS: Mapping[str, str] = {"1106": "the channel id or secret is wrong, or this address is not registered"}


@dataclass(frozen=True, slots=True)
class Reply:
    """`info` is {} where there is none; of a list, `items`."""

    code: str
    text: str
    info: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...] = ()


def signature(secret: str, path: str, content: str, nonce: str) -> str:
    """X-LINE-Authorization. `content`: the body, or the query of a GET without its "?"."""
    message = (secret + path + content + nonce).encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode("ascii")


def check_path(order: str) -> str:
    """Where the state of an order is asked for."""
    return f"/v4/payments/orders/{order}/check"


def refund_path(order: str) -> str:
    """Where a captured order, or a part of it, is given back."""
    return f"/v4/payments/orders/{order}/refund"


def void_path(order: str) -> str:
    """Where an order that was authorised and never captured is let go."""
    return f"/v4/payments/orders/{order}/void"


def encode(value: Mapping[str, Any]) -> bytes:
    """A request's body."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def payment(*, order: str, amount: int, code: str, title: str) -> bytes:
    """The body of PAY; amounts in whole units of TWD."""
    product = {"name": title, "quantity": 1, "price": amount}
    return encode(
        {
            "amount": amount,
            "currency": "TWD",
            "orderId": order,
            "oneTimeKey": code,
            "packages": [{"id": order, "amount": amount, "products": [product]}],
        }
    )


def decode(body: bytes) -> Reply:
    """A reply. Raises BadFrame."""
    try:
        value = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadFrame("no JSON") from None
    code = value.get("returnCode") if isinstance(value, dict) else None
    if not isinstance(code, str) or not re.fullmatch(r"[0-9A-Za-z]{1,12}", code):
        raise BadFrame("no reply of LINE Pay")
    text, info = value.get("returnMessage"), value.get("info")
    items = tuple(item for item in info if isinstance(item, dict)) if isinstance(info, list) else ()
    return Reply(code, text if isinstance(text, str) else "", info if isinstance(info, dict) else {}, items)


def paid(info: Mapping[str, Any]) -> int | None:
    """The sum of `payInfo`: what was charged in all, discounts included. None when it does not say."""
    parts = info.get("payInfo")
    if not isinstance(parts, list) or not parts:
        return None
    amounts = [part.get("amount") if isinstance(part, dict) else None for part in parts]
    if any(isinstance(amount, bool) or not isinstance(amount, int) for amount in amounts):
        return None
    return sum(amount for amount in amounts if isinstance(amount, int))


def text_of(info: Mapping[str, Any], name: str) -> str:
    """A number or text of a reply, as text."""
    value = info.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def card_of(info: Mapping[str, Any]) -> str:
    """The card behind the wallet, as it came; "" where there is none."""
    parts = info.get("payInfo")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and isinstance(part.get("maskedCreditCardNumber"), str):
            return str(part["maskedCreditCardNumber"])
    return ""


def refunds_of(reply: Reply, order: str) -> list[Mapping[str, Any]]:
    """The refunds of an order, oldest first, of a reply to DETAILS."""
    found = [item.get("refundList") for item in reply.items if text_of(item, "orderId") in {"", order}]
    refunds = [one for listed in found if isinstance(listed, list) for one in listed if isinstance(one, dict)]
    return sorted(refunds, key=lambda one: (text_of(one, "refundTransactionDate"), text_of(one, "refundTransactionId")))
