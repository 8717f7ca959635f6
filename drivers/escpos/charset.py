"""Text to the bytes of a printer's fonts: a code page for each character, Chinese from the ROM.

The width of what is printed is what layout counted: one cell through a code page, two through the Chinese font.
"""

from collections.abc import Mapping
from functools import lru_cache

from edge_hub.sdk.printing.charset import CodePages
from edge_hub.sdk.widths import CHARS_CACHED_MAX, char_cells

CODE_PAGE_NUMBERS: Mapping[str, int] = {
    "cp437": 0,
    "cp850": 2,
    "cp860": 3,
    "cp863": 4,
    "cp865": 5,
    "cp737": 14,
    "iso8859_7": 15,
    "cp1252": 16,
    "cp866": 17,
    "cp852": 18,
    "cp858": 19,
    "cp1250": 45,
    "cp1251": 46,
    "cp1253": 47,
    "cp1254": 48,
    "cp1257": 51,
    "iso8859_2": 39,
    "iso8859_15": 40,
}
"""n of `ESC t n` as Epson numbers them (APG, ESC t); the driver's option overrides single ones."""

SELECT_PAGE = b"\x1bt"
KANJI_ON = b"\x1c&"
KANJI_OFF = b"\x1c."
ROM_CODECS = {"gb18030": "gbk", "big5": "big5"}
"""GB18030 printers hold the two-byte part (GBK) in their ROM."""
ROM_CHAR_BYTES = 2
_ASCII_MAX = 0x7F


@lru_cache(maxsize=CHARS_CACHED_MAX)
def rom_bytes(char: str, cjk: str) -> bytes | None:
    """Two bytes of a character in the Chinese font, or None."""
    if cjk not in ROM_CODECS:
        return None
    data = char.encode(ROM_CODECS[cjk], "ignore")
    return data if len(data) == ROM_CHAR_BYTES else None


class Charset:
    """Remembers which page and mode the printer is in while a document is written."""

    def __init__(self, pages: tuple[str, ...], numbers: Mapping[str, int], cjk: str) -> None:
        self._pages = CodePages(pages, {**CODE_PAGE_NUMBERS, **numbers}, SELECT_PAGE)
        self._cjk = cjk
        self._kanji = False

    def reset(self) -> bytes:
        """Bring the printer into the known mode (after ESC @): some clones start in Chinese mode."""
        self._pages.reset()
        self._kanji = False
        return KANJI_OFF

    def can(self, text: str, *, wide: bool) -> bool:
        """Whether every character is in the printer's fonts. `wide`: ambiguous symbols take two cells."""
        return text.isascii() or all(self._can_char(char, wide) for char in text)

    def _can_char(self, char: str, wide: bool) -> bool:
        size = char_cells(char, cjk=wide)
        if size == 0:
            return False
        if size == ROM_CHAR_BYTES and rom_bytes(char, self._cjk):
            return True
        if size == ROM_CHAR_BYTES and char_cells(char) == ROM_CHAR_BYTES:
            return False
        return self._pages.has(char)

    def encode(self, text: str, *, wide: bool) -> bytes:
        """The bytes of text, with the switches between pages and modes; what it cannot print becomes "?"."""
        if text.isascii():
            return text.encode()
        out = bytearray()
        for char in text:
            if ord(char) <= _ASCII_MAX:
                out.append(ord(char))
            else:
                out += self._encode_char(char, wide)
        return bytes(out)

    def _encode_char(self, char: str, wide: bool) -> bytes:
        size = char_cells(char, cjk=wide)
        rom = rom_bytes(char, self._cjk) if size == ROM_CHAR_BYTES else None
        if rom:
            switch = b"" if self._kanji else KANJI_ON
            self._kanji = True
            return switch + rom
        leave = KANJI_OFF if self._kanji else b""
        self._kanji = False
        # a symbol laid out two cells wide that only a code page has is followed by a space
        return leave + self._pages.encode(char) + b" " * (size - 1)
