"""The journal held against what the simulated banks took."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from e2e_pay_days import Day, Terminal, wrong_days
from e2e_pay_shop import Batch, Entry, PayHub, Provider

from edge_hub.domain.basket import Basket
from edge_hub.domain.events import PaymentMoved
from edge_hub.domain.payment import NOT_TAKEN, TAKEN, WAS_TAKEN, Cause, Payment, PaymentKind, PaymentState
from edge_hub.domain.reconciliation import Reconciliation, SettlementState
from edge_hub.domain.tender import CASH
from edge_hub.domain.verdict import counted
from edge_hub.journal.codec import decode
from edge_hub.journal.log import verify
from edge_hub.journal.rebuild import rebuild
from edge_hub.sdk.eft.model import Transaction

RECEIPTS = 9999
"""Terminals with four digits for it count round."""
FOUND = frozenset({Cause.FOUND_APPROVED, Cause.FOUND_DECLINED, Cause.ABSENT})
SETTLED = ("agreed", "different", "unchecked", "refused", "unknown")
BY_PERSON = frozenset({Cause.PERSON_APPROVED, Cause.PERSON_DECLINED})


@dataclass
class Ledger:
    """What the hub's file says, and what the banks took; plain values, so that a test can falsify them."""

    payments: list[Payment]
    """In the order in which they were opened."""
    moves: dict[str, list[tuple[int, Cause]]]
    """(when, what) of each payment."""
    tenders: list[tuple[str, str, int, str]]
    """(sale, type, amount, reference)."""
    totals: dict[str, tuple[int, int]]
    """Total and change by sale."""
    open_tenders: set[str]
    """References of what baskets that are still open were paid by."""
    listed: set[str]
    """Ids on the manager's list."""
    taken: dict[str, list[Entry]]
    """By provider."""
    of_sale: dict[str, str] = field(default_factory=dict)
    """The sale by payment, as the hub has it."""
    days: list[Day] = field(default_factory=list)
    """Ends of day, in the order in which they were begun."""
    batches: dict[str, list[Batch]] = field(default_factory=dict)
    """That the banks closed, by provider."""
    lone: dict[str, str] = field(default_factory=dict)
    """The terminal without a cable, by its till."""

    def place(self, one: Payment) -> str:
        """Where it was made: its provider, in `taken`."""
        return one.provider or self.lone.get(one.till, "")


def ledger(hub: PayHub, providers: Iterable[Provider], listed: set[str]) -> Ledger:
    """Read it from the file, with the banks' books beside it."""
    moves: dict[str, list[tuple[int, Cause]]] = defaultdict(list)
    for at_ms, body in hub.rows("SELECT at_ms, body FROM journal WHERE type = 'payment.moved' ORDER BY seq"):
        event = decode(PaymentMoved, body)
        moves[event.payment].append((at_ms, event.move.cause))
    baskets = [decode(Basket, body) for (body,) in hub.rows("SELECT body FROM baskets WHERE state = 'open'")]
    return Ledger(
        payments=[decode(Payment, body) for (body,) in hub.rows("SELECT body FROM payments ORDER BY id")],
        moves=dict(moves),
        tenders=hub.rows("SELECT sale, type, amount, reference FROM sale_tenders"),
        totals={sale: (total, change) for sale, total, change in hub.rows("SELECT id, total, change FROM sales")},
        open_tenders={tender.reference for basket in baskets for tender in basket.tenders},
        listed=listed,
        taken={one.id: one.entries() for one in providers},
        of_sale=dict(hub.rows("SELECT id, sale FROM payments WHERE sale <> ''")),
        days=[_day(row) for row in hub.rows(_DAYS)],
        batches={one.id: list(one.batches) for one in providers},
        lone={hub.till(one): one.id for one in providers if one.standalone},
    )


_DAYS = "SELECT id, terminal, state, opened_ms, closed_ms, body FROM settlements ORDER BY id"


def _day(row: tuple[Any, ...]) -> Day:
    name, terminal, state, opened_ms, closed_ms, body = row
    return Day(
        id=name, terminal=terminal, state=SettlementState(state), opened_ms=opened_ms, closed_ms=closed_ms or 0,
        found=None if body is None else decode(Reconciliation, body),
    )  # fmt: skip


def wrongs(books: Ledger) -> list[str]:
    """Everything in which the journal and the banks differ, or the sales and the payments."""
    found = list(_sales(books))
    for provider, entries in books.taken.items():
        found += _Audit(books, provider, entries).wrongs()
    unknown = {books.place(one) for one in books.payments} - set(books.taken)
    return found + [f"payments at {provider}, which is nowhere" for provider in sorted(unknown)]


