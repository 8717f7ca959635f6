"""A cash drawer on a serial port, without hardware."""

from collections.abc import Mapping

from drivers.serial_drawer.options import DrawerOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.simulated import Simulated
from edge_hub.sdk.transport import ModemSwitch

FAULTS = {
    "drawer_jam": "the drawer does not open when kicked",
    "no_drawer_sensor": "the drawer's switch is not wired",
}


class DrawerSimulator(Simulated):
    """One simulated drawer: opens on its pulse, and is pushed shut by a person."""

    own_faults = FAULTS

    def __init__(self, options: DrawerOptions) -> None:
        self._options = options
        super().__init__()
        self._last = b""
        self._open = False
        self._kicks = 0
        self._wire: SimulatorWire | None = None

    def set_fault(self, name: str, on: bool) -> None:
        super().set_fault(name, on)
        self._show()

    def state(self) -> Mapping[str, object]:
        return {
            "connected": self._wire is not None,
            "drawer": "open" if self._open else "closed",
            "kicks": self._kicks,
        }

    def act(self, action: str, value: str) -> None:
        """`open_drawer` (with the key) or `close_drawer`."""
        if action not in ("open_drawer", "close_drawer"):
            raise KeyError(f"{action} {value}".rstrip())
        self._move(is_open=action == "open_drawer")

    async def serve(self, wire: SimulatorWire) -> None:
        """Take pulses until the host leaves."""
        self._wire = wire
        self._last = b""
        self._show()
        try:
            while data := await wire.read():
                self._take(data)
        finally:
            self._wire = None

    def _take(self, data: bytes) -> None:
        pulse = self._options.pulse
        for value in data:
            self._last = (self._last + bytes((value,)))[-len(pulse) :]
            if self._last == pulse:
                self._last = b""
                self._kicks += 1
                if "drawer_jam" not in self._active:
                    self._move(is_open=True)

    def _move(self, *, is_open: bool) -> None:
        self._open = is_open
        self._show()

    def _show(self) -> None:
        """Set the modem line as the switch does; one that is not wired stays off."""
        sensor = self._options.sensor
        if sensor != "none" and isinstance(self._wire, ModemSwitch):
            level = self._open is (self._options.open_when == "on")
            self._wire.set_line(sensor, on=level and "no_drawer_sensor" not in self._active)
