"""USB scales that follow the HID point of sale standard."""

from drivers.scale_hid.driver import DRIVER

__all__ = ["DRIVER"]
