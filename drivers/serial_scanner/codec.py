"""Bytes of a scanner to codes: cut at the suffix, prefix and AIM identifier taken off.

AIM identifiers: `]`, a letter for the symbology, a modifier (Zebra DS457 p. 401).
"""

from edge_hub.sdk.scanning.codes import (
    CODE_BYTES_MAX,
    Code,
    Frame,
    Unreadable,
    decoded,
    has_foreign_controls,
    split_aim,
)

_TERMINATORS = {"cr": b"\r\n", "lf": b"\r\n", "crlf": b"\r\n", "tab": b"\t", "none": b""}
"""CR, LF and both end a code alike: scanners differ from their settings more than codes hold either."""


class ScanCodec:
    """Holds at most CODE_BYTES_MAX bytes. Never raises."""

    def __init__(self, *, suffix: str = "cr", prefix: str = "", aim: bool = True, encoding: str = "utf-8") -> None:
        self._terminators = _TERMINATORS[suffix]
        self._prefix = prefix
        self._aim = aim
        self._encoding = encoding
        self._held = bytearray()
        self._skipping = False

    @property
    def pending(self) -> bool:
        """Bytes of an unfinished code are held."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Frame]:
        """Codes ended by `data`."""
        frames: list[Frame] = []
        for value in data:
            if value in self._terminators:
                frames.extend(self._end())
                self._skipping = False
            elif not self._skipping:
                self._held.append(value)
                if len(self._held) > CODE_BYTES_MAX:
                    frames.append(self.drop("longer than any code"))
                    # the rest up to the next suffix belongs to it
                    self._skipping = bool(self._terminators)
        return frames

    def idle(self) -> list[Frame]:
        """The line has been quiet: without a suffix that is what ends a code."""
        return self._end() if not self._terminators else []

    def drop(self, why: str) -> Unreadable:
        """Forget the unfinished code."""
        dropped = Unreadable(bytes(self._held[:CODE_BYTES_MAX]), why)
        self._held.clear()
        return dropped

    def _end(self) -> list[Frame]:
        raw = bytes(self._held)
        self._held.clear()
        if not raw:
            return []
        text = decoded(raw, self._encoding)
        if isinstance(text, Unreadable):
            return [text]
        text = text.removeprefix(self._prefix)
        aim, data = split_aim(text) if self._aim else ("", text)
        if not data:
            return []
        if has_foreign_controls(data):
            return [Unreadable(raw, "control characters")]
        return [Code(data, aim)]
