"""Whether what the configuration names is there: drivers with their options and addresses, doors, a schedule."""

from collections.abc import Iterator
from dataclasses import replace

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
from edge_hub.errors import EdgeHubError, Fault, blamed, fault
from edge_hub.sdk.roles import EFT_TERMINAL, LABEL_PRINTER, POS_PRINTER
from edge_hub.services.upkeep.housekeeping import schedule_is_valid

_PRINTING = {POS_PRINTER.name, LABEL_PRINTER.name}


def check_devices(
    config: Config, drivers: Drivers | None = None, wallets: WalletDrivers | None = None
) -> tuple[Drivers, WalletDrivers]:
    """Load every configured driver, check its options and address; the installed drivers of devices and of wallets.

    Raises ConfigInvalid with all faults.
    """
    drivers = load_drivers() if drivers is None else drivers
    wallets = load_wallet_drivers() if wallets is None else wallets
    faults = [
        *_device_faults(config, drivers),
        *_wallet_faults(config, wallets),
        *_terminal_faults(config, drivers),
        *_printer_faults(config, drivers),
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
            yield blamed(f"devices[{index}].driver", error.code, error)
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
            yield blamed(f"wallets[{index}].driver", error.code, error)
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
            words = "needs a card terminal, and the driver {driver!r} is none"
            yield fault(f"tills[{index}].terminal", "device-cannot", words, why="no-terminal", driver=driver)


def _printer_faults(config: Config, drivers: Drivers) -> Iterator[Fault]:
    """A till's and a route's printers, and who takes over, must be able to print what they are given."""
    kinds = {
        device.id: {role.name for role in drivers[device.driver].roles} & _PRINTING
        for device in config.devices
        if device.driver in drivers
    }
    for index, till in enumerate(config.tables.tills):
        if POS_PRINTER.name not in kinds.get(till.printer, {POS_PRINTER.name}):
            words = "needs a receipt printer, and {printer!r} is none"
            yield fault(f"tills[{index}].printer", "device-cannot", words, why="no-printer", printer=till.printer)
    for index, route in enumerate(config.tables.routes):
        for printer in route.printers:
            kind, labels = kinds.get(printer), route.layout == "label"
            yield from _unfit(f"routes[{index}].printers", printer, kind, labels=labels)
    for device, fallback in config.fallbacks.items():
        if {device, fallback} <= kinds.keys() and not _stands_in(kinds[fallback], kinds[device]):
            at, words = _fallback_of(config, device), "{fallback!r} cannot print what {device!r} does"
            yield fault(at, "device-cannot", words, why="unfit-fallback", fallback=fallback, device=device)


def _unfit(at: str, printer: str, kinds: set[str] | None, *, labels: bool) -> Iterator[Fault]:
    """What is wrong with a route's printer; `kinds` None: its driver is not known, which is told elsewhere."""
    if kinds == {LABEL_PRINTER.name} and not labels:
        words = '{printer!r} prints labels only: layout = "label", or a receipt printer'
        yield fault(at, "device-cannot", words, why="labels-only", printer=printer)
    if kinds == set():
        neither = "needs a receipt printer, or with labels a label printer, and {printer!r} is neither"
        yield fault(at, "device-cannot", neither, why="no-printer-at-all", printer=printer)


def _stands_in(kinds: set[str], other: set[str]) -> bool:
    """A receipt printer for anything; a label printer for one that prints labels only."""
    return POS_PRINTER.name in kinds or (bool(kinds) and POS_PRINTER.name not in other)


def _fallback_of(config: Config, device: str) -> str:
    """Where the device's fallback is written."""
    for index, one in enumerate(config.devices):
        if one.id == device and one.fallback:
            return f"devices[{index}].fallback"
    routes = enumerate(config.tables.routes)
    return next(f"routes[{index}].fallback" for index, route in routes if device in route.printers and route.fallback)


def _below(table: str, error: EdgeHubError) -> Iterator[Fault]:
    for found in error.faults:
        yield replace(found, pointer=f"{table}{found.pointer.replace('/', '.')}")
