"""WeChat Pay: the customer shows a code."""

from drivers.wechat_pay.driver import WALLET

__all__ = ["WALLET"]
