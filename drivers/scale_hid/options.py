"""What a technician may say about a HID scale."""

from pydantic import Field

from edge_hub.sdk.scales.driver import ScaleOptions


class HidScaleOptions(ScaleOptions):
    """Settings of one scale."""

    report_id: int = Field(default=3, ge=0, le=255)
    """Of its data reports; 0: it numbers none."""
