"""The manager of a payments' campaign: with the list of what is not settled, and at the end of a terminal's day."""

import asyncio
import random
import time

from e2e_clients import Refused
from e2e_pay_people import LATER, TURN_S, Doc, Floor, PayTablet, Weather
from e2e_pay_shop import Entry, Provider

from edge_hub.sdk.eft.model import Transaction

REST_S = {"manual": 40.0, "disputed": 40.0, "orphan": 250.0, "unknown": 400.0}
"""By why it is listed, in the hub's time: a person looks only when the terminal has come to rest, and the hub has
tried what it can.
"""
STANDALONE_S = 100.0
"""The same at a terminal without a cable, whose cashier may still come to it."""
BY_HAND = {"manual", "unknown"}
LIST_S = 0.25
SETTLE_TRIES = 50
LAST_TRIES = 5
UNSETTLED = "settled by hand"
CLOSED = {"agreed", "different", "unchecked", UNSETTLED}
CANNOT = "/problems/device-cannot"
SLIP_USED = "/problems/slip-used"
FAULTY_DAYS = 0.5
"""How many ends of a day in mid-campaign meet something that went wrong."""


class Manager:
    """Goes through the list of what is not settled: looks at the terminal, or the provider's book, and says so."""

    def __init__(self, floor: Floor, tablet: PayTablet, weather: Weather) -> None:
        self._floor = floor
        self._tablet = tablet
        self._weather = weather
        self._since: dict[tuple[str, str], float] = {}

    async def run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(LIST_S)

    async def end_days(self, times: int) -> None:
        """Close every terminal's day in the middle of everything, `times` times, spread over the whole of it."""
        rng = random.Random(self._floor.rng.random())  # noqa: S311  # reproducible, not secret
        terminals = self._driven()
        plan = [one for _ in range(times) for one in rng.sample(terminals, len(terminals))]
        for number, one in enumerate(plan):
            due = self._floor.goal * (number + 1) / (len(plan) + 1)
            while self._floor.open and self._floor.begun < due:  # noqa: ASYNC110  # counted
                await asyncio.sleep(TURN_S)
            if rng.random() < FAULTY_DAYS and not self._weather.steady:
                self._weather.change(one)
            await self._settle(one)

    async def last_days(self) -> None:
        """Close every terminal's day for good."""
        await asyncio.gather(*(self._last_day(one) for one in self._driven()))

    async def _last_day(self, one: Provider) -> None:
        for _ in range(LAST_TRIES):
            if (state := await self._settle(one)) in CLOSED:
                return
        self._floor.problems.append(f"{one.id}'s day cannot be closed: it is {state}")

    def _driven(self) -> list[Provider]:
        return [one for one in self._floor.providers if not one.wallet and not one.standalone]

    async def _settle(self, one: Provider) -> str:
        """How it came out; as if it were closed where it cannot be asked for that."""
        for _ in range(SETTLE_TRIES):
            try:
                found = await self._tablet.ask("POST", "/v1/settlements", {"terminal": one.id})
                break
            except Refused as refused:
                kind = refused.problem["type"]
                if kind == CANNOT:
                    return UNSETTLED
                if kind not in LATER:
                    return str(kind)
                await asyncio.sleep(TURN_S)
        else:
            return "never begun"
        while found["state"] == "open":
            await asyncio.sleep(TURN_S)
            found = await self._tablet.get_again(f"/v1/settlements/{found['id']}")
        return str(found["state"])

    async def listed(self) -> list[Doc]:
        return (await self._tablet.get_again("/v1/payments?list=unresolved"))["payments"]

    async def once(self) -> list[Doc]:
        """Whatever on the list has been there long enough; the list as it was."""
        found = await self.listed()
        here = {(one["id"], one["why"]) for one in found}
        self._since = {key: at for key, at in self._since.items() if key in here}
        for one in (one for one in found if one["why"] in REST_S and one["id"] not in self._floor.in_hand):
            provider = self._floor.provider_of(one)
            if one["why"] == "unknown" and provider.wallet:
                continue  # its provider knows, sooner or later
            if one["why"] == "manual" and not provider.attended and not provider.standalone:
                provider.attended = True
                self._weather.clear(provider)
            since = self._since.setdefault((one["id"], one["why"]), time.monotonic())
            if (time.monotonic() - since) * self._floor.factor >= (
                STANDALONE_S if provider.standalone else REST_S[one["why"]]
            ):
                try:
                    await self._look_into(one, provider)
                except Refused as refused:  # settled meanwhile
                    self._floor.told[f"manager: {refused.problem['type'].removeprefix('/problems/')}"] += 1
        waiting = {self._floor.provider_of(one).id for one in found if one["why"] == "manual"}
        for provider in self._floor.providers:
            provider.attended = provider.attended and provider.id in waiting
        return found

    async def _look_into(self, one: Doc, provider: Provider) -> None:
        path = f"/v1/payments/{one['id']}"
        self._floor.told[f"manager: {one['why']}"] += 1
        if one["why"] in BY_HAND:
            seen = evidence(one, provider) or await self._given_back(one, provider)
            said: Doc = {"outcome": "declined", "note": "nothing on the terminal's journal"}
            if seen is not None:
                said = {"outcome": "approved", "slip": f"{seen.receipt:06d}"}
            try:
                await self._tablet.ask("POST", f"{path}/resolve", said)
            except Refused as refused:
                if refused.problem["type"] != SLIP_USED:
                    raise
                # another terminal's, or of the sale that a tip was added to
                said = {"outcome": "approved", "note": f"the slip {said['slip']} lies here"}
                await self._tablet.ask("POST", f"{path}/resolve", said)
        else:
            await self._tablet.ask("POST", f"{path}/review", {"note": "compared with the acquirer's report"})

    async def _given_back(self, one: Doc, provider: Provider) -> Entry | None:
        """What the bank gave back of a payment beyond what the hub knows of; some providers name no reference then."""
        if one["original_id"] is None:
            return None
        original = await self._tablet.get_again(f"/v1/payments/{one['original_id']}")
        page = await self._tablet.get_again(f"/v1/payments?provider={one['provider']}&limit=200")
        known = [
            other
            for other in page["payments"]
            if (other["original_id"], other["amount"]) == (one["original_id"], one["amount"])
            and other["outcome"] == "approved"
        ]
        entries = provider.entries()
        sold = [entry.receipt for entry in entries if entry.reference == original["reference"] and entry.net > 0]
        back = [entry for entry in entries if entry.original in sold and entry.amount == one["amount"]]
        return back[-1] if len(back) > len(known) else None


def evidence(one: Doc, provider: Provider) -> Entry | None:
    """What a person finds at the terminal or in the provider's book about a payment in doubt."""
    kind = Transaction(one["kind"])
    entries = [entry for entry in provider.entries() if entry.transaction is kind]
    named = [entry for entry in entries if entry.reference == one["reference"]]
    if named or provider.wallet:
        return named[-1] if named else None
    # it knows no references: whatever it did since this was asked of it, and nothing else was
    since = [entry for entry in entries if not entry.reference and entry.at_ms >= one["opened_ms"]]
    fitting = [entry for entry in since if entry.amount == one["amount"]]
    return fitting[-1] if fitting else None
