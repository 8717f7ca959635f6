"""WeChat Pay: pay, ask every 10 s while the customer types the PIN, take back until it is done, refund."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from drivers.wechat_pay import codec
from drivers.wechat_pay.options import WeChatPayOptions
from drivers.wechat_pay.simulator import WeChatPaySimulator
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
from edge_hub.sdk.wallets.options import client_tls, read_secret

REVERSE_AFTER_S = 15.0
"""After the payment; sooner WeChat Pay refuses."""
TITLE_CHARS_MAX = 40
XML = {"Content-Type": "text/xml; charset=utf-8"}


def capabilities(*, certificate: bool) -> Capabilities:
    """Of a merchant with, or without, a certificate."""
    return Capabilities(
        transactions=SALE_AND_BACK if certificate else frozenset({Transaction.SALE}),
        inquires=True,
        inquire_after_s=5.0,
        inquire_every_s=10.0,
        inquiries_max=6,
        pending_s=30.0,
        cancels=certificate,
        code=True,
        locks=False,
    )


class WeChatPay(WalletDriver):
    """The merchant's side of WeChat Pay."""

    NAME = "WeChat Pay"
    ABSENT_AFTER_S = 150.0
    """A customer's code lives for a minute: a payment that is not known by then cannot come to be any more."""
    CODE = codec.CODE
    WAITING = frozenset({codec.USER_PAYING})
    PERSONAL = ("openid", "sub_openid")

    def __init__(
        self, context: WalletContext, http: Http, options: WeChatPayOptions, key: str, can: Capabilities
    ) -> None:
        super().__init__(context, http, can, currency=options.currency, order_prefix=options.order_prefix)
        self._options = options
        self._key = key

    def body(self, request: Request) -> bytes:
        if request.transaction not in self.capabilities.transactions:
            raise illegal("WeChat Pay gives nothing back without the merchant's certificate")
        options = self._options
        if request.transaction is Transaction.SALE:
            more = {
                "body": self.title(request, TITLE_CHARS_MAX),
                "out_trade_no": self.order(request),
                "total_fee": str(self._fee(request, request.amount)),
                "fee_type": options.currency,
                "spbill_create_ip": options.terminal_ip,
                "auth_code": request.code,
                "device_info": request.till[:32],
            }
        else:
            if not request.original_amount:
                raise illegal("WeChat Pay must be told the amount of the payment")
            more = {
                "out_trade_no": self.original_order(request),
                "out_refund_no": self.order(request),
                "total_fee": str(self._fee(request, request.original_amount)),
                "refund_fee": str(self._fee(request, request.amount)),
                "refund_fee_type": options.currency,
            }
        return codec.encode({**self._merchant(), **more})

    def call(self, request: Request, data: bytes) -> Call:
        path = codec.PAY if request.transaction is Transaction.SALE else codec.REFUND
        return self._signed(path, codec.decode(data))

    def verdict(self, request: Request, body: bytes) -> Result:
        reply = self._reply(body)
        if _code(reply) == codec.SUCCESS:
            sale = request.transaction is Transaction.SALE
            return self._paid(request, reply, body) if sale else self._refunded(request, reply, "refund_id", body)
        declined = codec.DECLINED if request.transaction is Transaction.SALE else codec.REFUND_DECLINED
        reason = declined.get(_code(reply)) if reply["return_code"] == codec.SUCCESS else None
        return self._no(reply, body, reason)

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        del data
        if request.transaction is not Transaction.SALE:
            return await self._inquire_refund(request)
        body = await self.http.send(self._signed(codec.QUERY, {"out_trade_no": self.order(request)}))
        reply = self._reply(body)
        state = reply.get("trade_state", "") if _code(reply) == codec.SUCCESS else _code(reply)
        match state:
            case codec.SUCCESS:
                inquiry = found(self._paid(request, reply, body))
            case "USERPAYING" | "ACCEPT":
                inquiry = pending("the customer is asked")
            case "REVOKED" | "CLOSED":
                inquiry = absent("WeChat Pay has closed it")
            case "PAYERROR":
                inquiry = found(self._no(reply, body, Reason.DECLINED))
            case codec.ABSENT:
                inquiry = self.not_known(request)
            case _:
                # NOTPAY says not that it will not be; REFUND not how much of it was given back
                inquiry = inconclusive(f"{state} {_text(reply)}")
        return inquiry

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        del data
        if request.transaction is not Transaction.SALE:
            return inconclusive(REFUND_STAYS)
        await self.calls.until_s(request.reference, REVERSE_AFTER_S)
        body = await self.http.send(self._signed(codec.REVERSE, {"out_trade_no": self.order(request)}))
        reply = self._reply(body)
        if _code(reply) == codec.SUCCESS and reply.get("recall") != "Y":
            return absent("WeChat Pay has taken it back")
        if _code(reply) == codec.ABSENT:
            return self.not_known(request)
        if _code(reply) == codec.USER_PAYING:
            return pending("the customer is asked")
        return inconclusive(f"{_code(reply)} {_text(reply)}")

    async def _inquire_refund(self, request: Request) -> Inquiry:
        body = await self.http.send(self._signed(codec.REFUND_QUERY, {"out_refund_no": self.order(request)}))
        reply = self._reply(body)
        if _code(reply) != codec.SUCCESS:
            return inconclusive(f"{_code(reply)} {_text(reply)}")
        status = reply.get("refund_status_0", "")
        if status in {codec.SUCCESS, "PROCESSING"}:
            return found(self._refunded(request, reply, "refund_id_0", body))
        if status == "REFUNDCLOSE":
            return found(self._no(reply, body, Reason.DECLINED))
        return inconclusive(f"the refund's status is {status!r}: see WeChat Pay's pages for merchants")

    def _paid(self, request: Request, reply: Mapping[str, str], body: bytes) -> Result:
        if reply.get("out_trade_no") != self.order(request):
            raise BadFrame("a reply to another order")
        number, amount = reply.get("transaction_id", ""), self._amount(request, reply.get("total_fee", ""))
        result = self.done(request, body, code=codec.SUCCESS, number=number, amount=amount)
        return replace(result, at=codec.at_of(reply.get("time_end", "")))

    def _refunded(self, request: Request, reply: Mapping[str, str], name: str, body: bytes) -> Result:
        """Accepted: the customer's bank may take days, WeChat Pay owes it from now on."""
        suffix = name.removeprefix("refund_id")
        if reply.get(f"out_refund_no{suffix}") != self.order(request):
            raise BadFrame("a reply to another refund")
        number, amount = reply.get(name, ""), self._amount(request, reply.get(f"refund_fee{suffix}", ""))
        return self.done(request, body, code=codec.SUCCESS, number=number, amount=amount)

    def _no(self, reply: Mapping[str, str], body: bytes, reason: Reason | None) -> Result:
        return self.undone(body, code=_code(reply), text=_text(reply), reason=reason)

    def _fee(self, request: Request, amount: int) -> int:
        """Minor units as WeChat Pay counts them."""
        fee, rest = divmod(amount * 10**self._options.fee_digits, 10**request.minor_digits)
        if rest:
            raise illegal(f"{request.currency} has {self._options.fee_digits} decimals at WeChat Pay")
        return int(fee)

    def _amount(self, request: Request, fee: str) -> int | None:
        if not (fee.isascii() and fee.isdigit() and len(fee) <= 12):  # noqa: PLR2004  # more digits than any payment
            return None
        amount, rest = divmod(int(fee) * 10**request.minor_digits, 10**self._options.fee_digits)
        return None if rest else int(amount)

    def _merchant(self) -> dict[str, str]:
        options = self._options
        return {
            "appid": options.app_id,
            "mch_id": options.merchant_id,
            "sub_appid": options.sub_app_id,
            "sub_mch_id": options.sub_merchant_id,
        }

    def _signed(self, path: str, fields: Mapping[str, str]) -> Call:
        nonce = uuid.uuid4().hex
        body = codec.signed({**self._merchant(), **fields}, self._key, self._options.sign_type, nonce)
        return Call(method="POST", url=self._options.url + path, headers=XML, body=body)

    def _reply(self, body: bytes) -> dict[str, str]:
        reply = codec.reply(body, self._key, self._options.sign_type)
        if reply["return_code"] == codec.SUCCESS and reply.get("mch_id") != self._options.merchant_id:
            raise BadFrame("a reply to another merchant")
        return reply


