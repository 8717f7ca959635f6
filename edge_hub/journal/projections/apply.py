"""Which event changes which table: SQL on the writer's own cursor, no decisions."""

import sqlite3
from collections.abc import Callable
from typing import Any

from edge_hub.domain.events import (
    Event,
    JournalOpened,
    PaymentMoved,
    PaymentOpened,
    ReceiptReprinted,
    SaleCompleted,
    SettlementClosed,
    SettlementOpened,
    StockAdjusted,
    StockCounted,
)
from edge_hub.journal.projections.fact import Fact
from edge_hub.journal.projections.payment import project_moved, project_opened, project_restored
from edge_hub.journal.projections.sale import project_reprint, project_sale
from edge_hub.journal.projections.settlement import project_closed, project_settling
from edge_hub.journal.projections.stock import project_adjustment, project_count

Projection = Callable[[sqlite3.Cursor, Fact[Any]], None]

PROJECTIONS: dict[type[Event], Projection] = {
    SaleCompleted: project_sale,
    ReceiptReprinted: project_reprint,
    StockCounted: project_count,
    StockAdjusted: project_adjustment,
    JournalOpened: project_restored,
    PaymentOpened: project_opened,
    PaymentMoved: project_moved,
    SettlementOpened: project_settling,
    SettlementClosed: project_closed,
}
"""Events that are not named here change no table."""
