"""LINE Pay's side: strict about headers, signature and fields."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from drivers.line_pay import codec
from drivers.line_pay.options import LinePayOptions
from edge_hub.sdk.eft import bank as eft_bank
from edge_hub.sdk.eft.bank import BUSY, UNLISTED_CODE, Taken
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.wallets.book import Order, OrderState, Refusal
from edge_hub.sdk.wallets.simulated import BAD_SIGNATURE, FAULTS, UNLISTED, USER_PAYING, Kind, Received, WalletSimulated

CHANNEL_ID = "1234567890"
SECRET = "simulated-channel-secret"  # noqa: S105  # of no merchant
SECRET_FILE = "channel_secret"  # noqa: S105  # a name
ORDER = "/v4/payments/orders/"
_REASONS = {
    Reason.DECLINED: "1141",
    Reason.CALL_BANK: "1282",
    Reason.CANCELLED: "1102",
    Reason.CARD: "1110",
    Reason.BALANCE: "1142",
    Reason.HOST: "1105",
}
_PAY_FIELDS = {"amount", "currency", "orderId", "oneTimeKey", "packages"}


class LinePaySimulator(WalletSimulated):
    """One merchant of LINE Pay."""

    # its replies carry no signature
    own_faults = {name: text for name, text in FAULTS.items() if name != BAD_SIGNATURE}

    def __init__(self) -> None:
        super().__init__()
        self._nonces: set[str] = set()

    @staticmethod
    def number(count: int) -> str:
        return f"20260101{count:011d}"

    @staticmethod
    def new_code(count: int) -> str:
        return f"3{count * 7919:017d}"

    def secrets(self) -> Mapping[str, str]:
        return {SECRET_FILE: SECRET + "\n"}

    def options(self, url: str) -> LinePayOptions:
        return LinePayOptions(channel_id=CHANNEL_ID, channel_secret_file=str(self.folder / SECRET_FILE), url=url)

    def kind(self, received: Received) -> Kind:
        if received.path == codec.PAY:
            return Kind.CHARGE
        return Kind.GIVE_BACK if received.path.endswith(("/refund", "/void")) else Kind.ASK

    def answer(self, received: Received) -> bytes:
        code, info = self._answer(received)
        reply: dict[str, object] = {"returnCode": code, "returnMessage": "Success." if code == codec.OK else "Failed."}
        if info is not None:
            reply["info"] = info
        return codec.encode(reply)

    def _answer(self, received: Received) -> tuple[str, object]:
        if not self._authentic(received):
            return "1106", None
        if self.has(BUSY):
            return "9000", None
        if received.path == codec.PAY:
            return self._pay(received.body)
        if received.path == codec.DETAILS:
            return self._details(received.query)
        order, _, action = received.path.removeprefix(ORDER).partition("/")
        if action == "check":
            return self._check(order)
        return self._refund(order, received) if action == "refund" else ("2101", None)

    def _authentic(self, received: Received) -> bool:
        headers = received.headers
        nonce = headers.get("X-LINE-Authorization-Nonce", "")
        content = received.body.decode() if received.body else received.query
        wanted = codec.signature(SECRET, received.path, content, nonce)
        return (
            len(nonce) >= 36  # noqa: PLR2004  # of a UUID
            and headers.get("X-LINE-ChannelId") == CHANNEL_ID
            and headers.get("Content-Type") == "application/json"
            and headers.get("X-LINE-Authorization") == wanted
        )

    def _pay(self, body: bytes) -> tuple[str, object]:
        asked = _checked(body)
        if isinstance(asked, str):
            return asked, None
        amount = asked["amount"]
        order = self.book.pay(asked["orderId"], amount, asked["oneTimeKey"], waiting=self.has(USER_PAYING))
        if isinstance(order, Refusal):
            return {Refusal.AGAIN: "1172", Refusal.CODE: "1133"}.get(order, "9000"), None
        if order.state is OrderState.WAITING:
            return "1145", None
        if order.state is OrderState.FAILED:
            return _REASONS[order.reason], None
        return (UNLISTED if self.has(UNLISTED_CODE) else codec.OK), self._info(order)

    def _check(self, order_id: str) -> tuple[str, object]:
        order = self.book.orders.get(order_id)
        if order is None:
            return codec.NO_HISTORY, None
        if order.state is OrderState.WAITING:
            return "1145", None
        if order.state is OrderState.FAILED:
            return codec.OK, {"status": "FAIL", "orderId": order.id}
        refunded = order.state is OrderState.CLOSED or order.refunded == order.amount
        return codec.OK, {"status": "REFUND" if refunded else "COMPLETE", **self._info(order)}

    def _refund(self, order_id: str, received: Received) -> tuple[str, object]:
        nonce = received.headers["X-LINE-Authorization-Nonce"]
        if nonce in self._nonces:
            return "1198", None
        self._nonces.add(nonce)
        order = self.book.orders.get(order_id)
        if order is None or order.state is not OrderState.PAID:
            return codec.NO_HISTORY, None
        amount = json.loads(received.body).get("refundAmount", order.amount)
        if order.refunded == order.amount:
            return codec.REFUNDED, None
        if not isinstance(amount, int) or amount <= 0 or amount + order.refunded > order.amount:
            return "1164", None
        number = self.book.next_number()
        given = self.book.refund(order_id, number, amount, reference="")
        if not isinstance(given, Taken):
            return "1179", None
        return (UNLISTED if self.has(UNLISTED_CODE) else codec.OK), {
            "refundTransactionId": int(number),
            "refundTransactionDate": _now(),
        }

    def _details(self, query: str) -> tuple[str, object]:
        order = self.book.orders.get(parse_qs(query).get("orderId", [""])[0])
        if order is None or order.state is not OrderState.PAID:
            return codec.NO_HISTORY, None
        refunds = [
            {
                "refundTransactionId": int(number),
                "transactionType": "PARTIAL_REFUND",
                "refundAmount": -self.shown(refund.amount),
                "refundTransactionDate": _now(),
            }
            for number, refund in order.refunds.items()
        ]
        return codec.OK, [{**self._info(order), "transactionType": "PAYMENT", "refundList": refunds}]

    def _info(self, order: Order) -> dict[str, object]:
        discount = order.amount // 10
        card = eft_bank.PANS[self.bank.scheme]
        return {
            "transactionId": int(order.number),
            "orderId": order.id,
            "transactionDate": _now(),
            "payInfo": [
                # more than the real one sends: the whole number
                {
                    "method": "CREDIT_CARD",
                    "amount": self.shown(order.amount) - discount,
                    "maskedCreditCardNumber": card,
                },
                {"method": "DISCOUNT", "amount": discount},
            ],
        }


def _checked(body: bytes) -> dict[str, Any] | str:
    """A payment's fields, or the code of what is wrong with them."""
    try:
        asked: dict[str, Any] = json.loads(body)
        amount, packages = asked["amount"], asked["packages"]
        priced = sum(one["price"] * one["quantity"] for package in packages for one in package["products"])
    except ValueError:
        return "2102"
    except (KeyError, TypeError):
        return "2101"
    right = set(asked) == _PAY_FIELDS and asked["currency"] == "TWD" and isinstance(amount, int) and amount > 0
    return asked if right and priced == amount == sum(package["amount"] for package in packages) else "2101"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
