"""A cash drawer on a serial port: its pulse, its switch, and what the hub hears of both."""

import pytest
from pydantic import ValidationError

from drivers.serial_drawer import DRIVER
from edge_hub.sdk.driver import Context
from edge_hub.sdk.errors import DeviceFault, DeviceLost, DeviceRefused
from edge_hub.sdk.messages import DrawerChanged, DrawerState
from edge_hub.sdk.roles import CASH_DRAWER
from edge_hub.sdk.testing import WIRES, hold


async def test_bel_opens_it_and_nobody_knows(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        assert await device.role(CASH_DRAWER).open_drawer() is DrawerState.UNKNOWN
        await b.settle()
        assert b.simulator.state() == {"connected": True, "drawer": "open", "kicks": 1}
        assert b.ends[0].bytes_written == 1
    assert b.messages == []


async def test_opening_the_port_sends_nothing(bench):
    b = bench(DRIVER, pulse_hex="1b70001932")
    async with b.plugged():
        assert b.ends[0].bytes_written == 0
        assert b.simulator.state()["kicks"] == 0


@pytest.mark.parametrize("sensor", ["cts", "dsr", "cd", "ri"])
@pytest.mark.parametrize("open_when", ["on", "off"])
async def test_its_switch_tells(bench, sensor, open_when):
    b = bench(DRIVER, sensor=sensor, open_when=open_when, pulse_hex="1b70001932")
    async with b.plugged() as device:
        await b.settle()
        kick = device.role(CASH_DRAWER).open_drawer()
        assert await b.passing(kick, step_s=0.05) is DrawerState.OPEN
        b.simulator.act("close_drawer", "")
        await b.clock.advance(0.25)
    told = [message.state for message in b.heard(DrawerChanged)]
    assert told[-3:] == [DrawerState.CLOSED, DrawerState.OPEN, DrawerState.CLOSED]


async def test_a_stuck_drawer_is_said_to_be_closed(bench):
    b = bench(DRIVER, sensor="cts")
    b.simulator.set_fault("drawer_jam", True)
    async with b.plugged() as device:
        kick = device.role(CASH_DRAWER).open_drawer()
        assert await b.passing(kick, step_s=0.05) is DrawerState.CLOSED
        assert b.simulator.state()["kicks"] == 1


async def test_a_lost_wire(bench):
    b = bench(DRIVER, sensor="dsr")
    async with b.plugged() as device:
        b.ends[1].unplug()
        with pytest.raises(DeviceLost):
            await b.passing(device.run())
        with pytest.raises(DeviceRefused):
            await device.role(CASH_DRAWER).open_drawer()


class NoLines:
    url = "tcp://box:4001"
    bytes_written = 0


async def test_a_sensor_needs_a_port_with_lines(bench):
    b = bench(DRIVER, sensor="cts")
    assert isinstance(b.context, Context)
    with pytest.raises(DeviceFault, match="modem lines"):
        await DRIVER.open(b.context, NoLines(), b.options).__aenter__()


@pytest.mark.parametrize("text", ["", "7", "0x07", "07 07", "zz", "07" * 17])
def test_a_pulse_is_bytes(text):
    with pytest.raises(ValidationError):
        DRIVER.options(pulse_hex=text)


@pytest.mark.parametrize("wire", WIRES, ids=str)
async def test_contract_with_a_sensor(wire):
    await hold(DRIVER, DRIVER.options(sensor="cts", open_when="off", pulse_hex="1B70001932"), wire)
