"""LINE Pay: the customer shows a code."""

from drivers.line_pay.driver import WALLET

__all__ = ["WALLET"]
