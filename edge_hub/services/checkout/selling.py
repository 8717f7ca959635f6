"""Completing a sale in the writer's transaction: number, event, receipt and drawer jobs; and receipts printed later."""

from dataclasses import replace

from edge_hub.domain.basket import Basket, BasketLine, Totals
from edge_hub.domain.completion import SaleFacts, claim_price, complete, receipt_label, sell
from edge_hub.domain.events import ReceiptReprinted, SaleCompleted
from edge_hub.domain.ids import LineId, SaleId, StaffId
from edge_hub.domain.receipt import Till
from edge_hub.domain.routing import order_of_sale
from edge_hub.domain.sale import Sale
from edge_hub.domain.store import StoreSettings
from edge_hub.domain.tender import CASH
from edge_hub.errors import EdgeHubError, NotFound, at
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.services.catalogue.lookup import Lookup
from edge_hub.services.checkout import goods
from edge_hub.services.checkout.commands import PrintReceipt, Sell, SellLine
from edge_hub.services.checkout.records import SaleNotFound, jobs_of, load_sale, origin_of, summary
from edge_hub.services.checkout.views import SaleSummary
from edge_hub.services.printing.job import Job, JobKind
from edge_hub.services.printing.ledger import KICK_PRIORITY, enqueue, load
from edge_hub.services.routing.issuing import issue

CLAIMED = "claimed"
"""Why a line was sold at another price than the list's: the till says it took that."""
ORIGINAL_WITHIN_MS = 29 * 86_400_000
"""So long the job ledger is sure to know whether a receipt was ever printed; after that every print is a copy."""

HANDLERS = Handlers()


class TillUnknown(NotFound):
    """The store has no such till; `params["till"]`."""

    code = "till-unknown"
    title = "There is no such till in this store."


def till_of(settings: StoreSettings, till_id: str) -> Till:
    """Raises TillUnknown."""
    till = settings.till(till_id)
    if till is None:
        raise TillUnknown(till=till_id)
    return till


def facts_of(tx: Tx, till: Till, claimed_at_ms: int | None = None, staff: StaffId | None = None) -> SaleFacts:
    """Id, next receipt number and time of a sale; nothing is written: the number is taken by the sale's projection.

    `staff`: whose sale it is where nobody stands behind the command.
    """
    row = tx.row("SELECT last_number FROM receipt_series WHERE till = ?", (till.id,))
    number = 1 if row is None else row[0] + 1
    return SaleFacts(
        id=SaleId(tx.new_id()), till=till.id, receipt_number=number,
        receipt_label=receipt_label(till.receipt_prefix, number), sold_at_ms=tx.at_ms,
        staff=StaffId(tx.actor.staff or staff or ""), claimed_at_ms=claimed_at_ms,
    )  # fmt: skip


def complete_basket(tx: Tx, basket: Basket, totals: Totals, staff: StaffId | None = None) -> Sale:
    """The sale of a paid basket, decided and not yet written."""
    facts = facts_of(tx, till_of(tx.settings, basket.till), staff=staff)
    return complete(basket, totals, tx.settings.taxes, facts)


def record(tx: Tx, sale: Sale, till: Till, print_receipt: bool | None) -> SaleSummary:
    """Write a decided sale and what follows from it."""
    seq = tx.append(SaleCompleted(sale=sale, idempotency_key=tx.key))
    origin, jobs = origin_of(sale.id), []
    if till.drawer and any(tender.type == CASH for tender in sale.tenders):
        jobs.append(
            enqueue(
                tx, device=till.drawer, kind=JobKind.KICK, title=sale.receipt_label, origin=origin,
                priority=KICK_PRIORITY,
            )
        )  # fmt: skip
    if till.printer and print_receipt is not False:
        jobs.append(enqueue(tx, device=till.printer, kind=JobKind.PRINT, title=sale.receipt_label, origin=origin))
    tx.wake("sale", sale.id)
    return summary(sale, seq, jobs, tx.rows, tx.settings)


def recorded(tx: Tx, sale_id: str) -> SaleSummary:
    """The summary of a sale recorded before."""
    seq, sale = load_sale(tx.row, sale_id)
    return summary(sale, seq, jobs_of(tx.rows, sale_id), tx.rows, tx.settings)


@HANDLERS.on(Sell, replay=lambda tx, _command, ref: recorded(tx, ref))
def sell_at_once(tx: Tx, command: Sell) -> Outcome[SaleSummary]:
    """A sale rung up by a till on its own: its prices are what it took, on record beside the list's."""
    settings: StoreSettings = tx.settings
    till = till_of(settings, command.till)
    staff, lookup = StaffId(tx.actor.staff or ""), goods.lookup_of(tx)
    sale = sell(
        [_line(lookup, number, line, staff, tx.at_ms) for number, line in enumerate(command.lines)],
        discount=command.discount,
        tenders=command.tenders,
        currency=settings.currency,
        policy=settings.taxes,
        cash_rounding=settings.cash_rounding,
        facts=facts_of(tx, till, command.claimed_at_ms),
    )
    done = record(tx, sale, till, command.print_receipt)
    issue(tx, order_of_sale(sale))
    return Outcome(answer=done, ref=sale.id)


def _line(lookup: Lookup, number: int, line: SellLine, staff: StaffId, at_ms: int) -> BasketLine:
    try:
        found = goods.find(lookup, line.barcode, line.product, at_ms)
    except EdgeHubError as error:
        at(f"/lines/{number}", error.code, error)
        raise
    # It is sold already: what the till weighed or counted stands, as does a product taken out of sale since.
    quantity = found.quantity_milli if line.quantity_milli is None else line.quantity_milli
    rung = goods.line_of(found, LineId(str(number)), quantity)
    if line.unit_price is not None:
        reason = f"{CLAIMED}: {line.reason}" if line.reason else CLAIMED
        rung = claim_price(rung, line.unit_price, reason=reason, staff=staff)
    return rung if line.discount is None else replace(rung, discount=line.discount)


@HANDLERS.on(PrintReceipt, replay=lambda tx, _command, ref: load(tx, ref))
def print_receipt(tx: Tx, command: PrintReceipt) -> Outcome[Job]:
    """The first print of a sale is the original, whenever it is asked for; each further one is a numbered copy."""
    row = tx.row("SELECT receipt_label, copies, sold_at_ms FROM sales WHERE id = ?", (command.sale,))
    if row is None:
        raise SaleNotFound(sale=command.sale)
    label, copies, sold_at_ms = row
    copy = copies + 1 if copies or tx.at_ms - sold_at_ms > ORIGINAL_WITHIN_MS or _printed(tx, command.sale) else 0
    job = enqueue(tx, device=command.device, kind=JobKind.PRINT, title=label, origin=origin_of(command.sale), copy=copy)
    if copy:
        tx.append(ReceiptReprinted(sale=command.sale, job=job, copy=copy))
    return Outcome(answer=load(tx, job), ref=job)


def _printed(tx: Tx, sale: SaleId) -> bool:
    """Whether a receipt of the sale was printed, may have been, or waits to be."""
    sql = (
        "SELECT 1 FROM jobs WHERE origin = ? AND origin <> '' AND kind = 'print'"
        " AND state NOT IN ('cancelled', 'refused') LIMIT 1"
    )
    return tx.row(sql, (origin_of(sale),)) is not None
