"""The hub itself."""

import ssl
from typing import Any

from aiohttp import web

from edge_hub.api import codec, problem
from edge_hub.api.endpoint import Call, Reply, Routes
from edge_hub.api.schemas.hub import HealthDoc, HubDoc, ProblemTypeDoc
from edge_hub.domain.money import minor_digits
from edge_hub.domain.tender import CASH
from edge_hub.errors import NotFound
from edge_hub.words import LOCALES, words

ROUTES = Routes("Hub")
HTML = "text/html"
PEM = "application/x-pem-file"
DER = "application/x-x509-ca-cert"
JOURNAL_TAKES_SALES = frozenset({"ok", "verifying"})


@ROUTES.on("GET", "/v1/hub", response=HubDoc, auth="none")
async def get_hub(call: Call[None, None]) -> HubDoc:
    """Who this hub is, its store and its tills."""
    services, settings = call.services, call.services.settings
    head, health = services.journal.head, services.journal.health
    return {
        "id": services.info.id,
        "version": services.info.version,
        "store": {
            "id": settings.id,
            "name": settings.card.name,
            "currency": settings.currency,
            "minor_digits": minor_digits(settings.currency),
            "locale": settings.card.locale,
            "timezone": settings.card.timezone,
            "prices_include_tax": settings.taxes.prices_include_tax,
            "cash_rounding": settings.cash_rounding,
        },
        "tills": [
            {"id": till.id, "name": till.name, "scale": till.scale or None, "drawer": till.drawer or None}
            for till in settings.tills
        ],
        "locales": list(LOCALES),
        "tenders": [CASH],
        "routes": [{"id": route.id, "name": route.name} for route in settings.routes],
        "email": services.mails.on,
        "pairing_open": services.access.pairing_open,
        "demo": services.info.demo,
        "certificate_fingerprint": services.info.certificate_fingerprint,
        "time_ms": services.clock.now_ms(),
        "epoch": head.epoch,
        "seq": head.seq,
        "journal": {"state": health.state, "detail": words(call.locale).said(health.detail)},
    }


class NoHttps(NotFound):
    """HTTPS is switched off (`network.tls_port = 0`)."""

    code = "no-https"
    title = "This hub does not use HTTPS."


@ROUTES.on("GET", "/v1/certificate", media=(DER, PEM), auth="none", errors=(NoHttps,))
async def get_certificate(call: Call[None, None]) -> web.Response:
    """The shop's own certificate authority, for a tablet to trust.

    Compare its fingerprint with the one at the hub's console before you do.
    """
    pem = call.services.info.ca_pem
    if not pem:
        raise NoHttps
    body = pem.encode("ascii") if call.media == PEM else ssl.PEM_cert_to_DER_cert(pem)
    ending = "pem" if call.media == PEM else "crt"
    name = f'attachment; filename="edge-hub-{call.services.settings.id}.{ending}"'
    return web.Response(body=body, content_type=call.media, headers={"Content-Disposition": name})


@ROUTES.on("GET", "/healthz", response=HealthDoc, auth="none")
async def healthz(call: Call[None, None]) -> HealthDoc | Reply:
    """Whether the hub can take sales.

    200 when it can; 503, with what is wrong, when it cannot. A device in trouble is no reason: sales go on without it.
    """
    health = call.services.journal.health
    if health.state in JOURNAL_TAKES_SALES:
        return {"status": "ok", "problems": []}
    said: HealthDoc = {"status": "failing", "problems": [f"journal {health.state}: {health.detail}".rstrip(": ")]}
    return Reply(said, status=web.HTTPServiceUnavailable.status_code, headers={"Retry-After": "5"})


@ROUTES.on("GET", "/problems/{code}", response=ProblemTypeDoc, auth="none", media=(codec.JSON, HTML))
async def get_problem_type(call: Call[None, None]) -> Any:
    """What a problem type means.

    `type` of every problem leads here.
    """
    known = problem.problem_types().get(call.path["code"])
    if known is None:
        raise problem.NoSuchPath
    title, _ = words(call.locale).problem(known())
    status = problem.status_of(known)
    description = (known.__doc__ or "").strip()
    if call.media == HTML:
        return web.Response(text=_page(known.code, title, status, description, call.locale), content_type=HTML)
    return {
        "type": f"/problems/{known.code}",
        "code": known.code,
        "title": title,
        "status": status,
        "description": description,
    }


def _page(code: str, title: str, status: int, description: str, locale: str) -> str:
    return (
        f'<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{code}</title>'
        f"<h1>{_escape(title)}</h1><p>{_escape(description)}</p><p>HTTP {status} · <code>{code}</code></p>"
    )


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
