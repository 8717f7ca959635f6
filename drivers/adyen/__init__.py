"""Card terminals of Adyen, spoken with on the shop's own network."""

from drivers.adyen.driver import DRIVER

__all__ = ["DRIVER"]
