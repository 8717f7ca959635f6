"""WeChat Pay's options."""

from typing import Literal, Self

from pydantic import Field, model_validator

from edge_hub.sdk.wallets.options import WalletOptions

PRODUCTION = "https://api.mch.weixin.qq.com"


class WeChatPayOptions(WalletOptions):
    """How the hub is this merchant at WeChat Pay (API v2, quick pay)."""

    app_id: str = Field(min_length=1, max_length=32)
    merchant_id: str = Field(min_length=1, max_length=32)
    api_key_file: str
    """The API v2 key."""
    certificate_file: str = ""
    certificate_key_file: str = ""
    """The merchant's certificate (PEM): without it nothing can be taken back and nothing refunded."""
    sub_app_id: str = Field(default="", max_length=32)
    sub_merchant_id: str = Field(default="", max_length=32)
    """Where an institution acts for the shop."""
    sign_type: Literal["HMAC-SHA256", "MD5"] = "HMAC-SHA256"
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    """What the merchant's contract is in."""
    fee_digits: int = Field(default=2, ge=0, le=3)
    """Decimals of that currency as WeChat Pay counts them."""
    terminal_ip: str = Field(default="127.0.0.1", max_length=64)
    """`spbill_create_ip`: the till's address, for the record."""
    url: str = Field(default=PRODUCTION, pattern=r"^https?://[^/?#\s]+$")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.certificate_file) != bool(self.certificate_key_file):
            raise ValueError("certificate_file and certificate_key_file go together")
        return self
