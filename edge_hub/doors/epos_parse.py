"""ePOS-Print XML as programs post it: bounded, without entities, and only what a document of the hub's can say.

Sources: Epson ePOS-Print XML User's Manual (elements and attributes), Server Direct Print manual (printjobid).
"""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn
from xml.parsers import expat

from edge_hub.doors.pictures import bands
from edge_hub.sdk.document import PLAIN, Align, Block, Code, CodeType, Cut, Document, Feed, Style, Text

ELEMENTS_MAX = 5000
DEPTH_MAX = 6
LINE_DOTS = 30
FEED_LINES_MAX = 255
SIZE_MAX = 4
DIGITS_MAX = 10
"""Of a number: 32 bits."""
"""Times as wide or high: what documents know; a greater size becomes this."""
PICTURE_DOTS_MAX = 4_000_000
NAMESPACE = "http://www.epson-pos.com/schemas/2011/03/epos-print"
NAMESPACES = frozenset({NAMESPACE, "http://schemas.xmlsoap.org/soap/envelope/"})
JOB_NAME_CHARACTERS_MAX = 30
_TRUE = {"true": True, "1": True, "false": False, "0": False}
_CODES = {
    "ean13": CodeType.EAN13, "jan13": CodeType.EAN13, "ean8": CodeType.EAN8, "jan8": CodeType.EAN8,
    "code39": CodeType.CODE39, "code128": CodeType.CODE128,
}  # fmt: skip
_QR = frozenset({"qrcode_model_1", "qrcode_model_2"})
_WITHOUT_EFFECT = frozenset({"recovery", "reset", "sound", "layout"})


class SchemaFault(Exception):  # Epson's word for it is SchemaError
    """Not ePOS-Print, or not in a way the hub can print; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one request asks for. Neither page nor pulse: a question after a job (`name`) or after the printer."""

    page: Document | None
    pulses: bool
    name: str
    """printjobid; "" for none."""
    timeout_ms: int | None
    devid: str


@dataclass(slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list["_Element"] = field(default_factory=list)

    def child(self, name: str) -> "_Element | None":
        return next((one for one in self.children if one.name == name), None)


def parse(data: bytes) -> Order:
    """What is asked for. Raises SchemaFault."""
    root = _tree(data)
    body = root.child("Body") if root.name == "Envelope" else None
    printing = root if root.name == "epos-print" else body.child("epos-print") if body else None
    if printing is None:
        raise SchemaFault("no epos-print element")
    header = root.child("Header")
    said = header.child("parameter") if header else None
    values = {one.name: one.text.strip() for one in said.children} if said else {}
    timeout = values.get("timeout", "")
    writer = _Writer()
    for element in printing.children:
        writer.write(element)
    return Order(
        page=writer.document(),
        pulses=writer.pulses,
        name=_name(values.get("printjobid", "")),
        timeout_ms=_number(timeout, 0, 10_000_000) if timeout else None,
        devid=values.get("devid", ""),
    )


def _name(text: str) -> str:
    plain = text.isascii() and all(char.isalnum() or char in "_-." for char in text)
    if len(text) > JOB_NAME_CHARACTERS_MAX or not plain:
        raise SchemaFault("printjobid is 1 to 30 letters, digits, _ - .")
    return text


class _Builder:
    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        self._count += 1
        if self._count > ELEMENTS_MAX or len(self._open) >= DEPTH_MAX:
            raise SchemaFault("too many elements")
        if namespace and namespace not in NAMESPACES:
            raise SchemaFault(f"unknown namespace {namespace}")
        element = _Element(tag, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].text += text


def _refuse(*_: object) -> NoReturn:
    raise SchemaFault("document types and entities are not taken")


def _tree(data: bytes) -> _Element:
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise SchemaFault(f"not XML: {error}") from error
    if builder.root is None:
        raise SchemaFault("no element")
    return builder.root


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX and least <= int(text) <= most):
        raise SchemaFault(f"{text!r} is not a number from {least} to {most}")
    return int(text)


