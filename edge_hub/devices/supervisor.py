"""One device, kept running: connect, run its driver, back off, connect again.

Whatever a driver does wrong - raise anything, hang, end, ignore being cancelled - becomes this device's state and
nobody else's. This is the one place that catches every exception.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from edge_hub.bus import Bus, Wake
from edge_hub.clock import Clock
from edge_hub.devices.backoff import Backoff
from edge_hub.devices.causes import DriverCrash, as_device_error, state_for
from edge_hub.devices.drawer import Drawer
from edge_hub.devices.guard import Guard
from edge_hub.devices.states import DeviceState
from edge_hub.sdk.driver import TORN, Context, Device
from edge_hub.sdk.errors import DeviceError, DeviceFault, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import (
    DrawerChanged,
    DrawerState,
    Message,
    Noted,
    PrinterChanged,
    PrinterStatus,
    Scanned,
    WeightChanged,
)
from edge_hub.sdk.roles import Role
from edge_hub.sdk.timing import done_within
from edge_hub.sdk.transport import Transport

OPEN_LIMIT_S = 30.0
"""Connecting and greeting together."""
STOP_LIMIT_S = 5.0
"""For a driver to tidy up once cancelled; one that takes longer is abandoned."""
CLOSE_LIMIT_S = 10.0
USE_GRACE_S = 1.0
"""For a call under way to learn that its wire is gone, before it is cancelled."""
ABANDONED_MAX = 3
"""Tasks that ignored being cancelled; a driver with that many is not started again before the hub is."""
EMITTED_PENDING_MAX = 256

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What it takes to run one device."""

    device_id: str
    roles: tuple[Role[Any], ...]
    connect: Callable[[], Awaitable[Transport]]
    several: bool = False
    """More than one connection at a time may be opened."""
    open: Callable[[Context, Transport], AbstractAsyncContextManager[Device]]
    """The driver's, with its options."""


