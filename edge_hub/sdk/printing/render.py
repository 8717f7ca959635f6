"""A document as pieces of a printer's commands: text where its fonts have it, its own codes where they fit, else dots.

Each piece ends between two commands, so that a drawer pulse may come between.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic, Protocol, TypeVar

from edge_hub.sdk.codes import Bars, CodeUnfit, module_dots, printers_bars
from edge_hub.sdk.document import PLAIN, Align, Code, Codes, CodeType, Cut, Document, Picture, Style
from edge_hub.sdk.glyphs import face_of
from edge_hub.sdk.layout import LaidLine, is_cjk, lines
from edge_hub.sdk.printing.options import FontOptions
from edge_hub.sdk.raster import Bitmap, draw_line, stack

PIECE_BYTES_MAX = 8192
"""A piece is sent after at most this much; between pieces the hub listens and reports progress."""
PIECE_BYTES = 1024
"""A piece of text ends at the first line after this much: about one second at 9600 baud."""
TEAR_FEED_LINES = 5
LINE_FEED = b"\n"
PRINTABLE = frozenset(range(0x20, 0x7F))
"""What every printer's own codes take."""


class Charset(Protocol):
    """Text to the bytes of the printer's fonts. `wide`: ambiguous symbols take two cells."""

    def can(self, text: str, *, wide: bool) -> bool:
        """Whether every character is in the printer's fonts."""
        ...

    def encode(self, text: str, *, wide: bool) -> bytes:
        """With all switches between pages and modes."""
        ...


O = TypeVar("O", bound=FontOptions)  # noqa: E741  # the type of a driver's options


class Renderer(ABC, Generic[O]):
    """Writes one document. A protocol gives its commands."""

    MODULE_DOTS_MIN: ClassVar[int]
    MODULE_DOTS_MAX: ClassVar[int]
    """Narrow elements of bar codes that all its printers draw."""

    def __init__(self, document: Document, options: O, charset: Charset, *, dots_only: bool = False) -> None:
        self.options = options
        self._charset = charset
        self._dots_only = dots_only
        self._wide = is_cjk(document)
        self._face = face_of(document.locale)
        self._laid = lines(document, options.line_cells, cjk=self._wide)
        self._pieces: list[bytes] = []
        self._held = bytearray()
        self._dots: list[Bitmap] = []
        self._style = PLAIN

    @abstractmethod
    def begin(self) -> bytes:
        """What the printer is told before the first line."""

    @abstractmethod
    def end_of_page(self, *, partial: bool) -> bytes:
        """Cut, or feed to where a person tears."""

    @abstractmethod
    def style(self, before: Style, after: Style) -> bytes:
        """From one style to another, sizes 1 to 4."""

    @abstractmethod
    def align(self, where: Align) -> bytes: ...

    @abstractmethod
    def bands(self, bitmap: Bitmap) -> Iterable[bytes]:
        """Dots as whole commands of at most PIECE_BYTES_MAX."""

    @abstractmethod
    def qr(self, data: bytes, module: int) -> bytes:
        """The printer's own, to the end of its line. Raises CodeUnfit."""

    @abstractmethod
    def bar_code(self, kind: CodeType, bars: Bars, *, text_below: bool) -> bytes:
        """The printer's own, to the end of its line. Raises CodeUnfit."""

    def pieces(self) -> list[bytes]:
        """Render once; never empty."""
        self._held += self.begin()
        for line in self._laid:
            self._line(line)
        self._flush_dots()
        self._put(self.style(self._style, PLAIN))
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
            self._put(self.end_of_page(partial=block.partial))
        elif isinstance(block, Code):
            self._code(line, block)
        elif isinstance(block, Codes | Picture) or not self._native(line):
            self._draw(line)
        else:
            self._text(line)

    def _native(self, line: LaidLine) -> bool:
        if self.options.text == "raster" or self._dots_only:
            return False
        return self.options.text == "native" or all(self._charset.can(run.text, wide=self._wide) for run in line.runs)

    def _text(self, line: LaidLine) -> None:
        self._flush_dots()
        out = bytearray()
        for run in line.runs:
            wanted = _limited(run.style)
            out += self.style(self._style, wanted)
            self._style = wanted
            out += self._charset.encode(run.text, wide=self._wide)
        self._put(bytes(out) + LINE_FEED)

    def _draw(self, line: LaidLine) -> None:
        self._dots.append(draw_line(line, self.options.width_dots, face=self._face, cjk=self._wide))

    def _flush_dots(self) -> None:
        if self._dots:
            for band in self.bands(stack(self._dots, self.options.width_dots)):
                self._put(band)
            self._dots.clear()

    def _code(self, line: LaidLine, code: Code) -> None:
        native = self._native_code(code) if self.options.native_codes and not self._dots_only else None
        if native is None:
            self._draw(line)
            return
        self._flush_dots()
        self._put(self.style(self._style, PLAIN) + self.align(code.align) + native + self.align(Align.LEFT))
        self._style = PLAIN

    def _native_code(self, code: Code) -> bytes | None:
        """The printer's own commands, or None where dots are safer (and for what is no valid code at all)."""
        if not PRINTABLE.issuperset(code.data.encode(errors="surrogatepass")):
            return None
        try:
            if code.type is CodeType.QR:
                return self.qr(code.data.encode(), module_dots(code, self.options.width_dots))
            return self._native_bars(code)
        except CodeUnfit:
            return None

    def _native_bars(self, code: Code) -> bytes | None:
        width, least, most = self.options.width_dots, self.MODULE_DOTS_MIN, self.MODULE_DOTS_MAX
        bars = printers_bars(code, width, module_min=least, module_max=most)
        return self.bar_code(code.type, bars, text_below=code.text_below) if bars is not None else None


def _limited(style: Style) -> Style:
    """Documents promise sizes 1 to 4."""
    width, height = min(max(style.width, 1), 4), min(max(style.height, 1), 4)
    return Style(bold=style.bold, underline=style.underline, invert=style.invert, width=width, height=height)
