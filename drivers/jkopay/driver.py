"""JKOPay: pay, ask no sooner than 15 s after, cancel until it is answered, refund."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from drivers.jkopay import codec
from drivers.jkopay.options import JkoPayOptions
from drivers.jkopay.simulator import JkoPaySimulator
from edge_hub.sdk.eft.model import SALE_AND_BACK, Capabilities, Inquiry, Request, Result, Transaction
from edge_hub.sdk.eft.scrub import mask, scrub
from edge_hub.sdk.eft.wallet import WalletContext, WalletInfo
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.wallets.driver import (
    REFUND_STAYS,
    WalletDriver,
    absent,
    found,
    illegal,
    inconclusive,
    minor,
    whole,
)
from edge_hub.sdk.wallets.http import Call, Http
from edge_hub.sdk.wallets.options import read_secret

ABSENT_AFTER_S = 15.0
"""Up to then JKOPay may not find what it is still working on; afterwards what it does not know is not."""
CANCELLED_KEPT_MAX = 1000
JSON = {"Content-Type": "application/json; charset=utf-8"}
CAPABILITIES = Capabilities(
    transactions=SALE_AND_BACK,
    inquires=True,
    inquire_after_s=ABSENT_AFTER_S,
    inquire_every_s=5.0,
    inquiries_max=4,
    pending_s=60.0,
    cancels=True,
    code=True,
    locks=False,
)


class JkoPay(WalletDriver):
    """The merchant's side of JKOPay."""

    NAME = "JKOPay"
    ABSENT_AFTER_S = ABSENT_AFTER_S
    CODE = codec.CODE
    PERSONAL = ("InvoiceVehicle", "MerMemToken")

    def __init__(self, context: WalletContext, http: Http, options: JkoPayOptions, key: str) -> None:
        super().__init__(context, http, CAPABILITIES, currency="TWD", order_prefix=options.order_prefix)
        self._options = options
        self._key = key
        self._cancelled: OrderedDict[str, None] = OrderedDict()

    def body(self, request: Request) -> bytes:
        options, amount = self._options, whole(request, request.amount)
        common = {
            "MerchantID": options.merchant_id,
            "StoreID": options.store_id,
            "GatewayTradeNo": "",
            "MerchantTradeNo": self.order(request),
            "PosID": request.till[:20] or "1",
            "PosTradeTime": codec.pos_time(request.at),
        }
        if request.transaction is Transaction.SALE:
            return codec.payment(common, store_name=options.store_name, amount=amount, code=request.code)
        trade = request.original.data.get("trade", "") if request.original is not None else ""
        if not trade:
            raise illegal("JKOPay's number of the payment is not known: refund it in JKOPay's own pages")
        return codec.refund(common, store_name=options.store_name, amount=amount, trade=trade)

    def call(self, request: Request, data: bytes) -> Call:
        operation = codec.PAYMENT if request.transaction is Transaction.SALE else codec.REFUND
        return self._signed(operation, codec.fields_of(data))

    def verdict(self, request: Request, body: bytes) -> Result:
        reply = self._ours(request, body)
        status = str(reply["StatusCode"])
        if status == codec.OK:
            return self._done(request, reply, body)
        declined = codec.DECLINED if request.transaction is Transaction.SALE else codec.REFUND_DECLINED
        return self.undone(body, code=status, text=_text(reply), reason=declined.get(status))

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        if request.reference in self._cancelled:
            return inconclusive("JKOPay is not to be asked about what it was told to cancel")
        kind = "P" if request.transaction is Transaction.SALE else "R"
        body = await self.http.send(self._signed(codec.INQUIRY, {**codec.common_of(data), "InquiryType": kind}))
        reply = self._ours(request, body)
        status = str(reply["StatusCode"])
        if status == codec.OK:
            return found(self._done(request, reply, body))
        if status == codec.NOT_FOUND:
            return self.not_known(request)
        return inconclusive(f"{status} {_text(reply)}")

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        if request.transaction is not Transaction.SALE:
            return inconclusive(REFUND_STAYS)
        self._cancelled[request.reference] = None
        while len(self._cancelled) > CANCELLED_KEPT_MAX:
            self._cancelled.popitem(last=False)
        fields = {**codec.common_of(data), "StoreName": self._options.store_name}
        reply = self._ours(request, await self.http.send(self._signed(codec.CANCEL, fields)))
        status = str(reply["StatusCode"])
        if status in {codec.OK, codec.REFUNDED}:
            return absent("JKOPay has cancelled it")
        if status == codec.NOT_FOUND:
            return self.not_known(request)
        return inconclusive(f"{status} {_text(reply)}")

    def _done(self, request: Request, reply: Mapping[str, Any], body: bytes) -> Result:
        sale = request.transaction is Transaction.SALE
        number = (
            str(reply.get("TradeNo") or "") if sale else str(reply.get("RefundTradeNo") or reply.get("TradeNo") or "")
        )
        amount, order = minor(request, codec.charged(reply)), self.order(request)
        code = str(reply["StatusCode"])
        return replace(
            self.done(request, body, code=code, number=number, amount=amount, may_be_unnamed=not sale),
            # a refund may be answered with the payment's number: its own id is the merchant's
            identity=number if sale else f"{number}/{order}",
            card=mask(codec.card_of(reply)),
            data={"order": order, "trade": number},
        )

    def _ours(self, request: Request, body: bytes) -> dict[str, Any]:
        reply = codec.decode(body, self._key if self._options.check_reply_sign else None)
        if reply.get("MerchantTradeNo") not in {None, "", self.order(request)}:
            raise BadFrame("a reply to another order")
        return reply

    def _signed(self, operation: str, fields: Mapping[str, Any]) -> Call:
        sent = {**fields, "SendTime": codec.send_time(self.context.now())}
        url = f"{self._options.url}/{self._options.system}/{operation}"
        return Call(method="POST", url=url, headers=JSON, body=codec.signed(sent, self._key))


def _text(reply: Mapping[str, Any]) -> str:
    said = codec.TEXTS.get(str(reply["StatusCode"])) or reply.get("StatusDesc")
    return scrub(said) if isinstance(said, str) else ""


@asynccontextmanager
async def open_jkopay(context: WalletContext, options: JkoPayOptions) -> AsyncIterator[JkoPay]:
    """Raises DeviceFault when the key cannot be read."""
    key = read_secret(options.merchant_key_file)
    async with Http.opened(context.clock, connect_s=options.connect_s, read_s=options.read_s) as http:
        yield JkoPay(context, http, options, key)


def account(options: JkoPayOptions) -> str:
    """`WalletInfo.account`."""
    return f"{options.url} {options.system} {options.merchant_id} {options.store_id}"


WALLET = WalletInfo(
    name="jkopay",
    summary="JKOPay (Taiwan), offline POS: the customer shows a code",
    options=JkoPayOptions,
    open=open_jkopay,
    account=account,
    simulator=JkoPaySimulator,
)
