"""Time as an argument: the only place that asks the machine for it."""

import asyncio
import heapq
import time
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Wall clock for what people read, monotonic clock for how long, sleep for waiting."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, by the wall clock; may jump either way."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the monotonic clock."""
        ...


def local_time(ms: int, timezone: str) -> str:
    """The wall clock as people there read it, to the second: "2026-10-09T14:30:15"."""
    return datetime.fromtimestamp(ms // 1000, ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M:%S")


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves when told: for tests, so that no test ever waits."""

    def __init__(self, now_ms: int = 1_780_000_000_000) -> None:
        self._now_ms = now_ms
        self._monotonic = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._sleepers, (self._monotonic + seconds, self._order, future))
        await future

    def jump(self, milliseconds: int) -> None:
        """Move the wall clock alone, as NTP or a person would; sleepers do not notice."""
        self._now_ms += milliseconds

    async def advance(self, seconds: float) -> None:
        """Let time pass: wake each sleeper in its turn and let it run before the next."""
        target = self._monotonic + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, future = heapq.heappop(self._sleepers)
            self._now_ms += round((due - self._monotonic) * 1000)
            self._monotonic = due
            if not future.done():
                future.set_result(None)
            for _ in range(_TURNS_AFTER_WAKE):
                await asyncio.sleep(0)
        self._now_ms += round((target - self._monotonic) * 1000)
        self._monotonic = target
        for _ in range(_TURNS_AFTER_WAKE):
            await asyncio.sleep(0)


_TURNS_AFTER_WAKE = 10
