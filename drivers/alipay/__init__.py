"""Alipay: the customer shows a code."""

from drivers.alipay.driver import WALLET

__all__ = ["WALLET"]
