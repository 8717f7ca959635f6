"""The demo shop as a process whose waits are shorter, and whose slow bank takes as long as the test likes: what a
test looks at in the middle of a payment stays while it looks, and no terminal's time limit is waited for.
"""

import asyncio
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from edge_hub.clock import SystemClock
from edge_hub.config import load
from edge_hub.daemon import hub, process
from edge_hub.devices.registry import Drivers, load_drivers
from edge_hub.sdk.driver import DriverInfo
from edge_hub.sdk.eft.bank import SLOW_HOST, SLOW_HOST_S
from edge_hub.services.upkeep import clockwatch

FACTOR = 8.0
"""A terminal's acknowledgement (5 s) has time enough with it, also on a busy machine."""


class QuickClock(SystemClock):
    """All waits are FACTOR times shorter; the wall clock is the machine's."""

    def monotonic(self) -> float:
        return time.monotonic() * FACTOR

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / FACTOR)


def patient(simulator: Any) -> Any:
    """The simulator by that clock. Whoever waits for a slow host has its answer when the fault is switched, off or on
    again: then the next one waits.
    """
    switched = [asyncio.Event()]
    switch = simulator.set_fault

    def set_fault(name: str, on: bool) -> None:
        switch(name, on)
        if name == SLOW_HOST:
            switched.pop().set()
            switched.append(asyncio.Event())

    async def sleep(seconds: float) -> None:
        if seconds >= SLOW_HOST_S and SLOW_HOST in simulator.active_faults:
            await switched[0].wait()
        else:
            await asyncio.sleep(seconds / FACTOR)

    if hasattr(simulator, "sleep"):
        simulator.sleep, simulator.set_fault = sleep, set_fault
    return simulator


def quick_drivers() -> Drivers:
    def quick(info: DriverInfo) -> DriverInfo:
        return replace(info, simulator=lambda options: patient(info.simulator(options)))

    found = load_drivers()
    return Drivers({name: quick(info) for name, info in found.items()}, found.unavailable)


if __name__ == "__main__":
    clockwatch.STEP_MS_MIN = sys.maxsize  # the two clocks part all the time here, and each time would be journaled
    vars(process)["hub"] = partial(hub, clock=QuickClock(), drivers=quick_drivers())
    process.run(load(Path(sys.argv[1])))
