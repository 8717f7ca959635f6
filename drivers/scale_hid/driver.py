"""A HID scale: it sends its weight all the time, and takes no command."""

from drivers.scale_hid.codec import HidScaleCodec
from drivers.scale_hid.options import HidScaleOptions
from drivers.scale_hid.simulator import HidScaleSimulator
from edge_hub.sdk.driver import DriverInfo
from edge_hub.sdk.roles import SCALE
from edge_hub.sdk.scales.driver import ScaleDriver, opener
from edge_hub.sdk.scales.weight import Reading

REPORT_S = 1.0
"""For the next report; scales send five or more a second."""


class HidScale(ScaleDriver[Reading, HidScaleOptions]):
    """Scale. What arrives was sent unasked, perhaps before the load changed: four readings alike, most of a second,
    make a weight, where a scale that is asked needs two.
    """

    reads = 4

    def codec(self) -> HidScaleCodec:
        return HidScaleCodec(report_id=self.options.report_id)

    async def look(self, *, for_sale: bool) -> Reading | None:  # noqa: ARG002  # there is one way only
        while await self.link.next(lambda reading: reading, 0) is not None:
            pass  # older than the question
        return await self.link.next(lambda reading: reading, REPORT_S)


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
