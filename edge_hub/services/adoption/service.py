"""Finding devices and taking them in: the file first, then the running hub, one change at a time."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from edge_hub.config import Config
from edge_hub.devices.hub import DeviceHub, DeviceSnapshot, UnknownDevice
from edge_hub.devices.inventory import Found, Inventory, SearchLimits
from edge_hub.devices.registry import Drivers, validate_options
from edge_hub.devices.transports import bad_url, check_url, other_scheme
from edge_hub.domain.staff import Permission
from edge_hub.errors import Conflict
from edge_hub.services.adoption.files import AdoptedFile, AdoptionAway, Device
from edge_hub.services.principal import Principal


class DeviceExists(Conflict):
    """Another device has this id; `params["device"]`."""

    code = "device-exists"
    title = "There is a device with this id already."


class DeviceNotAdopted(Conflict):
    """The device stands in a file of the operator's, which the hub never changes; `params["device"]`."""

    code = "device-not-adopted"
    title = "This device is configured by hand: change it in the configuration file."


class Adoption:
    """`apply` gives the running hub the devices of a configuration; `file` None: there is nowhere to write them."""

    def __init__(
        self,
        *,
        devices: DeviceHub,
        drivers: Drivers,
        inventory: Inventory,
        file: AdoptedFile | None,
        apply: Callable[[Config], Awaitable[None]],
    ) -> None:
        self._devices = devices
        self._drivers = drivers
        self._inventory = inventory
        self._file = file
        self._apply = apply
        self._changing = asyncio.Lock()

    async def find(self, who: Principal, *, network: bool = True, knock: bool = False) -> tuple[Found, ...]:
        """Everything plugged in or answering; `knock` tries port 9100 of the whole own network, up to 30 s long."""
        who.require(Permission.MANAGE_DEVICES)
        return await self._inventory.search(self._devices.configs, SearchLimits(network=network, knock=knock))

    async def adopt(self, who: Principal, device: Device) -> DeviceSnapshot:
        """Have this device from now on; the same again is no change. Raises DeviceExists, AdoptionAway and all that
        is wrong with it: UnknownDriver, BadOptions, BadUrl, ConfigInvalid.
        """
        who.require(Permission.MANAGE_DEVICES)
        device_id = str(device["id"])

        def add(adopted: list[dict[str, Any]]) -> None:
            if any(one.id == device_id for one in self._devices.configs) and dict(device) not in adopted:
                raise DeviceExists(device=device_id)
            if dict(device) not in adopted:
                adopted.append(dict(device))

        await self._load(device["driver"])
        self._check(device, who)
        await self._change(add)
        return self._devices.snapshot(device_id)

    async def change(self, who: Principal, device_id: str, changes: Mapping[str, Any]) -> DeviceSnapshot:
        """Change an adopted device: driver, url, label, options. Raises as `adopt`, UnknownDevice, DeviceNotAdopted."""
        who.require(Permission.MANAGE_DEVICES)

        def alter(adopted: list[dict[str, Any]]) -> None:
            one = self._adopted(adopted, device_id)
            one.update(changes)
            self._check(one, who)

        if "driver" in changes:
            await self._load(changes["driver"])
        await self._change(alter)
        return self._devices.snapshot(device_id)

    async def remove(self, who: Principal, device_id: str) -> None:
        """Have it no more. Raises UnknownDevice, DeviceNotAdopted, ConfigInvalid (a till needs it), AdoptionAway."""
        who.require(Permission.MANAGE_DEVICES)
        await self._change(lambda adopted: adopted.remove(self._adopted(adopted, device_id)))

    def _adopted(self, adopted: list[dict[str, Any]], device_id: str) -> dict[str, Any]:
        for one in adopted:
            if one.get("id") == device_id:
                return one
        if any(one.id == device_id for one in self._devices.configs):
            raise DeviceNotAdopted(device=device_id)
        raise UnknownDevice(device=device_id)

    async def _load(self, driver: str) -> None:
        """In a thread: no till waits for its modules."""
        await asyncio.to_thread(self._drivers.get, driver)

    def _check(self, device: Device, who: Principal) -> None:
        """What can be said of the device alone, with pointers into the request."""
        info = self._drivers.find(device["driver"])
        validate_options(info, device.get("options", {}))
        where = check_url(device["url"], serial_defaults=info.serial)
        if where.scheme not in info.schemes:
            raise other_scheme(info.name, info.schemes, where)
        if not who.local and where.name.startswith("/") and not _is_node(where.name):
            # a driver writes: it must not be the journal, or a configuration, that it writes to
            message = (
                "a tablet may name devices only, which are under /dev: use edge-hub devices adopt on the box for "
                "anything else"
            )
            raise bad_url("not-a-device", message)

    async def _change(self, alter: Callable[[list[dict[str, Any]]], None]) -> None:
        if self._file is None:
            raise AdoptionAway
        async with self._changing:
            adopted = await asyncio.to_thread(self._file.read)
            alter(adopted)
            config = await asyncio.to_thread(self._file.write, adopted)
            # once the file says so the hub must, too, whoever stops waiting
            await asyncio.shield(asyncio.ensure_future(self._apply(config)))


def _is_node(path: str) -> bool:
    """Whether it leads to a device under /dev, or to nothing there yet. /dev/fd are the hub's own files."""
    real = Path(os.path.realpath(path))
    try:
        return (
            real.is_relative_to("/dev")
            and not real.is_relative_to("/dev/shm")  # noqa: S108  # named to be refused
            and (not real.exists() or real.is_char_device())
        )
    except OSError:
        return False
