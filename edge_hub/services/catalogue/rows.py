"""The import file's rows: CSV, JSON and JSON lines in, checked `ProductRow` and `PriceRow` out (docs/catalogue.md)."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from edge_hub.domain.basket import UNIT_PRICE_MINOR_MAX
from edge_hub.domain.gtin import stored_form
from edge_hub.domain.money import AmountInvalid, minor_digits, parse_minor
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import Fault, Invalid, Param, shape_fault
from edge_hub.services.catalogue.commands import PriceRow, ProductRow

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from edge_hub.services.catalogue.model import Item

Format = Literal["csv", "json", "jsonl"]
FILE_BYTES_MAX = 256 << 20
JSON_BYTES_MAX = 32 << 20
"""A JSON document is read whole; longer catalogues come as CSV or JSON lines."""
ROWS_MAX = 1_000_000
DELIMITERS = ",;\t"
ENCODINGS = ("utf-8", "big5", "cp950", "gb18030", "cp1252")
"""UTF-8 (a byte order mark is ignored) unless the caller says otherwise: guessing mistakes one Chinese for another."""

_COLUMNS = frozenset({
    "sku", "name", "price", "tax_code", "unit", "category", "barcodes", "variant_of", "attributes", "track_stock",
    "active", "on_hand", "list", "from", "until",
})  # fmt: skip
_NAME_PREFIX = "name:"
_SIGNED_DECIMAL = re.compile(r"(-?)(\d{1,9})(?:[.,](\d{1,6}))?")
_json_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TRUE = frozenset({"1", "true", "yes", "y", "x"})
_FALSE = frozenset({"0", "false", "no", "n"})


class ImportFileUnreadable(Invalid):
    """The file as a whole cannot be read: wrong encoding, no header, not JSON, too large."""

    code = "import-file-unreadable"
    title = "The import file cannot be read."


class RowRefused(Exception):
    """One row is bad; `faults` says in what."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An import as handed over: `line` numbers start at 1 (CSV: the header); JSON arrays count their items from 1."""

    content: bytes
    format: Format
    encoding: str = "utf-8"
    delimiter: str = ""
    """Empty: whichever of comma, semicolon and tab the header holds most of."""


def items(source: Source) -> Iterator[tuple[int, Mapping[str, Any] | RowRefused]]:
    """Each row with its number, as a mapping of natural types, or why it cannot be one.

    Raises ImportFileUnreadable.
    """
    if source.format == "csv":
        yield from _csv(source)
    elif source.format == "jsonl":
        yield from _json_lines(source)
    else:
        yield from _json(source)


def row(line: int, item: Mapping[str, Any], settings: StoreSettings) -> ProductRow | PriceRow:
    """Check one row by the model and the store's settings. Raises RowRefused naming every fault in it."""
    parsed = _validated(line, item)
    faults: list[Fault] = []
    price = _collect(faults, line, "price", lambda: _price(parsed.price, settings.currency) if parsed.price else None)
    if parsed.price_list:
        from_ms = _collect(faults, line, "from", lambda: _moment(parsed.from_, settings) or 0) or 0
        until_ms = _collect(faults, line, "until", lambda: _moment(parsed.until, settings))
        if price is None and not faults:
            faults.append(row_fault(line, "price", "missing", "a list price needs a price", why="price-missing"))
        if until_ms is not None and until_ms <= from_ms:
            faults.append(row_fault(line, "until", "order", "until is not after from", why="until-before-from"))
        if faults:
            raise RowRefused(*faults)
        return PriceRow(line, parsed.sku, parsed.price_list, from_ms, until_ms, price or 0)
    if parsed.from_ or parsed.until:
        words = "from and until need a price list in 'list'"
        faults.append(row_fault(line, "list", "missing", words, why="list-missing"))
    if parsed.tax_code is not None and parsed.tax_code not in {rate.code for rate in settings.taxes.rates}:
        known = ", ".join(rate.code for rate in settings.taxes.rates)
        words = "'{text}' is none of this store's: {known}"
        fault = row_fault(line, "tax_code", "unknown", words, why="tax-code", text=parsed.tax_code, known=known)
        faults.append(fault)
    on_hand = _collect(faults, line, "on_hand", lambda: _milli(parsed.on_hand) if parsed.on_hand else None)
    if faults:
        raise RowRefused(*faults)
    attributes = None if parsed.attributes is None else _json_text(list(parsed.attributes.items()))
    codes = None if parsed.barcodes is None else list(dict.fromkeys(map(stored_form, parsed.barcodes)))
    return ProductRow(
        line=line, sku=parsed.sku, name=parsed.name, names=None if parsed.names is None else _json_text(parsed.names),
        unit=parsed.unit, category=parsed.category, price=price, tax_code=parsed.tax_code,
        variant_of=parsed.variant_of, attributes=attributes,
        track_stock=parsed.track_stock, active=parsed.active, barcodes=codes, on_hand_milli=on_hand,
    )  # fmt: skip


