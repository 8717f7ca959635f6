"""Counts and adjustments as the writer decides them."""

from collections.abc import Sequence

from edge_hub.domain.events import StockAdjusted, StockCounted
from edge_hub.domain.stock import StockLine
from edge_hub.errors import Invalid, fault
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.services.stock.commands import AdjustStock, CountStock

STOCK_LINES_MAX = 500
STOCK_MILLI_MAX = 10**12

HANDLERS = Handlers()


class StockLinesInvalid(Invalid):
    """Some lines cannot be: `faults` names each."""

    code = "stock-lines-invalid"
    title = "These stock figures are not possible."


@HANDLERS.on(CountStock, replay=lambda _tx, _command, ref: int(ref))
def count(tx: Tx, command: CountStock) -> Outcome[int]:
    _check(tx, command.lines)
    seq = tx.append(StockCounted(lines=command.lines, reason=command.reason))
    tx.wake("stock")
    return Outcome(answer=seq, ref=str(seq))


@HANDLERS.on(AdjustStock, replay=lambda _tx, _command, ref: int(ref))
def adjust(tx: Tx, command: AdjustStock) -> Outcome[int]:
    _check(tx, command.lines)
    seq = tx.append(StockAdjusted(lines=command.lines, reason=command.reason))
    tx.wake("stock")
    return Outcome(answer=seq, ref=str(seq))


def _check(tx: Tx, lines: Sequence[StockLine]) -> None:
    if not 1 <= len(lines) <= STOCK_LINES_MAX:
        words = "between 1 and {limit} lines"
        raise StockLinesInvalid(faults=(fault("/lines", "length", words, why="stock-lines", limit=STOCK_LINES_MAX),))
    faults, seen = [], set()
    for number, line in enumerate(lines):
        if line.product in seen:
            faults.append(fault(f"/lines/{number}", "duplicate", "this product stands above", why="product-twice"))
        elif tx.row("SELECT 1 FROM products WHERE id = ?", (line.product,)) is None:
            at, words = f"/lines/{number}/product_id", "there is no product {product}"
            faults.append(fault(at, "product-not-found", words, why="no-product", product=line.product))
        elif abs(line.quantity_milli) > STOCK_MILLI_MAX:
            at, words = f"/lines/{number}/quantity_milli", "more than {limit} thousandths"
            faults.append(fault(at, "range", words, why="stock-range", limit=STOCK_MILLI_MAX))
        seen.add(line.product)
    if faults:
        raise StockLinesInvalid(faults=tuple(faults))
