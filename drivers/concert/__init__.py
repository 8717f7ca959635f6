"""French card terminals with Concert V2 on a serial line."""

from drivers.concert.driver import DRIVER

__all__ = ["DRIVER"]
