"""Every refusal as one shape: RFC 9457 problem details, in the caller's language.

The class of an error decides its HTTP status, its `code` the problem type `/problems/<code>`.
"""

import math
from collections.abc import Iterator
from typing import Any, ClassVar

from aiohttp import web
from pydantic_core import to_json

from edge_hub.errors import (
    Conflict,
    Damaged,
    EdgeHubError,
    Forbidden,
    Invalid,
    Limited,
    NotFound,
    OutcomeUnknown,
    Refused,
    Unauthenticated,
    Unavailable,
)
from edge_hub.words import best_locale, words

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = 2
"""Suggested where an error does not say when to ask again."""
RESERVED = frozenset({"type", "title", "status", "detail", "instance", "faults"})
"""Members of a problem that an error's parameters may not replace."""


class ApiError(Refused):
    """Base of what HTTP itself can refuse; `status` is its own."""

    status: ClassVar[int] = 400


class BadHttp(ApiError):
    """A header or the request line does not make sense."""

    code = "bad-http"
    title = "The HTTP request is not well-formed."


class KeyNeeded(ApiError):
    """A command came without a usable Idempotency-Key."""

    code = "idempotency-key-needed"
    title = "This request needs an Idempotency-Key header of 1 to 64 visible ASCII characters."


class VersionNeeded(ApiError):
    """A change of something versioned came without If-Match."""

    code = "if-match-needed"
    title = "This request needs an If-Match header with the version it was decided on."
    status = 428


class NoSuchPath(NotFound):
    """Nothing is served at this path."""

    code = "no-such-path"
    title = "There is nothing at this address."


class MethodRefused(ApiError):
    """The path is served, with other methods."""

    code = "method-not-allowed"
    title = "This address does not take this method."
    status = 405


class NotAcceptable(ApiError):
    """None of the media types in Accept can be answered."""

    code = "not-acceptable"
    title = "The hub cannot answer in any of the formats asked for."
    status = 406


class TooLarge(ApiError):
    """The body is over the limit."""

    code = "body-too-large"
    title = "The request is too large."
    status = 413


class UnsupportedMedia(ApiError):
    """The body's media type or encoding is not one the endpoint reads."""

    code = "unsupported-media-type"
    title = "The hub does not read this format."
    status = 415


class BodyTimeout(ApiError):
    """The body did not arrive in time."""

    code = "body-timeout"
    title = "The request took too long to arrive."
    status = 408


class Misdirected(ApiError):
    """The Host header names no address of this hub (DNS rebinding, or a missing `hostnames` entry)."""

    code = "misdirected"
    title = "This hub does not answer to that name."
    status = 421


class OriginRefused(Forbidden):
    """The page that asks comes from elsewhere."""

    code = "origin-refused"
    title = "Pages of this origin may not use the hub."


class HttpRefused(ApiError):
    """Any other refusal of the HTTP layer; `status` travels in the instance."""

    code = "http"
    title = "The HTTP request was refused."


class Internal(EdgeHubError):
    """A fault in the hub; the log has it under the request's id."""

    code = "internal"
    title = "Something went wrong in the hub."


_BY_CODE = {
    "invalid-request": 400,
    "basket-version": 412,
}
_BY_CLASS: tuple[tuple[type[EdgeHubError], int], ...] = (
    (Invalid, 422),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Limited, 429),
    (Refused, 422),
    (Unavailable, 503),
    (OutcomeUnknown, 504),
    (Damaged, 500),
)


def status_of(cls: type[EdgeHubError]) -> int:
    """The HTTP status that this class of error answers with."""
    if issubclass(cls, ApiError):
        return cls.status
    if cls.code in _BY_CODE:
        return _BY_CODE[cls.code]
    return next((status for base, status in _BY_CLASS if issubclass(cls, base)), 500)


def problem_types() -> dict[str, type[EdgeHubError]]:
    """Every problem code there is, and the error class that introduced it. Complete once all modules are imported."""
    found: dict[str, type[EdgeHubError]] = {}
    for cls in _tree(EdgeHubError):
        if "code" in cls.__dict__:
            found.setdefault(cls.code, cls)
    return dict(sorted(found.items()))


def _tree(cls: type[EdgeHubError]) -> Iterator[type[EdgeHubError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _tree(child)


def locale_of(request: web.BaseRequest, default: str) -> str:
    """The language to answer in."""
    header = request.headers.get("Accept-Language")
    return best_locale(header, default) if header else default


def document(error: EdgeHubError, *, status: int, locale: str, instance: str) -> dict[str, Any]:
    """The problem details of an error (RFC 9457, 3.1), with its parameters as extension members."""
    said = words(locale)
    title, detail = said.problem(error)
    found: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    if error.faults:
        found["faults"] = [
            {"pointer": fault.pointer, "code": fault.code, "message": said.fault(fault)} for fault in error.faults
        ]
    found.update((name, value) for name, value in error.params.items() if name not in RESERVED)
    return found


def response(error: EdgeHubError, request: web.BaseRequest, *, request_id: str, locale: str) -> web.Response:
    """The answer that tells of an error."""
    status = status_of(type(error))
    if isinstance(error, HttpRefused):
        status = int(error.params.get("http_status") or status)
    chosen = locale_of(request, locale)
    body = to_json(document(error, status=status, locale=chosen, instance=f"urn:edge-hub:request:{request_id}"))
    answer = web.Response(status=status, body=body, headers={"Content-Type": PROBLEM_JSON, "Content-Language": chosen})
    if status == web.HTTPUnauthorized.status_code:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="edge-hub"'
    if isinstance(error, Limited | Unavailable):
        answer.headers["Retry-After"] = str(_retry_after_s(error))
    if isinstance(error, MethodRefused):
        answer.headers["Allow"] = str(error.params.get("allow", ""))
    return answer


def _retry_after_s(error: EdgeHubError) -> int:
    try:
        return max(1, math.ceil(float(error.params.get("retry_after_s") or RETRY_AFTER_S)))
    except ValueError:
        return RETRY_AFTER_S


def from_http(error: web.HTTPException) -> EdgeHubError | None:
    """What aiohttp refused, as one of ours; None for what is no error (a redirect)."""
    match error:
        case web.HTTPNotFound():
            return NoSuchPath()
        case web.HTTPMethodNotAllowed():
            return MethodRefused(allow=", ".join(sorted(error.allowed_methods)))
        case web.HTTPRequestEntityTooLarge():
            return TooLarge()
        case _ if error.status < web.HTTPBadRequest.status_code:
            return None
        case _:
            return HttpRefused(error.reason, http_status=error.status)
