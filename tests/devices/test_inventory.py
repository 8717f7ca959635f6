"""What is found, under which address, for which drivers."""

import asyncio
import ipaddress
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from plugged import Box

from edge_hub.clock import ManualClock
from edge_hub.devices.inventory import Announced, Inventory, SearchLimits, proposals
from edge_hub.devices.inventory.hotplug import QUIET_S, HotPlug, udev_monitor
from edge_hub.devices.inventory.local import plugged_in
from edge_hub.devices.inventory.network import HOSTS_MAX, enpc_name, neighbours
from edge_hub.devices.registry import load_drivers
from edge_hub.devices.states import DeviceConfig
from edge_hub.devices.transports import check_url

DRIVERS = load_drivers()
TM = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;"
LOCAL = SearchLimits(network=False)


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def urls(found):
    return [one.url for one in found]


def test_a_printer_by_its_own_words_and_its_serial_number(box):
    box.usb("1-1.2", "04b8:0202", serial="X2A", maker="EPSON", name="TM-T88V", ieee1284=TM)
    (found,) = plugged_in(box.roots, DRIVERS)
    assert (found.kind, found.url, found.name) == ("usb", "usb://04b8:0202/X2A", "EPSON TM-T88V")
    assert found.drivers[0] == "escpos"
    assert (found.serial, found.path) == ("X2A", "1-1.2")


def test_clones_without_a_serial_number_are_told_apart_by_port(box):
    for port in ("1-1", "1-2"):
        box.usb(port, "0416:5011", name="USB Printing Support")
    found = plugged_in(box.roots, DRIVERS)
    assert urls(found) == ["usb://0416:5011?path=1-1", "usb://0416:5011?path=1-2"]
    assert {one.drivers for one in found} == {("escpos",)}


def test_clones_that_all_have_one_serial_number_are_told_apart_by_port(box):
    for port in ("1-1", "1-2"):
        box.usb(port, "0416:5011", serial="0000001", name="USB Printing Support")
        adapter = box.usb(f"{port}.1", "1a86:7523", serial="1", interfaces=((255, 1, 2),))
        links = (f"serial/by-path/pci-{port}.1", *(("serial/by-id/usb-1a86_1",) if port == "1-2" else ()))
        box.node(adapter, 0, "tty", f"ttyUSB{port[-1]}", links=links)
        scanner = box.usb(f"{port}.2", "0c2e:0b61", serial="S", interfaces=((3, 0, 0),))
        box.hid(scanner, 0, f"hidraw{port[-1]}", ids="0c2e:0b61", uniq="S")
    box.usb("1-3", "0416:5011", serial="0000002")
    found = plugged_in(box.roots, DRIVERS)
    assert urls(found) == [
        "usb://0416:5011?path=1-1", "usb://0416:5011?path=1-2", "usb://0416:5011/0000002",
        f"serial://{box.roots.dev}/serial/by-path/pci-1-1.1", f"serial://{box.roots.dev}/serial/by-path/pci-1-2.1",
        "hid://0c2e:0b61?path=1-1.2", "hid://0c2e:0b61?path=1-2.2",
    ]  # fmt: skip


def test_a_serial_number_may_hold_anything(box):
    box.usb("1-1", "04b8:0202", serial="A/B ?#%")
    (found,) = plugged_in(box.roots, DRIVERS)
    assert check_url(found.url, serial_defaults={}).name == "04b8:0202/A/B ?#%"


def test_several_printer_interfaces_are_several_devices(box):
    box.usb("1-1", "04b8:0202", serial="S", interfaces=((7, 1, 2), (3, 0, 0), (7, 1, 1)))
    assert urls(plugged_in(box.roots, DRIVERS)) == ["usb://04b8:0202/S?interface=0", "usb://04b8:0202/S?interface=2"]


def test_hubs_and_others_are_no_devices(box):
    device = box.usb("1-1", "05e3:0608", interfaces=((9, 0, 0),))
    (device / "bDeviceClass").write_text("09\n")
    box.usb("1-2", "0781:5567", interfaces=((8, 6, 80),))
    assert plugged_in(box.roots, DRIVERS) == ()


def test_serial_ports_by_number_or_by_port_and_no_guess_from_an_adapter(box):
    ftdi = box.usb("1-1", "0403:6001", serial="FT1", maker="FTDI", name="FT232R", interfaces=((255, 255, 255),))
    box.node(ftdi, 0, "tty", "ttyUSB0", links=("serial/by-id/usb-FTDI_FT1-if00-port0", "serial/by-path/pci-1-1:1.0"))
    clone = box.usb("1-2", "1a86:7523", name="USB Serial", interfaces=((255, 1, 2),))
    box.node(clone, 0, "tty", "ttyUSB1", links=("serial/by-id/usb-1a86_USB_Serial-if00", "serial/by-path/pci-1-2:1.0"))
    scanner = box.usb("1-3", "05f9:4204", serial="D1", maker="Datalogic", name="Scanner", interfaces=((2, 2, 1),))
    box.node(scanner, 0, "tty", "ttyACM0", links=("serial/by-id/usb-Datalogic_D1-if00",))
    found = {one.path: one for one in plugged_in(box.roots, DRIVERS)}
    dev = box.roots.dev
    assert found["1-1"].url == f"serial://{dev}/serial/by-id/usb-FTDI_FT1-if00-port0"
    assert found["1-2"].url == f"serial://{dev}/serial/by-path/pci-1-2:1.0"
    assert (found["1-1"].drivers, found["1-2"].drivers) == ((), ())
    assert found["1-3"].drivers == ("serial_scanner",)


