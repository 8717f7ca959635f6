"""Ids: one type for each kind, all of them UUIDv7 (RFC 9562) in text form, so that they sort by time."""

from typing import NewType

UUID7_ENTROPY_BYTES = 10
_LOW = (1 << 62) - 1

ProductId = NewType("ProductId", str)
BasketId = NewType("BasketId", str)
LineId = NewType("LineId", str)
SaleId = NewType("SaleId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
PaymentId = NewType("PaymentId", str)
SettlementId = NewType("SettlementId", str)
TillId = NewType("TillId", str)
"""A till as configured (`[[tills]] id`): the owner of one receipt series."""
StaffId = NewType("StaffId", str)
DeviceId = NewType("DeviceId", str)
"""A peripheral as configured (`[[devices]] id`)."""
ClientId = NewType("ClientId", str)
"""A paired tablet or program, holder of a device token."""


def uuid7(unix_ms: int, entropy: bytes) -> str:
    """Build a UUIDv7 from milliseconds since 1970 and 10 random bytes."""
    if not 0 <= unix_ms < 1 << 48:
        raise ValueError(f"unix_ms out of range: {unix_ms}")
    if len(entropy) != UUID7_ENTROPY_BYTES:
        raise ValueError(f"entropy must be {UUID7_ENTROPY_BYTES} bytes, not {len(entropy)}")
    rand = int.from_bytes(entropy, "big")
    return uuid7_of(unix_ms, (rand >> 68 & 0xFFF) << 62 | rand & _LOW)


def uuid7_of(unix_ms: int, random: int) -> str:
    """The same from the 74 random bits as a number: ids of one millisecond sort by it."""
    text = f"{unix_ms << 80 | 0x7 << 76 | random >> 62 << 64 | 0b10 << 62 | random & _LOW:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
