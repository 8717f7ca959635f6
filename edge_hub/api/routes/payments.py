"""Payments by card terminal, wallet, or a terminal of its own: begun here, followed on /v1/events."""

from typing import Any

from aiohttp import web

from edge_hub.api.endpoint import Call, Reply, Routes
from edge_hub.api.routes.refusals import BASKET, PAYING, STARTING, TILL
from edge_hub.api.schemas import payments as schemas
from edge_hub.api.schemas.baskets import basket
from edge_hub.api.schemas.payments import (
    AmountBody,
    OffersDoc,
    PaymentDoc,
    PaymentsDoc,
    PaymentsQuery,
    PaymentStartedDoc,
    PhotoDoc,
    RefundBody,
    ResolvePaymentBody,
    ReviewPaymentBody,
    StartPaymentBody,
    TendersQuery,
)
from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.ids import BasketId, PaymentId, SaleId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentMethod, PaymentNotMovable
from edge_hub.domain.staff import Permission
from edge_hub.services.checkout.records import SaleNotFound
from edge_hub.services.payments.desk import DeskClosed
from edge_hub.services.payments.evidence import PHOTO_BYTES_MAX, PHOTO_TYPES, PhotoInvalid, PhotoNotFound, PhotoNotKept
from edge_hub.services.payments.model import (
    EvidenceNeeded,
    NothingToReview,
    PaymentNotFound,
    PaymentNotReversible,
    PaymentView,
    RefundTooLarge,
    SlipUsed,
    TipNotPossible,
)
from edge_hub.services.printing.service import DeviceCannot

ROUTES = Routes("Payments")


def _id(call: Call[Any, Any]) -> PaymentId:
    return PaymentId(call.path["payment_id"])


def _doc(call: Call[Any, Any], view: PaymentView) -> PaymentDoc:
    return schemas.payment(view, call.services.payments, call.locale)


@ROUTES.on("GET", "/v1/tenders", query=TendersQuery, response=OffersDoc, errors=TILL)
async def list_tenders(call: Call[None, TendersQuery]) -> OffersDoc:
    """What a till can be paid by, and what is ready just now."""
    till = call.who.till if call.query.till is None else TillId(call.query.till)
    return {
        "tenders": [
            schemas.CASH_OFFER,
            *(schemas.offer(one, call.locale) for one in call.services.payments.offers(till)),
        ]
    }


@ROUTES.on(
    "POST", "/v1/baskets/{basket_id}/payments", request=StartPaymentBody, response=PaymentStartedDoc, status=202,
    auth="staff", permission=Permission.SELL, idempotent=True, if_match=True, etag=True, undigested="code",
    errors=(*BASKET, *PAYING, *STARTING),
)  # fmt: skip
async def start_payment(call: Call[StartPaymentBody, None]) -> Reply:
    """Ask a terminal or wallet for part or all of what is due.

    Answers as soon as the attempt is on record; its outcome comes as `payment` on /v1/events. An approval adds the
    tender, and completes the sale once it is paid, by itself.
    """
    body, services = call.body, call.services
    currency, basket_id = services.settings.currency, BasketId(call.path["basket_id"])
    view = await services.payments.start(
        call.who,
        basket_id,
        call.version,
        provider=body.provider,
        method=PaymentMethod(body.method),
        amount=Money(body.amount, currency),
        tip=None if body.tip is None else Money(body.tip, currency),
        code=body.code,
        print_receipt=body.print,
        key=call.key,
        fingerprint=call.fingerprint,
    )
    now = services.checkout.get(basket_id)
    return Reply(
        {"payment": _doc(call, view), "basket": basket(now)}, headers={"ETag": f'"{now.basket.version}"'}, status=202
    )


@ROUTES.on("GET", "/v1/payments", query=PaymentsQuery, response=PaymentsDoc)
async def list_payments(call: Call[None, PaymentsQuery]) -> PaymentsDoc:
    """Payments, newest first; or those that a manager has to look into."""
    asked, payments = call.query, call.services.payments
    if asked.list == "unresolved":
        return {"payments": [_doc(call, view) for view in await payments.unresolved()], "next_after": None}
    page = await payments.listed(
        basket=None if asked.basket is None else BasketId(asked.basket),
        sale=None if asked.sale is None else SaleId(asked.sale),
        provider=asked.provider,
        limit=asked.limit,
        after=asked.after or "",
    )
    return {"payments": [_doc(call, view) for view in page.payments], "next_after": page.next_after}


