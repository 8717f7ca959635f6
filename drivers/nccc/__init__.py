"""Card terminals with NCCC's 400-byte records."""

from drivers.nccc.driver import DRIVER

__all__ = ["DRIVER"]
