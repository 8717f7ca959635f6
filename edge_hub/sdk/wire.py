"""What drivers do with a wire: wait for what comes over it until it is lost, and write without hanging on it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import DeviceError, DeviceLost, DeviceTimeout
from edge_hub.sdk.timing import deadline, done_within
from edge_hub.sdk.transport import Transport


class Arrivals:
    """Between the one task that reads a wire and those who wait for what it finds: they are woken when something came,
    and when nothing can come any more. What it was is kept by the driver.
    """

    def __init__(self, clock: DriverClock) -> None:
        self._clock = clock
        self._next: asyncio.Future[None] | None = None
        self.lost: DeviceError | None = None
        """Why nothing can come any more."""

    def came(self) -> None:
        """Wake those who wait now."""
        waited, self._next = self._next, None
        if waited is not None and not waited.done():
            waited.set_result(None)

    def end(self, error: DeviceError) -> None:
        """Nothing can come any more. The first reason stays."""
        self.lost = self.lost or error
        self.came()

    @contextmanager
    def until_lost(self) -> Iterator[None]:
        """Around the reading: a DeviceLost that leaves it is the end."""
        try:
            yield
        except DeviceLost as error:
            self.end(error)
            raise

    def check(self) -> None:
        """Raise DeviceLost when nothing can come any more."""
        if self.lost is not None:
            raise DeviceLost(self.lost.detail)

    def next(self) -> asyncio.Future[None]:
        """Done as soon as something comes, or nothing can. Many may wait for it, so nobody may await (and cancel) it by
        itself: `asyncio.wait` or `done_within`.
        """
        self._next = self._next or asyncio.get_running_loop().create_future()
        return self._next

    async def within(self, seconds: float) -> bool:
        """Wait until something came, at most so long. False: nothing did. Raises DeviceLost when it is too late."""
        self.check()
        return await done_within(self._clock, seconds, self.next())


async def listen(transport: Transport) -> NoReturn:
    """Read what means nothing: of a device that never answers, a lost wire shows here. Raises DeviceLost."""
    while True:
        await transport.read()


async def write_within(clock: DriverClock, seconds: float, transport: Transport, data: bytes, *, who: str) -> None:
    """Write, at most so long. Raises DeviceLost, DeviceTimeout (`who`: "the scale")."""
    try:
        async with deadline(clock, seconds):
            await transport.write(data)
    except TimeoutError as error:
        raise DeviceTimeout(f"{who} takes no bytes for {seconds:g} s") from error