class _Audit:
    """One terminal's or wallet's payments against its bank's book."""

    def __init__(self, books: Ledger, provider: str, entries: list[Entry]) -> None:
        self._books = books
        self._name = provider
        self._entries = entries
        self._payments = [one for one in books.payments if books.place(one) == provider]
        self._by_id = {one.id: one for one in self._payments}
        self._by_reference = {one.reference: one for one in self._payments}
        self._sent = sorted((self._sent_ms(one), one.id) for one in self._payments if self._sent_ms(one))
        self._own: dict[str, list[Entry]] = defaultdict(list)
        self._undone: dict[str, list[Entry]] = defaultdict(list)
        """Taken back under the payment's own reference, as cancellations do it."""
        self._unnamed: list[Entry] = []
        """Given back by a provider that names no reference, with the sale it is of."""

    def wrongs(self) -> list[str]:
        """In words."""
        found = [words for entry in self._entries if (words := self._assign(entry))]
        for one in self._payments:
            found += self._payment(one)
        found += self._given_back()
        journal = sum(_net(one) for one in self._payments if one.state in WAS_TAKEN)
        bank = sum(entry.net for entry in self._entries)
        if journal != bank:
            found.append(f"{self._name}: the journal has {journal}, the bank {bank}")
        return [*found, *wrong_days(self._terminal())]

    def _terminal(self) -> Terminal:
        of = {**self._undone, **self._own}
        return Terminal(
            name=self._name,
            days=[day for day in self._books.days if day.terminal == self._name],
            batches=self._books.batches.get(self._name, []),
            payments=self._by_id,
            owner={entry.key: name for name, entries in of.items() for entry in entries},
        )

    def _sent_ms(self, one: Payment) -> int:
        return next((at for at, cause in self._books.moves.get(one.id, []) if cause is Cause.SEND), 0)

    def _assign(self, entry: Entry) -> str:
        """Whose it is; words where it is nobody's."""
        if entry.reference:
            one = self._by_reference.get(entry.reference)
            if one is None:
                return f"taken for nobody: {entry}"
            (self._own if entry.transaction.value == one.kind.value else self._undone)[one.id].append(entry)
            return ""
        if self._payments and self._payments[0].method.value == "wallet":
            self._unnamed.append(entry)
            return ""
        before = [name for at, name in self._sent if at <= entry.at_ms]
        if not before:
            return f"taken before anything was sent: {entry}"
        self._own[before[-1]].append(entry)
        return ""

    def _payment(self, one: Payment) -> Iterator[str]:
        own, undone = self._own[one.id], self._undone[one.id]
        said = f"{self._name} {one.kind} {one.reference} of {one.amount.minor}, {one.state}"
        moved = [entry for entry in own if entry.transaction.value == one.kind.value]
        if len(own) != len(moved):
            yield f"{said}: another kind of transaction was carried out: {own}"
        if len(own) > 1:
            yield f"{said}: carried out {len(own)} times: {own}"
        if any(entry.amount != one.amount.minor for entry in moved):
            yield f"{said}: another amount: {own}"
        tip = one.tip.minor if one.tip else 0
        if one.kind is PaymentKind.SALE and any(entry.tip != tip for entry in moved):
            yield f"{said}: another tip than {tip}: {own}"
        if one.state not in WAS_TAKEN | NOT_TAKEN and one.id not in self._books.listed:
            yield f"{said}: neither settled nor on the manager's list"
        if one.state in WAS_TAKEN:
            yield from self._taken(one, said, own, undone)
        elif one.state in NOT_TAKEN and own:
            receipts = {entry.receipt for entry in own}
            undone = undone + [entry for entry in self._unnamed if entry.original in receipts]
            net = sum(entry.net for entry in [*own, *undone])
            if net or not one.cancelling:
                yield f"{said}: it was taken: {own} {undone}"

    def _taken(self, one: Payment, said: str, own: list[Entry], undone: list[Entry]) -> Iterator[str]:
        if not own and not self._maybe_unnamed(one):
            yield f"{said}: it was never taken"
        if undone and one.kind is PaymentKind.SALE and sum(entry.amount for entry in undone) > self._back(one):
            yield f"{said}: given back and not known to be: {undone}"
        receipt = (one.result.receipt if one.result else "") or (one.evidence.slip if one.evidence else "")
        if own and receipt.isdecimal() and (int(receipt) - own[0].receipt) % RECEIPTS:
            yield f"{said}: it has the receipt {receipt} and is {own[0].receipt}"
        if one.kind is PaymentKind.SALE and one.state in TAKEN:
            yield from self._kept(one, said)

    def _maybe_unnamed(self, one: Payment) -> bool:
        return one.method.value == "wallet" and one.kind is not PaymentKind.SALE

    def _kept(self, one: Payment, said: str) -> Iterator[str]:
        """Money belongs to a sale or an open basket, went back, or somebody knows of it."""
        references = {reference for _, _, _, reference in self._books.tenders} | self._books.open_tenders
        known = one.reviewed or one.id in self._books.listed
        if one.reference not in references and self._back(one) < one.amount.minor and not known:
            yield f"{said}: money that belongs to nothing"

    def _back(self, one: Payment) -> int:
        """What was given back of it, as the journal has it."""
        mine = [other for other in self._payments if other.original == one.id and other.state in WAS_TAKEN]
        return sum(other.amount.minor for other in mine if not other.kind.takes)

    def _given_back(self) -> Iterator[str]:
        """By providers that name no reference: of each sale, the same amounts in both books."""
        sales = {entry.receipt: entry.reference for entry in self._entries if entry.transaction is Transaction.SALE}
        theirs: dict[str, Counter[int]] = defaultdict(Counter)
        for entry in [*self._unnamed, *(one for own in self._undone.values() for one in own)]:
            theirs[sales.get(entry.original or 0, "")][entry.amount] += 1
        ours: dict[str, Counter[int]] = defaultdict(Counter)
        for one in self._payments:
            if one.original is not None and not one.kind.takes and one.state in WAS_TAKEN and not self._own[one.id]:
                ours[self._by_id[one.original].reference][one.amount.minor] += 1
            if one.cancelling and one.state in NOT_TAKEN and self._own[one.id]:
                ours[one.reference][one.amount.minor] += 1
        for reference in sorted(set(theirs) | set(ours)):
            if theirs[reference] != ours[reference]:
                yield f"{self._name} {reference}: given back {theirs[reference]}, in the journal {ours[reference]}"


