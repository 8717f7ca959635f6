"""The doctor looks at devices by whatever address they have."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from plugged import Box

from edge_hub.cli.doctor_devices import local_devices


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def look(box, *urls):
    config = SimpleNamespace(devices=[SimpleNamespace(id=f"d{n}", url=url) for n, url in enumerate(urls)])
    return [(finding.level, finding.what) for finding in local_devices(config, box.roots)]


def plug_in(box, port, number, **facts):
    device = box.usb(port, "04b8:0202", **facts)
    (device / "busnum").write_text("1\n")
    (device / "devnum").write_text(f"{number}\n")
    node = box.roots.dev / "bus/usb/001" / f"{number:03}"
    node.parent.mkdir(parents=True, exist_ok=True)
    node.touch()
    return node


def test_usb_by_its_numbers(box):
    assert look(box, "usb://04b8:0202") == [("bad", "device d0: usb://04b8:0202 is not plugged in")]
    node = plug_in(box, "1-1", 7, serial="X1")
    assert look(box, "usb://04b8:0202") == [("good", f"device d0 (usb://04b8:0202): {node}")]
    other = plug_in(box, "1-2", 12, serial="X2")
    ((level, what),) = look(box, "usb://04b8:0202")
    assert (level, what) == ("bad", "device d0: 2 fit usb://04b8:0202 (port 1-1, port 1-2)")
    assert look(box, "usb://04b8:0202/X2", "usb://04b8:0202?path=1-1", "usb://04b8:0202/X1?interface=0") == [
        ("good", f"device d0 (usb://04b8:0202/X2): {other}"),
        ("good", f"device d1 (usb://04b8:0202): {node}"),
        ("good", f"device d2 (usb://04b8:0202/X1): {node}"),
    ]
    assert look(box, "usb://04b8:0202/X1?interface=3")[0][0] == "bad"


def test_hid_by_its_numbers_or_its_node(box):
    scale = box.usb("1-4", "0922:8003", interfaces=((3, 0, 0),))
    node = box.hid(scale, 0, "hidraw2", ids="0922:8003", report=b"\x05\x8d\x09\x20")
    assert look(box, "hid://0922:8003", f"hid://{node}", "hid://0922:9999", "hid:///dev/hidraw77") == [
        ("good", f"device d0 (hid://0922:8003): {node}"),
        ("good", f"device d1: {node}"),
        ("bad", "device d2: hid://0922:9999 is not plugged in"),
        ("bad", "device d3: /dev/hidraw77 is not there"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_what_may_not_be_opened(box):
    node = plug_in(box, "1-1", 7)
    node.chmod(0o400)
    assert look(box, "usb://04b8:0202") == [("bad", f"device d0 (usb://04b8:0202): {node} may not be opened")]


def test_others_are_not_looked_for(box):
    file = box.roots.dev / "ttyS0"
    file.touch()
    assert look(box, "tcp://10.0.0.9:9100", "sim://x", "nonsense", f"serial://{file}?baudrate=9600") == [
        ("good", f"device d3: {file}")
    ]
