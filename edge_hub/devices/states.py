"""What the hub knows of a device, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edge_hub.sdk.messages import DrawerState, PrinterStatus


class DeviceState(StrEnum):
    CONNECTING = "connecting"
    """Not reached yet since the hub started."""
    READY = "ready"
    OFFLINE = "offline"
    """The wire is gone or silent; the hub keeps trying."""
    FAULT = "fault"
    """Its driver or its configuration is broken; the hub keeps trying where that can help."""
    DISABLED = "disabled"
    """Not run: switched off in the configuration, or the hub is not running its devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfig:
    """A device as configured (`[[devices]]`); `options` are the driver's, not yet validated."""

    id: str
    driver: str
    url: str
    options: Mapping[str, object] = field(default_factory=dict)
    label: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSnapshot:
    """A device at one moment, as the API shows it. `url` is without secrets, `error_code` "" while all is well."""

    id: str
    label: str
    driver: str
    url: str
    roles: tuple[str, ...]
    state: DeviceState
    since_ms: int
    error_code: str
    error_text: str
    status: PrinterStatus | None
    drawer: DrawerState
    drawer_open_since_ms: int | None
    drawer_alarm: bool
    """It has been open for longer than the store allows."""
    claimed_by: str | None
    simulated: bool
