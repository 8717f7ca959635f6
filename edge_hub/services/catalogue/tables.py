"""The catalogue's tables in the writer: the live ones, those being staged beside them, and those they replaced.

A long import fills `*_next` in short transactions, puts them in place by renaming (milliseconds, whatever
their size), and empties the replaced `*_old` in short transactions again. A sale waits for one of these at most.
"""

import re
from collections.abc import Iterable

from edge_hub.journal.commands import Tx

LIVE = ""
NEXT = "_next"
OLD = "_old"
PRODUCT_TABLES = ("products", "barcodes", "products_fts")
PRICE_TABLES = ("list_prices",)
COUNTS = "import_counts"
PURGE_ROWS_MAX = 500
"""Rows of a replaced table deleted in one command."""

_INDEX = re.compile(r"CREATE INDEX (\w+) ON \W?(\w+?)\W?\s*\(", re.IGNORECASE)
# Emptied before they are dropped. The search index cannot be: its table checks what it stands on, so it goes at once
# (70 ms for 100,000 products on the box; everything else is shorter).
_PURGED = {
    "products_old": "number",
    "list_prices_old": "(price_list, product, from_ms)",
    "barcodes_old": "code",
}


def create_beside(tx: Tx, tables: Iterable[str]) -> None:
    """Empty copies of these live tables, with their indexes. What an import left unfinished is dropped."""
    drop_beside(tx)
    tx.execute(
        f"CREATE TABLE {COUNTS} (product TEXT PRIMARY KEY, quantity_milli INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    )
    for table in tables:
        for (sql,) in tx.rows("SELECT sql FROM sqlite_schema WHERE name = ? AND type = 'table'", (table,)):
            tx.execute(re.sub(rf'(TABLE\s+"?){table}\b', rf"\g<1>{table}{NEXT}", sql, count=1))
        indexes = tx.rows("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type = 'index' AND sql <> ''", (table,))
        for (sql,) in indexes:
            tx.execute(_INDEX.sub(lambda found: f"CREATE INDEX {_other(found[1])} ON {found[2]}{NEXT} (", sql, count=1))


def drop_beside(tx: Tx) -> None:
    for table in (*PRODUCT_TABLES, *PRICE_TABLES):
        tx.execute(f"DROP TABLE IF EXISTS {table}{NEXT}")
    tx.execute(f"DROP TABLE IF EXISTS {COUNTS}")


def staged(tx: Tx) -> tuple[str, ...]:
    """The live tables that have another beside them."""
    return tuple(table for table in (*PRODUCT_TABLES, *PRICE_TABLES) if exists(tx, f"{table}{NEXT}"))


def switch(tx: Tx) -> None:
    """Rename the tables beside into place."""
    for table in staged(tx):
        tx.execute(f"ALTER TABLE {table} RENAME TO {table}{OLD}")
        tx.execute(f"ALTER TABLE {table}{NEXT} RENAME TO {table}")


def purge(tx: Tx) -> bool:
    """Delete some of what a switch replaced; whether there is more."""
    for table, key in _PURGED.items():
        if exists(tx, table) and tx.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT {key.strip('()')} FROM {table} LIMIT {PURGE_ROWS_MAX})"  # noqa: S608  # table and key are constants
        ):
            return True
    for table in (*PRODUCT_TABLES, *PRICE_TABLES):
        tx.execute(f"DROP TABLE IF EXISTS {table}{OLD}")
    return False


def exists(tx: Tx, table: str) -> bool:
    return tx.row("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)) is not None


def _other(index: str) -> str:
    """Indexes keep their names when tables are renamed, so two names take turns."""
    return index.removesuffix(NEXT) if index.endswith(NEXT) else index + NEXT
