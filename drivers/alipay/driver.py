"""Alipay: pay, ask every 3 s while the customer confirms, cancel until it is done, refund."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from drivers.alipay import codec
from drivers.alipay.options import AlipayOptions
from drivers.alipay.simulator import AlipaySimulator
from edge_hub.sdk.eft.model import SALE_AND_BACK, Capabilities, Inquiry, Reason, Request, Result, Transaction
from edge_hub.sdk.eft.scrub import scrub
from edge_hub.sdk.eft.wallet import WalletContext, WalletInfo
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.wallets.driver import (
    REFUND_STAYS,
    WalletDriver,
    absent,
    found,
    illegal,
    inconclusive,
    pending,
)
from edge_hub.sdk.wallets.http import Call, Http
from edge_hub.sdk.wallets.options import read_secret

TITLE_CHARS_MAX = 100
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
CAPABILITIES = Capabilities(
    transactions=SALE_AND_BACK,
    inquires=True,
    inquire_after_s=5.0,
    inquire_every_s=3.0,
    inquiries_max=15,
    pending_s=30.0,
    cancels=True,
    code=True,
    locks=False,
)


class Alipay(WalletDriver):
    """The merchant's side of Alipay."""

    NAME = "Alipay"
    ABSENT_AFTER_S = 150.0
    """A customer's code lives for a minute: a payment that is not known by then cannot come to be any more."""
    CODE = codec.CODE
    WAITING = frozenset({codec.WAITING})
    PERSONAL = ("buyer_logon_id", "buyer_user_id", "buyer_open_id", "buyer_user_name")

    def __init__(
        self,
        context: WalletContext,
        http: Http,
        options: AlipayOptions,
        keys: tuple[RSAPrivateKey, RSAPublicKey],
        app_auth_token: str,
    ) -> None:
        super().__init__(context, http, CAPABILITIES, currency=options.currency, order_prefix=options.order_prefix)
        self._options = options
        self._private, self._public = keys
        self._app_auth_token = app_auth_token

    def body(self, request: Request) -> bytes:
        try:
            amount = codec.yuan(request.amount, request.minor_digits)
        except ValueError:
            raise illegal("Alipay's amounts have two decimals") from None
        options = self._options
        if request.transaction is not Transaction.SALE:
            refund = {
                "out_trade_no": self.original_order(request),
                "refund_amount": amount,
                "out_request_no": self.order(request),
            }
            return codec.encode(refund)
        content = {
            "out_trade_no": self.order(request),
            "scene": "bar_code",
            "auth_code": request.code,
            "product_code": "FACE_TO_FACE_PAYMENT",
            "subject": self.title(request, TITLE_CHARS_MAX, without="/=&"),
            "total_amount": amount,
            "timeout_express": f"{options.timeout_minutes}m",
        }
        if options.currency != "CNY":
            content |= {"trans_currency": options.currency, "settle_currency": options.currency}
        if options.store_id:
            content["store_id"] = options.store_id
        if request.till:
            content["terminal_id"] = request.till[:32]
        return codec.encode(content)

    def call(self, request: Request, data: bytes) -> Call:
        return self._signed(codec.PAY if request.transaction is Transaction.SALE else codec.REFUND, data)

    def verdict(self, request: Request, body: bytes) -> Result:
        sale = request.transaction is Transaction.SALE
        reply = codec.reply(body, codec.PAY if sale else codec.REFUND, self._public)
        if reply["code"] == codec.OK:
            return self._paid(request, reply, body) if sale else self._refunded(request, reply, body)
        reason = Reason.NOT_POSSIBLE if codec.complains(reply) else None
        if reply["code"] == codec.FAILED:
            reason = (codec.DECLINED if sale else codec.REFUND_DECLINED).get(_sub_code(reply))
        return self._no(reply, body, reason)

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        del data
        if request.transaction is not Transaction.SALE:
            return await self._inquire_refund(request)
        reply, body = await self._ask(codec.QUERY, {"out_trade_no": self.order(request)})
        status = reply.get("trade_status") if reply["code"] == codec.OK else _sub_code(reply)
        match status:
            case "TRADE_SUCCESS" | "TRADE_FINISHED":
                inquiry = found(self._paid(request, reply, body))
            case "WAIT_BUYER_PAY":
                inquiry = pending("the customer is asked")
            case "TRADE_CLOSED":
                inquiry = absent("Alipay has closed it; whatever was paid was given back whole")
            case codec.NOT_EXIST:
                inquiry = self.not_known(request)
            case _:
                inquiry = inconclusive(_why(reply))
        return inquiry

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        del data
        if request.transaction is not Transaction.SALE:
            return inconclusive(REFUND_STAYS)
        reply, _ = await self._ask(codec.CANCEL, {"out_trade_no": self.order(request)})
        done = reply["code"] == codec.OK and reply.get("retry_flag", "N") == "N"
        if done and reply.get("action") in {"close", "refund"}:
            return absent("Alipay has cancelled it")
        if done or _sub_code(reply) == codec.NOT_EXIST:
            return self.not_known(request)
        return inconclusive(_why(reply))

    async def _inquire_refund(self, request: Request) -> Inquiry:
        asked = {"out_trade_no": self.original_order(request), "out_request_no": self.order(request)}
        reply, body = await self._ask(codec.REFUND_QUERY, asked)
        if reply["code"] != codec.OK:
            return inconclusive(_why(reply))
        if reply.get("refund_status") != "REFUND_SUCCESS":
            return inconclusive("Alipay knows of no such refund, or has not yet carried it out")
        return found(
            self._refund_of(request, reply, codec.minor(reply.get("refund_amount"), request.minor_digits), body)
        )

    async def _ask(self, method: str, content: Mapping[str, str]) -> tuple[dict[str, Any], bytes]:
        body = await self.http.send(self._signed(method, codec.encode(content)))
        return codec.reply(body, method, self._public), body

    def _paid(self, request: Request, reply: Mapping[str, Any], body: bytes) -> Result:
        if reply.get("out_trade_no") != self.order(request):
            raise BadFrame("a reply to another order")
        amount = codec.minor(reply.get("total_amount"), request.minor_digits)
        result = self.done(request, body, code=codec.OK, number=str(reply.get("trade_no") or ""), amount=amount)
        return replace(result, at=str(reply.get("gmt_payment") or reply.get("send_pay_date") or "").replace(" ", "T"))

    def _refunded(self, request: Request, reply: Mapping[str, Any], body: bytes) -> Result:
        """Its `refund_fee` is the sum of all refunds of the trade, so it names no amount of this one."""
        if reply.get("out_trade_no") != self.original_order(request):
            raise BadFrame("a reply to another order")
        if reply.get("fund_change") != "Y":
            return self._no(reply, body, None)
        return self._refund_of(request, reply, None, body)

    def _refund_of(self, request: Request, reply: Mapping[str, Any], amount: int | None, body: bytes) -> Result:
        number = str(reply.get("trade_no") or "")
        result = self.done(request, body, code=codec.OK, number=number, amount=amount, may_be_unnamed=True)
        return replace(result, identity=f"{number}/{self.order(request)}")

    def _no(self, reply: Mapping[str, Any], body: bytes, reason: Reason | None) -> Result:
        return self.undone(body, code=_sub_code(reply) or str(reply["code"]), text=_said(reply), reason=reason)

    def _signed(self, method: str, content: bytes) -> Call:
        fields = {
            "app_id": self._options.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self.context.now().replace("T", " "),
            "version": "1.0",
            "biz_content": content.decode(),
        }
        if self._app_auth_token:
            fields["app_auth_token"] = self._app_auth_token
        query, body = codec.envelope(fields, self._private)
        return Call(method="POST", url=f"{self._options.url}?{query}", headers=FORM, body=body)


