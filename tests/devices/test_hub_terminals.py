"""A card terminal has one name, or it would be free by one while a payment is in doubt by the other."""

import asyncio

import pytest

from edge_hub.bus import Bus
from edge_hub.clock import ManualClock
from edge_hub.devices.hub import DeviceConfig, DeviceHub
from edge_hub.sdk.driver import DriverInfo, Options
from edge_hub.sdk.roles import EFT_TERMINAL, POS_PRINTER


def driver(name, role):
    def never(*_):
        raise AssertionError("nothing is opened here")

    return DriverInfo(
        name=name, summary=name, roles=(role,), options=Options, open=never, simulator=never,
        schemes=("tcp", "tls", "serial", "usb"),
    )  # fmt: skip


DRIVERS = {
    "pay": driver("pay", EFT_TERMINAL),
    "other": driver("other", EFT_TERMINAL),
    "ink": driver("ink", POS_PRINTER),
}


def hub_of(*configs):
    return DeviceHub(configs, DRIVERS, clock=ManualClock(), bus=Bus())


def device(name, url, kind="pay", **more):
    return DeviceConfig(id=name, driver=kind, url=url, **more)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("tcp://10.0.0.7:8888", "tcp://10.0.0.7:8888"),
        ("tcp://Terminal.shop:8888", "tcp://terminal.shop:8888"),
        ("tcp://10.0.0.7:8443", "tls://10.0.0.7:8443?name=terminal"),
        ("serial:///dev/ttyUSB0?baudrate=9600", "serial:///dev/ttyUSB0?baudrate=115200"),
    ],
)
@pytest.mark.parametrize("kind", ["pay", "other"])
def test_a_second_name_for_one_terminal_is_a_fault(first, second, kind):
    hub = hub_of(device("card-1", first), device("card-2", second, kind))
    assert hub.snapshot("card-1").state == "disabled"  # it would run
    assert hub.snapshot("card-2").state == "fault"
    assert "card-1" in hub.snapshot("card-2").error_text


def test_other_devices_and_other_addresses_are_nobodys_business():
    url = "tcp://10.0.0.7:9100"
    hub = hub_of(
        device("card-1", url), device("ink", url, "ink"), device("card-2", "tcp://10.0.0.7:9101"),
        device("card-3", url, enabled=False),
    )  # fmt: skip
    assert [one.state for one in hub.snapshots()] == ["disabled"] * 4


def test_terminals_that_only_their_port_tells_apart_are_two():
    alike = [device(f"card-{port}", f"usb://0b00:0080?path=1-{port}") for port in (1, 2)]
    hub = hub_of(*alike, device("card-3", "usb://0b00:0080?path=1-2"))
    assert [one.state for one in hub.snapshots()] == ["disabled", "disabled", "fault"]
    assert "card-2" in hub.snapshot("card-3").error_text


async def test_an_address_is_free_once_its_terminal_is_gone():
    url = "tcp://10.0.0.7:8888"
    hub = hub_of(device("card-1", url))
    await asyncio.wait_for(hub.apply([device("card-2", url)]), 1)
    assert hub.snapshot("card-2").state == "disabled"


async def test_who_was_kept_out_gets_the_address_once_its_holder_is_gone():
    url = "tcp://10.0.0.7:8888"
    names = ["card-1", "card-2", "card-3"]
    hub = hub_of(*(device(name, url) for name in names))
    kept_out = [device(name, url) for name in names[1:]]
    assert hub.ending(kept_out) == set(names), "none of them stays as it is"
    await asyncio.wait_for(hub.apply(kept_out), 1)
    assert [one.state for one in hub.snapshots()] == ["disabled", "fault"]
    assert "card-2" in hub.snapshot("card-3").error_text
    await asyncio.wait_for(hub.apply([device("card-2", "tcp://10.0.0.8:8888"), kept_out[1]]), 1)
    assert [one.state for one in hub.snapshots()] == ["disabled", "disabled"]
