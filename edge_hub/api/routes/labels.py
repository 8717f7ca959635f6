"""Shelf and price labels."""

import asyncio

from aiohttp import web

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.devices import JobDoc, job
from edge_hub.api.schemas.labels import LabelBody, LabelQuery
from edge_hub.devices.hub import UnknownDevice
from edge_hub.domain.ids import DeviceId
from edge_hub.domain.staff import Permission
from edge_hub.sdk.label import Label
from edge_hub.services.catalogue.lookup import ProductNotFound
from edge_hub.services.labels.template import TemplateUnknown
from edge_hub.services.printing.job import QueueFull
from edge_hub.services.printing.pack import DocumentTooLarge
from edge_hub.services.printing.service import DeviceCannot

ROUTES = Routes("Labels")
PNG = "image/png"
MARGIN_DOTS = 8


@ROUTES.on(
    "POST", "/v1/products/{product_id}/label", request=LabelBody, response=JobDoc, status=202, auth="staff",
    permission=Permission.SELL, idempotent=True,
    errors=(ProductNotFound, TemplateUnknown, UnknownDevice, DeviceCannot, QueueFull, DocumentTooLarge),
)  # fmt: skip
async def print_label(call: Call[LabelBody, None]) -> JobDoc:
    """Print labels of a product, at the price in effect now."""
    body = call.body
    queued = await call.services.labels.print(
        call.who,
        call.path["product_id"],
        device=DeviceId(body.device),
        copies=body.copies,
        template_name=body.template,
        key=call.key,
        fingerprint=call.fingerprint,
    )
    return job(queued, call.locale)


@ROUTES.on(
    "GET", "/v1/labels/preview", query=LabelQuery, media=(PNG,), errors=(ProductNotFound, TemplateUnknown),
)  # fmt: skip
async def preview_label(call: Call[None, LabelQuery]) -> web.Response:
    """A product's label as it would be printed now, at 203 dpi."""
    label = call.services.labels.label(call.query.product_id, call.query.template)
    return web.Response(body=await asyncio.to_thread(_drawn, label), content_type=PNG)


def _drawn(label: Label) -> bytes:
    from edge_hub.sdk import raster  # noqa: PLC0415  # Pillow is heavy: imported when a picture is asked for
    from edge_hub.sdk.labels.canvas import draw  # noqa: PLC0415  # as above

    return raster.png(draw(label), margin=MARGIN_DOTS)
