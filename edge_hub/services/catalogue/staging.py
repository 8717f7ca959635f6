"""A whole import file read and checked in a thread, spilled to a temporary database, before anything is changed."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from edge_hub.domain.store import StoreSettings
from edge_hub.errors import Fault, Invalid
from edge_hub.services.catalogue import rows
from edge_hub.services.catalogue.commands import STAGE_ROWS_MAX, PriceRow, ProductRow
from edge_hub.services.catalogue.rows import ROWS_MAX, RowRefused, Source, row_fault

FAULTS_MAX = 200
"""Faults reported of one file; the count goes on."""
PROGRESS_PERIOD_ROWS = 1000

Progress = Callable[[str, int, int], None]
"""(phase, done, total); total 0: not known yet."""

_kept = json.JSONEncoder(ensure_ascii=False).encode
_TABLES = """
CREATE TABLE products (n INTEGER PRIMARY KEY, line INTEGER, sku TEXT UNIQUE, complete INTEGER, row TEXT);
CREATE TABLE codes (code TEXT PRIMARY KEY, sku TEXT, line INTEGER) WITHOUT ROWID;
CREATE TABLE prices (n INTEGER PRIMARY KEY, line INTEGER, sku TEXT, list TEXT, from_ms INTEGER, row TEXT,
  UNIQUE (sku, list, from_ms));
