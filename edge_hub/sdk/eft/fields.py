"""Records of fixed places, as card terminals exchange them: layouts are data, packing and reading one piece of code.

Values are text as on the wire without its padding. Nothing raised here repeats a value: it may be a card number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from edge_hub.sdk.errors import BadFrame, DeviceRefused, ErrorCode

_SPACE = b" "
_PRINTABLE = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True)
class Field:
    """One place in a record; `offset` counts from 0."""

    name: str
    offset: int
    length: int
    kind: Literal["an", "n"] = "an"
    """"an": any text, to the left, filled up with spaces. "n": digits, to the right, filled up with "0"."""
    decimals: int = 0
    """Of an amount: how many of its last digits are behind the point, whatever the currency has."""

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.offset + self.length

    def on_wire(self, amount: int, minor_digits: int) -> str:
        """An amount in minor units of a currency with `minor_digits`, in this field's digits.

        Raises DeviceRefused (ILLEGAL) when it is negative or finer than the field.
        """
        scaled, rest = divmod(amount * 10**self.decimals, 10**minor_digits)
        if rest or amount < 0:
            raise self._refused("cannot carry this amount")
        return str(scaled)

    def amount(self, text: str, minor_digits: int) -> int | None:
        """The amount in minor units, None where the field is blank. BadFrame: no whole number of them."""
        if not text:
            return None
        minor: int
        minor, rest = divmod(int(text) * 10**minor_digits, 10**self.decimals)
        if rest:
            raise BadFrame(f"{self.name}: finer than the currency")
        return minor

    def filled(self, text: str) -> bytes:
        """The text as it stands in the record; "" leaves it blank. DeviceRefused (ILLEGAL): it does not fit."""
        if len(text) > self.length or not all(ord(char) in _PRINTABLE for char in text):
            raise self._refused("does not fit")
        data = text.encode("ascii")
        if self.kind == "an" or not text:
            return data.ljust(self.length, _SPACE)
        if not data.isdigit():
            raise self._refused("takes digits only")
        return data.rjust(self.length, b"0")

    def read(self, data: bytes) -> str:
        """The text in a whole record whose 0x00 are spaces already. Raises BadFrame where a number is none."""
        place = data[self.offset : self.end]
        if self.kind == "an":
            return place.decode("latin-1").rstrip(" ")
        number = place.strip(_SPACE)
        if number and not number.isdigit():
            raise BadFrame(f"{self.name}: not a number")
        return number.decode("ascii")

    def _refused(self, why: str) -> DeviceRefused:
        return DeviceRefused(f"the terminal's field {self.name} {why}", error_code=ErrorCode.ILLEGAL)


class Layout:
    """A record of `size` bytes. Places that no field has are blank."""

    def __init__(self, name: str, size: int, fields: Iterable[Field]) -> None:
        self.name = name
        self.size = size
        self.fields: Mapping[str, Field] = _checked(name, size, tuple(fields))

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def pack(self, values: Mapping[str, str]) -> bytes:
        """The record; fields not named are blank. KeyError: no such field. Raises DeviceRefused (ILLEGAL) for a value
        that its field cannot carry.
        """
        return self.put(_SPACE * self.size, values)

    def put(self, data: bytes, values: Mapping[str, str]) -> bytes:
        """A record with some of its fields replaced. Raises as `pack`."""
        record = bytearray(data)
        for name, value in values.items():
            place = self.fields[name]
            record[place.offset : place.end] = place.filled(value)
        return bytes(record)

    def unpack(self, data: bytes) -> dict[str, str]:
        """Every field of a record, padding of spaces removed, zeros kept; 0x00 counts as space, other bytes that are no
        ASCII come as Latin-1. Raises BadFrame for another length and for numbers that are none.
        """
        if len(data) != self.size:
            raise BadFrame(f"{self.name}: {len(data)} bytes instead of {self.size}")
        data = data.replace(b"\x00", _SPACE)
        return {name: place.read(data) for name, place in self.fields.items()}


def _checked(layout: str, size: int, fields: tuple[Field, ...]) -> dict[str, Field]:
    """Raises ValueError for fields without a length, outside the record, upon each other or of one name."""
    end, before = 0, ""
    for place in sorted(fields, key=lambda one: one.offset):
        if place.length < 1 or place.offset < 0 or place.end > size:
            raise ValueError(f"{layout}: {place.name} is outside the record")
        if place.offset < end:
            raise ValueError(f"{layout}: {place.name} lies upon {before}")
        end, before = place.end, place.name
    named = {place.name: place for place in fields}
    if len(named) != len(fields):
        raise ValueError(f"{layout}: two fields of one name")
    return named