def _validated(line: int, item: Mapping[str, Any]) -> "Item":
    from pydantic import ValidationError  # noqa: PLC0415  # heavy, and imports are rare

    from edge_hub.services.catalogue.model import Item  # noqa: PLC0415  # likewise

    try:
        return Item.model_validate(item)
    except ValidationError as exc:
        faults = (_shape(line, error) for error in exc.errors(include_url=False, include_input=False))
        raise RowRefused(*faults) from None


def _shape(line: int, error: "ErrorDetails") -> Fault:
    """What pydantic found in a row."""
    column = ".".join(str(part) for part in error["loc"]) or "row"
    found = shape_fault(f"/{line}/{column}", error["type"], f"line {line}, {column}: {error['msg']}", error.get("ctx"))
    return replace(found, params={**found.params, "line": line, "column": column})


def row_fault(line: int, column: str, code: str, message: str, /, *, why: str, **params: Param) -> Fault:
    """What is wrong in one cell; `message` is an English template, `fault.<why>` the key of its words."""
    return Fault(
        pointer=f"/{line}/{column}",
        code=code,
        message=f"line {line}, {column}: {message.format_map(params)}",
        why=why,
        params={**params, "line": line, "column": column},
    )


def _collect(faults: list[Fault], line: int, column: str, parse: Callable[[], int | None]) -> int | None:
    try:
        return parse()
    except _BadCell as exc:
        faults.append(row_fault(line, column, "format", exc.message, why=exc.why, **exc.params))
        return None


class _BadCell(Exception):
    """A text that does not fit its column: an English template, its key and its values."""

    def __init__(self, message: str, *, why: str, **params: Param) -> None:
        super().__init__(message)
        self.message, self.why, self.params = message, why, params


def _price(text: str, currency: str) -> int:
    """Minor units of a decimal text; a comma is a decimal comma. More digits than the currency has: _BadCell."""
    if len(text.partition(",")[2]) > minor_digits(currency):
        words = "'{text}': a comma is a decimal comma, and {currency} has {digits} decimals"
        raise _BadCell(words, why="decimal-comma", text=text, currency=currency, digits=minor_digits(currency))
    try:
        minor = parse_minor(text.replace(",", "."), currency)
    except AmountInvalid as exc:
        raise _BadCell("{words}", why="words", words=exc.detail) from None
    if not 0 <= minor <= UNIT_PRICE_MINOR_MAX:
        words = "'{text}' is not a price between 0 and {limit} minor units"
        raise _BadCell(words, why="price-range", text=text, limit=UNIT_PRICE_MINOR_MAX)
    return minor


def _milli(text: str) -> int:
    match = _SIGNED_DECIMAL.fullmatch(text)
    if match is None or len((match[3] or "").rstrip("0")) > 3:  # noqa: PLR2004  # thousandths
        raise _BadCell("'{text}' is not a quantity like 12 or 1.250", why="quantity-form", text=text)
    milli = int(match[2] + (match[3] or "").rstrip("0").ljust(3, "0"))
    return -milli if match[1] else milli


