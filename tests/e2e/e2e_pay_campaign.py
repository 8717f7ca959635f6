"""A campaign of payments: cashiers sell, terminals go wrong, the hub is killed; in the end the books are compared."""

import asyncio
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from e2e_clients import Heard
from e2e_hub import CALL_S, tracebacks
from e2e_pay_books import figures, journal_holds, ledger, wrongs
from e2e_pay_hunt import hunt, hunt_rows
from e2e_pay_lone_cashier import SlipCashier
from e2e_pay_manager import Manager
from e2e_pay_nursery import Nursery
from e2e_pay_people import Cashier, Floor, PayTablet, Weather
from e2e_pay_report import Progress, Report
from e2e_pay_shop import TERMINALS, PayHub, Protocol, Provider, currency_of, providers_of

FACTOR = 25.0
"""How much shorter waits are."""
WALLETS_FACTOR = 50.0
"""The same where nothing has the short limits of a line."""
CALM_S = 120.0
"""Until nothing is asked about any more, once all is well."""
CALM_LOOK_S = 0.3
DOWN_S = 0.4
"""The hub is down for this long at most between two lives."""
KILL_S = 20.0
"""A kill that waits for a moment that does not come is done anyhow."""
KILL_LOOK_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`payments` begun at a terminal or wallet for each of `wanted`, with `kills` of the hub in between."""

    name: str
    wanted: Sequence[Protocol]
    payments: int
    kills: int
    seed: str
    days: int = 1
    """How often each terminal's day is closed in between."""
    factor: float = FACTOR
    fault: str = ""
    """What is wrong with all of them all the time; "": now this, now that."""
    doubles: Mapping[str, str] = field(default_factory=dict)
    """Drivers that are wrong, by device (see `e2e_fast_hub`)."""


class Moment:
    """When to strike: at the n-th of something, and a little later."""

    def __init__(self, rng: random.Random) -> None:
        self._what = rng.choice(["money", "money", "request", "begun", "time"])
        self._left = rng.randrange(1, 6)
        self.later_s = rng.choice([0.0, 0.0, rng.random() * 0.05, rng.random(), rng.random() * 2])
        self.come = asyncio.Event()
        if self._what == "time":
            self.come.set()

    def count(self, what: str) -> None:
        if what == self._what:
            self._left -= 1
            if self._left <= 0:
                self.come.set()


