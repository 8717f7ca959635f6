"""What a technician may say about a ZVT terminal."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from edge_hub.sdk.driver import Options
from edge_hub.sdk.eft.currencies import CURRENCIES

PASSWORD_DIGITS = 6


class ZvtOptions(Options):
    """Settings of one terminal."""

    link: Literal["auto", "tcp", "serial"] = "auto"
    """How APDUs are carried: bare ("tcp"), or in blocks with a check sum ("serial"); "auto" goes by the address."""
    password: SecretStr = SecretStr("000000")
    """Six digits, the terminal's cashier password."""
    currency: str = "EUR"
    """ISO 4217; the terminal takes payments in this one only."""
    prints: bool = True
    """The hub prints the slips; else the terminal does."""
    print_blocks: bool = True
    """Slips come as whole blocks (06 D3) where the terminal can, else line by line (06 D1)."""
    lock_amount_entry: bool = True
    """No payments by the terminal's own keys: the hub would not know of them."""
    lock_admin: bool = True
    """No administration by the terminal's own keys."""
    line_width: int = Field(default=0, ge=0, le=64)
    """Characters in a line of the slips, told at registration (TLV 12); 0: not told."""
    charset: Literal["cp437", "iso8859-15", "utf-8"] = "cp437"
    """Of texts and slips."""
    payment_type: int = Field(default=0x40, ge=0, le=255)
    """BMP 19 of a payment; 0x40: the terminal decides by the card; 0: not sent."""
    result_s: int = Field(default=180, ge=30, le=900)
    """T4: longest silence of the terminal in a transaction; it may say otherwise itself."""
    clock_tolerance_s: int = Field(default=120, ge=0, le=3600)
    """How far the terminal's clock may be behind the hub's, for telling whose transaction its last one is."""
    inter_byte_ms: int = Field(default=200, ge=50, le=5000)
    """T1: pause within a block after which it is asked for again; longer for device servers."""

    @field_validator("currency")
    @classmethod
    def _known(cls, currency: str) -> str:
        if currency not in CURRENCIES:
            raise ValueError(f"one of {', '.join(CURRENCIES)}")
        return currency

    @field_validator("password")
    @classmethod
    def _six_digits(cls, secret: SecretStr) -> SecretStr:
        text = secret.get_secret_value()
        if len(text) != PASSWORD_DIGITS or not (text.isascii() and text.isdecimal()):
            raise ValueError("six digits")
        return secret

    @property
    def config_byte(self) -> int:
        """The configuration byte of registration: with everything on 0xBE."""
        flags = (
            (0x02 | 0x04, self.prints),
            (0x08, True),
            (0x10, self.lock_amount_entry),
            (0x20, self.lock_admin),
            (0x80, self.print_blocks),
        )
        return sum(bits for bits, on in flags if on)
