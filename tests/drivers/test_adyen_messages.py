"""What goes over the wire to Adyen terminals, sealed and plain."""

import base64
import json

import pytest
from eft_requests import a_request, nothing_secret_in
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.adyen import nexo, receipts
from drivers.adyen.options import AdyenOptions
from drivers.adyen.sealing import REQUEST, RESPONSE, keys_of, seal, unseal
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS
from edge_hub.sdk.eft.model import Reason, Result, Transaction, Verdict
from edge_hub.sdk.errors import BadFrame, DeviceRefused

KEYS = keys_of("mysupersecretpassphrase", identifier="CryptoKeyIdentifier12345", version=1)
OPTIONS = AdyenOptions(poi_id="V400m-346403161", sale_id="till-1")
NONCE = bytes(range(16))
PLAIN = nexo.plain(REQUEST, {"MessageHeader": nexo.header("Payment", "ABCDE12345", OPTIONS), "PaymentRequest": {}})


# sealing


def test_the_key_material_as_documented():
    assert KEYS.hmac.hex() == "633651f2a778f91ef37ca2eae92d2f8e58073b766d26899967dc1202c1444742"
    assert KEYS.cipher.hex() == "89b3399a5c77fc0c38762ba1529488d19b4daf8360a2ef3f7a0b06d23c89b12a"
    assert KEYS.iv.hex() == "17be85c2e52ba327bdce1910f4c2c7de"
    assert "633651" not in repr(KEYS)
    assert repr(KEYS.hmac) not in repr(KEYS)


def test_what_goes_over_the_wire():
    sealed = json.loads(seal(REQUEST, PLAIN, KEYS, NONCE))[REQUEST]
    assert set(sealed) == {"MessageHeader", "NexoBlob", "SecurityTrailer"}
    assert sealed["MessageHeader"] == json.loads(PLAIN)[REQUEST]["MessageHeader"]
    trailer = sealed["SecurityTrailer"]
    assert trailer["AdyenCryptoVersion"] == trailer["KeyVersion"] == 1
    assert trailer["KeyIdentifier"] == "CryptoKeyIdentifier12345"
    assert base64.b64decode(trailer["Nonce"]) == NONCE
    assert len(base64.b64decode(trailer["Hmac"])) == 32
    assert len(base64.b64decode(sealed["NexoBlob"])) == (len(PLAIN) // 16 + 1) * 16
    assert seal(REQUEST, PLAIN, KEYS, bytes(16)) != seal(REQUEST, PLAIN, KEYS, NONCE)


def test_sealed_as_openssl_does_it():
    """`openssl enc -aes-256-cbc` with the IV xor the nonce, `openssl dgst -sha256 -mac HMAC` of the plain text."""
    plain = b'{"SaleToPOIRequest":{"MessageHeader":{"ProtocolVersion":"3.0"}}}'
    sealed = json.loads(seal(REQUEST, plain, KEYS, NONCE))[REQUEST]
    assert sealed["NexoBlob"] == (
        "gP0vnBpYJLc06akeJiZwNBlFjrp5++STsmoXHGz4jwAr9O5BymB2RSOz7rVhr/LFFQxKiZ/u1lWkfWQejToJJYLRHO+A0B2+75nMO9AcjFw="
    )
    assert sealed["SecurityTrailer"]["Hmac"] == "B3uQC5LLZjOJYznRP4yya8+TiXZb3rbdSrRchipay+Q="


@given(st.text(max_size=60), st.binary(min_size=16, max_size=16))
def test_there_and_back(text, nonce):
    plain = nexo.plain(RESPONSE, {"MessageHeader": {}, "text": text})
    assert unseal(RESPONSE, seal(RESPONSE, plain, KEYS, nonce), KEYS) == plain


def changed(**fields):
    message = json.loads(seal(RESPONSE, nexo.plain(RESPONSE, {"MessageHeader": {}}), KEYS, NONCE))
    for name, value in fields.items():
        part = message[RESPONSE] if name in message[RESPONSE] else message[RESPONSE]["SecurityTrailer"]
        part[name] = value
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"[" * 100_000,
        b"{}",
        b'{"SaleToPOIResponse":[]}',
        changed(NexoBlob=""),
        changed(NexoBlob="AAAA"),
        changed(NexoBlob=7),
        changed(NexoBlob="?"),
        changed(NexoBlob=base64.b64encode(bytes(64)).decode()),
        changed(Nonce=base64.b64encode(bytes(15)).decode()),
        changed(Nonce=base64.b64encode(bytes(16)).decode()),
        changed(Hmac=base64.b64encode(bytes(32)).decode()),
        changed(SecurityTrailer=None),
        seal(RESPONSE, nexo.plain(RESPONSE, {"MessageHeader": {}}), keys_of("other", identifier="", version=1), NONCE),
    ],
)
def test_what_was_not_sealed_with_the_key_is_refused(body):
    with pytest.raises(BadFrame):
        unseal(RESPONSE, body, KEYS)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["SaleToPOIResponse", "NexoBlob", "SecurityTrailer", "Nonce", "Hmac"]), inner
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_body(body):
    with pytest.raises(BadFrame):
        unseal(RESPONSE, body, KEYS)


