"""The wallets' codecs: signatures as documented, and whatever comes in is a value or a BadFrame."""

import json
import re
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from drivers.alipay import codec as alipay
from drivers.jkopay import codec as jkopay
from drivers.line_pay import codec as line_pay
from drivers.wechat_pay import codec as wechat
from edge_hub.sdk.errors import BadFrame, DeviceFault

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
NAMES = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,12}", re.ASCII), fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_line_signature():
    got = line_pay.signature("secret", line_pay.PAY, '{"amount":100}', "nonce-1")
    assert got == "kAM9IXLDXnxxFdQ6d72FYj6bc/oiMaDLpLdtZFiRji0="


def test_wechat_signatures_as_in_its_documentation():
    fields = {
        "appid": "wxd930ea5d5a258f4f",
        "mch_id": "10000100",
        "device_info": "1000",
        "body": "test",
        "nonce_str": "ibuaiVcKdpRxkhJA",
        "detail": "",
    }
    key = "192006250b4c09247ec02edce69f6a2d"
    assert wechat.sign(fields, key, "MD5") == "9A0A8659F005D6984697E2CA0A9CF3B7"
    assert wechat.sign(fields, key, "HMAC-SHA256") == "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"


def test_jkopay_signs_the_text_that_its_documentation_shows():
    fields = {
        "UnRedeem": 0, "CardToken": "22J111111111111111", "Extra1": "", "Extra2": "", "Extra3": "", "GatewayTradeNo": "",
        "MerchantID": "9999999", "MerchantTradeNo": "2020009041651", "PosID": "1", "PosTradeTime": "2020/08/01 10:05:11",
        "Remark": "", "SendTime": "20200801100511", "StoreID": "9999999", "StoreName": "街口測試", "TradeAmount": 10,
        "Sign": "does not count",
    }  # fmt: skip
    assert jkopay.canonical(fields) == (
        '{"CardToken":"22J111111111111111","Extra1":"","Extra2":"","Extra3":"","GatewayTradeNo":"","MerchantID":"9999999",'
        '"MerchantTradeNo":"2020009041651","PosID":"1","PosTradeTime":"2020/08/01 10:05:11","Remark":"",'
        '"SendTime":"20200801100511","StoreID":"9999999","StoreName":"街口測試","TradeAmount":10,"UnRedeem":0}'
    )
    assert re.fullmatch("[0-9a-f]{64}", jkopay.sign(fields, "key"))
    sent = json.loads(jkopay.signed(fields, "key"))
    assert sent["Sign"] == jkopay.sign(sent, "key")


def test_alipay_signs_names_in_order_without_empty_ones():
    assert alipay.signed_text({"b": "2", "sign": "x", "a": "1", "c": ""}) == "a=1&b=2"
    signature = alipay.sign("a=1&b=2", KEY)
    assert alipay.verify(b"a=1&b=2", signature, KEY.public_key())
    assert not alipay.verify(b"a=1&b=3", signature, KEY.public_key())
    assert not alipay.verify(b"a=1&b=2", "no base64!", KEY.public_key())


@pytest.mark.parametrize("space", ["", " "])
def test_alipay_checks_the_response_to_the_letter(space):
    text = '{"code":"10000", "msg":"Success",  "nested":{"a":"}"}}'
    signature = alipay.sign(text, KEY)
    whole = f'{{"alipay_trade_pay_response":{space}{text},"sign":"{signature}"}}'
    assert alipay.reply(whole.encode(), alipay.PAY, KEY.public_key())["nested"] == {"a": "}"}
    for spoilt in (whole.replace("10000", "10001"), whole.replace("Success", "success")):
        with pytest.raises(BadFrame):
            alipay.reply(spoilt.encode(), alipay.PAY, KEY.public_key())
    with pytest.raises(BadFrame):
        alipay.reply(whole.encode(), alipay.QUERY, KEY.public_key())
    with pytest.raises(BadFrame):
        alipay.reply(whole.encode(), alipay.PAY, OTHER.public_key())


@pytest.mark.parametrize("sub_code", ["", "ACQ.TRADE_NOT_EXIST"])
def test_alipay_business_replies_must_be_signed(sub_code):
    whole = {"alipay_trade_pay_response": {"code": "40004", "sub_code": sub_code}}
    with pytest.raises(BadFrame):
        alipay.reply(json.dumps(whole).encode(), alipay.PAY, KEY.public_key())


