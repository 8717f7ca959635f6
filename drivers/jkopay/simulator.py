"""JKOPay's side: strict about fields and their signature."""

import json
from collections.abc import Mapping
from typing import Any

from drivers.jkopay import codec
from drivers.jkopay.options import JkoPayOptions
from edge_hub.sdk.eft.bank import BUSY, PANS, UNLISTED_CODE, Taken
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.wallets.book import Order, OrderState, Refusal
from edge_hub.sdk.wallets.simulated import BAD_SIGNATURE, FAULTS, UNLISTED, USER_PAYING, Kind, Received, WalletSimulated

MERCHANT_ID = "9999999"
STORE_ID = "0000001"
SYSTEM = "EdgeHub"
KEY = "simulated-merchant-key"
KEY_FILE = "merchant_key"
_BASE = frozenset(
    {"GatewayTradeNo", "MerchantID", "MerchantTradeNo", "PosID", "PosTradeTime", "SendTime", "Sign", "StoreID"}
)
_FREE = frozenset({"StoreName", "Remark", "Extra1", "Extra2", "Extra3"})
_FIELDS: Mapping[str, frozenset[str]] = {
    codec.PAYMENT: _BASE | _FREE | {"CardToken", "TradeAmount", "UnRedeem"},
    codec.REFUND: _BASE | _FREE | {"TradeNo", "TradeAmount"},
    codec.INQUIRY: _BASE | {"InquiryType"},
    codec.CANCEL: _BASE | {"StoreName"},
}
_REASONS = {
    Reason.DECLINED: "978",
    Reason.CALL_BANK: "911",
    Reason.CANCELLED: "929",
    Reason.CARD: "802",
    Reason.BALANCE: "928",
    Reason.HOST: "907",
}
Answer = tuple[str, Mapping[str, Any]]


class JkoPaySimulator(WalletSimulated):
    """One merchant of JKOPay."""

    # its customers confirm nothing: the code is the confirmation
    own_faults = {name: text for name, text in FAULTS.items() if name != USER_PAYING}
    LATE_S = 12.0

    @staticmethod
    def number(count: int) -> str:
        return f"J00652{count:014d}"

    @staticmethod
    def new_code(count: int) -> str:
        return f"22J{count * 7919:015d}"

    def secrets(self) -> Mapping[str, str]:
        return {KEY_FILE: KEY + "\n"}

    def options(self, url: str) -> JkoPayOptions:
        return JkoPayOptions(
            merchant_id=MERCHANT_ID,
            merchant_key_file=str(self.folder / KEY_FILE),
            store_id=STORE_ID,
            store_name="Corner Store",
            system=SYSTEM,
            url=url,
            check_reply_sign=True,
        )

    def kind(self, received: Received) -> Kind:
        operation = received.path.rpartition("/")[2]
        kinds = {codec.PAYMENT: Kind.CHARGE, codec.REFUND: Kind.GIVE_BACK, codec.CANCEL: Kind.GIVE_BACK}
        return kinds.get(operation, Kind.ASK)

    def answer(self, received: Received) -> bytes:
        system, _, operation = received.path.removeprefix("/").partition("/")
        try:
            asked = codec.fields_of(received.body)
        except ValueError:
            return self._reply({}, "905", {})
        if system != SYSTEM or frozenset(asked) != _FIELDS.get(operation):
            return self._reply(asked, "804", {})
        if asked["Sign"] != codec.sign(asked, KEY):
            return self._reply(asked, "904", {})
        if (asked["MerchantID"], asked["StoreID"]) != (MERCHANT_ID, STORE_ID):
            return self._reply(asked, "907", {})
        if self.has(BUSY):
            return self._reply(asked, "301", {})
        code, more = {
            codec.PAYMENT: self._pay,
            codec.REFUND: self._refund,
            codec.INQUIRY: self._inquire,
            codec.CANCEL: self._cancel,
        }[operation](asked)
        if code == codec.OK and operation in {codec.PAYMENT, codec.REFUND} and self.has(UNLISTED_CODE):
            code = UNLISTED
        return self._reply(asked, code, more)

    def _pay(self, asked: Mapping[str, Any]) -> Answer:
        order_id, amount = str(asked["MerchantTradeNo"]), asked["TradeAmount"]
        if not isinstance(amount, int) or amount <= 0:
            return "940", {}
        if (before := self.book.orders.get(order_id)) is not None and before.state is OrderState.PAID:
            return codec.OK, {**self._paid(before), "IsRep": codec.REPEATED}
        order = self.book.pay(order_id, amount, str(asked["CardToken"]))
        if isinstance(order, Refusal):
            return ("906" if order is Refusal.CODE else "909"), {}
        if order.state is not OrderState.PAID:
            return _REASONS[order.reason], {}
        return codec.OK, self._paid(order)

    def _refund(self, asked: Mapping[str, Any]) -> Answer:
        number, refund_id, amount = asked["TradeNo"], str(asked["MerchantTradeNo"]), asked["TradeAmount"]
        order = next((one for one in self.book.orders.values() if one.number == number), None)
        if order is None:
            return codec.NOT_FOUND, {}
        if not isinstance(amount, int) or amount <= 0:
            return "940", {}
        if (before := order.refunds.get(refund_id)) is not None:
            return codec.OK, {**self._refunded(order, before), "IsRep": codec.REPEATED}
        given = self.book.refund(order.id, refund_id, amount, reference=refund_id)
        if isinstance(given, Taken):
            return codec.OK, self._refunded(order, given)
        return {Refusal.AMOUNT: "922"}.get(given, "934"), {}

    def _inquire(self, asked: Mapping[str, Any]) -> Answer:
        order_id = str(asked["MerchantTradeNo"])
        if asked["InquiryType"] == "R":
            found = [
                (order, order.refunds[order_id]) for order in self.book.orders.values() if order_id in order.refunds
            ]
            return (codec.OK, self._refunded(*found[0])) if found else (codec.NOT_FOUND, {})
        order = self.book.orders.get(order_id)
        if order is None or order.state is not OrderState.PAID:
            return codec.NOT_FOUND, {}
        return codec.OK, self._paid(order)

    def _cancel(self, asked: Mapping[str, Any]) -> Answer:
        order = self.book.cancel(str(asked["MerchantTradeNo"]))
        if isinstance(order, Refusal):
            return (codec.NOT_FOUND if order is Refusal.ABSENT else "301"), {}
        return codec.OK, {}

    def _paid(self, order: Order) -> dict[str, Any]:
        redeemed = order.amount // 10
        return {
            "TradeNo": order.number,
            "IsRep": "0",
            "PaymentType": 4,
            "DebitAmount": self.shown(order.amount) - redeemed,
            "RedeemName": "Coin",
            "RedeemAmount": -redeemed,
            "AvailableAmount": 0,
            "InvoiceVehicle": "/ABC1234",
            # more than the real one sends: the whole number
            "Extra3": json.dumps({"CardName": "Card", "CardNo": PANS[self.bank.scheme]}),
        }

    def _refunded(self, order: Order, refund: Taken) -> dict[str, Any]:
        return {"TradeNo": order.number, "IsRep": "0", "TradeAmount": self.shown(refund.amount)}

    def _reply(self, asked: Mapping[str, Any], code: str, more: Mapping[str, Any]) -> bytes:
        echoed = {name: asked.get(name, "") for name in ("MerchantID", "StoreID", "MerchantTradeNo", "PosID")}
        fields = {**echoed, "StatusCode": code, "StatusDesc": "Success" if code == codec.OK else "Failed", **more}
        return codec.signed(fields, KEY + "?" * self.has(BAD_SIGNATURE))
