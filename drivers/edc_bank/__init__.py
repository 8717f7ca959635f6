"""Card terminals of banks in Taiwan with records of 144 to 600 bytes."""

from drivers.edc_bank.driver import DRIVER

__all__ = ["DRIVER"]
