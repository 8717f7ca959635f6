"""What receipt printers of all makes are told about their paper and their fonts."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from edge_hub.sdk.driver import Options
from edge_hub.sdk.glyphs import CELL_DOTS

_NUMBER_MAX = 255
"""A code page's number is a byte of a command."""


class PaperOptions(Options):
    """A protocol names the widths that its printers have."""

    width_dots: int
    """Dots the head prints: 576 for 80 mm paper, 384 for 58 mm (203 dpi)."""
    columns: int = Field(default=0, ge=0)
    """Cells in a line of font A; 0: as many as fit."""

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        if self.columns * CELL_DOTS > self.width_dots:
            raise ValueError(f"{self.columns} columns of {CELL_DOTS} dots are wider than {self.width_dots} dots")
        return self

    @property
    def line_cells(self) -> int:
        """Cells in a line."""
        return self.columns or self.width_dots // CELL_DOTS


class FontOptions(PaperOptions):
    """Of a protocol whose printers switch between code pages by number."""

    PAGES: ClassVar[Mapping[str, int]]
    """All code pages that its printers may have, each with its usual number."""
    code_pages: list[str]
    """Code pages the printer has, preferred first."""
    code_page_numbers: dict[str, int] = {}
    """Where the printer does not follow the usual numbers."""
    text: Literal["native", "raster", "auto"] = "auto"
    """auto: what the printer's fonts hold is sent as text, any other line as dots."""
    native_codes: bool = True
    """Let the printer draw QR and bar codes; false: send them as dots."""
    cutter: bool = True
    """False: feed to the tear bar instead of cutting."""

    @field_validator("code_pages")
    @classmethod
    def _known_pages(cls, pages: list[str]) -> list[str]:
        unknown = [page for page in pages if page not in cls.PAGES]
        if unknown:
            raise ValueError(f"unknown code pages {unknown}; known are {sorted(cls.PAGES)}")
        return pages

    @field_validator("code_page_numbers")
    @classmethod
    def _numbers_are_bytes(cls, numbers: dict[str, int]) -> dict[str, int]:
        wrong = [page for page, number in numbers.items() if not 0 <= number <= _NUMBER_MAX]
        if wrong:
            raise ValueError(f"code page numbers are 0 to {_NUMBER_MAX}: {wrong}")
        return numbers
