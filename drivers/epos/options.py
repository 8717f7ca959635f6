"""What a technician may say about an ePOS-Print printer; the defaults fit an 80 mm TM with its service on port 80."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.driver import Encoding
from edge_hub.sdk.printing.options import PaperOptions


class EposOptions(PaperOptions):
    """Settings of one printer."""

    device_name: str = Field(default="local_printer", pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """The printer's "device id" in its web settings."""
    printer_timeout_s: int = Field(default=60, ge=5, le=120)
    """How long the printer's service may wait for its mechanism; the hub waits ten seconds more for the answer."""
    width_dots: Literal[384, 420, 512, 576] = 576
    columns: int = Field(default=0, ge=0, le=48)
    characters: list[Encoding] = ["cp437", "cp1252"]
    """Code pages whose characters the printer's fonts hold; a line with any other is sent as dots."""
    cjk: Literal["raster", "native"] = "raster"
    """native: Chinese as text with its lang attribute, for models with that font."""
    text: Literal["native", "raster", "auto"] = "auto"
    native_codes: bool = True
    cutter: bool = True
    spooler: bool = False
    """The printer's spooler is on: an accepted job is not yet printed."""
    job_ids: bool = False
    """Name each job and ask for its end by that name (firmware 4.1 or later)."""
    drawer: bool = True
    drawer_number: Literal[1, 2] = 1
    drawer_open_level: Literal["high", "low", "unknown"] = "unknown"
    pulse_ms: Literal[100, 200, 300, 400, 500] = 100
