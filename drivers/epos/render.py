"""A document as the elements of an epos-print document."""

import base64

from drivers.epos.markup import element
from drivers.epos.options import EposOptions
from edge_hub.sdk.codes import BAR_MODULE_DOTS_MAX, CodeUnfit, module_dots, printers_bars
from edge_hub.sdk.document import Code, Codes, CodeType, Cut, Document, Picture
from edge_hub.sdk.glyphs import face_of
from edge_hub.sdk.layout import LaidLine, is_cjk, lines
from edge_hub.sdk.printing.render import PRINTABLE, TEAR_FEED_LINES
from edge_hub.sdk.raster import Bitmap, draw_line, stack
from edge_hub.sdk.widths import char_cells

IMAGE_ROWS_MAX = 256
CODE_GAP_DOTS = 24
"""White under a code: it does not scan with ink right below it."""
QR_MODULE_DOTS_MIN, BAR_MODULE_DOTS_MIN = 3, 2
"""The least that symbol and barcode take."""


def render(document: Document, options: EposOptions) -> str:
    """All elements of a document."""
    return Renderer(document, options).elements()


def end_of_page(options: EposOptions) -> str:
    """Cut, or feed to where a person tears."""
    return element("cut", type="feed") if options.cutter else element("feed", line=TEAR_FEED_LINES)


def pulse(options: EposOptions) -> str:
    """Open the drawer."""
    return element("pulse", drawer=f"drawer_{options.drawer_number}", time=f"pulse_{options.pulse_ms}")


class Renderer:
    """Writes one document."""

    def __init__(self, document: Document, options: EposOptions) -> None:
        self._options = options
        self._wide = is_cjk(document)
        self._face = face_of(document.locale)
        self._lang = {"sc": "zh-cn", "tc": "zh-tw"}[self._face] if self._wide and options.cjk == "native" else "en"
        self._laid = lines(document, options.line_cells, cjk=self._wide)
        self._out: list[str] = []
        self._dots: list[Bitmap] = []

    def elements(self) -> str:
        """Render once."""
        for line in self._laid:
            self._line(line)
        self._flush_dots()
        return "".join(self._out)

    def _line(self, line: LaidLine) -> None:
        block = line.block
        if isinstance(block, Cut):
            self._flush_dots()
            self._out.append(end_of_page(self._options))
        elif isinstance(block, Code):
            self._code(line, block)
        elif isinstance(block, Codes | Picture) or not self._native(line):
            self._draw(line)
        else:
            self._text(line)

    def _native(self, line: LaidLine) -> bool:
        if self._options.text != "auto":
            return self._options.text == "native"
        return all(self._can(char) for run in line.runs for char in run.text)

    def _can(self, char: str) -> bool:
        if char <= "\x7f":
            return True
        if char_cells(char, cjk=self._wide) == 1:
            return any(char.encode(page, "ignore") for page in self._options.characters)
        return self._lang != "en" and char_cells(char) > 1

    def _text(self, line: LaidLine) -> None:
        self._flush_dots()
        for run in line.runs:
            style = run.style
            scale = {"width": min(max(style.width, 1), 4), "height": min(max(style.height, 1), 4)}
            # every attribute every time: what an element leaves out stays as the one before set it
            marks = {"reverse": style.invert, "ul": style.underline, "em": style.bold}
            words = {"lang": self._lang, "font": "font_a", "align": "left"}
            self._out.append(element("text", run.text, **words, **scale, **marks))
        self._out.append(element("text", "\n"))

    def _draw(self, line: LaidLine) -> None:
        self._dots.append(draw_line(line, self._options.width_dots, face=self._face, cjk=self._wide))

    def _flush_dots(self) -> None:
        if not self._dots:
            return
        bitmap = stack(self._dots, self._options.width_dots)
        self._dots.clear()
        size = IMAGE_ROWS_MAX * bitmap.stride
        for at in range(0, len(bitmap.rows), size):
            rows = bitmap.rows[at : at + size]
            height = len(rows) // bitmap.stride
            data = base64.b64encode(rows).decode()
            self._out.append(element("image", data, width=bitmap.width, height=height, align="left", mode="mono"))

    def _code(self, line: LaidLine, code: Code) -> None:
        native = self._native_code(code) if self._options.native_codes else None
        if native is None:
            self._draw(line)
            return
        self._flush_dots()
        self._out.append(native + element("feed", unit=CODE_GAP_DOTS))

    def _native_code(self, code: Code) -> str | None:
        """The printer's own, or None where dots are safer. Backslashes begin an escape there."""
        if not PRINTABLE.issuperset(code.data.encode()) or "\\" in code.data:
            return None
        try:
            return self._native_qr(code) if code.type is CodeType.QR else self._native_bars(code)
        except CodeUnfit:
            return None

    def _native_qr(self, code: Code) -> str | None:
        module = module_dots(code, self._options.width_dots)
        if module < QR_MODULE_DOTS_MIN:
            return None
        words = {"type": "qrcode_model_2", "level": "level_m", "align": code.align.value}
        return element("symbol", code.data, **words, width=module)

    def _native_bars(self, code: Code) -> str | None:
        width, least, most = self._options.width_dots, BAR_MODULE_DOTS_MIN, BAR_MODULE_DOTS_MAX
        bars = printers_bars(code, width, module_min=least, module_max=most)
        if bars is None:
            return None
        data = "{B" + bars.data.replace("{", "{{") if code.type is CodeType.CODE128 else bars.data
        words = {"type": code.type.value, "hri": "below" if code.text_below else "none", "align": code.align.value}
        return element("barcode", data, **words, font="font_a", width=bars.module_dots, height=bars.height_dots)
