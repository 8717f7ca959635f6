"""Devices: state, tests, the drawer, the customer display, claims."""

import asyncio
import re
from collections.abc import Awaitable

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.devices import (
    ClaimBody,
    ClaimDoc,
    DeviceDoc,
    DevicesDoc,
    DisplayBody,
    DrawerBody,
    JobDoc,
    ScanDoc,
    ScanQuery,
    device,
    job,
)
from edge_hub.bus import Wake
from edge_hub.devices.causes import DeviceAway
from edge_hub.devices.claims import Claimed
from edge_hub.devices.hub import UnknownDevice
from edge_hub.devices.supervisor import Supervised
from edge_hub.domain.ids import DeviceId
from edge_hub.domain.staff import Permission
from edge_hub.errors import Invalid, fault
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.messages import AmountKind, Scanned
from edge_hub.sdk.roles import LINE_DISPLAY, NUMERIC_DISPLAY, SCANNER
from edge_hub.services.printing.job import QueueFull
from edge_hub.services.printing.service import DeviceCannot

ROUTES = Routes("Devices")
DISPLAY_S = 3.0
AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
CONSOLE_OWNER = "console"


def _id(call: Call[object, object]) -> DeviceId:
    return DeviceId(call.path["device_id"])


@ROUTES.on("GET", "/v1/devices", response=DevicesDoc)
async def list_devices(call: Call[None, None]) -> DevicesDoc:
    """Every device and its state."""
    return {"devices": [device(one, call.locale) for one in call.services.devices.snapshots()]}


@ROUTES.on("GET", "/v1/devices/{device_id}", response=DeviceDoc, errors=(UnknownDevice,))
async def get_device(call: Call[None, None]) -> DeviceDoc:
    """One device."""
    return device(call.services.devices.snapshot(_id(call)), call.locale)


@ROUTES.on(
    "POST", "/v1/devices/{device_id}/test", response=JobDoc, status=202, auth="staff",
    permission=Permission.MANAGE_DEVICES, idempotent=True, errors=(UnknownDevice, DeviceCannot, QueueFull),
)  # fmt: skip
async def test_device(call: Call[None, None]) -> JobDoc:
    """Print a test page; of a label printer a test label."""
    printing = call.services.printing
    page = await printing.test_page(call.who, _id(call), key=call.key, fingerprint=call.fingerprint)
    return job(page, call.locale)


@ROUTES.on(
    "POST", "/v1/devices/{device_id}/open-drawer", request=DrawerBody, response=JobDoc, status=202, auth="staff",
    permission=Permission.OPEN_DRAWER, idempotent=True, errors=(UnknownDevice, DeviceCannot, QueueFull),
)  # fmt: skip
async def open_drawer(call: Call[DrawerBody, None]) -> JobDoc:
    """Open the drawer without a sale; journaled with its reason."""
    opened = await call.services.printing.open_drawer(
        call.who, _id(call), reason=call.body.reason, key=call.key, fingerprint=call.fingerprint
    )
    return job(opened, call.locale)


@ROUTES.on(
    "PUT", "/v1/devices/{device_id}/display", request=DisplayBody, status=204, auth="staff",
    permission=Permission.SELL, errors=(UnknownDevice, DeviceCannot, Claimed, DeviceAway),
)  # fmt: skip
async def show_lines(call: Call[DisplayBody, None]) -> None:
    """Show lines to the customer; no lines clear the display.

    A display that shows amounts only takes one line, a number: "1234.50".
    """
    call.who.require(Permission.SELL)
    device_id, devices = _id(call), call.services.devices
    roles = devices.snapshot(device_id).roles
    if LINE_DISPLAY.name not in roles and NUMERIC_DISPLAY.name not in roles:
        raise DeviceCannot(device=device_id, role=LINE_DISPLAY.name)
    if LINE_DISPLAY.name not in roles and not _is_amount(call.body.lines):
        raise Invalid(faults=(fault("/lines", "amount", "is not one line with one number", why="one-amount"),))
    holder = devices.claimed_by(device_id)
    if holder not in {None, _owner(call)}:
        raise Claimed(device=device_id, owner=holder)
    shown = _shown(devices.get(device_id), call.body.lines)
    if shown is None:
        raise DeviceAway(device=device_id, error_code="OFFLINE")
    try:
        async with asyncio.timeout(DISPLAY_S):
            await shown
    except DeviceError as error:
        raise DeviceAway(error.detail, device=device_id, error_code=error.error_code.value) from error
    except TimeoutError:
        raise DeviceAway(device=device_id, error_code="TIMEOUT") from None


def _is_amount(lines: tuple[str, ...]) -> bool:
    return not lines or (len(lines) == 1 and AMOUNT.fullmatch(lines[0]) is not None)


def _shown(device: Supervised, lines: tuple[str, ...]) -> Awaitable[None] | None:
    """The display's own call; None while it is away."""
    display, numbers = device.role(LINE_DISPLAY), device.role(NUMERIC_DISPLAY)
    if display is not None:
        return display.show(lines) if lines else display.clear()
    if numbers is not None:
        return numbers.show_amount(AmountKind.TOTAL, lines[0]) if lines else numbers.clear()
    return None


@ROUTES.on(
    "GET", "/v1/devices/{device_id}/scan", query=ScanQuery, response=ScanDoc, auth="staff",
    permission=Permission.MANAGE_DEVICES, errors=(UnknownDevice, DeviceCannot),
)  # fmt: skip
async def wait_for_scan(call: Call[None, ScanQuery]) -> ScanDoc:
    """Wait for a scanner to read something: to test it.

    Tills hear of the scan too, unless the scanner is claimed.
    """
    call.who.require(Permission.MANAGE_DEVICES)
    device_id, services = _id(call), call.services
    if SCANNER.name not in services.devices.snapshot(device_id).roles:
        raise DeviceCannot(device=device_id, role=SCANNER.name)
    with services.bus.subscribe("scan") as scans:
        try:
            async with asyncio.timeout(call.query.wait_s):
                async for wake in scans:
                    if isinstance(wake, Wake) and wake.key == device_id and isinstance(wake.value, Scanned):
                        return {"data": wake.value.data, "aim": wake.value.aim}
        except TimeoutError:
            pass
    return {"data": None, "aim": ""}


@ROUTES.on(
    "PUT", "/v1/devices/{device_id}/claim", request=ClaimBody, response=ClaimDoc, auth="staff",
    permission=Permission.SELL, errors=(UnknownDevice, Claimed),
)  # fmt: skip
async def claim_device(call: Call[ClaimBody, None]) -> ClaimDoc:
    """Take a device for this client alone, for a while; asking again extends it."""
    call.who.require(Permission.SELL)
    claim = call.services.devices.claim(_id(call), _owner(call), float(call.body.lease_s))
    return {"device": claim.device_id, "claimed_by": claim.owner, "lease_s": call.body.lease_s}


@ROUTES.on(
    "DELETE", "/v1/devices/{device_id}/claim", status=204, auth="staff", permission=Permission.SELL,
    errors=(UnknownDevice, Claimed),
)  # fmt: skip
async def release_device(call: Call[None, None]) -> None:
    """Give a claimed device back."""
    call.who.require(Permission.SELL)
    call.services.devices.release(_id(call), _owner(call))


def _owner(call: Call[object, object]) -> str:
    return call.who.client or CONSOLE_OWNER
