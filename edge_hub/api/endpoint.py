"""One declaration for each endpoint: it drives routing, checks, validation and the OpenAPI document."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel

from edge_hub.domain.staff import Permission
from edge_hub.errors import EdgeHubError
from edge_hub.services.container import Services
from edge_hub.services.principal import Principal

Auth = Literal["none", "client", "staff"]
"""Who may ask: anybody, a paired client, or a paired client on which somebody is signed in."""

ID_PATTERN = "[A-Za-z0-9._~-]{1,64}"
PATH_PATTERNS = {
    "basket_id": ID_PATTERN,
    "client_id": ID_PATTERN,
    "device_id": ID_PATTERN,
    "job_id": ID_PATTERN,
    "line_id": ID_PATTERN,
    "mail_id": ID_PATTERN,
    "payment_id": ID_PATTERN,
    "product_id": ID_PATTERN,
    "sale_id": ID_PATTERN,
    "settlement_id": ID_PATTERN,
    "staff_id": ID_PATTERN,
    "ticket_id": ID_PATTERN,
    "photo": "[0-9a-f]{64}",
    "fault": "[a-z0-9_]{1,64}",
    "index": "[0-9]{1,3}",
    "barcode": "[^/]{1,128}",
    "code": "[a-z0-9-]{1,64}",
}
"""What each path parameter may look like; anything else is no path of ours (404)."""
_PARAMETER = re.compile(r"\{([a-z_]+)\}")

B_co = TypeVar("B_co", covariant=True)
Q_co = TypeVar("Q_co", covariant=True)


@dataclass(slots=True)
class Call(Generic[B_co, Q_co]):
    """What an endpoint gets: everything checked. `body` and `query` are None where none is declared."""

    services: Services
    who: Principal
    body: B_co
    query: Q_co
    path: Mapping[str, str]
    key: str
    """Idempotency-Key, "" where none is asked for."""
    fingerprint: bytes
    """SHA-256 of method, path and body."""
    version: int | None
    """If-Match; None where none is asked for, or for `*`."""
    request: web.Request
    media: str
    """The media type to answer in."""
    locale: str


@dataclass(slots=True)
class Reply:
    """An answer with headers of its own, or another status than the declared one."""

    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    """0: as declared."""


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]
H = TypeVar("H", bound=Callable[[Call[Any, Any]], Awaitable[Any]])
"""Answers plain values (as `response` declares), a `Reply`, or for other media a whole `web.StreamResponse`."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An operation. Its name is its handler's, its summary the first line of the handler's docstring."""

    method: str
    path: str
    group: str
    handler: Handler
    request: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    response: Any = None
    """A TypedDict, or None for an answer without a body."""
    status: int = 200
    auth: Auth = "client"
    permission: Permission | None = None
    """For the document: the service checks it."""
    idempotent: bool = False
    """Asks for an Idempotency-Key."""
    if_match: bool = False
    """Asks for If-Match with the version of what it changes."""
    etag: bool = False
    """Answers with the version as ETag."""
    media: tuple[str, ...] = ()
    """Answers other than JSON and MessagePack, best first."""
    upload_bytes_max: int = 0
    """Takes a file as its body, of at most so many bytes; 0: does not."""
    undigested: str = ""
    """The member of the body that no stored digest may be made of: a PIN is guessed from its digest in a second."""
    errors: tuple[type[EdgeHubError], ...] = ()
    """Refusals of its own, beside those that follow from the declaration."""

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.handler) or self.name).partition("\n")[0]

    @property
    def description(self) -> str:
        """The rest of the docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[2].strip()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def route(self) -> str:
        """The path as aiohttp's router reads it."""
        return _PARAMETER.sub(lambda match: f"{{{match[1]}:{PATH_PATTERNS[match[1]]}}}", self.path)


class Routes:
    """The endpoints of one resource, collected by decorators."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.endpoints: list[Endpoint] = []

    def on(self, method: str, path: str, **declared: Any) -> Callable[[H], H]:
        """Declare an endpoint; keywords are the fields of `Endpoint`."""

        def declare(handler: H) -> H:
            endpoint = Endpoint(method=method, path=path, group=self.group, handler=handler, **declared)
            missing = [name for name in endpoint.parameters if name not in PATH_PATTERNS]
            if missing:
                raise ValueError(f"{path}: no pattern for {missing}")
            self.endpoints.append(endpoint)
            return handler

        return declare
