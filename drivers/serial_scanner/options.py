"""What a technician may say about a scanner; the defaults fit one set to a CR suffix."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Encoding, Options


class ScannerOptions(Options):
    """Settings of one scanner."""

    suffix: Literal["cr", "lf", "crlf", "tab", "none"] = "cr"
    """What ends a code; "none": a pause of `idle_ms` does."""
    prefix: str = Field(default="", max_length=16)
    """Sent before each code (STX, say); removed."""
    aim: Literal["auto", "no"] = "auto"
    """auto: an AIM identifier (]E0) in front is taken off and reported; no: it is part of the code."""
    encoding: Encoding = "utf-8"
    """Of the codes' text: a Python codec name (utf-8, gb18030, big5, latin-1)."""
    idle_ms: int = Field(default=300, ge=20, le=5000)
    repeat_ms: int = Field(default=0, ge=0, le=5000)
    """The same code again within this time is one reading (for scanners that send twice); 0: never."""
