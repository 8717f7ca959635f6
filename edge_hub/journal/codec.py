"""Frozen dataclasses to msgpack and back: strict, positional, compiled once for each class from its annotations.

Wire form: a dataclass is an array of its fields in order; StrEnum its value; a tuple an array; Mapping[str, str] a
map with sorted keys; None nil; a member of a union of dataclasses is [class name, fields...]. Integers are in
msgpack's shortest form, so equal values have equal bytes. Types are checked on both sides: what cannot be read back is
never written. A field may be added at the end of a class if it has a default; older, shorter arrays get the default.
For events any other change of shape is a new version (see `upcaster`).

Kinds of field: str, int, bool, bytes, NewType of str, StrEnum, frozen dataclass, X | None, union of dataclasses,
tuple[X, ...], tuple[X, Y], Mapping[str, str].
"""

import base64
import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import msgpack

from edge_hub.domain.events import EVENT_NAMES, EVENT_TYPES, Event
from edge_hub.errors import Damaged, EdgeHubError

T = TypeVar("T")
_Function = Callable[[Any], Any]
_Form = Callable[[str], str]
_Forms = tuple[_Form, _Form, _Form]
"""Expressions over a variable: to the wire, from the wire, to plain values."""
_PRIMITIVES: dict[type, str] = {str: "str", int: "int", bool: "bool", bytes: "bytes"}
_ROUND_MAX = 64
"""Upcasters that may follow one another before a loop is suspected."""


class CodecError(TypeError):
    """A value does not fit its own annotations: a fault in the code that made it."""


class BadBytes(Damaged):
    """Stored bytes do not decode as what they are said to be."""

    code = "bad-bytes"
    title = "A stored record cannot be read."


