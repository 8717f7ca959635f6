"""The bank behind every simulated terminal and wallet: it decides, takes the money and remembers; each protocol's
simulator adds its own words and its own wire. What it took is what a test holds the hub's journal against.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge_hub.sdk.eft.model import Reason, Transaction

LOST_ACK = "lost_ack"
LOST_REPLY = "lost_reply"
BAD_CHECK = "bad_check"
DUPLICATE_REPLY = "duplicate_reply"
LATE_REPLY = "late_reply"
POWER_CUT = "power_cut"
UNSOLICITED = "unsolicited"
SPLIT = "split"
APPROVAL_AFTER_CANCEL = "approval_after_cancel"
BUSY = "busy"
SLOW_HOST = "slow_host"
WRONG_AMOUNT = "wrong_amount"
UNLISTED_CODE = "unlisted_code"
FAULTS: Mapping[str, str] = {
    LOST_ACK: "requests are taken and carried out, but never acknowledged",
    LOST_REPLY: "the transaction is carried out, its reply never arrives",
    BAD_CHECK: "replies come with a wrong check sum, every time",
    DUPLICATE_REPLY: "every reply comes twice",
    LATE_REPLY: "the reply of the previous transaction arrives (again) when the next one begins",
    POWER_CUT: "the power goes after the money moved and before the terminal stored its reply",
    UNSOLICITED: "frames that nobody asked for come in between",
    SPLIT: "replies arrive in small pieces",
    APPROVAL_AFTER_CANCEL: "a cancelled transaction is approved all the same",
    BUSY: "it is busy with something else",
    SLOW_HOST: "the bank takes its time to answer",
    WRONG_AMOUNT: "the reply names another amount than was asked for; the right one was moved",
    UNLISTED_CODE: "the reply has a response code that no list has, and the money moved",
}
"""Each simulator has those that make sense for its protocol, and may add its own."""

PANS: Mapping[str, str] = {
    "VISA": "4311951234561231",
    "MASTERCARD": "5204731600001237",
    "JCB": "3566002345678904",
    "UNIONPAY": "6212345678901232",
}
"""Card numbers of the simulated customers, whole as a terminal reads them: no test may find one where the hub keeps
things.
"""
CARDHOLDER = "MEIKALAINEN/MATTI"
BATCH_FIRST = 42
SLOW_HOST_S = 8.0
BALANCE = 20_000_00


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Money that moved. `amount` above zero; a refund or void gives it back; of a TIP that alone, under the receipt
    of its sale.
    """

    transaction: Transaction
    reference: str
    """What the hub gave; "" where the protocol carries none."""
    amount: int
    tip: int
    receipt: int
    batch: int
    scheme: str
    pan: str
    approval: str

    @property
    def net(self) -> int:
        """Towards the merchant."""
        return self.amount if self.transaction in {Transaction.SALE, Transaction.TIP} else -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """No money moved."""

    reason: Reason


Decision = Taken | Declined


