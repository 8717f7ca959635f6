"""Adyen's Terminal API (nexo Retailer protocol 3.0 in JSON): messages to the terminal as bytes, what it says as values.

Source: docs.adyen.com, Terminal API; verify-transaction-status; error-scenarios.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from drivers.adyen.options import AdyenOptions
from drivers.adyen.sealing import REQUEST, RESPONSE
from edge_hub.sdk.eft.model import Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.scrub import mask, scrub
from edge_hub.sdk.errors import BadFrame, DeviceRefused, ErrorCode

VERSION = "3.0"
PAYMENT, REVERSAL, STATUS, ABORT = "Payment", "Reversal", "TransactionStatus", "Abort"
CATEGORIES: Mapping[Transaction, str] = {
    Transaction.SALE: PAYMENT,
    Transaction.REFUND: REVERSAL,
    Transaction.VOID: REVERSAL,
}
AMOUNT_MAX = 10**12
TEXT_CHARACTERS_MAX = 120
PAIRS_MAX = 200

REASONS: Mapping[str, Reason] = {
    "Aborted": Reason.CANCELLED,
    "Busy": Reason.BUSY,
    "Cancel": Reason.CANCELLED,
    "DeviceOut": Reason.NOT_POSSIBLE,
    "InsertedCard": Reason.CARD,
    "InvalidCard": Reason.CARD,
    "LoggedOut": Reason.NOT_POSSIBLE,
    "MessageFormat": Reason.NOT_POSSIBLE,
    "NotAllowed": Reason.NOT_POSSIBLE,
    "NotFound": Reason.NOT_FOUND,
    "PaymentRestriction": Reason.CARD,
    "Refusal": Reason.DECLINED,
    "UnavailableDevice": Reason.NOT_POSSIBLE,
    "UnavailableService": Reason.NOT_POSSIBLE,
    "UnreachableHost": Reason.HOST,
    "WrongPIN": Reason.CARD,
}
"""ErrorCondition; InProgress is missing, for it speaks of another request with this one's ServiceID."""
SCHEMES: Mapping[str, str] = {"mc": "MASTERCARD", "cup": "UNIONPAY", "amex": "AMEX"}
ENTRIES: Mapping[str, str] = {
    "ICC": "chip",
    "Contactless": "contactless",
    "Tapped": "contactless",
    "MagStripe": "magnetic stripe",
    "SynchronousICC": "chip",
}
KEPT = frozenset({
    "SaleToPOIResponse", "MessageHeader", "ProtocolVersion", "MessageClass", "MessageCategory", "MessageType", "SaleID",
    "ServiceID", "POIID", "PaymentResponse", "ReversalResponse", "TransactionStatusResponse", "RepeatedMessageResponse",
    "RepeatedResponseMessageBody", "MessageReference", "Response", "Result", "ErrorCondition", "POIData",
    "POITransactionID", "TransactionID", "TimeStamp", "POIReconciliationID", "SaleData", "SaleTransactionID",
    "PaymentResult", "AmountsResp", "AuthorizedAmount", "TipAmount", "Currency", "ReversedAmount",
    "PaymentAcquirerData", "AcquirerPOIID", "AcquirerTransactionID", "ApprovalCode", "MerchantID",
    "PaymentInstrumentData", "PaymentInstrumentType", "CardData", "MaskedPan", "PaymentBrand", "EntryMode",
    "OnlineFlag",
})  # fmt: skip
"""What of a response is kept as evidence; everything else, names and expiry dates among it, is left out."""


def header(category: str, service_id: str, options: AdyenOptions, kind: str = "Request") -> dict[str, str]:
    """MessageHeader."""
    return {
        "ProtocolVersion": VERSION,
        "MessageClass": "Service",
        "MessageCategory": category,
        "MessageType": kind,
        "SaleID": options.sale_id,
        "ServiceID": service_id,
        "POIID": options.poi_id,
    }


def plain(kind: str, message: Mapping[str, Any]) -> bytes:
    """A message as it is sealed and kept."""
    return json.dumps({kind: message}, separators=(",", ":")).encode()


