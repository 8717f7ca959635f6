"""Characters to the bytes of a printer's single-byte fonts, for printers that switch between code pages by number."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

NO_CHARACTER = b"?"


@lru_cache(maxsize=32)
def page_table(page: str) -> Mapping[str, int]:
    """Character to byte, for the upper half of a code page."""
    table: dict[str, int] = {}
    for value in range(0x80, 0x100):
        char = bytes((value,)).decode(page, "ignore")
        if char and char.isprintable():
            table[char] = value
    return table


class CodePages:
    """Remembers which page the printer is in while a document is written."""

    def __init__(self, pages: Sequence[str], numbers: Mapping[str, int], select: bytes) -> None:
        """`numbers`: of each page; `select`: the command that switches to one, up to its number."""
        self._tables = [(page, numbers[page], page_table(page)) for page in pages]
        self._select = select
        self._page: str | None = None

    def reset(self) -> None:
        """It is not known any more which page the printer is in."""
        self._page = None

    def has(self, char: str) -> bool:
        """Whether a page holds the character."""
        return char <= "\x7f" or any(char in table for _, _, table in self._tables)

    def encode(self, char: str) -> bytes:
        """One character beyond ASCII, by the page the printer is in if that holds it; NO_CHARACTER if none does."""
        for page, number, table in sorted(self._tables, key=lambda entry: entry[0] != self._page):
            if char in table:
                switch = b"" if page == self._page else self._select + bytes((number,))
                self._page = page
                return switch + bytes((table[char],))
        return NO_CHARACTER
