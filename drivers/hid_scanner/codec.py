"""Keys to codes: a scanner in keyboard mode types a code and ends it with Enter or Tab.

What a person could not type is typed in ways of its own: Alt with digits of the keypad (as Windows takes them), Ctrl
with a letter or sign for control characters, F8 for GS (Honeywell, Zebra). The lamp of Caps Lock is another
keyboard's business: only a scanner that presses the key itself, or is set to expect the lamp on, is followed.
"""

import unicodedata

from drivers.hid_scanner import layouts
from drivers.hid_scanner.layouts import LAYOUTS, LayoutName
from edge_hub.sdk.packets import KEYS_LOST, KeyPress
from edge_hub.sdk.scanning.codes import Code, Frame, Unreadable, has_foreign_controls, split_aim

CODE_CHARACTERS_MAX = 7089
"""Digits a QR code can hold; more without a suffix is not a code."""
ALT_DIGITS_MAX = 7
_SHIFTS = {layouts.LEFT_SHIFT, layouts.RIGHT_SHIFT}
_CONTROLS = {layouts.LEFT_CTRL, layouts.RIGHT_CTRL}
_MODIFIERS = _SHIFTS | _CONTROLS | {layouts.LEFT_ALT, layouts.RIGHT_ALT}
_ENDS = {"enter": "\r\n", "tab": "\t", "none": ""}
_FIXED = {
    layouts.ENTER: "\r",
    layouts.KP_ENTER: "\r",
    layouts.TAB: "\t",
    layouts.F8: "\x1d",
    **layouts.KEYPAD,
    **layouts.KEYPAD_SIGNS,
}
"""Keys that say the same in every layout."""


class KeyCodec:
    """Holds at most CODE_CHARACTERS_MAX characters. Never raises."""

    def __init__(
        self,
        *,
        layout: LayoutName = "us",
        suffix: str = "enter",
        prefix: str = "",
        aim: bool = True,
        caps: bool = False,
    ) -> None:
        self._layout = LAYOUTS[layout]
        self._ends = _ENDS[suffix]
        self._prefix = prefix
        self._aim = aim
        self._caps_set = caps
        self._text: list[str] = []
        self._skipping = False
        self._down: set[int] = set()
        self._caps = caps
        self._alt_digits = ""
        self._dead = ""

    @property
    def pending(self) -> bool:
        """Characters of an unfinished code are held, or a key has been down that long."""
        return bool(self._text or self._skipping or self._down or self._dead or self._alt_digits)

    def press(self, press: KeyPress) -> list[Frame]:
        """Codes that this key ended."""
        if press.code == KEYS_LOST:
            return [self.drop("keys were lost on the way")]
        if press.value == 0:
            return self._up(press.code)
        if press.code in _MODIFIERS:
            if press.code == layouts.LEFT_ALT and press.code not in self._down:
                self._alt_digits = ""
            self._down.add(press.code)
            return []
        # a code is typed key by key; a key held down is a person's, or a lost key-up's: repeats say nothing
        return self._type(press.code) if press.value == 1 else []

    def idle(self) -> list[Frame]:
        """Nothing was typed for a while: without a suffix that ends a code, with one it has lost its end."""
        if not self._ends and self._text:
            self._down.clear()
            return self._end()
        return [self.drop("its end never came")] if self.pending else []

    def drop(self, why: str) -> Unreadable:
        """Forget the unfinished code and every key that is down."""
        dropped = Unreadable("".join(self._text), why)
        self._reset()
        self._down.clear()
        return dropped

    def _type(self, key: int) -> list[Frame]:
        if key == layouts.CAPS_LOCK:
            self._caps = not self._caps
            return []
        if key in layouts.KEYPAD and layouts.LEFT_ALT in self._down:
            self._alt_digits = (self._alt_digits + layouts.KEYPAD[key])[:ALT_DIGITS_MAX]
            return []
        fixed = _FIXED.get(key)
        return self._add(fixed) if fixed is not None else self._character(key)

    def _character(self, key: int) -> list[Frame]:
        plain, shifted, third = self._layout.get(key, ("", "", ""))
        if self._down & _CONTROLS and layouts.RIGHT_ALT not in self._down:
            return self._add(_control(key, plain))
        if layouts.RIGHT_ALT in self._down:
            found = third
        else:
            shift = bool(self._down & _SHIFTS)
            if self._caps and plain.isalpha() and len(plain) == 1 and plain.upper() == shifted:
                shift = not shift
            found = shifted if shift else plain
        if not found:
            return []
        if unicodedata.combining(found):
            if not self._dead:
                self._dead = found
                return []
            before, self._dead = self._dead, ""
            found = layouts.STANDING[before] + layouts.STANDING[found]
        return self._add(found)

    def _up(self, key: int) -> list[Frame]:
        self._down.discard(key)
        if key != layouts.LEFT_ALT or not self._alt_digits:
            return []
        digits, self._alt_digits = self._alt_digits, ""
        return self._add(alt_character(digits))

    def _add(self, characters: str) -> list[Frame]:
        frames: list[Frame] = []
        if self._dead:
            dead, self._dead = self._dead, ""
            characters = _joined(dead, characters)
        for character in characters:
            if character in self._ends:
                frames += self._end()
            elif not self._skipping:
                self._text.append(character)
                if len(self._text) > CODE_CHARACTERS_MAX:
                    frames.append(Unreadable("".join(self._text), "longer than any code"))
                    self._text.clear()
                    # the rest up to the next suffix belongs to it
                    self._skipping = True
        return frames

    def _reset(self) -> None:
        self._text.clear()
        self._skipping = False
        self._caps = self._caps_set
        self._dead = self._alt_digits = ""

    def _end(self) -> list[Frame]:
        raw = "".join(self._text)
        self._reset()
        text = raw.removeprefix(self._prefix)
        aim, data = split_aim(text) if self._aim else ("", text)
        if not data:
            return []
        if has_foreign_controls(data):
            return [Unreadable(raw, "control characters")]
        return [Code(data, aim)]


def alt_character(digits: str) -> str:
    """What Alt with these keypad digits types: with a leading 0 Windows-1252, up to 255 code page 437, else Unicode."""
    number = int(digits)
    if number < ord(" "):
        return chr(number)
    if number > _BYTE_MAX:
        return chr(number) if number <= _BMP_MAX and not _SURROGATES[0] <= number <= _SURROGATES[1] else ""
    return bytes((number,)).decode("cp1252" if digits.startswith("0") else "cp437", "replace")


_BYTE_MAX = 255
_BMP_MAX = 0xFFFF
_SURROGATES = (0xD800, 0xDFFF)
_CONTROL_SIGNS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
_CONTROL_KEYS = {26: "\x1b", 43: "\x1c", 27: "\x1d", 7: "\x1e", 12: "\x1f"}
"""Ctrl with [ \\ ] 6 - where those keys are on a US keyboard, whatever the layout says is on them."""


def _control(key: int, plain: str) -> str:
    """The control character of Ctrl with a key (ECMA-48 columns 4 and 5), "" if there is none."""
    if key in _CONTROL_KEYS:
        return _CONTROL_KEYS[key]
    sign = plain.upper()
    return chr(_CONTROL_SIGNS.index(sign)) if len(sign) == 1 and sign in _CONTROL_SIGNS else ""


def _joined(dead: str, characters: str) -> str:
    if characters[:1] == " ":
        return layouts.STANDING[dead] + characters[1:]
    joined = unicodedata.normalize("NFC", characters[:1] + dead)
    return (joined if len(joined) == 1 else layouts.STANDING[dead] + characters[:1]) + characters[1:]
