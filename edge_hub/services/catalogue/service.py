"""The catalogue for the rest of the hub: look-ups and search on read-only connections, imports through the writer."""

import asyncio
import hashlib
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge_hub.clock import Clock
from edge_hub.domain.catalog import Product
from edge_hub.domain.money import Money
from edge_hub.domain.staff import Permission
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import Conflict, EdgeHubError
from edge_hub.journal.commands import Actor
from edge_hub.services.catalogue import search
from edge_hub.services.catalogue.commands import (
    DIRECT_ROWS_MAX,
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
from edge_hub.services.catalogue.lookup import Found, Lookup
from edge_hub.services.catalogue.rows import FILE_BYTES_MAX, Format, ImportFileUnreadable, Source
from edge_hub.services.catalogue.staging import Progress, Staged, stage
from edge_hub.services.principal import Principal

if TYPE_CHECKING:
    from edge_hub.journal.journal import Journal

SEARCH_LIMIT_MAX = 200
SOURCE_NAME_CHARACTERS_MAX = 200
_FORMATS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip


class ImportRunning(Conflict):
    """One import at a time."""

    code = "import-running"
    title = "Another import is running."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductView:
    """A product with the price in effect now, and what the stock says (None: not tracked)."""

    product: Product
    unit_price: Money
    on_hand_milli: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView:
    """What a code stands for: the product, so much of it, and the whole amount where the label fixes it."""

    view: ProductView
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """`next_after` asks for what follows; None: that was all."""

    products: tuple[ProductView, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or (dry run: `seq` None) would do."""

    products: int
    new_products: int
    prices: int
    seq: int | None
    version: int | None


def _no_progress(_phase: str, _done: int, _total: int) -> None:
    """Nobody is watching."""


class Catalogue:
    """Products: found, searched, imported. Reading needs no permission."""

    def __init__(self, journal: "Journal", clock: Clock, settings: StoreSettings) -> None:
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self._importing = asyncio.Lock()
        reader = journal.reader
        self._lookup_row, self._lookup_rows = reader.row, reader.rows

    def by_barcode(self, code: str) -> ScanView:
        """By a scanned or typed code, with an embedded weight or price. Raises ProductNotFound, BarcodeInvalid."""
        found = self._lookup().by_barcode(code, self._clock.now_ms())
        return ScanView(view=self._view(found.product, found.unit_price), found=found)

    def by_id(self, product_id: str) -> ProductView:
        """Raises ProductNotFound."""
        found = self._lookup().by_id(product_id, self._clock.now_ms())
        return self._view(found.product, found.unit_price)

    async def search(self, query: str = "", *, limit: int = 50, after: str | None = None) -> ProductPage:
        """Active products whose words begin with the query's; exact SKU or bar code first; "" lists all by SKU."""
        limit = max(1, min(limit, SEARCH_LIMIT_MAX))
        at_ms, settings = self._clock.now_ms(), self._settings

        def read(connection: sqlite3.Connection) -> ProductPage:
            hits = search.search(connection, settings, query, limit, after)
            lookup = _lookup_on(connection, settings)
            views = []
            for product_id, on_hand in hits.products:
                found = lookup.by_id(product_id, at_ms)
                shown = (on_hand or 0) if found.product.track_stock else None
                views.append(ProductView(product=found.product, unit_price=found.unit_price, on_hand_milli=shown))
            return ProductPage(products=tuple(views), next_after=hits.next_after)

        return await self._journal.reader.run(read)

    async def import_file(
        self,
        who: Principal,
        file: Path | bytes,
        fmt: Format | None = None,
        *,
        name: str = "",
        encoding: str = "utf-8",
        delimiter: str = "",
        dry_run: bool = False,
        on_progress: Progress = _no_progress,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> ImportReport:
        """Add and change products and list prices, all or nothing; products the file does not name stay.

        `name` is what the journal calls the file where it has no path. `dry_run` reads and checks, and changes
        nothing. Raises ImportRefused (every bad row), ImportFileUnreadable,
        ImportRunning.
        """
        who.require(Permission.MANAGE_CATALOGUE)
        if self._importing.locked():
            raise ImportRunning
        async with self._importing:
            source, own_name = await asyncio.to_thread(_source, file, fmt, encoding, delimiter)
            loop = asyncio.get_running_loop()

            def progress(phase: str, done: int, total: int) -> None:
                loop.call_soon_threadsafe(on_progress, phase, done, total)

            staged = await self._journal.reader.run(lambda live: stage(source, self._settings, live, progress))
            with staged:
                applied: Applied | None = None
                if not dry_run:
                    run = _Import(self._journal, who.actor, staged, on_progress)
                    applied = await run.apply(_origin(name or own_name, source, staged), key, fingerprint)
                return ImportReport(
                    products=staged.products, new_products=staged.new_products, prices=staged.prices,
                    seq=applied.seq if applied else None, version=applied.version if applied else None,
                )  # fmt: skip

    async def finish_import(self) -> None:
        """After a restart: post the counts and clear the tables that a switched import left, if it did."""
        async with self._importing:
            await _finish(self._journal, Actor(), _no_progress)

    def _lookup(self) -> Lookup:
        return Lookup(self._lookup_row, self._lookup_rows, self._settings)

    def _view(self, product: Product, unit_price: Money) -> ProductView:
        row = self._lookup_row("SELECT on_hand_milli FROM stock WHERE product = ?", (product.id,))
        on_hand = (row[0] if row else 0) if product.track_stock else None
        return ProductView(product=product, unit_price=unit_price, on_hand_milli=on_hand)


class _Import:
    """One checked import on its way into the writer."""

    def __init__(self, journal: "Journal", actor: Actor, staged: Staged, on_progress: Progress) -> None:
        self._journal = journal
        self._actor = actor
        self._staged = staged
        self._on_progress = on_progress

    async def apply(self, origin: Origin, key: str, fingerprint: bytes) -> Applied:
        await _finish(self._journal, self._actor, self._on_progress)
        if self._staged.products + self._staged.prices <= DIRECT_ROWS_MAX:
            command = ApplyImport(
                origin=origin,
                products=next(self._staged.product_chunks(DIRECT_ROWS_MAX), ()),
                prices=next(self._staged.price_chunks(DIRECT_ROWS_MAX), ()),
            )
            return await self._journal.submit(command, actor=self._actor, key=key, fingerprint=fingerprint)
        begin = BeginImport(products=bool(self._staged.products), prices=bool(self._staged.prices))
        import_id = await self._journal.submit(begin, actor=self._actor)
        switch = SwitchImport(import_id=import_id, origin=origin)
        try:
            await self._fill(import_id)
            applied = await self._journal.submit(switch, actor=self._actor, key=key, fingerprint=fingerprint)
        except BaseException:
            # Only tidying: what it does not reach, the next import's beginning drops; after a switch it refuses.
            with suppress(EdgeHubError):
                await self._journal.submit(AbandonImport(import_id=import_id), actor=self._actor)
            raise
        await _finish(self._journal, self._actor, self._on_progress)
        return applied

    async def _fill(self, import_id: str) -> None:
        staged, done = self._staged, 0
        for products in staged.product_chunks():
            await self._journal.submit(StageRows(import_id=import_id, products=products), actor=self._actor)
            done += len(products)
            self._on_progress("stage", done, staged.products + staged.prices)
        if staged.products:
            after: str | None = ""
            while after is not None:
                after = await self._journal.submit(CopyProducts(import_id=import_id, after=after), actor=self._actor)
        for prices in staged.price_chunks():
            await self._journal.submit(StageRows(import_id=import_id, prices=prices), actor=self._actor)
            done += len(prices)
            self._on_progress("stage", done, staged.products + staged.prices)
        if staged.prices:
            last: tuple[str, str, int] | None = ("", "", 0)
            while last is not None:
                last = await self._journal.submit(CopyPrices(import_id=import_id, after=last), actor=self._actor)


async def _finish(journal: "Journal", actor: Actor, on_progress: Progress) -> None:
    """Post what counts an import brought, and clear what it replaced, a little at a time."""
    steps = 0
    for command in (PostCounts(), PurgeImport()):
        while await journal.submit(command, actor=actor):
            steps += 1
            on_progress("finish", steps, 0)


def _lookup_on(connection: sqlite3.Connection, settings: StoreSettings) -> Lookup:
    return Lookup(
        lambda sql, params: connection.execute(sql, params).fetchone(),
        lambda sql, params: connection.execute(sql, params).fetchall(),
        settings,
    )


def _source(file: Path | bytes, fmt: Format | None, encoding: str, delimiter: str) -> tuple[Source, str]:
    """The file's content and name. Raises ImportFileUnreadable."""
    if isinstance(file, bytes):
        content, name, suffix = file, "upload", ""
    else:
        name, suffix = file.name, file.suffix.lower()
        try:
            if file.stat().st_size > FILE_BYTES_MAX:
                raise ImportFileUnreadable(
                    "The file is larger than {limit} bytes.", why="too-large", limit=FILE_BYTES_MAX
                )
            content = file.read_bytes()
        except OSError as exc:
            raise ImportFileUnreadable("{file}: {words}.", why="system", file=str(file), words=exc.strerror) from exc
    kind = fmt or _FORMATS.get(suffix)
    if kind is None:
        raise ImportFileUnreadable("Say whether this is csv, json or jsonl: the name does not.", why="format")
    return Source(content=content, format=kind, encoding=encoding, delimiter=delimiter), name


def _origin(name: str, source: Source, staged: Staged) -> Origin:
    digest = hashlib.sha256(source.content).hexdigest()
    called = name[:SOURCE_NAME_CHARACTERS_MAX]
    return Origin(source=called, sha256=digest, products=staged.products, prices=staged.prices)
