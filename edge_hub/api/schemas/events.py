"""Messages on /v1/events, both ways."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from edge_hub.api.schemas.access import TOKEN_CHARACTERS_MAX, SignedInDoc
from edge_hub.api.schemas.baskets import BasketDoc
from edge_hub.api.schemas.common import SEQ_MAX, doc
from edge_hub.api.schemas.devices import DeviceDoc, JobDoc
from edge_hub.api.schemas.journal import EventDoc
from edge_hub.api.schemas.payments import PaymentDoc, SettlementDoc
from edge_hub.api.schemas.tickets import TicketDoc
from edge_hub.api.validate import Body

SCHEMA_VERSION = 1
LOCALE_CHARACTERS_MAX = 35
"""Enough for any language tag in use (RFC 5646, 4.4.1)."""


class SubscribeBody(Body):
    """A client's first message, and its only one."""

    type: Literal["subscribe"]
    token: Annotated[str, StringConstraints(max_length=TOKEN_CHARACTERS_MAX)] = ""
    """The device token; not needed on the box's own control socket."""
    after: Annotated[int, Field(ge=0, le=SEQ_MAX)] | None = None
    """Replay journal events after this seq; null: from now on."""
    epoch: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The epoch that `after` belongs to; another epoch answers `resync`."""
    locale: Annotated[str, StringConstraints(max_length=LOCALE_CHARACTERS_MAX)] = ""
    """The language (RFC 5646) for words in messages; empty: that of Accept-Language, else the store's."""


@doc
class HelloMessage(TypedDict):
    type: Literal["hello"]
    schema: int
    epoch: str
    seq: int


@doc
class DevicesMessage(TypedDict):
    type: Literal["devices"]
    devices: list[DeviceDoc]


@doc
class BasketsMessage(TypedDict):
    type: Literal["baskets"]
    baskets: list[BasketDoc]


@doc
class PaymentsMessage(TypedDict):
    type: Literal["payments"]
    payments: list[PaymentDoc]


@doc
class JournalMessage(TypedDict):
    type: Literal["journal"]
    seq: int
    event: EventDoc


@doc
class CaughtUpMessage(TypedDict):
    type: Literal["caught_up"]
    seq: int


@doc
class BasketMessage(TypedDict):
    type: Literal["basket"]
    basket: BasketDoc


@doc
class DeviceMessage(TypedDict):
    type: Literal["device"]
    device: DeviceDoc


@doc
class JobMessage(TypedDict):
    type: Literal["job"]
    job: JobDoc


@doc
class ScanMessage(TypedDict):
    type: Literal["scan"]
    device: str
    till: str | None
    data: str
    aim: str


@doc
class TicketMessage(TypedDict):
    type: Literal["ticket"]
    ticket: TicketDoc


@doc
class PaymentMessage(TypedDict):
    type: Literal["payment"]
    payment: PaymentDoc


@doc
class SettlementMessage(TypedDict):
    type: Literal["settlement"]
    settlement: SettlementDoc


@doc
class WeightMessage(TypedDict):
    type: Literal["weight"]
    device: str
    till: str | None
    grams: int | None
    state: Literal["stable", "unstable", "zero", "overweight", "under_zero", "not_ready"]


@doc
class SessionMessage(TypedDict):
    type: Literal["session"]
    staff: SignedInDoc | None


@doc
class ResyncMessage(TypedDict):
    type: Literal["resync"]


SERVER_MESSAGES: tuple[tuple[type, str], ...] = (
    (HelloMessage, "First: which schema this is, and where the journal stands."),
    (DevicesMessage, "Every device as it is now."),
    (BasketsMessage, "Every open and parked basket as it is now."),
    (PaymentsMessage, "Every payment that is under way, or that a manager has to look into."),
    (JournalMessage, "A journaled event: replayed ones first, then live ones, each once and in order of seq."),
    (CaughtUpMessage, "The replay is over: everything after this happens now."),
    (BasketMessage, "A basket changed: as it is now."),
    (DeviceMessage, "A device changed: as it is now."),
    (JobMessage, "A job changed: as it is now."),
    (ScanMessage, "A scanner read a code; sent to the clients of the till it belongs to."),
    (TicketMessage, "A ticket was written or acknowledged: as it is now."),
    (PaymentMessage, "A payment moved on, or its terminal does something else: as it is now."),
    (SettlementMessage, "A terminal's end of day began or came out: as it is now."),
    (WeightMessage, "What a scale shows, for eyes only (sell by `weigh`); sent to the clients of its till."),
    (SessionMessage, "Somebody signed in or out on this client."),
    (ResyncMessage, "Too much was missed to be replayed: read everything again."),
)
