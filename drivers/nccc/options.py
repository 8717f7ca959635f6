"""What a technician may say about an NCCC terminal."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Options


class NcccOptions(Options):
    """Settings of one terminal."""

    payment: Literal["N", "C", "S", "E", "W"] = "N"
    """What is asked for: credit card, UnionPay, SmartPay, e-ticket (EasyCard and the like), wallet."""
    reference: bool = True
    """Send the hub's reference in Store Id and want it back; false where the acquirer uses Store Id itself."""
    version: str = Field(default="260116", pattern=r"^[0-9]{6}$")
    """The date of the interface's edition that is named in requests."""
    tip_amount: Literal["sale", "total"] = "sale"
    """What stands in the amount of a tip added later, beside the tip itself: the sale, or the sale with the tip."""
    reply_s: int = Field(default=120, ge=30, le=600)
    """Longest wait for the outcome, in seconds from the terminal's acknowledgement."""
    clock_tolerance_s: int = Field(default=300, ge=0, le=3600)
    """How far the terminal's clock may be behind the hub's; only without `reference`."""
