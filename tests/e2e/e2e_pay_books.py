"""The journal held against what the simulated banks took, and the hunt for what must not be kept anywhere."""

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e_pay_shop import Entry, PayHub, Provider

from edge_hub.domain.basket import Basket
from edge_hub.domain.events import PaymentMoved
from edge_hub.domain.payment import NOT_TAKEN, TAKEN, WAS_TAKEN, Cause, Payment, PaymentKind, PaymentState
from edge_hub.domain.tender import CASH
from edge_hub.journal.codec import decode
from edge_hub.journal.log import verify
from edge_hub.journal.rebuild import rebuild
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS
from edge_hub.sdk.eft.model import Transaction

RECEIPTS = 9999
"""Terminals with four digits for it count round."""
FOUND = frozenset({Cause.FOUND_APPROVED, Cause.FOUND_DECLINED, Cause.ABSENT})
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
    settlements: list[str] = field(default_factory=list)
    """How each came out."""


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
        settlements=[state for (state,) in hub.rows("SELECT state FROM settlements")],
    )


def wrongs(books: Ledger) -> list[str]:
    """Everything in which the journal and the banks differ, or the sales and the payments."""
    found = list(_sales(books))
    for provider, entries in books.taken.items():
        found += _Audit(books, provider, entries).wrongs()
    unknown = {one.provider for one in books.payments} - set(books.taken)
    return found + [f"payments at {provider}, which is nowhere" for provider in sorted(unknown)]


class _Audit:
    """One terminal's or wallet's payments against its bank's book."""

    def __init__(self, books: Ledger, provider: str, entries: list[Entry]) -> None:
        self._books = books
        self._entries = entries
        self._payments = [one for one in books.payments if one.provider == provider]
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
            found.append(f"{self._name()}: the journal has {journal}, the bank {bank}")
        return found

    def _name(self) -> str:
        return self._payments[0].provider if self._payments else "nobody"

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
        said = f"{one.provider} {one.kind} {one.reference} of {one.amount.minor}, {one.state}"
        moved = [entry for entry in own if entry.transaction.value == one.kind.value]
        if len(own) != len(moved):
            yield f"{said}: another kind of transaction was carried out: {own}"
        if len(own) > 1:
            yield f"{said}: carried out {len(own)} times: {own}"
        if any(entry.amount != one.amount.minor for entry in own):
            yield f"{said}: another amount: {own}"
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
        if undone and one.kind is PaymentKind.SALE:
            voids = [
                other for other in self._payments if other.original == one.id and other.state in WAS_TAKEN
            ]  # fmt: skip
            if sum(entry.amount for entry in undone) > sum(other.amount.minor for other in voids):
                yield f"{said}: given back and not known to be: {undone}"
        receipt = "" if one.result is None else one.result.receipt
        if own and receipt.isdecimal() and (int(receipt) - own[0].receipt) % RECEIPTS:
            yield f"{said}: it has the receipt {receipt} and is {own[0].receipt}"
        if one.kind is PaymentKind.SALE and one.state in TAKEN:
            yield from self._kept(one, said)

    def _maybe_unnamed(self, one: Payment) -> bool:
        return one.method.value == "wallet" and one.kind is not PaymentKind.SALE

    def _kept(self, one: Payment, said: str) -> Iterator[str]:
        """Money belongs to a sale or an open basket, went back, or somebody knows of it."""
        references = {reference for _, _, _, reference in self._books.tenders} | self._books.open_tenders
        back = sum(
            other.amount.minor for other in self._payments if other.original == one.id and other.state in WAS_TAKEN
        )
        known = one.reviewed or one.id in self._books.listed
        if one.reference not in references and back < one.amount.minor and not known:
            yield f"{said}: money that belongs to nothing"

    def _given_back(self) -> Iterator[str]:
        """By providers that name no reference: of each sale, the same amounts in both books."""
        sales = {entry.receipt: entry.reference for entry in self._entries if entry.transaction is Transaction.SALE}
        theirs: dict[str, Counter[int]] = defaultdict(Counter)
        for entry in [*self._unnamed, *(one for own in self._undone.values() for one in own)]:
            theirs[sales.get(entry.original or 0, "")][entry.amount] += 1
        ours: dict[str, Counter[int]] = defaultdict(Counter)
        for one in self._payments:
            if one.original is not None and one.state in WAS_TAKEN and not self._own[one.id]:
                ours[self._by_id[one.original].reference][one.amount.minor] += 1
            if one.cancelling and one.state in NOT_TAKEN and self._own[one.id]:
                ours[one.reference][one.amount.minor] += 1
        for reference in sorted(set(theirs) | set(ours)):
            if theirs[reference] != ours[reference]:
                yield f"{self._name()} {reference}: given back {theirs[reference]}, in the journal {ours[reference]}"


