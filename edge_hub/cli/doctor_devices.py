"""The doctor's look at configured devices: whether what they are to be reached by is there and may be opened."""

import os
from collections.abc import Iterator
from pathlib import Path

from edge_hub.cli.findings import Finding, bad, good
from edge_hub.config import Config
from edge_hub.devices.places import ROOTS, HidNode, Roots, UsbDevice, hid_nodes, usb_devices
from edge_hub.devices.transports.url import BadUrl, DeviceUrl, parse_url, usb_place

BY_NODE = frozenset({"serial", "file", "evdev"})
BY_NUMBERS = frozenset({"usb", "hid"})
GROUPS = "add the user edge-hub to the groups dialout, lp and input, and install the udev rules"


def local_devices(config: Config, roots: Roots = ROOTS) -> Iterator[Finding]:
    """Each device on this box. One on the network, or simulated, is not looked for; a wrong address is another's."""
    for device in config.devices:
        try:
            url = parse_url(device.url)
        except BadUrl:
            continue
        if url.scheme in BY_NODE or (url.scheme == "hid" and url.name.startswith("/")):
            yield _node(f"device {device.id}", Path(url.name))
        elif url.scheme in BY_NUMBERS:
            yield _plugged(f"device {device.id}", url, roots)


def _node(whose: str, node: Path) -> Finding:
    if not node.exists():
        return bad(f"{whose}: {node} is not there", "plug it in, or correct devices.url (try /dev/serial/by-id)")
    if not os.access(node, os.R_OK | os.W_OK):
        return bad(f"{whose}: {node} may not be opened", GROUPS)
    return good(f"{whose}: {node}")


def _plugged(whose: str, url: DeviceUrl, roots: Roots) -> Finding:
    place = usb_place(url)
    all_of: list[HidNode] | list[UsbDevice]
    all_of = list(hid_nodes(roots)) if url.scheme == "hid" else list(usb_devices(roots))
    found = [one for one in all_of if one.fits(place)]
    if not found:
        return bad(f"{whose}: {url.public} is not plugged in", "plug it in; edge-hub devices find shows what is there")
    if len(found) > 1:
        several = ", ".join(f"port {one.path}" for one in found)
        return bad(f"{whose}: {len(found)} fit {url.public} ({several})", "add its serial number, path= or interface=")
    return _node(f"{whose} ({url.public})", found[0].node)
