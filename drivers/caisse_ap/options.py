"""What a technician may say about a Caisse-AP terminal."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from edge_hub.sdk.driver import Options


class CaisseApOptions(Options):
    """Settings of one terminal."""

    version: Literal["0300", "0320"] = "0300"
    """The protocol's version (CZ)."""
    protocol_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")] = "012345678901"
    """CJ: who speaks; some terminals want the one that their provider gives."""
    till_number: int = Field(default=1, ge=1, le=99)
    """CA: this till at the terminal."""
    reply_s: int = Field(default=180, ge=30, le=600)
    """For customer and bank together."""
    sends_reference: bool = True
    """Give each request the hub's reference as private data (CF)."""
    doubted: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]] = ["07"]
    """Reasons (AF) with which "not done" is not believed: the outcome is then unknown."""
    duplicate_proves: bool = False
    """Ask for the last ticket (action 3) when an outcome is in doubt, and believe one with the request's own CF."""
