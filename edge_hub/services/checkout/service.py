"""The checkout for the rest of the hub: permissions here, decisions in the writer."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from edge_hub.clock import Clock
from edge_hub.domain.basket import Basket, BasketState, Discount
from edge_hub.domain.ids import BasketId, DeviceId, LineId, ProductId, SaleId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.receipt import Receipt, Till, receipt
from edge_hub.domain.sale import Sale
from edge_hub.domain.staff import Permission
from edge_hub.domain.store import StoreSettings
from edge_hub.domain.tender import CASH, Tender
from edge_hub.errors import Conflict, Invalid, at
from edge_hub.journal.codec import decode
from edge_hub.journal.commands import Command
from edge_hub.sdk.document import Document
from edge_hub.services.checkout import records
from edge_hub.services.checkout.commands import (
    UNSET,
    AbandonBasket,
    AddLine,
    AddTender,
    ChangeLine,
    OpenBasket,
    ParkBasket,
    PrintReceipt,
    RemoveLine,
    RemoveTender,
    ResumeBasket,
    Sell,
    SellLine,
    SetDiscount,
    Unset,
)
from edge_hub.services.checkout.receipts import document
from edge_hub.services.checkout.views import BasketView, SalePage, SaleRow, SaleSummary, TenderOutcome
from edge_hub.services.principal import Principal
from edge_hub.services.printing.job import Job
from edge_hub.words import words

if TYPE_CHECKING:
    from edge_hub.journal.journal import Journal

A = TypeVar("A")
SALES_LIMIT_MAX = 500
BASKETS_LISTED_MAX = 500


class TillNeeded(Invalid):
    """The caller belongs to no till and named none."""

    code = "till-needed"
    title = "Say which till this is."


class TenderUnknown(Invalid):
    """This hub takes no such tender; `params["type"]`."""

    code = "tender-unknown"
    title = "This hub does not take this kind of payment."


class PrinterNeeded(Conflict):
    """The till has no printer and the caller named none."""

    code = "printer-needed"
    title = "This till has no printer."


@dataclass(frozen=True, slots=True, kw_only=True)
class SellRequest:
    """A whole sale; `till` None: the caller's. Times are unix ms."""

    lines: tuple[SellLine, ...]
    tenders: tuple[Tender, ...]
    till: TillId | None = None
    discount: Discount | None = None
    claimed_at_ms: int | None = None
    print_receipt: bool | None = None


