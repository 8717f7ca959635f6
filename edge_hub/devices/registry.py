"""Which drivers are installed, and whether a device's options fit its driver.

Drivers are entry points of the groups `edge_hub.drivers` (devices) and `edge_hub.wallets`, built-in ones through the
same door as anybody's. One that cannot be loaded is unavailable, with the reason, and stops only what names it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import to_json

from edge_hub.errors import Invalid, at, shape_fault
from edge_hub.sdk.driver import DriverInfo, Options
from edge_hub.sdk.eft.wallet import WalletInfo

GROUP = "edge_hub.drivers"
WALLET_GROUP = "edge_hub.wallets"

I = TypeVar("I", DriverInfo, WalletInfo)  # noqa: E741  # what an entry point holds

_log = logging.getLogger(__name__)


class UnknownDriver(Invalid):
    """No such driver is installed, or it cannot be loaded."""

    code = "device-driver-unavailable"
    title = "The device's driver is not available."


class BadOptions(Invalid):
    """The device's options do not fit its driver; `faults` names every one."""

    code = "device-options-invalid"
    title = "The device's options are not valid."


@dataclass(frozen=True)
class Installed(Mapping[str, I], Generic[I]):
    """What loaded, by name; `unavailable` gives the reason for each that did not."""

    loaded: Mapping[str, I]
    unavailable: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> I:
        return self.loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.loaded)

    def __len__(self) -> int:
        return len(self.loaded)

    def find(self, name: str) -> I:
        """The driver `name`; raises UnknownDriver with the reason."""
        if name in self.loaded:
            return self.loaded[name]
        if name in self.unavailable:
            template, words = "the driver {driver!r} cannot be loaded: {words}", self.unavailable[name]
            raise at("/driver", "driver", UnknownDriver(template, why="not-loaded", driver=name, words=words))
        template, installed = (
            "there is no driver {driver!r}; installed are: {installed}",
            ", ".join(sorted(self.loaded)),
        )
        missing = UnknownDriver(template, why="not-installed", driver=name, installed=installed or "none")
        raise at("/driver", "driver", missing)


class Drivers(Installed[DriverInfo]):
    """The drivers of devices."""


class WalletDrivers(Installed[WalletInfo]):
    """The drivers of wallets."""


def load_drivers() -> Drivers:
    """Load every installed driver of devices."""
    return load(entry_points(group=GROUP))


def load_wallet_drivers() -> WalletDrivers:
    """Load every installed driver of wallets."""
    return WalletDrivers(*_load(entry_points(group=WALLET_GROUP), WalletInfo))


def load(points: Iterable[EntryPoint]) -> Drivers:
    """Load these entry points; an entry point's name wins over the name its driver gives itself."""
    return Drivers(*_load(points, DriverInfo))


def _load(points: Iterable[EntryPoint], kind: type[I]) -> tuple[dict[str, I], dict[str, str]]:
    loaded: dict[str, I] = {}
    unavailable: dict[str, str] = {}
    for point in points:
        found = _load_one(point, kind)
        if isinstance(found, str):
            _log.warning("the driver %s is unavailable: %s", point.name, found)
            unavailable[point.name] = found
        else:
            loaded[point.name] = found
    return loaded, unavailable


def _load_one(point: EntryPoint, kind: type[I]) -> I | str:
    try:
        found = point.load()
    except Exception as exc:  # noqa: BLE001  # somebody else's module: whatever it does wrong is its own fault state
        return f"{type(exc).__name__}: {exc}"
    if not isinstance(found, kind):
        return f"{point.value} is a {type(found).__name__}, not a {kind.__name__}"
    return found


def validate_options(info: DriverInfo | WalletInfo, options: Mapping[str, object]) -> Options:
    """The driver's options from configuration; raises BadOptions with a fault and pointer for each mistake."""
    try:
        # configuration has no tuples or enums: strict by JSON's rules, which take a list or text for them
        return info.options.model_validate_json(to_json(dict(options)))
    except ValidationError as exc:
        faults = tuple(
            shape_fault(
                "".join(f"/{part}" for part in ("options", *error["loc"])),
                error["type"],
                error["msg"],
                error.get("ctx"),
            )
            for error in exc.errors(include_url=False, include_input=False)
        )
        template = "{count} of the options for {driver} are not valid"
        raise BadOptions(template, why="counted", faults=faults, count=len(faults), driver=info.name) from None
