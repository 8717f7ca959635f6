"""Whether what the configuration names is there: drivers with their options and addresses, doors, a schedule."""

from edge_hub.config import Config, ConfigInvalid
from edge_hub.devices.registry import Drivers, load_drivers, validate_options
from edge_hub.devices.transports import check_url
from edge_hub.doors.check import door_faults
from edge_hub.errors import EdgeHubError, Fault
from edge_hub.services.upkeep.housekeeping import schedule_is_valid


def check_devices(config: Config, drivers: Drivers | None = None) -> Drivers:
    """Find every configured driver and check its options and address. Raises ConfigInvalid with all faults."""
    known = drivers or load_drivers()
    faults: list[Fault] = []
    for index, device in enumerate(config.devices):
        try:
            info = known.find(device.driver)
        except EdgeHubError as error:
            faults.append(Fault(pointer=f"devices[{index}].driver", code=error.code, message=error.detail))
            continue
        try:
            validate_options(info, device.options)
            check_url(device.url, serial_defaults=info.serial)
        except EdgeHubError as error:
            faults += [
                Fault(
                    pointer=f"devices[{index}]{fault.pointer.replace('/', '.')}", code=fault.code, message=fault.message
                )
                for fault in error.faults
            ]
    faults += door_faults(config, known)
    schedule = config.tables.backup.schedule
    if schedule and not schedule_is_valid(schedule):
        faults.append(Fault(pointer="backup.schedule", code="cron", message='is not a schedule such as "30 3 * * *"'))
    if faults:
        raise ConfigInvalid("\n".join(f"{fault.pointer}: {fault.message}" for fault in faults), faults=tuple(faults))
    return known
