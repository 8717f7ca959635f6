"""Card terminals with ZVT (the German and Austrian standard for tills), over TCP or a serial line."""

from drivers.zvt.driver import DRIVER

__all__ = ["DRIVER"]