def _net(one: Payment) -> int:
    return one.amount.minor if one.kind.takes else -one.amount.minor


def _sales(books: Ledger) -> Iterator[str]:
    """Each sale is paid, by payments that were taken, each for one sale."""
    by_reference = {one.reference: one for one in books.payments}
    used = Counter(reference for _, kind, _, reference in books.tenders if kind != CASH)
    yield from (f"the payment {reference} is in {times} sales" for reference, times in used.items() if times > 1)
    sums: Counter[str] = Counter()
    for sale, kind, amount, reference in books.tenders:
        sums[sale] += amount
        if kind == CASH:
            continue
        one = by_reference.get(reference)
        if one is None or one.kind is not PaymentKind.SALE or one.state not in WAS_TAKEN:
            yield f"the sale {sale} is paid by {reference}, which is {one.state if one else 'nothing'}"
        elif counted(one).minor != amount or one.tender != kind:
            yield f"the sale {sale} has {amount} of {reference}, which is {counted(one).minor}"
        elif books.of_sale.get(one.id) != sale:
            yield f"the payment {reference} is not known to have paid {sale}"
    for sale, (total, change) in books.totals.items():
        if sums[sale] - change != total:
            yield f"the sale {sale} of {total} is paid by {sums[sale]}, change {change}"


def figures(books: Ledger) -> dict[str, int]:
    """How it went."""
    states = Counter(one.state for one in books.payments)
    causes = [{cause for _, cause in moves} for moves in books.moves.values()]
    return {
        "attempts": len(books.payments),
        "approved": sum(states[state] for state in WAS_TAKEN),
        "declined": states[PaymentState.DECLINED] + states[PaymentState.RECOVERED_DECLINED],
        "not_sent": states[PaymentState.NOT_SENT],
        "unknown": sum(Cause.DOUBT in of_one or {Cause.SEND, Cause.RESTARTED} <= of_one for of_one in causes),
        "recovered": sum(bool(of_one & FOUND) for of_one in causes),
        "by_person": sum(bool(of_one & BY_PERSON) for of_one in causes),
        "restarted": sum(Cause.RESTARTED in of_one for of_one in causes),
        "disputed": sum(Cause.CONTRADICTED in of_one for of_one in causes),
        "given_back": sum(one.automatic and one.state in WAS_TAKEN for one in books.payments),
        "left": len(books.listed),
        "sales": len(books.totals),
        "refunds": sum(one.kind is PaymentKind.REFUND for one in books.payments),
        "voids": sum(one.kind is PaymentKind.VOID for one in books.payments),
        "tips": sum(one.tip is not None or one.kind is PaymentKind.TIP for one in books.payments),
        "settlements": len(books.days),
        **{f"settlements_{state}": sum(one.state == state for one in books.days) for state in SETTLED},
    }


def journal_holds(hub: PayHub) -> list[str]:
    """The chain is whole, and the tables are what the events say."""
    report = verify(hub.journal)
    rebuilt = rebuild(hub.journal)
    return [f"event {seq}: {what}" for seq, what in report.problems] + [f"rebuilt: {one}" for one in rebuilt.changed]
