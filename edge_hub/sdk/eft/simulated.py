"""What simulated card terminals have in common: their bank, their faults, their screen and their printer."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft.bank import FAULTS, SimulatedBank
from edge_hub.sdk.eft.model import Transaction
from edge_hub.sdk.simulated import Simulated

SLIP_LINES_SHOWN_MAX = 12


class SimulatedTerminal(Simulated, ABC):
    """One simulated terminal, whatever host is connected. A protocol gives `serve`, the names out of `bank.FAULTS`
    that it carries out (`bank_faults`) and its own (`own_faults`).
    """

    bank_faults: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.bank = SimulatedBank()
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Tests hand in their clock's."""
        self.display = ""
        self.slip: deque[str] = deque(maxlen=SLIP_LINES_SHOWN_MAX)

    @property
    def faults(self) -> Mapping[str, str]:
        return {**{name: FAULTS[name] for name in self.bank_faults}, **self.own_faults}

    def state(self) -> Mapping[str, object]:
        return {**self.bank.state(), "display": self.display, "slip": list(self.slip)}

    def sale_of(self, amount: int) -> int:
        """The receipt of the last sale of that amount, as the terminal finds it by amount and card; -1: none."""
        found = (
            one.receipt
            for one in reversed(self.bank.taken)
            if one.transaction is Transaction.SALE and one.amount == amount
        )
        return next(found, -1)

    def act(self, action: str, value: str) -> None:
        """What people do, as of `SimulatedBank.act`."""
        self.bank.act(action, value)

    @abstractmethod
    async def serve(self, wire: SimulatorWire) -> None:
        """Speak with one host until it leaves."""