def test_scanners_in_either_hid_mode_and_a_scale(box):
    pos = box.usb("1-1", "0c2e:0b61", serial="H1", interfaces=((3, 0, 0),))
    box.hid(pos, 0, "hidraw0", ids="0c2e:0b61", uniq="H1")
    mouse = box.usb("1-2", "046d:c077", interfaces=((3, 1, 2),))
    box.hid(mouse, 0, "hidraw1", ids="046d:c077", report=b"\x05\x01\x09\x02")
    scale = box.usb("1-4", "0922:8003", interfaces=((3, 0, 0),))
    box.hid(scale, 0, "hidraw2", ids="0922:8003", report=b"\x05\x8d\x09\x20")
    wedge = box.usb("1-3", "05f9:2203", interfaces=((3, 1, 1),))
    box.keyboard(
        wedge, 0, "event4", ids="05f9:2203", called="Datalogic Scanner",
        links=("input/by-id/usb-Datalogic-event-kbd", "input/by-path/pci-1-3-event-kbd"),
    )  # fmt: skip
    found = {one.path: one for one in plugged_in(box.roots, DRIVERS)}
    assert set(found) == {"1-1", "1-3", "1-4"}
    assert (found["1-4"].url, found["1-4"].drivers) == ("hid://0922:8003?path=1-4", ("scale_hid",))
    assert (found["1-1"].url, found["1-1"].drivers) == ("hid://0c2e:0b61/H1", ("hidpos_scanner",))
    assert (found["1-3"].kind, found["1-3"].drivers) == ("keyboard", ("hid_scanner",))
    assert found["1-3"].url.endswith("by-path/pci-1-3-event-kbd")


def test_a_hid_pos_interface_beside_a_keyboard_is_told_from_it(box):
    both = box.usb("1-1", "0c2e:0b61", serial="H1", interfaces=((3, 1, 1), (3, 0, 0)))
    box.hid(both, 0, "hidraw0", ids="0c2e:0b61", uniq="H1", report=b"\x05\x01\x09\x06")
    box.hid(both, 1, "hidraw1", ids="0c2e:0b61", uniq="H1")
    (found,) = plugged_in(box.roots, DRIVERS)
    assert (found.url, found.drivers) == ("hid://0c2e:0b61/H1?interface=1", ("hidpos_scanner",))


def test_hints_fit_words_not_parts_of_words():
    assert "scale_cas" not in proposals(DRIVERS, "serial", "", ["CASHIER"])
    assert proposals(DRIVERS, "serial", "", ["CAS PD-II"]) == ("scale_cas",)
    assert proposals(DRIVERS, "tcp", "", ["EPSON TM-T88V"])[0] == "escpos"
    assert proposals(DRIVERS, "usb", "ffff:0000", ["Unknown thing"]) == ()
    for ids, driver in (("0519:0003", "star"), ("0a5f:0080", "zpl"), ("1d90:201e", "escpos"), ("0483:5743", "escpos")):
        assert proposals(DRIVERS, "usb", ids, []) == (driver,)
    assert proposals(DRIVERS, "usb", "0483:5740", []) == ()


async def test_what_is_configured_is_marked_by_whatever_address(box):
    printer = box.usb("1-1", "04b8:0202", serial="X2A", ieee1284=TM)
    lp = box.node(printer, 0, "usbmisc", "lp0")
    port = box.usb("1-2", "0403:6001", serial="FT1", interfaces=((255, 255, 255),))
    tty = box.node(port, 0, "tty", "ttyUSB0", links=("serial/by-id/usb-FT1", "serial/by-path/pci-1-2"))
    inventory = Inventory(DRIVERS, ManualClock(), roots=box.roots)
    for printer_url in ("usb://04b8:0202/X2A", "usb://04b8:0202?path=1-1", f"file://{lp}"):
        configured = [
            DeviceConfig(id="receipt", driver="escpos", url=printer_url),
            DeviceConfig(id="scale", driver="scale_cas", url=f"serial://{tty}"),
            DeviceConfig(id="demo", driver="escpos", url="sim://x"),
        ]
        found = {one.kind: one for one in await inventory.search(configured, LOCAL)}
        assert (found["usb"].in_use, found["serial"].in_use) == ("receipt", "scale")
    assert {one.in_use for one in await inventory.search([], LOCAL)} == {""}