def _sub_code(reply: Mapping[str, Any]) -> str:
    return str(reply.get("sub_code") or "")


def _said(reply: Mapping[str, Any]) -> str:
    said = reply.get("sub_msg") or reply.get("msg")
    return scrub(said) if isinstance(said, str) and reply["code"] != codec.OK else ""


def _why(reply: Mapping[str, Any]) -> str:
    return f"{_sub_code(reply) or reply['code']} {_said(reply)}".strip()


@asynccontextmanager
async def open_alipay(context: WalletContext, options: AlipayOptions) -> AsyncIterator[Alipay]:
    """Raises DeviceFault when a key cannot be read."""
    private = codec.private_key(read_secret(options.private_key_file))
    public = codec.public_key(read_secret(options.alipay_public_key_file))
    token = read_secret(options.app_auth_token_file) if options.app_auth_token_file else ""
    async with Http.opened(context.clock, connect_s=options.connect_s, read_s=options.read_s) as http:
        yield Alipay(context, http, options, (private, public), token)


def account(options: AlipayOptions) -> str:
    """`WalletInfo.account`. Of a merchant for whom a service provider acts, the token's file tells which."""
    return f"{options.url} {options.app_id} {Path(options.app_auth_token_file).name}"


WALLET = WalletInfo(
    name="alipay",
    summary="Alipay, bar code payment (alipay.trade.pay): the customer shows a code",
    options=AlipayOptions,
    open=open_alipay,
    account=account,
    simulator=AlipaySimulator,
)
