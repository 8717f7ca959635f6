"""The hub itself, its health and its problem types."""

from typing import Literal

from typing_extensions import TypedDict

from edge_hub.api.schemas.common import doc


@doc
class StoreDoc(TypedDict):
    id: str
    name: str
    currency: str
    minor_digits: int
    locale: str
    timezone: str
    prices_include_tax: bool
    cash_rounding: int


@doc
class TillDoc(TypedDict):
    id: str
    name: str
    scale: str | None
    """The device that weighs here."""
    drawer: str | None
    """The device whose cash drawer is this till's."""


@doc
class RouteDoc(TypedDict):
    """Where goods are prepared: a kitchen, a bar, a label printer."""

    id: str
    name: str


@doc
class JournalStateDoc(TypedDict):
    state: Literal["ok", "verifying", "damaged", "unavailable"]
    detail: str


@doc
class HubDoc(TypedDict):
    id: str
    version: str
    store: StoreDoc
    tills: list[TillDoc]
    locales: list[str]
    tenders: list[str]
    routes: list[RouteDoc]
    """None: there is nothing to send a basket to."""
    email: bool
    """Receipts can be sent by e-mail."""
    pairing_open: bool
    demo: bool
    certificate_fingerprint: str
    time_ms: int
    epoch: str
    seq: int
    journal: JournalStateDoc


@doc
class HealthDoc(TypedDict):
    status: Literal["ok", "failing"]
    problems: list[str]


@doc
class ProblemTypeDoc(TypedDict):
    type: str
    code: str
    title: str
    status: int
    description: str
