"""Wires as they are in shops. Each wraps an open Transport and is one itself.

A wire passes everything on until `spoil` is called, and again after `heal`, so that a device can be reached before
its wire goes bad. Good wires deliver every byte, in whatever pieces and however late; bad ones lose, add or end. What
is random is seeded, so that a failure can be had again.
"""

import asyncio
import random

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import DeviceLost
from edge_hub.sdk.transport import READ_BYTES_MAX, ModemLine, ModemLines, Transport

TORN_PIECE_BYTES_MAX = 7


class Wire:
    """A wire that does nothing of its own; the others change what passes."""

    good = True
    """Every byte arrives, once and in order."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._ahead = bytearray()
        self._spoilt = False

    @property
    def url(self) -> str:
        return self._inner.url

    @property
    def bytes_written(self) -> int:
        return self._inner.bytes_written

    async def read(self) -> bytes:
        while not self._ahead:
            data = await self._inner.read()
            self._ahead += await self.incoming(data) if self._spoilt else data
        size = self.piece() if self._spoilt else READ_BYTES_MAX
        piece = bytes(self._ahead[:size])
        del self._ahead[:size]
        return piece

    async def write(self, data: bytes) -> None:
        if not self._spoilt:
            await self._inner.write(data)
            return
        data = await self.outgoing(data)
        at = 0
        while at < len(data):
            size = self.piece()
            await self._inner.write(data[at : at + size])
            at += size
            await asyncio.sleep(0)

    def line(self, name: ModemLine) -> bool:
        """Modem lines are wires of their own: they stay good."""
        return isinstance(self._inner, ModemLines) and self._inner.line(name)

    async def close(self) -> None:
        await self._inner.close()

    def spoil(self) -> None:
        """From now on the wire is what its class says."""
        self._spoilt = True

    def heal(self) -> None:
        """From now on the wire is good."""
        self._spoilt = False

    def piece(self) -> int:
        """How many bytes pass at once."""
        return READ_BYTES_MAX

    async def incoming(self, data: bytes) -> bytes:
        """What becomes of bytes from the device."""
        return data

    async def outgoing(self, data: bytes) -> bytes:
        """What becomes of bytes to the device."""
        return data


class OneByte(Wire):
    """A slow serial line: one byte at a time."""

    def piece(self) -> int:
        return 1


class Torn(Wire):
    """Packets cut anywhere."""

    def __init__(self, inner: Transport, seed: int) -> None:
        super().__init__(inner)
        self._random = random.Random(seed)  # noqa: S311  # reproducible, not secret

    def piece(self) -> int:
        return self._random.randint(1, TORN_PIECE_BYTES_MAX)


class Delayed(Wire):
    """Everything arrives, later."""

    def __init__(self, inner: Transport, clock: DriverClock, seconds: float) -> None:
        super().__init__(inner)
        self._clock = clock
        self._seconds = seconds

    async def incoming(self, data: bytes) -> bytes:
        await self._clock.sleep(self._seconds)
        return data

    async def outgoing(self, data: bytes) -> bytes:
        await self._clock.sleep(self._seconds)
        return data


class Lossy(Wire):
    """A loose plug: bytes vanish, each with the chance `rate`, both ways."""

    good = False

    def __init__(self, inner: Transport, seed: int, rate: float) -> None:
        super().__init__(inner)
        self._random = random.Random(seed)  # noqa: S311  # reproducible, not secret
        self._rate = rate

    async def incoming(self, data: bytes) -> bytes:
        return bytes(byte for byte in data if self._random.random() >= self._rate)

    async def outgoing(self, data: bytes) -> bytes:
        return bytes(byte for byte in data if self._random.random() >= self._rate)


class Garbage(Wire):
    """A wire beside a motor: bytes that the device never sent appear between those it did."""

    good = False

    def __init__(self, inner: Transport, seed: int, rate: float) -> None:
        super().__init__(inner)
        self._random = random.Random(seed)  # noqa: S311  # reproducible, not secret
        self._rate = rate

    async def incoming(self, data: bytes) -> bytes:
        soiled = bytearray()
        for byte in data:
            while self._random.random() < self._rate:
                soiled.append(self._random.randrange(256))
            soiled.append(byte)
        return bytes(soiled)


class Unplugged(Wire):
    """The cable is pulled once `after` bytes more went out; those arrive, the rest never will."""

    good = False

    def __init__(self, inner: Transport, after: int) -> None:
        super().__init__(inner)
        self._left = after
        self._pulled = asyncio.Event()

    def spoil(self) -> None:
        super().spoil()
        if not self._left:
            self._pulled.set()

    def heal(self) -> None:
        """Plugged in again; a connection that was cut stays cut."""
        if not self._pulled.is_set():
            super().heal()

    async def read(self) -> bytes:
        reading = asyncio.ensure_future(super().read())
        pulled = asyncio.ensure_future(self._pulled.wait())
        try:
            await asyncio.wait([reading, pulled], return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
            raise DeviceLost(f"{self.url}: unplugged")
        finally:
            pulled.cancel()
            reading.cancel()

    async def write(self, data: bytes) -> None:
        if not self._spoilt:
            await super().write(data)
            return
        passing, self._left = data[: self._left], max(0, self._left - len(data))
        if passing:
            await super().write(passing)
        if not self._left:
            self._pulled.set()
            raise DeviceLost(f"{self.url}: unplugged")


class HalfOpen(Wire):
    """The other side is gone and nobody said so: bytes go nowhere, and nothing ever answers."""

    good = False

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self._swallowed = 0

    @property
    def bytes_written(self) -> int:
        return self._inner.bytes_written + self._swallowed

    async def incoming(self, data: bytes) -> bytes:
        return data[:0]

    async def outgoing(self, data: bytes) -> bytes:
        self._swallowed += len(data)
        return data[:0]
