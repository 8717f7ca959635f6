"""A Caisse-AP terminal without hardware."""

import asyncio
from collections.abc import Mapping

from drivers.caisse_ap.codec import (
    ACTION,
    ACTIONS,
    AMOUNT,
    APPROVAL,
    CONTRACT,
    CURRENCY,
    DONE,
    DUPLICATE,
    NOT_DONE,
    OUTCOME,
    PAN,
    PRIVATE,
    TILL,
    VERSION,
    WHY,
    Fields,
    Reader,
    amount_of,
    encode,
)
from drivers.caisse_ap.options import CaisseApOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS, SLOW_HOST_S, Declined, Taken
from edge_hub.sdk.eft.model import Reason, Transaction
from edge_hub.sdk.eft.simulated import SimulatedTerminal
from edge_hub.sdk.errors import BadFrame

PIECE_BYTES = 7
HANG_UP_S = 0.1
_TRANSACTIONS = {action: transaction for transaction, action in ACTIONS.items()}
_WHY = {
    Reason.DECLINED: "04",
    Reason.CALL_BANK: "04",
    Reason.CARD: "04",
    Reason.BALANCE: "04",
    Reason.CANCELLED: "06",
    Reason.HOST: "07",
    Reason.NOT_FOUND: "05",
}
_AIDS = {
    "VISA": "A0000000031010",
    "MASTERCARD": "A0000000041010",
    "JCB": "A0000000651010",
    "UNIONPAY": "A000000333010101",
}


class CaisseApSimulator(SimulatedTerminal):
    """One simulated terminal. It repeats CF; the fault "no_private" is one that does not."""

    bank_faults = (
        bank.LOST_REPLY,
        bank.DUPLICATE_REPLY,
        bank.LATE_REPLY,
        bank.POWER_CUT,
        bank.UNSOLICITED,
        bank.SPLIT,
        bank.BUSY,
        bank.SLOW_HOST,
        bank.WRONG_AMOUNT,
        bank.UNLISTED_CODE,
    )
    own_faults: Mapping[str, str] = {
        "no_private": "replies do not repeat the private data (CF)",
        "hangs_up": "the connection is ended behind every reply",
    }

    def __init__(self, options: CaisseApOptions) -> None:
        super().__init__()
        self._version = options.version
        self._last: Fields | None = None
        """The ticket that a duplicate repeats."""
        self._previous = b""

    async def serve(self, wire: SimulatorWire) -> None:
        reader = Reader()
        while data := await wire.read():
            try:
                reader.feed(data)
            except BadFrame:
                # out of step: whatever else comes on this connection is no request
                await wire.write(encode([(VERSION, self._version), (OUTCOME, NOT_DONE), (WHY, "09")]))
                while await wire.read():
                    pass
                return
            asked = reader.fields
            if asked is not None and AMOUNT in asked and ACTION in asked:
                reader.reset()
                if bank.BUSY not in self.active_faults:
                    await self._serve(wire, asked)
                if "hangs_up" in self.active_faults:
                    await self.sleep(HANG_UP_S)
                    return

    async def _serve(self, wire: SimulatorWire, asked: Fields) -> None:
        faults = self.active_faults
        if bank.UNSOLICITED in faults:
            await wire.write(self._stranger())
        if asked[ACTION] == DUPLICATE:
            await self._send(wire, self._duplicate(asked))
            return
        said = self._carry_out(asked)
        reply = encode(said.items())
        before, self._previous = self._previous, reply
        if bank.LATE_REPLY in faults and before:
            await wire.write(before)
        if bank.POWER_CUT in faults:
            return
        if bank.SLOW_HOST in faults:
            await self.sleep(SLOW_HOST_S)
        if said[OUTCOME] == DONE:
            self._last = said
        if bank.LOST_REPLY not in faults:
            await self._send(wire, reply)

    def _carry_out(self, asked: Fields) -> Fields:
        amount, transaction = amount_of(asked), _TRANSACTIONS.get(asked[ACTION])
        echo = [(VERSION, self._version)]
        rest = [(tag, asked[tag]) for tag in (ACTION, CURRENCY, TILL) if tag in asked]
        if PRIVATE in asked and "no_private" not in self.active_faults:
            rest.append((PRIVATE, asked[PRIVATE]))
        rest.append((AMOUNT, f"{(amount or 0) + (bank.WRONG_AMOUNT in self.active_faults):08d}"))
        if not amount or transaction is None:
            return dict([*echo, (OUTCOME, NOT_DONE), (WHY, "09" if transaction else "12"), *rest])
        receipt = self.sale_of(amount) if transaction is Transaction.VOID else None
        decision = self.bank.decide(transaction, amount, reference=asked.get(PRIVATE, ""), original_receipt=receipt)
        if isinstance(decision, Declined):
            self.display = "TRANSACTION REFUSEE"
            return dict([*echo, (OUTCOME, NOT_DONE), (WHY, _WHY.get(decision.reason, "05")), *rest])
        outcome = "42" if bank.UNLISTED_CODE in self.active_faults else DONE
        return dict([*echo, (OUTCOME, outcome), *rest, *self._card(decision)])

    def _card(self, taken: Taken) -> list[tuple[str, str]]:
        self.display = "PAIEMENT ACCEPTE"
        self.slip.extend((f"{taken.transaction.value.upper()} {taken.amount}", f"AUTO {taken.approval}"))
        ticket = f"CARTE {taken.pan} {CARDHOLDER}"
        return [
            (PAN, taken.pan),
            ("AB", "2912"),
            (APPROVAL, taken.approval),
            ("AI", _AIDS[taken.scheme]),
            (CONTRACT, "1234567"),
            ("ZT", ticket),
        ]

    def _duplicate(self, asked: Fields) -> bytes:
        if self._last is None:
            return encode([(VERSION, self._version), (OUTCOME, NOT_DONE), (WHY, "07"), (ACTION, DUPLICATE)])
        return encode({**self._last, ACTION: asked[ACTION]}.items())

    def _stranger(self) -> bytes:
        """The reply to a request of another till."""
        return encode([(VERSION, self._version), (OUTCOME, DONE), (AMOUNT, "00000100"), (ACTION, "0"),
                       (CURRENCY, "978"), (TILL, "99"), (PAN, PANS["JCB"])])  # fmt: skip

    async def _send(self, wire: SimulatorWire, reply: bytes) -> None:
        for _ in range(2 if bank.DUPLICATE_REPLY in self.active_faults else 1):
            if bank.SPLIT not in self.active_faults:
                await wire.write(reply)
                continue
            for at in range(0, len(reply), PIECE_BYTES):
                await wire.write(reply[at : at + PIECE_BYTES])
                await asyncio.sleep(0)
