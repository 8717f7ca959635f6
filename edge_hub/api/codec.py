"""Bytes to plain values and back: JSON and MessagePack, chosen by Content-Type and Accept (RFC 9110, 12.5.1).

What two readers could read in two ways (a key given twice, NaN, a broken character) is refused here, before validation.
"""

import json
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgpack
from pydantic_core import PydanticSerializationError, to_json

from edge_hub.api.problem import NotAcceptable, UnsupportedMedia
from edge_hub.errors import Fault, Invalid

JSON = "application/json"
MSGPACK = "application/msgpack"
HEADER_KINDS_MAX = 256
"""Distinct Accept and Content-Type headers whose reading is remembered."""
ACCEPT_RANGES_MAX = 32
MSGPACK_ITEMS_MAX = 100_000
"""Elements of one list or map."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _Twice(counts.most_common(1)[0][0])
    return found


class _Twice(ValueError):
    """A member was given twice."""


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_LOADS: Callable[[str], Any] = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant).decode


def not_readable(what: str, code: str = "syntax") -> Invalid:
    """A body that cannot be read at all."""
    return Invalid(faults=(Fault(pointer="", code=code, message=what),))


def read_json(body: bytes) -> Any:
    """Parse UTF-8 JSON strictly (RFC 8259, names unique). Raises Invalid."""
    try:
        return _LOADS(body.decode())
    except UnicodeDecodeError:
        raise not_readable("is not UTF-8 text", "encoding") from None
    except _Twice as twice:
        raise not_readable(f"has the member {str(twice)[:64]!r} twice", "duplicate") from None
    except RecursionError:
        raise not_readable("is nested too deeply", "depth") from None
    except ValueError:
        raise not_readable("is not JSON") from None


def _no_ext(code: int, _data: bytes) -> None:
    raise ValueError(f"extension type {code}")


def read_msgpack(body: bytes) -> tuple[Any, bytes]:
    """Parse MessagePack as strictly; the value, and the JSON that means the same. Raises Invalid."""
    try:
        value = msgpack.unpackb(
            body,
            raw=False,
            object_pairs_hook=_pairs,
            ext_hook=_no_ext,
            timestamp=0,
            max_array_len=MSGPACK_ITEMS_MAX,
            max_map_len=MSGPACK_ITEMS_MAX,
        )
        return value, to_json(value, bytes_mode="base64", inf_nan_mode="constants")
    except _Twice as twice:
        raise not_readable(f"has the member {str(twice)[:64]!r} twice", "duplicate") from None
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException, PydanticSerializationError):
        raise not_readable("is not MessagePack") from None


@lru_cache(HEADER_KINDS_MAX)
def media_of(content_type: str) -> str:
    """The media type of a body: JSON or MSGPACK. Raises UnsupportedMedia."""
    essence, *parameters = (part.strip().lower() for part in content_type.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in {"utf-8", "utf8", ""}:
            raise UnsupportedMedia(accepted="utf-8")
    if essence == JSON:
        return JSON
    if essence in {MSGPACK, "application/x-msgpack", "application/vnd.msgpack"}:
        return MSGPACK
    raise UnsupportedMedia(accepted=f"{JSON}, {MSGPACK}")


@lru_cache(HEADER_KINDS_MAX)
def negotiate(accept: str, offered: tuple[str, ...]) -> str:
    """The best of `offered` (our preference first) for an Accept header. Raises NotAcceptable."""
    if not accept.strip():
        return offered[0]
    ranges = [_range(item) for item in accept.split(",")[:ACCEPT_RANGES_MAX]]
    best, best_quality = "", 0.0
    for media in offered:
        quality = _quality(media, ranges)
        if quality > best_quality:
            best, best_quality = media, quality
    if not best:
        raise NotAcceptable(offered=", ".join(offered))
    return best


def _range(item: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in item.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return media, 0.0
            return media, quality if 0 <= quality <= 1 else 0.0
    return media, 1.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """The most specific range that fits decides (RFC 9110, 12.5.1)."""
    family = media.partition("/")[0] + "/*"
    for wanted in (media, family, "*/*"):
        fitting = [quality for name, quality in ranges if name == wanted]
        if fitting:
            return max(fitting)
    return 0.0


def write(value: Any, media: str) -> bytes:
    """Encode an answer made of plain values."""
    if media == MSGPACK:
        return bytes(msgpack.packb(value))
    return to_json(value)
