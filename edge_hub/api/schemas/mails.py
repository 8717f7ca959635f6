"""Receipts by e-mail. No answer carries a whole address."""

from typing import Annotated, Literal

from pydantic import StringConstraints
from typing_extensions import TypedDict

from edge_hub.api.schemas.common import Locale, QueryLimit, doc
from edge_hub.api.validate import Body, Query
from edge_hub.services.mail.model import Mail, masked
from edge_hub.words import words

ADDRESS_CHARACTERS_MAX = 254
"""RFC 5321, 4.5.3.1.3 without the angle brackets."""
MailStateName = Literal["queued", "sending", "sent", "refused", "unknown"]
Address = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$",
        max_length=ADDRESS_CHARACTERS_MAX,
    ),
]


class EmailReceiptBody(Body):
    address: Address
    locale: Locale | None = None
    """The receipt's language; null: the store's."""


class MailsQuery(Query):
    state: MailStateName | None = None
    limit: QueryLimit = 50


@doc
class MailDoc(TypedDict):
    id: str
    sale_id: str
    state: MailStateName
    address: str
    """Masked; empty once it has ended."""
    attempts: int
    error_code: str
    error_text: str
    created_ms: int
    updated_ms: int


@doc
class MailsDoc(TypedDict):
    mails: list[MailDoc]


def mail(value: Mail, locale: str) -> MailDoc:
    return {
        "id": value.id,
        "sale_id": value.sale,
        "state": value.state.value,
        "address": masked(value.address),
        "attempts": value.attempts,
        "error_code": value.error_code,
        "error_text": words(locale).device(f"MAIL_{value.error_code}", value.error_text),
        "created_ms": value.created_ms,
        "updated_ms": value.updated_ms,
    }
