"""Alipay's gateway: strict about fields and their signature; its own replies are signed too."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from drivers.alipay import codec
from drivers.alipay.options import AlipayOptions
from edge_hub.sdk.eft.bank import BUSY, UNLISTED_CODE, Taken
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.wallets.book import Order, OrderState, Refusal
from edge_hub.sdk.wallets.simulated import BAD_SIGNATURE, UNLISTED, USER_PAYING, Kind, Received, WalletSimulated

APP_ID = "2021000000000000"
PRIVATE_KEY_FILE = "private_key.pem"
PUBLIC_KEY_FILE = "alipay_public_key.pem"
KEY_BITS = 2048
DIGITS = 2
_COMMON = frozenset(
    {"app_id", "method", "format", "charset", "sign_type", "timestamp", "version", "sign", "biz_content"}
)
_FIELDS: Mapping[str, frozenset[str]] = {
    codec.PAY: frozenset(
        {
            "out_trade_no",
            "scene",
            "auth_code",
            "product_code",
            "subject",
            "total_amount",
            "timeout_express",
            "terminal_id",
        }
    ),
    codec.QUERY: frozenset({"out_trade_no"}),
    codec.CANCEL: frozenset({"out_trade_no"}),
    codec.REFUND: frozenset({"out_trade_no", "refund_amount", "out_request_no"}),
    codec.REFUND_QUERY: frozenset({"out_trade_no", "out_request_no"}),
}
_REASONS = {
    Reason.DECLINED: "ACQ.PAYMENT_FAIL",
    Reason.CALL_BANK: "ACQ.PAYMENT_REQUEST_HAS_RISK",
    Reason.CANCELLED: "ACQ.TRADE_BUYER_NOT_MATCH",
    Reason.CARD: "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE",
    Reason.BALANCE: "ACQ.BUYER_BALANCE_NOT_ENOUGH",
    Reason.HOST: "ACQ.ACCESS_FORBIDDEN",
}
Answer = Mapping[str, Any]


class AlipaySimulator(WalletSimulated):
    """One merchant of Alipay."""

    @staticmethod
    def number(count: int) -> str:
        return f"20261009220014{count:014d}"

    @staticmethod
    def new_code(count: int) -> str:
        return f"28{count * 7919:016d}"

    def secrets(self) -> Mapping[str, str]:
        private = _merchant_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = (
            _own_key()
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        return {PRIVATE_KEY_FILE: private.decode("ascii"), PUBLIC_KEY_FILE: public.decode("ascii")}

    def options(self, url: str) -> AlipayOptions:
        return AlipayOptions(
            app_id=APP_ID,
            private_key_file=str(self.folder / PRIVATE_KEY_FILE),
            alipay_public_key_file=str(self.folder / PUBLIC_KEY_FILE),
            url=f"{url}/gateway.do",
        )

    def kind(self, received: Received) -> Kind:
        method = dict(parse_qsl(received.query)).get("method")
        if method == codec.PAY:
            return Kind.CHARGE
        return Kind.GIVE_BACK if method in {codec.CANCEL, codec.REFUND} else Kind.ASK

    def answer(self, received: Received) -> bytes:
        asked = dict(parse_qsl(received.query) + parse_qsl(received.body.decode("ascii")))
        method = asked.get("method", "")
        text = codec.signed_text(asked).encode()
        if not codec.verify(text, asked.get("sign", ""), _merchant_key().public_key()):
            complaint = {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
            return codec.encode({_name(method): complaint})
        if frozenset(asked) != _COMMON or asked["app_id"] != APP_ID or method not in _FIELDS:
            return self._reply(method, {"code": "40001", "msg": "Missing", "sub_code": "isv.missing-method"})
        content: dict[str, str] = json.loads(asked["biz_content"])
        if self.has(BUSY):
            return self._reply(method, {"code": "20000", "msg": "Service Currently Unavailable"})
        if frozenset(content) != _FIELDS[method]:
            return self._reply(method, _error("ACQ.INVALID_PARAMETER"))
        answers = {
            codec.PAY: self._pay,
            codec.QUERY: self._query,
            codec.CANCEL: self._cancel,
            codec.REFUND: self._refund,
            codec.REFUND_QUERY: self._refund_query,
        }
        answer = answers[method](content)
        if self.has(UNLISTED_CODE) and method in {codec.PAY, codec.REFUND} and answer["code"] == codec.OK:
            answer = _error(UNLISTED)
        return self._reply(method, answer)

    def _pay(self, asked: Mapping[str, str]) -> Answer:
        amount = codec.minor(asked["total_amount"], DIGITS)
        if asked["scene"] != "bar_code" or not amount:
            return _error("ACQ.INVALID_PARAMETER")
        before = self.book.orders.get(asked["out_trade_no"])
        order = self.book.pay(asked["out_trade_no"], amount, asked["auth_code"], waiting=self.has(USER_PAYING))
        if isinstance(order, Refusal):
            paid = before is not None and before.state is OrderState.PAID
            again = "ACQ.TRADE_HAS_SUCCESS" if paid else "ACQ.CONTEXT_INCONSISTENT"
            return _error(again if order is Refusal.AGAIN else "ACQ.PAYMENT_AUTH_CODE_INVALID")
        if order.state is OrderState.WAITING:
            return {"code": codec.WAITING, "msg": "order success pay inprocess", "out_trade_no": order.id}
        return self._paid(order) if order.state is OrderState.PAID else _error(_REASONS[order.reason])

    def _query(self, asked: Mapping[str, str]) -> Answer:
        order = self.book.orders.get(asked["out_trade_no"])
        if order is None:
            return _error(codec.NOT_EXIST)
        status = {
            OrderState.WAITING: "WAIT_BUYER_PAY",
            OrderState.PAID: "TRADE_SUCCESS",
            OrderState.FAILED: "TRADE_CLOSED",
            OrderState.CLOSED: "TRADE_CLOSED",
        }[order.state]
        closed = order.refunded == order.amount
        return {**self._paid(order), "trade_status": "TRADE_CLOSED" if closed else status}

    def _cancel(self, asked: Mapping[str, str]) -> Answer:
        before = self.book.orders.get(asked["out_trade_no"])
        action = {"action": "refund" if before is not None and before.taken is not None else "close"}
        order = self.book.cancel(asked["out_trade_no"])
        if order is Refusal.STATE:
            return {**_ok(), "out_trade_no": asked["out_trade_no"], "retry_flag": "Y"}
        # of an order that it does not know Alipay says that it is cancelled, and not how
        return {**_ok(), "out_trade_no": asked["out_trade_no"], "retry_flag": "N", **(action if before else {})}

    def _refund(self, asked: Mapping[str, str]) -> Answer:
        order = self.book.orders.get(asked["out_trade_no"])
        amount, refund_id = codec.minor(asked["refund_amount"], DIGITS), asked["out_request_no"]
        if order is None or not amount:
            return _error(codec.NOT_EXIST if order is None else "ACQ.INVALID_PARAMETER")
        again = refund_id in order.refunds
        given = order.refunds.get(refund_id) or self.book.refund(order.id, refund_id, amount, reference=refund_id)
        if not isinstance(given, Taken):
            return _error("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" if given is Refusal.AMOUNT else "ACQ.NOT_ALLOW_REFUND")
        return {
            **_ok(),
            "trade_no": order.number,
            "out_trade_no": order.id,
            "buyer_logon_id": "159****5620",
            "fund_change": "N" if again else "Y",
            "refund_fee": codec.yuan(order.refunded, DIGITS),
        }

    def _refund_query(self, asked: Mapping[str, str]) -> Answer:
        order = self.book.orders.get(asked["out_trade_no"])
        refund = order.refunds.get(asked["out_request_no"]) if order is not None else None
        if order is None or refund is None:
            return _ok()
        return {
            **_ok(),
            "trade_no": order.number,
            "out_trade_no": order.id,
            "out_request_no": asked["out_request_no"],
            "refund_amount": codec.yuan(self.shown(refund.amount), DIGITS),
            "refund_status": "REFUND_SUCCESS",
        }

    def _paid(self, order: Order) -> Answer:
        return {
            **_ok(),
            "trade_no": order.number,
            "out_trade_no": order.id,
            "buyer_logon_id": "159****5620",
            "buyer_user_id": "2088101117955611",
            "total_amount": codec.yuan(self.shown(order.amount), DIGITS),
            "gmt_payment": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        }

    def _reply(self, method: str, answer: Answer) -> bytes:
        key = _merchant_key() if self.has(BAD_SIGNATURE) else _own_key()
        text = codec.encode(answer).decode()
        return f'{{"{_name(method)}":{text},"sign":"{codec.sign(text, key)}"}}'.encode()


def _name(method: str) -> str:
    return method.replace(".", "_") + "_response"


def _ok() -> dict[str, Any]:
    return {"code": codec.OK, "msg": "Success"}


def _error(sub_code: str) -> Answer:
    return {"code": codec.FAILED, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": sub_code.lower()}


@cache
def _merchant_key() -> RSAPrivateKey:
    return generate_private_key(65537, KEY_BITS)


@cache
def _own_key() -> RSAPrivateKey:
    return generate_private_key(65537, KEY_BITS)
