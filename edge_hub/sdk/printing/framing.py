"""A printer's answers out of the bytes that came, however they were torn."""

from collections.abc import Callable
from typing import Generic, TypeVar

F = TypeVar("F")


class Framer(Generic[F]):
    """Cuts frames off the front of what came. Holds what `first` leaves: that must be bounded."""

    def __init__(self, first: Callable[[bytearray], tuple[F, int] | None]) -> None:
        """`first`: the first frame of some bytes and its length, or None when more bytes are needed; never raises."""
        self._first = first
        self._held = bytearray()

    def feed(self, data: bytes) -> list[F]:
        """Frames completed by `data`."""
        self._held += data
        frames: list[F] = []
        while self._held:
            found = self._first(self._held)
            if found is None:
                break
            frame, size = found
            del self._held[:size]
            frames.append(frame)
        return frames
