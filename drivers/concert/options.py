"""What a technician may say about a Concert terminal."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Options


class ConcertOptions(Options):
    """Settings of one terminal."""

    till_number: int = Field(default=1, ge=0, le=99)
    """This till at the terminal."""
    reply_s: int = Field(default=180, ge=30, le=600)
    """For customer and bank together."""
    full_reply: bool = False
    """Ask for the long reply with card data, of which the masked number is kept."""
    refund_type: Literal["1", "2"] = "1"
    """The transaction type of a refund: 1 credit; 2 where the terminal knows credits as cancellations only."""
    sends_reference: bool = True
    """Give each request the hub's reference as its private data."""
