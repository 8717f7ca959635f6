"""A wire in memory: a bounded byte stream each way, for simulators and for tests.

The host's end is a Transport (a lost wire raises DeviceLost), the device's end a SimulatorWire (a host that left
reads as b"", and what is written to it is gone).
"""

import asyncio

from edge_hub.sdk.errors import DeviceLost
from edge_hub.sdk.transport import READ_BYTES_MAX, ModemLine

PIPE_BYTES_MAX = 4096
"""What each direction holds before its writer waits: about the receive buffer of a receipt printer."""


class Flow:
    """One direction. Bytes come out in the order they went in, at most PIPE_BYTES_MAX under way."""

    def __init__(self, bytes_max: int = PIPE_BYTES_MAX) -> None:
        self._held = bytearray()
        self._bytes_max = bytes_max
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()
        self.ended = False
        self.taken = 0
        """Bytes accepted from the writer so far."""

    async def write(self, data: bytes) -> bool:
        """Put all of `data` in, in one piece even when several write. False: the stream ended first."""
        async with self._writing:
            at = 0
            while at < len(data):
                if self.ended:
                    return False
                room = self._bytes_max - len(self._held)
                if room <= 0:
                    await self._wait()
                    continue
                piece = data[at : at + room]
                self._held += piece
                self.taken += len(piece)
                at += len(piece)
                self._wake()
        return not self.ended

    async def read(self) -> bytes:
        """Wait for bytes; b"" once the stream ended and all of it was read."""
        while not self._held:
            if self.ended:
                return b""
            await self._wait()
        piece = bytes(self._held[:READ_BYTES_MAX])
        del self._held[:READ_BYTES_MAX]
        self._wake()
        return piece

    def end(self, *, drop: bool = False) -> None:
        """No more goes in; what is in can still be read, unless dropped."""
        self.ended = True
        if drop:
            self._held.clear()
        self._wake()

    async def _wait(self) -> None:
        await self._changed.wait()

    def _wake(self) -> None:
        # each waiter looks again and waits on the new event if it is not its turn
        self._changed.set()
        self._changed = asyncio.Event()


class HostEnd:
    """The driver's end: a Transport, with modem lines."""

    def __init__(self, url: str, outgoing: Flow, incoming: Flow, lines_on: set[ModemLine]) -> None:
        self._url = url
        self._outgoing = outgoing
        self._incoming = incoming
        self._lines_on = lines_on

    @property
    def url(self) -> str:
        return self._url

    @property
    def bytes_written(self) -> int:
        return self._outgoing.taken

    async def read(self) -> bytes:
        data = await self._incoming.read()
        if not data:
            raise DeviceLost(f"{self._url}: the device left the wire")
        return data

    async def write(self, data: bytes) -> None:
        if not await self._outgoing.write(data):
            raise DeviceLost(f"{self._url}: the device left the wire")

    def line(self, name: ModemLine) -> bool:
        if self._incoming.ended:
            raise DeviceLost(f"{self._url}: the device left the wire")
        return name in self._lines_on

    async def close(self) -> None:
        """The device still reads what was sent; what it sent and nobody read is gone."""
        self._outgoing.end()
        self._incoming.end(drop=True)


class DeviceEnd:
    """The device's end: a SimulatorWire that moves the modem lines."""

    def __init__(self, incoming: Flow, outgoing: Flow, lines_on: set[ModemLine]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._lines_on = lines_on

    async def read(self) -> bytes:
        return await self._incoming.read()

    async def write(self, data: bytes) -> None:
        await self._outgoing.write(data)

    def set_line(self, name: ModemLine, *, on: bool) -> None:
        (self._lines_on.add if on else self._lines_on.discard)(name)

    def unplug(self) -> None:
        """As if the cable were pulled: the host loses the wire, bytes under way are gone both ways."""
        self._incoming.end(drop=True)
        self._outgoing.end(drop=True)


def duplex(url: str = "sim://pipe", *, bytes_max: int = PIPE_BYTES_MAX) -> tuple[HostEnd, DeviceEnd]:
    """Both ends of a new wire."""
    to_device, to_host = Flow(bytes_max), Flow(bytes_max)
    lines_on: set[ModemLine] = set()
    return HostEnd(url, to_device, to_host, lines_on), DeviceEnd(to_device, to_host, lines_on)