async def test_a_device_with_a_number_may_move_and_one_without_may_not(tmp_path):
    for serial, same in (("X2A", True), ("", False)):
        seen = []
        for port in ("1-1", "1-4"):
            box = Box(tmp_path / f"{serial}{port}")
            box.usb(port, "04b8:0202", serial=serial)
            seen += urls(plugged_in(box.roots, DRIVERS))
        assert (seen[0] == seen[1]) == same


async def test_announced_printers_need_nothing_but_ears(box):
    async def listen(_seconds):
        return [Announced(host="10.0.0.5", port=9100, name="Bar", words=("EPSON TM-m30",)),
                Announced(host="10.0.0.5", port=515, name="Bar", words=("EPSON TM-m30",)),
                Announced(host="10.0.0.6", port=631, name="Kitchen", words=("EPSON TM-m30",)),
                Announced(host="fe80::1", port=515, name="LPD")]  # fmt: skip

    inventory = Inventory(DRIVERS, ManualClock(), listen=listen, networks=list, roots=box.roots)
    found = await inventory.search([DeviceConfig(id="p", driver="escpos", url="tcp://10.0.0.5:9100")], SearchLimits())
    assert urls(found) == ["tcp://10.0.0.5:9100", "tcp://10.0.0.6:9100", "tcp://[fe80::1]:515"]
    assert [(one.in_use, one.drivers[:1]) for one in found] == [("p", ("escpos",)), ("", ("escpos",)), ("", ())]


async def test_a_printer_configured_by_name_is_known_by_its_address(box):
    async def listen(_seconds):
        return [Announced(host="10.0.0.5", port=9100, name="Bar")]

    async def resolve(name):
        return {"bar.shop": ("10.0.0.5", "10.0.0.6")}.get(name, ())

    inventory = Inventory(DRIVERS, ManualClock(), listen=listen, networks=list, roots=box.roots, resolve=resolve)
    configured = [
        DeviceConfig(id="p", driver="escpos", url="tcp://bar.shop:9100"),
        DeviceConfig(id="q", driver="escpos", url="tcp://gone.shop:9100"),
    ]
    (found,) = await inventory.search(configured, SearchLimits())
    assert found.in_use == "p"


def test_doors_that_may_be_knocked_at():
    near = neighbours([ipaddress.IPv4Interface("10.1.2.3/16"), ipaddress.IPv4Interface("192.168.7.9/30")])
    assert len(near) == 253 + 1
    assert {host.rsplit(".", 1)[0] for host in near} == {"10.1.2", "192.168.7"}
    assert not {"10.1.2.3", "10.1.2.0", "10.1.2.255", "192.168.7.9"} & set(near)
    assert len(neighbours([ipaddress.IPv4Interface(f"10.{n}.0.1/24") for n in range(20)])) == HOSTS_MAX


def test_an_answer_as_epson_printers_give_it():
    # escpos-php issue 923: 147 bytes of a TM-T88V
    answer = bytes.fromhex("4550534f4e7103000000100000000085"[:24] + "0085" + "0005200264") + b"TM-T88V" + bytes(121)
    assert len(answer) == 147
    assert enpc_name(answer) == "TM-T88V"
    assert enpc_name(b"EPSONq") == ""


class Pipe:
    """A monitor whose messages are bytes in a pipe."""

    def __init__(self):
        self.out, self.into = os.pipe()
        os.set_blocking(self.out, False)

    def fileno(self):
        return self.out

    def poll(self, timeout):
        try:
            return os.read(self.out, 1)
        except BlockingIOError:
            return None

    def close(self):
        os.close(self.out)
        os.close(self.into)


async def until(what):
    for _ in range(1000):
        if what():
            return
        await asyncio.sleep(0)
    raise AssertionError


async def test_many_messages_of_one_device_are_one_change():
    clock, pipe, changes = ManualClock(), Pipe(), []
    hot_plug = HotPlug(lambda: changes.append(clock.monotonic()), clock, lambda: pipe)
    task = asyncio.create_task(hot_plug.run())
    for _ in range(3):
        os.write(pipe.into, b"add bind change" * 3)
        await until(lambda: clock._sleepers)
        await clock.advance(QUIET_S / 2)
        os.write(pipe.into, b"x")
        await until(hot_plug._heard.is_set)
        await clock.advance(QUIET_S)
        await clock.advance(QUIET_S)
        await until(lambda: not clock._sleepers)
    assert len(changes) == 3
    task.cancel()
    await asyncio.wait([task])
    pipe.close()


async def test_a_hundred_times_watching_leaves_nothing_behind():
    async def cycle():
        pipe = Pipe()
        task = asyncio.create_task(HotPlug(lambda: None, ManualClock(), lambda: pipe).run())
        await asyncio.sleep(0)
        os.write(pipe.into, b"x")
        task.cancel()
        await asyncio.wait([task])
        pipe.close()

    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    await cycle()
    before = descriptors(), len(asyncio.all_tasks())
    for _ in range(100):
        await cycle()
    assert (descriptors(), len(asyncio.all_tasks())) == before


async def test_no_udev_is_no_trouble():
    await HotPlug(lambda: None, ManualClock(), lambda: None).run()
    monitor = udev_monitor()
    assert monitor is None or monitor.fileno() >= 0
