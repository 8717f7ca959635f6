"""A printer's state as the hub hears of it: told once when it changes."""

from collections.abc import Callable, MutableMapping
from typing import Protocol

from edge_hub.sdk.messages import DrawerChanged, DrawerState, Message, PrinterChanged, PrinterStatus

KICK_VERIFY_S = 0.5
"""A drawer that opens does so within this (its switch moves)."""
KICK_POLL_S = 0.1


class Reported(Protocol):
    """What a protocol's report has in common with all others; None: it does not say."""

    @property
    def online(self) -> bool | None: ...

    @property
    def cover_open(self) -> bool | None: ...

    @property
    def paper_end(self) -> bool | None: ...

    @property
    def paper_near_end(self) -> bool | None: ...

    @property
    def cutter_error(self) -> bool | None: ...

    @property
    def unrecoverable(self) -> bool | None: ...


def status_of(report: Reported, drawer: DrawerState) -> PrinterStatus:
    """The report in the hub's words."""
    return PrinterStatus(
        online=report.online,
        cover_open=report.cover_open,
        paper_end=report.paper_end,
        paper_near_end=report.paper_near_end,
        cutter_error=report.cutter_error,
        unrecoverable=report.unrecoverable,
        drawer=drawer,
    )


class Teller:
    """Tells each status that differs from the one before."""

    def __init__(self, emit: Callable[[Message], None]) -> None:
        self._emit = emit
        self._told: PrinterStatus | None = None

    def tell(self, status: PrinterStatus) -> None:
        """The printer is so now."""
        before, self._told = self._told, status
        if before != status:
            self._emit(PrinterChanged(status=status))
        if before is not None and before.drawer is not status.drawer:
            self._emit(DrawerChanged(state=status.drawer))


class Switch:
    """The switch of a drawer on a printer's connector. Which level means open is set, or learned at a kick: a drawer
    that moves then has most likely opened. What was learned lasts as long as `memory` does, the printer's absences
    included, and is given up when CONTRARY_MAX kicks in a row say otherwise: somebody may have shut the drawer at the
    very moment of a kick.
    """

    def __init__(self, *, wired: bool, open_level: bool | None, memory: MutableMapping[str, str]) -> None:
        self._wired = wired
        self._given = open_level is not None
        self._memory = memory
        self._contrary = 0
        self.open_level = open_level if self._given else _LEVELS.get(memory.get(LEVEL, ""))
        """None: not known yet."""

    def state(self, level: bool | None) -> DrawerState:
        """What a level (None: the printer does not say) means."""
        if not self._wired or level is None or self.open_level is None:
            return DrawerState.UNKNOWN
        return DrawerState.OPEN if level == self.open_level else DrawerState.CLOSED

    def teaches(self, before: bool | None) -> bool:
        """Whether the level is worth watching after a kick, when it was `before`: not if the drawer is surely open."""
        return before is not None and not (self._given and before == self.open_level)

    def learn(self, before: bool | None, after: bool | None) -> bool:
        """A kick was given between these two; whether what is known of the levels is another now."""
        if self._given or before is None or after is None or before == after:
            return False
        if after == self.open_level:
            self._contrary = 0
            return False
        self._contrary += self.open_level is not None
        if 0 < self._contrary < CONTRARY_MAX:
            return False
        self._contrary, self.open_level = 0, after
        self._memory[LEVEL] = next(word for word, level in _LEVELS.items() if level == after)
        return True


LEVEL = "drawer open level"
CONTRARY_MAX = 2
_LEVELS = {"high": True, "low": False}