def encode(value: Any) -> bytes:
    """The bytes of a frozen dataclass. Raises CodecError for a value of a wrong type."""
    try:
        return _pack(_coder(type(value)).wire(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise CodecError(f"{type(value).__name__}: {error}") from error


def decode(cls: type[T], data: bytes) -> T:
    """The dataclass that `encode` made `data` from. Raises BadBytes."""
    try:
        return typing.cast("T", _coder(cls).value(msgpack.unpackb(data, use_list=False, strict_map_key=True)))
    except (TypeError, ValueError, KeyError, EdgeHubError, msgpack.exceptions.UnpackException) as error:
        raise BadBytes(f"{cls.__name__} cannot be read: {error}") from error


def to_plain(value: Any) -> dict[str, Any]:
    """As JSON-ready values: Money {"minor", "currency"}, bytes as base64, members of a union with their "kind"."""
    return typing.cast("dict[str, Any]", _coder(type(value)).plain(value))


def shape(cls: type) -> str:
    """The class's wire form as text: what must not change under an event's name and version."""
    return _coder(cls).shape


def encode_event(event: Event) -> tuple[str, int, bytes]:
    """(wire name, version, body) of an event."""
    name, version = EVENT_NAMES[type(event)]
    return name, version, encode(event)


def decode_event(name: str, version: int, body: bytes) -> Event:
    """The event, brought to the newest version by the upcasters. Raises BadBytes."""
    try:
        cls = EVENT_TYPES[name, version]
    except KeyError:
        raise BadBytes(f"{name} version {version} is not known to this edge-hub", type=name, version=version) from None
    event: Event = decode(cls, body)
    for _ in range(_ROUND_MAX):
        upcast = _UPCASTERS.get(type(event))
        if upcast is None:
            return event
        event = upcast(event)
    raise BadBytes(f"{name}: its upcasters go round in a circle")


_UPCASTERS: dict[type[Event], Callable[[Any], Event]] = {}
Old = TypeVar("Old", bound=Event)


def upcaster(old: type[Old]) -> Callable[[Callable[[Old], Event]], Callable[[Old], Event]]:
    """Register how an event of an old version becomes one of the next.

    The old class stays registered under its name and version (`@event("x.done", 1) class XDone1`), so old bytes
    decode strictly before they are changed.
    """

    def register(function: Callable[[Old], Event]) -> Callable[[Old], Event]:
        if old in _UPCASTERS:
            raise ValueError(f"{old.__name__} has an upcaster already")
        _UPCASTERS[old] = function
        return function

    return register


_pack: Callable[[Any], bytes] = msgpack.Packer(use_bin_type=True, autoreset=True).pack


class _Coder:
    """One class's three compiled functions."""

    __slots__ = ("plain", "shape", "value", "wire")

    def __init__(self, wire: _Function, value: _Function, plain: _Function, text: str) -> None:
        self.wire, self.value, self.plain, self.shape = wire, value, plain, text


_CODERS: dict[type, _Coder] = {}


def _coder(cls: type) -> _Coder:
    try:
        return _CODERS[cls]
    except KeyError:
        return _compile(cls)


def _bad(value: object, wanted: str) -> typing.NoReturn:
    raise TypeError(f"{wanted} wanted, not {type(value).__name__}")


def _fit(values: object, cls: type, defaults: tuple[Any, ...]) -> tuple[Any, ...]:
    """Fill a shorter array, written before its last fields existed, with their (wire form) defaults."""
    if type(values) is not tuple:
        _bad(values, "array")
    missing = len(dataclasses.fields(cls)) - len(values)
    if not 0 < missing <= len(defaults):
        raise ValueError(f"{cls.__name__} has {len(dataclasses.fields(cls))} fields, not {len(values)}")
    return values + defaults[len(defaults) - missing :]


def _wire_defaults(cls: type) -> tuple[Any, ...]:
    """Wire forms of the defaults of the last fields, as far back as each has one."""
    found: list[Any] = []
    hints = typing.get_type_hints(cls)
    for field in reversed(dataclasses.fields(cls)):
        if field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        else:
            break
        part = _Part(hints[field.name])
        scope = dict(part.scope)
        packed = eval(part.wire("v"), scope, {"v": value})  # noqa: S307  # our own generated expression
        found.append(msgpack.unpackb(_pack(packed), use_list=False))
    return tuple(reversed(found))


def _compile(cls: type) -> _Coder:
    """Write, compile and keep the functions of one dataclass (and, on the way, those of its fields' classes)."""
    if not (dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen):  # type: ignore[attr-defined]  # of a dataclass
        raise CodecError(f"{cls.__name__} is not a frozen dataclass")
    hints = typing.get_type_hints(cls)
    parts = [(field.name, _Part(hints[field.name])) for field in dataclasses.fields(cls)]
    scope: dict[str, Any] = {"_cls": cls, "_bad": _bad, "_fit": _fit, "_defaults": _wire_defaults(cls)}
    for _, part in parts:
        scope.update(part.scope)
    names = [f"_v{index}" for index in range(len(parts))]
    unpack = f"({', '.join(names)}{',' if names else ''}) = v" if names else "pass"
    source = "\n".join(
        [
            "def wire(o):",
            f" if type(o) is not _cls: _bad(o, {cls.__name__!r})",
            *(f" {v} = o.{name}" for v, (name, _) in zip(names, parts, strict=True)),
            f" return [{', '.join(part.wire(v) for v, (_, part) in zip(names, parts, strict=True))}]",
            "def value(v):",
            f" if type(v) is not tuple or len(v) != {len(parts)}: v = _fit(v, _cls, _defaults)",
            f" {unpack}",
            " return _cls("
            + ", ".join(f"{name}={part.value(v)}" for v, (name, part) in zip(names, parts, strict=True))
            + ")",
            "def plain(o):",
            " return {" + ", ".join(f"{name!r}: {part.plain('o.' + name)}" for name, part in parts) + "}",
        ]
    )
    exec(compile(source, f"<codec of {cls.__name__}>", "exec"), scope)  # noqa: S102  # our own text, made of annotations
    text = f"{cls.__name__}({', '.join(f'{name}: {part.shape}' for name, part in parts)})"
    coder = _Coder(scope["wire"], scope["value"], scope["plain"], text)
    _CODERS[cls] = coder
    return coder


class _Part:
    """How a value of one annotation is written, read and shown: templates of expressions over a variable."""

    def __init__(self, hint: Any) -> None:
        self.scope: dict[str, Any] = {"_bad": _bad}
        self.shape = ""
        self._forms = self._make(hint)

    def wire(self, v: str) -> str:
        return self._forms[0](v)

    def value(self, v: str) -> str:
        return self._forms[1](v)

    def plain(self, v: str) -> str:
        return self._forms[2](v)

    def _name(self, kind: str, thing: object) -> str:
        name = f"_{kind}_{id(thing)}"
        self.scope[name] = thing
        return name

    def _make(self, hint: Any) -> _Forms:
        while isinstance(hint, typing.NewType):
            hint = hint.__supertype__
        origin = typing.get_origin(hint)
        if hint in _PRIMITIVES:
            return self._primitive(hint)
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return self._enum(hint)
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            return self._nested(hint)
        if origin in (typing.Union, types.UnionType):
            return self._union(typing.get_args(hint))
        if origin is tuple:
            return self._tuple(typing.get_args(hint))
        if origin is Mapping or origin is dict:
            return self._mapping(typing.get_args(hint))
        raise CodecError(f"no codec for a field of type {hint!r}")

    def _primitive(self, kind: type) -> _Forms:
        name = self.shape = _PRIMITIVES[kind]

        def checked(v: str) -> str:
            return f"({v} if type({v}) is {name} else _bad({v}, {name!r}))"

        def shown(v: str) -> str:
            return v if kind is not bytes else f"_b64({v})"

        self.scope["_b64"] = _base64
        return checked, checked, shown

    def _enum(self, kind: type[StrEnum]) -> _Forms:
        self.shape = f"enum {kind.__name__}"
        cls, members = self._name("enum", kind), self._name("members", {member.value: member for member in kind})
        return (
            lambda v: f"({v}._value_ if type({v}) is {cls} else _bad({v}, {kind.__name__!r}))",
            lambda v: f"{members}[{v}]",
            lambda v: f"{v}._value_",
        )

    def _nested(self, kind: type) -> _Forms:
        coder = _coder(kind)
        self.shape = coder.shape
        wire, value, plain = (
            self._name("wire", coder.wire),
            self._name("value", coder.value),
            self._name("plain", coder.plain),
        )
        return lambda v: f"{wire}({v})", lambda v: f"{value}({v})", lambda v: f"{plain}({v})"

    def _union(self, options: tuple[Any, ...]) -> _Forms:
        rest = tuple(option for option in options if option is not type(None))
        if len(rest) == 1:
            forms, inner = self._make(rest[0]), self.shape
        else:
            forms, inner = self._tagged(rest), self.shape
        if len(rest) == len(options):
            return forms
        self.shape = f"{inner} | None"
        wire, value, plain = forms
        return _or_none(wire), _or_none(value), _or_none(plain)

    def _tagged(self, kinds: tuple[Any, ...]) -> _Forms:
        coders = {kind: _coder(kind) for kind in kinds}
        text = self.shape = " | ".join(coder.shape for coder in coders.values())
        names = {kind.__name__: coder for kind, coder in coders.items()}

        def wire(value: Any) -> list[Any]:
            kind = type(value)
            if kind not in coders:
                _bad(value, text)
            return [kind.__name__, *coders[kind].wire(value)]

        def value(values: Any) -> Any:
            if type(values) is not tuple or not values:
                _bad(values, "tagged array")
            return names[values[0]].value(values[1:])

        def plain(value: Any) -> dict[str, Any]:
            return {"kind": type(value).__name__, **coders[type(value)].plain(value)}

        return _call(self._name("wire", wire)), _call(self._name("value", value)), _call(self._name("plain", plain))

    def _tuple(self, arguments: tuple[Any, ...]) -> _Forms:
        self.scope["_tuple"] = tuple
        if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004  # tuple[X, ...]
            wire, value, plain = (_each(form) for form in self._make(arguments[0]))
            self.shape = f"[{self.shape}, ...]"
            check = " if type({v}) is _tuple else _bad({v}, 'array')"
            return _guarded(wire, check), _guarded(lambda v: f"_tuple({value(v)})", check), plain
        made, shapes = [], []
        for argument in arguments:
            made.append(self._make(argument))
            shapes.append(self.shape)
        self.shape = f"[{', '.join(shapes)}]"
        wire, value, plain = (_items([forms[n] for forms in made]) for n in range(3))
        length = len(arguments)
        check = f" if type({{v}}) is _tuple and len({{v}}) == {length} else _bad({{v}}, 'array of {length}')"
        return _guarded(wire, check), _guarded(value, check), plain

    def _mapping(self, arguments: tuple[Any, ...]) -> _Forms:
        if arguments != (str, str):
            raise CodecError("a mapping must be Mapping[str, str]")
        self.shape = "{str: str}"
        wire, value = self._name("wire", _wire_mapping), self._name("value", _value_mapping)
        return _call(wire), _call(value), lambda v: f"dict({v})"


def _call(function: str) -> _Form:
    return lambda v: f"{function}({v})"


def _or_none(form: _Form) -> _Form:
    return lambda v: f"(None if {v} is None else {form(v)})"


def _each(form: _Form) -> _Form:
    return lambda v: f"[{form('_e')} for _e in {v}]"


def _items(forms: list[_Form]) -> _Form:
    return lambda v: "(" + ", ".join(form(f"{v}[{index}]") for index, form in enumerate(forms)) + ",)"


def _guarded(form: _Form, check: str) -> _Form:
    return lambda v: f"({form(v)}{check.format(v=v)})"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _wire_mapping(value: Mapping[str, str]) -> dict[str, str]:
    if not all(type(item) is str for pair in value.items() for item in pair):
        _bad(value, "mapping of text to text")
    return {key: value[key] for key in sorted(value)}


def _value_mapping(value: object) -> dict[str, str]:
    if type(value) is not dict:
        _bad(value, "map")
    return _wire_mapping(value)
