"""The terminal's end of the wire, in both forms: bare APDUs, or blocks with a check sum and a byte for each."""

import asyncio
from collections.abc import Callable, Iterator

from drivers.zvt.blocks import ACK, DLE, NAK, Bad, BlockStream, Signal
from drivers.zvt.codec import AUTHORISATION, END_OF_DAY, REFUND, REVERSAL, STATUS_INFORMATION, Apdu, ApduStream
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank

REPEATS_MAX = 2
PIECE_BYTES = 5
UNACKNOWLEDGED = (AUTHORISATION, REVERSAL, REFUND, END_OF_DAY)
"""Commands that the fault "lost_ack" strikes."""
_UNKNOWN_BITMAP = b"\x99"


class Port:
    """The link layer. `form`: "tcp", "serial", or "auto" by the host's first byte."""

    def __init__(self, wire: SimulatorWire, form: str, faults: Callable[[], frozenset[str]]) -> None:
        self._wire = wire
        self._faults = faults
        self._blocks = BlockStream() if form == "serial" else None
        self._known = form != "auto"
        self._apdus = ApduStream()
        self._last = b""
        self._repeats = 0

    async def read(self) -> list[Apdu] | None:
        """What came, at least one byte's worth; None once the host left. Raises BadFrame out of step."""
        data = await self._wire.read()
        if not data:
            return None
        if not self._known:
            self._known = True
            self._blocks = BlockStream() if data[0] == DLE else None
        if self._blocks is None:
            return list(self._apdus.feed(data))
        return await self._apdus_in(self._blocks.feed(data))

    async def _apdus_in(self, items: Iterator[Apdu | Signal | Bad]) -> list[Apdu]:
        apdus = []
        for item in items:
            if isinstance(item, Apdu):
                if bank.LOST_ACK not in self._faults() or item.command not in UNACKNOWLEDGED:
                    await self._wire.write(bytes((ACK,)))
                apdus.append(item)
            elif isinstance(item, Bad):
                await self._wire.write(bytes((NAK,)))
            elif item is Signal.NAK and self._repeats < REPEATS_MAX:
                self._repeats += 1
                await self._write(self._last)
        return apdus

    async def send(self, apdu: Apdu) -> None:
        spoilt = bank.BAD_CHECK in self._faults()
        if self._blocks is None:
            # nothing but its form tells a damaged APDU there
            if spoilt and apdu.command == STATUS_INFORMATION:
                apdu = Apdu(apdu.command, apdu.data + _UNKNOWN_BITMAP)
            await self._write(self._apdus.encode(apdu))
            return
        block = self._blocks.encode(apdu)
        self._last, self._repeats = block[:-1] + bytes((block[-1] ^ spoilt,)), 0
        await self._write(self._last)

    async def _write(self, data: bytes) -> None:
        if bank.SPLIT not in self._faults():
            await self._wire.write(data)
            return
        for at in range(0, len(data), PIECE_BYTES):
            await self._wire.write(data[at : at + PIECE_BYTES])
            await asyncio.sleep(0)
