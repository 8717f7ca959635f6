"""An NCCC terminal on the bench: requests to make, replies to them, a till that asks."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

from drivers.nccc import DRIVER
from drivers.nccc.codec import (
    CARD_LAYOUT,
    NcccCodec,
)
from drivers.nccc.options import NcccOptions
from edge_hub.sdk.eft.model import Request, Transaction
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.testing import Bench, until
from edge_hub.sdk.testing.checks import pass_time

AT = "2026-10-09T14:30:15"
SALE = b"I260116 01N03" + b" " * 29 + b"000000128000" + b" " * 346
PAYMENTS = ("N", "C", "S", "E", "W")


def now():
    """Local time, as the simulated terminal's clock."""
    return datetime.now(tz=UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S")


def asking(transaction=Transaction.SALE, amount=1280, reference="A1B2C3D4E5", **more):
    fields = {"currency": "TWD", "minor_digits": 0, "at": now()} | more
    return Request(transaction=transaction, reference=reference, amount=amount, **fields)


def codec(**options):
    return NcccCodec(NcccOptions(**options))


def reply_to(data, **fields):
    """A terminal's reply, from scratch."""
    asked = CARD_LAYOUT.unpack(data)
    said = {name: asked[name] for name in ("indicator", "type", "payment", "host", "amount", "store")}
    return CARD_LAYOUT.pack(
        {**said, "code": "0000", "terminal": "13990001", "receipt": "000123", "batch": "000042"} | fields
    )


@asynccontextmanager
async def terminal(*faults, **options):
    bench = Bench(DRIVER, DRIVER.options(**options))
    bench.simulator.sleep = bench.clock.sleep
    for fault in faults:
        bench.simulator.set_fault(fault, True)
    async with bench.running():
        await bench.until_ready(EFT_TERMINAL)
        yield Till(bench)
        bench.check()


class Till:
    def __init__(self, bench):
        self.bench = bench
        self.simulator = bench.simulator
        self.heard = []
        self.count = 0

    @property
    def eft(self):
        return self.bench.role(EFT_TERMINAL)

    def fault(self, name, on=True):
        self.simulator.set_fault(name, on)

    @property
    def taken(self):
        return self.simulator.state()["taken"]

    async def run(self, awaitable):
        return await until(self.bench.clock, awaitable, limit_s=400)

    async def pay(self, amount=1280, transaction=Transaction.SALE, **more):
        """(request, its bytes, result or error)"""
        self.count += 1
        request = asking(transaction, amount, f"REF{self.count:07d}", **more)
        data = await self.eft.prepare(request)
        try:
            outcome = await self.run(self.eft.transact(request, data, self.heard.append))
        except DeviceError as error:
            outcome = error
        return request, data, outcome

    async def ask(self, request, data):
        await pass_time(self.bench, 10)
        return await self.run(self.eft.inquire(request, data))
