"""A HID scale without hardware: says its weight ten times a second, or when it changes."""

import asyncio
from collections.abc import Iterable
from fractions import Fraction

from drivers.scale_hid.codec import AT_ZERO, DATA, IN_MOTION, OVER_LIMIT, STABLE, UNDER_ZERO, UNITS
from drivers.scale_hid.options import HidScaleOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.messages import ScaleState
from edge_hub.sdk.packets import pack
from edge_hub.sdk.scales.simulated import SimulatedScale

PERIOD_S = 0.1
_STATUS = {
    ScaleState.ZERO: AT_ZERO,
    ScaleState.UNSTABLE: IN_MOTION,
    ScaleState.STABLE: STABLE,
    ScaleState.UNDER_ZERO: UNDER_ZERO,
    ScaleState.OVERWEIGHT: OVER_LIMIT,
}
_STEPS = {
    "kg": (-3, Fraction(1)),
    "g": (0, Fraction(1)),
    "lb": (-2, Fraction("453.59237") / 100),
    "oz": (-1, Fraction("28.349523125") / 10),
}
"""Scaling, and the grams of one step on its display."""


class HidScaleSimulator(SimulatedScale):
    """One simulated scale, in the unit of its options. It has no tare that the host would hear of."""

    def __init__(self, options: HidScaleOptions) -> None:
        super().__init__()
        self._options = options
        self._unit = next(number for number, name in UNITS.items() if name == options.unit)

    async def serve(self, wire: SimulatorWire) -> None:
        streaming = asyncio.create_task(self._stream(wire), name="simulated scale sends")
        try:
            while await wire.read():
                pass
        finally:
            streaming.cancel()
            await asyncio.gather(streaming, return_exceptions=True)

    def replies(self, data: bytes) -> Iterable[bytes]:  # noqa: ARG002  # whatever it is
        return ()

    async def _stream(self, wire: SimulatorWire) -> None:
        sent = b""
        while True:
            report = self._report()
            if report != sent or self._options.reports == "always":
                await self.send(wire, pack(report))
                sent = report
            await self.sleep(PERIOD_S)

    def _report(self) -> bytes:
        shown = self.read()
        scaling, step = _STEPS[self._options.unit]
        weight = 0 if shown.over or shown.under else round(max(0, shown.grams) / step)
        status = _STATUS[shown.state]
        body = DATA.pack(AT_ZERO if status == STABLE and not weight else status, self._unit, scaling, weight)
        return (bytes((self._options.report_id,)) if self._options.report_id else b"") + body