def _moment(text: str, settings: StoreSettings) -> int | None:
    """A date (its first moment) or date-time in the store's time zone as unix ms; None for an empty text."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        words = "'{text}' is not a date like 2026-05-31 or 2026-05-31T18:00"
        raise _BadCell(words, why="date-form", text=text) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(settings.card.timezone))
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _decoded(source: Source) -> str:
    if len(source.content) > FILE_BYTES_MAX:
        raise ImportFileUnreadable("The file is larger than {limit} bytes.", why="too-large", limit=FILE_BYTES_MAX)
    if source.encoding not in ENCODINGS:
        words, known = "Encoding '{encoding}' is not one of {known}.", ", ".join(ENCODINGS)
        raise ImportFileUnreadable(words, why="encoding", encoding=source.encoding, known=known)
    try:
        return source.content.decode("utf-8-sig" if source.encoding == "utf-8" else source.encoding)
    except UnicodeDecodeError as exc:
        line = source.content.count(b"\n", 0, exc.start) + 1
        words = "Line {line} is not {encoding}. Name the file's encoding."
        raise ImportFileUnreadable(words, why="other-encoding", line=line, encoding=source.encoding) from None


def _csv(source: Source) -> Iterator[tuple[int, Mapping[str, Any] | RowRefused]]:
    text = io.StringIO(_decoded(source), newline="")
    header_line = text.readline()
    delimiter = source.delimiter or max(DELIMITERS, key=header_line.count)
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        header = _header(next(reader, []))
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, _csv_item(line, header, cells)
            line = reader.line_num + 1
    except csv.Error as exc:
        raise ImportFileUnreadable("Line {line}: {words}.", why="csv", line=reader.line_num, words=str(exc)) from None


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    names = [name if name.startswith(_NAME_PREFIX) else name.lower() for name in names]
    unknown = [name for name in names if name not in _COLUMNS and not name.startswith(_NAME_PREFIX)]
    if "sku" not in names:
        raise ImportFileUnreadable("The first line must name the columns, 'sku' among them.", why="no-header")
    if unknown:
        columns = ", ".join(repr(name) for name in unknown)
        raise ImportFileUnreadable("Unknown columns: {columns}.", why="columns", columns=columns)
    if len(set(names)) != len(names):
        raise ImportFileUnreadable("A column is named twice.", why="column-twice")
    return names


def _csv_item(line: int, header: list[str], cells: list[str]) -> Mapping[str, Any] | RowRefused:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        words = "{cells} cells under {columns} columns"
        return RowRefused(row_fault(line, "row", "columns", words, why="cells", cells=len(cells), columns=len(header)))
    item: dict[str, Any] = {}
    names: dict[str, str] = {}
    for name, cell in zip(header, cells, strict=False):
        value = cell.strip()
        if name.startswith(_NAME_PREFIX):
            if value:
                names[name.removeprefix(_NAME_PREFIX)] = value
        else:
            item[name] = _cell(name, value)
    if any(name.startswith(_NAME_PREFIX) for name in header):
        item["names"] = names
    return {name: value for name, value in item.items() if value is not None}


def _cell(name: str, value: str) -> object:
    """A cell's natural type; None: as if the column were not there. What is no boolean stays text, for the model."""
    if name in {"track_stock", "active"}:
        return None if not value else value.lower() in _TRUE if value.lower() in _TRUE | _FALSE else value
    if name == "barcodes":
        return [code.strip() for code in value.split("|") if code.strip()]
    if name == "attributes":
        pairs = (pair.partition("=") for pair in value.split("|") if pair.strip())
        return {key.strip(): text.strip() for key, _, text in pairs}
    if name in {"category", "variant_of"}:
        return value
    return value or None


def _json(source: Source) -> Iterator[tuple[int, Mapping[str, Any] | RowRefused]]:
    if len(source.content) > JSON_BYTES_MAX:
        words = "A JSON document may have {limit} bytes; use JSON lines for more."
        raise ImportFileUnreadable(words, why="json-too-large", limit=JSON_BYTES_MAX)
    try:
        # Numbers stay text: a price never becomes a float.
        document = json.loads(_decoded(source), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as exc:
        raise ImportFileUnreadable("Not JSON: {words}.", why="not-json", words=str(exc)) from None
    if not isinstance(document, list):
        raise ImportFileUnreadable("The JSON document must be an array of objects.", why="no-array")
    for number, item in enumerate(document, 1):
        yield number, item if isinstance(item, dict) else _no_object(number)


def _no_object(line: int) -> RowRefused:
    return RowRefused(row_fault(line, "row", "type", "not an object", why="no-object"))


def _json_lines(source: Source) -> Iterator[tuple[int, Mapping[str, Any] | RowRefused]]:
    for number, text in enumerate(_decoded(source).split("\n"), 1):
        if not text.strip():
            continue
        try:
            item = json.loads(text, parse_float=str, parse_int=str)
        except (ValueError, RecursionError) as exc:
            yield number, RowRefused(row_fault(number, "row", "json", "{words}", why="not-json", words=str(exc)))
            continue
        yield number, item if isinstance(item, dict) else _no_object(number)
