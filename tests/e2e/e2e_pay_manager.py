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
BY_HAND = {"manual", "unknown"}
LIST_S = 0.25
SETTLE_S = 6.0
"""Between two ends of a day, about: each at some terminal."""
SETTLE_TRIES = 30


class Manager:
    """Goes through the list of what is not settled: looks at the terminal, or the provider's book, and says so."""

    def __init__(self, floor: Floor, tablet: PayTablet, weather: Weather) -> None:
        self._floor = floor
        self._tablet = tablet
        self._weather = weather
        self._since: dict[tuple[str, str], float] = {}
        self._by_id = {one.id: one for one in floor.providers}

    async def run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(LIST_S)

    async def settle_now_and_then(self) -> None:
        """Close the day of some terminal, in the middle of everything."""
        rng = random.Random(self._floor.rng.random())  # noqa: S311  # reproducible, not secret
        while True:
            await asyncio.sleep(rng.expovariate(1 / SETTLE_S))
            terminal = rng.choice(self._floor.providers).id
            for _ in range(SETTLE_TRIES):
                try:
                    await self._tablet.ask("POST", "/v1/settlements", {"terminal": terminal})
                    break
                except Refused as refused:
                    if refused.problem["type"] not in LATER:
                        break
                    await asyncio.sleep(TURN_S)

    async def listed(self) -> list[Doc]:
        return (await self._tablet.get_again("/v1/payments?list=unresolved"))["payments"]

    async def once(self) -> list[Doc]:
        """Whatever on the list has been there long enough; the list as it was."""
        found = await self.listed()
        here = {(one["id"], one["why"]) for one in found}
        self._since = {key: at for key, at in self._since.items() if key in here}
        for one in (one for one in found if one["why"] in REST_S):
            provider = self._by_id[one["provider"]]
            if one["why"] == "unknown" and provider.wallet:
                continue  # its provider knows, sooner or later
            if one["why"] == "manual" and not provider.attended:
                provider.attended = True
                self._weather.clear(provider)
            since = self._since.setdefault((one["id"], one["why"]), time.monotonic())
            if (time.monotonic() - since) * self._floor.factor >= REST_S[one["why"]]:
                try:
                    await self._look_into(one, provider)
                except Refused as refused:  # settled meanwhile
                    self._floor.told[f"manager: {refused.problem['type'].removeprefix('/problems/')}"] += 1
        waiting = {one["provider"] for one in found if one["why"] == "manual"}
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
