"""What a technician may say about a HID POS scanner; most need nothing."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Encoding, Options


class HidPosOptions(Options):
    """Settings of one scanner."""

    report: Literal["auto", "aim", "late", "plain"] = "auto"
    """Where the AIM identifier is: bytes 2-4, bytes 3-5, nowhere; auto looks at each report."""
    encoding: Encoding = "utf-8"
    """Of the codes' text: a Python codec name (utf-8, gb18030, big5, latin-1)."""
    repeat_ms: int = Field(default=0, ge=0, le=5000)
    """The same code again within this time is one reading; 0: never."""
