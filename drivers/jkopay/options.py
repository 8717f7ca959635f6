"""JKOPay's options."""

from pydantic import Field

from edge_hub.sdk.wallets.options import WalletOptions

PRODUCTION = "https://pos.jkopay.com"


class JkoPayOptions(WalletOptions):
    """How the hub is this merchant's POS at JKOPay."""

    merchant_id: str = Field(min_length=1, max_length=10)
    merchant_key_file: str
    store_id: str = Field(min_length=1, max_length=20)
    store_name: str = Field(min_length=1, max_length=100, pattern=r"^[\x20-\x7e]+$")
    """Half-width characters only."""
    system: str = Field(pattern=r"^[0-9A-Za-z_.-]{1,40}$")
    """The system's name in the address, given by JKOPay."""
    url: str = Field(default=PRODUCTION, pattern=r"^https?://[^/?#\s]+$")
    read_s: float = Field(default=20.0, ge=15, le=120)
    """Without an answer after 15 s a payment is to be cancelled or asked about."""
    check_reply_sign: bool = False
    """Refuse replies whose Sign is missing or wrong; not every system gets signed replies."""
