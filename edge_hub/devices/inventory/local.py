"""Devices plugged into this box, from sysfs and the links udev makes. Nothing is opened, nothing is sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from edge_hub.devices.inventory.found import Found, proposals, usb_url
from edge_hub.devices.places import HidNode, Roots, UsbDevice, attribute, entries, hid_nodes, usb_devices, usb_port
from edge_hub.devices.transports.url import NETWORK_SCHEMES, BadUrl, parse_url, usb_place
from edge_hub.sdk.driver import DriverInfo

PRINTER_CLASS = 0x07
POINT_OF_SALE_PAGES = frozenset({0x8C, 0x8D})
KEYBOARD_LINK = "-event-kbd"
Drivers = Mapping[str, DriverInfo]
Numbered = TypeVar("Numbered", UsbDevice, HidNode)


def plugged_in(roots: Roots, drivers: Drivers) -> tuple[Found, ...]:
    """Printers, scanners and serial ports; blocks for some milliseconds."""
    devices = {device.path: device for device in _told_apart(usb_devices(roots))}
    return (
        *_printers(roots, drivers, devices),
        *_serial(roots, drivers, devices),
        *_hid(roots, drivers),
        *_keyboards(roots, drivers, devices),
    )


def _told_apart(devices: Iterable[Numbered]) -> list[Numbered]:
    """Those that share maker, product and serial number with one at another port, as clones do, without the number:
    only the port tells them apart.
    """
    listed = list(devices)
    ports: dict[tuple[int, int, str], set[str]] = {}
    for one in listed:
        ports.setdefault((one.vendor, one.product, one.serial), set()).add(one.path)
    alone = (len(ports[one.vendor, one.product, one.serial]) == 1 for one in listed)
    return [one if own else replace(one, serial="") for one, own in zip(listed, alone, strict=True)]


def _ids(device: UsbDevice) -> str:
    return f"{device.vendor:04x}:{device.product:04x}"


def _said(device: UsbDevice) -> str:
    return " ".join(filter(None, (device.maker, device.name)))


def _printers(roots: Roots, drivers: Drivers, devices: Mapping[str, UsbDevice]) -> Iterator[Found]:
    nodes = _lp_nodes(roots)
    for device in devices.values():
        printers = [one for one in device.interfaces if one.kind[0] == PRINTER_CLASS]
        for one in printers:
            ids, words = _ids(device), [word for word in (one.ieee1284, _said(device)) if word]
            keys = {f"usb:{device.path}:{one.number}"}
            if (node := nodes.get((device.path, one.number))) is not None:
                keys.add(f"node:{node}")
            yield Found(
                kind="usb",
                url=usb_url(
                    "usb", ids, serial=device.serial, path=device.path,
                    interface=one.number if len(printers) > 1 else -1,
                ),
                name=_model(one.ieee1284) or _said(device),
                drivers=proposals(drivers, "usb", ids, words),
                serial=device.serial,
                path=device.path,
                keys=frozenset(keys),
            )  # fmt: skip


def _lp_nodes(roots: Roots) -> dict[tuple[str, int], Path]:
    """The usblp node of each printer interface."""
    return {
        usb_port(folder / "device"): roots.dev / "usb" / folder.name
        for folder in entries(roots.sys / "class/usbmisc")
        if folder.name.startswith("lp")
    }


def _model(ieee1284: str) -> str:
    """Maker and model of an IEEE 1284 id (`MFG:EPSON;MDL:TM-T88V;`; long and short names of the keys)."""
    fields = dict(part.partition(":")[::2] for part in ieee1284.split(";"))
    maker = fields.get("MFG", fields.get("MANUFACTURER", ""))
    model = fields.get("MDL", fields.get("MODEL", ""))
    return " ".join(filter(None, (maker.strip(), model.strip())))


def _serial(roots: Roots, drivers: Drivers, devices: Mapping[str, UsbDevice]) -> Iterator[Found]:
    by_path = {link.resolve(): link for link in entries(roots.dev / "serial/by-path")}
    by_id = {link.resolve(): link for link in entries(roots.dev / "serial/by-id")}
    for node in sorted(by_path.keys() | by_id.keys()):
        path, _ = usb_port(roots.sys / "class/tty" / node.name / "device")
        device = devices.get(path)
        serial = device.serial if device is not None else ""
        # adapters without a serial number share one link by-id: only the port tells them apart
        link = (by_id.get(node) if serial else None) or by_path.get(node) or by_id[node]
        ids, said = (_ids(device), _said(device)) if device is not None else ("", "")
        yield Found(
            kind="serial",
            url=f"serial://{_shown(link, roots)}",
            name=said,
            drivers=proposals(drivers, "serial", ids, [said] if said else []),
            serial=serial,
            path=path,
            keys=frozenset({f"node:{node}"}),
        )


def _hid(roots: Roots, drivers: Drivers) -> Iterator[Found]:
    nodes = _told_apart(hid_nodes(roots))
    for node in nodes:
        if not node.usages & POINT_OF_SALE_PAGES:
            continue
        ids = f"{node.vendor:04x}:{node.product:04x}"
        # a scanner may have a keyboard beside its HID POS interface: the address must not fit both
        twins = [one for one in nodes if (one.path, one.serial) == (node.path, node.serial)]
        yield Found(
            kind="hid",
            url=usb_url(
                "hid", ids, serial=node.serial, path=node.path, interface=node.interface if len(twins) > 1 else -1
            ),
            name=node.name,
            drivers=proposals(drivers, "hid", ids, [*(f"usage:{page:02x}" for page in sorted(node.usages)), node.name]),
            serial=node.serial,
            path=node.path,
            keys=frozenset({f"node:{node.node}"}),
        )


def _keyboards(roots: Roots, drivers: Drivers, devices: Mapping[str, UsbDevice]) -> Iterator[Found]:
    """Every keyboard: which of them is a scanner, only a scanner maker's number can say."""
    by_id = {one.resolve(): one for one in entries(roots.dev / "input/by-id") if one.name.endswith(KEYBOARD_LINK)}
    by_path = {one.resolve(): one for one in entries(roots.dev / "input/by-path") if one.name.endswith(KEYBOARD_LINK)}
    for node in sorted(by_id.keys() | by_path.keys()):
        folder = roots.sys / "class/input" / node.name / "device"
        ids = f"{attribute(folder, 'id/vendor')}:{attribute(folder, 'id/product')}"
        path, _ = usb_port(folder)
        serial = devices[path].serial if path in devices else attribute(folder, "uniq")
        link = (by_id.get(node) if serial else None) or by_path.get(node) or by_id[node]
        name = attribute(folder, "name")
        yield Found(
            kind="keyboard",
            url=f"evdev://{_shown(link, roots)}",
            name=name,
            drivers=proposals(drivers, "evdev", ids, [name]),
            serial=serial,
            path=path,
            keys=frozenset({f"node:{node}"}),
        )


