"""JKOPay (街口支付): the customer shows a code."""

from drivers.jkopay.driver import WALLET

__all__ = ["WALLET"]
