"""From a code or an id to a product and its price: the same for the writer's transaction and a reader's connection."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from edge_hub.domain.barcode import Embedded, Scan, parse
from edge_hub.domain.basket import QUANTITY_MILLI_MAX
from edge_hub.domain.catalog import MILLI, ListPrice, Product, Unit, name_in, price_at
from edge_hub.domain.ids import ProductId
from edge_hub.domain.money import Money, round_ratio
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import NotFound

PRODUCTS_CACHED_MAX = 4096
"""Products, and codes, that the writer keeps in memory; about 6 MB. Sales repeat themselves."""
VERSION = "catalogue_version"
COLUMNS = (
    "p.id, p.sku, p.name, p.names_json, p.unit, p.category, p.price, p.tax_code, p.variant_of, p.attributes_json,"
    " p.track_stock, p.active"
)
_CACHE = "catalogue.products"
_CODES = "catalogue.codes"
_SETTLED = "catalogue.settled"

RowOf = Callable[[str, Sequence[Any]], tuple[Any, ...] | None]
RowsOf = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class ProductNotFound(NotFound):
    """No product with this id or code; `params["code"]` is what was asked for."""

    code = "product-not-found"
    title = "This product is not in the catalogue."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A product with its prices in the store's price list."""

    product: Product
    prices: tuple[ListPrice, ...]
    name: str
    """In the store's language: what its receipts say."""

    def price(self, price_list: str, at_ms: int) -> Money:
        """What a unit costs at that moment."""
        return price_at(self.product, self.prices, price_list, at_ms) if self.prices else self.product.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a code stands for: so much of a product, at this price in effect."""

    product: Product
    name: str
    unit_price: Money
    quantity_milli: int
    code: str
    label_amount: Money | None = None
    """The price on the article's label, for the whole line."""
    embedded: Embedded | None = None


class Lookup:
    """Reads products by `row` and `rows`; `cache` (the writer's) spares it the tables."""

    def __init__(self, row: RowOf, rows: RowsOf, settings: StoreSettings, cache: dict[Any, Any] | None = None) -> None:
        self._row = row
        self._rows = rows
        self._settings = settings
        self._entries: dict[str, Entry] = {} if cache is None else cache.setdefault(_CACHE, {})
        self._codes: dict[str, tuple[Scan, Entry]] = {} if cache is None else cache.setdefault(_CODES, {})
        self._settled: dict[str, Found] = {} if cache is None else cache.setdefault(_SETTLED, {})

    def by_id(self, product_id: str, at_ms: int) -> Found:
        """Raises ProductNotFound."""
        entry = self._entry(product_id)
        if entry is None:
            raise ProductNotFound(code=product_id)
        return self._found(None, entry, at_ms)

    def by_barcode(self, code: str, at_ms: int) -> Found:
        """By a scanned or typed code, with the price or weight inside it; an SKU is a code too.

        Raises ProductNotFound, BarcodeInvalid.
        """
        settled = self._settled.get(code)
        if settled is not None:
            return settled
        known = self._codes.get(code)
        if known is not None:
            return self._found(*known, at_ms)
        scan = parse(code, layouts=self._settings.embedded)
        entry = self._seek(scan)
        found = self._found(scan, entry, at_ms)
        if scan.embedded is None:
            # What has no list prices costs the same at any time.
            kept: dict[str, Any] = self._codes if entry.prices else self._settled
            _bound(kept)
            kept[code] = (scan, entry) if entry.prices else found
        return found

    def _seek(self, scan: Scan) -> Entry:
        for sql in ("SELECT product FROM barcodes WHERE code = ?", "SELECT id FROM products WHERE sku = ?"):
            for code in scan.lookups:
                row = self._row(sql, (code,))
                entry = None if row is None else self._entry(row[0])
                if entry is not None:
                    return entry
        raise ProductNotFound(code=scan.code)

    def _entry(self, product_id: str) -> Entry | None:
        entry = self._entries.get(product_id)
        if entry is not None:
            return entry
        row = self._row(f"SELECT {COLUMNS} FROM products p WHERE p.id = ?", (product_id,))  # noqa: S608  # constants
        if row is None:
            return None
        codes = self._rows("SELECT code FROM barcodes WHERE product = ? ORDER BY code", (product_id,))
        product = product_of(row, [code for (code,) in codes], self._settings.currency)
        prices = self._prices(product.id) if self._settings.price_list else ()
        _bound(self._entries)
        entry = self._entries[product_id] = Entry(
            product=product, prices=prices, name=name_in(product, self._settings.card.locale)
        )
        return entry

    def _prices(self, product: ProductId) -> tuple[ListPrice, ...]:
        name = self._settings.price_list
        rows = self._rows(
            "SELECT from_ms, until_ms, price FROM list_prices WHERE price_list = ? AND product = ?", (name, product)
        )
        return tuple(
            ListPrice(
                price_list=name, product=product, price=Money(price, self._settings.currency), from_ms=from_ms,
                until_ms=until_ms,
            )
            for from_ms, until_ms, price in rows
        )  # fmt: skip

    def _found(self, scan: Scan | None, entry: Entry, at_ms: int) -> Found:
        product = entry.product
        price = entry.price(self._settings.price_list, at_ms)
        quantity, label, embedded = MILLI, None, None
        if scan is not None and scan.price is not None:
            label, embedded = scan.price.money(self._settings.currency), Embedded.PRICE
            quantity = _labelled_quantity(scan, product.unit, label, price)
        elif scan is not None and scan.weight_milli is not None and product.unit is Unit.KILOGRAM:
            quantity, embedded = scan.weight_milli, Embedded.WEIGHT
        elif scan is not None and scan.count:
            # A weight on an article sold by the piece is its net weight, for information; a count is a count.
            quantity = MILLI * scan.count
        return Found(
            product=product, name=entry.name, unit_price=price, quantity_milli=quantity,
            code="" if scan is None else scan.code if embedded is None else scan.data, label_amount=label,
            embedded=embedded,
        )  # fmt: skip


def _labelled_quantity(scan: Scan, unit: Unit, label: Money, price: Money) -> int:
    """How much a label with a price is: its weight if it says so, else what that price buys by the kilogram."""
    if unit is not Unit.KILOGRAM:
        return MILLI
    if scan.weight_milli is not None:
        return scan.weight_milli
    if price.minor <= 0:
        return MILLI
    return min(max(1, round_ratio(label.minor * MILLI, price.minor)), QUANTITY_MILLI_MAX)


def product_of(row: Sequence[Any], barcodes: Iterable[str], currency: str) -> Product:
    """A product from a row of COLUMNS."""
    return Product(
        id=row[0], sku=row[1], name=row[2], names=json.loads(row[3]), unit=Unit(row[4]), category=row[5],
        price=Money(row[6], currency), tax_code=row[7], variant_of=row[8],
        attributes=tuple((name, value) for name, value in json.loads(row[9])), track_stock=bool(row[10]),
        active=bool(row[11]), barcodes=tuple(barcodes),
    )  # fmt: skip


def version(row: RowOf) -> int:
    """Counts the catalogue's changes."""
    found = row("SELECT value FROM meta WHERE key = ?", (VERSION,))
    return int(found[0]) if found else 0


def forget(cache: dict[Any, Any]) -> None:
    """The catalogue changed: all of the writer's copies are stale."""
    cache.pop(_CACHE, None)
    cache.pop(_CODES, None)
    cache.pop(_SETTLED, None)


def _bound(cache: dict[Any, Any]) -> None:
    if len(cache) >= PRODUCTS_CACHED_MAX:
        cache.clear()
