"""Wallets on the bench: each with its provider, a customer and a code."""

import dataclasses
from contextlib import asynccontextmanager

from drivers import alipay, jkopay, line_pay, wechat_pay
from edge_hub.sdk.eft.model import Transaction
from edge_hub.sdk.errors import DeviceLost
from edge_hub.sdk.testing.contract_wallet import WalletBench

WALLETS = {wallet.WALLET.name: wallet.WALLET for wallet in (alipay, jkopay, line_pay, wechat_pay)}
CODES = {
    "line_pay": "312345678901234567",
    "jkopay": "22J123456789ABCDEF",
    "wechat_pay": "130000000000000001",
    "alipay": "280000000000000001",
}
ABSENT_AFTER_S = {"line_pay": 330, "jkopay": 15, "wechat_pay": 150, "alipay": 150}
ASKING = ["alipay", "line_pay", "wechat_pay"]
SALE, REFUND, VOID = Transaction.SALE, Transaction.REFUND, Transaction.VOID


@asynccontextmanager
async def serving(name, **changes):
    """A bench whose merchant's options are changed."""
    info = WALLETS[name]

    def opened(context, options):
        return info.open(context, options.model_copy(update=changes))

    async with WalletBench.opened(dataclasses.replace(info, open=opened)) as bench:
        yield bench


async def inquire(bench, request):
    return await bench.ask("inquire", request)


async def lost(bench, request):
    result = await bench.transact(request)
    assert isinstance(result, DeviceLost)
    for fault in bench.simulator.active_faults:
        bench.simulator.set_fault(fault, False)
