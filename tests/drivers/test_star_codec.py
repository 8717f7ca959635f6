import io
import json
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.star import commands
from drivers.star.charset import Charset
from drivers.star.codec import (
    BLOCK_BYTES_MAX,
    Demultiplexer,
    DocumentEnd,
    Noise,
    Report,
    Status,
    Version,
    status_bytes,
)
from drivers.star.engine import Engine
from drivers.star.options import StarOptions
from drivers.star.render import render
from drivers.star.simulator import StarSimulator
from drivers.star.tokens import RealTimeScanner, next_token
from edge_hub.sdk import raster
from edge_hub.sdk.document import (
    Align,
    Cell,
    Code,
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
from edge_hub.sdk.printing.render import PIECE_BYTES_MAX
from edge_hub.sdk.raster import Bitmap

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "star_receiptline.json").read_text())
EMULATIONS = ["line", "prnt", "graphic"]
READY = Report(
    online=True, cover_open=False, paper_end=False, paper_near_end=False, cutter_error=False, mechanical=False,
    unrecoverable=False, overheated=False, switch_on=False,
)  # fmt: skip


def tokens(data, *, in_raster=False):
    found, buffer = [], bytearray(data)
    while (token := next_token(buffer, raster=in_raster)) is not None:
        found.append((token.name, token.args))
        del buffer[: token.size]
    return found, bytes(buffer)


def fed(simulator, data):
    simulator.engine.receive(data)
    while simulator.engine.step():
        pass
    return simulator


def read(simulator):
    picture = Image.open(io.BytesIO(simulator.picture())).convert("L")
    padded = Image.new("L", (picture.width + 80, picture.height + 80), 255)
    padded.paste(picture, (40, 40))
    return sorted(found.text for found in zxingcpp.read_barcodes(padded))


# what the printers answer


@pytest.mark.parametrize(
    ("frame", "changes", "etb"),
    [
        ("230600000000000000", {}, 0),
        ("230600000000004200", {}, 17),
        ("230600000000006e00", {}, 31),
        ("0f060000000000", {}, None),
        ("230628000000000000", {"online": False, "cover_open": True}, 0),
        ("230608000008000000", {"online": False, "paper_end": True}, 0),
        ("230600000004000000", {"paper_near_end": True}, 0),
        ("230608080000000000", {"online": False, "cutter_error": True}, 0),
        ("230608040000000000", {"online": False, "mechanical": True}, 0),
        ("230608200000000000", {"online": False, "unrecoverable": True}, 0),
        ("230600400000000000", {"overheated": True}, 0),
        ("230604000000000000", {"switch_on": True}, 0),
    ],
)
def test_status_frames_as_the_manual_lays_them_out(frame, changes, etb):
    data = bytes.fromhex(frame)
    assert status_bytes(*data[:2]) == len(data)
    (status,) = Demultiplexer().feed(data)
    assert status == Status(data)
    expected = {field: changes.get(field, getattr(READY, field)) for field in Report.__dataclass_fields__}
    assert status.report() == Report(**expected)
    assert status.etb == etb


def test_answers_mixed_on_the_wire_are_told_apart():
    status = bytes.fromhex("230600000000000000")
    data = status + b"\x11\x1b\x1d\x03\x01\x12\x34\x07\x00\x1b#*,TSP654IIVer2.1\n\x00" + status
    assert Demultiplexer().feed(data) == [
        Status(status),
        Noise(b"\x11"),
        DocumentEnd(0x1234, 7),
        Version("TSP654IIVer2.1"),
        Status(status),
    ]


@given(st.lists(st.binary(max_size=50), max_size=40))
def test_any_answers_in_any_pieces(pieces):
    whole, torn = Demultiplexer(), Demultiplexer()
    expected = whole.feed(b"".join(pieces))
    assert [frame for piece in pieces for frame in torn.feed(piece)] == expected
    assert len(torn._held) <= BLOCK_BYTES_MAX
    torn.feed(bytes(BLOCK_BYTES_MAX))
    assert Status(bytes.fromhex("230600000000000000")) in torn.feed(bytes.fromhex("230600000000000000"))


# what they are sent


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("1b0714501a", [("ESC BEL", b"\x14\x50"), ("control", b"\x1a")]),
        ("1b1d03010001", [("ESC GS ETX", b"\x01\x00\x01")]),
        ("1b0601 1b1e4500 17", [("ESC ACK", b"\x01"), ("ESC RS E", b"\x00"), ("control", b"\x17")]),
        ("1b232a0a00 41", [("ESC #", b"*\n"), ("text", b"A")]),
        ("1b6433 1b690001", [("ESC d", b"3"), ("ESC i", b"\x00\x01")]),
        ("1b1d5301 0200 0300 00 010203040506 0a",
         [("ESC GS S", bytes.fromhex("0102000300 00 010203040506")), ("control", b"\n")]),
        ("1b6233323148 34303036 1e", [("ESC b", b"321H4006")]),
        ("1b1d7953 3201 1b1d79443100 0200 4142 1b1d7950",
         [("ESC GS y", b"S2\x01"), ("ESC GS y", b"D1\x00\x02\x00AB"), ("ESC GS y", b"P")]),
        ("1b2a7241 1b2a72503000 1b2a7242", [("ESC * r", b"A"), ("ESC * r", b"P0"), ("ESC * r", b"B")]),
    ],
)  # fmt: skip
def test_the_stream_is_cut_where_the_manual_says(data, expected):
    assert tokens(bytes.fromhex(data)) == (expected, b"")


