"""Cash drawers on a serial port of their own."""

from drivers.serial_drawer.driver import DRIVER

__all__ = ["DRIVER"]
