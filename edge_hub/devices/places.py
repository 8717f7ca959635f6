"""What Linux says of plugged-in devices: sysfs read as values. Nothing here opens a device.

Attributes: Documentation/ABI/testing/sysfs-bus-usb; HID_ID, HID_UNIQ in drivers/hid/hid-core.c (hid_uevent).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_hub.devices.transports.url import UsbPlace

ATTRIBUTE_BYTES_MAX = 4096
"""A sysfs attribute is at most a page."""
NODES_MAX = 256
_USB_DEVICE = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*\Z")
_USB_INTERFACE = re.compile(r"([0-9]+-[0-9]+(?:\.[0-9]+)*):[0-9]+\.([0-9]+)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Where the kernel shows itself; tests have theirs."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")


ROOTS = Roots()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbInterface:
    """`ieee1284` is the id text that usblp read from a printer, "" where it did not."""

    number: int
    kind: tuple[int, int, int]
    """bInterfaceClass, SubClass, Protocol."""
    driver: str
    ieee1284: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDevice:
    """A device on a USB port; `path` is the port ("1-1.2"), `serial` "" when it has none."""

    vendor: int
    product: int
    path: str
    serial: str
    maker: str
    name: str
    interfaces: tuple[UsbInterface, ...]
    node: Path
    """What libusb opens."""

    def fits(self, place: UsbPlace) -> bool:
        return (
            (self.vendor, self.product) == (place.vendor, place.product)
            and place.serial in ("", self.serial)
            and place.path in ("", self.path)
            and place.interface in (-1, *(interface.number for interface in self.interfaces))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HidNode:
    """A hidraw node; `usages` are the usage pages its report descriptor names."""

    node: Path
    vendor: int
    product: int
    serial: str
    name: str
    path: str
    interface: int
    usages: frozenset[int]

    def fits(self, place: UsbPlace) -> bool:
        return (
            (self.vendor, self.product) == (place.vendor, place.product)
            and place.serial in ("", self.serial)
            and place.path in ("", self.path)
            and place.interface in (-1, self.interface)
        )


def attribute(folder: Path, name: str) -> str:
    """A sysfs attribute as text without its newline; "" when it is not there or cannot be read."""
    try:
        with (folder / name).open("rb") as file:
            return file.read(ATTRIBUTE_BYTES_MAX).decode("utf-8", "replace").strip("\0\n ")
    except OSError:
        return ""


def hexadecimal(text: str) -> int:
    """The number in a hexadecimal attribute; 0 when there is none."""
    try:
        return int(text, 16)
    except ValueError:
        return 0


def entries(folder: Path) -> list[Path]:
    """At most NODES_MAX entries of a folder, by name; none when there is no such folder."""
    try:
        return sorted(folder.iterdir())[:NODES_MAX]
    except OSError:
        return []


def usb_devices(roots: Roots = ROOTS) -> Iterator[UsbDevice]:
    """Every USB device but hubs, by port."""
    folders = entries(roots.sys / "bus/usb/devices")
    for folder in folders:
        if not _USB_DEVICE.match(folder.name) or attribute(folder, "bDeviceClass") == "09":
            continue
        yield UsbDevice(
            vendor=hexadecimal(attribute(folder, "idVendor")),
            product=hexadecimal(attribute(folder, "idProduct")),
            path=folder.name,
            serial=attribute(folder, "serial"),
            maker=attribute(folder, "manufacturer"),
            name=attribute(folder, "product"),
            interfaces=tuple(_interfaces(folder, folders)),
            node=roots.dev / "bus/usb" / f"{_number(folder, 'busnum'):03}" / f"{_number(folder, 'devnum'):03}",
        )


def _number(folder: Path, name: str) -> int:
    text = attribute(folder, name)
    return int(text) if text.isdecimal() else 0


def _interfaces(device: Path, folders: list[Path]) -> Iterator[UsbInterface]:
    for folder in folders:
        found = _USB_INTERFACE.match(folder.name)
        if found is None or found[1] != device.name:
            continue
        driver = folder / "driver"
        kind = [hexadecimal(attribute(folder, f"bInterface{part}")) for part in ("Class", "SubClass", "Protocol")]
        yield UsbInterface(
            number=int(found[2]),
            kind=(kind[0], kind[1], kind[2]),
            driver=driver.resolve().name if driver.exists() else "",
            ieee1284=attribute(folder, "ieee1284_id"),
        )


def usb_port(folder: Path) -> tuple[str, int]:
    """The port and interface number on the way to a device of any class; "", -1 when it is not on USB."""
    for part in reversed(folder.resolve().parts):
        if (found := _USB_INTERFACE.match(part)) is not None:
            return found[1], int(found[2])
    return "", -1


def hid_nodes(roots: Roots = ROOTS) -> Iterator[HidNode]:
    """Every hidraw node of a known vendor."""
    for folder in entries(roots.sys / "class/hidraw"):
        device = folder / "device"
        facts = dict(line.partition("=")[::2] for line in attribute(device, "uevent").splitlines())
        numbers = facts.get("HID_ID", "").split(":")
        if len(numbers) != len(("bus", "vendor", "product")):
            continue
        path, interface = usb_port(device)
        yield HidNode(
            node=roots.dev / folder.name,
            vendor=hexadecimal(numbers[1]),
            product=hexadecimal(numbers[2]),
            serial=facts.get("HID_UNIQ", ""),
            name=facts.get("HID_NAME", ""),
            path=path,
            interface=interface,
            usages=usage_pages(device),
        )


def usage_pages(device: Path) -> frozenset[int]:
    """The usage pages in a report descriptor (HID 1.11, 6.2.2: short items, the global item 0000 01nn)."""
    try:
        descriptor = (device / "report_descriptor").read_bytes()[:ATTRIBUTE_BYTES_MAX]
    except OSError:
        return frozenset()
    found, at = set(), 0
    while at < len(descriptor):
        prefix = descriptor[at]
        size = (0, 1, 2, 4)[prefix & 3]
        if prefix & 0xFC == _USAGE_PAGE:
            found.add(int.from_bytes(descriptor[at + 1 : at + 1 + size], "little"))
        at += 1 + size if prefix != _LONG_ITEM else 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
    return frozenset(found)


_USAGE_PAGE = 0x04
_LONG_ITEM = 0xFE
