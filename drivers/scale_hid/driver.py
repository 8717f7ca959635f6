"""A HID scale: it sends its weight all the time, or whenever it changes, and takes no command."""

from drivers.scale_hid.codec import HidScaleCodec
from drivers.scale_hid.options import HidScaleOptions
from drivers.scale_hid.simulator import HidScaleSimulator
from edge_hub.sdk.driver import Context, DriverInfo
from edge_hub.sdk.roles import SCALE
from edge_hub.sdk.scales.driver import ScaleDriver, opener
from edge_hub.sdk.scales.weight import Reading
from edge_hub.sdk.transport import Transport

REPORT_S = 1.0
"""For the next report; scales send five or more a second."""
CHANGE_S = 0.1
"""In which one that sends changes would have sent one."""


class HidScale(ScaleDriver[Reading, HidScaleOptions]):
    """Scale. What arrives was sent unasked, perhaps before the load changed: four readings alike, most of a second,
    make a weight, where a scale that is asked needs two.
    """

    reads = 4

    def __init__(self, context: Context, transport: Transport, options: HidScaleOptions) -> None:
        super().__init__(context, transport, options)
        self._on_change = options.reports == "changes"
        self.silence_is_loss = not self._on_change
        self._last: Reading | None = None

    def codec(self) -> HidScaleCodec:
        return HidScaleCodec(report_id=self.options.report_id)

    async def greet(self) -> None:
        """One that sends changes may well be silent."""
        if not self._on_change:
            await super().greet()

    async def look(self, *, for_sale: bool) -> Reading | None:  # noqa: ARG002  # there is one way only
        while (older := await self.link.next(lambda reading: reading, 0)) is not None:
            self._last = older
        reading = await self.link.next(lambda reading: reading, CHANGE_S if self._on_change else REPORT_S)
        if not self._on_change:
            return reading
        self._last = reading or self._last
        return self._last


DRIVER = DriverInfo(
    name="scale_hid",
    summary="USB scales that follow the HID standard (Dymo, Stamps.com, Fairbanks, Mettler Toledo PS and others)",
    roles=(SCALE,),
    options=HidScaleOptions,
    open=opener(HidScale),
    simulator=HidScaleSimulator,
    schemes=("hid", "sim"),
    hints=("usage:8d",),
)
