"""From plain input to typed values, or every fault at once with its JSON pointer (RFC 6901)."""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from multidict import MultiMapping
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from edge_hub.errors import Fault, Invalid, shape_fault

FAULTS_MAX = 50
"""Reported at once; a body with more is wrong all over."""
M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """Base of request bodies: nothing converted, nothing unknown, nothing changed later."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Query(BaseModel):
    """Base of query strings: text becomes what a field asks for, unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")


def _whole(value: object) -> object:
    if isinstance(value, str) and not _WHOLE.match(value):
        raise ValueError("is not a whole number")
    return value


WholeText = BeforeValidator(_whole)
"""A query's number is plain digits: no sign, blank, dot or underscore that another reader might take otherwise."""


def body(model: type[M], raw: bytes, plain: Any) -> M:
    """Validate JSON bytes; `plain` is the same, parsed, to point into. Raises Invalid."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise Invalid(faults=faults(error.errors(include_url=False, include_input=False), plain)) from None


def query(model: type[M], given: MultiMapping[str]) -> M:
    """Validate a query string; a name given twice is a fault unless its field is a tuple. Raises Invalid."""
    plain: dict[str, Any] = {}
    repeated: list[Fault] = []
    for name in given:
        if name in plain:
            continue
        field = model.model_fields.get(name)
        values = given.getall(name)
        if field is not None and str(field.annotation).startswith("tuple["):
            plain[name] = tuple(values)
        else:
            plain[name] = values[0]
            if len(values) > 1:
                repeated.append(Fault(pointer=f"/{escape(name)}", code="duplicate", message="is given twice"))
    try:
        found = model.model_validate(plain)
    except ValidationError as error:
        listed = faults(error.errors(include_url=False, include_input=False), plain)
        raise Invalid(faults=(*repeated, *listed)) from None
    if repeated:
        raise Invalid(faults=tuple(repeated))
    return found


def faults(errors: Sequence[ErrorDetails], plain: Any) -> tuple[Fault, ...]:
    """The errors of a validation as faults."""
    found = [
        shape_fault(pointer(item["loc"], plain), item["type"], _message(item), item.get("ctx"))
        for item in errors[:FAULTS_MAX]
    ]
    # A list whose items are at fault is called too short as well, for the items that were dropped: that is no fault.
    return tuple(
        fault
        for fault in found
        if fault.code != "too_short" or not any(other.pointer.startswith(f"{fault.pointer}/") for other in found)
    )


def _message(item: ErrorDetails) -> str:
    text = item["msg"].removeprefix("Value error, ")
    return text if len(text) <= _MESSAGE_CHARACTERS_MAX else text[:_MESSAGE_CHARACTERS_MAX] + "…"


_MESSAGE_CHARACTERS_MAX = 200


def pointer(loc: Sequence[str | int], plain: Any) -> str:
    """The JSON pointer of a pydantic location: names of union branches, which are in no document, are left out."""
    parts: list[str] = []
    here = plain
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(here, dict) and isinstance(part, str):
            if part not in here and not last:
                continue
            parts.append(escape(part))
            here = here.get(part)
        elif isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            parts.append(str(part))
            here = here[part]
    return "".join(f"/{part}" for part in parts)


def escape(part: str) -> str:
    """One reference token of a JSON pointer."""
    return part.replace("~", "~0").replace("/", "~1")
