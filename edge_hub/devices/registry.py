"""Which drivers are installed, and whether a device's options fit its driver.

Drivers are entry points of the groups `edge_hub.drivers` (devices) and `edge_hub.wallets`, built-in ones through the
same door as anybody's. One that cannot be loaded is unavailable, with the reason, and stops only what names it.

A driver is loaded when it is first asked for: those of the configuration before the hub starts (`daemon.check`), the
others when somebody looks for devices. All of them together were a fifth of the start, and 6 MB.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
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


class Installed(Mapping[str, I], Generic[I]):
    """The drivers that can be loaded, by name. To look one up loads it; to go through or count them loads all.

    Looked at from threads too: at worst one is loaded by two at a time, which is the same driver both times.
    """

    kind: type[I]
    """What an entry point must hold."""

    def __init__(
        self,
        loaded: Mapping[str, I],
        unavailable: Mapping[str, str] | None = None,
        find_points: Callable[[], Iterable[EntryPoint]] = tuple,
    ) -> None:
        """An entry point's name wins over the name its driver gives itself. They are looked for, through everything
        that is installed, when a driver is first asked for: not in a shop without wallets.
        """
        self._loaded: dict[str, I] = dict(loaded)
        self._unavailable = dict(unavailable or {})
        self._find_points = find_points

    @cached_property
    def _points(self) -> dict[str, EntryPoint]:
        """Those that nobody has asked for yet."""
        return {point.name: point for point in self._find_points()}

    @property
    def unavailable(self) -> Mapping[str, str]:
        """The reason for each that cannot be loaded; loads all."""
        self._load_all()
        return self._unavailable

    def __getitem__(self, name: str) -> I:
        if (point := self._points.get(name)) is not None:
            self._load(point)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        self._load_all()
        return iter(self._loaded)

    def __len__(self) -> int:
        self._load_all()
        return len(self._loaded)

    def find(self, name: str) -> I:
        """The driver `name`; raises UnknownDriver with the reason."""
        found = self.get(name)
        if found is not None:
            return found
        if name in self._unavailable:
            template, words = "the driver {driver!r} cannot be loaded: {words}", self._unavailable[name]
            raise at("/driver", "driver", UnknownDriver(template, why="not-loaded", driver=name, words=words))
        template, installed = (
            "there is no driver {driver!r}; installed are: {installed}",
            ", ".join(sorted(self._loaded.keys() | self._points.keys())),
        )
        missing = UnknownDriver(template, why="not-installed", driver=name, installed=installed or "none")
        raise at("/driver", "driver", missing)

    def _load_all(self) -> None:
        for point in tuple(self._points.values()):
            self._load(point)

    def _load(self, point: EntryPoint) -> None:
        found = _load_one(point, self.kind)
        if isinstance(found, str):
            _log.warning("the driver %s is unavailable: %s", point.name, found)
            self._unavailable[point.name] = found
        else:
            self._loaded[point.name] = found
        self._points.pop(point.name, None)


class Drivers(Installed[DriverInfo]):
    """The drivers of devices."""

    kind = DriverInfo


class WalletDrivers(Installed[WalletInfo]):
    """The drivers of wallets."""

    kind = WalletInfo


def load_drivers() -> Drivers:
    """The installed drivers of devices."""
    return Drivers({}, find_points=lambda: entry_points(group=GROUP))


def load_wallet_drivers() -> WalletDrivers:
    """The installed drivers of wallets."""
    return WalletDrivers({}, find_points=lambda: entry_points(group=WALLET_GROUP))


def load(points: Iterable[EntryPoint]) -> Drivers:
    """The drivers of devices behind these entry points."""
    return Drivers({}, find_points=lambda: points)


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
