"""Finding devices and taking them into the configuration, while the shop goes on."""

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.adoption import (
    AdoptBody,
    ChangeDeviceBody,
    FoundsDoc,
    SearchBody,
    changes,
    device_table,
    found,
)
from edge_hub.api.schemas.devices import DeviceDoc, device
from edge_hub.config import ConfigInvalid
from edge_hub.devices.hub import UnknownDevice
from edge_hub.devices.registry import BadOptions, UnknownDriver
from edge_hub.devices.transports import BadUrl
from edge_hub.domain.staff import Permission
from edge_hub.services.adoption.files import AdoptionAway
from edge_hub.services.adoption.service import Adoption, DeviceExists, DeviceNotAdopted

ROUTES = Routes("Devices")
CHANGING = (UnknownDriver, BadOptions, BadUrl, ConfigInvalid, AdoptionAway)


def _adoption(call: Call[object, object]) -> Adoption:
    call.who.require(Permission.MANAGE_DEVICES)
    if call.services.adoption is None:
        raise AdoptionAway
    return call.services.adoption


@ROUTES.on(
    "POST", "/v1/devices/found", request=SearchBody, response=FoundsDoc, auth="staff",
    permission=Permission.MANAGE_DEVICES, errors=(AdoptionAway,),
)  # fmt: skip
async def find_devices(call: Call[SearchBody, None]) -> FoundsDoc:
    """Search for devices: plugged in, announced on the network, or answering.

    Takes 3 s, with `knock` up to 30. `drivers` are those that fit by what the device says of itself, best first;
    `in_use` names the configured device that it is.
    """
    adoption = _adoption(call)
    listed = await adoption.find(call.who, network=call.body.network, knock=call.body.knock)
    return {"found": [found(one) for one in listed]}


@ROUTES.on(
    "POST", "/v1/devices", request=AdoptBody, response=DeviceDoc, status=201, auth="staff",
    permission=Permission.MANAGE_DEVICES, errors=(DeviceExists, *CHANGING),
)  # fmt: skip
async def adopt_device(call: Call[AdoptBody, None]) -> DeviceDoc:
    """Take a device into the configuration and run it; asking again for the same changes nothing."""
    adopted = await _adoption(call).adopt(call.who, device_table(call.body))
    return device(adopted, call.locale)


@ROUTES.on(
    "PATCH", "/v1/devices/{device_id}", request=ChangeDeviceBody, response=DeviceDoc, auth="staff",
    permission=Permission.MANAGE_DEVICES, errors=(UnknownDevice, DeviceNotAdopted, *CHANGING),
)  # fmt: skip
async def change_device(call: Call[ChangeDeviceBody, None]) -> DeviceDoc:
    """Change an adopted device; only this one begins anew."""
    changed = await _adoption(call).change(call.who, call.path["device_id"], changes(call.body))
    return device(changed, call.locale)


@ROUTES.on(
    "DELETE", "/v1/devices/{device_id}", status=204, auth="staff", permission=Permission.MANAGE_DEVICES,
    errors=(UnknownDevice, DeviceNotAdopted, ConfigInvalid, AdoptionAway),
)  # fmt: skip
async def remove_device(call: Call[None, None]) -> None:
    """Take an adopted device out of the configuration; its waiting jobs stay in the list."""
    await _adoption(call).remove(call.who, call.path["device_id"])