def test_alipay_keys_are_read_as_pem_and_as_bare_base64():
    der = serialization.Encoding.DER, serialization.Encoding.PEM
    for private_format in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
        pem = KEY.private_bytes(der[1], private_format, serialization.NoEncryption()).decode()
        bare = "\n".join(line for line in pem.splitlines() if "-----" not in line)
        assert alipay.private_key(pem).private_numbers() == alipay.private_key(bare).private_numbers()
    public = KEY.public_key().public_bytes(der[1], serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    bare = "".join(line for line in public.splitlines() if "-----" not in line)
    assert alipay.public_key(public).public_numbers() == alipay.public_key(bare).public_numbers()
    curve = ec.generate_private_key(ec.SECP256R1())
    wrong = curve.private_bytes(der[1], serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    for text in ("", "nonsense", "AAAA", "-----BEGIN PRIVATE KEY-----", wrong):
        with pytest.raises(DeviceFault):
            alipay.private_key(text)
        with pytest.raises(DeviceFault):
            alipay.public_key(text)


@given(st.integers(0, 10**10), st.sampled_from([0, 1, 2]))
def test_alipay_amounts_round_trip(amount, digits):
    assert alipay.minor(alipay.yuan(amount, digits), digits) == amount


@pytest.mark.parametrize("text", ["", "1.234", "-1", "1,0", "1e3", "٣", None, 12, "1234567890123"])
def test_alipay_amounts_that_are_none(text):
    assert alipay.minor(text, 2) is None


def test_alipay_refuses_finer_amounts():
    with pytest.raises(ValueError):
        alipay.yuan(1001, 3)


@given(st.dictionaries(NAMES, WORDS, max_size=10))
def test_wechat_xml_round_trips(fields):
    said = {name: text for name, text in fields.items() if text}
    assert wechat.decode(wechat.encode(fields)) == said


def test_wechat_reads_cdata_and_what_stands_between():
    data = b"<xml>\n<return_code><![CDATA[SUCCESS]]></return_code>\n <total_fee>100</total_fee></xml>"
    assert wechat.decode(data) == {"return_code": "SUCCESS", "total_fee": "100"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<xml>",
        b"<html></html>",
        b"<xml><a><b>1</b></a></xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
        b"<xml>" + b"".join(b"<f%d>1</f%d>" % (n, n) for n in range(300)) + b"</xml>",
        b"<xml><a>\xff</a></xml>",
    ],
)
def test_wechat_refuses(data):
    with pytest.raises(BadFrame):
        wechat.decode(data)


def test_wechat_replies_must_be_signed_unless_they_say_that_nothing_was_understood():
    good = wechat.signed({"return_code": "SUCCESS", "result_code": "SUCCESS"}, "key", "MD5", "nonce")
    assert wechat.reply(good, "key", "MD5")["result_code"] == "SUCCESS"
    for bad in (good.replace(b"nonce<", b"nonse<"), b"<xml><return_code>SUCCESS</return_code></xml>"):
        with pytest.raises(BadFrame):
            wechat.reply(bad, "key", "MD5")
    assert wechat.reply(b"<xml><return_code>FAIL</return_code></xml>", "key", "MD5") == {"return_code": "FAIL"}


@pytest.mark.parametrize("text", ["", "2026", "2026100914301x"])
def test_wechat_times(text):
    assert wechat.at_of("20261009143015") == "2026-10-09T14:30:15"
    assert wechat.at_of(text) == ""


@pytest.mark.parametrize(
    ("info", "paid"),
    [
        ({"payInfo": [{"method": "BALANCE", "amount": 90}, {"method": "DISCOUNT", "amount": 10}]}, 100),
        ({"payInfo": []}, None),
        ({}, None),
        ({"payInfo": [{"amount": "90"}]}, None),
        ({"payInfo": [{"amount": True}]}, None),
        ({"payInfo": ["90"]}, None),
    ],
)
def test_line_adds_up_what_was_paid(info, paid):
    assert line_pay.paid(info) == paid


@pytest.mark.parametrize(
    ("fields", "charged"),
    [
        ({"DebitAmount": 90, "RedeemAmount": -10}, 100),
        ({"DebitAmount": "80", "RedeemAmount": "-10", "StoreRedeemAmount": "-10"}, 100),
        ({"TradeAmount": 100}, 100),
        ({"TradeAmount": 100, "DebitAmount": 100}, 100),
        ({"TradeAmount": 100, "DebitAmount": 90, "RedeemAmount": -5}, None),
        ({}, None),
        ({"TradeAmount": "ten"}, None),
        ({"TradeAmount": True}, None),
    ],
)
def test_jkopay_adds_up_what_was_paid_and_redeemed(fields, charged):
    assert jkopay.charged(fields) == charged


DECODERS = {
    "line_pay": line_pay.decode,
    "jkopay": jkopay.decode,
    "jkopay-signed": lambda body: jkopay.decode(body, "key"),
    "wechat_pay": lambda body: wechat.reply(body, "key", "HMAC-SHA256"),
    "alipay": lambda body: alipay.reply(body, alipay.PAY, KEY.public_key()),
}


@pytest.mark.parametrize("name", DECODERS)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_a_value_or_a_bad_frame(name, body):
    with suppress(BadFrame):
        DECODERS[name](body)


@pytest.mark.parametrize("name", DECODERS)
def test_deep_json_is_a_bad_frame(name):
    with pytest.raises(BadFrame):
        DECODERS[name](b"[" * 60_000)


@given(JSON, JSON)
def test_line_reads_any_info(info, items):
    reply = line_pay.decode(json.dumps({"returnCode": "0000", "returnMessage": items, "info": info}).encode())
    line_pay.paid(reply.info)
    line_pay.card_of(reply.info)
    line_pay.refunds_of(reply, "A1")
    line_pay.refunds_of(line_pay.Reply("0000", "", {}, ({"refundList": info, "orderId": items},)), "A1")


@given(JSON)
def test_jkopay_reads_any_extra(value):
    jkopay.card_of({"Extra3": value})
    jkopay.card_of({"Extra3": json.dumps(value)})
