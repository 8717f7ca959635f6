"""A ZVT terminal without hardware: one terminal with its bank, on either form of the wire.

As the real ones it works on when the till leaves; by the newer rule a payment stands whether or not the till
acknowledged its result, by the older one (fault "old_rule") it is taken back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime

from drivers.zvt import codec, sim_books
from drivers.zvt.codec import Apdu
from drivers.zvt.options import ZvtOptions
from drivers.zvt.sim_books import Carried, Order
from drivers.zvt.sim_serving import Serving
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import Declined, SimulatedBank, Taken
from edge_hub.sdk.eft.currencies import CURRENCIES
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.simulated import Simulated

OLD_RULE, CLOCK_OFF, DIAGNOSIS = "old_rule", "clock_off", "diagnosis"
FAULTS: Mapping[str, str] = {
    **bank.FAULTS,
    OLD_RULE: "an older terminal: it takes a payment back when the till does not acknowledge the result",
    CLOCK_OFF: "its clock is a day behind",
    DIAGNOSIS: "it wants a diagnosis after each registration",
}
UNLISTED = 0xE5
RECEIPT_MAX = 9999


class ZvtSimulator(Simulated):
    """One simulated terminal."""

    own_faults = FAULTS

    def __init__(self, options: ZvtOptions) -> None:
        super().__init__()
        self.options = options
        self.bank = SimulatedBank()
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Tests hand in their clock's."""
        self.display = ""
        self.slip: list[str] = []
        self.registered = False
        self.config_byte = 0
        self.tells_tlv = False
        self.prints_blocks = False
        self.last: Apdu | None = None
        """The result that 06 20 repeats."""
        self.previous: tuple[Apdu, ...] = ()
        """Result and end of the transaction before."""
        self.cancelled = asyncio.Event()
        """The red key, or the till's abort."""

    def state(self) -> Mapping[str, object]:
        return {
            **self.bank.state(),
            "display": self.display,
            "slip": list(self.slip),
            "registered": self.registered,
        }

    def act(self, action: str, value: str) -> None:
        """What people do, as of `SimulatedBank.act`; "press_cancel" while it waits."""
        if action == "press_cancel":
            self.cancelled.set()
        else:
            self.bank.act(action, value)

    async def serve(self, wire: SimulatorWire) -> None:
        """Answer one host until it leaves."""
        await Serving(self, wire).serve()

    def power_off(self) -> None:
        """Everything is forgotten that is not on the disk."""
        self.registered = False
        self.display = ""

    def carry_out(self, order: Order, *, stopped: bool) -> Carried:
        """Ask the bank, keep the result: here money moves. `stopped`: the customer or the till cancelled."""
        if stopped and bank.APPROVAL_AFTER_CANCEL not in self._active:
            return self._kept(Carried(sim_books.bare_result(0x6C, "Abbruch"), 0x6C))
        decision = self.bank.decide(order.transaction, order.amount, original_receipt=self._original(order.receipt))
        if isinstance(decision, Declined):
            return self._kept(self._declined(order, decision))
        code = UNLISTED if bank.UNLISTED_CODE in self._active else 0
        status = sim_books.result(
            code,
            at=self.now(),
            amount=decision.amount + (bank.WRONG_AMOUNT in self._active),
            currency=order.currency,
            receipt=self._number(decision.receipt),
            undone=order.receipt or 0,
            card=decision,
            with_tlv=self.tells_tlv,
        )
        self.display = "Zahlung erfolgt"
        return self._kept(Carried(status, code, decision))

    def now(self) -> datetime:
        """Its clock."""
        return sim_books.now(behind=CLOCK_OFF in self._active)

    def _original(self, receipt: int | None) -> int | None:
        """The bank's number of a receipt: the last of the four digits."""
        if receipt is None:
            return None
        return max((one.receipt for one in self.bank.taken if self._number(one.receipt) == receipt), default=0)

    @staticmethod
    def _number(receipt: int) -> int:
        return (receipt - 1) % RECEIPT_MAX + 1

    def _declined(self, order: Order, decision: Declined) -> Carried:
        code = sim_books.CODES[decision.reason]
        if decision.reason in (Reason.CANCELLED, Reason.CARD):
            self.display = "Abbruch"
            return Carried(sim_books.bare_result(code, "Abbruch durch Kunde"), code)
        self.display = "Zahlung nicht moeglich"
        self.bank.receipts += 1
        status = sim_books.result(
            code,
            at=self.now(),
            amount=order.amount,
            currency=order.currency,
            receipt=self._number(self.bank.receipts),
        )
        return Carried(status, code)

    def _kept(self, carried: Carried) -> Carried:
        if bank.POWER_CUT not in self._active:
            self.last = carried.status
        return carried

    def take_back(self, order: Order, taken: Taken) -> None:
        """The old rule: the till did not acknowledge the result."""
        self.bank.taken.remove(taken)
        self.bank.receipts += 1
        self.last = sim_books.result(
            0,
            at=self.now(),
            amount=taken.amount,
            currency=order.currency,
            receipt=self._number(self.bank.receipts),
            undone=taken.receipt,
            card=replace(taken, receipt=self.bank.receipts),
            with_tlv=self.tells_tlv,
        )
        self.display = "Autostorno"

    @property
    def currency(self) -> int:
        return CURRENCIES[self.options.currency].number

    def register(self, data: bytes) -> None:
        """Take a registration: password, configuration, currency, bitmaps. Raises BadFrame."""
        found = dict(codec.bitmaps(data[6:]))
        objects = tuple(codec.walk(codec.tlvs(found.get(codec.TLV, b""))))
        self.registered = True
        self.config_byte = data[3] if len(data) > 3 else 0  # noqa: PLR2004  # behind the password
        self.tells_tlv = codec.TLV in found
        allowed = [one.value for one in objects if one.tag == 0x0A]  # noqa: PLR2004  # a command of the list
        self.prints_blocks = bool(self.config_byte & 0x80) and codec.PRINT_BLOCK.to_bytes(2, "big") in allowed
