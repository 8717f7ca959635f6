"""QR and bar codes as dots: whole-dot modules and quiet zones, so that they scan from paper."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from edge_hub.sdk.document import Code, CodeType

if TYPE_CHECKING:
    from edge_hub.sdk.glyphs import Matrix  # which loads Pillow, and checking a label's code does not draw it

QR_QUIET_MODULES = 4
BAR_QUIET_MODULES = 11
"""Ten are asked by Code 128 and Code 39, eleven on the left by EAN-13."""
QR_MODULE_DOTS_MAX = 8
QR_MODULE_DOTS = 5
"""As fits, but no more than this unless asked: 0.6 mm at 203 dpi."""
BAR_MODULE_DOTS_MAX = 6
BAR_MODULE_DOTS = 3
BAR_HEIGHT_DOTS_MAX = 255
CODE128_CHAR_MODULES = 11
CODE128_B_EXTRA_MODULES = 35
"""Start, check and stop of Code 128."""
CODES_CACHED_MAX = 32
QR_DATA_CHARS_MAX = 1024
BAR_DATA_CHARS_MAX = 64


class CodeUnfit(ValueError):
    """The data does not go into this kind of code, or the code does not fit the paper."""


@lru_cache(maxsize=CODES_CACHED_MAX)
def qr_modules(data: str) -> tuple[str, ...]:
    """A QR code (error correction M) as rows of "0" and "1", without quiet zone. Raises CodeUnfit."""
    if not data or len(data) > QR_DATA_CHARS_MAX:
        raise CodeUnfit(f"a QR code holds 1 to {QR_DATA_CHARS_MAX} characters here")
    import segno  # noqa: PLC0415  # 4 MB that a shop without QR codes does not need

    try:
        symbol = segno.make_qr(data, error="m", boost_error=False)
    except ValueError as error:
        raise CodeUnfit(str(error)) from error
    return tuple("".join("1" if module else "0" for module in row) for row in symbol.matrix)


@lru_cache(maxsize=CODES_CACHED_MAX)
def bar_modules(kind: CodeType, data: str) -> str:
    """A bar code as "0" and "1" per narrow element, without quiet zones. Raises CodeUnfit."""
    if not data or len(data) > BAR_DATA_CHARS_MAX or not data.isascii():
        raise CodeUnfit(f"a bar code holds 1 to {BAR_DATA_CHARS_MAX} ASCII characters here")
    import barcode  # noqa: PLC0415  # as above
    from barcode.errors import BarcodeError  # noqa: PLC0415  # as above

    data = checked_ean(kind, data) if kind in _EAN_DIGITS else data
    options = {"add_checksum": False} if kind is CodeType.CODE39 else {}
    try:
        lines: list[str] = barcode.get(kind.value, data, options=options).build()
    except (BarcodeError, KeyError, ValueError) as error:
        raise CodeUnfit(str(error)) from error
    return lines[0].replace("G", "1").strip("0")


_EAN_DIGITS = {CodeType.EAN13: 13, CodeType.EAN8: 8}


def checked_ean(kind: CodeType, data: str) -> str:
    """All digits of an EAN, its check digit added if it was left out. Raises CodeUnfit when it is wrong."""
    digits = _EAN_DIGITS[kind]
    if not data.isdigit() or len(data) not in {digits - 1, digits}:
        raise CodeUnfit(f"{kind.value} has {digits} digits")
    body = data[: digits - 1]
    check = -sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body))) % 10
    if data not in {body, f"{body}{check}"}:
        raise CodeUnfit(f"{data} has a wrong check digit")
    return f"{body}{check}"


def module_dots(code: Code, dots: int) -> int:
    """Dots for a narrow element on paper (or a share of it) `dots` wide. Raises CodeUnfit when none fits."""
    if code.type is CodeType.QR:
        modules = len(qr_modules(code.data)) + 2 * QR_QUIET_MODULES
        wanted, most = QR_MODULE_DOTS, QR_MODULE_DOTS_MAX
    else:
        modules = len(bar_modules(code.type, code.data)) + 2 * BAR_QUIET_MODULES
        wanted, most = BAR_MODULE_DOTS, BAR_MODULE_DOTS_MAX
    fitting = min(dots // modules, min(code.module, most) if code.module else wanted)
    if fitting < 1:
        raise CodeUnfit(f"{code.type.value} of {modules} modules is wider than {dots} dots")
    return fitting


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar code as a printer is to draw it with its own command."""

    data: str
    """Its check digit added, where it has one."""
    module_dots: int
    """Of a narrow element."""
    height_dots: int


def printers_bars(code: Code, dots: int, *, module_min: int, module_max: int) -> Bars | None:
    """On paper `dots` wide; None when it does not fit in elements of `module_min` dots. Raises CodeUnfit."""
    data = checked_ean(code.type, code.data) if code.type in _EAN_DIGITS else code.data
    modules = len(bar_modules(code.type, data))
    if code.type is CodeType.CODE128:
        # the printer's own may stay in set B, where ours packs digits in pairs
        modules = CODE128_CHAR_MODULES * len(data) + CODE128_B_EXTRA_MODULES
    wanted = min(code.module or BAR_MODULE_DOTS, module_max)
    module = min(wanted, dots // (modules + 2 * BAR_QUIET_MODULES))
    return Bars(data, module, min(max(code.height, 1), BAR_HEIGHT_DOTS_MAX)) if module >= module_min else None


@lru_cache(maxsize=CODES_CACHED_MAX)
def code_matrix(code: Code, dots: int) -> "tuple[int, Matrix]":
    """(width in dots, rows) with quiet zones, as large as `module` allows. Raises CodeUnfit."""
    size = module_dots(code, dots)
    if code.type is CodeType.QR:
        quiet = "0" * QR_QUIET_MODULES
        modules = [quiet + row + quiet for row in qr_modules(code.data)]
        width = len(modules[0]) * size
        rows = tuple(_stretched(row, size) for row in modules for _ in range(size))
        margin = (0,) * (QR_QUIET_MODULES * size)
        return width, margin + rows + margin
    bars = "0" * BAR_QUIET_MODULES + bar_modules(code.type, code.data) + "0" * BAR_QUIET_MODULES
    height = min(max(code.height, 1), BAR_HEIGHT_DOTS_MAX)
    return len(bars) * size, (_stretched(bars, size),) * height


def _stretched(modules: str, size: int) -> int:
    return int("".join(module * size for module in modules), 2)
