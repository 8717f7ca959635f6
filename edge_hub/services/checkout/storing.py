"""Writing a changed basket, and completing the sale of a paid one: for every command that changes baskets."""

from collections.abc import Iterable
from dataclasses import replace

from edge_hub.domain import ringing
from edge_hub.domain.basket import Basket
from edge_hub.domain.events import Event
from edge_hub.domain.ids import LineId
from edge_hub.domain.routing import order_of_basket
from edge_hub.domain.sale import Sale
from edge_hub.journal.codec import encode
from edge_hub.journal.commands import Tx
from edge_hub.services.checkout import selling
from edge_hub.services.checkout.records import view
from edge_hub.services.checkout.views import BasketView, TenderOutcome
from edge_hub.services.routing.issuing import issue


def store(tx: Tx, basket: Basket, events: Iterable[Event] = (), changed_line: LineId | None = None) -> BasketView:
    """Write the basket and what was decided with it; the basket as it stands now."""
    answer = view(basket, tx.settings, tx.rows, changed_line)
    keep(tx, basket)
    for event in events:
        tx.append(event)
    return answer


def keep(tx: Tx, basket: Basket) -> None:
    """Write the basket, whatever it comes to."""
    tx.execute(
        "UPDATE baskets SET till = ?, state = ?, version = ?, label = ?, updated_at_ms = ?, body = ? WHERE id = ?",
        (basket.till, basket.state.value, basket.version, basket.label, tx.at_ms, encode(basket), basket.id),
    )
    tx.wake("basket", basket.id)


def one_version(before: Basket, after: Basket) -> Basket:
    """A command is one change, however many steps the domain took for it."""
    return after if after.version == before.version else replace(after, version=before.version + 1)


def finish(tx: Tx, before: Basket, paid: Basket, sale: Sale, print_receipt: bool | None) -> TenderOutcome:
    """Write the sale of a paid basket (`selling.complete_basket` decided it) and what follows from it."""
    sold = one_version(before, ringing.mark_sold(paid))
    done = selling.record(tx, sale, selling.till_of(tx.settings, paid.till), print_receipt)
    issue(tx, order_of_basket(paid))
    return TenderOutcome(basket=store(tx, sold), sale=done)
