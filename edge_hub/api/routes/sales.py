"""Completed sales and their receipts."""

from typing import Any

from aiohttp import web

from edge_hub.api import codec
from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.routes.refusals import GOODS, LINE, PAYING, TILL
from edge_hub.api.schemas.devices import JobDoc, job
from edge_hub.api.schemas.sales import (
    PrintReceiptBody,
    ReceiptQuery,
    SaleDoc,
    SalesDoc,
    SalesQuery,
    SaleSummaryDoc,
    SellBody,
    row,
    sale,
    summary,
)
from edge_hub.devices.hub import UnknownDevice
from edge_hub.domain.completion import BasketEmpty
from edge_hub.domain.ids import DeviceId, ProductId, SaleId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.receipt import Receipt
from edge_hub.domain.ringing import BasketBeingPaid
from edge_hub.domain.staff import Permission
from edge_hub.sdk import layout
from edge_hub.services import pdf
from edge_hub.services.checkout.commands import SellLine
from edge_hub.services.checkout.records import SaleNotFound
from edge_hub.services.checkout.service import PrinterNeeded, SellRequest
from edge_hub.services.pdf import PdfFailed
from edge_hub.services.printing.job import QueueFull
from edge_hub.services.printing.service import DeviceCannot

ROUTES = Routes("Sales")
TEXT = "text/plain"
PNG = "image/png"
PDF = "application/pdf"
TEXT_COLUMNS = 42


def request_of(body: SellBody, currency: str) -> SellRequest:
    """What a body asks to sell."""
    lines = tuple(
        SellLine(
            barcode=line.barcode or "",
            product=None if line.product_id is None else ProductId(line.product_id),
            quantity_milli=line.quantity_milli,
            unit_price=None if line.unit_price is None else Money(line.unit_price, currency),
            discount=None if line.discount is None else line.discount.value(currency, line.reason),
            reason=line.reason,
        )
        for line in body.lines
    )
    return SellRequest(
        till=None if body.till is None else TillId(body.till),
        lines=lines,
        discount=None if body.discount is None else body.discount.value(currency),
        tenders=tuple(tender.value(currency) for tender in body.tenders),
        claimed_at_ms=body.sold_at_ms,
        print_receipt=body.print,
    )


@ROUTES.on(
    "POST", "/v1/sales", request=SellBody, response=SaleSummaryDoc, status=201, auth="staff",
    permission=Permission.SELL, idempotent=True,
    errors=(*GOODS, *LINE, *PAYING, *TILL, BasketBeingPaid, BasketEmpty),
)  # fmt: skip
async def sell(call: Call[SellBody, None]) -> SaleSummaryDoc:
    """Sell in one request: rung up, paid, numbered and journaled, or refused and nothing changed.

    Amounts in `tenders` must cover the total; cash gives change. Answered only once it is safe on disk.
    """
    asked = request_of(call.body, call.services.settings.currency)
    return summary(await call.services.checkout.sell(call.who, asked, key=call.key, fingerprint=call.fingerprint))


@ROUTES.on("GET", "/v1/sales", query=SalesQuery, response=SalesDoc)
async def list_sales(call: Call[None, SalesQuery]) -> SalesDoc:
    """Sales in order of the journal, in pages."""
    asked = call.query
    page = await call.services.checkout.sales(
        None if asked.till is None else TillId(asked.till), asked.after, asked.limit, asked.from_ms, asked.until_ms
    )
    return {"sales": [row(one) for one in page.sales], "next_after": page.next_after}


@ROUTES.on("GET", "/v1/sales/{sale_id}", response=SaleDoc, errors=(SaleNotFound,))
async def get_sale(call: Call[None, None]) -> SaleDoc:
    """One sale with every line, tax and tender."""
    return sale(await call.services.checkout.sale(SaleId(call.path["sale_id"])))


@ROUTES.on(
    "GET",
    "/v1/sales/{sale_id}/receipt",
    query=ReceiptQuery,
    response=Receipt,
    media=(codec.JSON, TEXT, PNG, PDF),
    errors=(SaleNotFound, PdfFailed),
)
async def get_receipt(call: Call[None, ReceiptQuery]) -> Any:
    """The receipt: as a picture, as PDF, as text, or as words and amounts to lay out yourself."""
    sale_id, locale = SaleId(call.path["sale_id"]), call.query.locale
    checkout = call.services.checkout
    if call.media == codec.JSON:
        return await checkout.receipt(sale_id, locale)
    document = await checkout.receipt_document(sale_id, locale)
    if call.media == TEXT:
        return web.Response(text=layout.plain(document, columns=TEXT_COLUMNS))
    if call.media == PDF:
        return web.Response(body=await pdf.draw(document), content_type=PDF)
    return web.Response(body=await call.services.journal.reader.run(lambda _: _drawn(document)), content_type=PNG)


@ROUTES.on(
    "POST", "/v1/sales/{sale_id}/receipt/print", request=PrintReceiptBody, response=JobDoc, status=202, auth="staff",
    permission=Permission.REPRINT, idempotent=True,
    errors=(SaleNotFound, PrinterNeeded, UnknownDevice, DeviceCannot, QueueFull),
)  # fmt: skip
async def print_receipt(call: Call[PrintReceiptBody, None]) -> JobDoc:
    """Print the receipt again: a marked copy, journaled."""
    device = None if call.body.device is None else DeviceId(call.body.device)
    printed = await call.services.checkout.reprint(
        call.who, SaleId(call.path["sale_id"]), device, key=call.key, fingerprint=call.fingerprint
    )
    return job(printed, call.locale)


def _drawn(document: Any) -> bytes:
    from edge_hub.sdk import raster  # noqa: PLC0415  # Pillow is heavy: imported when a picture is asked for

    return raster.png(raster.draw(document))
