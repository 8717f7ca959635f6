"""What simulated card terminals have in common: their bank, their faults, their screen and their printer."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft.bank import FAULTS, SimulatedBank

SLIP_LINES_SHOWN_MAX = 12


class SimulatedTerminal(ABC):
    """One simulated terminal, whatever host is connected. A protocol gives `serve`, the names out of `bank.FAULTS`
    that it carries out (`bank_faults`) and its own (`own_faults`).
    """

    bank_faults: tuple[str, ...] = ()
    own_faults: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.bank = SimulatedBank()
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Tests hand in their clock's."""
        self.display = ""
        self.slip: deque[str] = deque(maxlen=SLIP_LINES_SHOWN_MAX)
        self._active: set[str] = set()

    @property
    def faults(self) -> Mapping[str, str]:
        return {**{name: FAULTS[name] for name in self.bank_faults}, **self.own_faults}

    @property
    def active_faults(self) -> frozenset[str]:
        return frozenset(self._active)

    def set_fault(self, name: str, on: bool) -> None:
        if name not in self.faults:
            raise KeyError(name)
        (self._active.add if on else self._active.discard)(name)

    def state(self) -> Mapping[str, object]:
        return {**self.bank.state(), "display": self.display, "slip": list(self.slip)}

    def act(self, action: str, value: str) -> None:
        """What people do, as of `SimulatedBank.act`."""
        self.bank.act(action, value)

    def picture(self) -> bytes | None:
        return None

    @abstractmethod
    async def serve(self, wire: SimulatorWire) -> None:
        """Speak with one host until it leaves."""