# requests


def test_a_payment():
    message = json.loads(nexo.request_message(a_request(), OPTIONS))[REQUEST]
    assert message["MessageHeader"] == {
        "ProtocolVersion": "3.0", "MessageClass": "Service", "MessageCategory": "Payment", "MessageType": "Request",
        "SaleID": "till-1", "ServiceID": "ABCDE12345", "POIID": "V400m-346403161",
    }  # fmt: skip
    body = message["PaymentRequest"]
    assert body["PaymentTransaction"]["AmountsReq"] == {"Currency": "EUR", "RequestedAmount": 12.34}
    assert body["SaleData"]["SaleTransactionID"] == {"TransactionID": "ABCDE12345", "TimeStamp": "2026-10-09T14:30:15"}


@given(st.integers(1, 10**12), st.sampled_from([0, 2, 3]))
def test_amounts_are_exact(amount, digits):
    request = a_request(amount, minor_digits=digits, currency="XXX")
    said = nexo.plain(RESPONSE, {"PaymentResponse": {
        "Response": {"Result": "Success"},
        "PaymentResult": {"AmountsResp": {"Currency": "XXX", "AuthorizedAmount": nexo._number(amount, digits)}},
    }})  # fmt: skip
    sent = nexo.request_message(request, OPTIONS).decode()
    whole, _, part = sent.partition('"RequestedAmount":')[2].partition("}")[0].partition(".")
    assert int(whole + part.ljust(digits, "0")[:digits]) == amount
    result = nexo.result(nexo.response(said), request, [])
    assert (result.amount, result.verdict) == (amount, Verdict.APPROVED)


def test_reversals_name_the_sale():
    original = Result(verdict=Verdict.APPROVED, data={"transaction": "oLkO0015.8825408195409505", "time": "T"})
    for transaction, amount in ((Transaction.VOID, None), (Transaction.REFUND, 7.5)):
        request = a_request(750, transaction=transaction, original=original)
        body = json.loads(nexo.request_message(request, OPTIONS))[REQUEST]["ReversalRequest"]
        assert body["OriginalPOITransaction"]["POITransactionID"]["TransactionID"] == "oLkO0015.8825408195409505"
        assert body.get("ReversedAmount") == amount
        assert body["SaleData"]["SaleToAcquirerData"] == "currency=EUR"


@pytest.mark.parametrize(
    "change",
    [{"tip": 1}, {"amount": 0}, {"amount": 10**12 + 1}, {"transaction": Transaction.REFUND},
     {"transaction": Transaction.VOID, "original": Result(verdict=Verdict.APPROVED)}],
)  # fmt: skip
def test_what_it_cannot_carry_is_refused(change):
    with pytest.raises(DeviceRefused):
        nexo.request_message(a_request(**change), OPTIONS)


def test_questions_about_a_message():
    reference = nexo.reference_of(nexo.request_message(a_request(), OPTIONS))
    assert reference == {"MessageCategory": "Payment", "SaleID": "till-1", "ServiceID": "ABCDE12345"}
    status = json.loads(nexo.status_message(reference, "S000000001", OPTIONS))[REQUEST]
    assert status["TransactionStatusRequest"]["MessageReference"] == reference
    assert status["MessageHeader"]["ServiceID"] == "S000000001"
    abort = json.loads(nexo.abort_message(reference, "A000000001", OPTIONS))[REQUEST]
    assert abort["AbortRequest"] == {"AbortReason": "MerchantAbort", "MessageReference": reference}


# responses


def said(result="Success", condition="", amount=12.34, currency="EUR", **more):
    response = {"Result": result} | ({"ErrorCondition": condition} if condition else {}) | more
    body = {
        "Response": response,
        "POIData": {"POITransactionID": {"TransactionID": "oLkO0015.8825408195409505", "TimeStamp": "2026-10-09"}},
        "PaymentResult": {
            "AmountsResp": {"Currency": currency, "AuthorizedAmount": amount},
            "CardholderName": CARDHOLDER,
            "PaymentInstrumentData": {"CardData": {
                "MaskedPan": "4311 9512 3456 1231", "PaymentBrand": "mc", "EntryMode": ["ICC"], "ExpiryDate": "2912",
            }},
        },
    }  # fmt: skip
    head = nexo.header("Payment", "ABCDE12345", OPTIONS, "Response")
    return nexo.response(nexo.plain(RESPONSE, {"MessageHeader": head, "PaymentResponse": body}))


