"""The database's tables, all of them, as ordered migrations; each runs once, in a transaction of its own.

sqlite-utils is imported only when there is something to do, so the writer stays small in normal starts.
"""

import sqlite3
from typing import TYPE_CHECKING

from edge_hub.journal.errors import JournalTooNew, NotAJournal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database, Migrations

SCHEMA_VERSION = 5
"""Number of migrations; kept in `PRAGMA user_version`."""
APPLICATION_ID = 0x45444748
"""'EDGH', in `PRAGMA application_id`: which program a file belongs to (sqlite.org/fileformat.html#application_id)."""

_JOURNAL = """
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY, epoch TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, client TEXT, staff TEXT, body BLOB NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER journal_keeps_rows BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER journal_loses_nothing BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is never deleted'); END;
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (
  client TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, command TEXT NOT NULL, ref TEXT NOT NULL,
  at_ms INTEGER NOT NULL, PRIMARY KEY (client, key)
) STRICT, WITHOUT ROWID;
"""

PROJECTION_TABLES = (
    "sales",
    "sale_lines",
    "sale_tenders",
    "receipt_series",
    "stock",
    "payments",
    "settlements",
)
"""Made from the journal alone: `projections.rebuild` can make them again at any time."""

PROJECTIONS_SQL = """
CREATE TABLE sales (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, till TEXT NOT NULL, receipt_number INTEGER NOT NULL,
  receipt_label TEXT NOT NULL, sold_at_ms INTEGER NOT NULL, staff TEXT NOT NULL, client TEXT NOT NULL,
  currency TEXT NOT NULL, total INTEGER NOT NULL, change INTEGER NOT NULL, copies INTEGER NOT NULL DEFAULT 0,
  idempotency_key TEXT NOT NULL DEFAULT '', UNIQUE (till, receipt_number)
) STRICT;
CREATE UNIQUE INDEX sales_once ON sales (client, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX sales_by_time ON sales (sold_at_ms);
CREATE TABLE sale_lines (
  sale TEXT NOT NULL, line_no INTEGER NOT NULL, product TEXT NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL,
  quantity_milli INTEGER NOT NULL, amount INTEGER NOT NULL, tax_code TEXT NOT NULL, PRIMARY KEY (sale, line_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE sale_tenders (
  sale TEXT NOT NULL, n INTEGER NOT NULL, type TEXT NOT NULL, amount INTEGER NOT NULL, reference TEXT NOT NULL,
  PRIMARY KEY (sale, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE receipt_series (till TEXT PRIMARY KEY, last_number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stock (
  product TEXT PRIMARY KEY, on_hand_milli INTEGER NOT NULL, counted_at_ms INTEGER
) STRICT, WITHOUT ROWID;
"""

_REFERENCE = """
CREATE TABLE products (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  names_json TEXT NOT NULL DEFAULT '{}', unit TEXT NOT NULL, category TEXT NOT NULL DEFAULT '', price INTEGER NOT NULL,
  tax_code TEXT NOT NULL, variant_of TEXT NOT NULL DEFAULT '', attributes_json TEXT NOT NULL DEFAULT '[]',
  track_stock INTEGER NOT NULL DEFAULT 1, active INTEGER NOT NULL DEFAULT 1, updated_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE barcodes (code TEXT PRIMARY KEY, product TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX barcodes_of_product ON barcodes (product);
CREATE TABLE list_prices (
  price_list TEXT NOT NULL, product TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER, price INTEGER NOT NULL,
  PRIMARY KEY (price_list, product, from_ms)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE products_fts USING fts5(
  sku, name, category, barcodes, bigrams, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
"""

