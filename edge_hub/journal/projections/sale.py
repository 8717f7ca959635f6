"""sales, sale_lines, sale_tenders and receipt_series, from completed sales and reprints."""

import sqlite3

from edge_hub.domain.events import ReceiptReprinted, SaleCompleted
from edge_hub.journal.projections.fact import Fact
from edge_hub.journal.projections.stock import MOVE_SQL

_SALE_SQL = (
    "INSERT INTO sales (seq, id, till, receipt_number, receipt_label, sold_at_ms, staff, client, currency, total,"
    " change, copies, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)"
)
_LINE_SQL = "INSERT INTO sale_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_TENDER_SQL = "INSERT INTO sale_tenders VALUES (?, ?, ?, ?, ?)"
_PAID_SQL = "UPDATE payments SET sale = ? WHERE reference = ? AND basket = ? AND kind = 'sale'"
_SERIES_SQL = (
    "INSERT INTO receipt_series VALUES (?, ?) ON CONFLICT (till) DO UPDATE SET last_number = excluded.last_number"
)


def project_sale(cursor: sqlite3.Cursor, fact: Fact[SaleCompleted]) -> None:
    """A sale's rows; its tracked lines leave the shelf, and the payments of its basket are known to have paid it."""
    sale = fact.event.sale
    sale_id = sale.id
    cursor.execute(
        _SALE_SQL,
        (
            fact.seq,
            sale_id,
            sale.till,
            sale.receipt_number,
            sale.receipt_label,
            sale.sold_at_ms,
            sale.staff,
            fact.client or "",
            sale.currency,
            sale.total.minor,
            sale.change.minor,
            fact.event.idempotency_key,
        ),
    )
    cursor.executemany(
        _LINE_SQL,
        [
            (sale_id, n, line.product, line.sku, line.name, line.quantity_milli, line.amount.minor, line.tax_code)
            for n, line in enumerate(sale.lines, 1)
        ],
    )
    cursor.executemany(
        _TENDER_SQL,
        [(sale_id, n, tender.type, tender.amount.minor, tender.reference) for n, tender in enumerate(sale.tenders, 1)],
    )
    if sale.basket is not None:
        paid = [(sale_id, tender.reference, sale.basket) for tender in sale.tenders if tender.reference]
        cursor.executemany(_PAID_SQL, paid)
    cursor.execute(_SERIES_SQL, (sale.till, sale.receipt_number))
    cursor.executemany(MOVE_SQL, [(line.product, -line.quantity_milli) for line in sale.lines if line.tracked])


def project_reprint(cursor: sqlite3.Cursor, fact: Fact[ReceiptReprinted]) -> None:
    """How often a receipt was printed again."""
    cursor.execute("UPDATE sales SET copies = max(copies, ?) WHERE id = ?", (fact.event.copy, fact.event.sale))