class Campaign:
    """One run of a plan."""

    def __init__(self, folder: Path, plan: Plan, *, aloud: bool = False) -> None:
        """`aloud`: says on standard error how far it is."""
        self._folder = folder
        self._plan = plan
        self._rng = random.Random(plan.seed)  # noqa: S311  # reproducible, not secret
        self._moment = Moment(self._rng)
        self._progress = Progress(plan.name, aloud=aloud)

    async def run(self, nursery: Nursery) -> Report:
        """All of it. The hub's processes are gone afterwards, whatever happened."""
        plan = self._plan
        currency = await currency_of(plan.wanted[0])
        async with providers_of(plan.wanted, factor=plan.factor) as providers:
            hub = PayHub(self._folder, providers, currency, nursery, factor=plan.factor, doubles=plan.doubles)
            try:
                return await self._with(hub, providers)
            finally:
                await hub.close()

    async def _with(self, hub: PayHub, providers: list[Provider]) -> Report:
        plan = self._plan
        floor = Floor(hub, providers, plan.payments, self._rng, plan.factor, happened=self._count)
        for one in providers:
            one.on_money = lambda: floor.happened("money")
        await hub.start()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_S)) as session:
            tablets = [PayTablet(hub, session, hub.till(one), Heard()) for one in [*providers, providers[0]]]
            for number, tablet in enumerate(tablets):
                await tablet.pair(f"tablet-{number}")
            listed = await self._live(hub, floor, tablets)
        self._progress.enter("comparing")
        await hub.stop()
        books = ledger(hub, providers, listed)
        wrong = [*floor.problems, *wrongs(books), *await asyncio.to_thread(journal_holds, hub)]
        wrong += [f"the cashier was told of {sale}, which is not" for sale in floor.sales - set(books.totals)]
        self._progress.enter("hunting")
        wrong += [f"kept: {what}" for what in [*await asyncio.to_thread(hunt, hub.folder), *hunt_rows(hub)]]
        wrong += [f"in the log: {line}" for line in tracebacks(hub)]
        self._progress.enter("")
        return Report(
            name=plan.name, seed=plan.seed, books=books, wrong=wrong, told=dict(sorted(floor.told.items())),
            figures={**figures(books), "wrong": len(wrong), "kills": hub.lives - 1}, phases=self._progress.phases,
        )  # fmt: skip

    def _count(self, what: str) -> None:
        self._moment.count(what)

    async def _live(self, hub: PayHub, floor: Floor, tablets: list[PayTablet]) -> set[str]:
        """The day, and the evening on which everything is cleared up; who is on the list in the end."""
        self._progress.enter("selling")
        weather = Weather(floor, self._plan.fault)
        manager = Manager(floor, tablets[-1], weather)
        cashiers = [
            (SlipCashier if one.standalone else Cashier)(floor, tablet, one, weather)
            for tablet, one in zip(tablets[:-1], floor.providers, strict=True)
        ]
        async with asyncio.TaskGroup() as group:
            changing = group.create_task(weather.run())
            managing = group.create_task(manager.run())
            settling = group.create_task(manager.end_days(self._plan.days))
            killing = group.create_task(self._kill(hub, floor))
            saying = group.create_task(self._say(hub, floor))
            async with asyncio.TaskGroup() as selling:
                for cashier in cashiers:
                    selling.create_task(cashier.run())
            await killing
            await settling
            changing.cancel()
            saying.cancel()
            self._progress.enter("calming")
            for one in floor.providers:
                weather.clear(one)
            await self._calm(hub, floor, manager)
            managing.cancel()
        self._progress.enter("clearing up")
        await self._clear_up(tablets[0], hub)
        async with asyncio.timeout(CALM_S):
            while await self._unsettled(hub):
                await manager.once()
                await asyncio.sleep(CALM_LOOK_S)
            await manager.last_days()
        return {one["id"] for one in await manager.listed()}

    async def _say(self, hub: PayHub, floor: Floor) -> None:
        while True:
            await asyncio.sleep(CALM_LOOK_S)
            self._progress.say(
                lambda: {
                    "payments": f"{floor.begun} of {floor.goal}",
                    "kills": f"{hub.lives - 1} of {self._plan.kills}",
                    "problems": len(floor.problems),
                }
            )

    async def _kill(self, hub: PayHub, floor: Floor) -> None:
        kills = self._plan.kills
        for number in range(kills):
            while floor.open and floor.begun < floor.goal * (number + 1) / (kills + 1):  # noqa: ASYNC110  # counted
                await asyncio.sleep(KILL_LOOK_S / 4)
            self._moment = Moment(self._rng)
            end = time.monotonic() + KILL_S
            while floor.open and not self._moment.come.is_set() and time.monotonic() < end:
                await asyncio.wait({coming := asyncio.ensure_future(self._moment.come.wait())}, timeout=KILL_LOOK_S)
                coming.cancel()
            await asyncio.sleep(self._moment.later_s)
            await hub.kill()
            await asyncio.sleep(self._rng.random() * DOWN_S)
            await hub.start()

    async def _calm(self, hub: PayHub, floor: Floor, manager: Manager) -> None:
        """Until nothing is in hand or in doubt. Whatever is in doubt meanwhile must be on the list."""
        async with asyncio.timeout(CALM_S):
            while unsettled := await self._unsettled(hub):
                doubted = {name for name, state in unsettled if state in {"unknown", "manual"}}
                shown = {one["id"] for one in await manager.listed()}
                still = {name for name, _ in await self._unsettled(hub)}
                floor.problems += [f"in doubt, not listed: {name}" for name in (doubted & still) - shown]
                await asyncio.sleep(CALM_LOOK_S)

    @staticmethod
    async def _unsettled(hub: PayHub) -> list[tuple[str, str]]:
        settled = "'approved', 'recovered_approved', 'declined', 'recovered_declined', 'not_sent', 'reversed'"
        sql = (
            f"SELECT id, state FROM payments WHERE state NOT IN ({settled})"  # noqa: S608  # words of our own
            " UNION ALL SELECT id, 'settling' FROM settlements WHERE state = 'open'"
        )
        return await asyncio.to_thread(hub.rows, sql)

    async def _clear_up(self, tablet: PayTablet, hub: PayHub) -> None:
        """What customers left behind is paid in cash, or given up where nothing of it is paid yet."""
        for name in [name for (name,) in hub.rows("SELECT id FROM baskets WHERE state = 'open'")]:
            basket = await tablet.get_again(f"/v1/baskets/{name}")
            if basket["state"] != "open":
                continue
            if basket["tenders"] or self._rng.random() < 0.5:
                what, body = "tenders", {"type": "cash", "amount": basket["cash_due"]}
            else:
                what, body = "abandon", {"reason": "end of the day"}
            await tablet.ask("POST", f"/v1/baskets/{name}/{what}", body, version=basket["version"])


PAYMENTS = 2000
PAYMENTS_A_KILL = 33
DAYS = 2


def long_plan(protocol: Protocol) -> Plan:
    """The long form of one protocol; PAYMENTS and SEED of the environment."""
    payments = payments_of(PAYMENTS)
    return Plan(
        name=protocol.name, wanted=[protocol] * TERMINALS, payments=payments, kills=payments // PAYMENTS_A_KILL,
        seed=seed_of(protocol.name), days=DAYS, factor=WALLETS_FACTOR if protocol.wallet else FACTOR,
    )  # fmt: skip


def payments_of(default: int) -> int:
    """PAYMENTS of the environment, for a shorter or longer campaign."""
    return int(os.environ.get("PAYMENTS", default))


def seed_of(name: str) -> str:
    """SEED of the environment, or the test's own."""
    return os.environ.get("SEED", name)
