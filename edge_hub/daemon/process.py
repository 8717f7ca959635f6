"""The hub as a process: run until told to stop."""

import asyncio
import logging
import os
import signal
import sys
import time
from typing import NoReturn

from edge_hub import logs, memory, systemd
from edge_hub.config import Config, load
from edge_hub.daemon.check import check_devices
from edge_hub.daemon.running import hub
from edge_hub.demo import introduce, stand_in_the_shop
from edge_hub.errors import EdgeHubError, Unavailable
from edge_hub.journal.spawn import Spawned

log = logging.getLogger("edge_hub")


def run(config: Config, spawned: Spawned | None = None, *, again: tuple[str, ...] = ()) -> None:
    """Run until SIGTERM or SIGINT, with a writer's process that was started ahead, or one of its own.

    With `again`, the command that started this process, a restart can be asked for: this process then becomes that
    command, with the same arguments and environment, and keeps its number. Raises ConfigInvalid or the EdgeHubError
    that keeps it from running.
    """
    logs.setup(config.tables.log.level)
    os.umask(0o077)
    stand_in_the_shop(config)
    try:
        anew = asyncio.run(_until_told(config, spawned, again))
    except* EdgeHubError as group:
        raise _first(group) from group
    if anew:
        _become(again)


def _become(command: tuple[str, ...]) -> NoReturn:
    """Nothing of this run is left: its files are closed, and sockets are not handed on."""
    sys.stdout.flush()
    sys.stderr.flush()
    systemd.notify(watchdog=1)
    try:
        os.execv(command[0], command)  # noqa: S606  # the command this process was started by
    except OSError as error:
        raise Unavailable(f"it cannot start anew: {command[0]}: {error.strerror}") from error


def _first(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group


async def _until_told(config: Config, spawned: Spawned | None, again: tuple[str, ...]) -> bool:
    """Whether to start anew; whoever tells it to stop in the middle of that means it."""
    told, stopped = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with hub(config, spawned=spawned) as running:
        if again:
            running.restarts.enable(told.set, lambda: _would_start(config, again))
        if config.tables.demo is not None:
            await introduce(config, running.services, running.addresses[0])
        memory.settle()
        systemd.notify(ready=1, status=f"serving {running.services.settings.card.name}")
        said = {"addresses": running.addresses, "doors": running.doors, "seq": running.services.journal.head.seq}
        log.info("ready", extra=said)
        await told.wait()
        _tell_stop(anew=running.restarts.under_way and not stopped.is_set())
    anew = running.restarts.under_way and not stopped.is_set()
    if anew:
        await running.restarts.left()
    return anew and not stopped.is_set()


def _tell_stop(*, anew: bool) -> None:
    """A restart in place is to systemd what a daemon does that reads its configuration again: after STOPPING=1 it would
    wait for this process to end.
    """
    if anew:
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        systemd.notify(reloading=1, monotonic_usec=now_us, watchdog=1, status="starting anew")
    else:
        systemd.notify(stopping=1, status="stopping")
    log.info("stopping")


def _would_start(config: Config, again: tuple[str, ...]) -> None:
    """Raises ConfigInvalid or Unavailable where a new start would not come to a hub."""
    if not os.access(again[0], os.X_OK):
        raise Unavailable(f"{again[0]} is not there")
    check_devices(load(config.files[0]))
