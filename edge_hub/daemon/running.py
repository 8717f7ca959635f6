"""A whole hub: everything built, started and, in stages, stopped again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from edge_hub import __version__, logs
from edge_hub.bus import Bus
from edge_hub.clock import Clock, SystemClock
from edge_hub.config import Config
from edge_hub.daemon.background import core_tasks, finish
from edge_hub.daemon.building import Known, build_adoption, build_lanes, build_services
from edge_hub.daemon.check import check_devices
from edge_hub.daemon.serving import announcer, base_url, hub_id, make_tls, serve
from edge_hub.demo import seed_demo
from edge_hub.devices.registry import Drivers, WalletDrivers
from edge_hub.journal.journal import Journal
from edge_hub.journal.spawn import Spawned
from edge_hub.services.adoption.live import LiveDevices
from edge_hub.services.container import HubInfo, Services
from edge_hub.services.printing.lanes import Lanes
from edge_hub.services.restart import Restarts

FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHub:
    """A hub that answers: its services and where it listens."""

    services: Services
    addresses: tuple[tuple[str, int], ...]
    """TCP (host, port) in the order of `network.listen`; with TLS, its addresses follow."""
    jobs: Lanes
    restarts: Restarts
    doors: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """(host, port) of each door for other programs, by its id."""


@asynccontextmanager
async def hub(
    config: Config,
    *,
    clock: Clock | None = None,
    drivers: Drivers | None = None,
    wallets: WalletDrivers | None = None,
    spawned: Spawned | None = None,
) -> AsyncIterator[RunningHub]:
    """A whole hub while the block runs. A core task that fails cancels the block and raises."""
    clock = clock or SystemClock()
    known = Known(*check_devices(config, drivers, wallets))
    data = config.path(config.tables.paths.data)
    data.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    runtime = config.path(config.tables.paths.runtime)
    runtime.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    bus = Bus()
    async with AsyncExitStack() as stack:
        tail = stack.enter_context(logs.LogTail(clock.now_ms()).following())
        journal = await stack.enter_async_context(
            Journal.open(config.journal_path, settings=config.store_settings(), clock=clock, bus=bus, spawned=spawned)
        )
        core = await stack.enter_async_context(asyncio.TaskGroup())
        info = HubInfo(id=hub_id(data, clock), version=__version__, demo=config.tables.demo is not None)
        tls = (
            await asyncio.to_thread(make_tls, config, data, info.id, clock) if config.tables.network.tls_port else None
        )
        if tls is not None:
            info = replace(info, certificate_fingerprint=tls.ca_fingerprint, ca_pem=tls.ca_pem.decode("ascii"))
        services = build_services(
            config,
            known,
            journal=journal,
            bus=bus,
            clock=clock,
            info=replace(info, base_url=base_url(config, info.id)),
            tail=tail,
        )
        live = LiveDevices(services.devices, known.drivers)
        services = replace(services, adoption=build_adoption(config, known, services.devices, live, clock))
        restarts = Restarts(services, data)
        services = replace(services, restarts=restarts)
        await services.catalogue.finish_import()
        await seed_demo(config, services)
        lanes = live.lanes = build_lanes(services, known.drivers, config)
        background = core_tasks(config, services)
        if tls is not None:
            background["certificate"] = tls.run
        for name, work in background.items():
            stack.callback(core.create_task(work(), name=name).cancel)
        working = (
            core.create_task(lanes.run(), name="jobs"),
            core.create_task(services.payments.run(), name="payments"),
        )
        stack.push_async_callback(finish, lanes, services.payments, working, clock)
        addresses = await serve(config, services, runtime, tls, stack)
        doors: Mapping[str, tuple[str, int]] = {}
        if config.tables.doors:
            from edge_hub.doors.opening import open_doors  # noqa: PLC0415  # its memory, only where there are doors

            doors = await stack.enter_async_context(open_doors(config, services))
        if config.tables.network.mdns:
            announcing = announcer(config, services, addresses, clock)
            stack.callback(core.create_task(announcing.run(), name="announcement").cancel)
        await restarts.ready()
        yield RunningHub(services=services, addresses=tuple(addresses), jobs=lanes, restarts=restarts, doors=doors)
