"""A driver: what it is called, which options it takes, how to run it on an open transport."""

import codecs
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from edge_hub.sdk.messages import Message
from edge_hub.sdk.roles import Role
from edge_hub.sdk.transport import Transport

TORN = "torn"
"""In `Context.memory`: the last page may be half on the paper. The driver notes it when its wire is lost in mid-page,
the hub when it was itself ended then; the driver forgets it with the next page that came out whole."""


class Options(BaseModel):
    """Base of a driver's options: unknown keys and wrong types are refused before the hub starts."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise ValueError(f"unknown encoding {name!r}") from error
    return name


Encoding = Annotated[str, AfterValidator(_known_encoding)]
"""An option: a Python codec by name (utf-8, gb18030, cp437)."""


class DriverClock(Protocol):
    """The time a driver may have."""

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that a driver gets of the hub."""

    device_id: str
    emit: Callable[[Message], None]
    """Never waits, never raises."""
    clock: DriverClock
    log: logging.Logger
    memory: MutableMapping[str, str] = field(default_factory=dict)
    """What the driver wants to know when the device is opened again; it survives reconnects, not the hub's restart,
    except TORN, which the hub knows from its jobs."""
    another: Callable[[], Awaitable[Transport]] | None = None
    """Opens one more connection to the same address, for the driver to close; raises DeviceError. None where there is
    only the one wire (serial lines, USB, simulators)."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A running device: the roles it fills, each with the object that does it, and a task that reads its wire.

    `run` ends only by raising (DeviceLost when the wire ends) or by being cancelled.
    """

    roles: Mapping[Role[Any], object]
    run: Callable[[], Awaitable[None]]

    def role(self, role: Role[T]) -> T | None:
        """The object filling `role`, or None."""
        return self.roles.get(role)  # type: ignore[return-value]  # DriverInfo.open pairs key and object


class SimulatorWire(Protocol):
    """The device's end of a transport."""

    async def read(self) -> bytes:
        """At least one byte, or b"" once the host is gone."""
        ...

    async def write(self, data: bytes) -> None: ...


class Simulator(Protocol):
    """The device's side of the wire: one object is one device, surviving reconnects of its host."""

    @property
    def faults(self) -> Mapping[str, str]:
        """Faults that can be switched, each with a line of help ("paper_end": "the roll is empty")."""
        ...

    @property
    def active_faults(self) -> frozenset[str]: ...

    def set_fault(self, name: str, on: bool) -> None:
        """Raises KeyError for a fault it does not have."""
        ...

    def state(self) -> Mapping[str, object]:
        """What a person would see of it, as JSON-ready values.

        The contract tests read: of a printer "texts", the lines of each page cut off, oldest first; of a display
        "lines".
        """
        ...

    def act(self, action: str, value: str) -> None:
        """What a person would do to it ("scan" a code, "close_drawer", "load_paper"). KeyError if it cannot."""
        ...

    def picture(self) -> bytes | None:
        """What it shows or has printed, as PNG; None when it has nothing to show."""
        ...

    async def serve(self, wire: SimulatorWire) -> None:
        """Speak with one host until it leaves."""
        ...


O = TypeVar("O", bound=Options)  # noqa: E741  # the type of a driver's options


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverInfo:
    """A driver's entry point object (`edge_hub.drivers` group; its name is the `driver` key in config)."""

    name: str
    summary: str
    roles: tuple[Role[Any], ...]
    options: type[Options]
    open: Callable[[Context, Transport, Any], AbstractAsyncContextManager[Device]]
    """`open(context, transport, options)`: greet the device, yield it running-ready, tidy up at exit."""
    simulator: Callable[[Any], Simulator]
    """`simulator(options)`: a new simulated device."""
    schemes: tuple[str, ...] = ("tcp", "serial", "file", "sim")
    """URL schemes that make sense for it."""
    serial: Mapping[str, object] = field(default_factory=dict)
    """Default line settings for serial:// (baudrate, bytesize, parity, stopbits), overridable in the URL."""
    serial_by: Callable[[Any], Mapping[str, object]] | None = None
    """Line settings that the options decide (a dialect's), over `serial`."""
    hints: tuple[str, ...] = ()
    """IEEE 1284 `MDL`/`MFG` words or `vid:pid` this driver fits, for proposing it to a found device."""

    def line(self, options: Options) -> Mapping[str, object]:
        """Line settings with these options; the URL's go over them."""
        return {**self.serial, **(self.serial_by(options) if self.serial_by is not None else {})}
