"""What drivers share of a wire: who is woken, what a lost one says, how long a write may take, how tasks end."""

import asyncio

import pytest

from edge_hub.clock import ManualClock
from edge_hub.sdk.errors import DeviceLost, DeviceTimeout
from edge_hub.sdk.pipe import PIPE_BYTES_MAX, duplex
from edge_hub.sdk.tasks import beside, end, until_one_ends
from edge_hub.sdk.wire import Arrivals, write_within


async def test_all_who_wait_are_woken_and_one_who_leaves_disturbs_nobody(toy):
    arrivals = Arrivals(ManualClock())
    waiting = [asyncio.create_task(arrivals.within(5)) for _ in range(3)]
    await toy.turns()
    waiting[0].cancel()
    await toy.turns()
    assert not waiting[1].done()
    arrivals.came()
    assert await asyncio.gather(*waiting[1:]) == [True, True]


async def test_what_came_before_wakes_nobody(toy):
    clock = ManualClock()
    arrivals = Arrivals(clock)
    arrivals.came()
    waiting = asyncio.create_task(arrivals.within(5))
    await toy.turns()
    assert not waiting.done()
    await clock.advance(5)
    assert await waiting is False


async def test_a_lost_wire_wakes_and_then_refuses_to_wait(toy):
    host, device = duplex()
    arrivals = Arrivals(ManualClock())

    async def read():
        with arrivals.until_lost():
            while True:
                await host.read()

    waiting = asyncio.create_task(arrivals.within(5))
    async with beside(read(), name="read") as reading:
        await toy.turns()
        device.unplug()
        assert await waiting
        with pytest.raises(DeviceLost):
            await until_one_ends(reading)
    arrivals.end(DeviceTimeout("later"))
    assert isinstance(arrivals.lost, DeviceLost)
    with pytest.raises(DeviceLost):
        await arrivals.within(5)


async def test_a_write_that_hangs_is_given_up(toy):
    clock = ManualClock()
    host, _device = duplex()
    await write_within(clock, 2.5, host, b"x" * PIPE_BYTES_MAX, who="the scale")
    writing = asyncio.create_task(write_within(clock, 2.5, host, b"x", who="the scale"))
    await toy.turns()
    await clock.advance(2.5)
    with pytest.raises(DeviceTimeout, match=r"^the scale takes no bytes for 2\.5 s$"):
        await writing


async def test_ended_tasks_say_nothing_of_the_device_and_all_of_a_bug(toy):
    async def fail(error):
        raise error

    lost = asyncio.create_task(fail(DeviceLost("gone")))
    forever = asyncio.get_running_loop().create_future()
    await toy.turns()
    await end(lost, forever)
    assert forever.cancelled()
    bug = asyncio.create_task(fail(ZeroDivisionError()))
    await toy.turns()
    with pytest.raises(ZeroDivisionError):
        await end(bug)


async def test_who_is_cancelled_while_a_task_ends_stays_cancelled(toy):
    leave = asyncio.Event()
    seen = []

    async def slow_to_go():
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await leave.wait()

    async def outer():
        async with beside(slow_to_go(), name="slow"):
            await toy.turns()
        seen.append("went on as if nothing had been")

    running = asyncio.create_task(outer())
    for _ in range(3):
        await toy.turns()
    running.cancel()
    await toy.turns()
    assert not running.done(), "the task is not over yet"
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert seen == []
