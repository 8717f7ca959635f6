"""What a technician may say about an Adyen terminal."""

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, model_validator

from edge_hub.sdk.driver import Options

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_. -]{0,64}$")]


class AdyenOptions(Options):
    """Settings of one terminal."""

    poi_id: Name = ""
    """The terminal's POIID: model and serial number, "V400m-346403161"."""
    sale_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,32}$")] = "edge-hub"
    """This till (SaleID)."""
    key_identifier: Name = ""
    """The shared key's identifier, as in the Customer Area."""
    key_version: int = Field(default=1, ge=0, le=999_999)
    passphrase: SecretStr = SecretStr("")
    """The shared key's passphrase; better in a file."""
    passphrase_file: str = ""
    """A file with nothing but the passphrase, readable by the hub alone."""
    reply_s: int = Field(default=130, ge=30, le=600)
    """For customer and bank together; the terminal itself gives up after 120 s."""
    doubted: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,32}$")]] = [
        "UnreachableHost",
        "DeviceOut",
        "UnavailableDevice",
    ]
    """Error conditions with which a failure is not believed: the outcome is then unknown."""
    not_found_is_absent: bool = False
    """Believe "NotFound" to an inquiry: nothing was taken."""
    print_receipts: bool = False
    """The terminal has no printer: the hub prints the receipts that it sends."""

    @model_validator(mode="after")
    def _one_passphrase(self) -> "AdyenOptions":
        if self.passphrase_file and self.passphrase.get_secret_value():
            raise ValueError("give passphrase or passphrase_file, not both")
        return self