@ROUTES.on("GET", "/v1/payments/{payment_id}", response=PaymentDoc, errors=(PaymentNotFound,))
async def get_payment(call: Call[None, None]) -> PaymentDoc:
    """One payment."""
    return _doc(call, call.services.payments.get(_id(call)))


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/stop", response=PaymentDoc, auth="staff", permission=Permission.SELL,
    errors=(PaymentNotFound,),
)  # fmt: skip
async def stop_payment(call: Call[None, None]) -> PaymentDoc:
    """Ask the terminal to give up waiting for the customer, where it can be asked.

    The outcome is what the terminal says afterwards: it may be too late. Asking twice does no harm.
    """
    return _doc(call, await call.services.payments.stop(call.who, _id(call)))


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/ask", response=PaymentDoc, auth="staff", permission=Permission.SELL,
    errors=(PaymentNotFound, PaymentNotMovable, DeviceAway, DeviceCannot, DeskClosed),
)  # fmt: skip
async def ask_payment(call: Call[None, None]) -> PaymentDoc:
    """Ask the terminal or wallet now what became of a payment in doubt. Moves no money; asking twice does no harm."""
    return _doc(call, await call.services.payments.ask(call.who, _id(call)))


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/resolve", request=ResolvePaymentBody, response=PaymentDoc, auth="staff",
    permission=Permission.SELL, idempotent=True,
    errors=(PaymentNotFound, PaymentNotMovable, EvidenceNeeded, SlipUsed, PhotoNotFound, DeskClosed),
)  # fmt: skip
async def resolve_payment(call: Call[ResolvePaymentBody, None]) -> PaymentDoc:
    """Say what became of a payment in doubt, with evidence.

    Takes the permission `resolve_payment`, but for a terminal of its own, whose cashier confirms with the slip.
    """
    body = call.body
    view = await call.services.payments.resolve(
        call.who,
        _id(call),
        approved=body.outcome == "approved",
        slip=body.slip,
        note=body.note,
        photo_sha256=body.photo_sha256,
        key=call.key,
        fingerprint=call.fingerprint,
    )
    return _doc(call, view)


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/review", request=ReviewPaymentBody, response=PaymentDoc, auth="staff",
    permission=Permission.RESOLVE_PAYMENT, idempotent=True, errors=(PaymentNotFound, NothingToReview, EvidenceNeeded),
)  # fmt: skip
async def review_payment(call: Call[ReviewPaymentBody, None]) -> PaymentDoc:
    """Take a settled payment off the manager's list, saying what was found."""
    view = await call.services.payments.review(
        call.who, _id(call), note=call.body.note, key=call.key, fingerprint=call.fingerprint
    )
    return _doc(call, view)


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/void", response=PaymentDoc, status=202, auth="staff",
    permission=Permission.REFUND, idempotent=True,
    errors=(PaymentNotFound, PaymentNotMovable, PaymentNotReversible, *STARTING),
)  # fmt: skip
async def void_payment(call: Call[None, None]) -> PaymentDoc:
    """Undo a payment whole, before its batch is settled: an attempt of its own.

    While the sale is not complete, an approved void also takes the tender out of the basket.
    """
    return _doc(
        call, await call.services.payments.void(call.who, _id(call), key=call.key, fingerprint=call.fingerprint)
    )


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/refunds", request=AmountBody, response=PaymentDoc, status=202,
    auth="staff", permission=Permission.REFUND, idempotent=True,
    errors=(PaymentNotFound, PaymentNotReversible, RefundTooLarge, *STARTING),
)  # fmt: skip
async def refund_payment(call: Call[AmountBody, None]) -> PaymentDoc:
    """Give all or part of a payment back, also of one that paid no sale: an attempt of its own.

    A tender of a basket that is not sold yet is voided instead.
    """
    amount = Money(call.body.amount, call.services.settings.currency)
    view = await call.services.payments.refund(
        call.who, None, payment=_id(call), amount=amount, key=call.key, fingerprint=call.fingerprint
    )
    return _doc(call, view)


@ROUTES.on(
    "POST", "/v1/sales/{sale_id}/refunds", request=RefundBody, response=PaymentDoc, status=202, auth="staff",
    permission=Permission.REFUND, idempotent=True,
    errors=(SaleNotFound, PaymentNotFound, PaymentNotReversible, RefundTooLarge, *STARTING),
)  # fmt: skip
async def refund_sale(call: Call[RefundBody, None]) -> PaymentDoc:
    """Give money back by the terminal or wallet that took it: an attempt of its own, linked to the sale."""
    view = await call.services.payments.refund(
        call.who,
        SaleId(call.path["sale_id"]),
        payment=PaymentId(call.body.payment_id),
        amount=Money(call.body.amount, call.services.settings.currency),
        key=call.key,
        fingerprint=call.fingerprint,
    )
    return _doc(call, view)


@ROUTES.on(
    "POST", "/v1/payments/{payment_id}/tip", request=AmountBody, response=PaymentDoc, status=202, auth="staff",
    permission=Permission.SELL, idempotent=True,
    errors=(PaymentNotFound, PaymentNotReversible, TipNotPossible, *STARTING),
)  # fmt: skip
async def add_tip(call: Call[AmountBody, None]) -> PaymentDoc:
    """Add the tip that the customer wrote on the slip to a payment of a sale.

    Once, and before its batch is settled. It is an attempt of its own; the sale stays as it is.
    """
    amount = Money(call.body.amount, call.services.settings.currency)
    view = await call.services.payments.tip(
        call.who, _id(call), amount=amount, key=call.key, fingerprint=call.fingerprint
    )
    return _doc(call, view)


@ROUTES.on(
    "POST", "/v1/payment-photos", response=PhotoDoc, status=201, auth="staff", permission=Permission.SELL,
    upload_bytes_max=PHOTO_BYTES_MAX, errors=(PhotoInvalid, PhotoNotKept),
)  # fmt: skip
async def keep_photo(call: Call[bytes, None]) -> PhotoDoc:
    """Keep a photo of a slip (JPEG or PNG) as evidence; the same photo twice is one."""
    return {"sha256": await call.services.payments.keep_photo(call.who, call.body)}


@ROUTES.on(
    "GET", "/v1/payment-photos/{photo}", media=PHOTO_TYPES, auth="staff", permission=Permission.RESOLVE_PAYMENT,
    errors=(PhotoNotFound,),
)  # fmt: skip
async def get_photo(call: Call[None, None]) -> web.Response:
    """A photo kept as evidence."""
    data, kind = await call.services.payments.photo(call.who, call.path["photo"])
    return web.Response(body=data, content_type=kind)
