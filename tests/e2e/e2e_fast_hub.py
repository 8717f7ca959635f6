"""The daemon as a process whose waits are shorter, and on demand with drivers that are wrong: run by the payments'
campaign. The wall clock stays the machine's, since the simulated terminals go by it.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from e2e_pay_nursery import nurse

from edge_hub import logs
from edge_hub.config import load
from edge_hub.daemon import hub
from edge_hub.devices.registry import Drivers, load_drivers, load_wallet_drivers
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.eft.model import EftTerminal, Progress, Request, Result, Verdict
from edge_hub.sdk.errors import DeviceError, DeviceRefused
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport
from edge_hub.services.upkeep import clockwatch

log = logging.getLogger("edge_hub")


class FastClock:
    """All waits are `factor` times shorter."""

    def __init__(self, factor: float) -> None:
        self._factor = factor

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic() * self._factor

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)


class Resending:
    """A driver that takes silence for a lost request: it sends the request again."""

    def __init__(self, inner: EftTerminal) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        try:
            return await self._inner.transact(request, data, progress)
        except DeviceRefused:
            raise
        except DeviceError:
            return await self._inner.transact(request, data, progress)


class Guessing(Resending):
    """A driver that takes silence for a refusal."""

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        try:
            return await self._inner.transact(request, data, progress)
        except DeviceRefused:
            raise
        except DeviceError as error:
            return Result(verdict=Verdict.DECLINED, text=error.detail)


WRONG: dict[str, type[Resending]] = {"resending": Resending, "guessing": Guessing}


def with_doubles(drivers: Drivers, doubles: dict[str, str]) -> Drivers:
    """The drivers, wrong ones in the place of those of these devices."""

    def wrong(info: DriverInfo) -> DriverInfo:
        @asynccontextmanager
        async def opened(context: Context, wire: Transport, options: Any) -> AsyncIterator[Device]:
            async with info.open(context, wire, options) as device:
                terminal = device.role(EFT_TERMINAL)
                if terminal is None or context.device_id not in doubles:
                    yield device
                    return
                double = WRONG[doubles[context.device_id]](terminal)
                yield Device(roles={EFT_TERMINAL: double}, run=device.run)

        return replace(info, open=opened)

    return Drivers({name: wrong(info) for name, info in drivers.items()}, drivers.unavailable)


async def until_told(config_path: Path, factor: float, doubles: dict[str, str]) -> None:
    config = load(config_path)
    logs.setup(config.tables.log.level)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    drivers = with_doubles(load_drivers(), doubles) if doubles else None
    async with hub(config, clock=FastClock(factor), drivers=drivers):
        log.info("ready")
        await told.wait()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path)
    parser.add_argument("--factor", type=float, default=1.0)
    parser.add_argument("--double", action="append", default=[], help="DEVICE=resending or guessing")
    parser.add_argument("--nursery", type=int, help="fork hubs as it is asked for on this socket")
    asked = parser.parse_args()
    os.umask(0o077)
    if asked.nursery is not None:
        tuple(load_drivers()), tuple(load_wallet_drivers())  # loads all of them
        words = nurse(asked.nursery)
        if words is None:
            return 0
        asked = parser.parse_args(words)
    # whatever is said comes into the log that the test reads
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # the two clocks part all the time here, and each time would be journaled
    clockwatch.STEP_MS_MIN = sys.maxsize
    asyncio.run(until_told(asked.config, asked.factor, dict(one.split("=") for one in asked.double)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