def _net(one: Payment) -> int:
    return one.amount.minor if one.kind is PaymentKind.SALE else -one.amount.minor


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
        elif one.amount.minor != amount or one.tender != kind:
            yield f"the sale {sale} has {amount} of {reference}, which is {one.amount.minor}"
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
        "payments": len(books.payments),
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
        "settlements": len(books.settlements),
        "settlements_unknown": books.settlements.count("unknown"),
    }


def journal_holds(hub: PayHub) -> list[str]:
    """The chain is whole, and the tables are what the events say."""
    report = verify(hub.journal)
    rebuilt = rebuild(hub.journal)
    return [f"event {seq}: {what}" for seq, what in report.problems] + [f"rebuilt: {one}" for one in rebuilt.changed]


# what must not be kept

PIECE = 11
"""Digits in a row of a card number: one more than may be kept of it, in two pieces."""
_COUNTED = "0123456789" * 3
_TRACK = re.compile(rb"%B[0-9]{12,19}\^|[0-9]{13,19}=[0-9]{4}")
_HOLDER_WORDS = tuple(filter(None, re.split(r"[^A-Z]+", CARDHOLDER)))


def forbidden() -> dict[str, bytes]:
    """By what it is: the test cards' numbers as they may be written, and their holder."""
    found = {"the cardholder": CARDHOLDER.encode(), **{f"the name {word}": word.encode() for word in _HOLDER_WORDS}}
    for scheme, pan in PANS.items():
        groups = [pan[at : at + 4] for at in range(0, len(pan), 4)]
        found |= {
            **{f"{scheme}, {PIECE} digits from place {at}": piece.encode() for at, piece in _pieces(pan)},
            f"{scheme} in groups": " ".join(groups).encode(),
            f"{scheme} with dashes": "-".join(groups).encode(),
            f"{scheme} in BCD": bytes.fromhex(pan if len(pan) % 2 == 0 else pan + "f"),
            f"{scheme} in hexadecimal": pan.encode().hex().encode(),
            f"{scheme} in UTF-16": pan.encode("utf-16-le"),
        }
        found |= {f"{scheme} in base64, {skip} on": _inside_base64(pan.encode(), skip) for skip in range(3)}
    return found


def _pieces(pan: str) -> Iterator[tuple[int, str]]:
    """Not those that anybody writes who has to make a number up."""
    for at in range(len(pan) - PIECE + 1):
        if (piece := pan[at : at + PIECE]) not in _COUNTED:
            yield at, piece


def _inside_base64(secret: bytes, skip: int) -> bytes:
    """What base64 has of it whatever stands around it, `skip` bytes after a multiple of three."""
    first = -skip % 3
    whole = secret[first : first + (len(secret) - first) // 3 * 3]
    return base64.b64encode(whole)


def hunt(*folders: Path) -> list[str]:
    """Every file under `folders` with something that must not be kept."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [f"{what} in {path.name}" for path in files for what in _kept(path.read_bytes())]


def hunt_rows(hub: PayHub) -> list[str]:
    """The same in the database as it is read: a record may lie on several pages of the file."""
    found = []
    for (table,) in hub.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%'"):
        rows = hub.rows(f"SELECT * FROM {table}")  # noqa: S608  # names out of the database
        found += [f"{what} in the table {table}" for what in _kept(scraps(*(value for row in rows for value in row)))]
    return found


def _kept(data: bytes) -> list[str]:
    found = [what for what, secret in forbidden().items() if secret in data]
    return found if not _TRACK.search(data) else [*found, "a track"]


def scraps(*values: Any) -> bytes:
    """All of it in one piece, apart from each other."""
    return b"\x00".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
