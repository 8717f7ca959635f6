"""WeChat Pay's side: strict about fields and their signature. What asks for the merchant's certificate is answered over
plain HTTP too: a bench has no TLS.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drivers.wechat_pay import codec
from drivers.wechat_pay.options import WeChatPayOptions
from edge_hub.sdk.eft.bank import BUSY, UNLISTED_CODE, Taken
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.wallets.book import Order, OrderState, Refusal
from edge_hub.sdk.wallets.simulated import BAD_SIGNATURE, UNLISTED, USER_PAYING, Kind, Received, WalletSimulated

APP_ID = "wx0000000000000000"
MERCHANT_ID = "1900000000"
KEY = "simulated0api0key0of0no0merchant"
KEY_FILE = "api_key"
CERTIFICATE_FILE = "certificate.pem"
CERTIFICATE_KEY_FILE = "certificate_key.pem"
SIGN_TYPE = "HMAC-SHA256"
_MERCHANT = frozenset({"appid", "mch_id", "nonce_str", "sign", "sign_type"})
_PAYMENT = frozenset({"body", "out_trade_no", "total_fee", "fee_type", "spbill_create_ip", "auth_code"})
_FIELDS: Mapping[str, frozenset[str]] = {
    codec.PAY: _MERCHANT | _PAYMENT,
    codec.QUERY: _MERCHANT | {"out_trade_no"},
    codec.REVERSE: _MERCHANT | {"out_trade_no"},
    codec.REFUND: _MERCHANT | {"out_trade_no", "out_refund_no", "total_fee", "refund_fee", "refund_fee_type"},
    codec.REFUND_QUERY: _MERCHANT | {"out_refund_no"},
}
_OPTIONAL = frozenset({"device_info"})
_REASONS = {
    Reason.DECLINED: "TRADE_ERROR",
    Reason.CALL_BANK: "TRADE_ERROR",
    Reason.CANCELLED: "AUTH_CODE_INVALID",
    Reason.CARD: "NOTSUPORTCARD",
    Reason.BALANCE: "NOTENOUGH",
    Reason.HOST: "NOAUTH",
}
Answer = Mapping[str, str]


class WeChatPaySimulator(WalletSimulated):
    """One merchant of WeChat Pay."""

    MEDIA_TYPE = "text/xml"

    @staticmethod
    def number(count: int) -> str:
        return f"42000{count:023d}"

    @staticmethod
    def new_code(count: int) -> str:
        return f"13{count * 7919:016d}"

    def secrets(self) -> Mapping[str, str]:
        certificate, key = _certificate()
        return {KEY_FILE: KEY + "\n", CERTIFICATE_FILE: certificate, CERTIFICATE_KEY_FILE: key}

    def options(self, url: str) -> WeChatPayOptions:
        return WeChatPayOptions(
            app_id=APP_ID,
            merchant_id=MERCHANT_ID,
            api_key_file=str(self.folder / KEY_FILE),
            certificate_file=str(self.folder / CERTIFICATE_FILE),
            certificate_key_file=str(self.folder / CERTIFICATE_KEY_FILE),
            url=url,
        )

    def kind(self, received: Received) -> Kind:
        if received.path == codec.PAY:
            return Kind.CHARGE
        return Kind.GIVE_BACK if received.path in {codec.REVERSE, codec.REFUND} else Kind.ASK

    def answer(self, received: Received) -> bytes:
        try:
            asked = codec.decode(received.body)
        except BadFrame:
            return _failed("XML格式错误")
        if asked.get("sign") != codec.sign(asked, KEY, SIGN_TYPE):
            return _failed("签名错误")
        wanted = _FIELDS.get(received.path, frozenset())
        if set(asked) - _OPTIONAL != wanted or (asked["appid"], asked["mch_id"]) != (APP_ID, MERCHANT_ID):
            return _failed("参数错误")
        if self.has(BUSY):
            return self._reply(_error("SYSTEMERROR"))
        answers = {
            codec.PAY: self._pay,
            codec.QUERY: self._query,
            codec.REVERSE: self._reverse,
            codec.REFUND: self._refund,
            codec.REFUND_QUERY: self._refund_query,
        }
        answer = answers[received.path](asked)
        if self.has(UNLISTED_CODE) and received.path in {codec.PAY, codec.REFUND} and "err_code" not in answer:
            answer = _error(UNLISTED)
        return self._reply(answer)

    def _pay(self, asked: Mapping[str, str]) -> Answer:
        if not asked["total_fee"].isdigit() or asked["fee_type"] != "CNY":
            return _error("PARAM_ERROR")
        before = self.book.orders.get(asked["out_trade_no"])
        order = self.book.pay(
            asked["out_trade_no"], int(asked["total_fee"]), asked["auth_code"], waiting=self.has(USER_PAYING)
        )
        if isinstance(order, Refusal):
            again = "ORDERPAID" if before is not None and before.state is OrderState.PAID else "OUT_TRADE_NO_USED"
            return _error(again if order is Refusal.AGAIN else "AUTHCODEEXPIRE")
        if order.state is OrderState.WAITING:
            return _error("USERPAYING")
        return self._paid(order) if order.state is OrderState.PAID else _error(_REASONS[order.reason])

    def _query(self, asked: Mapping[str, str]) -> Answer:
        order = self.book.orders.get(asked["out_trade_no"])
        if order is None:
            return _error(codec.ABSENT)
        state = {OrderState.WAITING: "USERPAYING", OrderState.FAILED: "PAYERROR", OrderState.CLOSED: "REVOKED"}
        if order.state in state:
            return {"trade_state": state[order.state], "out_trade_no": order.id}
        return {**self._paid(order), "trade_state": "REFUND" if order.refunds else "SUCCESS"}

    def _reverse(self, asked: Mapping[str, str]) -> Answer:
        order = self.book.cancel(asked["out_trade_no"])
        if isinstance(order, Refusal):
            return {**_error(codec.ABSENT if order is Refusal.ABSENT else "SYSTEMERROR"), "recall": "Y"}
        return {"recall": "N"}

    def _refund(self, asked: Mapping[str, str]) -> Answer:
        order = self.book.orders.get(asked["out_trade_no"])
        if order is None or str(order.amount) != asked["total_fee"]:
            return _error(codec.ABSENT if order is None else "REFUND_FEE_MISMATCH")
        refund_id, fee = asked["out_refund_no"], asked["refund_fee"]
        given = order.refunds.get(refund_id) or self.book.refund(order.id, refund_id, int(fee), reference=refund_id)
        if not isinstance(given, Taken):
            return _error("REFUND_FEE_MISMATCH" if given is Refusal.AMOUNT else "USER_ACCOUNT_ABNORMAL")
        return self._refunded(order, refund_id, given, "")

    def _refund_query(self, asked: Mapping[str, str]) -> Answer:
        refund_id = asked["out_refund_no"]
        for order in self.book.orders.values():
            if refund_id in order.refunds:
                shown = self._refunded(order, refund_id, order.refunds[refund_id], "_0")
                return {**shown, "refund_status_0": "PROCESSING"}
        return _error("REFUNDNOTEXIST")

    def _paid(self, order: Order) -> Answer:
        return {
            "openid": "oSimulatedCustomer",
            "trade_type": "MICROPAY",
            "bank_type": "OTHERS",
            "total_fee": str(self.shown(order.amount)),
            "fee_type": "CNY",
            "transaction_id": order.number,
            "out_trade_no": order.id,
            "time_end": datetime.now(UTC).strftime("%Y%m%d%H%M%S"),
        }

    def _refunded(self, order: Order, refund_id: str, refund: Taken, suffix: str) -> Answer:
        return {
            "out_trade_no": order.id,
            f"out_refund_no{suffix}": refund_id,
            f"refund_id{suffix}": f"50300{refund.receipt:023d}",
            f"refund_fee{suffix}": str(self.shown(refund.amount)),
        }

    def _reply(self, answer: Answer) -> bytes:
        head = {"return_code": "SUCCESS", "return_msg": "OK", "result_code": "SUCCESS"}
        fields = {**head, "appid": APP_ID, "mch_id": MERCHANT_ID, **answer}
        return codec.signed(fields, KEY + "?" * self.has(BAD_SIGNATURE), SIGN_TYPE, uuid.uuid4().hex)


def _error(code: str) -> Answer:
    return {"result_code": "FAIL", "err_code": code, "err_code_des": code.lower()}


def _failed(text: str) -> bytes:
    return codec.encode({"return_code": "FAIL", "return_msg": text})


@cache
def _certificate() -> tuple[str, str]:
    """(certificate, key) of the simulated merchant, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, MERCHANT_ID)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"), secret.decode("ascii")
