"""Making the projections again from the journal, and saying what was different."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_hub.journal.codec import decode_event
from edge_hub.journal.database import Lock, connect_writer
from edge_hub.journal.errors import translate
from edge_hub.journal.log import read_head
from edge_hub.journal.migrations import PROJECTION_TABLES, migrate
from edge_hub.journal.projections.apply import PROJECTIONS
from edge_hub.journal.projections.fact import Fact

DIFFERENCES_MAX = 100
"""Rows named for each table."""
PROGRESS_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that was there (`before`) and one that should be (`after`); None: no such row."""

    table: str
    before: tuple[Any, ...] | None
    after: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """`events` were read; `differences` (at most DIFFERENCES_MAX a table) are mended now."""

    events: int
    differences: tuple[Difference, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the tables that were not as the journal says."""
        return tuple(dict.fromkeys(difference.table for difference in self.differences))


def rebuild(path: Path, on_progress: Callable[[int, int], None] | None = None) -> RebuildReport:
    """Make the projection tables of a closed journal again, in one transaction. Raises JournalInUse, BadBytes.

    A journal that an older edge-hub wrote is brought to this one's tables first.

    `on_progress(done, total)` counts events.
    """
    with Lock(path):
        try:
            connection = connect_writer(path)
            try:
                migrate(connection)
                return rebuild_in(connection, on_progress)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise translate(error, path) from error


def rebuild_in(connection: sqlite3.Connection, on_progress: Callable[[int, int], None] | None = None) -> RebuildReport:
    """As `rebuild`, on an open writing connection."""
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        for table in PROJECTION_TABLES:
            cursor.execute(f"CREATE TEMP TABLE before_{table} AS SELECT * FROM main.{table}")  # noqa: S608  # as below
            cursor.execute(f"DELETE FROM main.{table}")  # noqa: S608  # names are constants
        events = _replay(connection, cursor, on_progress)
        differences = [difference for table in PROJECTION_TABLES for difference in _compare(cursor, table)]
        for table in PROJECTION_TABLES:
            cursor.execute(f"DROP TABLE temp.before_{table}")
        cursor.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise
    return RebuildReport(events=events, differences=tuple(differences))


def _replay(
    connection: sqlite3.Connection, cursor: sqlite3.Cursor, on_progress: Callable[[int, int], None] | None
) -> int:
    total = read_head(connection).seq
    count = 0
    rows = connection.execute("SELECT seq, at_ms, client, staff, type, version, body FROM journal ORDER BY seq")
    for count, (seq, at_ms, client, staff, name, version, body) in enumerate(rows, 1):
        event = decode_event(name, version, body)
        project = PROJECTIONS.get(type(event))
        if project is not None:
            project(cursor, Fact(seq, at_ms, client, staff, event))
        if on_progress is not None and (count % PROGRESS_ROWS == 0 or count == total):
            on_progress(count, total)
    return count


def _compare(cursor: sqlite3.Cursor, table: str) -> list[Difference]:
    gone = cursor.execute(
        f"SELECT * FROM temp.before_{table} EXCEPT SELECT * FROM main.{table} LIMIT {DIFFERENCES_MAX}"  # noqa: S608  # names are constants
    ).fetchall()
    new = cursor.execute(
        f"SELECT * FROM main.{table} EXCEPT SELECT * FROM temp.before_{table} LIMIT {DIFFERENCES_MAX}"  # noqa: S608  # names are constants
    ).fetchall()
    return [Difference(table=table, before=row, after=None) for row in gone] + [
        Difference(table=table, before=None, after=row) for row in new
    ]
