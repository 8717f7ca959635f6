"""The test page: every kind of block a document can have, so that one page shows what a printer cannot do."""

from edge_hub.sdk.document import (
    Align,
    Block,
    Cell,
    Code,
    Codes,
    CodeType,
    Cut,
    Document,
    Feed,
    Picture,
    Row,
    Rule,
    Style,
    Text,
)
from edge_hub.sdk.label import Fit, Label, LabelBox, LabelCode, LabelText
from edge_hub.words import Words

_HEADING = Style(bold=True, width=2, height=2)
_PICTURE_DOTS = 64
_SAMPLES = ("ÄÖÅ äöå ß ñ é € £", "統一發票 收據 謝謝惠顧", "发票 收据 谢谢惠顾", "かな カナ 한글")


def test_page(said: Words, *, device: str, store: str, printed_at: str) -> Document:
    """One page in one language; about 25 cm of 80 mm paper."""
    title = said.text("print.test.title")
    return Document(
        title=title,
        locale=said.locale,
        blocks=(
            Text(text=title, align=Align.CENTER, style=_HEADING),
            Text(text=store, align=Align.CENTER),
            Rule(double=True),
            _pair(said.text("print.test.device"), device),
            _pair(said.text("print.test.time"), printed_at),
            Rule(),
            *_texts(said),
            Rule(),
            *_columns(said),
            Rule(),
            *_codes(said),
            Rule(),
            Text(text=said.text("print.test.picture")),
            _checked_picture(),
            Feed(lines=1),
            Text(text=said.text("print.test.end"), align=Align.CENTER),
            Cut(partial=True),
        ),
    )


def test_label(said: Words, *, device: str, printed_at: str) -> Label:
    """A label with a frame close to its edges, which shows where the paper sits, text in Chinese, and a bar code."""
    title = said.text("print.test.title")
    rows = ((title, 20, 40), (device, 68, 28), (printed_at, 102, 28), (_LABEL_SAMPLE, 138, 34))
    return Label(
        title=title,
        locale=said.locale,
        width=_LABEL_WIDTH,
        height=_LABEL_HEIGHT,
        elements=(
            LabelBox(x=_LABEL_EDGE, y=_LABEL_EDGE, width=_LABEL_WIDTH - 2 * _LABEL_EDGE,
                     height=_LABEL_HEIGHT - 2 * _LABEL_EDGE, thickness=3),
            *(LabelText(x=20, y=y, text=text, height=height, width=360, fit=Fit.SHRINK) for text, y, height in rows),
            LabelCode(x=20, y=182, type=CodeType.EAN13, data="4006381333931", width=360, height=72),
        ),
    )  # fmt: skip


_LABEL_WIDTH, _LABEL_HEIGHT = 400, 300
"""40 x 30 mm, the smallest that is common: on larger ones the frame stands in a corner."""
_LABEL_EDGE = 8
_LABEL_SAMPLE = "ÄÖ € 統一發票 发票"


def _texts(said: Words) -> tuple[Block, ...]:
    return (
        Text(text=said.text("print.test.wrap")),
        *(Text(text=sample) for sample in _SAMPLES),
        Text(text=said.text("print.test.bold"), style=Style(bold=True)),
        Text(text=said.text("print.test.underline"), style=Style(underline=True)),
        Text(text=said.text("print.test.invert"), style=Style(invert=True)),
        Text(text=said.text("print.test.wide"), style=Style(width=2)),
        Text(text=said.text("print.test.tall"), style=Style(height=2)),
        Text(text=said.text("print.test.right"), align=Align.RIGHT),
    )


def _columns(said: Words) -> tuple[Block, ...]:
    return tuple(
        Row(
            cells=(
                Cell(text=f"{place}.", align=Align.RIGHT),
                Cell(text=said.text("print.test.wrap") if place == 1 else said.text("print.test.column"), weight=1),
                Cell(text=amount, align=Align.RIGHT),
            ),
            style=Style(bold=place == _AMOUNTS_SHOWN),
        )
        for place, amount in enumerate(("1.00", "23.45", "1,234,567.89"), start=1)
    )


_AMOUNTS_SHOWN = 3


def _codes(said: Words) -> tuple[Block, ...]:
    return (
        Text(text=said.text("print.test.codes")),
        Code(type=CodeType.EAN13, data="4006381333931"),
        Code(type=CodeType.EAN8, data="96385074"),
        Code(type=CodeType.CODE39, data="EDGE-HUB"),
        Code(type=CodeType.CODE128, data="edge-hub 128"),
        Code(type=CodeType.QR, data="https://example.invalid/edge-hub"),
        Codes(codes=(Code(type=CodeType.QR, data="left"), Code(type=CodeType.QR, data="right"))),
    )


def _checked_picture() -> Picture:
    """A chequered square of 8-dot fields: torn or slanted edges show a weak head or motor."""
    even, odd = bytes((0xFF, 0x00)) * (_PICTURE_DOTS // 16), bytes((0x00, 0xFF)) * (_PICTURE_DOTS // 16)
    rows = b"".join((even if y // 8 % 2 == 0 else odd) for y in range(_PICTURE_DOTS))
    return Picture(width=_PICTURE_DOTS, height=_PICTURE_DOTS, rows=rows)


def _pair(name: str, value: str) -> Row:
    return Row(cells=(Cell(text=name), Cell(text=value, align=Align.RIGHT, weight=1)))