class _Writer:
    """Blocks of a document from elements; styles last until they are changed."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._align = Align.LEFT
        self._style = PLAIN
        self._line: list[tuple[str, Style]] = []
        self._line_align = Align.LEFT
        self.pulses = False

    def write(self, element: _Element) -> None:
        """Add one element. Raises SchemaFault."""
        if element.children:
            raise SchemaFault(f"{element.name} holds elements")
        if element.name in _WITHOUT_EFFECT:
            return
        if element.name == "pulse":
            self.pulses = True
            return
        writers = {
            "text": self._text, "feed": self._feed, "image": self._image, "barcode": self._barcode,
            "symbol": self._symbol, "cut": self._cut,
        }  # fmt: skip
        if element.name not in writers:
            raise SchemaFault(f"the hub cannot print {element.name}")
        writers[element.name](element)

    def document(self) -> Document | None:
        """None when nothing is to be printed."""
        self._end_line()
        return Document(blocks=tuple(self._blocks)) if self._blocks else None

    def _text(self, element: _Element) -> None:
        said = element.attributes
        self._set_align(said)
        changes: dict[str, bool | int] = {}
        for attribute, name in (("em", "bold"), ("ul", "underline"), ("reverse", "invert")):
            if attribute in said:
                changes[name] = _flag(said[attribute])
        for attribute, name in (("dw", "width"), ("dh", "height")):
            if attribute in said:
                changes[name] = 2 if _flag(said[attribute]) else 1
        for name in ("width", "height"):
            if name in said:
                changes[name] = min(_number(said[name], 1, 8), SIZE_MAX)
        self._style = replace(self._style, **changes)  # type: ignore[arg-type]  # named fields of Style
        first, *more = element.text.replace("\r\n", "\n").split("\n")
        self._put(first)
        for text in more:
            self._end_line(always=True)
            self._put(text)

    def _put(self, text: str) -> None:
        if text:
            if not self._line:
                self._line_align = self._align
            self._line.append((text, self._style))

    def _end_line(self, *, always: bool = False) -> None:
        if self._line:
            text = "".join(part for part, _ in self._line)
            style = max(self._line, key=lambda part: len(part[0]))[1]
            self._blocks.append(Text(text=text, align=self._line_align, style=style))
            self._line = []
        elif always:
            self._blocks.append(Feed())

    def _set_align(self, said: Mapping[str, str]) -> None:
        if "align" in said:
            try:
                self._align = Align(said["align"])
            except ValueError as error:
                raise SchemaFault(f"align {said['align']!r}") from error

    def _feed(self, element: _Element) -> None:
        said = element.attributes
        lines = 1 if not said else _number(said.get("line", "0"), 0, FEED_LINES_MAX)
        lines += math.ceil(_number(said.get("unit", "0"), 0, FEED_LINES_MAX) / LINE_DOTS)
        if self._line and lines:
            self._end_line()
            lines -= 1
        if lines:
            self._blocks.append(Feed(lines=lines))

    def _image(self, element: _Element) -> None:
        said = element.attributes
        width, height = _number(said.get("width", ""), 1, 65535), _number(said.get("height", ""), 1, 65535)
        if said.get("mode", "mono") != "mono":
            raise SchemaFault("the hub prints pictures in black and white")
        stride = (width + 7) // 8
        if stride * 8 * height > PICTURE_DOTS_MAX:
            raise SchemaFault("the picture is too large")
        try:
            rows = base64.b64decode("".join(element.text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise SchemaFault("the picture is not base64") from error
        if len(rows) != stride * height:
            raise SchemaFault("the picture is not as large as it says")
        self._set_align(said)
        self._end_line()
        self._blocks += bands(width, height, rows, self._align)

    def _barcode(self, element: _Element) -> None:
        said = element.attributes
        kind = _CODES.get(said.get("type", ""))
        if kind is None:
            raise SchemaFault(f"the hub cannot print bar codes of type {said.get('type', '')!r}")
        data = element.text.strip()
        if kind is CodeType.CODE128:
            data = data.removeprefix("{B").replace("{{", "{")
        self._set_align(said)
        self._end_line()
        self._blocks.append(
            Code(
                type=kind,
                data=data,
                align=self._align,
                module=_number(said.get("width", "3"), 2, 6),
                height=max(1, _number(said.get("height", "162"), 0, 255)),
                text_below=said.get("hri", "none") != "none",
            )
        )

    def _symbol(self, element: _Element) -> None:
        said = element.attributes
        if said.get("type") not in _QR:
            raise SchemaFault(f"the hub cannot print symbols of type {said.get('type', '')!r}")
        self._set_align(said)
        self._end_line()
        module = min(_number(said.get("width", "3"), 0, 255), 16)
        self._blocks.append(Code(type=CodeType.QR, data=element.text.strip(), align=self._align, module=module))

    def _cut(self, _: _Element) -> None:
        self._end_line()
        self._blocks.append(Cut())


def _flag(text: str) -> bool:
    if text not in _TRUE:
        raise SchemaFault(f"{text!r} is neither true nor false")
    return _TRUE[text]