def request_message(request: Request, options: AdyenOptions) -> bytes:
    """The message that asks for it. Raises DeviceRefused (ILLEGAL) for what it cannot carry."""
    if request.tip:
        raise _illegal("this terminal takes no tips from the till")
    if not 0 < request.amount <= AMOUNT_MAX:
        raise _illegal("the terminal cannot carry this amount")
    category = CATEGORIES[request.transaction]
    sale = {"SaleTransactionID": {"TransactionID": request.reference, "TimeStamp": request.at}}
    body = _payment(request, sale) if category == PAYMENT else _reversal(request, sale)
    return plain(REQUEST, {"MessageHeader": header(category, request.reference, options), f"{category}Request": body})


def _payment(request: Request, sale: dict[str, Any]) -> dict[str, Any]:
    amounts = {"Currency": request.currency, "RequestedAmount": _number(request.amount, request.minor_digits)}
    return {"SaleData": sale, "PaymentTransaction": {"AmountsReq": amounts}}


def _reversal(request: Request, sale: dict[str, Any]) -> dict[str, Any]:
    original = request.original.data if request.original is not None else {}
    if not original.get("transaction"):
        raise _illegal("the sale to be given back has no transaction id of the terminal's")
    poi = {"TransactionID": original["transaction"], "TimeStamp": original.get("time", "")}
    body: dict[str, Any] = {
        "OriginalPOITransaction": {"POITransactionID": poi},
        "ReversalReason": "MerchantCancel",
        "SaleData": sale | {"SaleToAcquirerData": f"currency={request.currency}"},
    }
    if request.transaction is Transaction.REFUND:
        body["ReversedAmount"] = _number(request.amount, request.minor_digits)
    return body


def _number(amount: int, minor_digits: int) -> int | float:
    """An amount as a JSON number: up to AMOUNT_MAX the shortest text of the float is the exact one."""
    return float(Decimal(amount).scaleb(-minor_digits)) if minor_digits else amount


def _illegal(why: str) -> DeviceRefused:
    return DeviceRefused(why, error_code=ErrorCode.ILLEGAL)


def reference_of(sent: bytes) -> dict[str, str]:
    """The MessageReference that names a message sent before."""
    head = json.loads(sent)[REQUEST]["MessageHeader"]
    return {name: head[name] for name in ("MessageCategory", "SaleID", "ServiceID")}


def status_message(reference: Mapping[str, str], service_id: str, options: AdyenOptions) -> bytes:
    """What became of that message?"""
    body = {"ReceiptReprintFlag": False, "MessageReference": dict(reference)}
    return plain(REQUEST, {"MessageHeader": header(STATUS, service_id, options), f"{STATUS}Request": body})


def abort_message(reference: Mapping[str, str], service_id: str, options: AdyenOptions) -> bytes:
    """Give that message up."""
    body = {"AbortReason": "MerchantAbort", "MessageReference": dict(reference)}
    return plain(REQUEST, {"MessageHeader": header(ABORT, service_id, options), f"{ABORT}Request": body})


# what comes back


def at(value: Any, *path: str) -> Any:
    """What is at a path of names, or None."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def words(value: Any, *path: str) -> str:
    """The text at a path, or ""."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def pairs(text: str) -> Mapping[str, str]:
    """key=value joined by &; of keys given twice the first. Empty for what is none."""
    try:
        return {key: found[0] for key, found in parse_qs(text, True, max_num_fields=PAIRS_MAX).items()}
    except ValueError:
        return {}


