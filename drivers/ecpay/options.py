"""What a technician may say about an ECPay terminal."""

from pydantic import Field

from edge_hub.sdk.driver import Options


class EcpayOptions(Options):
    """Settings of one terminal."""

    unionpay: bool = False
    """Mark every request as a UnionPay one (CUP flag 01). Such a terminal takes nothing else."""
    pos_number: str = Field(default="", max_length=20, pattern=r"^[ -~]*$")
    """The till's number with ECPay, where the contract wants it."""
    declined: tuple[str, ...] = Field(default=(), max_length=100)
    """Further response codes, of four characters, that ECPay calls a refusal: no money moved."""
    reference: bool = True
    """Send the hub's reference in the store field."""
    check_hash: bool = True
    """Believe only replies whose hash is right."""
    reply_s: int = Field(default=120, ge=30, le=600)
    """Longest wait for the outcome, in seconds from the terminal's acknowledgement."""
