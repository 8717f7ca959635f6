"""A document as pieces of ESC/POS."""

from collections.abc import Iterable

from drivers.escpos import commands
from drivers.escpos.charset import Charset
from drivers.escpos.options import EscposOptions
from edge_hub.sdk.codes import BAR_MODULE_DOTS_MAX, Bars
from edge_hub.sdk.document import Align, CodeType, Document, Style
from edge_hub.sdk.printing.render import TEAR_FEED_LINES, Renderer
from edge_hub.sdk.raster import Bitmap


def render(document: Document, options: EscposOptions) -> list[bytes]:
    """All pieces of a document, from a known state of the printer on; never empty."""
    return EscposRenderer(document, options).pieces()


def end_of_page(options: EscposOptions, *, partial: bool) -> bytes:
    """Cut, or feed to where a person tears."""
    return commands.cut(partial=partial) if options.cutter else commands.feed_lines(TEAR_FEED_LINES)


class EscposRenderer(Renderer[EscposOptions]):
    """Writes one document."""

    MODULE_DOTS_MIN = 2
    """GS w 1 is not known to every printer."""
    MODULE_DOTS_MAX = BAR_MODULE_DOTS_MAX

    def __init__(self, document: Document, options: EscposOptions) -> None:
        charset = Charset(tuple(options.code_pages), options.code_page_numbers, options.cjk)
        super().__init__(document, options, charset)
        self._known = charset.reset()

    def begin(self) -> bytes:
        return self._known

    def end_of_page(self, *, partial: bool) -> bytes:
        return end_of_page(self.options, partial=partial)

    def style(self, before: Style, after: Style) -> bytes:
        return commands.style(before, after)

    def align(self, where: Align) -> bytes:
        return commands.align(where)

    def bands(self, bitmap: Bitmap) -> Iterable[bytes]:
        return commands.raster_bands(bitmap)

    def qr(self, data: bytes, module: int) -> bytes:
        return commands.qr(data, module) + commands.LINE_FEED

    def bar_code(self, kind: CodeType, bars: Bars, *, text_below: bool) -> bytes:
        size = {"module": bars.module_dots, "height": bars.height_dots}
        return commands.bar_code(kind, bars.data.encode(), **size, text_below=text_below) + commands.LINE_FEED
