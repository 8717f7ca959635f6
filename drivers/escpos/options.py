"""What a technician may say about an ESC/POS printer; the defaults fit an 80 mm Epson without Chinese."""

from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from drivers.escpos.charset import CODE_PAGE_NUMBERS
from drivers.escpos.profiles import known_models, profile_options
from edge_hub.sdk.printing.options import FontOptions

WidthDots = Literal[384, 420, 512, 576, 640]


class EscposOptions(FontOptions):
    """Settings of one printer."""

    PAGES = CODE_PAGE_NUMBERS

    profile: str = ""
    """A model of python-escpos's database ("TM-T88V"): what is known of it stands in for what is not set here."""
    width_dots: WidthDots = 576
    columns: int = Field(default=0, ge=0, le=64)
    code_pages: list[str] = ["cp437", "cp850", "cp858", "cp865", "cp1252"]
    code_page_numbers: dict[str, int] = {}
    """The n of `ESC t n` where the printer does not follow Epson's numbers."""
    cjk: Literal["gb18030", "big5", "none"] = "none"
    """The Chinese font in its ROM: a property of the model variant, no command asks for it."""
    status: Literal["auto", "asb", "poll", "none"] = "auto"
    """How it tells its state; "none" for a printer that cannot answer (its jobs end as "sent")."""
    proof: Literal["auto", "process_id", "status_after", "sent"] = "auto"
    """How the end of a job is known; auto asks the printer what it is."""
    answers_may_merge: bool = False
    """True for a printer seen to skip process ids in normal work; else a skipped one means it was switched off."""
    drawer: bool = True
    drawer_pin: Literal[2, 5] = 2
    drawer_open_level: Literal["high", "low", "unknown"] = "unknown"
    """The level of pin 3 while the drawer is open: wiring differs from drawer to drawer."""
    pulse_on_ms: int = Field(default=100, ge=2, le=510)
    pulse_off_ms: int = Field(default=500, ge=2, le=510)

    @model_validator(mode="before")
    @classmethod
    def _of_the_profile(cls, data: Any) -> Any:
        model = data.get("profile") if isinstance(data, dict) else None
        if not isinstance(model, str) or not model:
            return data
        try:
            known = profile_options(model, frozenset(get_args(WidthDots)))
        except KeyError:
            raise ValueError(f"unknown profile {model!r}; known are {', '.join(known_models())}") from None
        return known | data

    @model_validator(mode="after")
    def _answers(self) -> "EscposOptions":
        if self.status == "none" and self.proof not in {"auto", "sent"}:
            raise ValueError("without answers (status = none) a job can only end as sent")
        return self
