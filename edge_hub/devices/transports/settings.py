"""Line settings of a serial port: the URL's options over the driver's defaults over 9600 8N1."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge_hub.devices.transports.url import DeviceUrl, bad_url, flag, only_options

BAUD_RATES = (300, 600, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 115200, 230400, 460800, 921600)
OPTIONS = frozenset({"baudrate", "bytesize", "parity", "stopbits", "xonxoff", "rtscts", "dsrdtr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialSettings:
    """What a port is set to; `parity` is N, E, O, M or S."""

    baudrate: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1
    xonxoff: bool = False
    rtscts: bool = False
    dsrdtr: bool = False

    def __str__(self) -> str:
        """As technicians write it: `9600 8N1`."""
        return f"{self.baudrate} {self.bytesize}{self.parity}{self.stopbits}"


def serial_settings(url: DeviceUrl, defaults: Mapping[str, object]) -> SerialSettings:
    """Settings for `url`; raises BadUrl."""
    only_options(url, OPTIONS)
    words = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in defaults.items()}
    merged = DeviceUrl(scheme=url.scheme, name=url.name, options=words | url.options)
    only_options(merged, OPTIONS)
    return SerialSettings(
        baudrate=_number(merged, "baudrate", 9600, BAUD_RATES),
        bytesize=_number(merged, "bytesize", 8, (7, 8)),
        parity=_parity(merged),
        stopbits=_number(merged, "stopbits", 1, (1, 2)),
        xonxoff=flag(merged, "xonxoff"),
        rtscts=flag(merged, "rtscts"),
        dsrdtr=flag(merged, "dsrdtr"),
    )


def _number(url: DeviceUrl, name: str, default: int, allowed: tuple[int, ...]) -> int:
    text = url.options.get(name, str(default))
    for number in allowed:
        if text == str(number):
            return number
    raise bad_url(name, "{name} is one of {allowed}", why="number", name=name, allowed=", ".join(map(str, allowed)))


def _parity(url: DeviceUrl) -> str:
    letter = url.options.get("parity", "N").upper()
    if letter not in ("N", "E", "O", "M", "S"):
        raise bad_url("parity", "parity is N, E, O, M or S")
    return letter