def response(message: bytes) -> Mapping[str, Any]:
    """A plain response. Raises BadFrame for what is none."""
    try:
        found = json.loads(message, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    inner = at(found, RESPONSE)
    if not isinstance(inner, Mapping):
        raise BadFrame("no response in the message")
    return inner


def answers(sent: bytes, said: Mapping[str, Any]) -> bool:
    """Whether a response is to that message."""
    asked = json.loads(sent)[REQUEST]["MessageHeader"]
    head = at(said, "MessageHeader")
    same = ("MessageCategory", "SaleID", "ServiceID", "POIID")
    return words(head, "MessageType") == "Response" and all(words(head, name) == asked[name] for name in same)


def outcome(body: Any) -> tuple[str, str]:
    """(Result, ErrorCondition) of a response's body."""
    return words(body, "Response", "Result"), words(body, "Response", "ErrorCondition")


def result(said: Mapping[str, Any], request: Request, doubted: Iterable[str]) -> Result:
    """What a response to `request` says."""
    body = at(said, f"{CATEGORIES[request.transaction]}Response")
    amount = _amount(body, request)
    verdict, reason = _verdict(body, amount, request, frozenset(doubted))
    transaction = at(body, "POIData", "POITransactionID")
    paid = at(body, "PaymentResult")
    card = at(paid, "PaymentInstrumentData", "CardData")
    named = words(transaction, "TransactionID")
    # ids have runs of digits that may look like card numbers and must stay whole, or nothing could be given back
    data = {"transaction": named, "time": words(transaction, "TimeStamp")}
    return Result(
        verdict=verdict,
        reason=reason,
        code="/".join(word for word in outcome(body) if word)[:TEXT_CHARACTERS_MAX],
        text=_refusal(body),
        amount=None if verdict is Verdict.DECLINED else amount,
        identity=named,
        terminal_id=words(said, "MessageHeader", "POIID"),
        merchant_id=scrub(words(paid, "PaymentAcquirerData", "MerchantID")),
        batch=scrub(words(body, "POIData", "POIReconciliationID")),
        receipt=named.partition(".")[0],
        approval=scrub(words(paid, "PaymentAcquirerData", "ApprovalCode")),
        scheme=_scheme(words(card, "PaymentBrand")),
        card=mask(words(card, "MaskedPan").replace(" ", "")),
        entry=_entry(at(card, "EntryMode")),
        data={name: text for name, text in data.items() if text},
        raw=scrubbed(said),
    )


def _amount(body: Any, request: Request) -> int | None:
    """What it says it moved, in minor units; None: another currency, no amount, or no whole number of them."""
    if request.transaction is not Transaction.SALE:
        # a reversal repeats nothing but an amount that differs from what it was asked for
        said = at(body, "ReversedAmount")
        if said is None:
            return request.amount
    else:
        paid = at(body, "PaymentResult", "AmountsResp")
        said = at(paid, "AuthorizedAmount") if words(paid, "Currency") == request.currency else None
    if isinstance(said, bool) or not isinstance(said, int | Decimal):
        return None
    exact = Decimal(said)
    if exact.is_nan() or not 0 <= exact <= AMOUNT_MAX:
        return None
    scaled = exact.scaleb(request.minor_digits)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def _verdict(body: Any, amount: int | None, request: Request, doubted: frozenset[str]) -> tuple[Verdict, Reason]:
    said, condition = outcome(body)
    if said == "Success":
        right = amount == request.amount
        return (Verdict.APPROVED, Reason.NONE) if right else (Verdict.UNKNOWN, Reason.AMOUNT)
    if said == "Partial":
        return Verdict.UNKNOWN, Reason.AMOUNT
    if said == "Failure" and condition in REASONS and condition not in doubted:
        return Verdict.DECLINED, REASONS[condition]
    return Verdict.UNKNOWN, REASONS.get(condition, Reason.OTHER)


def _refusal(body: Any) -> str:
    """The bank's words, out of AdditionalResponse (key=value joined by &)."""
    return scrub(pairs(words(body, "Response", "AdditionalResponse")).get("refusalReason", ""))[:TEXT_CHARACTERS_MAX]


def _scheme(brand: str) -> str:
    return SCHEMES.get(brand.lower(), scrub(brand).upper())


def _entry(modes: Any) -> str:
    found = [ENTRIES[mode] for mode in modes if mode in ENTRIES] if isinstance(modes, list) else []
    return found[0] if found else ""


def scrubbed(said: Mapping[str, Any]) -> bytes:
    """A response as it may be kept."""
    return json.dumps({RESPONSE: _kept(said)}, separators=(",", ":"), default=str).encode()


def _kept(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _kept(one, key) for key, one in value.items() if key in KEPT}
    if isinstance(value, list):
        return [_kept(one, name) for one in value]
    if not isinstance(value, str) or name == "TransactionID":
        return value
    return mask(value.replace(" ", "")) if name == "MaskedPan" else scrub(value)
