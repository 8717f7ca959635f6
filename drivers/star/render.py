"""A document as pieces of Star commands: each ends between two commands and outside raster mode."""

from collections.abc import Iterable

from drivers.star import commands
from drivers.star.charset import Charset
from drivers.star.options import StarOptions
from edge_hub.sdk.codes import (
    BAR_HEIGHT_DOTS_MAX,
    BAR_MODULE_DOTS,
    BAR_QUIET_MODULES,
    CodeUnfit,
    bar_modules,
    checked_ean,
    module_dots,
)
from edge_hub.sdk.document import PLAIN, Align, Code, Codes, CodeType, Cut, Document, Picture, Style
from edge_hub.sdk.glyphs import face_of
from edge_hub.sdk.layout import LaidLine, is_cjk, lines
from edge_hub.sdk.raster import Bitmap, draw_line, stack

PIECE_BYTES_MAX = 8192
"""A piece is sent after at most this much; between pieces the hub listens and reports progress."""
PIECE_BYTES = 1024
"""A piece of text ends at the first line after this much: about one second at 9600 baud."""
TEAR_FEED_LINES = 5
LINE_DOTS = 30
MODULE_DOTS_MIN, MODULE_DOTS_MAX = 2, 4
"""Narrow elements that ESC b can draw."""
CODE128_B_EXTRA_MODULES = 35
"""Start, check and stop of Code 128."""
CODE128_CHAR_MODULES = 11
PRINTABLE = frozenset(range(0x20, 0x7F))


def render(document: Document, options: StarOptions) -> list[bytes]:
    """All pieces of a document, from a known state of the printer on; never empty."""
    return Renderer(document, options).pieces()


def end_of_page(options: StarOptions, *, partial: bool) -> bytes:
    """Cut, or feed to where a person tears."""
    if options.emulation == "graphic":
        feed = commands.raster_feed(TEAR_FEED_LINES * LINE_DOTS)
        end = commands.raster_cut(partial=partial) if options.cutter else feed
        return commands.RASTER_BEGIN + end + commands.RASTER_END
    return commands.cut(partial=partial) if options.cutter else commands.LINE_FEED * TEAR_FEED_LINES


class Renderer:
    """Writes one document."""

    def __init__(self, document: Document, options: StarOptions) -> None:
        self._options = options
        self._text_engine = options.emulation != "graphic"
        self._wide = is_cjk(document)
        self._face = face_of(document.locale)
        self._laid = lines(document, options.line_cells, cjk=self._wide)
        self._charset = Charset(tuple(options.code_pages), options.code_page_numbers)
        self._pieces: list[bytes] = []
        self._held = bytearray()
        self._dots: list[Bitmap] = []
        self._style = PLAIN

    def pieces(self) -> list[bytes]:
        """Render once."""
        if self._text_engine:
            self._held += commands.SPACING
        for line in self._laid:
            self._line(line)
        self._flush_dots()
        self._put(commands.style(self._style, PLAIN))
        if self._held or not self._pieces:
            self._pieces.append(bytes(self._held))
        return self._pieces

    def _put(self, data: bytes) -> None:
        """Add whole commands; `data` is at most a band long."""
        if self._held and (len(self._held) + len(data) > PIECE_BYTES_MAX or len(self._held) >= PIECE_BYTES):
            self._pieces.append(bytes(self._held))
            self._held.clear()
        self._held += data

    def _line(self, line: LaidLine) -> None:
        block = line.block
        if isinstance(block, Cut):
            self._flush_dots()
            self._put(end_of_page(self._options, partial=block.partial))
        elif isinstance(block, Code):
            self._code(line, block)
        elif isinstance(block, Codes | Picture) or not self._native(line):
            self._draw(line)
        else:
            self._text(line)

    def _native(self, line: LaidLine) -> bool:
        if self._options.text == "raster" or not self._text_engine:
            return False
        return self._options.text == "native" or all(self._charset.can(run.text, wide=self._wide) for run in line.runs)

    def _text(self, line: LaidLine) -> None:
        self._flush_dots()
        out = bytearray()
        for run in line.runs:
            wanted = _limited(run.style)
            out += commands.style(self._style, wanted)
            self._style = wanted
            out += self._charset.encode(run.text, wide=self._wide)
        self._put(bytes(out) + commands.LINE_FEED)

    def _draw(self, line: LaidLine) -> None:
        self._dots.append(draw_line(line, self._options.width_dots, face=self._face, cjk=self._wide))

    def _flush_dots(self) -> None:
        if self._dots:
            for band in self._bands(stack(self._dots, self._options.width_dots)):
                self._put(band)
            self._dots.clear()

    def _bands(self, bitmap: Bitmap) -> Iterable[bytes]:
        return commands.picture_bands(bitmap) if self._options.emulation == "prnt" else commands.raster_bands(bitmap)

    def _code(self, line: LaidLine, code: Code) -> None:
        native = self._native_code(code) if self._options.native_codes and self._text_engine else None
        if native is None:
            self._draw(line)
            return
        self._flush_dots()
        left = commands.align(Align.LEFT)
        self._put(commands.style(self._style, PLAIN) + commands.align(code.align) + native + left)
        self._style = PLAIN

    def _native_code(self, code: Code) -> bytes | None:
        """The printer's own commands, or None where dots are safer (and for what is no valid code at all)."""
        if not PRINTABLE.issuperset(code.data.encode(errors="surrogatepass")):
            return None
        try:
            if code.type is CodeType.QR:
                module = module_dots(code, self._options.width_dots)
                return commands.qr(code.data.encode(), module) + commands.LINE_FEED
            return self._native_bars(code)
        except CodeUnfit:
            return None

    def _native_bars(self, code: Code) -> bytes | None:
        data = checked_ean(code.type, code.data) if code.type in {CodeType.EAN13, CodeType.EAN8} else code.data
        modules = len(bar_modules(code.type, data))
        if code.type is CodeType.CODE128:
            modules = CODE128_CHAR_MODULES * len(data) + CODE128_B_EXTRA_MODULES
        wanted = min(code.module or BAR_MODULE_DOTS, MODULE_DOTS_MAX)
        module = min(wanted, self._options.width_dots // (modules + 2 * BAR_QUIET_MODULES))
        if module < MODULE_DOTS_MIN:
            return None
        height = min(max(code.height, 1), BAR_HEIGHT_DOTS_MAX)
        return commands.bar_code(code.type, data.encode(), module=module, height=height, text_below=code.text_below)


def _limited(style: Style) -> Style:
    """ESC i knows 1 to 6; documents promise 1 to 4."""
    width, height = min(max(style.width, 1), 4), min(max(style.height, 1), 4)
    return Style(bold=style.bold, underline=style.underline, invert=style.invert, width=width, height=height)