def _code(reply: Mapping[str, str]) -> str:
    """SUCCESS, or what went wrong."""
    if reply["return_code"] != codec.SUCCESS:
        return reply["return_code"]
    return codec.SUCCESS if reply.get("result_code") == codec.SUCCESS else reply.get("err_code", "")


def _text(reply: Mapping[str, str]) -> str:
    said = reply.get("err_code_des") or reply.get("trade_state_desc") or reply.get("return_msg", "")
    return scrub("" if said == "OK" else said)


@asynccontextmanager
async def open_wechat_pay(context: WalletContext, options: WeChatPayOptions) -> AsyncIterator[WeChatPay]:
    """Raises DeviceFault when the key or the certificate cannot be read."""
    key = read_secret(options.api_key_file)
    certificate = bool(options.certificate_file)
    tls = client_tls(options.certificate_file, options.certificate_key_file) if certificate else None
    async with Http.opened(context.clock, connect_s=options.connect_s, read_s=options.read_s, tls=tls) as http:
        yield WeChatPay(context, http, options, key, capabilities(certificate=certificate))


def account(options: WeChatPayOptions) -> str:
    """`WalletInfo.account`."""
    return f"{options.url} {options.merchant_id} {options.sub_merchant_id}"


WALLET = WalletInfo(
    name="wechat_pay",
    summary="WeChat Pay, quick pay (API v2): the customer shows a code",
    options=WeChatPayOptions,
    open=open_wechat_pay,
    account=account,
    simulator=WeChatPaySimulator,
)