@pytest.mark.parametrize(
    ("fields", "verdict", "reason"),
    [
        ({}, Verdict.APPROVED, Reason.NONE),
        ({"amount": 12.35}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"amount": 12.341}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"amount": "12.34"}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"amount": True}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"amount": None}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"amount": float("nan")}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"amount": 10**40}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"currency": "USD"}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"result": "Partial"}, Verdict.UNKNOWN, Reason.AMOUNT),
        ({"result": "Failure", "condition": "Refusal"}, Verdict.DECLINED, Reason.DECLINED),
        ({"result": "Failure", "condition": "Aborted"}, Verdict.DECLINED, Reason.CANCELLED),
        ({"result": "Failure", "condition": "Busy"}, Verdict.DECLINED, Reason.BUSY),
        ({"result": "Failure", "condition": "WrongPIN"}, Verdict.DECLINED, Reason.CARD),
        ({"result": "Failure", "condition": "UnreachableHost"}, Verdict.UNKNOWN, Reason.HOST),
        ({"result": "Failure", "condition": "InProgress"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"result": "Failure", "condition": "MoonPhase"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"result": "Failure"}, Verdict.UNKNOWN, Reason.OTHER),
        ({"result": "success"}, Verdict.UNKNOWN, Reason.OTHER),
    ],
)
def test_what_a_response_means(fields, verdict, reason):
    result = nexo.result(said(**fields), a_request(), OPTIONS.doubted)
    assert (result.verdict, result.reason) == (verdict, reason)
    nothing_secret_in(result)


def test_what_is_kept_of_a_response():
    more = {
        "AdditionalResponse": f"refusalReason=210+Not+enough+balance&PAN={PANS['VISA']}&cardHolderName={CARDHOLDER}"
    }
    result = nexo.result(said("Failure", "Refusal", **more), a_request(), [])
    assert result.text == "210 Not enough balance"
    assert (result.card, result.scheme, result.entry) == ("431195******1231", "MASTERCARD", "chip")
    assert result.data["transaction"] == result.identity == "oLkO0015.8825408195409505"
    assert b"oLkO0015.8825408195409505" in result.raw
    assert b"ExpiryDate" not in result.raw
    assert b"AdditionalResponse" not in result.raw
    nothing_secret_in(result)


def test_whose_a_response_is():
    sent = nexo.request_message(a_request(), OPTIONS)
    assert nexo.answers(sent, said())
    assert not nexo.answers(nexo.request_message(a_request(reference="OTHER00001"), OPTIONS), said())
    assert not nexo.answers(sent, {})
    assert not nexo.answers(sent, {"MessageHeader": {"MessageType": "Request"}})


@pytest.mark.parametrize("message", [b"", b"[]", b'{"SaleToPOIResponse":1}', b"1" * 5000, b"[" * 100_000])
def test_what_is_no_response_is_refused(message):
    with pytest.raises(BadFrame):
        nexo.response(message)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just(PANS["VISA"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*sorted(nexo.KEPT), "PaymentReceipt", "OutputContent", "OutputText", "Text"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["PaymentResponse", "MessageHeader"]), anything))
def test_any_response_can_be_judged(found):
    inner = nexo.response(nexo.plain(RESPONSE, found))
    result = nexo.result(inner, a_request(), [])
    assert result.verdict in (Verdict.UNKNOWN, Verdict.DECLINED)
    receipts.slip(nexo.at(inner, "PaymentResponse"), receipts.CUSTOMER)


def test_receipts_are_lines_without_whose_card_it_was():
    lines = ["key=header1&value=CORNER+STORE", "key=cardHolderHeader&name=A+NAME", "", f"name=Card&value={PANS['JCB']}"]
    content = {"OutputText": [{"Text": line} for line in lines] + ["?"]}
    body = {"PaymentReceipt": [{"DocumentQualifier": "CustomerReceipt", "OutputContent": content}]}
    assert receipts.slip(body, receipts.CUSTOMER) == ("CORNER STORE", "", "Card 356600******8904")
    assert receipts.slip(body, receipts.CASHIER) == ()


def test_settings_are_checked():
    assert "secret" not in repr(AdyenOptions(passphrase="secret"))
    for wrong in ({"passphrase": "x", "passphrase_file": "/x"}, {"sale_id": ""}, {"poi_id": 'a"b'}, {"reply_s": 1}):
        with pytest.raises(ValidationError):
            AdyenOptions(**wrong)
