"""The receipt: what a sale says to the customer, as a structure of localised words, amounts and codes.

`receipt(sale, store, till, words) -> Receipt` is pure; drawing it (text, PNG, printer) is others' work and takes no
decision: every string is ready, every row is there only when it is to be printed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edge_hub.domain.catalog import MILLI, Unit
from edge_hub.domain.ids import TillId
from edge_hub.domain.money import Money
from edge_hub.domain.sale import Sale, SaleLine
from edge_hub.domain.tax import TaxLine
from edge_hub.domain.tender import Tender

CODE128_CHARACTERS_MAX = 20
"""What still fits 58 mm paper; longer labels become a QR code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCard:
    """What every receipt of the store says of it."""

    name: str
    lines: tuple[str, ...]
    """Address, phone, tax number: as they should stand, one a line."""
    footer: tuple[str, ...]
    locale: str
    timezone: str
    logo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """A till as configured: one receipt series, and the devices it uses by default."""

    id: TillId
    name: str
    receipt_prefix: str
    printer: str = ""
    drawer: str = ""
    display: str = ""
    scanner: str = ""
    scale: str = ""
    terminal: str = ""


RECEIPT_WORDS = (
    "receipt.number",
    "receipt.date",
    "receipt.till",
    "receipt.served_by",
    "receipt.copy",
    "receipt.possible_duplicate",
    "receipt.quantity_price",
    "receipt.weight_price",
    "receipt.discount",
    "receipt.discount_reason",
    "receipt.price_changed",
    "receipt.subtotal",
    "receipt.tax_on_top",
    "receipt.total",
    "receipt.rounding",
    "receipt.to_pay",
    "receipt.change",
    "receipt.reference",
    "receipt.tax",
    "receipt.tax_net",
    "receipt.tax_amount",
    "receipt.tax_gross",
)
"""Keys every locale must have. With values: copy {number}; quantity_price and weight_price {quantity} {price};
discount_reason {reason}; tax_on_top {name}; reference {reference}. A tender's name is `receipt.tender.<type>`
where the locale has it (RECEIPT_TENDER_WORDS), else its type as it is."""
RECEIPT_TENDER_WORDS = (
    "receipt.tender.alipay",
    "receipt.tender.card",
    "receipt.tender.cash",
    "receipt.tender.jkopay",
    "receipt.tender.line_pay",
    "receipt.tender.wechat_pay",
)


class Words(Protocol):
    """One language, as a receipt needs it."""

    def text(self, key: str, **params: object) -> str:
        """The text under a key, its placeholders filled in."""
        ...

    def optional(self, key: str, default: str) -> str:
        """The text under a key that need not exist."""
        ...

    def money(self, money: Money) -> str:
        """An amount with its currency."""
        ...

    def amount(self, money: Money) -> str:
        """An amount without its currency, for columns."""
        ...

    def quantity(self, quantity_milli: int) -> str:
        """Thousandths as a number."""
        ...

    def date_time(self, unix_ms: int, timezone: str) -> str:
        """Date and minute in a time zone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A word at the left and an amount or value at the right."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One article: its name and amount, then the lines under it (quantity x price, discounts, a changed price)."""

    name: str
    amount: str
    detail: str = ""
    """Quantity x price; empty for one piece."""
    notes: tuple[Row, ...] = ()
    """Value empty where there is only something to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """One rate of the tax table, under `Receipt.tax_heading`."""

    name: str
    """As configured, which says the rate too ("ALV 25,5 %")."""
    net: str
    tax: str
    gross: str


class CodeKind(StrEnum):
    CODE128 = "code128"
    QR = "qr"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCode:
    """A code to draw: what it holds is shown below it."""

    kind: CodeKind
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt from top to bottom; rows and texts that do not apply are empty or None."""

    title: str
    """For people looking at the queue: the receipt's label."""
    locale: str
    copy: int
    marks: tuple[str, ...]
    """To be seen first: copy, possible duplicate."""
    logo: str
    store: str
    header: tuple[str, ...]
    facts: tuple[Row, ...]
    items: tuple[Item, ...]
    sums: tuple[Row, ...]
    """Between the articles and the total: subtotal, discount, taxes on top of the prices."""
    total: Row
    rounding: tuple[Row, ...]
    """Cash rounding and what is to pay after it; empty when nothing was rounded."""
    tenders: tuple[Row, ...]
    change: Row | None
    tax_heading: TaxRow
    taxes: tuple[TaxRow, ...]
    codes: tuple[ReceiptCode, ...]
    footer: tuple[str, ...]


