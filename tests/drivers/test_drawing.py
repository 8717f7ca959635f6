import io
import unicodedata

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.escpos.engine import Engine
from drivers.escpos.options import EscposOptions
from drivers.escpos.render import render
from edge_hub.sdk import glyphs, layout, raster
from edge_hub.sdk.codes import CodeUnfit, bar_modules, checked_ean, qr_modules
from edge_hub.sdk.document import (
    Align,
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
from edge_hub.sdk.escpos import RealTimeScanner
from edge_hub.sdk.printing.render import PIECE_BYTES_MAX
from edge_hub.sdk.widths import cells, char_cells, clean

styles = st.builds(Style, bold=st.booleans(), underline=st.booleans(), invert=st.booleans(),
                   width=st.integers(1, 4), height=st.integers(1, 4))  # fmt: skip
words = st.text(st.one_of(st.sampled_from("abc 0123,.豆漿小，。…“é€\t\n\x1b\x10\x04"), st.characters()), max_size=80)
row_cells = st.builds(Cell, text=words, align=st.sampled_from(Align), weight=st.integers(0, 5))
blocks = st.one_of(
    st.builds(Text, text=words, align=st.sampled_from(Align), style=styles),
    st.builds(Row, cells=st.lists(row_cells, max_size=5).map(tuple), style=styles),
    st.builds(Rule, double=st.booleans()),
    st.builds(Feed, lines=st.integers(0, 5)),
    st.builds(Code, type=st.sampled_from(CodeType), data=words, module=st.integers(0, 9), height=st.integers(0, 300)),
    st.builds(Picture, width=st.integers(0, 700), height=st.integers(0, 40), rows=st.binary(max_size=400)),
    st.just(Cut()),
)
documents = st.builds(
    Document, blocks=st.lists(blocks, max_size=6).map(tuple), locale=st.sampled_from(["en", "zh-TW", "zh-CN"])
)


def test_widths_follow_unicode_where_it_is_settled():
    for code in range(0x20, 0xFFFF):
        char = chr(code)
        if unicodedata.category(char) in {"Cn", "Co", "Cs"}:
            continue
        if unicodedata.east_asian_width(char) in "WF" and not unicodedata.combining(char):
            assert char_cells(char) == 2, hex(code)
        if unicodedata.east_asian_width(char) in {"Na", "H"} and unicodedata.category(char)[0] != "M":
            assert char_cells(char) == 1, hex(code)


@pytest.mark.parametrize(
    ("text", "alone", "among_han"), [("豆浆Ａ…€é", 9, 10), ("“x”", 3, 5), ("abc", 3, 3), ("e\u0301", 1, 1)]
)
def test_ambiguous_symbols_depend_on_company(text, alone, among_han):
    assert cells(text) == alone
    assert cells(text, cjk=True) == among_han


def test_text_can_never_be_a_command():
    assert clean("a\x1b@\x10\x04\x01b\u202ec\tdé") == "a@bc dé"


@given(documents, st.integers(16, 64))
def test_no_line_is_wider_than_the_paper(document, columns):
    cjk = layout.is_cjk(document)
    for line in layout.lines(document, columns, cjk=cjk):
        used = sum(cells(run.text, cjk=cjk) * max(run.style.width, 1) for run in line.runs)
        assert used <= columns
        assert not any(char < " " for run in line.runs for char in run.text)


@given(st.text(st.characters(codec="utf-8"), max_size=120), st.integers(2, 40))
def test_wrapping_loses_no_character(text, width):
    cleaned = clean(text)
    kept = "".join(layout.wrap(cleaned, width))
    assert "".join(kept.split()) == "".join(cleaned.split()), "but white space at the ends of lines"


def test_amounts_end_at_the_right_edge_whatever_the_name():
    def row(name, amount):
        return Row(cells=(Cell(text=name, weight=1), Cell(text=amount, align=Align.RIGHT)))

    document = Document(locale="zh-TW", blocks=(row("豆漿", "35"), row("A" * 70, "1,250.00"), row("小" * 30, "9")))
    laid = [line.text for line in layout.lines(document, 32, cjk=True)]
    assert [cells(line, cjk=True) for line in laid if line[-1].isdigit()] == [32, 32, 32]
    assert laid[0] == "豆漿" + " " * 26 + "35"


def test_a_row_too_narrow_is_stacked_and_amounts_stay_whole():
    row = Row(cells=(Cell(text="A long product name", weight=1), Cell(text="12,345,678.00", align=Align.RIGHT)))
    document = Document(blocks=(row,))
    laid = [line.text for line in layout.lines(document, 16)]
    assert laid == ["A long product", "name", "   12,345,678.00"]


def test_closing_punctuation_does_not_begin_a_line():
    assert layout.wrap("一二三四五，六", 10, cjk=True) == ["一二三四", "五，六"]


def test_plain_text_shows_one_size_and_the_data_of_codes():
    document = Document(
        blocks=(
            Text(text="Shop", align=Align.CENTER, style=Style(width=2)),
            Rule(),
            Code(type=CodeType.QR, data="https://example.org"),
            Picture(width=8, height=1, rows=b"\xff"),
            Cut(),
        )
    )
    assert layout.plain(document, 21) == "        Shop\n" + "-" * 21 + "\n[https://example.org]\n"


@given(documents, st.sampled_from([384, 576]))
def test_any_document_can_be_drawn(document, dots):
    bitmap = raster.draw(document, dots=dots)
    assert (bitmap.width, len(bitmap.rows)) == (dots, bitmap.height * dots // 8)
    assert raster.png(bitmap).startswith(b"\x89PNG")


def read(bitmap):
    picture = Image.open(io.BytesIO(raster.png(bitmap, margin=16))).convert("L")
    return sorted(found.text for found in zxingcpp.read_barcodes(picture))


@pytest.mark.parametrize("dots", [384, 576])
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (CodeType.EAN13, "4006381333931"),
        (CodeType.EAN8, "96385074"),
        (CodeType.CODE39, "10404AB123456781234"),
        (CodeType.CODE128, "Sale {128} ok"),
        (CodeType.CODE128, "0123456789"),
        (CodeType.QR, "https://example.org/r/0190"),
        (CodeType.QR, "豆漿 x 2"),
    ],
)
def test_codes_scan_from_the_picture(kind, data, dots):
    bitmap = raster.draw(
        Document(blocks=(Text(text="above"), Code(type=kind, data=data), Text(text="below"))), dots=dots
    )
    assert read(bitmap) == [data]


