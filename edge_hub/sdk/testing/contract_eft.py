"""The contract of card terminals: what the hub is told of a payment never contradicts what the bank did.

The simulator's `state()["taken"]` is the bank's book. A request is found there by its reference, or, where the protocol
carries none, by its amount among what came since it was sent.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from edge_hub.sdk.eft.bank import FAULTS, LOST_REPLY
from edge_hub.sdk.eft.model import (
    BatchTotals,
    EftTerminal,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Request,
    Result,
    Transaction,
    Verdict,
)
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceRefused
from edge_hub.sdk.roles import EFT_TERMINAL, Role
from edge_hub.sdk.testing.bench import Rig, settle, until
from edge_hub.sdk.testing.checks import Checks, expect, pass_time

TRANSACT_LIMIT_S = 400.0
INQUIRY_LIMIT_S = 400.0
STEP_S = 0.05
INQUIRIES_MAX = 20
"""Until one is answered at all."""
BAD_SALES_MAX = 3
RECOVERY_TRIES_MAX = 5
RECOVERY_PAUSE_S = 15.0
"""Longer than a terminal holds on to the piece of a request."""
AMOUNT_FIRST, AMOUNT_STEP = 1_000, 7
CURRENCIES = (("TWD", 0), ("EUR", 2), ("USD", 2), ("JPY", 0))
"""The first that the driver takes."""
STAYS_FOUND = (LOST_REPLY,)
"""Faults after which, on a good wire, the outcome must be found where the terminal can be asked."""


class Known(Enum):
    """What the hub would have in its journal."""

    TAKEN = "taken"
    NOT_TAKEN = "not taken"
    DOUBT = "in doubt"
    BY_HAND = "left to a person"
    """The terminal could not say; it is not asked about it again."""


@dataclass(eq=False)
class Attempt:
    """One request and what is known of it."""

    request: Request
    data: bytes
    begun: int
    """Entries in the bank's book before it."""
    known: Known = Known.DOUBT
    outcome: Result | DeviceError | None = None
    heard: list[Progress] = field(default_factory=list)


