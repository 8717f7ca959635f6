"""Devices that come and go while the hub runs."""

import asyncio

import pytest

from edge_hub.devices.hub import DeviceConfig, UnknownDevice
from edge_hub.sdk.roles import LINE_DISPLAY


def config(device_id, **more):
    return DeviceConfig(**{"id": device_id, "driver": "toy", "url": f"sim://{device_id}", **more})


async def applied(hub, toy, clock, *configs):
    applying = asyncio.create_task(hub.apply(configs))
    await toy.turns()
    while not applying.done():
        await clock.advance(1.0)
    await applying
    await toy.turns()


async def test_a_new_device_is_ready_and_the_others_go_on(hub_of, toy, clock):
    async with hub_of({}) as hub:
        kept = hub.get("d0")
        await applied(hub, toy, clock, config("d0", label="Till 1"), config("new"))
        assert [one.id for one in hub.snapshots()] == ["d0", "new"]
        assert (hub.get("d0"), hub.simulator("d0").hosts) == (kept, 1)
        assert hub.snapshot("d0").label == "Till 1"
        await hub.get("new").role(LINE_DISPLAY).show(("hello",))
        await toy.turns()
        assert hub.simulator("new").shown == ["hello"]


async def test_a_device_that_goes_is_gone_with_its_claim(hub_of, toy, clock, bus):
    async with hub_of({}, {}) as hub:
        hub.claim("d1", "someone", 60)
        with bus.subscribe("device") as wakes:
            await applied(hub, toy, clock, config("d0"))
            assert "d1" in {(await wakes.get()).key for _ in range(len(wakes._pending))}
        for ask in (hub.get, hub.snapshot, hub.simulator):
            with pytest.raises(UnknownDevice):
                ask("d1")
        await applied(hub, toy, clock, config("d0"), config("d1"))
        assert hub.claimed_by("d1") is None
        assert hub.get("d1").state == "ready"


async def test_a_changed_device_begins_anew_at_its_new_place(hub_of, toy, clock):
    async with hub_of({}) as hub:
        before = hub.get("d0")
        assert hub.ending([config("d0", options={"size": 40})]) == {"d0"}
        await applied(hub, toy, clock, config("d0", options={"size": 40}))
        assert hub.get("d0") is not before
        assert before.state == "disabled"
        assert hub.get("d0").state == "ready"
        await applied(hub, toy, clock, config("d0", url="sim://elsewhere"))
        assert hub.get("d0").state == "ready"
        await applied(hub, toy, clock, config("d0", driver="none"))
        assert hub.get("d0").state == "fault"
        await applied(hub, toy, clock, config("d0"))
        assert hub.get("d0").state == "ready"


async def test_a_simulator_is_free_for_the_other_once_its_device_is_gone(hub_of, toy, clock):
    async with hub_of({}) as hub:
        both = config("d0"), config("d1", url="sim://d0")
        await applied(hub, toy, clock, *both)
        assert [one.state for one in hub.snapshots()] == ["ready", "fault"]
        first = hub.get("d1")
        await applied(hub, toy, clock, *both, config("d2"))
        assert hub.get("d1") is first, "its time has not come"
        await applied(hub, toy, clock, both[1])
        assert hub.get("d1").state == "ready"


async def test_what_cannot_be_changes_nothing(hub_of, clock):
    async with hub_of({}) as hub:
        with pytest.raises(ValueError, match="same id"):
            await hub.apply([config("d0"), config("d0", url="sim://x")])
        with pytest.raises(ValueError, match="more than"):
            await hub.apply([config(f"n{number}") for number in range(200)])
        assert hub.get("d0").state == "ready"


async def test_a_device_plugged_in_is_tried_at_once(hub_of, toy, clock):
    async with hub_of({}) as hub:
        hub.simulator("d0").set_fault("silent", True)
        hub.unplug("d0")
        for _ in range(8):
            await clock.advance(3.0)
        hub.simulator("d0").set_fault("silent", False)
        for _ in range(40):
            if hub.get("d0").state == "offline" and hub.simulator("d0").hosts:
                break
            await clock.advance(0.5)
        hub.nudge()
        await toy.turns()
        await clock.advance(2.1)
        hub.nudge()
        await toy.turns()
        assert hub.get("d0").state == "ready"


async def test_a_hundred_changes_leave_nothing_behind(hub_of, toy, clock):
    async with hub_of({}) as hub:
        before = asyncio.all_tasks()
        for number in range(100):
            await applied(hub, toy, clock, config("d0"), config("guest", options={"size": number}))
            await applied(hub, toy, clock, config("d0"))
        await toy.turns()
        assert asyncio.all_tasks() == before
        assert (set(hub._ports), set(hub._port_of), set(hub._running)) == ({"d0"}, {"d0"}, {"d0"})
