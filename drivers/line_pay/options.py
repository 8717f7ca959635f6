"""LINE Pay's options."""

from pydantic import Field

from edge_hub.sdk.wallets.options import WalletOptions

PRODUCTION = "https://api-pay.line.me"
SANDBOX = "https://sandbox-api-pay.line.me"


class LinePayOptions(WalletOptions):
    """How the hub is this merchant at LINE Pay (Taiwan)."""

    channel_id: str = Field(min_length=1, max_length=40)
    channel_secret_file: str
    url: str = Field(default=PRODUCTION, pattern=r"^https?://[^/?#\s]+$")
    """SANDBOX for tests."""
    device_type: str = Field(default="", max_length=50, pattern=r"^[\x21-\x7e]*$")
    device_id: str = Field(default="", max_length=50, pattern=r"^[\x21-\x7e]*$")
    """The terminal as LINE Pay's reports are to name it."""
    read_s: float = Field(default=45.0, ge=40, le=120)
    """A payment may take LINE Pay 40 s."""
