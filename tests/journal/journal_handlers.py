"""Commands and handlers small enough to see through, for the journal's own tests; loaded by the writer's process."""

from dataclasses import dataclass

from edge_hub.domain.events import Event, StockCounted
from edge_hub.domain.ids import ProductId
from edge_hub.domain.stock import StockLine
from edge_hub.errors import NotFound
from edge_hub.journal.commands import Command, Handlers, Outcome, Tx

HANDLERS = Handlers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Command[int]):
    """Answers the seq of the event."""

    product: str
    milli: int
    reason: str = "count"


def _counted(tx: Tx, command: Count, ref: str) -> int:
    row = tx.row("SELECT seq FROM journal WHERE id = ?", (ref,))
    assert row is not None
    return row[0]


@HANDLERS.on(Count, replay=_counted)
def count(tx: Tx, command: Count) -> Outcome[int]:
    if command.product == "missing":
        raise NotFound(product=command.product)
    line = StockLine(product=ProductId(command.product), quantity_milli=command.milli)
    seq = tx.append(StockCounted(lines=(line,), reason=command.reason))
    row = tx.row("SELECT id FROM journal WHERE seq = ?", (seq,))
    assert row is not None
    tx.wake("stock", command.product)
    return Outcome(answer=seq, ref=row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehave(Command[str]):
    """Goes wrong in the named way, after writing when `late`."""

    how: str
    late: bool = False


@HANDLERS.on(Misbehave)
def misbehave(tx: Tx, command: Misbehave) -> Outcome[str]:
    if command.late:
        tx.execute("INSERT INTO device_facts VALUES ('x', ?, '')", (tx.new_id(),))
    match command.how:
        case "refuse":
            raise NotFound(product="x")
        case "crash":
            raise ZeroDivisionError
        case "unique":
            tx.execute("INSERT INTO device_facts VALUES ('same', 'key', '')")
            tx.execute("INSERT INTO device_facts VALUES ('same', 'key', '')")
        case "sql":
            tx.execute("SELECT nonsense")
        case "id":
            return Outcome(answer=tx.new_id())
        case "settings":
            return Outcome(answer=str(tx.settings))
        case "unpicklable":
            return Outcome(answer=(lambda: "x"))  # type: ignore[arg-type]  # what cannot be pickled
    return Outcome(answer=command.how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember(Command[int]):
    """How often the handlers' cache has seen this word."""

    word: str


@HANDLERS.on(Remember)
def remember(tx: Tx, command: Remember) -> Outcome[int]:
    tx.cache[command.word] = tx.cache.get(command.word, 0) + 1
    return Outcome(answer=tx.cache[command.word])


@dataclass(frozen=True, slots=True, kw_only=True)
class Append(Command[int]):
    """Any event, as it is."""

    event: Event


@HANDLERS.on(Append)
def append(tx: Tx, command: Append) -> Outcome[int]:
    return Outcome(answer=tx.append(command.event))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weigh(Command[int]):
    """Fills the disk."""

    data: bytes


@HANDLERS.on(Weigh)
def weigh(tx: Tx, command: Weigh) -> Outcome[int]:
    tx.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (tx.new_id(), command.data))
    return Outcome(answer=len(command.data))
