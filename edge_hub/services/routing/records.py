"""Tickets as they are stored: the same reads for the writer's transaction and a reader's connection."""

from collections.abc import Callable, Sequence
from typing import Any

from edge_hub.domain.ids import JobId
from edge_hub.domain.routing import TicketLine
from edge_hub.journal.codec import decode
from edge_hub.services.routing.model import TICKET_ORIGIN, Ticket, TicketBody, TicketNotFound, TicketState

RowOf = Callable[[str, Sequence[Any]], tuple[Any, ...] | None]
RowsOf = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
TICKETS_LISTED_MAX = 200
_COLUMNS = "id, route, number, origin, till, staff, label, state, created_ms, acknowledged_ms, acknowledged_by, body"


def load_ticket(row: RowOf, ticket_id: str) -> Ticket:
    """Raises TicketNotFound."""
    found = row(f"SELECT {_COLUMNS} FROM tickets WHERE id = ?", (ticket_id,))  # noqa: S608  # constant
    if found is None:
        raise TicketNotFound(ticket=ticket_id)
    return _of_row(found)


def tickets_of(rows: RowsOf, origin: str, batch: str) -> tuple[Ticket, ...]:
    """Those that one sending made of an order, in the order of the routes."""
    sql = f"SELECT {_COLUMNS} FROM tickets WHERE origin = ? AND batch = ? ORDER BY place"  # noqa: S608  # constant
    return tuple(map(_of_row, rows(sql, (origin, batch))))


def lines_told(rows: RowsOf, origin: str) -> dict[str, list[TicketLine]]:
    """All lines of an order's tickets, by route, oldest first."""
    found: dict[str, list[TicketLine]] = {}
    for route, body in rows("SELECT route, body FROM tickets WHERE origin = ? ORDER BY place", (origin,)):
        found.setdefault(route, []).extend(decode(TicketBody, body).lines)
    return found


def listed(rows: RowsOf, route: str, state: str, limit: int) -> list[Ticket]:
    """Newest first; "" for any route or state."""
    where, params = ["1"], []
    for column, value in (("route", route), ("state", state)):
        if value:
            where.append(f"{column} = ?")
            params.append(value)
    sql = f"SELECT {_COLUMNS} FROM tickets WHERE {' AND '.join(where)} ORDER BY place DESC LIMIT ?"  # noqa: S608  # constants
    return [_of_row(row) for row in rows(sql, (*params, min(limit, TICKETS_LISTED_MAX)))]


def jobs_of_ticket(rows: RowsOf, ticket_id: str) -> list[JobId]:
    """Its print jobs, in order."""
    found = rows("SELECT id FROM jobs WHERE origin = ? AND origin <> '' ORDER BY lane_order", (origin_of(ticket_id),))
    return [JobId(job) for (job,) in found]


def origin_of(ticket_id: str) -> str:
    """How a job names a ticket."""
    return f"{TICKET_ORIGIN}{ticket_id}"


def _of_row(row: Sequence[Any]) -> Ticket:
    return Ticket(
        id=row[0],
        route=row[1],
        number=row[2],
        origin=row[3],
        till=row[4],
        staff=row[5],
        label=row[6],
        state=TicketState(row[7]),
        created_ms=row[8],
        acknowledged_ms=row[9],
        acknowledged_by=row[10],
        lines=decode(TicketBody, row[11]).lines,
    )
