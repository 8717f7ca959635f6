"""A driver on a bench: kept running on a simulator's wire and driven by a manual clock, without the hub."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar, runtime_checkable

from edge_hub.clock import ManualClock
from edge_hub.sdk.driver import Context, Device, DriverInfo, Options, Simulator
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.messages import Message
from edge_hub.sdk.pipe import duplex
from edge_hub.sdk.roles import Role
from edge_hub.sdk.testing.wires import Wire
from edge_hub.sdk.timing import deadline
from edge_hub.sdk.transport import Transport

SETTLE_TURNS = 40
"""Turns of the event loop after which nothing is on its way that does not wait for the clock."""
STEP_S = 0.05
OPEN_LIMIT_S = 60.0
RETRY_S = 1.0

T = TypeVar("T")


async def settle(turns: int = SETTLE_TURNS) -> None:
    """Let everything that can run now run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def until(clock: ManualClock, awaitable: Awaitable[T], *, limit_s: float, step_s: float = STEP_S) -> T:
    """Let time pass until `awaitable` is done; AssertionError when it is not after `limit_s` on the clock."""
    work = asyncio.ensure_future(awaitable)
    try:
        end = clock.monotonic() + limit_s
        await settle()
        while not work.done():
            if clock.monotonic() >= end:
                raise AssertionError(f"still waiting after {limit_s} s")
            await clock.advance(step_s)
        return work.result()
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait([work])


class Wiring:
    """Which wires a device gets: `make` wraps each new connection; all of them go bad and heal together."""

    def __init__(self, make: Callable[[Transport], Wire] = Wire) -> None:
        self.make = make
        self._spoilt = False
        self.wires: list[Wire] = []

    def __call__(self, transport: Transport) -> Wire:
        """Wrap a new connection."""
        wire = self.make(transport)
        if self._spoilt:
            wire.spoil()
        self.wires.append(wire)
        return wire

    def spoil(self) -> None:
        """All wires, and those to come, are now what they are made to be."""
        self._spoilt = True
        for wire in self.wires:
            wire.spoil()

    def heal(self) -> None:
        """All wires, and those to come, are good."""
        self._spoilt = False
        for wire in self.wires:
            wire.heal()


class Rig(Protocol):
    """Where a driver is tested: on the bench, or in the hub."""

    @property
    def clock(self) -> ManualClock: ...

    @property
    def simulator(self) -> Simulator: ...

    @property
    def wiring(self) -> Wiring: ...

    @property
    def said(self) -> list[Message]:
        """What the driver emitted, in order."""
        ...

    def role(self, role: Role[T]) -> T | None:
        """The role's object while the device is ready."""
        ...

    def check(self) -> None:
        """Raise when the driver did what no driver may: crash, or end by itself."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A simulator that does something by itself every now and then: on the clock of whoever tests."""

    sleep: Callable[[float], Awaitable[None]]


def pace(simulator: Simulator, clock: ManualClock) -> None:
    """Have the simulator live by this clock, if it lives by any. For every rig, before its device is opened."""
    if isinstance(simulator, Paced):
        simulator.sleep = clock.sleep


class Bench:
    """A Rig of its own: connects, runs the driver, and connects again when it ends by a DeviceError."""

    def __init__(self, info: DriverInfo, options: Options, wiring: Wiring | None = None) -> None:
        self.info = info
        self.options = options
        self.wiring = wiring or Wiring()
        self.clock = ManualClock()
        self.simulator = info.simulator(options)
        pace(self.simulator, self.clock)
        self.said: list[Message] = []
        self._memory: dict[str, str] = {}
        self._device: Device | None = None
        self._keeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Bench"]:
        """Keep the driver running within the block."""
        self._keeping = asyncio.create_task(self._keep(), name="bench")
        try:
            yield self
        finally:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping

    def role(self, role: Role[T]) -> T | None:
        """The role's object while the device is ready."""
        return self._device.role(role) if self._device is not None else None

    async def until_ready(self, role: Role[T], *, limit_s: float = OPEN_LIMIT_S) -> T:
        """Let time pass until the role can be used; AssertionError when that takes too long."""
        end = self.clock.monotonic() + limit_s
        await settle()
        while (found := self.role(role)) is None:
            self.check()
            if self.clock.monotonic() >= end:
                raise AssertionError(f"not ready after {limit_s} s")
            await self.clock.advance(STEP_S)
        return found

    def check(self) -> None:
        """Raise what the driver may not raise."""
        if self._keeping is not None and self._keeping.done():
            self._keeping.result()

    async def _keep(self) -> None:
        while True:
            with suppress(DeviceError):
                await self._live()
            await self.clock.sleep(RETRY_S)

    async def _live(self) -> None:
        host, plug = duplex(f"sim://{self.info.name}")
        serving = asyncio.create_task(self.simulator.serve(plug), name="simulator")
        try:
            await self._drive(self.wiring(host))
        finally:
            self._device = None
            await host.close()
            await _ended(serving)

    async def _drive(self, transport: Transport) -> None:
        log = logging.getLogger("edge_hub.bench")
        context = Context(device_id="bench", emit=self.said.append, clock=self.clock, log=log, memory=self._memory)
        opening = self.info.open(context, transport, self.options)
        async with deadline(self.clock, OPEN_LIMIT_S):
            device = await opening.__aenter__()
        try:
            self._device = device
            await device.run()
        except BaseException as exc:
            self._device = None
            if not await opening.__aexit__(type(exc), exc, exc.__traceback__):
                raise
        raise AssertionError("the driver's run ended, which it must not")


async def _ended(serving: "asyncio.Task[Any]") -> None:
    """The simulator reads to the end what the host sent, then leaves; one that works on is stopped."""
    for _ in range(SETTLE_TURNS):
        if serving.done():
            break
        await asyncio.sleep(0)
    serving.cancel()
    await asyncio.wait([serving])
    if not serving.cancelled():
        serving.result()
