"""A typing scanner without hardware: "scan" a code and its keys come down the wire."""

from collections.abc import Iterator

from drivers.hid_scanner import layouts
from drivers.hid_scanner.codec import CODE_CHARACTERS_MAX
from drivers.hid_scanner.layouts import LAYOUTS, typing
from drivers.hid_scanner.options import KeyScannerOptions
from edge_hub.sdk.packets import KEYS_LOST, KeyPress, pack_keys
from edge_hub.sdk.scanning.simulated import SimulatedScanner

FAULTS = {
    "no_suffix": "the suffix was not configured: codes run into each other",
    "double": "every code is typed twice",
    "lost_keys": "the box was too busy to take all keys of a code",
    "stuck_shift": "the key-up of shift does not arrive",
    "caps_lock": "a Caps Lock key is pressed before the code, as if the lamp had been on",
}
_KEYS = {"shift": layouts.LEFT_SHIFT, "altgr": layouts.RIGHT_ALT, "ctrl": layouts.LEFT_CTRL, "alt": layouts.LEFT_ALT}
_SUFFIXES = {"enter": (layouts.ENTER,), "tab": (layouts.TAB,), "none": ()}
_DIGIT_KEYS = {digit: key for key, digit in layouts.KEYPAD.items()}


class KeyScannerSimulator(SimulatedScanner):
    """One simulated scanner. A symbol holds at most CODE_CHARACTERS_MAX characters: more cannot be scanned."""

    own_faults = FAULTS

    def __init__(self, options: KeyScannerOptions) -> None:
        super().__init__()
        self._options = options
        self._typing = typing(LAYOUTS[options.layout])

    def symbol(self, value: str) -> str:
        return value[:CODE_CHARACTERS_MAX]

    def encode(self, value: str) -> bytes:
        return pack_keys(self._keys(value))

    def _keys(self, value: str) -> list[KeyPress]:
        presses = [press for character in self._options.prefix + value for press in self._character(character)]
        if "caps_lock" in self.active_faults:
            presses = [*_stroke(layouts.CAPS_LOCK), *self._shouted(value)]
        if "stuck_shift" in self.active_faults:
            presses = [press for press in presses if press != KeyPress(layouts.LEFT_SHIFT, 0)]
        if "lost_keys" in self.active_faults:
            presses[len(presses) // 2 :] = [KeyPress(KEYS_LOST, 0)]
        if "no_suffix" not in self.active_faults:
            presses += [press for key in _SUFFIXES[self._options.suffix] for press in _stroke(key)]
        return presses * 2 if "double" in self.active_faults else presses

    def _shouted(self, value: str) -> Iterator[KeyPress]:
        """With Caps Lock on, letters are typed the other way round to come out right."""
        for character in self._options.prefix + value:
            yield from self._character(character.swapcase() if character.isascii() else character)

    def _character(self, character: str) -> Iterator[KeyPress]:
        if self._options.caps and character.isascii():
            character = character.swapcase()
        if character in self._typing:
            key, modifier = self._typing[character]
            yield from _stroke(key, modifier)
        elif character == "\x1d":
            yield from _stroke(layouts.RIGHT_BRACE, "ctrl")
        else:
            digits = [_stroke(_DIGIT_KEYS[digit]) for digit in _alt_digits(character)]
            yield KeyPress(layouts.LEFT_ALT, 1)
            yield from (press for stroke in digits for press in stroke)
            yield KeyPress(layouts.LEFT_ALT, 0)


def _stroke(key: int, modifier: str = "") -> tuple[KeyPress, ...]:
    stroke = (KeyPress(key, 1), KeyPress(key, 0))
    if not modifier:
        return stroke
    return (KeyPress(_KEYS[modifier], 1), *stroke, KeyPress(_KEYS[modifier], 0))


def _alt_digits(character: str) -> str:
    try:
        return f"0{character.encode('cp1252')[0]}"
    except UnicodeEncodeError:
        return f"{ord(character):05}"
