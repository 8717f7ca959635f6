"""A label, before any printer's language: its size and what stands where.

Lengths are tenths of a millimetre, from the label's top left corner.
"""

from dataclasses import dataclass
from enum import StrEnum

from edge_hub.sdk.document import Align, CodeType

LABEL_TENTHS_MAX = 3000
"""30 cm, either way: no label printer takes more at its widest."""
COPIES_MAX = 500
LABELS_MAX = 500
"""Different ones in one job."""
ELEMENTS_MAX = 64


class Fit(StrEnum):
    """What becomes of a text that is longer than its box is wide."""

    WRAP = "wrap"
    """It goes on in the next line; what is left after the last line is cut off."""
    SHRINK = "shrink"
    """It is set smaller until all of it fits in one line: for amounts, which are never cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelText:
    """Text in a box `width` wide (0: to the label's right edge), at most `lines` lines of `height`.

    `cell` is the width of a Latin letter, a full-width character takes two; 0: half of `height`.
    """

    x: int
    y: int
    text: str
    height: int
    width: int = 0
    cell: int = 0
    lines: int = 1
    align: Align = Align.LEFT
    bold: bool = False
    fit: Fit = Fit.WRAP


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCode:
    """A bar code or QR code in a box `width` wide, as large as fits it with its quiet zones.

    `height` is that of the bars; a QR code is as high as it is wide, and no higher than `height`.
    """

    x: int
    y: int
    type: CodeType
    data: str
    width: int
    height: int
    align: Align = Align.CENTER
    text_below: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBox:
    """A frame; a line where `thickness` is as much as its `height` or `width`."""

    x: int
    y: int
    width: int
    height: int
    thickness: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPicture:
    """1-bit rows as in `document.Picture`; `columns` and `lines` count dots of the picture, one to one on the head."""

    x: int
    y: int
    columns: int
    lines: int
    rows: bytes


Element = LabelText | LabelCode | LabelBox | LabelPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label. `locale` picks glyph shapes (zh-TW, zh-CN) where fonts differ."""

    width: int
    height: int
    elements: tuple[Element, ...]
    locale: str = "en"
    title: str = ""
    """For people looking at the queue; not printed."""

    def __post_init__(self) -> None:
        if not (0 < self.width <= LABEL_TENTHS_MAX and 0 < self.height <= LABEL_TENTHS_MAX):
            raise ValueError(f"a label is at most {LABEL_TENTHS_MAX} tenths of a millimetre each way")
        if len(self.elements) > ELEMENTS_MAX:
            raise ValueError(f"a label has at most {ELEMENTS_MAX} elements")
