"""The serial link layer: an APDU in a block, each block answered by one byte. ZVT PA00P016, chapter 3.

10 02 | APDU, every 10 twice | 10 03 | CRC low, CRC high        CRC over the APDU (10 once) and 03
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from drivers.zvt.codec import DATA_BYTES_MAX, Apdu, decode
from edge_hub.sdk.errors import BadFrame

DLE, STX, ETX, ACK, NAK = 0x10, 0x02, 0x03, 0x06, 0x15
BLOCK_BYTES_MAX = DATA_BYTES_MAX + 5
_POLYNOMIAL = 0x8408


class Signal(Enum):
    """What the other side says of a block."""

    ACK = bytes((ACK,))
    NAK = bytes((NAK,))


@dataclass(frozen=True, slots=True)
class Bad:
    """A block that is none; the sender is to repeat it."""

    why: str


def crc16(data: bytes) -> int:
    """CRC-16/KERMIT: polynomial 0x8408, bits reflected, from 0. The check value of "123456789" is 0x2189."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc


def block(apdu: Apdu) -> bytes:
    """The APDU as it goes out."""
    data = apdu.encode()
    check = crc16(data + bytes((ETX,))).to_bytes(2, "little")
    return b"\x10\x02" + data.replace(b"\x10", b"\x10\x10") + b"\x10\x03" + check


class BlockStream:
    """Blocks and signals in any pieces. Never raises; holds at most BLOCK_BYTES_MAX."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._check = bytearray()
        self._inside = False
        self._ended = False
        self._escaped = False

    @property
    def unfinished(self) -> bool:
        """In the middle of a block."""
        return self._inside

    def drop(self) -> None:
        """Forget a block that was begun."""
        self._inside = self._ended = self._escaped = False

    def encode(self, apdu: Apdu) -> bytes:
        return block(apdu)

    def feed(self, data: bytes) -> Iterator[Apdu | Signal | Bad]:
        """What `data` brought to an end."""
        for byte in data:
            item = self._within(byte) if self._inside else self._outside(byte)
            if item is not None:
                yield item

    def _outside(self, byte: int) -> Signal | None:
        started, self._escaped = self._escaped and byte == STX, byte == DLE
        if started:
            self._begin()
            return None
        return Signal(bytes((byte,))) if byte in (ACK, NAK) else None

    def _begin(self) -> None:
        self._inside, self._ended, self._escaped = True, False, False
        self._data.clear()
        self._check.clear()

    def _within(self, byte: int) -> Apdu | Bad | None:
        if self._ended:
            self._check.append(byte)
            return self._finish() if len(self._check) == 2 else None  # noqa: PLR2004  # CRC-16
        if not self._escaped:
            if byte == DLE:
                self._escaped = True
            else:
                self._data.append(byte)
        else:
            self._escaped = False
            if byte == DLE:
                self._data.append(byte)
            elif byte == ETX:
                self._ended = True
            elif byte == STX:
                self._begin()
            else:
                self.drop()
                return Bad("10 followed by what may not follow")
        if len(self._data) > BLOCK_BYTES_MAX:
            self.drop()
            return Bad("longer than any block")
        return None

    def _finish(self) -> Apdu | Bad:
        self.drop()
        data = bytes(self._data)
        if crc16(data + bytes((ETX,))).to_bytes(2, "little") != self._check:
            return Bad("wrong check sum")
        try:
            return decode(data)
        except BadFrame as error:
            return Bad(error.detail)
