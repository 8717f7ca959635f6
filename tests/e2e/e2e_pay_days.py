"""Terminals' ends of day held against the batches that the simulated banks closed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from e2e_pay_shop import Batch

from edge_hub.domain.payment import WAS_TAKEN, Payment, PaymentKind
from edge_hub.domain.reconciliation import Difference, Reconciliation, SettlementState, TerminalTotals
from edge_hub.sdk.eft.model import Transaction

S = SettlementState
CLOSED = frozenset({S.AGREED, S.DIFFERENT, S.UNCHECKED})
FIGURES = ("count", "amount", "sales_count", "sales_amount", "refunds_count", "refunds_amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One end of day, as the hub has it."""

    id: str
    terminal: str
    state: SettlementState
    opened_ms: int
    closed_ms: int
    found: Reconciliation | None

    @property
    def named(self) -> set[str]:
        """Payments that it names as what may explain a difference."""
        return set() if self.found is None else {str(one.payment) for one in self.found.differences if one.payment}

    @property
    def closes(self) -> set[str]:
        return set() if self.found is None else {str(one) for one in self.found.payments}


@dataclass(frozen=True)
class Terminal:
    """What is known of one: its days, its bank's closed batches, its payments, and which of them an entry is."""

    name: str
    days: Sequence[Day]
    """In the order in which they were opened."""
    batches: Sequence[Batch]
    payments: Mapping[str, Payment]
    owner: Mapping[tuple[Transaction, int], str]
    """The payment by the bank's entry (`Entry.key`)."""


def wrong_days(one: Terminal) -> Iterator[str]:
    """In words. Its last day was closed after its last payment, so each is in some day."""
    batch_of: dict[str, Batch] = {}
    for batch in one.batches:
        day = next((day for day in reversed(one.days) if day.opened_ms <= batch.at_ms), None)
        if day is None:
            yield f"{one.name}: the bank closed batch {batch.number}, and nobody ended a day"
        elif day.id in batch_of:
            yield f"{one.name}: the bank closed {batch_of[day.id].number} and {batch.number} for one end of day"
        else:
            batch_of[day.id] = batch
    for day in one.days:
        said = f"{one.name}'s end of day {day.id}, {day.state}"
        yield from (f"{said}: {what}" for what in _day(one, day, batch_of.get(day.id)))
        if (closed := batch_of.get(day.id)) is not None and day.state in CLOSED:
            yield from (f"{said}: {what}" for what in _contents(one, day, closed, batch_of))
    yield from _once(one)


def _day(one: Terminal, day: Day, batch: Batch | None) -> Iterator[str]:
    """Its state, its figures and its differences."""
    if day.state is S.OPEN or day.found is None:
        yield "it never came to an end"
        return
    if day.state is S.REFUSED and batch is not None:
        yield f"the bank closed batch {batch.number}"
    if day.state not in CLOSED:
        return
    if batch is None or batch.at_ms > day.closed_ms:
        yield "the bank closed nothing then"
        return
    theirs = day.found.terminal or TerminalTotals()
    yield from _told(theirs, batch)
    taken = [one.payments[name] for name in day.closes if one.payments[name].state in WAS_TAKEN]
    ours = day.found.journal
    ways = [_plain_of(those, tips) for those in (taken, _without_pairs(taken)) for tips in (0, 1)]
    if _plain(ours) not in ways:
        yield f"the journal's figures are {_plain(ours)}, its payments come to {ways[0]}"
    figures = [
        Difference(what=figure, terminal=said, journal=kept)
        for figure, said, kept in zip(FIGURES, _plain(theirs), _plain(ours), strict=True)
        if said is not None and said != kept
    ]
    listed = [each for each in day.found.differences if each.payment is None]
    if listed != figures:
        yield f"it lists {listed}, the figures differ in {figures}"
    silent = all(said is None for said in _plain(theirs))
    state = S.UNCHECKED if silent else S.DIFFERENT if figures else S.AGREED
    if day.state is not state:
        yield f"it should be {state}"


def _told(theirs: TerminalTotals, batch: Batch) -> Iterator[str]:
    """What the terminal says is what its bank closed, as far as it says anything."""
    sales = [entry for entry in batch.entries if entry.transaction is Transaction.SALE]
    back = [entry.amount for entry in batch.entries if entry.net < 0]
    came = sum(entry.amount for entry in batch.entries if entry.net > 0)
    net = came - sum(back)
    # a later tip is no transaction of its own
    true = (len(sales) + len(back), net, len(sales), came, len(back), sum(back))
    for figure, said, is_so in zip(FIGURES, _plain(theirs), true, strict=True):
        # no protocol has a sign for a day on which more went back than came in
        if said is not None and said != is_so and not (figure == "amount" and net < 0):
            yield f"{figure}: it says {said}, the bank's batch has {is_so}"
    if theirs.batch.isdecimal() and int(theirs.batch) != batch.number:
        yield f"it says batch {theirs.batch}, it was {batch.number}"


def _contents(one: Terminal, day: Day, batch: Batch, batch_of: Mapping[str, Batch]) -> Iterator[str]:
    """Each payment of the batch is closed by this day or named by it; what else it closes was in doubt before."""
    inside = {one.owner[entry.key] for entry in batch.entries if entry.key in one.owner}
    for name in inside - day.closes - day.named:
        yield f"the bank's batch has {_said(one, name)}, and it neither closes nor names it"
    for name in day.closes - inside:
        if one.payments[name].state not in WAS_TAKEN:
            continue  # a person's "not paid": closed so that it is not looked at again
        earlier = [
            other
            for other in one.days
            if other.id in batch_of and any(one.owner.get(each.key) == name for each in batch_of[other.id].entries)
        ]
        if not any(
            other.opened_ms < day.opened_ms and (other.state not in CLOSED or name in other.named) for other in earlier
        ):
            yield f"it closes {_said(one, name)}, which the bank has in no batch of a day in doubt"


def _once(one: Terminal) -> Iterator[str]:
    times = Counter(name for day in one.days if day.state in CLOSED for name in day.closes)
    yield from (f"{one.name}: {_said(one, name)} is closed {often} times" for name, often in times.items() if often > 1)
    if one.days and one.days[-1].state in CLOSED:
        left = {name for name, payment in one.payments.items() if payment.state in WAS_TAKEN} - set(times)
        yield from (f"{one.name}: {_said(one, name)} is in no end of day" for name in sorted(left))


def _said(one: Terminal, name: str) -> str:
    payment = one.payments.get(name)
    return name if payment is None else f"{payment.kind} {payment.reference} of {payment.amount.minor}"


def _without_pairs(taken: Iterable[Payment]) -> list[Payment]:
    """Without voided sales, their voids and their tips."""
    found = list(taken)
    voids = {one.original for one in found if one.kind is PaymentKind.VOID}
    pairs = {one.id for one in found if one.id in voids}
    return [one for one in found if one.id not in pairs and one.original not in pairs]


def _plain_of(taken: Iterable[Payment], tips: int) -> tuple[int | None, ...]:
    """`tips`: as how many transactions one counts that was added later."""
    found = list(taken)
    sales = sum(tips if one.kind is PaymentKind.TIP else 1 for one in found if one.kind.takes)
    came = sum(one.amount.minor for one in found if one.kind.takes)
    back = [one.amount.minor for one in found if not one.kind.takes]
    return (sales + len(back), came - sum(back), sales, came, len(back), sum(back))


def _plain(totals: TerminalTotals) -> tuple[int | None, ...]:
    return tuple(getattr(getattr(totals, figure), "minor", getattr(totals, figure)) for figure in FIGURES)
