"""Who is in the shop of a payments' campaign: cashiers who sell, and whatever goes wrong with terminals and wallets."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from e2e_clients import TRIES_MAX, Refused, Tablet
from e2e_hub import BARCODES, CALL_S
from e2e_pay_shop import PayHub, Provider

from edge_hub.sdk.eft.bank import PANS, SimulatedBank

Doc = dict[str, Any]
LOOK_S = 0.03
LOOK_S_MAX = 0.25
"""Between two looks at a payment."""
PATIENCE_S = 300.0
"""In the hub's time; then the cashier walks away from a payment whose outcome nobody knows."""
TURN_S = 0.1
NOT_NOW_S = 0.15
FAULTY = 0.35
"""How many payments meet something that went wrong."""
UNWILLING = 0.15
"""How many the bank or the customer does not want."""
WEATHER_S = 2.5
"""For this long something is wrong, about."""
TIPPING = 0.3
"""How many leave a tip, where a terminal takes one."""
RETURNING = 0.2
"""How many of those who paid a whole sale want the money back."""
ELSEWHERE = 0.1
"""How often a cashier takes another till's terminal, or another wallet account."""
BUSY = {"/problems/payment-terminal-busy", "/problems/payment-terminal-locked", "/problems/payments-busy"}
LATER = BUSY | {"/problems/version-mismatch"}
PLANS = {
    "card": 50, "cash and card": 10, "card and cash": 8, "two cards": 8, "walk away": 9, "stop": 6, "void": 6,
}  # fmt: skip


@dataclass
class Floor:
    """What the people of a campaign share."""

    hub: PayHub
    providers: list[Provider]
    goal: int
    """Payments that the cashiers begin."""
    rng: random.Random
    factor: float
    """How much shorter waits are in the hub's time."""
    begun: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """What the cashiers saw, by outcome; what the manager did."""
    sales: set[str] = field(default_factory=set)
    """That the cashiers were told of."""
    happened: Callable[[str], None] = lambda _: None
    problems: list[str] = field(default_factory=list)
    in_hand: set[str] = field(default_factory=set)
    """Payments that a cashier is busy with at a terminal without a cable: nobody else says what became of them."""
    offers: dict[str, Doc] = field(default_factory=dict)
    """What each provider can do, once it has said so."""

    def provider_of(self, payment: Doc) -> Provider:
        """Where it is made; of a terminal without a cable: the one at its till."""
        name, till = payment["provider"], payment["till"]
        return next(one for one in self.providers if (one.id == name if name else self.hub.till(one) == till))

    @property
    def open(self) -> bool:
        return self.begun < self.goal


class PayTablet(Tablet):
    """Sends a command again under its key while the hub is away, or says that it cannot yet."""

    async def ask(self, method: str, path: str, body: object = None, *, version: int | None = None) -> Any:
        key = self.key()
        for _ in range(TRIES_MAX * 10):
            try:
                return await self.once(method, path, body, key=key, version=version)
            except Refused as refused:
                if refused.status != 503:
                    raise
                await asyncio.sleep(NOT_NOW_S)
            except (aiohttp.ClientError, TimeoutError, AssertionError):
                async with asyncio.timeout(CALL_S * 4):
                    await self.hub.up.wait()
                await asyncio.sleep(0)
        raise AssertionError(f"{method} {path} was not answered")

    async def get_again(self, path: str) -> Any:
        return await self.ask("GET", path)


class Weather:
    """Switches a terminal's or wallet's faults, and what its customers want."""

    def __init__(self, floor: Floor, fault: str = "") -> None:
        """`fault`: always this one; "": now this, now that."""
        self._floor = floor
        self._fault = fault
        self._rng = random.Random(floor.rng.random())  # noqa: S311  # reproducible, not secret

    @property
    def steady(self) -> bool:
        """It never changes."""
        return bool(self._fault)

    def clear(self, one: Provider) -> None:
        for fault in one.simulator.active_faults:
            one.simulator.set_fault(fault, False)
        for action in ("confirm", "refuse"):
            try:
                if self._rng.random() < 0.7 or action == "refuse":
                    one.simulator.act(action, "")
            except KeyError:
                break
        one.simulator.act("outcome", "approve")

    def change(self, one: Provider) -> None:
        """For the next payment, or just so."""
        if one.attended:
            return
        self.clear(one)
        if self._fault:
            one.simulator.set_fault(self._fault, True)
            return
        if one.simulator.faults and self._rng.random() < FAULTY:
            one.simulator.set_fault(self._rng.choice(sorted(one.simulator.faults)), True)
        if self._rng.random() < UNWILLING:
            one.simulator.act("outcome", self._rng.choice(SimulatedBank.OUTCOMES))
        one.simulator.act("scheme", self._rng.choice(sorted(PANS)))

    async def run(self) -> None:
        """It changes by itself, too, mostly for the better."""
        while not self.steady:
            await asyncio.sleep(self._rng.expovariate(len(self._floor.providers) / WEATHER_S))
            one = self._rng.choice(self._floor.providers)
            if one.attended:
                continue
            if self._rng.random() < 0.8:
                self.clear(one)
            else:
                self.change(one)