class Charging(Checks):
    """Sales, refunds, voids, tips, settlements and inquiries, held against the bank's book."""

    role: Role[Any] = EFT_TERMINAL

    def __init__(self, rig: Rig) -> None:
        super().__init__(rig)
        if hasattr(rig.simulator, "sleep"):
            rig.simulator.sleep = rig.clock.sleep
        self._attempts: list[Attempt] = []
        self._identities: set[str] = set()
        self._currency: tuple[str, int] | None = None

    async def well(self) -> None:
        sale = await self._approved(Transaction.SALE)
        await self._declined()
        possible = (await self._terminal()).capabilities.transactions
        if Transaction.REFUND in possible:
            await self._approved(Transaction.REFUND, of=sale)
        if Transaction.VOID in possible:
            await self._approved(Transaction.VOID, of=await self._approved(Transaction.SALE))
        if Transaction.TIP in possible:
            await self._approved(Transaction.TIP, of=await self._approved(Transaction.SALE))
        last = await self._approved(Transaction.SALE)
        if (await self._terminal()).capabilities.inquires:
            answer = await self._inquire(last)
            found = isinstance(answer, Inquiry) and answer.found is Found.FOUND
            expect(found, f"{answer!r} of the last transaction on a good wire")
        await self._settled()
        await self._approved(Transaction.SALE)

    async def badly(self) -> None:
        for _ in range(BAD_SALES_MAX):
            if self.rig.role(self.role) is None:
                await pass_time(self.rig, RECOVERY_PAUSE_S)
                continue
            attempt = await self._attempt(Transaction.SALE)
            if attempt.known is Known.DOUBT:
                if self._asks():
                    await self._inquire(attempt)
                return

    async def recovered(self) -> None:
        await self._cleared()
        await self._sells_again()
        self._audit()

    async def struck(self) -> None:
        """Each fault that the simulator has, with a sale that the bank approves and one that it does not, both of the
        same amount as the sale before: a reply to that one must not be taken for theirs.
        """
        amount = (await self._approved(Transaction.SALE)).request.amount
        for fault in [name for name in self.rig.simulator.faults if name in FAULTS]:
            for outcome in ("approve", "decline"):
                self.rig.simulator.set_fault(fault, True)
                self.rig.simulator.act("outcome", outcome)
                attempt = await self._attempt(Transaction.SALE, amount=amount)
                if attempt.known is Known.DOUBT and self._asks():
                    await self._inquire(attempt)
                self.rig.simulator.set_fault(fault, False)
                self.rig.simulator.act("outcome", "approve")
                await self._cleared()
                if fault in STAYS_FOUND and self._asks():
                    expect(attempt.known is not Known.BY_HAND, f"{fault}, {outcome}: not found on a good wire")
                await self._sells_again(amount)

    def _asks(self) -> bool:
        terminal = self.rig.role(EFT_TERMINAL)
        return terminal is not None and terminal.capabilities.inquires

    async def _terminal(self) -> EftTerminal:
        await self.ready()
        terminal = self.rig.role(EFT_TERMINAL)
        if terminal is None:
            raise AssertionError("not ready any more")
        return terminal

    async def _approved(self, transaction: Transaction, of: Attempt | None = None) -> Attempt:
        attempt = await self._attempt(transaction, of)
        outcome = attempt.outcome
        expect(attempt.known is Known.TAKEN, f"{transaction}: {outcome!r} on a good wire")
        if isinstance(outcome, Result) and outcome.identity:
            expect(outcome.identity not in self._identities, f"{transaction}: the identity of an earlier one")
            self._identities.add(outcome.identity)
        return attempt

    async def _declined(self) -> None:
        self.rig.simulator.act("outcome", "decline")
        attempt = await self._attempt(Transaction.SALE)
        self.rig.simulator.act("outcome", "approve")
        outcome = attempt.outcome
        declined = isinstance(outcome, Result) and outcome.verdict is Verdict.DECLINED
        expect(declined, f"{outcome!r} for a declined sale on a good wire")

    async def _settled(self) -> None:
        terminal = await self._terminal()
        if not terminal.capabilities.settles:
            return
        book = [entry for entry in self.shown("taken") if entry["transaction"] != Transaction.TIP]
        totals: BatchTotals = await until(
            self.rig.clock, terminal.settle(_now(), lambda _: None), limit_s=TRANSACT_LIMIT_S, step_s=STEP_S
        )
        expect(totals.count in (None, len(book)), f"{totals} for {len(book)} transactions")
        net = self.rig.simulator.state().get("net")
        expect(totals.amount in (None, net), f"{totals} for {net}")

    async def _sells_again(self, amount: int | None = None) -> None:
        """A sale is approved before long: what the wire did may still spoil one."""
        for _ in range(RECOVERY_TRIES_MAX):
            attempt = await self._attempt(Transaction.SALE, amount=amount)
            if attempt.known is Known.TAKEN:
                return
            await self._cleared()
        raise AssertionError(f"{attempt.outcome!r} still on a good wire")

    async def _cleared(self) -> None:
        """Ask about what is in doubt, as the hub would, until the terminal says or cannot say."""
        await pass_time(self.rig, RECOVERY_PAUSE_S)
        for attempt in self._attempts:
            if attempt.known is Known.DOUBT:
                await self._resolved(attempt)
        self._audit()

    async def _resolved(self, attempt: Attempt) -> None:
        capabilities = (await self._terminal()).capabilities
        if not capabilities.inquires:
            attempt.known = Known.BY_HAND
            return
        await pass_time(self.rig, capabilities.inquire_after_s)
        proving_nothing = 0
        for _ in range(INQUIRIES_MAX):
            answer = await self._inquire(attempt)
            if attempt.known is not Known.DOUBT:
                return
            if isinstance(answer, Inquiry) and answer.found is Found.INCONCLUSIVE:
                proving_nothing += 1
                if proving_nothing >= capabilities.inquiries_max:
                    attempt.known = Known.BY_HAND
                    return
            await pass_time(self.rig, capabilities.inquire_every_s)
        raise AssertionError(f"{answer!r} still, to an inquiry on a good wire")

    async def _attempt(
        self, transaction: Transaction, of: Attempt | None = None, *, amount: int | None = None
    ) -> Attempt:
        """Carry one request out, or not, and hold what came back against the book. `amount`: none is one of its own."""
        terminal = await self._terminal()
        if self._currency is None:
            self._currency = await self._currency_of(terminal)
        request = self._request(self._currency, transaction, of)
        if amount is not None:
            request = replace(request, amount=amount)
        attempt = Attempt(request, await terminal.prepare(request), len(self.shown("taken")))
        self._attempts.append(attempt)
        working = terminal.transact(request, attempt.data, attempt.heard.append)
        try:
            attempt.outcome = await until(self.rig.clock, working, limit_s=TRANSACT_LIMIT_S, step_s=STEP_S)
        except DeviceError as error:
            attempt.outcome = error
        _judge(attempt)
        await settle()
        self._audit()
        return attempt

    async def _currency_of(self, terminal: EftTerminal) -> tuple[str, int]:
        for currency in CURRENCIES:
            try:
                await terminal.prepare(self._request(currency, Transaction.SALE, None))
            except DeviceRefused:
                continue
            return currency
        raise AssertionError(f"no sale in any of {CURRENCIES}")

    def _request(self, currency: tuple[str, int], transaction: Transaction, of: Attempt | None) -> Request:
        number = len(self._attempts)
        amount = AMOUNT_FIRST + AMOUNT_STEP * number
        original = of.outcome if of is not None and isinstance(of.outcome, Result) else None
        if of is not None:
            # a refund of a part, unlike any sale; a void is of the whole; a tip is small
            amount = of.request.amount - (number + 1 if transaction is Transaction.REFUND else 0)
            amount = number + 1 if transaction is Transaction.TIP else amount
        return Request(
            transaction=transaction,
            reference=f"CONTRA{number:04d}",
            amount=amount,
            currency=currency[0],
            minor_digits=currency[1],
            at=_now(),
            till="till-1",
            title="Contract",
            original=original,
            original_reference=of.request.reference if of is not None else "",
            original_amount=of.request.amount if of is not None else 0,
        )

    async def _inquire(self, attempt: Attempt) -> Inquiry | DeviceError:
        """Ask once; what is answered may not contradict the book, and closes the doubt."""
        terminal = await self._terminal()
        working = terminal.inquire(attempt.request, attempt.data)
        try:
            answer = await until(self.rig.clock, working, limit_s=INQUIRY_LIMIT_S, step_s=STEP_S)
        except DeviceError as error:
            return error
        if answer.found is Found.FOUND:
            verdict = answer.result.verdict if answer.result is not None else Verdict.UNKNOWN
            expect(verdict is not Verdict.UNKNOWN, f"found, and says nothing: {answer!r}")
            self._learn(attempt, Known.TAKEN if verdict is Verdict.APPROVED else Known.NOT_TAKEN)
        elif answer.found is Found.ABSENT:
            self._learn(attempt, Known.NOT_TAKEN)
        self._audit()
        return answer

    def _learn(self, attempt: Attempt, known: Known) -> None:
        expect(attempt.known in (Known.DOUBT, known), f"{attempt.known.value} before, {known.value} when asked")
        attempt.known = known

    def _audit(self) -> None:
        """Everything known so far against the bank's book as it is now."""
        for attempt in self._attempts:
            entries = self._entries(attempt)
            said = f"{attempt.request.transaction} {attempt.request.reference}, {attempt.outcome!r}: {entries}"
            expect(len(entries) <= 1, f"taken more than once: {said}")
            expect(attempt.known is not Known.TAKEN or entries, f"approved and not taken: {said}")
            expect(attempt.known is not Known.NOT_TAKEN or not entries, f"said not to be taken: {said}")
            for entry in entries:
                expect(entry["amount"] == attempt.request.amount, f"another amount was taken: {said}")

    def _entries(self, attempt: Attempt) -> list[dict[str, Any]]:
        """What the bank has in its book for it."""
        request = attempt.request
        alike = [
            other.begun
            for other in self._attempts[self._attempts.index(attempt) + 1 :]
            if (other.request.transaction, other.request.amount) == (request.transaction, request.amount)
        ]
        place_end = min(alike, default=len(self.shown("taken")))
        named = (request.transaction.value, request.amount)
        return [
            entry
            for place, entry in enumerate(self.shown("taken"))
            if entry["reference"] == request.reference
            or (
                not entry["reference"]
                and (entry["transaction"], entry["amount"]) == named
                and attempt.begun <= place < place_end
            )
        ]


def _judge(attempt: Attempt) -> None:
    """What the hub would make of the outcome, and whether the milestones came as promised."""
    outcome = attempt.outcome
    milestones = [step.milestone for step in attempt.heard if step.milestone is not None]
    expect(milestones in ([], [Milestone.SENT], [Milestone.SENT, Milestone.IN_PROGRESS]), f"milestones {milestones}")
    if isinstance(outcome, DeviceRefused | DeviceBusy):
        expect(Milestone.IN_PROGRESS not in milestones, f"{outcome!r} after it was in progress")
        attempt.known = Known.NOT_TAKEN
        return
    expect(milestones, f"{outcome!r} and nothing was said to be sent")
    if isinstance(outcome, Result):
        attempt.known = _KNOWN[outcome.verdict]
        if outcome.verdict is Verdict.APPROVED:
            expect(outcome.amount == attempt.request.amount, f"approved with another amount: {outcome!r}")


_KNOWN = {Verdict.APPROVED: Known.TAKEN, Verdict.DECLINED: Known.NOT_TAKEN, Verdict.UNKNOWN: Known.DOUBT}


def _now() -> str:
    """Local: simulated terminals without a date in their requests have the machine's."""
    return datetime.now(tz=UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S")
