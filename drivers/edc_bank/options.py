"""What a technician may say about a bank's terminal."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Options

DialectName = Literal["nccc144", "cathay144", "sinopac144", "as320", "bank200", "ctbc250", "esun600", "esun144"]


class EdcBankOptions(Options):
    """Settings of one terminal. Its bank's sheet says which dialect it speaks; the hub never tries one out."""

    dialect: DialectName = "nccc144"
    host: str = Field(default="", pattern=r"^([0-9A-Z]{2})?$")
    """The bank's number in requests, two characters; "" takes the dialect's."""
    also: tuple[Literal["refund", "void", "settle"], ...] = ()
    """What the bank's sheet has beyond what the dialect is known for, by types 02, 30 and 50."""
    declined: tuple[str, ...] = Field(default=(), max_length=100)
    """Further response codes, of four characters, that the bank's sheet calls a refusal: no money moved."""
    reference: bool = True
    """Send the hub's reference in the store field. Not where the bank has its own use for it."""
    reply_s: int = Field(default=120, ge=30, le=600)
    """Longest wait for the outcome, in seconds from the terminal's acknowledgement."""
