"""What is known of one device's drawer: open or not, since when, and whether that is for too long."""

from edge_hub.clock import Clock
from edge_hub.sdk.messages import DrawerState


class Drawer:
    """An opening lasts until the drawer is seen shut: a device that is away for a while does not begin another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._state = DrawerState.UNKNOWN
        self._opened_ms = 0
        self._opened_s: float | None = None
        self._alarm = False

    @property
    def state(self) -> DrawerState:
        return self._state

    @property
    def open_since_ms(self) -> int | None:
        """Wall clock; None unless it is open now."""
        return self._opened_ms if self._is_open else None

    @property
    def open_s(self) -> float | None:
        """How long it has been open; None unless it is open now."""
        if self._opened_s is None or not self._is_open:
            return None
        return self._clock.monotonic() - self._opened_s

    @property
    def alarm(self) -> bool:
        """It is open, and was said to be so for too long."""
        return self._alarm and self._is_open

    @property
    def _is_open(self) -> bool:
        return self._state is DrawerState.OPEN

    def turn(self, state: DrawerState) -> bool:
        """Take note of its state; whether that is news."""
        if state is self._state:
            return False
        self._state = state
        if state is DrawerState.CLOSED:
            self._opened_s, self._alarm = None, False
        elif self._is_open and self._opened_s is None:
            self._opened_ms, self._opened_s = self._clock.now_ms(), self._clock.monotonic()
        return True

    def ring(self) -> bool:
        """It has been open for too long; False when that was said of this opening, or when it is not open."""
        if not self._is_open or self._alarm:
            return False
        self._alarm = True
        return True