def test_two_codes_side_by_side_scan():
    pair = Codes(codes=(Code(type=CodeType.QR, data="AB1122334410505"), Code(type=CodeType.QR, data="**:2:1:210:")))
    assert read(raster.draw(Document(blocks=(pair,)), dots=384)) == ["**:2:1:210:", "AB1122334410505"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [(CodeType.EAN13, "4006381333932"), (CodeType.EAN8, "x"), (CodeType.CODE39, "ä"), (CodeType.CODE39, "a!§")],
)
def test_data_a_code_cannot_carry_is_printed_as_text(kind, data):
    with pytest.raises(CodeUnfit):
        bar_modules(kind, data)
    bitmap = raster.draw(Document(blocks=(Code(type=kind, data=data),)))
    assert read(bitmap) == []
    assert any(bitmap.rows)


def test_check_digits_are_added_or_checked():
    assert checked_ean(CodeType.EAN13, "400638133393") == "4006381333931"
    assert checked_ean(CodeType.EAN13, "950110153000") == "9501101530003"
    with pytest.raises(CodeUnfit):
        qr_modules("")


def test_glyphs_fill_their_cells_and_missing_ones_are_boxes():
    for char, width in (("A", 12), ("豆", 24), ("€", 12), ("Ａ", 24), ("ž", 12), ("Ж", 12)):
        size, rows = glyphs.matrix(char)
        assert (size, len(rows)) == (width, 24)
        assert any(rows), char
        assert all(row < 1 << width for row in rows)
    assert glyphs.matrix("\U0010fffd")[1] == glyphs._box(12)
    assert glyphs.matrix("骨", "tc") != glyphs.matrix("骨", "sc")


@pytest.mark.parametrize("char", ["\n", "\r", "\x1c", "\x1d", "\x1e", "\x85", "\u2029"])
def test_the_end_of_a_paragraph_is_a_box_too(char):
    assert glyphs.matrix(char)[1] == glyphs._box(12)


def test_every_character_of_the_demo_languages_has_a_glyph():
    for text in (
        "豆漿小籠湯包電子發票證明聯",
        "豆浆小笼汤包销售小票合计找零",
        "Käsitöö Åäö šž €",
        "「」，。：；（）【】",
    ):
        for char in text:
            assert glyphs.matrix(char)[1] != glyphs._box(char_cells(char) * 12), char


def test_full_width_text_lines_up_with_latin():
    one = raster.text_line((layout.Run("ABCD"),), 96)
    two = raster.text_line((layout.Run("豆漿"),), 96)
    assert one.height == two.height
    assert raster.text_line((layout.Run("豆漿|"),), 96).rows != raster.text_line((layout.Run("豆 |"),), 96).rows


def test_inverted_text_is_white_on_black():
    plain = raster.text_line((layout.Run("X"),), 24, gap=0)
    inverted = raster.text_line((layout.Run("X", Style(invert=True)),), 24, gap=0)
    mask = int.from_bytes(b"\xff\xf0\x00" * 24, "big")
    assert int.from_bytes(plain.rows, "big") ^ mask == int.from_bytes(inverted.rows, "big")


@given(documents, st.sampled_from(["none", "big5", "gb18030"]), st.sampled_from(["auto", "native", "raster"]))
def test_any_document_is_whole_commands_without_surprises(document, cjk, text):
    options = EscposOptions(cjk=cjk, text=text)
    engine = Engine(options)
    for piece in render(document, options):
        assert len(piece) <= PIECE_BYTES_MAX
        assert RealTimeScanner().feed(piece) == []
        engine.receive(piece)
        while engine.step():
            pass
        assert not engine.buffer, "a piece ends between two commands"
    assert engine.unknown == 0
    assert engine.kicks == 0
