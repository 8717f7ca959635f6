"""Whether what the configuration names is there: drivers with their options and addresses, doors, a schedule."""

from collections.abc import Iterator

from edge_hub.config import Config, ConfigInvalid
from edge_hub.devices.registry import (
    Drivers,
    WalletDrivers,
    load_drivers,
    load_wallet_drivers,
    validate_options,
)
from edge_hub.devices.transports import check_url
from edge_hub.doors.check import door_faults
from edge_hub.errors import EdgeHubError, Fault
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.services.upkeep.housekeeping import schedule_is_valid


def check_devices(
    config: Config, drivers: Drivers | None = None, wallets: WalletDrivers | None = None
) -> tuple[Drivers, WalletDrivers]:
    """Find every configured driver and check its options and address; the installed drivers of devices and of wallets.

    Raises ConfigInvalid with all faults.
    """
    drivers = drivers or load_drivers()
    wallets = wallets or load_wallet_drivers()
    faults = [
        *_device_faults(config, drivers),
        *_wallet_faults(config, wallets),
        *_terminal_faults(config, drivers),
        *door_faults(config, drivers),
    ]
    schedule = config.tables.backup.schedule
    if schedule and not schedule_is_valid(schedule):
        faults.append(Fault(pointer="backup.schedule", code="cron", message='is not a schedule such as "30 3 * * *"'))
    if faults:
        raise ConfigInvalid("\n".join(f"{fault.pointer}: {fault.message}" for fault in faults), faults=tuple(faults))
    return drivers, wallets


def _device_faults(config: Config, drivers: Drivers) -> Iterator[Fault]:
    for index, device in enumerate(config.devices):
        try:
            info = drivers.find(device.driver)
        except EdgeHubError as error:
            yield Fault(pointer=f"devices[{index}].driver", code=error.code, message=error.detail)
            continue
        try:
            validate_options(info, config.with_paths(device.options))
            check_url(device.url, serial_defaults=info.serial)
        except EdgeHubError as error:
            yield from _below(f"devices[{index}]", error)


def _wallet_faults(config: Config, wallets: WalletDrivers) -> Iterator[Fault]:
    for index, wallet in enumerate(config.tables.wallets):
        try:
            info = wallets.find(wallet.driver)
        except EdgeHubError as error:
            yield Fault(pointer=f"wallets[{index}].driver", code=error.code, message=error.detail)
            continue
        if wallet.url:
            continue  # a simulated one brings its own options
        try:
            validate_options(info, config.with_paths(wallet.options))
        except EdgeHubError as error:
            yield from _below(f"wallets[{index}]", error)


def _terminal_faults(config: Config, drivers: Drivers) -> Iterator[Fault]:
    """A till's terminal must be one: money is at stake, so this is not found out by the first customer."""
    of_device = {device.id: device.driver for device in config.devices}
    for index, till in enumerate(config.tables.tills):
        driver = of_device.get(till.terminal, "")
        if driver in drivers and EFT_TERMINAL not in drivers[driver].roles:
            message = f"needs a card terminal, and the driver {driver!r} is none"
            yield Fault(pointer=f"tills[{index}].terminal", code="device-cannot", message=message)


def _below(table: str, error: EdgeHubError) -> Iterator[Fault]:
    for fault in error.faults:
        yield Fault(pointer=f"{table}{fault.pointer.replace('/', '.')}", code=fault.code, message=fault.message)