def receipt(
    sale: Sale,
    store: StoreCard,
    till: Till,
    words: Words,
    *,
    copy: int = 0,
    duplicate_warning: bool = False,
    served_by: str = "",
    locale: str = "",
) -> Receipt:
    """The receipt of a sale. `copy` 0 is the original, from 1 a marked copy; `served_by` is a name to print.

    `locale` is that of `words` where it is not the store's; glyph shapes follow it.
    """
    return Receipt(
        title=sale.receipt_label,
        locale=locale or store.locale,
        copy=copy,
        marks=_marks(words, copy, duplicate_warning=duplicate_warning),
        logo=store.logo,
        store=store.name,
        header=store.lines,
        facts=_facts(sale, store, till, words, served_by),
        items=tuple(_item(line, words) for line in sale.lines),
        sums=_sums(sale, words),
        total=Row(label=words.text("receipt.total"), value=words.money(sale.total)),
        rounding=_rounding(sale, words),
        tenders=tuple(row for tender in sale.tenders for row in _tender(tender, words)),
        change=Row(label=words.text("receipt.change"), value=words.amount(sale.change)) if sale.change else None,
        tax_heading=TaxRow(
            name=words.text("receipt.tax"),
            net=words.text("receipt.tax_net"),
            tax=words.text("receipt.tax_amount"),
            gross=words.text("receipt.tax_gross"),
        ),
        taxes=tuple(_tax(tax, words) for tax in sale.taxes),
        codes=(_code(sale.receipt_label),),
        footer=store.footer,
    )


def _marks(words: Words, copy: int, *, duplicate_warning: bool) -> tuple[str, ...]:
    marks = (words.text("receipt.copy", number=copy),) if copy else ()
    return (*marks, words.text("receipt.possible_duplicate")) if duplicate_warning else marks


def _facts(sale: Sale, store: StoreCard, till: Till, words: Words, served_by: str) -> tuple[Row, ...]:
    # A sale taken away from the hub carries the till's own time: that is when the customer stood there.
    sold_at_ms = sale.sold_at_ms if sale.claimed_at_ms is None else sale.claimed_at_ms
    facts = [
        ("receipt.number", sale.receipt_label),
        ("receipt.date", words.date_time(sold_at_ms, store.timezone)),
        ("receipt.till", till.name),
        ("receipt.served_by", served_by),
    ]
    return tuple(Row(label=words.text(key), value=value) for key, value in facts if value)


def _item(line: SaleLine, words: Words) -> Item:
    share = Money(0, line.amount.currency) if line.share is None else line.share
    notes: list[Row] = []
    if line.override_reason:
        notes.append(Row(label=words.text("receipt.price_changed"), value=""))
    if line.discount:
        notes.append(_discount(line.discount, line.discount_reason, words))
    return Item(
        name=line.name,
        amount=words.amount(line.amount + line.discount + share),
        detail=_detail(line, words),
        notes=tuple(notes),
    )


def _detail(line: SaleLine, words: Words) -> str:
    if line.unit is Unit.PIECE and line.quantity_milli == MILLI:
        return ""
    key = "receipt.weight_price" if line.unit is Unit.KILOGRAM else "receipt.quantity_price"
    return words.text(key, quantity=words.quantity(line.quantity_milli), price=words.amount(line.unit_price))


def _discount(discount: Money, reason: str, words: Words) -> Row:
    label = words.text("receipt.discount_reason", reason=reason) if reason else words.text("receipt.discount")
    return Row(label=label, value=words.amount(-discount))


def _sums(sale: Sale, words: Words) -> tuple[Row, ...]:
    rows: list[Row] = []
    on_top = () if sale.prices_include_tax else tuple(tax for tax in sale.taxes if tax.tax)
    if sale.discount or on_top:
        paid = sum(line.amount.minor for line in sale.lines)
        subtotal = Money(paid, sale.currency) + sale.discount
        rows.append(Row(label=words.text("receipt.subtotal"), value=words.amount(subtotal)))
    if sale.discount:
        rows.append(_discount(sale.discount, sale.discount_reason, words))
    rows += [
        Row(
            label=words.text("receipt.tax_on_top", name=tax.name),
            value=words.amount(tax.tax),
        )
        for tax in on_top
    ]
    return tuple(rows)


def _rounding(sale: Sale, words: Words) -> tuple[Row, ...]:
    if not sale.rounding:
        return ()
    return (
        Row(label=words.text("receipt.rounding"), value=words.amount(sale.rounding)),
        Row(label=words.text("receipt.to_pay"), value=words.money(sale.total + sale.rounding)),
    )


def _tender(tender: Tender, words: Words) -> tuple[Row, ...]:
    """By name, then what the customer knows it by: the card, or the tender's own reference."""
    row = Row(label=words.optional(f"receipt.tender.{tender.type}", tender.type), value=words.amount(tender.amount))
    if tender.detail:
        return row, Row(label=tender.detail, value="")
    if not tender.reference:
        return (row,)
    return row, Row(label=words.text("receipt.reference", reference=tender.reference), value="")


def _tax(tax: TaxLine, words: Words) -> TaxRow:
    return TaxRow(
        name=tax.name,
        net=words.amount(tax.net),
        tax=words.amount(tax.tax),
        gross=words.amount(tax.gross),
    )


def _code(label: str) -> ReceiptCode:
    bar = len(label) <= CODE128_CHARACTERS_MAX and label.isascii() and label.isprintable()
    return ReceiptCode(kind=CodeKind.CODE128 if bar else CodeKind.QR, data=label)
