"""Reports of a weighing device (HID Point of Sale Usage Tables 1.02, page 8D, usage 32 Scale Data Report).

Report id (03 on all scales known; none where a scale numbers no reports), then five bytes: status (usages 71-78 in
their order, from 1 on), unit (usages 51-5C likewise), scaling (a signed power of ten), weight (16 bits, low byte
first). The weight has no sign: below zero is a status.
"""

import struct

from edge_hub.sdk.messages import ScaleState
from edge_hub.sdk.packets import Unpacker
from edge_hub.sdk.scales.framing import Bad
from edge_hub.sdk.scales.weight import Reading, weight_of

DATA = struct.Struct("<BBbH")
"""Status, unit, scaling, weight."""
SCALING_MAX = 3
SCALING_MIN = -6
AT_ZERO, IN_MOTION, STABLE, UNDER_ZERO, OVER_LIMIT = 2, 3, 4, 5, 6
NOT_READY = frozenset({1, 7, 8})
"""Fault, to be calibrated, to be set to zero."""
UNITS = {1: "mg", 2: "g", 3: "kg", 11: "oz", 12: "lb"}
"""Those that goods are sold by; the rest are carats, taels, grains, pennyweights, tons and troy ounces."""
_NO_WEIGHT = {UNDER_ZERO: ScaleState.UNDER_ZERO, OVER_LIMIT: ScaleState.OVERWEIGHT} | dict.fromkeys(
    NOT_READY, ScaleState.NOT_READY
)
_WEIGHT = {
    (IN_MOTION, True): ScaleState.UNSTABLE,
    (IN_MOTION, False): ScaleState.UNSTABLE,
    (STABLE, True): ScaleState.STABLE,
    (STABLE, False): ScaleState.ZERO,
    (AT_ZERO, False): ScaleState.ZERO,
}
"""What a status means of a weight above zero or not; other pairs contradict themselves."""


class HidScaleCodec:
    """Packets to readings. Holds at most a packet; never raises."""

    def __init__(self, *, report_id: int) -> None:
        self._id = bytes((report_id,)) if report_id else b""
        self._unpacker = Unpacker()

    def feed(self, data: bytes) -> list[Reading | Bad]:
        """What the reports say that `data` completed; those of other ids (limits, statistics) say nothing, and what
        was damaged on the way is not there.
        """
        reports = [report for report in self._unpacker.feed(data) if report.startswith(self._id)]
        return [_parse(report[len(self._id) :]) for report in reports]


def _parse(body: bytes) -> Reading | Bad:
    if len(body) < DATA.size or any(body[DATA.size :]):
        return Bad(body, "no report of a weight")
    status, unit, scaling, raw = DATA.unpack(body[: DATA.size])
    if status in _NO_WEIGHT:
        return Reading(_NO_WEIGHT[status])
    if unit not in UNITS or not SCALING_MIN <= scaling <= SCALING_MAX:
        return Bad(body, f"a weight in unit {unit} x 10^{scaling}, which no goods are sold by")
    state = _WEIGHT.get((status, raw > 0))
    if state is None:
        return Bad(body, f"status {status} with a weight of {raw}")
    return Reading(state, weight_of(raw * 10 ** max(0, scaling), max(0, -scaling), UNITS[unit]))