def test_rows_of_raster_mode():
    assert tokens(bytes.fromhex("620200ff0f 1b0c00"), in_raster=True)[0] == [("row", b"\xff\x0f"), ("ESC FF", b"\x00")]


@given(st.lists(st.binary(max_size=64), max_size=30), st.sampled_from(EMULATIONS))
def test_the_simulator_takes_any_bytes(pieces, emulation):
    simulator = StarSimulator(StarOptions(emulation=emulation))
    for piece in pieces:
        fed(simulator, piece)
    simulator.engine.take_answers()


@pytest.mark.parametrize("command", ["starsbcs", "starlinesbcs"])
def test_the_simulator_understands_what_receiptline_writes(command):
    """Bytes of receiptline 4.0.4, captured with

    npm install --prefix /tmp/rl receiptline@4.0.4
    node -e 'const d = "^^^Soy Milk Shop\\n\\n{width:30,*}\\nMilk é | 35.00\\nDoughnut | 20.00\\n---\\n" +
      "^TOTAL | ^55.00\\n{code:4006381333931;option:ean13,2,72,hri}\\n" +
      "{code:https://example.org/r/1;option:qrcode,4,M}\\n=\\n";
      for (const c of ["starsbcs", "starlinesbcs"]) console.log(c, Buffer.from(require("receiptline").transform(d,
      {cpl: 48, encoding: "cp437", command: c, spacing: true, gradient: false}), "binary").toString("hex"))'
    """
    simulator = fed(StarSimulator(StarOptions(emulation="line" if "line" in command else "prnt")),
                    bytes.fromhex(VECTORS[command]))  # fmt: skip
    assert simulator.engine.unknown == 0
    # receiptline cuts at "=" and once more at the end
    page = [line.strip() for line in simulator.pages[0]]
    assert simulator.state()["pages"] == 2
    assert [" ".join(line.split()) for line in page[:6]] == [
        "Soy Milk Shop", "", "Milk é 35.00", "Doughnut 20.00", "─" * 48, "TOTAL 55.00",
    ]  # fmt: skip
    assert simulator.pages[0][2] == "Milk é".ljust(30) + " " * 13 + "35.00"
    assert "[4006381333931]" in page
    assert simulator.engine.take_answers() == bytes.fromhex("1b1d030100000100")


def test_the_graphic_simulator_draws_receiptlines_rows():
    """As above, of `{image:...}` (a chessboard of 16 x 8 dots in squares of 4) and `=` with command stargraphic."""
    simulator = fed(StarSimulator(StarOptions(emulation="graphic")), bytes.fromhex(VECTORS["stargraphic"]))
    assert simulator.engine.unknown == 0
    page = simulator.engine.paper.pages[0].picture(576)
    inked = [row for row in (page.rows[at : at + 72] for at in range(0, len(page.rows), 72)) if any(row)]
    assert [row.strip(b"\x00").hex() for row in inked] == ["f0f0"] * 4 + ["0f0f"] * 4


def test_receiptlines_codes_scan_from_the_paper():
    simulator = fed(StarSimulator(StarOptions()), bytes.fromhex(VECTORS["starlinesbcs"]))
    assert simulator.engine.paper.pages[0].codes == ["4006381333931"]
    page = simulator.engine.paper.pages[0].picture(576)
    picture = Image.open(io.BytesIO(raster.png(page, margin=40))).convert("L")
    assert sorted(found.text for found in zxingcpp.read_barcodes(picture)) == [
        "4006381333931", "https://example.org/r/1",
    ]  # fmt: skip


RECEIPT = Document(
    locale="zh-TW",
    blocks=(
        Text(text="Soy milk shop", align=Align.CENTER, style=Style(bold=True, width=2, height=2)),
        Rule(),
        Row(cells=(Cell(text="豆漿 Soy milk", weight=1), Cell(text="35", align=Align.RIGHT))),
        Row(cells=(Cell(text="Café", weight=1), Cell(text="1,250.00 €", align=Align.RIGHT))),
        Text(text="TOTAL", style=Style(invert=True)),
        Text(text="underlined", style=Style(underline=True)),
        Code(type=CodeType.EAN13, data="4006381333931"),
        Code(type=CodeType.QR, data="https://example.org/r/0190"),
        Picture(width=64, height=16, rows=b"\xf0" * 128),
        Cut(),
    ),
)


