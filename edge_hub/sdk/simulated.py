"""What simulators of all kinds of devices share: faults that are switched one by one."""

from collections.abc import Mapping


class Simulated:
    """Base of a Simulator that nobody can look at or handle, until it says otherwise."""

    own_faults: Mapping[str, str] = {}

    def __init__(self) -> None:
        self._active: set[str] = set()

    @property
    def faults(self) -> Mapping[str, str]:
        return self.own_faults

    @property
    def active_faults(self) -> frozenset[str]:
        return frozenset(self._active)

    def has(self, *names: str) -> bool:
        """Whether any of these faults is on."""
        return not self._active.isdisjoint(names)

    def set_fault(self, name: str, on: bool) -> None:
        """As `Simulator.set_fault`."""
        if name not in self.faults:
            raise KeyError(name)
        (self._active.add if on else self._active.discard)(name)

    def act(self, action: str, value: str) -> None:
        """As `Simulator.act`: there is nothing that a person could do to it."""
        raise KeyError(f"{action} {value}".rstrip())

    def picture(self) -> bytes | None:
        """As `Simulator.picture`: there is nothing to see."""
        return None
