"""What a technician may say about a drawer on a serial port."""

from typing import Literal

from pydantic import Field, field_validator

from edge_hub.sdk.driver import Options
from edge_hub.sdk.transport import ModemLine

PULSE_BYTES_MAX = 16


class DrawerOptions(Options):
    """Settings of one drawer."""

    pulse_hex: str = Field(default="07", max_length=2 * PULSE_BYTES_MAX)
    """The bytes that open it, in hexadecimal without spaces: BEL unless its manual says otherwise."""
    sensor: Literal["none"] | ModemLine = "none"
    """The modem line that its switch moves, if it is wired to one."""
    open_when: Literal["on", "off"] = "on"
    """The level of that line while the drawer is open."""

    @field_validator("pulse_hex")
    @classmethod
    def _bytes(cls, text: str) -> str:
        try:
            pulse = bytes.fromhex(text)
        except ValueError as error:
            raise ValueError("pulse_hex is written as hexadecimal bytes, as in 1b70001932") from error
        if not pulse or len(text) != 2 * len(pulse):
            raise ValueError("pulse_hex is one byte or more, two hexadecimal digits each, without spaces")
        return text.lower()

    @property
    def pulse(self) -> bytes:
        """What is sent to open it."""
        return bytes.fromhex(self.pulse_hex)