@pytest.mark.parametrize("emulation", EMULATIONS)
@pytest.mark.parametrize("native", [True, False])
def test_a_receipt_looks_right_and_its_codes_scan(emulation, native):
    options = StarOptions(emulation=emulation, native_codes=native)
    simulator = fed(StarSimulator(options), b"".join(render(RECEIPT, options)))
    assert simulator.engine.unknown == 0
    assert read(simulator) == ["4006381333931", "https://example.org/r/0190"]
    assert simulator.state()["pages"] == 1


@pytest.mark.parametrize("emulation", EMULATIONS)
def test_dots_are_where_the_hub_draws_them(emulation):
    options = StarOptions(emulation=emulation, text="raster", native_codes=False)
    document = Document(blocks=RECEIPT.blocks[:-1], locale="zh-TW")
    simulator = fed(StarSimulator(options), b"".join(render(document, options)))
    drawn = raster.draw(document, dots=576)
    # setting one more dot beside a real-time command in the dots is allowed
    printed = simulator.engine.paper.page.picture(576)
    assert printed.height == drawn.height
    differing = sum((a ^ b).bit_count() for a, b in zip(printed.rows, drawn.rows, strict=True))
    assert differing <= 2


def test_no_picture_holds_a_real_time_command():
    rows = bytes((0x1B, 0x06, 0x01, 0x1B, 0x1B, 0x06, 0x18, 0xFF)) * 40
    for bands in (commands.raster_bands(Bitmap(64, 40, rows)), commands.picture_bands(Bitmap(64, 40, rows))):
        for band in bands:
            assert RealTimeScanner().feed(band) == []
            assert len(band) < PIECE_BYTES_MAX


def test_each_character_by_the_page_that_has_it():
    charset = Charset(("cp437", "cp858", "cp1252"), {})
    assert charset.encode("é5€", wide=False) == b"\x1b\x1dt\x01\x825\x1b\x1dt\x04\xd5"
    assert charset.encode("豆x", wide=True) == b"? x"
    assert charset.can("é €", wide=False)
    assert not charset.can("豆", wide=True)
    assert Charset(("cp1252",), {"cp1252": 71}).encode("ž", wide=False) == b"\x1b\x1dt\x47\x9e"


def test_documented_bytes():
    assert commands.pulse(1, 200, 800) == bytes.fromhex("1b07145007")
    assert commands.pulse(2, 200, 800)[-1:] == b"\x1a"
    assert commands.document_end(0x0102) == bytes.fromhex("1b1d03010102")
    assert commands.cut(partial=True) == b"\x1bd3"
    assert commands.raster_cut(partial=False) == b"\x1b*rF9\x00\x1b\x0c\x00"
    assert commands.qr(b"AB", 5).endswith(b"\x1b\x1dyS2\x05\x1b\x1dyD1\x00\x02\x00AB\x1b\x1dyP")
    data = commands.bar_code(CodeType.CODE128, b"5%", module=2, height=64, text_below=True)
    assert data == b"\x1bb6215%0\x1e".replace(b"15%", b"1@5%")


def test_styles_are_switched_off_again():
    bold = Style(bold=True, underline=True, invert=True, width=2, height=3)
    data = b"".join(render(Document(blocks=(Text(text="A", style=bold),)), StarOptions()))
    assert data == b"\x1bz1\x1bE\x1b-\x01\x1b4\x1bi\x02\x01A\n\x1bF\x1b-\x00\x1b5\x1bi\x00\x00"


words = st.text(st.one_of(st.sampled_from("abc 0,.豆漿。“é€%\t\n\x1b\x06\x1e\x07"), st.characters()), max_size=60)
styles = st.builds(Style, bold=st.booleans(), underline=st.booleans(), invert=st.booleans(),
                   width=st.integers(1, 4), height=st.integers(1, 4))  # fmt: skip
blocks = st.one_of(
    st.builds(Text, text=words, style=styles),
    st.builds(Rule, double=st.booleans()),
    st.builds(Feed, lines=st.integers(0, 5)),
    st.builds(Code, type=st.sampled_from(CodeType), data=words, module=st.integers(0, 9), height=st.integers(0, 300)),
    st.builds(Picture, width=st.integers(0, 700), height=st.integers(0, 40), rows=st.binary(max_size=400)),
    st.just(Cut()),
)
documents = st.builds(Document, blocks=st.lists(blocks, max_size=6).map(tuple), locale=st.sampled_from(["en", "zh-TW"]))


@settings(max_examples=60)
@given(documents, st.sampled_from(EMULATIONS), st.sampled_from(["auto", "native", "raster"]), st.booleans())
def test_any_document_is_whole_commands_without_surprises(document, emulation, text, cutter):
    options = StarOptions(emulation=emulation, text=text, cutter=cutter)
    engine = Engine(options)
    for piece in render(document, options):
        assert len(piece) <= PIECE_BYTES_MAX
        assert RealTimeScanner().feed(piece) == []
        engine.receive(piece)
        while engine.step():
            pass
        assert not engine.buffer, "a piece ends between two commands"
        assert not engine._raster
    assert engine.unknown == 0
    assert engine.kicks == 0
    assert cutter or engine.paper.cut_count == 0
