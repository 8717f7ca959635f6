"""French card terminals with Caisse-AP over IP."""

from drivers.caisse_ap.driver import DRIVER

__all__ = ["DRIVER"]
