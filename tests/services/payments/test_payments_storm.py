"""Everything that can go wrong, at random: at the end the journal and the bank's book say the same of every payment."""

import os
import random
from contextlib import suppress

import pytest

from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import BasketId
from edge_hub.domain.payment import IN_HAND, NOT_TAKEN, WAS_TAKEN, PaymentKind, PaymentNotMovable, PaymentState
from edge_hub.errors import EdgeHubError
from edge_hub.journal.errors import DiskFull
from edge_hub.sdk.eft.model import Found
from edge_hub.sdk.errors import DeviceTimeout
from edge_hub.services.payments.commands import MarkSending, MovePayment, RecordAnswer

SEEDS = 200 if os.environ.get("EDGE_HUB_CAMPAIGN") else 6
STEPS = 90
CALM_S = 3000
HOWS = ("approve", "decline", "timeout", "taken, then silence", "lost", "refuse", "no byte", "unspeakable", "unknown", "wrong amount", "nonsense", "late refusal")  # fmt: skip
SAYS = (Found.INCONCLUSIVE, Found.PENDING, DeviceTimeout("?"), "nonsense")


class Storm:
    def __init__(self, bench, seed):
        self.bench, self.random = bench, random.Random(seed)  # noqa: S311  # reproducible, not secret
        self.payments = []
        self.baskets = []

    async def step(self):
        await getattr(
            self,
            self.random.choice(
                ("pay", "pay", "pay", "time", "time", "away", "disk", "abandon", "decide", "ask", "upset")
            ),
        )()

    async def pay(self):
        basket = await self.bench.basket()
        self.baskets.append(basket.id)
        if self.random.random() < 0.6:
            await self.upset()
        try:
            view = await self.bench.pay(basket=basket, provider=self.random.choice(("card", "line_pay")))
        except EdgeHubError:
            return
        self.payments.append(view)

    async def time(self):
        await self.bench.clock.advance(self.random.choice((0, 1, 7, 60, 600)))

    async def away(self):
        fleet, name = self.random.choice(((self.bench.devices, "card"), (self.bench.wallets, "line_pay")))
        fleet.back(name) if fleet.errors else fleet.away(name)

    async def disk(self):
        command = self.random.choice((MovePayment, RecordAnswer, MarkSending))
        self.bench.journal.failing = {} if self.bench.journal.failing else {command: DiskFull()}

    async def upset(self):
        terminal = self.random.choice((self.bench.card, self.bench.wallet))
        terminal.script += self.random.choices(HOWS)
        terminal.says += self.random.choices(SAYS, k=self.random.randrange(5))

    async def abandon(self):
        if self.baskets:
            basket = self.bench.checkout.get(BasketId(self.random.choice(self.baskets))).basket
            if basket.state is BasketState.OPEN:
                with suppress(EdgeHubError):
                    await self.bench.checkout.abandon(self.bench.who(), BasketId(basket.id), basket.version, "left")

    async def decide(self):
        """A person looks at the terminal's screen, and says what is true."""
        for view in await self.bench.payments.unresolved():
            if view.payment.state is PaymentState.MANUAL:
                taken = view.payment.reference in self.bench.card.book | self.bench.wallet.book
                with suppress(PaymentNotMovable):  # asking has settled it meanwhile
                    await self.bench.payments.resolve(self.bench.boss, view.payment.id, approved=taken, note="saw it")

    async def ask(self):
        if self.payments:
            with suppress(EdgeHubError):
                await self.bench.payments.ask(self.bench.who(), self.random.choice(self.payments).payment.id)

    async def calm(self):
        """Everything is well again, and people do their part."""
        bench = self.bench
        bench.journal.failing = {}
        for terminal in (bench.card, bench.wallet):
            terminal.script, terminal.says = [], []
        bench.devices.back("card")
        bench.wallets.back("line_pay")
        for _ in range(10):
            await bench.clock.advance(CALM_S / 10)
            await bench.turns()
            await self.decide()


def all_payments(bench):
    return [bench.payments.get(row[0]).payment for row in bench.journal.rows("SELECT id FROM payments ORDER BY id")]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_the_journal_and_the_book_agree(open_bench, stocked_bench, seed):
    bench = stocked_bench
    storm = Storm(bench, seed)
    for _ in range(3):
        async with bench.running():
            for _ in range(STEPS // 3):
                await storm.step()
        bench = storm.bench = open_bench()
    async with bench.running():
        await storm.calm()
        book = bench.card.book | bench.wallet.book
        asked = [
            reference
            for terminal in (bench.card, bench.wallet)
            for name, reference in terminal.calls
            if name == "transact"
        ]
        assert len(asked) == len(set(asked)), "a request was sent twice"
        payments = all_payments(bench)
        assert payments
        for one in payments:
            assert one.state not in IN_HAND | {PaymentState.UNKNOWN, PaymentState.MANUAL}, one
            assert (one.state in WAS_TAKEN) == (one.reference in book), one
            assert one.state in WAS_TAKEN | NOT_TAKEN
            assert not one.disputed
        net = sum(amount if kind == "sale" else -amount for kind, amount in book.values())
        sold = bench.journal.row("SELECT coalesce(sum(total), 0) FROM sales")[0]
        orphans = sum(one.payment.amount.minor for one in await bench.payments.unresolved())
        wanted = sum(
            bench.checkout.get(BasketId(row[0])).totals.total.minor - bench.checkout.get(BasketId(row[0])).due.minor
            for row in bench.journal.rows("SELECT id FROM baskets WHERE state IN ('open', 'parked')")
        )
        assert net == sold + orphans + wanted
        assert all(one.automatic for one in payments if one.kind is not PaymentKind.SALE)
