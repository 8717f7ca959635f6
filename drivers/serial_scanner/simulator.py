"""A scanner without hardware: "scan" a code and it comes down the wire, suffix and all."""

import asyncio

from drivers.serial_scanner.options import ScannerOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.scanning.simulated import SimulatedScanner

SLOW_BYTE_S = 0.01
GARBAGE = b"\xff\xfe\x00\x80"
FAULTS = {
    "no_suffix": "the suffix was not configured: codes run into each other",
    "garbage": "electrical noise before every code",
    "double": "every code is sent twice",
    "slow": "sends byte by byte",
}
_SUFFIXES = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "none": b""}


class ScannerSimulator(SimulatedScanner):
    """One simulated scanner."""

    own_faults = FAULTS

    def __init__(self, options: ScannerOptions) -> None:
        super().__init__()
        self._options = options

    def encode(self, value: str) -> bytes:
        options, active = self._options, self.active_faults
        code = (options.prefix + value).encode(options.encoding, "replace")
        frame = code + (b"" if "no_suffix" in active else _SUFFIXES[options.suffix])
        if "garbage" in active:
            frame = GARBAGE + _SUFFIXES[options.suffix] + frame
        return frame * 2 if "double" in active else frame

    async def send(self, wire: SimulatorWire, code: bytes) -> None:
        if "slow" not in self.active_faults:
            await super().send(wire, code)
            return
        for value in code:
            await wire.write(bytes((value,)))
            await asyncio.sleep(SLOW_BYTE_S)