_WORKING = """
CREATE TABLE baskets (
  id TEXT PRIMARY KEY, till TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, label TEXT NOT NULL,
  opened_at_ms INTEGER NOT NULL, updated_at_ms INTEGER NOT NULL, staff TEXT NOT NULL, body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX baskets_waiting ON baskets (state, till) WHERE state IN ('open', 'parked');
CREATE TABLE jobs (
  lane_order INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, device TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('print', 'kick')), priority INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'held', 'sending', 'done', 'sent', 'refused', 'unknown', 'cancelled')),
  document BLOB, title TEXT NOT NULL DEFAULT '', origin TEXT NOT NULL DEFAULT '', copy INTEGER NOT NULL DEFAULT 0,
  possible_duplicate INTEGER NOT NULL DEFAULT 0, proof TEXT NOT NULL DEFAULT '', error_code TEXT NOT NULL DEFAULT '',
  error_text TEXT NOT NULL DEFAULT '', client TEXT NOT NULL DEFAULT '', key TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, progress_ms INTEGER,
  fallback_of TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX jobs_waiting ON jobs (device, priority DESC, lane_order)
  WHERE state IN ('queued', 'held', 'sending', 'unknown');
CREATE INDEX jobs_of_origin ON jobs (origin) WHERE origin <> '';
CREATE TABLE clients (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, till TEXT NOT NULL, token_hash BLOB NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL, last_seen_ms INTEGER, revoked_ms INTEGER
) STRICT;
CREATE TABLE pairing_tokens (
  token_hash BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL, used_ms INTEGER, created_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE staff (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, locale TEXT NOT NULL DEFAULT '', pin_hash TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1, failed INTEGER NOT NULL DEFAULT 0, locked_until_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE sessions (
  client TEXT PRIMARY KEY, staff TEXT NOT NULL, started_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE device_facts (
  device TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (device, key)
) STRICT, WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('catalogue_version', 0);
"""

_TICKETS = """
CREATE TABLE tickets (
  place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, route TEXT NOT NULL, number INTEGER NOT NULL,
  origin TEXT NOT NULL,
  batch TEXT NOT NULL, till TEXT NOT NULL, staff TEXT NOT NULL, label TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged')), created_ms INTEGER NOT NULL, acknowledged_ms INTEGER,
  acknowledged_by TEXT NOT NULL DEFAULT '', body BLOB NOT NULL, UNIQUE (route, number)
) STRICT;
CREATE INDEX tickets_of_origin ON tickets (origin);
CREATE INDEX tickets_open ON tickets (route, place) WHERE state = 'open';
CREATE TABLE ticket_series (route TEXT PRIMARY KEY, last_number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

_LABEL_JOBS = """
CREATE TABLE jobs_new (
  lane_order INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, device TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('print', 'kick', 'label')), priority INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'held', 'sending', 'done', 'sent', 'refused', 'unknown', 'cancelled')),
  document BLOB, title TEXT NOT NULL DEFAULT '', origin TEXT NOT NULL DEFAULT '', copy INTEGER NOT NULL DEFAULT 0,
  possible_duplicate INTEGER NOT NULL DEFAULT 0, proof TEXT NOT NULL DEFAULT '', error_code TEXT NOT NULL DEFAULT '',
  error_text TEXT NOT NULL DEFAULT '', client TEXT NOT NULL DEFAULT '', key TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, progress_ms INTEGER,
  fallback_of TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO jobs_new SELECT * FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_new RENAME TO jobs;
CREATE INDEX jobs_waiting ON jobs (device, priority DESC, lane_order)
  WHERE state IN ('queued', 'held', 'sending', 'unknown');
CREATE INDEX jobs_of_origin ON jobs (origin) WHERE origin <> '';
"""

_MAILS = """
CREATE TABLE mails (
  place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sale TEXT NOT NULL, locale TEXT NOT NULL, address TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'refused', 'unknown')),
  attempts INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, error_code TEXT NOT NULL DEFAULT '',
  error_text TEXT NOT NULL DEFAULT '', created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX mails_waiting ON mails (next_ms, place) WHERE state IN ('queued', 'sending');
