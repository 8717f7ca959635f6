"""Card terminals of Taishin and First Bank (400-byte records)."""

from drivers.taishin.driver import DRIVER

__all__ = ["DRIVER"]