"""


class ImportRefused(Invalid):
    """The file has faults and nothing was changed: `faults` are the first FAULTS_MAX, `params["total"]` counts all."""

    code = "import-refused"
    title = "The import file has faults; nothing was changed."


class Faults:
    """Every fault counted, the first FAULTS_MAX kept."""

    def __init__(self) -> None:
        self.total = 0
        self._first: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        self.total += len(faults)
        self._first.extend(faults[: FAULTS_MAX - len(self._first)])

    def refuse(self) -> None:
        """Raise ImportRefused if there was any."""
        if self.total:
            raise ImportRefused(faults=tuple(self._first), total=self.total)


class Staged:
    """The checked rows of one file, on disk (SQLite's unnamed temporary database)."""

    def __init__(self) -> None:
        # Used by one thread after another, never by two at once.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self.products = 0
        self.prices = 0
        self.new_products = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._db.close()

    def product_chunks(self, size: int = STAGE_ROWS_MAX) -> Iterator[tuple[ProductRow, ...]]:
        yield from self._chunks("products", ProductRow, size)

    def price_chunks(self, size: int = STAGE_ROWS_MAX) -> Iterator[tuple[PriceRow, ...]]:
        yield from self._chunks("prices", PriceRow, size)

    def _chunks(self, table: str, kind: Callable[..., Any], size: int) -> Iterator[tuple[Any, ...]]:
        cursor = self._db.execute(f"SELECT row FROM {table} ORDER BY n")  # noqa: S608  # one of two constants
        while chunk := cursor.fetchmany(size):
            yield tuple(kind(*json.loads(row)) for (row,) in chunk)

    def add_product(self, row: ProductRow, faults: Faults) -> None:
        """Keep a product; its SKU and codes must be new in this file."""
        complete = row.name is not None and row.price is not None and row.tax_code is not None
        added = self._db.execute(
            "INSERT OR IGNORE INTO products (line, sku, complete, row) VALUES (?, ?, ?, ?)",
            (row.line, row.sku, complete, _kept(row)),
        ).rowcount
        if not added:
            (first,) = self._db.execute("SELECT line FROM products WHERE sku = ?", (row.sku,)).fetchone()
            faults.add(_twice(row.line, "sku", row.sku, first))
            return
        self.products += 1
        for code in row.barcodes or ():
            sql = "INSERT OR IGNORE INTO codes VALUES (?, ?, ?)"
            if not self._db.execute(sql, (code, row.sku, row.line)).rowcount:
                (first,) = self._db.execute("SELECT line FROM codes WHERE code = ?", (code,)).fetchone()
                faults.add(_twice(row.line, "barcodes", code, first))

    def add_price(self, row: PriceRow, faults: Faults) -> None:
        """Keep a list price; one for each product, list and beginning."""
        added = self._db.execute(
            "INSERT OR IGNORE INTO prices (line, sku, list, from_ms, row) VALUES (?, ?, ?, ?, ?)",
            (row.line, row.sku, row.price_list, row.from_ms, _kept(row)),
        ).rowcount
        self.prices += added
        if not added:
            words = "a price of '{sku}' in '{list}' from then stands above"
            named = {"sku": row.sku, "list": row.price_list}
            faults.add(row_fault(row.line, "list", "duplicate", words, why="price-twice", **named))

    def check(self, live: sqlite3.Connection, faults: Faults, progress: Progress) -> None:
        """Against the catalogue: new products are complete, codes are free, prices have their product."""
        cursor = self._db.execute("SELECT line, sku, complete FROM products ORDER BY n")
        for done, (line, sku, complete) in enumerate(cursor):
            if done % PROGRESS_PERIOD_ROWS == 0:
                progress("check", done, self.products)
            if live.execute("SELECT 1 FROM products WHERE sku = ?", (sku,)).fetchone() is None:
                self.new_products += 1
                if not complete:
                    words = "'{sku}' is new: it needs a name, a price and a tax_code"
                    faults.add(row_fault(line, "sku", "incomplete", words, why="incomplete", sku=sku))
        for code, sku, line in self._db.execute("SELECT code, sku, line FROM codes ORDER BY line"):
            owner = live.execute(
                "SELECT p.sku FROM barcodes b JOIN products p ON p.id = b.product WHERE b.code = ?", (code,)
            ).fetchone()
            if owner is not None and owner[0] != sku and self._keeps_codes(owner[0]):
                words = "'{code}' belongs to '{sku}'"
                faults.add(row_fault(line, "barcodes", "taken", words, why="taken", code=code, sku=owner[0]))
        for line, sku in self._db.execute("SELECT line, sku FROM prices ORDER BY n"):
            if not self._knows(sku, live):
                faults.add(row_fault(line, "sku", "unknown", "there is no product '{sku}'", why="no-sku", sku=sku))

    def _keeps_codes(self, sku: str) -> bool:
        """Whether a product of the catalogue keeps its codes: the file does not name it, or says nothing of them."""
        found = self._db.execute("SELECT row FROM products WHERE sku = ?", (sku,)).fetchone()
        return found is None or ProductRow(*json.loads(found[0])).barcodes is None

    def _knows(self, sku: str, live: sqlite3.Connection) -> bool:
        sql = "SELECT 1 FROM products WHERE sku = ?"
        return any(db.execute(sql, (sku,)).fetchone() is not None for db in (self._db, live))


def _twice(line: int, column: str, text: str, first: int) -> Fault:
    words = "'{text}' stands in line {first} already"
    return row_fault(line, column, "duplicate", words, why="twice", text=text, first=first)


def stage(source: Source, settings: StoreSettings, live: sqlite3.Connection, progress: Progress) -> Staged:
    """Read and check a whole file. Raises ImportRefused with its faults, ImportFileUnreadable."""
    staged, faults = Staged(), Faults()
    try:
        _read(staged, source, settings, faults, progress)
        staged.check(live, faults, progress)
        faults.refuse()
    except BaseException:
        staged.__exit__()
        raise
    return staged


def _read(staged: Staged, source: Source, settings: StoreSettings, faults: Faults, progress: Progress) -> None:
    for done, (line, item) in enumerate(rows.items(source)):
        if done % PROGRESS_PERIOD_ROWS == 0:
            progress("read", done, 0)
        if done >= ROWS_MAX:
            raise rows.ImportFileUnreadable("The file has more than {limit} rows.", why="too-long", limit=ROWS_MAX)
        try:
            row = _row(line, item, settings)
        except RowRefused as refused:
            faults.add(*refused.faults)
            continue
        if isinstance(row, ProductRow):
            staged.add_product(row, faults)
        else:
            staged.add_price(row, faults)


def _row(line: int, item: Mapping[str, Any] | RowRefused, settings: StoreSettings) -> ProductRow | PriceRow:
    if isinstance(item, RowRefused):
        raise item
    return rows.row(line, item, settings)
