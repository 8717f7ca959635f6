"""settlements, and which of them closed a payment."""

import sqlite3

from edge_hub.domain.events import SettlementClosed, SettlementOpened
from edge_hub.domain.reconciliation import SettlementState
from edge_hub.journal.codec import encode
from edge_hub.journal.projections.fact import Fact


def project_settling(cursor: sqlite3.Cursor, fact: Fact[SettlementOpened]) -> None:
    """A terminal is being told to close its day."""
    cursor.execute(
        "INSERT INTO settlements (id, terminal, state, opened_ms, staff) VALUES (?, ?, ?, ?, ?)",
        (fact.event.settlement, fact.event.terminal, SettlementState.OPEN.value, fact.at_ms, fact.staff or ""),
    )


def project_closed(cursor: sqlite3.Cursor, fact: Fact[SettlementClosed]) -> None:
    """What came of it; the payments it closes are not counted again."""
    event = fact.event
    cursor.execute(
        "UPDATE settlements SET state = ?, closed_ms = ?, body = ? WHERE id = ?",
        (event.reconciliation.state.value, fact.at_ms, encode(event.reconciliation), event.settlement),
    )
    cursor.executemany(
        "UPDATE payments SET settlement = ? WHERE id = ?",
        [(event.settlement, payment) for payment in event.reconciliation.payments],
    )
