"""The hub as a process: run until told to stop."""

import asyncio
import logging
import os
import signal

from edge_hub import logs, memory, systemd
from edge_hub.config import Config
from edge_hub.daemon.running import hub
from edge_hub.demo import introduce
from edge_hub.errors import EdgeHubError
from edge_hub.journal.spawn import Spawned

log = logging.getLogger("edge_hub")


def run(config: Config, spawned: Spawned | None = None) -> None:
    """Run until SIGTERM or SIGINT, with a writer's process that was started ahead, or one of its own.

    Raises ConfigInvalid or the EdgeHubError that keeps it from running.
    """
    memory.frugal()
    logs.setup(config.tables.log.level)
    os.umask(0o077)
    try:
        asyncio.run(_until_told(config, spawned))
    except* EdgeHubError as group:
        raise _first(group) from group


def _first(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group


async def _until_told(config: Config, spawned: Spawned | None) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with hub(config, spawned=spawned) as running:
        if config.tables.demo is not None:
            await introduce(config, running.services, running.addresses[0])
        memory.settle()
        systemd.notify(ready=1, status=f"serving {running.services.settings.card.name}")
        said = {"addresses": running.addresses, "doors": running.doors, "seq": running.services.journal.head.seq}
        log.info("ready", extra=said)
        await told.wait()
        systemd.notify(stopping=1, status="stopping")
        log.info("stopping")
