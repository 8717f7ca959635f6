"""WeChat Pay API v2: flat XML, signed fields, and what the codes mean.

Source: pay.weixin.qq.com/wiki/doc/api/wxpay/en/pay/QuickPay (chapter 3.3 quick pay, signature), and the pages of
orderquery, reverse, refund and refundquery beside it.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape

from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.errors import BadFrame

PAY = "/pay/micropay"
QUERY = "/pay/orderquery"
REVERSE = "/secapi/pay/reverse"
REFUND = "/secapi/pay/refund"
REFUND_QUERY = "/pay/refundquery"
CODE = re.compile(r"1[0-5][0-9]{16}")
SUCCESS = "SUCCESS"
ABSENT = "ORDERNOTEXIST"
USER_PAYING = "USERPAYING"
FIELDS_MAX = 200
MD5 = "MD5"
DECLINED: Mapping[str, Reason] = {
    **dict.fromkeys(
        (
            "PARAM_ERROR", "NOAUTH", "XML_FORMAT_ERROR", "REQUIRE_POST_METHOD", "SIGNERROR", "LACK_PARAMS", "NOT_UTF8",
            "APPID_NOT_EXIST", "MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH",
        ),
        Reason.NOT_POSSIBLE,
    ),
    **dict.fromkeys(("AUTHCODEEXPIRE", "AUTH_CODE_ERROR", "AUTH_CODE_INVALID"), Reason.CODE),
    "NOTENOUGH": Reason.BALANCE,
    "NOTSUPORTCARD": Reason.CARD,
    "BUYER_MISMATCH": Reason.DECLINED,
    "TRADE_ERROR": Reason.DECLINED,
}  # fmt: skip
"""Error codes of a payment that failed for good. Every other one leads to an inquiry."""
REFUND_DECLINED: Mapping[str, Reason] = {
    **dict.fromkeys(
        (
            "TRADE_OVERDUE", "INVALID_TRANSACTIONID", "PARAM_ERROR", "APPID_NOT_EXIST", "MCHID_NOT_EXIST", "SIGNERROR",
            "REQUIRE_POST_METHOD", "XML_FORMAT_ERROR", "NOAUTH",
        ),
        Reason.NOT_POSSIBLE,
    ),
    "USER_ACCOUNT_ABNORMAL": Reason.DECLINED,
    "NOTENOUGH": Reason.BALANCE,
    ABSENT: Reason.NOT_FOUND,
    "REFUND_FEE_MISMATCH": Reason.NOT_FOUND,
}  # fmt: skip


def sign(fields: Mapping[str, str], key: str, sign_type: str) -> str:
    """Over all fields that say something, by name, with the key behind them; upper case hex."""
    pairs = [f"{name}={fields[name]}" for name in sorted(fields) if fields[name] and name != "sign"]
    text = "&".join([*pairs, f"key={key}"]).encode()
    if sign_type == MD5:
        return hashlib.md5(text).hexdigest().upper()  # noqa: S324  # the protocol's, where a merchant still has it
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest().upper()


def encode(fields: Mapping[str, str]) -> bytes:
    """Fields that say something, as XML, by name."""
    items = "".join(f"<{name}>{escape(fields[name])}</{name}>" for name in sorted(fields) if fields[name])
    return f"<xml>{items}</xml>".encode()


def signed(fields: Mapping[str, str], key: str, sign_type: str, nonce: str) -> bytes:
    """A request or reply as it goes out."""
    whole = {**fields, "nonce_str": nonce, "sign_type": sign_type}
    return encode({**whole, "sign": sign(whole, key, sign_type)})


def decode(data: bytes) -> dict[str, str]:
    """The fields of flat XML. Raises BadFrame; entities and document types are refused."""
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError:
        raise BadFrame("no XML") from None
    return reader.fields


def reply(data: bytes, key: str, sign_type: str) -> dict[str, str]:
    """A reply that is signed rightly, or one that says the request was not understood (`return_code` other than
    SUCCESS: those are not signed). Raises BadFrame.
    """
    fields = decode(data)
    if "return_code" not in fields:
        raise BadFrame("no reply of WeChat Pay")
    if fields["return_code"] == SUCCESS and not hmac.compare_digest(
        fields.get("sign", "").encode(), sign(fields, key, sign_type).encode()
    ):
        raise BadFrame("a reply with a wrong signature")
    return fields


def at_of(time_end: str) -> str:
    """Of "20261009143015" makes "2026-10-09T14:30:15"; "" of anything else."""
    if not re.fullmatch(r"[0-9]{14}", time_end):
        return ""
    year, month, day, hour, minute, second = (
        time_end[:4], time_end[4:6], time_end[6:8], time_end[8:10], time_end[10:12], time_end[12:],
    )  # fmt: skip
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}"


class _Reader:
    """<xml><name>text</name>...</xml> and nothing else."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._depth = 0
        self._name = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, _: object) -> None:
        self._depth += 1
        if self._depth > 2 or (self._depth == 1 and name != "xml") or len(self.fields) > FIELDS_MAX:  # noqa: PLR2004  # xml, and its fields
            raise BadFrame("not flat XML")
        if self._depth > 1:
            if name in self.fields:
                raise BadFrame("a field twice")
            self._name = name
            self.fields[name] = ""

    def _end(self, _: str) -> None:
        self._depth -= 1
        self._name = ""

    def _text(self, text: str) -> None:
        if self._name:
            self.fields[self._name] += text

    def _refuse(self, *_: object) -> None:
        raise BadFrame("XML with a document type")