"""

_PAYMENTS = """
CREATE TABLE payments (
  id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, state TEXT NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL,
  provider TEXT NOT NULL, tender TEXT NOT NULL, till TEXT NOT NULL, staff TEXT NOT NULL, basket TEXT NOT NULL,
  original TEXT NOT NULL, sale TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT NULL,
  terminal_id TEXT NOT NULL DEFAULT '', receipt TEXT NOT NULL DEFAULT '', identity TEXT NOT NULL DEFAULT '',
  slip TEXT NOT NULL DEFAULT '', by_person INTEGER NOT NULL DEFAULT 0, opened_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL, settlement TEXT NOT NULL DEFAULT '', disputed INTEGER NOT NULL DEFAULT 0,
  reviewed INTEGER NOT NULL DEFAULT 0, automatic INTEGER NOT NULL, client TEXT NOT NULL, idempotency_key TEXT NOT NULL,
  body BLOB NOT NULL,
  watched INTEGER NOT NULL GENERATED ALWAYS AS (
    state NOT IN ('approved', 'recovered_approved', 'declined', 'recovered_declined', 'not_sent', 'reversed')
    OR disputed OR (kind = 'sale' AND state IN ('approved', 'recovered_approved') AND sale = '' AND NOT reviewed)
  ) VIRTUAL
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_watched ON payments (provider) WHERE watched = 1;
CREATE UNIQUE INDEX payments_once ON payments (client, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX payments_of_provider ON payments (provider, id);
CREATE INDEX payments_of_basket ON payments (basket, id) WHERE basket <> '';
CREATE INDEX payments_of_sale ON payments (sale, id) WHERE sale <> '';
CREATE INDEX payments_of_original ON payments (original) WHERE original <> '';
CREATE INDEX payments_by_identity ON payments (provider, identity) WHERE identity <> '';
CREATE INDEX payments_by_slip ON payments (provider, slip) WHERE slip <> '';
CREATE INDEX payments_by_receipt ON payments (provider, receipt) WHERE receipt <> '';
CREATE INDEX payments_unsettled ON payments (provider, id) WHERE settlement = ''
  AND (state NOT IN ('declined', 'recovered_declined', 'not_sent') OR disputed OR by_person);
CREATE TABLE settlements (
  id TEXT PRIMARY KEY, terminal TEXT NOT NULL, state TEXT NOT NULL, opened_ms INTEGER NOT NULL, closed_ms INTEGER,
  staff TEXT NOT NULL, body BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX settlements_open ON settlements (terminal) WHERE state = 'open';
"""

_STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0001_first_release", (_JOURNAL, PROJECTIONS_SQL, _REFERENCE, _WORKING)),
    ("0002_tickets", (_TICKETS,)),
    ("0003_label_jobs", (_LABEL_JOBS,)),
    ("0004_mails", (_MAILS,)),
    ("0005_payments", (_PAYMENTS,)),
)


def check(connection: sqlite3.Connection) -> int:
    """The file's schema version (0: a new file). Raises JournalTooNew, NotAJournal."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application or tables:
            raise NotAJournal
    if version > SCHEMA_VERSION:
        raise JournalTooNew(
            f"This journal has schema version {version}; this edge-hub knows {SCHEMA_VERSION}."
            " Install the version that wrote it.",
            found=version,
            known=SCHEMA_VERSION,
        )
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to SCHEMA_VERSION. The connection must be in autocommit mode."""
    if check(connection) == SCHEMA_VERSION:
        return
    from sqlite_utils import Database  # noqa: PLC0415  # 124 ms and 15 MB that a normal start does not need

    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _migrations().apply(Database(connection, recursive_triggers=False, execute_plugins=False))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _migrations() -> "Migrations":
    from sqlite_utils import Migrations  # noqa: PLC0415  # as above

    migrations = Migrations("edge_hub.journal")
    for name, parts in _STEPS:
        migrations(name=name)(_step(parts))
    return migrations


def _step(parts: tuple[str, ...]) -> "Callable[[Database], None]":
    def apply(db: "Database") -> None:
        for part in parts:
            for statement in statements(part):
                db.conn.execute(statement)

    return apply


def statements(script: str) -> list[str]:
    """The script's statements one by one: `executescript` would commit the migration's transaction."""
    result, pending = [], ""
    for piece in script.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \n;"):
                result.append(pending.strip())
            pending = ""
    return result
