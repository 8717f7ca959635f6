"""Simulated devices and wallets: what they show, what breaks them, what a person would do to them."""

import asyncio
from typing import TypeVar

from aiohttp import web

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.devices import ActionBody, FaultBody, SimulatorDoc, faults
from edge_hub.devices.hub import UnknownDevice
from edge_hub.domain.staff import Permission
from edge_hub.errors import Invalid, NotFound, fault
from edge_hub.sdk.driver import Simulator
from edge_hub.sdk.eft.wallet import WalletSimulator

ROUTES = Routes("Simulators")
PNG = "image/png"
S = TypeVar("S", Simulator, WalletSimulator)


class NotSimulated(NotFound):
    """The device is a real one."""

    code = "not-simulated"
    title = "This device is not simulated."


class NothingToShow(NotFound):
    """The simulated device has nothing to look at."""

    code = "nothing-to-show"
    title = "This device has nothing to show."


class FaultUnknown(NotFound):
    """The simulated device cannot break in this way."""

    code = "fault-unknown"
    title = "This simulated device has no such fault."


def _simulator(call: Call[object, object]) -> Simulator | WalletSimulator:
    """Of a device, or of a wallet: their ids do not clash."""
    wanted = call.path["device_id"]
    if wanted not in call.services.wallets:
        return _of_device(call)
    return _simulated(call.services.wallets.simulator(wanted), wanted)


def _of_device(call: Call[object, object]) -> Simulator:
    wanted = call.path["device_id"]
    return _simulated(call.services.devices.simulator(wanted), wanted)


def _simulated(found: S | None, wanted: str) -> S:
    if found is None:
        raise NotSimulated(device=wanted)
    return found


def _doc(simulator: Simulator | WalletSimulator, locale: str) -> SimulatorDoc:
    return {"faults": faults(simulator.faults, simulator.active_faults, locale), "state": dict(simulator.state())}


@ROUTES.on("GET", "/v1/devices/{device_id}/simulator", response=SimulatorDoc, errors=(UnknownDevice, NotSimulated))
async def get_simulator(call: Call[None, None]) -> SimulatorDoc:
    """A simulated device: its faults and what can be seen of it."""
    return _doc(_simulator(call), call.locale)


@ROUTES.on(
    "GET",
    "/v1/devices/{device_id}/simulator/picture",
    media=(PNG,),
    errors=(UnknownDevice, NotSimulated, NothingToShow),
)
async def get_simulator_picture(call: Call[None, None]) -> web.Response:
    """What a simulated device shows or has printed."""
    has_face = call.path["device_id"] not in call.services.wallets
    picture = await asyncio.to_thread(_of_device(call).picture) if has_face else None
    if picture is None:
        raise NothingToShow
    return web.Response(body=picture, content_type=PNG)


@ROUTES.on(
    "PUT", "/v1/devices/{device_id}/simulator/faults/{fault}", request=FaultBody, response=SimulatorDoc, auth="staff",
    permission=Permission.MANAGE_DEVICES, errors=(UnknownDevice, NotSimulated, FaultUnknown),
)  # fmt: skip
async def set_simulator_fault(call: Call[FaultBody, None]) -> SimulatorDoc:
    """Break a simulated device, or mend it."""
    call.who.require(Permission.MANAGE_DEVICES)
    simulator = _simulator(call)
    try:
        simulator.set_fault(call.path["fault"], call.body.on)
    except KeyError:
        raise FaultUnknown(fault=call.path["fault"]) from None
    return _doc(simulator, call.locale)


@ROUTES.on(
    "POST", "/v1/devices/{device_id}/simulator/actions", request=ActionBody, response=SimulatorDoc, auth="staff",
    permission=Permission.SELL, errors=(UnknownDevice, NotSimulated),
)  # fmt: skip
async def act_on_simulator(call: Call[ActionBody, None]) -> SimulatorDoc:
    """Do what a person would do to the device: scan a code, close the drawer, load paper."""
    call.who.require(Permission.SELL)
    simulator = _simulator(call)
    try:
        simulator.act(call.body.action, call.body.value)
    except (KeyError, ValueError):
        words = "is nothing this device lets a person do, or not with this value"
        raise Invalid(faults=(fault("/action", "unknown", words, why="no-such-action"),)) from None
    return _doc(simulator, call.locale)
