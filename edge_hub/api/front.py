"""What surrounds every request: its id, the gate, the answer to anything that goes wrong, and the count of it."""

import logging
import os
import re
import time
from collections.abc import Callable
from itertools import count

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from edge_hub.api import problem
from edge_hub.api.gate import Gate
from edge_hub.api.metrics import Metrics
from edge_hub.errors import EdgeHubError

log = logging.getLogger("edge_hub.api")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
CORS_MAX_AGE_S = 600
CORS_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, Accept-Language, X-Request-Id"
CORS_EXPOSED = "ETag, Retry-After, X-Request-Id"
BASE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Server": "edge-hub",
}


def front(gate: Gate, metrics: Metrics, locale: str, answered: Callable[[], None]) -> Middleware:
    """The one middleware: composed once, so that a request pays for one call. `answered` is told of each answer."""
    boot, numbers = os.urandom(4).hex(), count(1)

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        given = request.headers.get("X-Request-Id")
        request_id = given if given is not None and _REQUEST_ID.match(given) else f"{boot}-{next(numbers)}"
        answer: web.StreamResponse
        try:
            gate.admit(request)
            answer = _preflight(gate, request) or await handler(request)
        except EdgeHubError as error:
            if problem.status_of(type(error)) >= web.HTTPInternalServerError.status_code:
                log.warning("%s %s: %s: %s", request.method, request.path, error.code, error, extra=_extra(request_id))
            answer = problem.response(error, request, request_id=request_id, locale=locale)
        except web.HTTPException as error:
            translated = problem.from_http(error)
            if translated is None:
                raise
            answer = problem.response(translated, request, request_id=request_id, locale=locale)
        except ConnectionError:
            raise  # the caller left; aiohttp closes what is left of it
        except (
            Exception
        ):  # the one place: whatever is wrong in the hub, the caller gets an answer and the log the reason
            log.exception("%s %s failed", request.method, request.path, extra=_extra(request_id))
            answer = problem.response(problem.Internal(), request, request_id=request_id, locale=locale)
        if not answer.prepared:
            _headers(answer, request, gate, request_id)
            answered()
        metrics.observe(_name(request), answer.status, time.perf_counter() - started)
        return answer

    return handle


def _name(request: web.Request) -> str:
    """The endpoint's name: few of them, whatever paths are asked for."""
    return request.match_info.handler.__name__ if request.match_info.http_exception is None else "none"


def _extra(request_id: str) -> dict[str, str]:
    return {"request_id": request_id}


def _headers(answer: web.StreamResponse, request: web.Request, gate: Gate, request_id: str) -> None:
    headers = answer.headers
    headers["X-Request-Id"] = request_id
    for name, value in BASE_HEADERS.items():
        if name not in headers:
            headers[name] = value
    if gate.origins and (origin := request.headers.get("Origin", "").lower()) in gate.origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = CORS_EXPOSED
        headers["Vary"] = "Origin"


def _preflight(gate: Gate, request: web.Request) -> web.Response | None:
    """A page of a configured other origin may ask before it asks; everybody else gets 405 for OPTIONS."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if request.headers.get("Origin", "").lower() not in gate.origins:
        return None
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
            "Access-Control-Allow-Headers": CORS_HEADERS,
            "Access-Control-Max-Age": str(CORS_MAX_AGE_S),
        },
    )
