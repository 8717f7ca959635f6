"""The Scanner role: reads its wire, ends what stays unfinished, tells each code once."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable

from edge_hub.sdk.driver import Context
from edge_hub.sdk.messages import Noted, Scanned
from edge_hub.sdk.scanning.codes import Code, Frame
from edge_hub.sdk.tasks import end
from edge_hub.sdk.timing import done_within
from edge_hub.sdk.transport import Transport

STALE_S = 2.0
"""An unfinished code this old has lost its end: a scanner over radio may pause within one, for less."""


class ScannerDriver(ABC):
    """Scanner: emits `Scanned`, and `Noted` for what was dropped. A protocol gives `unfinished`, `feed` and `idle`."""

    def __init__(self, context: Context, transport: Transport, *, patience_s: float, repeat_ms: int) -> None:
        """`patience_s`: quiet for so long in the middle of a code, and `idle` is asked. `repeat_ms`: the same
        code again within this is the same reading.
        """
        self.clock = context.clock
        self._emit = context.emit
        self._transport = transport
        self._patience_s = patience_s
        self._repeat_ms = repeat_ms
        self._last: tuple[Code, float] | None = None

    @property
    @abstractmethod
    def unfinished(self) -> bool:
        """A code has begun and is not complete."""

    @abstractmethod
    def feed(self, data: bytes) -> Iterable[Frame]:
        """What `data` completed."""

    @abstractmethod
    def idle(self) -> Iterable[Frame]:
        """What the quiet behind an unfinished code makes of it."""

    async def run(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        reading = asyncio.ensure_future(self._transport.read())
        try:
            while True:
                if self.unfinished and not await done_within(self.clock, self._patience_s, reading):
                    self._tell(self.idle())
                self._tell(self.feed(await asyncio.shield(reading)))
                reading = asyncio.ensure_future(self._transport.read())
        finally:
            await end(reading)

    def _tell(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            if isinstance(frame, Code):
                if not self._is_repeat(frame):
                    self._emit(Scanned(data=frame.data, aim=frame.aim))
            elif frame.data:
                what = "characters" if isinstance(frame.data, str) else "bytes"
                self._emit(Noted(text=f"{len(frame.data)} {what} dropped: {frame.why}"))

    def _is_repeat(self, code: Code) -> bool:
        now = self.clock.monotonic()
        last, self._last = self._last, (code, now)
        return last is not None and last[0] == code and (now - last[1]) * 1000 < self._repeat_ms
