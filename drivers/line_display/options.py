"""What a technician may say about a display; the defaults fit an Epson DM-D with 2 lines of 20."""

from typing import Literal

from pydantic import Field, model_validator

from edge_hub.sdk.driver import Encoding, Options

CODE_PAGE_NUMBERS = {"cp437": 0, "cp850": 2, "cp860": 3, "cp863": 4, "cp865": 5, "cp1252": 16, "cp866": 17, "cp858": 19}
"""n of `ESC t n` as Epson numbers them."""


class DisplayOptions(Options):
    """Settings of one display."""

    dialect: Literal["escpos", "cd5220", "logic_controls", "utc", "utc_enhanced"] = "escpos"
    columns: int = Field(default=20, ge=8, le=40)
    rows: int = Field(default=2, ge=1, le=4)
    code_page: Encoding = "cp850"
    code_page_number: int | None = Field(default=None, ge=0, le=255)
    """The n of `ESC t n` where the display does not follow Epson's numbers."""
    cjk: Literal["gb18030", "big5", "none"] = "none"
    """The Chinese font of a graphic display; without one Chinese characters are left out."""
    through_printer: bool = False
    """The display hangs on a printer's DM port: every update is switched to it and back (ESC =)."""

    @model_validator(mode="after")
    def _possible(self) -> "DisplayOptions":
        if self.dialect != "escpos" and self.rows > 2:  # noqa: PLR2004  # QA and QB; positions 00 to 27h
            raise ValueError(f"{self.dialect} displays have two rows")
        if self.dialect != "escpos" and self.cjk != "none":
            raise ValueError("only graphic ESC/POS displays have Chinese")
        if self.code_page not in CODE_PAGE_NUMBERS and self.code_page_number is None:
            raise ValueError(f"give code_page_number for {self.code_page}: Epson has none")
        return self

    @property
    def page_number(self) -> int:
        return CODE_PAGE_NUMBERS[self.code_page] if self.code_page_number is None else self.code_page_number
