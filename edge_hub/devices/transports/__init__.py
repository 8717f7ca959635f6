"""Wires: bytes to and from a device, whatever carries them. `open_transport` picks by the URL's scheme."""

from collections.abc import Mapping

from edge_hub.clock import Clock
from edge_hub.devices.transports.sim import SimPort
from edge_hub.devices.transports.url import (
    NETWORK_SCHEMES,
    BadUrl,
    DeviceUrl,
    bad_url,
    only_options,
    other_scheme,
    parse_url,
    public_url,
    usb_place,
)
from edge_hub.sdk.transport import Transport

__all__ = [
    "NETWORK_SCHEMES",
    "BadUrl",
    "DeviceUrl",
    "SimPort",
    "bad_url",
    "check_url",
    "open_transport",
    "other_scheme",
    "parse_url",
    "public_url",
]


async def open_transport(
    url: str, *, clock: Clock, simulators: Mapping[str, SimPort], serial_defaults: Mapping[str, object]
) -> Transport:
    """Open the wire at `url`.

    Raises BadUrl for a URL nobody could open, DeviceLost while nothing is there, DeviceBusy when another program
    holds the port, DeviceFault when the port refuses its settings.
    """
    where = check_url(url, serial_defaults=serial_defaults)
    if where.scheme == "sim":
        if where.name not in simulators:
            raise bad_url("simulator", "there is no simulator {name!r}", name=where.name)
        return await simulators[where.name].connect()
    # each kind of wire is imported when a device uses it
    if where.scheme in NETWORK_SCHEMES:
        return await _open_network(where, clock)
    if where.scheme == "serial":
        from edge_hub.devices.transports.serial import open_serial

        return await open_serial(where, clock, serial_defaults)
    if where.scheme == "usb":
        from edge_hub.devices.transports.usb import open_usb

        return await open_usb(where)
    if where.scheme in {"hid", "evdev"}:
        from edge_hub.devices.transports.hid import open_evdev, open_hid

        return await (open_hid if where.scheme == "hid" else open_evdev)(where, clock)
    from edge_hub.devices.transports.file import open_file

    return await open_file(where, clock)


async def _open_network(where: DeviceUrl, clock: Clock) -> Transport:
    if where.scheme == "tls":
        from edge_hub.devices.transports.tls import open_tls

        return await open_tls(where, clock)
    from edge_hub.devices.transports.tcp import open_tcp

    return await open_tcp(where, clock)


def check_url(url: str, *, serial_defaults: Mapping[str, object]) -> DeviceUrl:
    """All that can be known of a URL without opening it; raises BadUrl."""
    where = parse_url(url)
    if where.scheme == "serial":
        from edge_hub.devices.transports.settings import serial_settings

        serial_settings(where, serial_defaults)
    elif where.scheme == "tls":
        from edge_hub.devices.transports.tls import trust_of

        trust_of(where)
    elif where.scheme == "file":
        only_options(where, frozenset({"create"}))
    elif where.scheme == "usb" or (where.scheme == "hid" and not where.name.startswith("/")):
        usb_place(where)
    else:
        only_options(where, frozenset())
    return where
