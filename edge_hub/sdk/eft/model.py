"""What the hub asks of a card terminal or a wallet, and what comes back.

The hub owns the outcome: a driver says what it saw on its wire, never what it supposes. Amounts are minor units of the
request's currency. No field may ever hold a card number beyond its first six and last four digits, a track, a CVV, a
PIN or a cardholder's name: drivers pass what they read through `edge_hub.sdk.eft.scrub`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Transaction(StrEnum):
    """What a request is for."""

    SALE = "sale"
    REFUND = "refund"
    """Money back for an earlier sale, all or part of it."""
    VOID = "void"
    """An earlier sale undone whole, before its batch is settled (ISO 8583: reversal)."""
    TIP = "tip"
    """A tip added to an earlier sale whose batch is open still, as the customer wrote it on the slip."""


SALE_AND_BACK = frozenset({Transaction.SALE, Transaction.REFUND, Transaction.VOID})
"""What most protocols have."""


class Verdict(StrEnum):
    APPROVED = "approved"
    DECLINED = "declined"
    """It said no, and vouches that no money moved."""
    UNKNOWN = "unknown"
    """It answered, and the answer says neither: a code nobody listed, a host that timed out, an amount nobody asked."""


class Reason(StrEnum):
    """Why a verdict is not "approved", as far as the protocol tells; the till has words for each."""

    NONE = ""
    DECLINED = "declined"
    CALL_BANK = "call_bank"
    CANCELLED = "cancelled"
    """By the customer or the cashier, at the terminal."""
    CARD = "card"
    """Expired, unreadable, not accepted here."""
    BALANCE = "balance"
    NOT_FOUND = "not_found"
    """The transaction to undo or refund is not known there, or undone already."""
    NOT_POSSIBLE = "not_possible"
    """The terminal does not do this, or not now (format, flow, configuration)."""
    HOST = "host"
    """The terminal could not reach its host."""
    TIMEOUT = "timeout"
    BUSY = "busy"
    CODE = "code"
    """The code that the customer showed is spent, expired or of another wallet."""
    AMOUNT = "amount"
    """It answered with another amount than it was asked for."""
    OTHER = "other"


class Milestone(StrEnum):
    """How far a request has got: from SENT on the terminal may have it, from IN_PROGRESS on it has."""

    SENT = "sent"
    IN_PROGRESS = "in_progress"


class Activity(StrEnum):
    """What the terminal is doing, for the cashier's screen; the till has words for each."""

    WAITING_FOR_CARD = "waiting_for_card"
    WAITING_FOR_PIN = "waiting_for_pin"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    """The customer must do something: confirm, sign, tap again, open the wallet."""
    WAITING_FOR_HOST = "waiting_for_host"
    REMOVE_CARD = "remove_card"
    PRINTING = "printing"
    OTHER = "other"
    """Only `text` says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One step: a milestone, or something to show. `text` is the terminal's own words, scrubbed, or ""."""

    milestone: Milestone | None = None
    activity: Activity | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a terminal or wallet said of one transaction. Empty: it does not say."""

    verdict: Verdict
    code: str = ""
    """Its response code, as it came."""
    reason: Reason = Reason.NONE
    text: str = ""
    """Its own words, scrubbed."""
    amount: int | None = None
    """What it says it moved, tip included; of a TIP nothing but that."""
    tip: int = 0
    identity: str = ""
    """What is unique to this transaction at that terminal or wallet, for ever as far as the protocol allows (terminal
    id / batch / receipt; the provider's transaction id): the hub takes an identity for one attempt only.
    """
    terminal_id: str = ""
    merchant_id: str = ""
    batch: str = ""
    receipt: str = ""
    """The terminal's own receipt or trace number, as on its slip."""
    approval: str = ""
    rrn: str = ""
    scheme: str = ""
    """"VISA", "JCB", "LINE Pay" ..."""
    card: str = ""
    """Masked: at most the first six and last four digits, the rest "*"."""
    entry: str = ""
    """"contactless", "chip", "magnetic stripe", "code"."""
    at: str = ""
    """The terminal's own date and time, "2026-10-09T14:30:15"; "" where it gives none or half of it."""
    slip: tuple[str, ...] = ()
    """The customer's slip in lines, where the hub is to print it."""
    merchant_slip: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    """What this protocol needs again to undo, refund or ask (order id, host, payment indicator)."""
    raw: bytes = b""
    """The reply as it came, scrubbed: evidence for whoever has to look into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One transaction to be carried out once."""

    transaction: Transaction
    reference: str
    """Ten of 0-9 A-Z, never used twice by this store: goes into the protocol's merchant reference, so that the answer
    can be known to be this request's.
    """
    amount: int
    """To be moved, tip included; above zero. Of a TIP nothing but that; of a VOID the sale with its later tip."""
    currency: str
    minor_digits: int
    at: str
    """The store's local date and time of asking, "2026-10-09T14:30:15"."""
    tip: int = 0
    till: str = ""
    title: str = ""
    """What is paid for, in the store's words, for wallets that show it ("Corner Store A000042")."""
    code: str = ""
    """What the customer showed (wallets). One-time, short-lived; never in a log."""
    original: Result | None = None
    """Of a VOID or REFUND: what was said of the transaction it undoes; of a TIP: of the sale it is added to."""
    original_reference: str = ""
    original_amount: int = 0


class Found(StrEnum):
    """How an inquiry came out."""

    FOUND = "found"
    """It is this request's: `result` has its outcome."""
    ABSENT = "absent"
    """Provably not carried out, and it will not be. Where another terminal may have been put in its place, `result` has
    the number of the one that says so.
    """
    PENDING = "pending"
    """Still under way: ask again."""
    INCONCLUSIVE = "inconclusive"
    """It answered, and the answer proves nothing about this request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """The answer to "what became of it?". `result` with FOUND, and where the protocol gives one."""

    found: Found
    result: Result | None = None
    text: str = ""
    """Why, for the manager's list and the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTotals:
    """What the terminal says of the batch it closed. None: it does not say."""

    batch: str = ""
    count: int | None = None
    """Transactions in all."""
    amount: int | None = None
    """Net: sales less refunds and voids."""
    sales_count: int | None = None
    sales_amount: int | None = None
    refunds_count: int | None = None
    refunds_amount: int | None = None
    """Not negative."""
    by_scheme: tuple[tuple[str, int, int], ...] = ()
    """(scheme, count, net amount)."""
    slip: tuple[str, ...] = ()
    text: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What this terminal or wallet can do, with its settings as they are."""

    transactions: frozenset[Transaction]
    inquires: bool
    """It can be asked for the outcome of a transaction. Without it every doubt goes to a person."""
    inquire_after_s: float = 0.0
    """No use asking sooner after the request."""
    inquire_every_s: float = 5.0
    inquiries_max: int = 5
    """INCONCLUSIVE answers before a person (or `cancels`) decides; PENDING ones do not count."""
    pending_s: float = 120.0
    """PENDING for longer than this counts as inconclusive."""
    cancels: bool = False
    """A transaction in doubt can be cancelled under its own reference, as often as it takes (wallets)."""
    stops: bool = False
    """It can be asked to give up a transaction that waits for the customer."""
    settles: bool = False
    tips: bool = False
    """A sale may have a tip in it from the start. (One that is added later is a transaction: TIP.)"""
    code: bool = False
    """It needs the code that the customer shows."""
    locks: bool = True
    """It knows only its last transaction: while that one is in doubt nothing else may be asked of it."""
    prints: bool = False
    """It leaves the slips to the hub."""
    without_amount: bool = False
    """Its protocol's replies have no amount: otherwise a SALE approved without one is in doubt."""
    with_card: frozenset[Transaction] = frozenset()
    """What of a REFUND and a VOID takes a card at the terminal: the hub begins none of these by itself, because the
    card that is presented then may be the next customer's.
    """


class EftTerminal(Protocol):
    """A card terminal or a wallet. One transaction, inquiry or settlement at a time: the hub sees to that (wallets with
    `locks=False` may be asked about several requests at once).

    The bytes come first: the hub calls `prepare`, keeps the answer for ever, then passes it to `transact`, and to
    `inquire` and `cancel` afterwards, even after a restart.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    async def prepare(self, request: Request) -> bytes:
        """The exact bytes of the request. No I/O. Raises DeviceRefused (ILLEGAL) for what the protocol cannot carry."""
        ...

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        """Send `data` once and wait for the outcome.

        Calls `progress` with SENT before a byte can leave, with IN_PROGRESS when the terminal acknowledged, and with
        what it is doing. `data` is sent again only after the link's own explicit NAK to it (terminals) and never on
        silence.

        Raises DeviceRefused or DeviceBusy only if no byte left, so that nothing can have happened: the payment was not
        sent and may be tried anew. Any other DeviceError leaves the outcome unknown.
        """
        ...

    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        """Ask what became of a request sent before, on this connection or an earlier one. Moves no money.

        Raises DeviceError when no answer came: the hub asks again later.
        """
        ...

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        """Make certain that a request in doubt takes no money, where `capabilities.cancels`: ABSENT once it cannot,
        FOUND if it has (and could not be taken back). Safe to repeat. Raises as `inquire`.
        """
        ...

    async def stop(self) -> None:
        """Ask it to give up the transaction under way, where `capabilities.stops`. `transact` goes on waiting for what
        the terminal says: it may be too late.
        """
        ...

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:
        """Close the batch (end of day), where `capabilities.settles`; `at` as `Request.at`. Raises DeviceRefused when
        it would not, any other DeviceError when it may have.
        """
        ...
