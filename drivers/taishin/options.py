"""What a technician may say about a Taishin terminal."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Options


class TaishinOptions(Options):
    """Settings of one terminal."""

    bank: Literal["taishin", "first_bank"] = "taishin"
    """Whose it is: Taishin's have 115200 baud and are asked for host "00", First Bank's 9600 and "02"."""
    host: str = Field(default="", pattern=r"^([0-9A-Z]{2})?$")
    """The host in requests, two characters; "" takes the bank's."""
    sale_type: Literal["01", "11"] = "01"
    """"01": the customer may choose instalments or points at the terminal; "11": plain sales only."""
    declined: tuple[str, ...] = Field(default=(), max_length=100)
    """Further response codes, of four characters, that the bank's sheet calls a refusal: no money moved."""
    reference: bool = True
    """Send the hub's reference in the place for store and invoice numbers."""
    inquires: bool = True
    """Ask for the transaction's status (type 62) when an outcome is in doubt; of no use without the reference."""
    reply_s: int = Field(default=120, ge=30, le=600)
    """Longest wait for the outcome, in seconds from the terminal's acknowledgement."""
