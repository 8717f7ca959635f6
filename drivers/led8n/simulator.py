"""An eight-digit display without hardware."""

from collections.abc import Mapping

from drivers.led8n.codec import KINDS
from drivers.led8n.options import Led8nOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.label import Label, LabelText
from edge_hub.sdk.labels.canvas import draw
from edge_hub.sdk.raster import Bitmap, png
from edge_hub.sdk.simulated import Simulated

FAULTS = {"dark": "switched off: shows nothing and forgets", "reset": "switched off and on once"}
COMMAND_BYTES_MAX = 32
MARGIN_DOTS = 16
_ESC, _STX, _CLR, _CAN, _CR = 0x1B, 0x02, 0x0C, 0x18, 0x0D
_BAUD_BYTES, _STX_L_BYTES, _ESC_S_BYTES = 3, 6, 3
_FLAG_ON = 0x31
_LAMP_NONE = 0x30


class Led8nSimulator(Simulated):
    """One simulated display."""

    own_faults = FAULTS

    def __init__(self, options: Led8nOptions) -> None:
        self._options = options
        super().__init__()
        self._unknown = 0
        self._restart()

    def _restart(self) -> None:
        self._held = bytearray()
        self._blank()
        self._lamp = 0

    def _blank(self) -> None:
        self._amount = ""

    def set_fault(self, name: str, on: bool) -> None:
        super().set_fault(name, on and name != "reset")
        if on:
            self._restart()

    def state(self) -> Mapping[str, object]:
        kind = KINDS[self._lamp - 1].value if self._lamp else ""
        return {"amount": self._amount, "kind": kind, "unknown_commands": self._unknown}

    def picture(self) -> bytes | None:
        lit = ["*" if number == self._lamp else "." for number in range(1, len(KINDS) + 1)]
        lamps = "  ".join(f"{lamp}{kind.value}" for lamp, kind in zip(lit, KINDS, strict=True))
        label = Label(
            width=500,
            height=150,
            elements=(
                LabelText(
                    x=10, y=5, text=self._amount.rjust(self._options.digits) or " ", height=90, width=480, bold=True
                ),
                LabelText(x=10, y=110, text=lamps, height=25, width=480),
            ),
        )
        drawn = draw(label)
        return png(Bitmap(drawn.width, drawn.height, bytes(value ^ 0xFF for value in drawn.rows)), margin=MARGIN_DOTS)

    async def serve(self, wire: SimulatorWire) -> None:
        """Take bytes until the host leaves."""
        while data := await wire.read():
            if "dark" not in self._active:
                self.feed(data)

    def feed(self, data: bytes) -> None:
        """Bytes from the host, in any pieces."""
        self._held += data
        while self._held:
            size = self._next()
            if size == 0:
                if len(self._held) < COMMAND_BYTES_MAX:
                    return
                size = 1
                self._unknown += 1
            del self._held[:size]

    def _next(self) -> int:
        """Carry out the first command held; its size, or 0 when its end has not come."""
        held = self._held
        if held[0] in (_CLR, _CAN):
            self._blank()
            return 1
        if held[0] == _STX:
            return self._stx()
        if held[0] == _ESC:
            return self._escape()
        self._unknown += 1
        return 1

    def _stx(self) -> int:
        held = self._held
        size = _STX_L_BYTES if held[1:2] == b"L" else _BAUD_BYTES
        if len(held) < size:
            return 0
        if size == _STX_L_BYTES:
            flags = [value == _FLAG_ON for value in held[2:size]]
            self._lamp = flags.index(True) + 1 if True in flags else 0
        return size

    def _escape(self) -> int:
        held = self._held
        if held[1:2] == b"@":
            self._blank()
            self._lamp = 0
            return 2
        if len(held) < _ESC_S_BYTES:
            return 0
        if held[1:2] == b"s":
            lamp = held[2] - _LAMP_NONE
            self._lamp = lamp if 0 <= lamp <= len(KINDS) else self._lamp
            return _ESC_S_BYTES
        if held[1:3] == b"QA":
            return self._digits()
        self._unknown += 1
        return 2

    def _digits(self) -> int:
        end = self._held.find(_CR)
        if end < 0:
            return 0
        text = bytes(self._held[3:end]).decode("ascii", "ignore")
        self._amount = "".join(char for char in text if char in "0123456789.-")
        return end + 1