class Cashier:
    """Sells at one till, paid at its terminal or by its wallet."""

    def __init__(self, floor: Floor, tablet: PayTablet, provider: Provider, weather: Weather) -> None:
        self._floor = floor
        self._tablet = tablet
        self._own = self._provider = provider
        self._weather = weather
        self._rng = random.Random(floor.rng.random())  # noqa: S311  # reproducible, not secret

    async def run(self) -> None:
        while self._floor.open:
            await self._serve()

    async def _serve(self) -> None:
        elsewhere = self._rng.random() < ELSEWHERE and not self._weather.steady and not self._own.standalone
        driven = [one for one in self._floor.providers if not one.standalone]
        self._provider = self._rng.choice(driven) if elsewhere else self._own
        basket = await self._tablet.ask("POST", "/v1/baskets", {})
        for _ in range(self._rng.choice([1, 1, 1, 2, 3])):
            line = {"barcode": self._rng.choice(BARCODES)}
            basket = await self._on(basket, "POST", "lines", line)
        plan = self._rng.choices(list(PLANS), list(PLANS.values()))[0]
        due = basket["due"]
        if plan == "cash and card":
            await self._cash(basket, due // 2)
            await self._settled(basket, await self._pay(basket, due - due // 2))
        elif plan in {"card and cash", "two cards", "void"}:
            await self._in_two(basket, plan, due)
        elif plan == "walk away":
            await self._pay(basket, due, wait=False)
            await asyncio.sleep(self._rng.random() * 0.4)
            await self._abandon(basket)
        else:
            paid = await self._pay(basket, due, stop=plan == "stop")
            sale = await self._settled(basket, paid)
            if sale is not None and paid is not None:
                await self._afterwards(sale, paid)

    async def _in_two(self, basket: Doc, plan: str, due: int) -> None:
        first = await self._pay(basket, due // 2)
        if first is None or first["outcome"] != "approved":
            await self._settled(basket, first)
            return
        if plan == "void":
            await self._begin(f"/v1/payments/{first['id']}/void", {})
            await self._settled(basket, None)
        elif plan == "two cards":
            await self._settled(basket, await self._pay(basket, due - due // 2))
        else:
            await self._settled(basket, None)

    async def _on(self, basket: Doc, method: str, what: str, body: object) -> Doc:
        """A change of the basket, in whatever version it is."""
        while True:
            now = await self._tablet.get_again(f"/v1/baskets/{basket['id']}")
            try:
                return await self._tablet.ask(method, f"/v1/baskets/{now['id']}/{what}", body, version=now["version"])
            except Refused as refused:
                if refused.status != 412:
                    raise

    # paying

    async def _pay(self, basket: Doc, amount: int, *, wait: bool = True, stop: bool = False) -> Doc | None:
        """Begin a payment and see it through as far as the cashier's patience goes; None: it was not begun."""
        one, floor = self._provider, self._floor
        if self._rng.random() < 0.6 or self._weather.steady:
            self._weather.change(one)
        body: Doc = {"provider": one.id, "method": "wallet" if one.wallet else "terminal", "amount": amount}
        if one.standalone:
            body |= {"provider": "", "method": "standalone"}
        elif self._rng.random() < TIPPING and (await self._offer(one))["tips"]:
            tip = self._rng.randrange(1, amount + 1)
            body |= {"amount": amount + tip, "tip": tip}
        floor.happened("request")
        path = f"/v1/baskets/{basket['id']}/payments"
        started = await self._begin(path, body, basket)
        if started is None:
            return None
        floor.begun += 1
        floor.happened("begun")
        payment: Doc = started["payment"]
        if stop:
            await asyncio.sleep(self._rng.random() * 0.2)
            await self._tablet.ask("POST", f"/v1/payments/{payment['id']}/stop", {})
        return await self._followed(payment) if wait else payment

    async def _offer(self, one: Provider) -> Doc:
        """What it can do; as long as it has not said so, nothing."""
        if one.id not in self._floor.offers:
            offers = await self._tablet.get_again(f"/v1/tenders?till={self._floor.hub.till(one)}")
            found: Doc = next(each for each in offers["tenders"] if each["provider"] == one.id)
            if not found["ready"]:
                return found
            self._floor.offers[one.id] = found
        return self._floor.offers[one.id]

    async def _begin(self, path: str, body: Doc, basket: Doc | None = None) -> Any:
        """Ask for it as soon as the terminal is free; None: not today."""
        end = time.monotonic() + PATIENCE_S / self._floor.factor
        while time.monotonic() < end:
            version = None
            if basket is not None:
                now = await self._tablet.get_again(f"/v1/baskets/{basket['id']}")
                version = now["version"]
                if self._provider.wallet:
                    body["code"] = self._provider.simulator.state()["code"]
            try:
                answer = await self._tablet.ask("POST", path, body, version=version)
            except Refused as refused:
                kind = refused.problem["type"]
                if kind not in LATER and refused.status not in {409, 412, 422}:
                    raise
                self._floor.told[kind.removeprefix("/problems/")] += 1
                if kind not in LATER:
                    return None
                await asyncio.sleep(TURN_S * (1 + self._rng.random()))
            else:
                return answer if basket is not None else await self._followed(answer)
        return None

    async def _followed(self, payment: Doc) -> Doc:
        pause, end = LOOK_S, time.monotonic() + PATIENCE_S / self._floor.factor
        while payment["outcome"] in {"pending", "unknown"} and time.monotonic() < end:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LOOK_S_MAX)
            payment = await self._tablet.get_again(f"/v1/payments/{payment['id']}")
        self._floor.told[f"{payment['kind']} {payment['outcome']}"] += 1
        return payment

    async def _settled(self, basket: Doc, paid: Doc | None) -> str | None:
        """The sale, if the payment completed it; else the rest in cash, or the basket is left or given up."""
        if paid is not None and paid["sale_id"]:
            self._floor.sales.add(paid["sale_id"])
            return str(paid["sale_id"])
        if paid is not None and paid["outcome"] in {"pending", "unknown"}:
            if self._rng.random() < 0.6:
                await self._abandon(basket)
            return None
        now = await self._tablet.get_again(f"/v1/baskets/{basket['id']}")
        if now["state"] == "open" and now["cash_due"] > 0:
            await self._cash(basket, now["cash_due"])
        return None

    async def _cash(self, basket: Doc, amount: int) -> None:
        try:
            answer = await self._on(basket, "POST", "tenders", {"type": "cash", "amount": amount})
        except Refused as refused:
            self._floor.told[refused.problem["type"].removeprefix("/problems/")] += 1
        else:
            if answer["sale"] is not None:
                self._floor.sales.add(answer["sale"]["id"])

    async def _abandon(self, basket: Doc) -> None:
        try:
            await self._on(basket, "POST", "abandon", {"reason": "the customer left"})
        except Refused as refused:
            self._floor.told[refused.problem["type"].removeprefix("/problems/")] += 1

    async def _afterwards(self, sale: str, paid: Doc) -> None:
        """A tip from the slip, where the terminal takes one; the customer comes back with what they bought."""
        if self._rng.random() < TIPPING and not self._provider.standalone:
            offer = await self._offer(self._provider)
            if offer.get("adds_tips"):
                tip = self._rng.randrange(1, int(paid["amount"]) + 1)
                await self._begin(f"/v1/payments/{paid['id']}/tip", {"amount": tip})
        if self._rng.random() < RETURNING:
            await self._give_back(sale, paid)

    async def _give_back(self, sale: str, paid: Doc) -> None:
        """Void or refund what paid a sale, in parts or whole."""
        if self._rng.random() < 0.3:
            await self._begin(f"/v1/payments/{paid['id']}/void", {})
            return
        left = int(paid["amount"])
        for _ in range(self._rng.choice([1, 1, 2])):
            part = self._rng.choice([left, max(1, left // 2)])
            if part > 0:
                await self._begin(f"/v1/sales/{sale}/refunds", {"payment_id": paid["id"], "amount": part})
                left -= part