def _shown(link: Path, roots: Roots) -> Path:
    """The link as the hub opens it: under its own /dev."""
    return roots.dev / link.relative_to(roots.dev)


def host_of(url: str) -> str:
    """The name in a configured network address; "" where it has none or is written as an address."""
    try:
        where = parse_url(url)
        if where.scheme not in NETWORK_SCHEMES:
            return ""
        ip_address(where.name)
    except BadUrl:
        return ""
    except ValueError:
        return where.name
    return ""


def keys_of(url: str, roots: Roots) -> frozenset[str]:
    """What a configured address means at this moment, in the words of `Found.keys`; empty if nothing is there."""
    try:
        where = parse_url(url)
    except BadUrl:
        return frozenset()
    if where.scheme in NETWORK_SCHEMES:
        return frozenset({f"tcp:{where.name}:{where.port}"})
    if where.scheme == "sim":
        return frozenset()
    if where.name.startswith("/"):
        return frozenset({f"node:{Path(where.name).resolve()}"})
    place = usb_place(where)
    if where.scheme == "hid":
        return frozenset(f"node:{node.node}" for node in hid_nodes(roots) if node.fits(place))
    return frozenset(
        f"usb:{device.path}:{one.number}"
        for device in usb_devices(roots)
        if (device.vendor, device.product) == (place.vendor, place.product)
        and place.serial in ("", device.serial)
        and place.path in ("", device.path)
        for one in device.interfaces
        if place.interface in (-1, one.number)
    )
