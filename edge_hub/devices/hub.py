"""All devices of the shop: who runs, who holds what, what state everything is in."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from edge_hub.bus import Bus, Wake
from edge_hub.clock import Clock
from edge_hub.devices.backoff import Backoff
from edge_hub.devices.causes import as_device_error
from edge_hub.devices.claims import Claim, Claims
from edge_hub.devices.registry import Drivers, validate_options
from edge_hub.devices.states import DeviceConfig, DeviceSnapshot, DeviceState
from edge_hub.devices.supervisor import Plan, Supervised
from edge_hub.devices.transports import (
    NETWORK_SCHEMES,
    DeviceUrl,
    SimPort,
    bad_url,
    check_url,
    open_transport,
    other_scheme,
    public_url,
)
from edge_hub.errors import EdgeHubError, NotFound
from edge_hub.sdk.driver import Context, Device, DriverInfo, Options, Simulator
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.roles import EFT_TERMINAL, LABEL_PRINTER, POS_PRINTER
from edge_hub.sdk.transport import Transport

__all__ = ["Connect", "DeviceConfig", "DeviceHealth", "DeviceHub", "DeviceSnapshot", "DeviceState", "UnknownDevice"]

DEVICES_MAX = 128
LEASE_LOOK_S = 1.0
"""How late at most others learn that a lease taken in the meantime has ended; the claim itself ends on time."""


class UnknownDevice(NotFound):
    """No device of that id is configured."""

    code = "device-not-found"
    title = "There is no such device."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceHealth:
    """How many devices there are in all, and which of those that should work do not."""

    total: int
    ready: int
    troubled: tuple[str, ...]


class Connect:
    """How the hub opens wires; tests put bad ones between."""

    async def __call__(
        self, config: DeviceConfig, info: DriverInfo, *, clock: Clock, simulators: Mapping[str, SimPort]
    ) -> Transport:
        return await open_transport(config.url, clock=clock, simulators=simulators, serial_defaults=info.serial)


class DeviceHub:
    """Runs a supervisor for each configured device; nothing in here ends because a device does."""

    def __init__(
        self,
        configs: Sequence[DeviceConfig],
        drivers: Mapping[str, DriverInfo],
        *,
        clock: Clock,
        bus: Bus,
        connect: Connect | None = None,
        backoff: type[Backoff] = Backoff,
    ) -> None:
        """Raises ValueError for two devices of one id or more than DEVICES_MAX."""
        _check(configs)
        self._configs = {config.id: config for config in configs}
        self._clock = clock
        self._bus = bus
        self._connect = connect or Connect()
        self._claims = Claims(clock)
        self._claimed = asyncio.Event()
        self._ports: dict[str, SimPort] = {}
        self._port_of: dict[str, SimPort] = {}
        self._terminals: dict[str, str] = {}
        """Card terminals by their address: with two names it would be two to everybody who looks whether it is free."""
        self._kept_out: dict[str, str] = {}
        """Devices that cannot be run because another one, which holds their address, is there; and that one."""
        self._drivers = drivers if isinstance(drivers, Drivers) else Drivers(drivers)
        self._backoff = backoff
        self._devices = {config.id: self._supervised(config) for config in configs}
        self._group: asyncio.TaskGroup | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._applying = asyncio.Lock()

    async def run(self) -> None:
        """Run all devices until cancelled; then stop them side by side, each within its own limits."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for device_id in self._devices:
                    self._start(device_id)
                group.create_task(self._end_leases(), name="device leases")
        finally:
            self._group = None
            for port in self._ports.values():
                await port.close()

    async def apply(self, configs: Sequence[DeviceConfig]) -> None:
        """Have these devices from now on: those that stay as they are go on undisturbed, the others end within their
        limits before they begin anew. Raises ValueError as the constructor does, before anything changes.
        """
        _check(configs)
        wanted = {config.id: config for config in configs}
        async with self._applying:
            ending = self.ending(configs)
            await asyncio.gather(*(self._stop(device_id) for device_id in ending))
            before, self._configs = self._configs, wanted
            for device_id in before.keys() - wanted.keys():
                del self._devices[device_id]
            for device_id, config in wanted.items():
                if device_id in ending or device_id not in before:
                    self._devices[device_id] = self._supervised(config)
                    self._start(device_id)
            for device_id in before.keys() | wanted.keys():
                if before.get(device_id) != wanted.get(device_id):
                    self._publish(device_id)

    def ending(self, configs: Sequence[DeviceConfig]) -> frozenset[str]:
        """Which devices `apply` would end: those that go, and those that begin anew. With a device that held the
        address of others, these: one of them can have it.
        """
        wanted = {config.id: config for config in configs}
        ending = {one for one, config in self._configs.items() if not _stays(config, wanted.get(one))}
        return frozenset(ending | {one for one, holder in self._kept_out.items() if holder in ending})

    def nudge(self) -> None:
        """Something was plugged in: devices that are away are tried again at once."""
        for device in self._devices.values():
            device.nudge()

    @property
    def configs(self) -> tuple[DeviceConfig, ...]:
        """The devices as configured now."""
        return tuple(self._configs.values())

    def _supervised(self, config: DeviceConfig) -> Supervised:
        plan = self._plan(config, self._drivers)
        return Supervised(config.id, plan, clock=self._clock, bus=self._bus, backoff=self._backoff())

    def _start(self, device_id: str) -> None:
        if self._group is not None:
            running = self._group.create_task(self._devices[device_id].run(), name=f"supervise {device_id}")
            self._running[device_id] = running

    async def _stop(self, device_id: str) -> None:
        running = self._running.pop(device_id, None)
        if running is not None:
            running.cancel()
            await asyncio.wait({running})
        if (owner := self._claims.owner(device_id)) is not None:
            self._claims.release(device_id, owner)
        self._terminals = {place: one for place, one in self._terminals.items() if one != device_id}
        self._kept_out.pop(device_id, None)
        port = self._port_of.pop(device_id, None)
        if port is not None:
            self._ports = {name: one for name, one in self._ports.items() if one is not port}
            await port.close()

    def get(self, device_id: str) -> Supervised:
        """The running device; raises UnknownDevice."""
        self._known(device_id)
        return self._devices[device_id]

    def each(self) -> tuple[Supervised, ...]:
        """All running devices, in the order of the configuration."""
        return tuple(self._devices[device_id] for device_id in self._configs)

    def snapshot(self, device_id: str) -> DeviceSnapshot:
        """The device at this moment; raises UnknownDevice."""
        config, device = self._known(device_id), self._devices[device_id]
        error_code, error_text = _complaint(device)
        return DeviceSnapshot(
            id=config.id,
            label=config.label or config.id,
            driver=config.driver,
            url=public_url(config.url),
            roles=device.roles,
            state=device.state,
            since_ms=device.since_ms,
            error_code=error_code,
            error_text=error_text,
            status=device.status,
            drawer=device.drawer.state,
            drawer_open_since_ms=device.drawer.open_since_ms,
            drawer_alarm=device.drawer.alarm,
            claimed_by=self._claims.owner(device_id),
            simulated=device_id in self._port_of,
        )

    def snapshots(self) -> tuple[DeviceSnapshot, ...]:
        """All devices, in the order of the configuration."""
        return tuple(self.snapshot(device_id) for device_id in self._configs)

    def health(self) -> DeviceHealth:
        """For health checks and metrics; asks no device."""
        wanted = [device for device in self._devices.values() if device.state is not DeviceState.DISABLED]
        troubled = tuple(device.device_id for device in wanted if device.state is not DeviceState.READY)
        return DeviceHealth(total=len(self._devices), ready=len(wanted) - len(troubled), troubled=troubled)

    async def probe(self, device_id: str) -> DeviceSnapshot:
        """Ask a printer for its status now; any other device is as it last said. Raises DeviceError, UnknownDevice."""
        device = self.get(device_id)
        printer = device.role(POS_PRINTER) or device.role(LABEL_PRINTER)
        if printer is not None:
            device.report(await printer.status())
        return self.snapshot(device_id)

    def simulator(self, device_id: str) -> Simulator | None:
        """The simulated device behind a sim:// URL; raises UnknownDevice."""
        self._known(device_id)
        port = self._port_of.get(device_id)
        return port.simulator if port is not None else None

    def unplug(self, device_id: str) -> None:
        """Pull a simulated device's cable; raises UnknownDevice. Real ones have to be pulled by hand."""
        self._known(device_id)
        if device_id in self._port_of:
            self._port_of[device_id].unplug()

    def claim(self, device_id: str, owner: str, lease_s: float) -> Claim:
        """Take a device for `owner`, or extend its claim. Raises Claimed, BadLease, UnknownDevice."""
        self._known(device_id)
        claim = self._claims.claim(device_id, owner, lease_s)
        self._claimed.set()
        self._publish(device_id)
        return claim

    def release(self, device_id: str, owner: str) -> None:
        """Give a device back; no matter if it was not held. Raises Claimed when another holds it, UnknownDevice."""
        self._known(device_id)
        if self._claims.release(device_id, owner):
            self._publish(device_id)

    def owner_gone(self, owner: str) -> None:
        """The owner went away: all that it holds is free a little later, unless it is back by then."""
        self._claims.gone(owner)

    def owner_back(self, owner: str) -> None:
        """The owner is here again."""
        self._claims.back(owner)

    def claimed_by(self, device_id: str) -> str | None:
        """Who holds the device now."""
        return self._claims.owner(device_id)

    def _plan(self, config: DeviceConfig, drivers: Drivers) -> Plan | DeviceError | None:
        """How to run a device, or why that cannot be: a wrong entry costs its device, not the shop."""
        try:
            info = drivers.find(config.driver)
            options = validate_options(info, config.options)
            info = replace(info, serial=info.line(options))
            where = check_url(config.url, serial_defaults=info.serial)
            if where.scheme not in info.schemes:
                raise other_scheme(info.name, info.schemes, where)
            if where.scheme == "sim":
                self._add_simulator(config, where.name, info, options)
        except (EdgeHubError, DeviceError) as exc:
            return as_device_error(exc)
        if not config.enabled:
            return None
        if EFT_TERMINAL in info.roles and self._terminals.setdefault(_place(where), config.id) != config.id:
            other = self._kept_out[config.id] = self._terminals[_place(where)]
            return as_device_error(
                bad_url("terminal", "the card terminal {other} is at this address", why="terminal-taken", other=other)
            )

        async def connect() -> Transport:
            return await self._connect(config, info, clock=self._clock, simulators=self._ports)

        def opened(context: Context, transport: Transport) -> AbstractAsyncContextManager[Device]:
            return info.open(context, transport, options)

        several = where.scheme in NETWORK_SCHEMES
        return Plan(device_id=config.id, roles=info.roles, connect=connect, open=opened, several=several)

    def _add_simulator(self, config: DeviceConfig, name: str, info: DriverInfo, options: Options) -> None:
        if name in self._ports:
            self._kept_out[config.id] = next(one for one, port in self._port_of.items() if port is self._ports[name])
            raise bad_url("simulator", "another device is already at sim://{name}", why="simulator-taken", name=name)
        try:
            simulator = info.simulator(options)
        except Exception as exc:  # a driver's code: its crash is its device's fault state
            raise as_device_error(exc) from exc
        self._ports[name] = self._port_of[config.id] = SimPort(name, simulator, self._clock)

    async def _end_leases(self) -> None:
        while True:
            ends = self._claims.next_end()
            if ends is None:
                self._claimed.clear()
                await self._claimed.wait()
                continue
            await self._clock.sleep(min(LEASE_LOOK_S, max(0.0, ends - self._clock.monotonic())))
            for device_id in self._claims.expire():
                self._publish(device_id)

    def _known(self, device_id: str) -> DeviceConfig:
        if device_id not in self._configs:
            raise UnknownDevice("there is no device {device!r}", why="named", device=device_id)
        return self._configs[device_id]

    def _publish(self, device_id: str) -> None:
        self._bus.publish(Wake(topic="device", key=device_id))


def _complaint(device: Supervised) -> tuple[str, str]:
    """What keeps the device from working: that it is away, or what a reachable printer says of itself."""
    if device.error is not None:
        return device.error.error_code, device.error.detail
    return (device.status and device.status.complaint) or ("", "")


def _place(where: DeviceUrl) -> str:
    """The same for two URLs of one wire, as far as they show it."""
    if where.scheme in NETWORK_SCHEMES:
        return f"{where.name.lower()}:{where.port}"
    return f"{where.public} {where.options.get('path', '')}"  # the port it is plugged into, of USB devices all alike


def _check(configs: Sequence[DeviceConfig]) -> None:
    if len({config.id for config in configs}) != len(configs):
        raise ValueError("two devices have the same id")
    if len(configs) > DEVICES_MAX:
        raise ValueError(f"more than {DEVICES_MAX} devices")


def _stays(before: DeviceConfig, now: DeviceConfig | None) -> bool:
    """Whether nothing that its driver knows of has changed; a label is for people."""
    return now is not None and replace(now, label=before.label) == before
