"""Found and adopted devices."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from edge_hub.api.schemas.common import Line, doc
from edge_hub.api.validate import Body
from edge_hub.devices.inventory import Found

DeviceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[a-z]+://[^\s\x00-\x1f\x7f]+$", max_length=512)]
Label = Annotated[Line, Field(max_length=64)]
OptionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
OptionKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
OptionText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0a-\x1f\x7f]*$", max_length=512)]
OptionNumber = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
OptionShare = Annotated[float, Field(ge=-1e15, le=1e15)]
OptionValue = (
    bool
    | OptionNumber
    | OptionShare
    | OptionText
    | Annotated[tuple[OptionText, ...], Field(max_length=64)]
    | Annotated[tuple[OptionNumber, ...], Field(max_length=64)]
    | Annotated[dict[OptionKey, OptionNumber], Field(max_length=64)]
)
Options = Annotated[dict[OptionName, OptionValue], Field(max_length=64)]


class SearchBody(Body):
    network: bool = True
    """Listen for network printers that announce themselves, and ask Epson's."""
    knock: bool = False
    """Try port 9100 of every address of the hub's own networks (the /24 around each); up to 30 s."""


class AdoptBody(Body):
    id: DeviceName
    driver: DeviceName
    url: Address
    label: Label = ""
    options: Options = Field(default_factory=dict)


class ChangeDeviceBody(Body):
    driver: DeviceName | None = None
    url: Address | None = None
    label: Label | None = None
    options: Options | None = None


@doc
class FoundDoc(TypedDict):
    kind: Literal["usb", "serial", "hid", "keyboard", "network"]
    url: str
    name: str
    drivers: list[str]
    serial: str
    path: str
    in_use: str


@doc
class FoundsDoc(TypedDict):
    found: list[FoundDoc]


def found(value: Found) -> FoundDoc:
    return {
        "kind": value.kind,
        "url": value.url,
        "name": value.name,
        "drivers": list(value.drivers),
        "serial": value.serial,
        "path": value.path,
        "in_use": value.in_use,
    }


def device_table(body: AdoptBody) -> dict[str, Any]:
    """The body as a `[[devices]]` table: what is empty is left out."""
    table: dict[str, Any] = {"id": body.id, "driver": body.driver, "url": body.url}
    return table | _extras(body)


def changes(body: ChangeDeviceBody) -> dict[str, Any]:
    """What of a `[[devices]]` table changes."""
    named = {"driver": body.driver, "url": body.url, "label": body.label}
    options = {} if body.options is None else {"options": _plain(body.options)}
    return {key: value for key, value in named.items() if value is not None} | options


def _extras(body: AdoptBody) -> dict[str, Any]:
    label = {"label": body.label} if body.label else {}
    return label | ({"options": _plain(body.options)} if body.options else {})


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}
