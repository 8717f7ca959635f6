"""A document as pieces of Star commands: each ends outside raster mode."""

from collections.abc import Iterable

from drivers.star import commands
from drivers.star.charset import Charset
from drivers.star.options import StarOptions
from edge_hub.sdk.codes import Bars
from edge_hub.sdk.document import Align, CodeType, Document, Style
from edge_hub.sdk.printing.render import TEAR_FEED_LINES, Renderer
from edge_hub.sdk.raster import Bitmap

LINE_DOTS = 30


def render(document: Document, options: StarOptions) -> list[bytes]:
    """All pieces of a document, from a known state of the printer on; never empty."""
    return StarRenderer(document, options).pieces()


def end_of_page(options: StarOptions, *, partial: bool) -> bytes:
    """Cut, or feed to where a person tears."""
    if options.emulation == "graphic":
        feed = commands.raster_feed(TEAR_FEED_LINES * LINE_DOTS)
        end = commands.raster_cut(partial=partial) if options.cutter else feed
        return commands.RASTER_BEGIN + end + commands.RASTER_END
    return commands.cut(partial=partial) if options.cutter else commands.LINE_FEED * TEAR_FEED_LINES


class StarRenderer(Renderer[StarOptions]):
    """Writes one document."""

    MODULE_DOTS_MIN, MODULE_DOTS_MAX = 2, 4
    """Narrow elements that ESC b can draw."""

    def __init__(self, document: Document, options: StarOptions) -> None:
        charset = Charset(tuple(options.code_pages), options.code_page_numbers)
        super().__init__(document, options, charset, dots_only=options.emulation == "graphic")

    def begin(self) -> bytes:
        return b"" if self.options.emulation == "graphic" else commands.SPACING

    def end_of_page(self, *, partial: bool) -> bytes:
        return end_of_page(self.options, partial=partial)

    def style(self, before: Style, after: Style) -> bytes:
        return commands.style(before, after)

    def align(self, where: Align) -> bytes:
        return commands.align(where)

    def bands(self, bitmap: Bitmap) -> Iterable[bytes]:
        return commands.picture_bands(bitmap) if self.options.emulation == "prnt" else commands.raster_bands(bitmap)

    def qr(self, data: bytes, module: int) -> bytes:
        return commands.qr(data, module) + commands.LINE_FEED

    def bar_code(self, kind: CodeType, bars: Bars, *, text_below: bool) -> bytes:
        size = {"module": bars.module_dots, "height": bars.height_dots}
        return commands.bar_code(kind, bars.data.encode(), **size, text_below=text_below)
