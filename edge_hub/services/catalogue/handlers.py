"""Catalogue commands as the writer decides them."""

from itertools import islice

from edge_hub.domain.events import CatalogueImported, StockCounted
from edge_hub.domain.ids import ProductId
from edge_hub.domain.stock import StockLine
from edge_hub.errors import Conflict, Invalid
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.services.catalogue import lookup, tables, write
from edge_hub.services.catalogue.commands import (
    DIRECT_ROWS_MAX,
    STAGE_ROWS_MAX,
    AbandonImport,
    Applied,
    ApplyImport,
    BeginImport,
    CopyPrices,
    CopyProducts,
    Origin,
    PostCounts,
    PurgeImport,
    StageRows,
    SwitchImport,
)
from edge_hub.services.catalogue.tables import LIVE, NEXT

COPY_ROWS_MAX = 250
COUNT_LINES_MAX = 250
COUNT_REASON = "catalogue import"
_IMPORT = "catalogue_import"  # meta: the import being staged

HANDLERS = Handlers()


class ImportLost(Conflict):
    """Another import began, or the hub restarted, while this one was being staged; nothing of it was applied."""

    code = "import-lost"
    title = "The import was overtaken by another; start it again."


class ImportTooLong(Invalid):
    """More rows in one command than it may take: a fault of its sender."""

    code = "import-too-long"
    title = "Too many rows in one piece of an import."


def _replay(tx: Tx, _command: ApplyImport | SwitchImport, ref: str) -> Applied:
    return Applied(seq=int(ref), version=lookup.version(tx.row))


@HANDLERS.on(ApplyImport, replay=_replay)
def apply_import(tx: Tx, command: ApplyImport) -> Outcome[Applied]:
    """A short import: every row at once."""
    if len(command.products) + len(command.prices) > DIRECT_ROWS_MAX:
        raise ImportTooLong
    # A code may move from one product of the file to another, whichever stands first.
    for row in command.products:
        if row.barcodes is not None:
            tx.execute("DELETE FROM barcodes WHERE product = (SELECT id FROM products WHERE sku = ?)", (row.sku,))
    counts = []
    for row in command.products:
        product = write.put_product(tx, LIVE, row)
        if row.on_hand_milli is not None:
            counts.append(StockLine(product=ProductId(product), quantity_milli=row.on_hand_milli))
    for price in command.prices:
        write.put_price(tx, LIVE, "products", price)
    seq = _announce(tx, command.origin)
    lines = iter(counts)
    while chunk := tuple(islice(lines, COUNT_LINES_MAX)):
        tx.append(StockCounted(lines=chunk, reason=COUNT_REASON))
    applied = Applied(seq=seq, version=lookup.version(tx.row))
    return Outcome(answer=applied, ref=str(seq))


@HANDLERS.on(BeginImport)
def begin_import(tx: Tx, command: BeginImport) -> Outcome[str]:
    names = (tables.PRODUCT_TABLES if command.products else ()) + (tables.PRICE_TABLES if command.prices else ())
    while tables.purge(tx):
        pass  # what a stop in the middle of purging left; the service purges before, in steps
    tables.create_beside(tx, names)
    import_id = tx.new_id()
    tx.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_IMPORT, import_id))
    return Outcome(answer=import_id)


@HANDLERS.on(StageRows)
def stage_rows(tx: Tx, command: StageRows) -> Outcome[None]:
    _require(tx, command.import_id)
    if len(command.products) + len(command.prices) > STAGE_ROWS_MAX:
        raise ImportTooLong
    for row in command.products:
        product = write.put_product(tx, NEXT, row)
        if row.on_hand_milli is not None:
            tx.execute(f"INSERT INTO {tables.COUNTS} VALUES (?, ?)", (product, row.on_hand_milli))  # noqa: S608  # constants
    if command.prices:
        product_table = "products" + (NEXT if "products" in tables.staged(tx) else LIVE)
        for price in command.prices:
            write.put_price(tx, NEXT, product_table, price)
    return Outcome(answer=None)


@HANDLERS.on(CopyProducts)
def copy_products(tx: Tx, command: CopyProducts) -> Outcome[str | None]:
    _require(tx, command.import_id)
    return Outcome(answer=write.copy_products(tx, NEXT, command.after, COPY_ROWS_MAX))


@HANDLERS.on(CopyPrices)
def copy_prices(tx: Tx, command: CopyPrices) -> Outcome[tuple[str, str, int] | None]:
    _require(tx, command.import_id)
    return Outcome(answer=write.copy_prices(tx, NEXT, command.after, COPY_ROWS_MAX))


@HANDLERS.on(SwitchImport, replay=_replay)
def switch_import(tx: Tx, command: SwitchImport) -> Outcome[Applied]:
    """The import becomes the catalogue, with its event, in one short transaction."""
    _require(tx, command.import_id)
    tables.switch(tx)
    tx.execute("DELETE FROM meta WHERE key = ?", (_IMPORT,))
    seq = _announce(tx, command.origin)
    return Outcome(answer=Applied(seq=seq, version=lookup.version(tx.row)), ref=str(seq))


@HANDLERS.on(AbandonImport)
def abandon_import(tx: Tx, command: AbandonImport) -> Outcome[None]:
    _require(tx, command.import_id)
    tables.drop_beside(tx)
    tx.execute("DELETE FROM meta WHERE key = ?", (_IMPORT,))
    return Outcome(answer=None)


@HANDLERS.on(PostCounts)
def post_counts(tx: Tx, _command: PostCounts) -> Outcome[bool]:
    """Counts belong to an import only after its switch: while one is being staged there is nothing to post."""
    staging = tx.row("SELECT 1 FROM meta WHERE key = ?", (_IMPORT,)) is not None
    if staging or not tables.exists(tx, tables.COUNTS):
        return Outcome(answer=False)
    rows = tx.rows(f"SELECT product, quantity_milli FROM {tables.COUNTS} ORDER BY product LIMIT ?", (COUNT_LINES_MAX,))  # noqa: S608  # constants
    if not rows:
        tx.execute(f"DROP TABLE {tables.COUNTS}")
        return Outcome(answer=False)
    tx.execute(f"DELETE FROM {tables.COUNTS} WHERE product <= ?", (rows[-1][0],))  # noqa: S608  # constants
    lines = tuple(StockLine(product=ProductId(product), quantity_milli=milli) for product, milli in rows)
    tx.append(StockCounted(lines=lines, reason=COUNT_REASON))
    return Outcome(answer=True)


@HANDLERS.on(PurgeImport)
def purge_import(tx: Tx, _command: PurgeImport) -> Outcome[bool]:
    return Outcome(answer=tables.purge(tx))


def _require(tx: Tx, import_id: str) -> None:
    row = tx.row("SELECT value FROM meta WHERE key = ?", (_IMPORT,))
    if row is None or row[0] != import_id:
        raise ImportLost


def _announce(tx: Tx, origin: Origin) -> int:
    tx.execute("UPDATE meta SET value = value + 1 WHERE key = ?", (lookup.VERSION,))
    lookup.forget(tx.cache)
    tx.wake("catalogue")
    return tx.append(
        CatalogueImported(source=origin.source, sha256=origin.sha256, products=origin.products, prices=origin.prices)
    )