class Supervised:
    """A device of the hub. `run` keeps it going until cancelled; everything else may be asked at any time."""

    def __init__(
        self,
        device_id: str,
        plan: Plan | DeviceError | None,
        *,
        clock: Clock,
        bus: Bus,
        backoff: Backoff | None = None,
        topic: str = "device",
    ) -> None:
        """`plan`: how to run it, the reason why it cannot be run, or None when it is switched off. `topic`: of the
        wake-ups that say that it changed.
        """
        self.device_id = device_id
        self.state = DeviceState.DISABLED
        self.since_ms = clock.now_ms()
        self.error: DeviceError | None = None
        self.status: PrinterStatus | None = None
        self.drawer = Drawer(clock)
        self._plan = plan
        self._clock = clock
        self._bus = bus
        self._topic = topic
        self._backoff = backoff or Backoff()
        self._log = logging.getLogger(f"edge_hub.devices.{device_id}")
        self._guards: dict[Role[Any], Any] = {}
        self._memory: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._nudged = asyncio.Event()
        self._abandoned: set[asyncio.Task[Any]] = set()
        self._told: set[DeviceState] = set()
        """What the log knows since the device was last ready."""
        if isinstance(plan, DeviceError):
            self._turn(DeviceState.FAULT, plan)

    # what others may ask

    @property
    def roles(self) -> tuple[str, ...]:
        """Names of the roles its driver fills, whether or not it is ready."""
        return tuple(role.name for role in self._plan.roles) if isinstance(self._plan, Plan) else ()

    def role(self, role: Role[T]) -> T | None:
        """The object filling `role`, only while the device is ready, and for no longer.

        Whatever the driver does in a call, the caller gets a DeviceError: besides the driver's own, DeviceRefused
        when the device is no longer ready, DeviceLost when its run ends under the call, DeviceFault when it crashes.
        """
        return self._guards.get(role)

    def left_torn(self) -> None:
        """The hub's last run may have left a half page on its paper; before the first page of this one."""
        self._memory[TORN] = "the hub ended in the middle of a page"

    async def until_ready(self) -> None:
        """Wait until the device is ready, however long that takes."""
        while self.state is not DeviceState.READY:
            await self._changed.wait()

    # running it

    async def run(self) -> None:
        """Keep the device going; ends only by being cancelled, or at once when there is nothing to run."""
        plan = self._plan
        if not isinstance(plan, Plan):
            return
        self._turn(DeviceState.CONNECTING)
        try:
            while len(self._abandoned) < ABANDONED_MAX:
                # a nudge that comes while a try is ending calls for another
                self._nudged.clear()
                why = await self._live(plan)
                self._turn(state_for(why), why)
                await self._pause(self._backoff.next_s())
            stuck = DeviceFault("the driver hung too often: restart the hub", error_code=ErrorCode.UNRECOVERABLE)
            self._turn(DeviceState.FAULT, stuck)
            await asyncio.get_running_loop().create_future()
        finally:
            if self.state is not DeviceState.FAULT:
                self._turn(DeviceState.DISABLED)

    def nudge(self) -> None:
        """Try again now if it is away."""
        self._nudged.set()

    async def _pause(self, seconds: float) -> None:
        nudged = asyncio.ensure_future(self._nudged.wait())
        try:
            await done_within(self._clock, seconds, nudged)
        finally:
            nudged.cancel()

    async def _live(self, plan: Plan) -> DeviceError:
        """One life of the device, from connecting to its end; the answer says why it ended."""
        life = _Life(self._deliver)
        task = asyncio.create_task(self._drive(plan, life), name=f"driver {self.device_id}")
        try:
            if not await done_within(self._clock, OPEN_LIMIT_S, task, life.opened):
                return DeviceTimeout(f"no answer to the driver's greeting within {OPEN_LIMIT_S:g} s")
            either: list[asyncio.Future[Any]] = [task, life.crashed]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            life.over = True
            self._guards = {}
            await self._end(life, task)
        return life.crashed.result() if life.crashed.done() else _why(task)

    async def _drive(self, plan: Plan, life: "_Life") -> None:
        transport = await plan.connect()
        if life.over:
            await transport.close()
            return
        life.transport = transport
        context = Context(
            device_id=self.device_id,
            emit=life.emit,
            clock=self._clock,
            log=self._log,
            memory=self._memory,
            another=plan.connect if plan.several else None,
        )
        async with plan.open(context, transport) as device:
            if life.over:
                return
            self._guards = {role: Guard(filler, partial(self._watch, life)) for role, filler in device.roles.items()}
            life.ready_at = self._clock.monotonic()
            life.opened.set_result(None)
            self._turn(DeviceState.READY)
            await device.run()

    async def _end(self, life: "_Life", task: "asyncio.Task[None]") -> None:
        """Stop the driver and free the port, whatever the driver thinks of it."""
        if life.ready_at is not None:
            self._backoff.held(self._clock.monotonic() - life.ready_at)
        try:
            if not task.done():
                await self._give_up(task)
            else:
                _retrieve(task)
        finally:
            life.flush()
            life.ended.set_result(None)
            self.status = None
            self.drawer.turn(DrawerState.UNKNOWN)
            if life.transport is not None:
                closing = asyncio.ensure_future(life.transport.close())
                if not await done_within(self._clock, CLOSE_LIMIT_S, closing):
                    await self._give_up(closing)
                elif not closing.cancelled() and (exc := closing.exception()) is not None:
                    self._log.error("%s: closing the port failed", self.device_id, exc_info=exc)

    async def _give_up(self, task: "asyncio.Future[Any]") -> None:
        """Cancel `task`; one that will not end is left behind, remembered and counted."""
        task.cancel()
        if not await done_within(self._clock, STOP_LIMIT_S, task):
            self._log.error("%s: the driver ignores being cancelled", self.device_id)
            if isinstance(task, asyncio.Task):
                self._abandoned.add(task)
                task.add_done_callback(self._abandoned.discard)
            task.add_done_callback(_retrieve)
        else:
            _retrieve(task)

    async def _watch(self, life: "_Life", call: Callable[[], Awaitable[R]]) -> R:
        """One call of a role's method, safe from what the driver may do wrong."""
        if life.over:
            raise DeviceRefused(f"{self.device_id} is not ready")
        work: asyncio.Future[R] = asyncio.ensure_future(_awaited(call))
        either: list[asyncio.Future[Any]] = [work, life.ended]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and not await done_within(self._clock, USE_GRACE_S, work):
                raise DeviceLost(f"{self.device_id}: the connection ended meanwhile")
        finally:
            if not work.done():
                await self._give_up(work)
        if work.cancelled():
            raise DeviceLost(f"{self.device_id}: the driver gave up")
        exc = work.exception()
        if exc is None:
            return work.result()
        fault = as_device_error(exc)
        if isinstance(fault, DriverCrash):
            life.crash(fault)
        raise fault

    # what the driver says

    def _deliver(self, message: Message) -> None:
        match message:
            case Scanned():
                self._bus.publish(Wake(topic="scan", key=self.device_id, value=message))
            case WeightChanged():
                self._bus.publish(Wake(topic="weight", key=self.device_id, value=message))
            case PrinterChanged(status=status):
                self.report(status)
            case DrawerChanged(state=state):
                self._set_drawer(state)
            case Noted(text=text):
                self._log.info("%s: %s", self.device_id, text)

    def report(self, status: PrinterStatus) -> None:
        """Take note of what the printer said of itself."""
        if status != self.status:
            before = self.status.complaint if self.status else None
            if status.complaint != before:
                self.since_ms = self._clock.now_ms()
            self.status = status
            self._publish()
        if status.drawer is not DrawerState.UNKNOWN:
            self._set_drawer(status.drawer)

    def _set_drawer(self, state: DrawerState) -> None:
        if self.drawer.turn(state):
            self._publish()

    def ring_drawer(self) -> bool:
        """Its drawer has been open for too long: everybody shall see. False when that is no news."""
        news = self.drawer.ring()
        if news:
            self._publish()
        return news

    # state

    def _turn(self, state: DeviceState, error: DeviceError | None = None) -> None:
        known, self.error = self.error, error
        if state is not self.state:
            self.state, self.since_ms = state, self._clock.now_ms()
            self._tell(error)
        elif error is None or known is None or error.detail == known.detail:
            return
        self._publish()

    def _tell(self, error: DeviceError | None) -> None:
        """One line when it goes, one when it is back; nothing for each try between."""
        if error is not None and self.state not in self._told:
            self._told.add(self.state)
            crashed = error if isinstance(error, DriverCrash) else None
            self._log.warning("%s is %s: %s", self.device_id, self.state, error.detail, exc_info=crashed)
        elif self.state is DeviceState.READY:
            self._log.info("%s is %s", self.device_id, "back" if self._told else "ready")
            self._told.clear()

    def _publish(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        self._bus.publish(Wake(topic=self._topic, key=self.device_id))


class _Life:
    """One connection of the device, from opening to its end."""

    def __init__(self, deliver: Callable[[Message], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._deliver = deliver
        self._emitted: deque[Message] = deque(maxlen=EMITTED_PENDING_MAX)
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self.crashed: asyncio.Future[DeviceError] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self.transport: Transport | None = None
        self.ready_at: float | None = None
        self.over = False
        """The supervisor has let go of it: a driver that was stuck and comes to itself now comes too late."""

    def emit(self, message: Message) -> None:
        """The driver's `emit`: delivered on the loop's next turn; of a flood, the newest EMITTED_PENDING_MAX."""
        if self.ended.done():
            return
        if not self._emitted:
            self._loop.call_soon(self.flush)
        self._emitted.append(message)

    def flush(self) -> None:
        """Deliver what was emitted."""
        while self._emitted:
            self._deliver(self._emitted.popleft())

    def crash(self, why: DeviceError) -> None:
        """End this life because of what happened in a call."""
        if not self.crashed.done():
            self.crashed.set_result(why)


async def _awaited(call: Callable[[], Awaitable[R]]) -> R:
    return await call()


def _why(task: "asyncio.Task[None]") -> DeviceError:
    if not task.done() or task.cancelled():
        return DeviceFault("the driver stopped without a reason")
    exc = task.exception()
    return as_device_error(exc) if exc is not None else DeviceFault("the driver's run ended, which it must not")


def _retrieve(task: "asyncio.Future[Any]") -> None:
    """Look at a given-up task's end, so that asyncio does not complain that nobody did."""
    with suppress(asyncio.CancelledError):
        task.exception()
