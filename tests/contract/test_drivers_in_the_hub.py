"""The same contract with the hub around the driver: its supervisor reconnects, its simulator port changes hosts."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from edge_hub.bus import Bus
from edge_hub.clock import ManualClock
from edge_hub.devices.hub import Connect, DeviceConfig, DeviceHub
from edge_hub.devices.registry import load_drivers
from edge_hub.sdk.messages import Scanned
from edge_hub.sdk.testing import WIRES, Wiring, hold_role, pace, settle

DRIVERS = load_drivers()
EVERY_DAY = {
    "whole", "one-byte", "torn-1", "delayed", "lossy-0", "very-lossy", "garbage-0", "unplugged-0", "unplugged-3",
    "unplugged-40", "unplugged-200", "half-open",
}  # fmt: skip
"""Of the wires that every driver is held to on the bench; here the others are for campaigns."""


class Wired(Connect):
    """The hub's own wires with the wiring's between."""

    def __init__(self, wiring):
        self._wiring = wiring

    async def __call__(self, config, info, *, clock, simulators):
        return self._wiring(await super().__call__(config, info, clock=clock, simulators=simulators))


class HubRig:
    def __init__(self, info, kind):
        self.clock = ManualClock()
        self.wiring = Wiring(lambda inner: kind.make(inner, self.clock))
        self.said = []
        self._bus = Bus()
        config = DeviceConfig(id="it", driver=info.name, url="sim://it")
        self.hub = DeviceHub([config], {info.name: info}, clock=self.clock, bus=self._bus, connect=Wired(self.wiring))
        self.simulator = self.hub.simulator("it")
        pace(self.simulator, self.clock)
        self._device = self.hub.get("it")

    def role(self, role):
        return self._device.role(role)

    def check(self):
        assert self._device.state != "fault", self.hub.snapshot("it").error_text

    async def _listen(self):
        with self._bus.subscribe("scan") as scans:
            async for wake in scans:
                assert isinstance(wake.value, Scanned)
                self.said.append(wake.value)

    @asynccontextmanager
    async def running(self):
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self.hub.run())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            while not all(task.done() for task in tasks):
                await self.clock.advance(1.0)
            for task in tasks:
                with pytest.raises(asyncio.CancelledError):
                    await task


@pytest.mark.parametrize("early", [False, True], ids=["from-ready", "from-start"])
@pytest.mark.parametrize(
    "kind",
    [pytest.param(one, marks=() if one.name in EVERY_DAY else pytest.mark.campaign, id=one.name) for one in WIRES],
)
@pytest.mark.parametrize("name", sorted(DRIVERS))
async def test_contract(name, kind, early):
    before = asyncio.all_tasks()
    info = DRIVERS[name]
    for role in info.roles:
        async with HubRig(info, kind).running() as rig:
            await hold_role(rig, role.name, kind, early=early)
    await settle()
    assert asyncio.all_tasks() == before
