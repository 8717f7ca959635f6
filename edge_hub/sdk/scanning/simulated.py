"""A scanner without hardware: "scan" a code and it comes down the wire. Each protocol adds its own words and faults."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping

from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.simulated import Simulated
from edge_hub.sdk.tasks import end

SCANS_PENDING_MAX = 256
SCANS_SHOWN_MAX = 10


class SimulatedScanner(Simulated, ABC):
    """One simulated scanner; it says nothing while no host is there."""

    def __init__(self) -> None:
        super().__init__()
        self._pending: deque[bytes] = deque(maxlen=SCANS_PENDING_MAX)
        self._shown: deque[str] = deque(maxlen=SCANS_SHOWN_MAX)
        self._count = 0
        self._trigger = asyncio.Event()
        self._connected = False

    def state(self) -> Mapping[str, object]:
        return {"connected": self._connected, "scans": self._count, "last": list(self._shown)}

    def act(self, action: str, value: str) -> None:
        """`scan` a code, AIM identifier in front or not; unheard when no host is there."""
        if action != "scan":
            raise KeyError(action)
        value = self.symbol(value)
        self._count += 1
        self._shown.append(value)
        if self._connected:
            self._pending.append(self.encode(value))
            self._trigger.set()

    def symbol(self, value: str) -> str:
        """What of `value` fits a symbol."""
        return value

    @abstractmethod
    def encode(self, value: str) -> bytes:
        """A code as the scanner sends it, with the faults it has."""

    async def send(self, wire: SimulatorWire, code: bytes) -> None:
        """One encoded code down the wire."""
        await wire.write(code)

    async def serve(self, wire: SimulatorWire) -> None:
        """Send codes until the host leaves; what the host sends is ignored, as scanners do."""
        self._pending.clear()
        self._connected = True
        listening = asyncio.create_task(_listen(wire), name="simulated scanner listens")
        try:
            while not listening.done():
                while self._pending:
                    await self.send(wire, self._pending.popleft())
                self._trigger.clear()
                waiting = asyncio.create_task(self._trigger.wait())
                await asyncio.wait({waiting, listening}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
        finally:
            self._connected = False
            await end(listening)


async def _listen(wire: SimulatorWire) -> None:
    while await wire.read():
        pass
