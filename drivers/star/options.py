"""What a technician may say about a Star printer; the defaults fit an 80 mm printer set to Star Line Mode."""

from typing import Literal

from pydantic import Field, model_validator

from drivers.star.charset import CODE_PAGE_NUMBERS
from edge_hub.sdk.printing.options import FontOptions


class StarOptions(FontOptions):
    """Settings of one printer."""

    PAGES = CODE_PAGE_NUMBERS

    emulation: Literal["line", "prnt", "graphic"] = "line"
    """line: Star Line Mode; prnt: StarPRNT; graphic: raster only, so text and codes are dots (TSP100 to TSP100III)."""
    width_dots: Literal[384, 512, 576, 832] = 576
    columns: int = Field(default=0, ge=0, le=69)
    code_pages: list[str] = ["cp437", "cp858", "cp1252", "cp865"]
    code_page_numbers: dict[str, int] = {}
    """The n of `ESC GS t n` where the printer does not follow Star's numbers."""
    status: Literal["poll", "none"] = "poll"
    """none: for a printer that cannot answer (its jobs end as "sent")."""
    proof: Literal["auto", "document_counter", "etb", "status_after", "sent"] = "auto"
    """How the end of a job is known; auto asks the printer what it answers."""
    drawer: bool = True
    drawer_number: Literal[1, 2] = 1
    drawer_open_level: Literal["on", "off", "unknown"] = "unknown"
    """The drawer switch's bit in the status while the drawer is open: wiring differs from drawer to drawer."""
    pulse_on_ms: int = Field(default=200, ge=10, le=1270)
    """In steps of 10 ms; the second drawer's pulse is the printer's own."""
    pulse_off_ms: int = Field(default=800, ge=10, le=1270)

    @model_validator(mode="after")
    def _answers(self) -> "StarOptions":
        if self.status == "none" and self.proof not in {"auto", "sent"}:
            raise ValueError("without answers (status = none) a job can only end as sent")
        return self
