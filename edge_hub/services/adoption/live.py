"""The devices of a configuration, given to a hub that runs."""

from typing import Any, TypedDict

from edge_hub.config import Config
from edge_hub.devices.hub import DeviceHub
from edge_hub.devices.registry import Drivers
from edge_hub.devices.states import DeviceConfig
from edge_hub.domain.ids import DeviceId
from edge_hub.sdk.roles import CASH_DRAWER, LABEL_PRINTER, POS_PRINTER, Role
from edge_hub.services.printing.lanes import Lanes


class LaneDevices(TypedDict):
    """Which devices have lanes, and who takes over from which printer."""

    printers: list[DeviceId]
    drawers: list[DeviceId]
    labelers: list[DeviceId]
    fallbacks: dict[DeviceId, DeviceId]


def device_configs(config: Config) -> list[DeviceConfig]:
    """The devices as the device hub takes them."""
    return [
        DeviceConfig(
            id=device.id,
            driver=device.driver,
            url=device.url,
            options=config.with_paths(device.options),
            label=device.label,
        )
        for device in config.devices
    ]


def lane_devices(config: Config, drivers: Drivers) -> LaneDevices:
    """The devices that print or open drawers. Their drivers must be known (`daemon.check_devices`)."""

    def filling(role: Role[Any]) -> list[DeviceId]:
        return [DeviceId(device.id) for device in config.devices if role in drivers.find(device.driver).roles]

    return {
        "printers": filling(POS_PRINTER),
        "drawers": filling(CASH_DRAWER),
        "labelers": filling(LABEL_PRINTER),
        "fallbacks": {DeviceId(one): DeviceId(other) for one, other in config.fallbacks.items()},
    }


class LiveDevices:
    """The running devices and, once there are any, the lanes of their jobs."""

    def __init__(self, devices: DeviceHub, drivers: Drivers) -> None:
        self._devices = devices
        self._drivers = drivers
        self.lanes: Lanes | None = None

    async def apply(self, config: Config) -> None:
        """Have the devices of `config`: its lanes let go first, then devices end and begin, then lanes begin.

        A job in hand on a device that goes is of unknown outcome, as when its cable is pulled. A changed `fallback`
        of a device that stays counts from the next start.
        """
        configs = device_configs(config)
        if self.lanes is not None:
            self.lanes.leave(self._devices.ending(configs))
        await self._devices.apply(configs)
        if self.lanes is not None:
            await self.lanes.join(**lane_devices(config, self._drivers))
