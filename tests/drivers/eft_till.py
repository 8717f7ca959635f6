"""A till at a simulated terminal on the bench: what the hub would ask, and what came of it."""

from contextlib import asynccontextmanager

from edge_hub.sdk.eft.bank import CARDHOLDER, PANS
from edge_hub.sdk.eft.model import Request, Transaction
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.testing import until
from edge_hub.sdk.testing.bench import Bench

LIMIT_S = 900.0
AT = "2026-10-09T14:30:15"


def request(transaction=Transaction.SALE, amount=1280, **more):
    values = {
        "transaction": transaction,
        "reference": "A0B1C2D3E4",
        "amount": amount,
        "currency": "TWD",
        "minor_digits": 0,
        "at": AT,
    }
    return Request(**(values | more))


class Till:
    """`sale` and its kin answer a Result, or the DeviceError that came instead."""

    def __init__(self, driver, **options):
        self.bench = Bench(driver, driver.options(**options))
        self.simulator = self.bench.simulator
        self.simulator.sleep = self.bench.clock.sleep
        self.heard = []
        self._references = 0

    @asynccontextmanager
    async def running(self):
        async with self.bench.running():
            await self.bench.until_ready(EFT_TERMINAL)
            yield self

    @property
    def terminal(self):
        return self.bench.role(EFT_TERMINAL)

    @property
    def taken(self):
        return self.simulator.state()["taken"]

    def request(self, transaction=Transaction.SALE, amount=1280, **more):
        self._references += 1
        return request(transaction, amount, reference=f"REF{self._references:07d}", **more)

    async def ask(self, one, data=None):
        data = data if data is not None else await self.terminal.prepare(one)
        self.heard = []
        return await self._outcome(self.terminal.transact(one, data, self.heard.append))

    async def sale(self, amount=1280):
        return await self.ask(self.request(amount=amount))

    async def undo(self, transaction, of, amount):
        return await self.ask(self.request(transaction, amount, original=of, original_amount=amount))

    async def inquire(self, one):
        return await self._outcome(self.terminal.inquire(one, await self.terminal.prepare(one)))

    async def settle(self):
        return await self._outcome(self.terminal.settle(AT, self.heard.append))

    async def later(self, seconds):
        await until(self.bench.clock, self.bench.clock.sleep(seconds), limit_s=seconds + 10)

    async def _outcome(self, asking):
        try:
            return await until(self.bench.clock, asking, limit_s=LIMIT_S)
        except DeviceError as error:
            return error


def secrets_in(*things):
    """What of the simulated customers may not be there."""
    text = " ".join(repr(thing) for thing in things)
    return [secret for secret in (*PANS.values(), CARDHOLDER) if secret in text]
