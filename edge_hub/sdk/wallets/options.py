"""What every wallet is set up with, and its secrets, which are files."""

import ssl
from pathlib import Path

from pydantic import Field

from edge_hub.sdk.driver import Options
from edge_hub.sdk.errors import DeviceFault, ErrorCode

SECRET_BYTES_MAX = 64 * 1024
CONNECT_S = 5.0
"""A shop's line answers within this or is down; the customer is waiting."""


class WalletOptions(Options):
    """Base of a wallet's options."""

    connect_s: float = Field(default=CONNECT_S, gt=0, le=60)
    """To reach the provider, TLS included."""
    read_s: float = Field(default=15.0, gt=0, le=120)
    """From then to its answer."""
    order_prefix: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,12}$")
    """Goes before the hub's reference, where several stores share one merchant account."""


def read_secret(path: str) -> str:
    """A key or password from its file, without the line's end. Raises DeviceFault."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(SECRET_BYTES_MAX).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceFault(f"{path} cannot be read: {type(error).__name__}", error_code=ErrorCode.ILLEGAL) from None
    if not text:
        raise DeviceFault(f"{path} is empty", error_code=ErrorCode.ILLEGAL)
    return text


def client_tls(certificate_file: str, key_file: str) -> ssl.SSLContext:
    """TLS that shows the merchant's certificate (PEM files). Raises DeviceFault."""
    context = ssl.create_default_context()
    try:
        context.load_cert_chain(certificate_file, key_file)
    except (OSError, ssl.SSLError) as error:
        raise DeviceFault(
            f"{certificate_file} and {key_file} are no certificate with its key: {type(error).__name__}",
            error_code=ErrorCode.ILLEGAL,
        ) from None
    return context
