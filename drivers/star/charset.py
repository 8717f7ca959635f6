"""Text to the bytes of a Star printer's single-byte fonts: a code page for each character.

Chinese is drawn as dots: which two-byte font a Star printer holds is a matter of its variant and memory switches.
"""

from collections.abc import Mapping

from edge_hub.sdk.printing.charset import CodePages
from edge_hub.sdk.widths import char_cells

CODE_PAGE_NUMBERS: Mapping[str, int] = {
    "cp437": 1,
    "cp858": 4,
    "cp852": 5,
    "cp860": 6,
    "cp861": 7,
    "cp863": 8,
    "cp865": 9,
    "cp866": 10,
    "cp855": 11,
    "cp857": 12,
    "cp737": 15,
    "cp1252": 32,
    "cp1250": 33,
    "cp1251": 34,
}
"""n of `ESC GS t n` (receiptline's tables; 7, 11, 12, 15, 33, 34 after Star's numbering, not seen on paper)."""

SELECT_PAGE = b"\x1b\x1dt"
_ASCII_MAX = 0x7F


class Charset:
    """Text of one document."""

    def __init__(self, pages: tuple[str, ...], numbers: Mapping[str, int]) -> None:
        self._pages = CodePages(pages, {**CODE_PAGE_NUMBERS, **numbers}, SELECT_PAGE)

    def can(self, text: str, *, wide: bool) -> bool:
        """Whether every character is in the printer's fonts. `wide`: ambiguous symbols take two cells."""
        return text.isascii() or all(self._can_char(char, wide) for char in text)

    def _can_char(self, char: str, wide: bool) -> bool:
        if char <= "\x7f":
            return True
        return char_cells(char, cjk=wide) == 1 and self._pages.has(char)

    def encode(self, text: str, *, wide: bool) -> bytes:
        """The bytes of text with the switches between pages; "?" for what no page holds, as wide as it was laid out."""
        if text.isascii():
            return text.encode()
        return b"".join(self._encode_char(char, char_cells(char, cjk=wide)) for char in text)

    def _encode_char(self, char: str, size: int) -> bytes:
        if ord(char) <= _ASCII_MAX:
            return char.encode()
        if size == 0:
            return b""
        return self._pages.encode(char) + b" " * (size - 1)
