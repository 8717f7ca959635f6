"""A printer's state as the hub hears of it: told once when it changes."""

from collections.abc import Callable
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
    """The switch of a drawer on a printer's connector. Which level means open is set, or learned at a kick."""

    def __init__(self, *, wired: bool, open_level: bool | None) -> None:
        self._wired = wired
        self.open_level = open_level
        """None: not known yet."""

    def state(self, level: bool | None) -> DrawerState:
        """What a level (None: the printer does not say) means."""
        if not self._wired or level is None or self.open_level is None:
            return DrawerState.UNKNOWN
        return DrawerState.OPEN if level == self.open_level else DrawerState.CLOSED

    def learn(self, before: bool | None, after: bool | None) -> bool:
        """A kick was given between these two; whether that says which level is open."""
        if self.open_level is not None or before is None or after is None or before == after:
            return False
        self.open_level = after
        return True
