"""A terminal without a cable: whoever stands at it types the amount and takes the slip."""

from collections.abc import Mapping

from edge_hub.sdk.eft.bank import SimulatedBank

SERIES = 4
"""So many terminals count slips from different numbers; with the next one numbers come twice in the shop."""
SERIES_SLIPS = 2000
FORGETS = "forgets"
OLD_SLIP = "old_slip"
MISLAID = "mislaid"


class LoneTerminal:
    """Its bank, and what goes wrong with the people at it."""

    faults: Mapping[str, str] = {
        FORGETS: "the cashier forgets to say at the till what became of it",
        OLD_SLIP: "the cashier first reads the number of the slip before",
        MISLAID: "the slip is mislaid: the cashier writes a note",
    }

    def __init__(self, number: int) -> None:
        self.bank = SimulatedBank(receipts=number % SERIES * SERIES_SLIPS)
        self._active: set[str] = set()

    @property
    def active_faults(self) -> frozenset[str]:
        return frozenset(self._active)

    def set_fault(self, name: str, on: bool) -> None:
        (self._active.add if on else self._active.discard)(name)

    def act(self, action: str, value: str) -> None:
        self.bank.act(action, value)