@dataclass
class SimulatedBank:
    """What customers do and what the host says. `outcome` holds until changed: "approve", "decline", "call_bank",
    "cancel" (the customer presses the red key), "card" (unreadable), "balance", "host" (unreachable).
    """

    outcome: str = "approve"
    scheme: str = "VISA"
    tip: int = 0
    """What the next customer adds, where the protocol has tips."""
    batch: int = BATCH_FIRST
    receipts: int = 0
    taken: list[Taken] = field(default_factory=list)
    settled: int = 0
    """How many of `taken` are in closed batches."""
    asked: int = 0
    """Requests that reached the bank, whatever came of them."""

    OUTCOMES = ("approve", "decline", "call_bank", "cancel", "card", "balance", "host")

    def act(self, action: str, value: str) -> None:
        """What people do: "outcome", "scheme", "tip" (minor units). KeyError otherwise."""
        if action == "outcome" and value in self.OUTCOMES:
            self.outcome = value
        elif action == "scheme" and value in PANS:
            self.scheme = value
        elif action == "tip":
            self.tip = int(value)
        else:
            raise KeyError(action)

    def decide(
        self, transaction: Transaction, amount: int, *, reference: str = "", original_receipt: int | None = None
    ) -> Decision:
        """Carry a transaction out, or not. `amount`: of a VOID it may be 0, the original's counts, with its tip."""
        self.asked += 1
        if self.outcome != "approve":
            return Declined(reason=_REASONS[self.outcome])
        if transaction is Transaction.VOID:
            original = self._open(original_receipt)
            if original is None or (amount and amount != self._total(original)):
                return Declined(reason=Reason.NOT_FOUND)
            amount, tip = self._total(original), original.tip
        elif transaction is Transaction.TIP:
            return self._tipped(amount, reference, original_receipt)
        elif (
            transaction is Transaction.REFUND
            and original_receipt is not None
            and not self._covers(original_receipt, amount)
        ):
            return Declined(reason=Reason.NOT_FOUND)
        else:
            tip, self.tip = (self.tip, 0) if transaction is Transaction.SALE else (0, self.tip)
        self.receipts += 1
        one = Taken(
            transaction=transaction,
            reference=reference,
            amount=amount + (tip if transaction is Transaction.SALE else 0),
            tip=tip,
            receipt=self.receipts,
            batch=self.batch,
            scheme=self.scheme,
            pan=PANS[self.scheme],
            approval=f"{self.receipts * 7919 % 1_000_000:06d}",
        )
        self.taken.append(one)
        if original_receipt is not None:
            self._undone.append((original_receipt, one.amount))
        return one

    def _tipped(self, amount: int, reference: str, receipt: int | None) -> Decision:
        """The sale becomes larger by it, once."""
        sale = self._open(receipt)
        if sale is None or self._total(sale) != sale.amount:
            return Declined(reason=Reason.NOT_FOUND)
        one = replace(sale, transaction=Transaction.TIP, reference=reference, amount=amount, tip=0)
        self.taken.append(one)
        return one

    _undone: list[tuple[int, int]] = field(default_factory=list)

    def _total(self, sale: Taken) -> int:
        """With what was added to it later."""
        tips = (one for one in self.taken if one.transaction is Transaction.TIP and one.receipt == sale.receipt)
        return sale.amount + sum(one.amount for one in tips)

    def _given_back(self, receipt: int) -> int:
        return sum(amount for undone, amount in self._undone if undone == receipt)

    def sale(self, receipt: int | None) -> Taken | None:
        """The sale of that receipt, whatever became of it."""
        found = (one for one in self.taken if one.receipt == receipt and one.transaction is Transaction.SALE)
        return next(found, None)

    def _open(self, receipt: int | None) -> Taken | None:
        """The sale of that receipt if it is in the open batch and nothing of it was given back."""
        found = self.sale(receipt)
        if found is None or self.taken.index(found) < self.settled or self._given_back(found.receipt):
            return None
        return found

    def _covers(self, receipt: int, amount: int) -> bool:
        found = self.sale(receipt)
        return found is not None and self._given_back(receipt) + amount <= self._total(found)

    def open_batch(self) -> list[Taken]:
        """What the next settlement closes."""
        return self.taken[self.settled :]

    def open_count(self) -> int:
        """Transactions in it, as terminals count them: a tip belongs to its sale."""
        return sum(one.transaction is not Transaction.TIP for one in self.open_batch())

    def settle(self) -> list[Taken]:
        """Close the batch; what was in it."""
        closed = self.open_batch()
        self.settled = len(self.taken)
        self.batch += 1
        return closed

    def state(self) -> dict[str, object]:
        """For `Simulator.state()`: "taken" as [{transaction, reference, amount, receipt, batch}], "net"."""
        return {
            "outcome": self.outcome,
            "asked": self.asked,
            "net": sum(one.net for one in self.taken),
            "batch": self.batch,
            "taken": [
                {
                    "transaction": one.transaction.value,
                    "reference": one.reference,
                    "amount": one.amount,
                    "receipt": one.receipt,
                    "batch": one.batch,
                }
                for one in self.taken
            ],
        }


_REASONS = {
    "decline": Reason.DECLINED,
    "call_bank": Reason.CALL_BANK,
    "cancel": Reason.CANCELLED,
    "card": Reason.CARD,
    "balance": Reason.BALANCE,
    "host": Reason.HOST,
}
