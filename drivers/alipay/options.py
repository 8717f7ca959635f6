"""Alipay's options."""

from pydantic import Field

from edge_hub.sdk.wallets.options import WalletOptions

PRODUCTION = "https://openapi.alipay.com/gateway.do"
SANDBOX = "https://openapi-sandbox.dl.alipaydev.com/gateway.do"


class AlipayOptions(WalletOptions):
    """How the hub is this merchant's application at Alipay's gateway."""

    app_id: str = Field(pattern=r"^[0-9]{1,32}$")
    private_key_file: str
    """The application's RSA key: PEM, or the bare base64 that Alipay's key tool writes."""
    alipay_public_key_file: str
    """Alipay's public key for this application (not the application's own), PEM or bare base64."""
    app_auth_token_file: str = ""
    """Where a service provider acts for the shop."""
    store_id: str = Field(default="", max_length=32)
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    """What the merchant's contract is in; other than CNY is named as trans_currency and settle_currency."""
    timeout_minutes: int = Field(default=3, ge=1, le=60)
    """After this Alipay closes what the customer did not confirm."""
    url: str = Field(default=PRODUCTION, pattern=r"^https?://[^?#\s]+$")
    """SANDBOX for tests."""
