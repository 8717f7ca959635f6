"""The outbox as it is stored: the same reads for the writer's transaction and a reader's connection."""

from collections.abc import Callable, Sequence
from typing import Any

from edge_hub.services.mail.model import Mail, MailNotFound, MailState

RowOf = Callable[[str, Sequence[Any]], tuple[Any, ...] | None]
RowsOf = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
MAILS_LISTED_MAX = 200
_COLUMNS = "id, sale, locale, address, state, attempts, next_ms, error_code, error_text, created_ms, updated_ms"
_QUEUED = "state = 'queued' AND state IN ('queued', 'sending')"
"""The second term is that of the index `mails_waiting`."""


def load_mail(row: RowOf, mail_id: str) -> Mail:
    """Raises MailNotFound."""
    found = row(f"SELECT {_COLUMNS} FROM mails WHERE id = ?", (mail_id,))  # noqa: S608  # constant
    if found is None:
        raise MailNotFound(mail=mail_id)
    return _of_row(found)


def next_mail(row: RowOf) -> Mail | None:
    """The waiting mail that is due first."""
    found = row(f"SELECT {_COLUMNS} FROM mails WHERE {_QUEUED} ORDER BY next_ms, place LIMIT 1", ())  # noqa: S608  # constants
    return None if found is None else _of_row(found)


def listed(rows: RowsOf, state: str, limit: int) -> list[Mail]:
    """Newest first; "" for any state."""
    sql = f"SELECT {_COLUMNS} FROM mails WHERE ? = '' OR state = ? ORDER BY place DESC LIMIT ?"  # noqa: S608  # constant
    return [_of_row(row) for row in rows(sql, (state, state, min(limit, MAILS_LISTED_MAX)))]


def _of_row(row: Sequence[Any]) -> Mail:
    return Mail(
        id=row[0],
        sale=row[1],
        locale=row[2],
        address=row[3],
        state=MailState(row[4]),
        attempts=row[5],
        next_ms=row[6],
        error_code=row[7],
        error_text=row[8],
        created_ms=row[9],
        updated_ms=row[10],
    )
