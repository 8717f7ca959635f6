"""A customer display without hardware: reads its dialect's bytes onto a glass of cells."""

from collections.abc import Mapping

from drivers.line_display.glass import Screen
from drivers.line_display.options import DisplayOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.layout import Run
from edge_hub.sdk.raster import Bitmap, png, stack, text_line
from edge_hub.sdk.simulated import Simulated

MARGIN_DOTS = 16
FAULTS = {
    "dark": "switched off: shows nothing and forgets",
    "reset": "switched off and on once",
}


class DisplaySimulator(Simulated):
    """One simulated display."""

    own_faults = FAULTS

    def __init__(self, options: DisplayOptions) -> None:
        self._options = options
        super().__init__()
        self._screen = Screen(options)

    @property
    def lines(self) -> tuple[str, ...]:
        """What the customer reads, without spaces at the end."""
        return self._screen.lines

    def set_fault(self, name: str, on: bool) -> None:
        super().set_fault(name, on and name != "reset")
        if on:
            self._screen = Screen(self._options)

    def state(self) -> Mapping[str, object]:
        return {"lines": list(self.lines), "unknown_commands": self._screen.unknown}

    def picture(self) -> bytes | None:
        dots = (self._options.columns * 12 + 7) // 8 * 8
        bitmap = stack((text_line((Run(line),), dots) for line in self.lines), dots)
        # lit characters on dark glass
        return png(Bitmap(dots, bitmap.height, bytes(value ^ 0xFF for value in bitmap.rows)), margin=MARGIN_DOTS)

    async def serve(self, wire: SimulatorWire) -> None:
        """Take bytes until the host leaves."""
        while data := await wire.read():
            if "dark" not in self._active:
                self._screen.feed(data)
