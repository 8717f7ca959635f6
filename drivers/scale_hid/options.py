"""What a technician may say about a HID scale."""

from typing import Literal

from pydantic import Field

from edge_hub.sdk.scales.driver import ScaleOptions


class HidScaleOptions(ScaleOptions):
    """Settings of one scale."""

    report_id: int = Field(default=3, ge=0, le=255)
    """Of its data reports; 0: it numbers none."""
    reports: Literal["always", "changes"] = "always"
    """changes: it is silent while nothing changes. USB loses no report, so the last one holds until the next."""
