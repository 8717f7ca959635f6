"""A terminal's slips as print jobs of the payment's till, where the terminal leaves the printing to the hub."""

from collections.abc import Sequence

from edge_hub.domain.ids import JobId
from edge_hub.domain.payment import Payment, PaymentResult
from edge_hub.domain.store import StoreSettings
from edge_hub.journal.commands import Tx
from edge_hub.sdk.document import Block, Cut, Document, Feed, Text
from edge_hub.services.printing.job import JobKind
from edge_hub.services.printing.ledger import enqueue

ORIGIN = "payment:"
SLIP_LINES_MAX = 200
SLIP_LINE_CHARACTERS_MAX = 100


def print_slips(tx: Tx, payment: Payment, result: PaymentResult) -> list[JobId]:
    """Queue the customer's slip and the merchant's, as far as there are any and the till has a printer."""
    settings: StoreSettings = tx.settings
    till = settings.till(payment.till)
    if till is None or not till.printer:
        return []
    title = f"{payment.tender} {payment.reference}"
    return [
        enqueue(
            tx, device=till.printer, kind=JobKind.PRINT, document=_document(lines, title, settings.card.locale),
            title=title, origin=ORIGIN + payment.id,
        )
        for lines in (result.slip, result.merchant_slip)
        if lines
    ]  # fmt: skip


def _document(lines: Sequence[str], title: str, locale: str) -> Document:
    """Line by line as the terminal laid it out."""
    shown = [line[:SLIP_LINE_CHARACTERS_MAX].rstrip() for line in lines[:SLIP_LINES_MAX]]
    blocks: list[Block] = [Text(text=line) if line else Feed() for line in shown]
    return Document(blocks=(*blocks, Feed(), Cut()), locale=locale, title=title)
