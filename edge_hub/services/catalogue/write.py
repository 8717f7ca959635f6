"""Products, codes and prices into their tables, live or beside (the writer's side)."""

import json
from typing import Any

from edge_hub.journal.commands import Tx
from edge_hub.services.catalogue.commands import PriceRow, ProductRow
from edge_hub.services.catalogue.tables import LIVE
from edge_hub.services.catalogue.text import bigrams

_COLUMNS = (
    "number, id, sku, name, names_json, unit, category, price, tax_code, variant_of, attributes_json, track_stock,"
    " active, updated_ms"
)
_ID, _SKU, _NAME, _NAMES, _CATEGORY, _UPDATED = 1, 2, 3, 4, 6, 13

Stored = tuple[Any, ...]
"""A row of `_COLUMNS`."""


def put_product(tx: Tx, suffix: str, row: ProductRow) -> str:
    """Add or change one product in the tables of `suffix`, from its live row where it says nothing; its id."""
    live = tx.row(f"SELECT {_COLUMNS} FROM products WHERE sku = ?", (row.sku,))  # noqa: S608  # `suffix` is one of two constants
    if live is None:
        stored, codes = _new(tx, suffix, row), row.barcodes or []
    else:
        stored = _changed(live, row, tx.at_ms)
        codes = _codes(tx, live[_ID]) if row.barcodes is None else row.barcodes
        if suffix == LIVE:
            _delete(tx, live)
    _insert(tx, suffix, stored, codes)
    return str(stored[_ID])


def copy_products(tx: Tx, suffix: str, after: str, limit: int) -> str | None:
    """Copy live products that are not in the tables of `suffix` yet, by id after `after`; the last id looked at."""
    ids = tx.rows("SELECT id FROM products WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
    if not ids:
        return None
    last = str(ids[-1][0])
    missing = tx.rows(
        f"SELECT {_COLUMNS} FROM products p WHERE id > ? AND id <= ?"  # noqa: S608  # `suffix` is one of two constants
        f" AND NOT EXISTS (SELECT 1 FROM products{suffix} n WHERE n.id = p.id)",
        (after, last),
    )
    for stored in missing:
        _insert(tx, suffix, stored, _codes(tx, stored[_ID]))
    return last


def put_price(tx: Tx, suffix: str, product_table: str, row: PriceRow) -> None:
    """Add or replace a list price; its product is looked up in `product_table` by SKU."""
    tx.execute(
        f"INSERT OR REPLACE INTO list_prices{suffix} (price_list, product, from_ms, until_ms, price)"  # noqa: S608  # `suffix` is one of two constants
        f" SELECT ?, id, ?, ?, ? FROM {product_table} WHERE sku = ?",
        (row.price_list, row.from_ms, row.until_ms, row.price, row.sku),
    )


def copy_prices(tx: Tx, suffix: str, after: tuple[str, str, int], limit: int) -> tuple[str, str, int] | None:
    """Copy live list prices that are not in the table of `suffix` yet, after a key; the last key looked at."""
    rows = tx.rows(
        "SELECT price_list, product, from_ms, until_ms, price FROM list_prices"
        " WHERE (price_list, product, from_ms) > (?, ?, ?) ORDER BY price_list, product, from_ms LIMIT ?",
        (*after, limit),
    )
    for row in rows:
        tx.execute(
            f"INSERT OR IGNORE INTO list_prices{suffix} (price_list, product, from_ms, until_ms, price)"  # noqa: S608  # `suffix` is one of two constants
            " VALUES (?, ?, ?, ?, ?)",
            row,
        )
    return None if not rows else (rows[-1][0], rows[-1][1], rows[-1][2])


def _new(tx: Tx, suffix: str, row: ProductRow) -> Stored:
    numbers = tx.row(f"SELECT (SELECT max(number) FROM products), (SELECT max(number) FROM products{suffix})")  # noqa: S608  # `suffix` is one of two constants
    number = 1 + max(n or 0 for n in numbers or (0,))
    return (
        number, tx.new_id(), row.sku, row.name, row.names or "{}", row.unit or "piece", row.category or "", row.price,
        row.tax_code, row.variant_of or "", row.attributes or "[]", row.track_stock is not False,
        row.active is not False, tx.at_ms,
    )  # fmt: skip


def _changed(live: Stored, row: ProductRow, at_ms: int) -> Stored:
    given = (
        row.name, row.names, row.unit, row.category, row.price, row.tax_code, row.variant_of, row.attributes,
        row.track_stock, row.active,
    )  # fmt: skip
    kept = live[_NAME:_UPDATED]
    return (*live[:_NAME], *(old if new is None else new for old, new in zip(kept, given, strict=True)), at_ms)


def _codes(tx: Tx, product: str) -> list[str]:
    return [code for (code,) in tx.rows("SELECT code FROM barcodes WHERE product = ?", (product,))]


def _delete(tx: Tx, live: Stored) -> None:
    tx.execute("DELETE FROM products WHERE number = ?", (live[0],))
    tx.execute("DELETE FROM products_fts WHERE rowid = ?", (live[0],))
    tx.execute("DELETE FROM barcodes WHERE product = ?", (live[_ID],))


def _insert(tx: Tx, suffix: str, stored: Stored, codes: list[str]) -> None:
    tx.execute(f"INSERT INTO products{suffix} ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", stored)  # noqa: S608  # `suffix` is one of two constants
    for code in codes:
        tx.execute(f"INSERT INTO barcodes{suffix} (code, product) VALUES (?, ?)", (code, stored[_ID]))  # noqa: S608  # `suffix` is one of two constants
    names = " ".join(dict.fromkeys((stored[_NAME], *json.loads(stored[_NAMES]).values())))
    tx.execute(
        f"INSERT INTO products_fts{suffix} (rowid, sku, name, category, barcodes, bigrams) VALUES (?,?,?,?,?,?)",  # noqa: S608  # `suffix` is one of two constants
        (stored[0], stored[_SKU], names, stored[_CATEGORY], " ".join(codes), bigrams(f"{names} {stored[_CATEGORY]}")),
    )
