"""Alipay open platform: gateway calls, RSA2 signatures, and what the codes mean.

Source: opendocs.alipay.com, alipay.trade.pay / query / cancel / refund and alipay.trade.fastpay.refund.query; signature
rule "RSA2" (SHA256 with RSA, PKCS#1 v1.5) over "name=value" by name; of replies over the text of the response itself.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.errors import BadFrame, DeviceFault, ErrorCode

PAY = "alipay.trade.pay"
QUERY = "alipay.trade.query"
CANCEL = "alipay.trade.cancel"
REFUND = "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
CODE = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}")
OK = "10000"
WAITING = "10003"
FAILED = "40004"
"""The business failed; `sub_code` says how."""
NOT_EXIST = "ACQ.TRADE_NOT_EXIST"
SETTING_UP = frozenset({"40001", "40002", "40003", "40006"})
"""The gateway turned the request away before any business: with sub codes `isv.*` it says what is set up wrongly."""
DECLINED: Mapping[str, Reason] = {
    **dict.fromkeys(
        (
            "ACQ.INVALID_PARAMETER", "ACQ.ACCESS_FORBIDDEN", "ACQ.EXIST_FORBIDDEN_WORD", "ACQ.PARTNER_ERROR",
            "ACQ.TOTAL_FEE_EXCEED", "ACQ.SELLER_BEEN_BLOCKED", "ACQ.INVALID_STORE_ID", "ACQ.SUB_MERCHANT_CREATE_FAIL",
            "ACQ.BEYOND_PER_RECEIPT_RESTRICTION", "ACQ.BEYOND_PAY_RESTRICTION",
        ),
        Reason.NOT_POSSIBLE,
    ),
    **dict.fromkeys(
        (
            "ACQ.BUYER_SELLER_EQUAL", "ACQ.TRADE_BUYER_NOT_MATCH", "ACQ.BUYER_ENABLE_STATUS_FORBID",
            "ACQ.PULL_MOBILE_CASHIER_FAIL", "ACQ.MOBILE_PAYMENT_SWITCH_OFF", "ACQ.PAYMENT_FAIL",
            "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT", "ACQ.PAYMENT_REQUEST_HAS_RISK",
            "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", "ACQ.USER_FACE_PAYMENT_SWITCH_OFF",
            "ACQ.ERROR_BALANCE_PAYMENT_DISABLE",
        ),
        Reason.DECLINED,
    ),
    **dict.fromkeys(
        (
            "ACQ.BUYER_BALANCE_NOT_ENOUGH", "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
            "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
        ),
        Reason.BALANCE,
    ),
    "ACQ.PAYMENT_AUTH_CODE_INVALID": Reason.CODE,
}  # fmt: skip
"""Sub codes of a payment that failed for good. Every other one leads to an inquiry."""
REFUND_DECLINED: Mapping[str, Reason] = {
    "ACQ.INVALID_PARAMETER": Reason.NOT_POSSIBLE,
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": Reason.BALANCE,
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": Reason.NOT_FOUND,
    "ACQ.REASON_TRADE_BEEN_FREEZEN": Reason.NOT_POSSIBLE,
    NOT_EXIST: Reason.NOT_FOUND,
    "ACQ.TRADE_HAS_FINISHED": Reason.NOT_POSSIBLE,
    "ACQ.TRADE_STATUS_ERROR": Reason.NOT_POSSIBLE,
    "ACQ.NOT_ALLOW_REFUND": Reason.NOT_POSSIBLE,
    "ACQ.REFUND_FEE_ERROR": Reason.NOT_FOUND,
    "ACQ.BUYER_NOT_EXIST": Reason.DECLINED,
    "ACQ.BUYER_ENABLE_STATUS_FORBID": Reason.DECLINED,
}


def private_key(text: str) -> RSAPrivateKey:
    """From PEM or bare base64 (PKCS#8 or PKCS#1). Raises DeviceFault."""
    try:
        if "-----BEGIN" in text:
            key = serialization.load_pem_private_key(text.encode(), None)
        else:
            key = serialization.load_der_private_key(base64.b64decode("".join(text.split()), validate=True), None)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        raise DeviceFault("the private key is none", error_code=ErrorCode.ILLEGAL) from None
    if not isinstance(key, RSAPrivateKey):
        raise DeviceFault("the private key is not of RSA", error_code=ErrorCode.ILLEGAL)
    return key


def public_key(text: str) -> RSAPublicKey:
    """From PEM or bare base64. Raises DeviceFault."""
    try:
        if "-----BEGIN" in text:
            key = serialization.load_pem_public_key(text.encode())
        else:
            key = serialization.load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        raise DeviceFault("Alipay's public key is none", error_code=ErrorCode.ILLEGAL) from None
    if not isinstance(key, RSAPublicKey):
        raise DeviceFault("Alipay's public key is not of RSA", error_code=ErrorCode.ILLEGAL)
    return key


def signed_text(fields: Mapping[str, str]) -> str:
    """What is signed of a request: all fields but `sign`, by name."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name])


def sign(text: str, key: RSAPrivateKey) -> str:
    """RSA2, base64."""
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode("ascii")


def verify(text: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Whether `signature` is of `text`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def encode(content: Mapping[str, Any]) -> bytes:
    """`biz_content`."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def envelope(fields: Mapping[str, str], key: RSAPrivateKey) -> tuple[str, bytes]:
    """(query, body) of a call: `biz_content` goes into the body, everything else into the query."""
    whole = {**fields, "sign": sign(signed_text(fields), key)}
    content = {"biz_content": whole.pop("biz_content")}
    return urlencode(whole), urlencode(content).encode("ascii")


def reply(body: bytes, method: str, key: RSAPublicKey) -> dict[str, Any]:
    """The response to `method`. Raises BadFrame when it is none, or not signed by Alipay; the gateway's complaints
    about how this application is set up come unsigned, and may.
    """
    try:
        text = body.decode()
        whole = json.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadFrame("no JSON") from None
    name = method.replace(".", "_") + "_response"
    found = whole.get(name, whole.get("error_response")) if isinstance(whole, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("code"), str):
        raise BadFrame("no reply of Alipay")
    signature = whole.get("sign") or ""
    if not signature and complains(found):
        return found
    if name not in whole or not isinstance(signature, str) or not verify(_raw(text, name), signature, key):
        raise BadFrame("a reply with a wrong signature")
    return found


def complains(fields: Mapping[str, Any]) -> bool:
    """Whether the gateway says that the application is set up wrongly: nothing was carried out."""
    return fields.get("code") in SETTING_UP and str(fields.get("sub_code", "")).startswith("isv.")


def yuan(amount: int, digits: int) -> str:
    """Minor units with two decimals: "12.80". Raises ValueError for finer ones."""
    cents, rest = divmod(amount * 100, 10**digits)
    if rest:
        raise ValueError(amount)
    return f"{cents // 100}.{cents % 100:02d}"


def minor(text: object, digits: int) -> int | None:
    """The opposite; None when it is no amount."""
    found = re.fullmatch(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?", text) if isinstance(text, str) else None
    if found is None:
        return None
    amount, rest = divmod((int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))) * 10**digits, 100)
    return None if rest else int(amount)


def _raw(text: str, name: str) -> bytes:
    """The response as it stands in the reply: what Alipay signed, to the letter."""
    start = re.search(rf'"{name}"\s*:\s*', text)
    if start is None:
        raise BadFrame("no reply of Alipay")
    _, end = json.JSONDecoder().raw_decode(text, start.end())
    return text[start.end() : end].encode()
