"""The books of a campaign with one thing wrong each: whether the comparison sees it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from e2e_pay_books import Ledger
from e2e_pay_days import CLOSED, Day
from e2e_pay_shop import Batch, Entry

from edge_hub.domain.payment import NOT_TAKEN, TAKEN, WAS_TAKEN, Payment, PaymentKind, PaymentState
from edge_hub.domain.reconciliation import Difference, SettlementState
from edge_hub.domain.tender import CASH
from edge_hub.sdk.eft.model import Transaction


def falsified(books: Ledger) -> dict[str, Ledger]:
    """The same books with one thing wrong each, as far as there is something to falsify."""
    false: dict[str, Ledger] = {}
    for provider, taken in books.taken.items():
        sold = [one for one in taken if one.transaction is Transaction.SALE]
        if not sold:
            continue
        less = [one for one in taken if one is not sold[0]]
        more = [replace(one, amount=one.amount + (one is sold[0])) for one in taken]
        false[f"{provider}: charged twice"] = _at(books, provider, [*taken, sold[0]])
        false[f"{provider}: money that the bank does not have"] = _at(books, provider, less)
        false[f"{provider}: another amount"] = _at(books, provider, more)
    cards = [row for row in books.tenders if row[1] != CASH]
    for sale, kind, amount, reference in cards:
        rest = [row for row in books.tenders if row[3] != reference]
        own = (sale, kind, amount, reference)
        false[f"{reference} in two sales"] = replace(books, tenders=[*books.tenders, own])
        false[f"{reference} in a sale with another amount"] = replace(
            books, tenders=[*rest, (sale, kind, amount + 1, reference)]
        )
        false[f"{reference} in no sale"] = replace(books, tenders=rest)
        false[f"{reference} under another name"] = replace(books, tenders=[*rest, (sale, kind, amount, "NOBODYSREF")])
    for one in books.payments:
        if one.state in TAKEN:
            false[f"{one.reference} approved, as a refusal"] = _with(books, one.id, PaymentState.DECLINED)
        if one.state in NOT_TAKEN:
            false[f"{one.reference} not taken, as an approval"] = _with(books, one.id, PaymentState.APPROVED)
        false[f"{one.reference} in a doubt that nobody is told of"] = _with(books, one.id, PaymentState.UNKNOWN)
    false |= {what: replace(books, days=days) for what, days in _days(books.days, books.batches)}
    false |= {what: replace(books, batches=batches) for what, batches in _batches(books.batches)}
    return false | _mixed_up(books)


def _mixed_up(books: Ledger) -> dict[str, Ledger]:
    """The replies of two payments of one amount exchanged."""
    alike: dict[tuple[str, int], list[Payment]] = defaultdict(list)
    for one in books.payments:
        receipt = "" if one.result is None else one.result.receipt
        if one.kind is PaymentKind.SALE and one.state in WAS_TAKEN and receipt.isdecimal():
            alike[one.provider, one.amount.minor].append(one)
    pairs = [(few[0], few[1]) for few in alike.values() if len(few) > 1]
    return {f"{one.reference} and {other.reference} exchanged": _exchanged(books, one, other) for one, other in pairs}


def _at(books: Ledger, provider: str, taken: list[Entry]) -> Ledger:
    return replace(books, taken=books.taken | {provider: taken})


def _with(books: Ledger, payment: str, state: PaymentState) -> Ledger:
    return replace(
        books, payments=[replace(one, state=state) if one.id == payment else one for one in books.payments]
    )  # fmt: skip


def _exchanged(books: Ledger, one: Payment, other: Payment) -> Ledger:
    results = {one.id: other.result, other.id: one.result}
    return replace(books, payments=[replace(each, result=results.get(each.id, each.result)) for each in books.payments])


def _days(days: Sequence[Day], batches: Mapping[str, Sequence[Batch]]) -> Iterator[tuple[str, list[Day]]]:
    """The same days with one thing wrong each, as far as there is something to falsify."""
    for number, day in enumerate(days):
        if day.state not in CLOSED or day.found is None:
            continue

        def changed(false: Day, at: int = number) -> list[Day]:
            return [*days[:at], false, *days[at + 1 :]]

        found = day.found
        yield f"{day.id} refused", changed(replace(day, state=SettlementState.REFUSED))
        if found.terminal is not None and found.terminal.count is not None:
            more = replace(found.terminal, count=found.terminal.count + 1)
            yield f"{day.id} with another count", changed(replace(day, found=replace(found, terminal=more)))
            note = Difference(what="count", terminal=1, journal=2)
            added = replace(found, differences=(*found.differences, note))
            yield f"{day.id} with a difference that is none", changed(replace(day, found=added))
        if any(one.payment is None for one in found.differences):
            bare = replace(found, differences=())
            yield f"{day.id} without its differences", changed(replace(day, found=bare, state=SettlementState.AGREED))
        if found.payments and found.journal.count:
            yield f"{day.id} without its payments", changed(replace(day, found=replace(found, payments=())))


def _batches(batches: Mapping[str, Sequence[Batch]]) -> Iterator[tuple[str, dict[str, list[Batch]]]]:
    """The banks' batches with one missing or one too many, or an entry moved out of one."""
    for terminal, closed in batches.items():
        if not closed:
            continue
        others = {name: list(all_of) for name, all_of in batches.items()}
        early = replace(closed[0], at_ms=1)
        yield f"{terminal}: the last batch never closed", others | {terminal: list(closed[:-1])}
        yield f"{terminal}: a batch of nobody's", others | {terminal: [early, *closed]}
