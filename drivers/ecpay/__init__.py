"""Card terminals of ECPay (600-byte records with hashes)."""

from drivers.ecpay.driver import DRIVER

__all__ = ["DRIVER"]
