"""What runs beside the answers, and how what is in hand is brought to its end when the hub stops."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from edge_hub import systemd
from edge_hub.clock import Clock
from edge_hub.config import Config
from edge_hub.devices.inventory.hotplug import HotPlug
from edge_hub.domain.ids import DeviceId
from edge_hub.errors import Limited
from edge_hub.journal.journal import Journal
from edge_hub.services.container import Services
from edge_hub.services.display import CustomerDisplays
from edge_hub.services.drawers import DrawerWatch
from edge_hub.services.payments.service import Payments
from edge_hub.services.printing.lanes import Lanes
from edge_hub.services.upkeep.clockwatch import ClockWatch
from edge_hub.services.upkeep.housekeeping import Backups, Forgetting

WATCHDOG_ANSWER_S = 10.0
"""The writer must answer within this, or the watchdog is not fed."""
JOBS_STOP_S = 8.0
"""For the job in hand to come to its end when the hub stops; after that it is unknown at the next start."""
PAYMENTS_STOP_S = 8.0
"""The same for payments at a terminal: after that the next start asks what became of them."""

log = logging.getLogger("edge_hub")


def core_tasks(config: Config, services: Services) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
    """What runs for as long as the hub does, by name; one that fails ends the hub."""
    journal, clock = services.journal, services.clock
    displays = {till.id: DeviceId(till.display) for till in services.settings.tills if till.display}
    tasks: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
        "journal": journal.run,
        "access": services.access.run,
        "devices": services.devices.run,
        "wallets": services.wallets.run,
        "drills": services.drills.run,
        "hot-plug": HotPlug(services.devices.nudge, clock).run,
        "customer displays": CustomerDisplays(services, displays).run,
        "drawers": DrawerWatch(services).run,
        "clock watch": ClockWatch(journal, clock).run,
        "housekeeping": Forgetting(journal, clock, services.printing.prune).run,
        "backups": _backups(config, journal, clock).run,
        "watchdog": _Watchdog(journal, clock).run,
    }
    if config.tables.email is not None:
        from edge_hub.outbox import sender  # noqa: PLC0415  # its memory, only where mail is sent

        tasks["outbox"] = sender(config, config.tables.email, services).run
    return tasks


def _backups(config: Config, journal: Journal, clock: Clock) -> Backups:
    return Backups(
        journal=journal.path,
        folder=config.path(config.tables.paths.backups),
        schedule=config.tables.backup.schedule,
        timezone=config.tables.store.timezone,
        keep=config.tables.backup.keep,
        clock=clock,
    )


async def finish(
    lanes: Lanes, payments: Payments, tasks: "tuple[asyncio.Task[None], asyncio.Task[None]]", clock: Clock
) -> None:
    """Let what is in hand come to its end, jobs and payments (their tasks in this order) side by side; what is cut off
    here is unknown at the next start, never repeated.
    """
    lanes.stop()
    payments.wind_down()
    jobs, charges = tasks
    await asyncio.gather(_ended(jobs, JOBS_STOP_S, clock), _ended(charges, PAYMENTS_STOP_S, clock))


async def _ended(working: "asyncio.Task[None]", limit_s: float, clock: Clock) -> None:
    limit = asyncio.ensure_future(clock.sleep(limit_s))
    await asyncio.wait({working, limit}, return_when=asyncio.FIRST_COMPLETED)
    limit.cancel()
    working.cancel()


class _Watchdog:
    """Feeds systemd's watchdog only while both the loop and the writer answer."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    async def run(self) -> None:
        period = systemd.watchdog_period_s()
        if period is None:
            return
        while True:
            try:
                async with asyncio.timeout(WATCHDOG_ANSWER_S):
                    await self._journal.ping()
            except TimeoutError:
                log.error("the journal's writer has not answered for %s s", WATCHDOG_ANSWER_S)  # noqa: TRY400  # nothing failed here: no traceback would tell more
            except Limited:
                log.warning("the journal's writer has more waiting than it takes; asking again in %s s", period)
            else:
                systemd.notify(watchdog=1)
            await self._clock.sleep(period)
