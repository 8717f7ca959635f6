"""LINE Pay: pay, check, refund; in doubt the check decides, and a payment nobody wants any more is refunded whole."""

import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from drivers.line_pay import codec
from drivers.line_pay.options import LinePayOptions
from drivers.line_pay.simulator import LinePaySimulator
from edge_hub.sdk.eft.model import SALE_AND_BACK, Capabilities, Inquiry, Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.scrub import mask, scrub
from edge_hub.sdk.eft.wallet import WalletContext, WalletInfo
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.wallets.driver import (
    REFUND_STAYS,
    WalletDriver,
    absent,
    found,
    inconclusive,
    minor,
    pending,
    whole,
)
from edge_hub.sdk.wallets.http import Call, Http
from edge_hub.sdk.wallets.options import read_secret

REFUNDS_KNOWN_MAX = 1000
TITLE_CHARS_MAX = 100
CAPABILITIES = Capabilities(
    transactions=SALE_AND_BACK,
    inquires=True,
    inquire_after_s=2.0,
    inquire_every_s=5.0,
    inquiries_max=12,
    pending_s=60.0,
    cancels=True,
    code=True,
    locks=False,
)


class LinePay(WalletDriver):
    """The merchant's side of LINE Pay."""

    NAME = "LINE Pay"
    ABSENT_AFTER_S = 330.0
    """The one-time key has expired by then: a payment that LINE Pay does not know cannot come to be any more."""
    CODE = codec.CODE
    WAITING = codec.IN_PROCESS

    def __init__(self, context: WalletContext, http: Http, options: LinePayOptions, secret: str) -> None:
        super().__init__(context, http, CAPABILITIES, currency="TWD", order_prefix=options.order_prefix)
        self._options = options
        self._secret = secret
        self._refunds: OrderedDict[str, str] = OrderedDict()

    def body(self, request: Request) -> bytes:
        amount = whole(request, request.amount)
        if request.transaction is Transaction.SALE:
            title = self.title(request, TITLE_CHARS_MAX)
            return codec.payment(order=self.order(request), amount=amount, code=request.code, title=title)
        return codec.encode({"refundAmount": amount})

    def call(self, request: Request, data: bytes) -> Call:
        path = codec.PAY
        if request.transaction is not Transaction.SALE:
            path = codec.refund_path(self.original_order(request))
        return self._signed("POST", path, data)

    def verdict(self, request: Request, body: bytes) -> Result:
        reply = codec.decode(body)
        if request.transaction is not Transaction.SALE:
            return self._refund(request, reply, body)
        if reply.code == codec.OK:
            return self._payment(request, reply, body)
        return self._no(reply, body, codec.DECLINED.get(reply.code))

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        del data
        if request.transaction is not Transaction.SALE:
            return await self._inquire_refund(request)
        reply, body = await self._check(request)
        return self._state(request, reply, body)

    def _state(self, request: Request, reply: codec.Reply, body: bytes) -> Inquiry:
        status = reply.info.get("status") if reply.code == codec.OK else None
        match reply.code, status:
            case codec.OK, "COMPLETE":
                inquiry = found(self._payment(request, reply, body))
            case codec.OK, "FAIL":
                inquiry = found(self._no(reply, body, Reason.DECLINED))
            case codec.OK, "CANCEL":
                inquiry = absent("LINE Pay has cancelled it")
            case codec.OK, "AUTH_READY":
                inquiry = pending("authorised, not yet captured")
            case codec.NO_HISTORY, _:
                inquiry = self.not_known(request)
            case code, _ if code in codec.IN_PROCESS:
                inquiry = pending(reply.text)
            case code, _:
                inquiry = inconclusive(f"{code} {status or reply.text}")
        return inquiry

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        del data
        if request.transaction is not Transaction.SALE:
            return inconclusive(REFUND_STAYS)
        reply, _ = await self._check(request)
        if reply.code == codec.NO_HISTORY:
            return self.not_known(request)
        status = reply.info.get("status") if reply.code == codec.OK else None
        if status in {"FAIL", "CANCEL"}:
            return absent("nothing is charged")
        # "REFUND" may be of a part: asking again for the whole tells
        undo = {"COMPLETE": codec.refund_path, "REFUND": codec.refund_path, "AUTH_READY": codec.void_path}.get(
            str(status)
        )
        if undo is None:
            return (pending if reply.code in codec.IN_PROCESS else inconclusive)(f"{reply.code} {reply.text}")
        call = self._signed("POST", undo(self.order(request)), codec.encode({}))
        reply = codec.decode(await self.http.send(call))
        if reply.code in {codec.OK, codec.REFUNDED}:
            return absent("given back whole")
        return inconclusive(f"{reply.code} {reply.text}")

    async def _check(self, request: Request) -> tuple[codec.Reply, bytes]:
        body = await self.http.send(self._signed("GET", codec.check_path(self.order(request)), b""))
        return codec.decode(body), body

    async def _inquire_refund(self, request: Request) -> Inquiry:
        """A refund has no id of its own before LINE Pay gives it one: the newest of the order it is, if its amount is
        this one's and no other refund was told that it is.
        """
        order = self.original_order(request)
        query = f"orderId={order}"
        body = await self.http.send(self._signed("GET", codec.DETAILS, b"", query))
        reply = codec.decode(body)
        if reply.code != codec.OK:
            return inconclusive(f"{reply.code} {reply.text}")
        refunds = codec.refunds_of(reply, order)
        newest = refunds[-1] if refunds else {}
        number, amount = codec.text_of(newest, "refundTransactionId"), newest.get("refundAmount")
        if (
            not number
            or not isinstance(amount, int)
            or self._refunds.get(number, request.reference) != request.reference
        ):
            return inconclusive("no refund that could be this one")
        result = self._refunded(request, number, minor(request, abs(amount)), body)
        return found(result)

    def _payment(self, request: Request, reply: codec.Reply, body: bytes) -> Result:
        if codec.text_of(reply.info, "orderId") not in {"", self.order(request)}:
            raise BadFrame("a reply to another order")
        number = codec.text_of(reply.info, "transactionId")
        amount = minor(request, codec.paid(reply.info))
        result = self.done(request, body, code=reply.code, number=number, amount=amount)
        return replace(result, card=mask(codec.card_of(reply.info)))

    def _refund(self, request: Request, reply: codec.Reply, body: bytes) -> Result:
        number = codec.text_of(reply.info, "refundTransactionId")
        if reply.code == codec.OK and number:
            return self._refunded(request, number, None, body)
        return self._no(reply, body, codec.REFUND_DECLINED.get(reply.code))

    def _refunded(self, request: Request, number: str, amount: int | None, body: bytes) -> Result:
        result = self.done(request, body, code=codec.OK, number=number, amount=amount, may_be_unnamed=True)
        if result.verdict is Verdict.APPROVED:
            self._refunds[number] = request.reference
            while len(self._refunds) > REFUNDS_KNOWN_MAX:
                self._refunds.popitem(last=False)
        return result

    def _no(self, reply: codec.Reply, body: bytes, reason: Reason | None) -> Result:
        return self.undone(body, code=reply.code, text=scrub(codec.TEXTS.get(reply.code, reply.text)), reason=reason)

    def _signed(self, method: str, path: str, data: bytes, query: str = "") -> Call:
        nonce = str(uuid.uuid4())
        content = data.decode() if method == "POST" else query
        headers = {
            "Content-Type": "application/json",
            "X-LINE-ChannelId": self._options.channel_id,
            "X-LINE-Authorization-Nonce": nonce,
            "X-LINE-Authorization": codec.signature(self._secret, path, content, nonce),
        }
        if self._options.device_id:
            headers["X-LINE-MerchantDeviceType"] = self._options.device_type
            headers["X-LINE-MerchantDeviceProfileId"] = self._options.device_id
        url = self._options.url + path + (f"?{query}" if query else "")
        return Call(method=method, url=url, headers=headers, body=data)


@asynccontextmanager
async def open_line_pay(context: WalletContext, options: LinePayOptions) -> AsyncIterator[LinePay]:
    """Raises DeviceFault when the secret cannot be read."""
    secret = read_secret(options.channel_secret_file)
    async with Http.opened(context.clock, connect_s=options.connect_s, read_s=options.read_s) as http:
        yield LinePay(context, http, options, secret)


def account(options: LinePayOptions) -> str:
    """`WalletInfo.account`."""
    return f"{options.url} {options.channel_id}"


WALLET = WalletInfo(
    name="line_pay",
    summary="LINE Pay (Taiwan), Offline API v4: the customer shows a code",
    options=LinePayOptions,
    open=open_line_pay,
    account=account,
    simulator=LinePaySimulator,
)