class Checkout:
    """Baskets, sales and receipts. `tender_types` are what this hub takes besides cash."""

    def __init__(
        self, journal: "Journal", clock: Clock, settings: StoreSettings, tender_types: Collection[str] = ()
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._settings = settings
        self.tender_types = (CASH, *(name for name in tender_types if name != CASH))

    async def open_basket(
        self, who: Principal, till: TillId | None = None, *, key: str = "", fingerprint: bytes = b""
    ) -> BasketView:
        """An empty basket at a till. Raises TillNeeded, TillUnknown, TooManyBaskets."""
        who.require(Permission.SELL)
        return await self._submit(who, OpenBasket(till=self._till(who, till)), key, fingerprint)

    def get(self, basket_id: str) -> BasketView:
        """Raises BasketNotFound."""
        return self._view(records.load_basket(self._journal.reader.row, basket_id))

    def list(
        self, states: Sequence[BasketState] = (BasketState.OPEN, BasketState.PARKED), till: TillId | None = None
    ) -> list[BasketView]:
        """Baskets in these states, oldest first: at most BASKETS_LISTED_MAX, the newest of them."""
        marks = ",".join("?" * len(states))
        rows = self._journal.reader.rows(
            f"SELECT body FROM baskets WHERE state IN ({marks}) AND (? IS NULL OR till = ?) ORDER BY id DESC LIMIT ?",  # noqa: S608  # constants
            (*(state.value for state in states), till, till, BASKETS_LISTED_MAX),
        )
        return [self._view(decode(Basket, body)) for (body,) in reversed(rows)]

    async def add_line(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        *,
        barcode: str | None = None,
        product_id: ProductId | None = None,
        quantity_milli: int | None = None,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Add goods by bar code (with the weight or price inside it) or product.

        Raises ProductNotFound, ProductInactive, BarcodeInvalid, VersionMismatch and the basket's own refusals.
        """
        who.require(Permission.SELL)
        command = AddLine(
            basket=basket_id, version=version, barcode=barcode or "", product=product_id, quantity_milli=quantity_milli
        )
        return await self._submit(who, command, key, fingerprint)

    async def change_line(
        self,
        who: Principal,
        basket_id: BasketId,
        line_id: LineId,
        version: int | None,
        *,
        quantity_milli: int | None = None,
        unit_price: Money | Unset | None = UNSET,
        discount: Discount | Unset | None = UNSET,
        reason: str = "",
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Change quantity, price (None: the list's again) or discount (None: none) of a line, together."""
        who.require(Permission.SELL)
        if unit_price is not UNSET:
            who.require(Permission.OVERRIDE_PRICE)
        if discount is not UNSET:
            who.require(Permission.DISCOUNT)
        command = ChangeLine(
            basket=basket_id, version=version, line=line_id, quantity_milli=quantity_milli, unit_price=unit_price,
            discount=discount, reason=reason,
        )  # fmt: skip
        return await self._submit(who, command, key, fingerprint)

    async def remove_line(
        self,
        who: Principal,
        basket_id: BasketId,
        line_id: LineId,
        version: int | None,
        *,
        reason: str = "",
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Take a line out; journaled."""
        who.require(Permission.SELL)
        command = RemoveLine(basket=basket_id, version=version, line=line_id, reason=reason)
        return await self._submit(who, command, key, fingerprint)

    async def set_discount(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        discount: Discount | None,
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Set or take away the discount on everything."""
        who.require(Permission.DISCOUNT)
        command = SetDiscount(basket=basket_id, version=version, discount=discount)
        return await self._submit(who, command, key, fingerprint)

    async def park(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        label: str = "",
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Put a basket with at least one line aside."""
        who.require(Permission.SELL)
        command = ParkBasket(basket=basket_id, version=version, label=label)
        return await self._submit(who, command, key, fingerprint)

    async def resume(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        till: TillId | None = None,
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Go on with a parked basket at the asking till (or the named one)."""
        who.require(Permission.SELL)
        command = ResumeBasket(basket=basket_id, version=version, till=till or who.till)
        return await self._submit(who, command, key, fingerprint)

    async def abandon(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        reason: str = "",
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Give a basket up; journaled unless it is empty."""
        who.require(Permission.ABANDON_BASKET)
        command = AbandonBasket(basket=basket_id, version=version, reason=reason)
        return await self._submit(who, command, key, fingerprint)

    async def add_tender(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        tender: Tender,
        print_receipt: bool | None = None,
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> TenderOutcome:
        """Take a payment; the one that covers what is due completes the sale. Raises TenderUnknown, TenderTooLarge."""
        who.require(Permission.SELL)
        self._takes(tender, "/type")
        command = AddTender(basket=basket_id, version=version, tender=tender, print_receipt=print_receipt)
        return await self._submit(who, command, key, fingerprint)

    async def remove_tender(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        index: int,
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> BasketView:
        """Give a payment back, by its place from 0."""
        who.require(Permission.SELL)
        command = RemoveTender(basket=basket_id, version=version, index=index)
        return await self._submit(who, command, key, fingerprint)

    async def sell(self, who: Principal, asked: SellRequest, *, key: str = "", fingerprint: bytes = b"") -> SaleSummary:
        """A whole sale in one step. Prices the till names stand as what it took, beside the list's.

        Raises ProductNotFound (its fault names the line), NotPaid, TenderTooLarge, TillUnknown.
        """
        who.require(Permission.SELL)
        for number, tender in enumerate(asked.tenders):
            self._takes(tender, f"/tenders/{number}/type")
        command = Sell(
            till=self._till(who, asked.till), lines=asked.lines, tenders=asked.tenders, discount=asked.discount,
            claimed_at_ms=asked.claimed_at_ms, print_receipt=asked.print_receipt,
        )  # fmt: skip
        return await self._submit(who, command, key, fingerprint)

    async def sale(self, sale_id: str) -> Sale:
        """The sale as journaled. Raises SaleNotFound."""
        return records.load_sale(self._journal.reader.row, sale_id)[1]

    async def sales(
        self,
        till: TillId | None = None,
        after: int = 0,
        limit: int = 100,
        from_ms: int | None = None,
        until_ms: int | None = None,
    ) -> SalePage:
        """Sales in the journal's order after seq `after`, sold from (inclusive) until (exclusive) unix ms."""
        limit = max(1, min(limit, SALES_LIMIT_MAX))

        def read(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            return connection.execute(
                f"SELECT {_SALE_COLUMNS} FROM sales WHERE seq > ? AND (? IS NULL OR till = ?)"  # noqa: S608  # constants
                " AND (? IS NULL OR sold_at_ms >= ?) AND (? IS NULL OR sold_at_ms < ?) ORDER BY seq LIMIT ?",
                (after, till, till, from_ms, from_ms, until_ms, until_ms, limit + 1),
            ).fetchall()

        rows = await self._journal.reader.run(read)
        found = tuple(_sale_row(row) for row in rows[:limit])
        return SalePage(sales=found, next_after=found[-1].seq if len(rows) > limit else None)

    async def receipt(
        self, sale_id: str, locale: str | None = None, *, copy: int = 0, possible_duplicate: bool = False
    ) -> Receipt:
        """What a sale's receipt says, in the store's language or another. Raises SaleNotFound."""
        sale = await self.sale(sale_id)
        card = self._settings.card
        language = words(locale or card.locale)
        staff = self._journal.reader.row("SELECT name FROM staff WHERE id = ?", (sale.staff,))
        till = self._settings.till(sale.till) or Till(id=sale.till, name=sale.till, receipt_prefix="")
        return receipt(
            sale, card, till, language, copy=copy, duplicate_warning=possible_duplicate,
            served_by="" if staff is None else staff[0], locale=language.locale,
        )  # fmt: skip

    async def receipt_document(
        self, sale_id: str, locale: str | None = None, *, copy: int = 0, possible_duplicate: bool = False
    ) -> Document:
        """The receipt as blocks for any paper (text: sdk.layout.plain; picture: sdk.raster)."""
        return document(await self.receipt(sale_id, locale, copy=copy, possible_duplicate=possible_duplicate))

    async def document_for(self, job: Job) -> Document:
        """What a queued receipt job prints, drawn when it prints; its lane marks possible duplicates itself.

        For `printing.ports.Documents`. Raises SaleNotFound for a job that belongs to no sale.
        """
        return await self.receipt_document(job.origin.removeprefix(records.origin_of("")), copy=job.copy)

    async def reprint(
        self,
        who: Principal,
        sale_id: SaleId,
        device: DeviceId | None = None,
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Job:
        """Print a receipt, by default at the caller's till, else where it was sold: a marked, journaled copy.

        The first print of a sale that was completed without one is the original. Raises SaleNotFound, PrinterNeeded.
        """
        who.require(Permission.REPRINT)
        sale = await self.sale(sale_id)
        tills = (self._settings.till(till) for till in (who.till, sale.till) if till is not None)
        printer = device or next((DeviceId(till.printer) for till in tills if till is not None and till.printer), None)
        if printer is None:
            raise PrinterNeeded
        return await self._submit(who, PrintReceipt(sale=sale_id, device=printer), key, fingerprint)

    async def _submit(self, who: Principal, command: Command[A], key: str, fingerprint: bytes) -> A:
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    def _view(self, basket: Basket) -> BasketView:
        return records.view(basket, self._settings, self._journal.reader.rows)

    def _till(self, who: Principal, till: TillId | None) -> TillId:
        named = till or who.till
        if named is None:
            raise at("/till", "missing", TillNeeded())
        return named

    def _takes(self, tender: Tender, pointer: str) -> None:
        if tender.type not in self.tender_types:
            raise at(pointer, "unknown", TenderUnknown(type=tender.type))


_SALE_COLUMNS = (
    "seq, id, till, receipt_number, receipt_label, sold_at_ms, staff, client, currency, total, change, copies"
)


def _sale_row(row: tuple[Any, ...]) -> SaleRow:
    currency = row[8]
    return SaleRow(
        seq=row[0], id=row[1], till=row[2], receipt_number=row[3], receipt_label=row[4], sold_at_ms=row[5],
        staff=row[6], client=row[7], total=Money(row[9], currency), change=Money(row[10], currency), copies=row[11],
    )  # fmt: skip
