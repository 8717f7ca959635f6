"""Who sells at a terminal without a cable: types the amount there, and says here what its slip says."""

import asyncio
from typing import Any

from e2e_clients import Refused
from e2e_pay_lone import FORGETS, MISLAID, OLD_SLIP
from e2e_pay_people import TURN_S, Cashier, Doc

from edge_hub.sdk.eft.bank import Taken
from edge_hub.sdk.eft.model import Transaction

TYPES_S = 0.1
"""At most, until the terminal has the amount."""
TRIES = 20


class SlipCashier(Cashier):
    """The book that the journal is held against is the terminal's own: every slip it made, with what it was for."""

    _confirmed = 0
    """The last slip that the hub took."""

    async def _pay(self, basket: Doc, amount: int, *, wait: bool = True, stop: bool = False) -> Doc | None:
        paid = await super()._pay(basket, amount, wait=wait, stop=stop)
        if paid is not None and not wait and self._rng.random() < 0.5:
            await self._typed(paid)  # and the customer paid before the basket was given up; the slip is left lying
            self._floor.in_hand.discard(paid["id"])
        return paid

    async def _followed(self, payment: Doc) -> Doc:
        self._floor.in_hand.add(payment["id"])
        try:
            said = (
                await self._confirm(payment, await self._typed(payment)) if payment["outcome"] != "not_sent" else None
            )
        finally:
            self._floor.in_hand.discard(payment["id"])
        now = said or await self._tablet.get_again(f"/v1/payments/{payment['id']}")
        self._floor.told[f"{now['kind']} {now['outcome']}"] += 1
        return now

    async def _typed(self, payment: Doc) -> Taken | None:
        """What the terminal does with it; None: it says no."""
        await asyncio.sleep(self._rng.random() * TYPES_S)
        now = await self._tablet.get_again(f"/v1/payments/{payment['id']}")
        if now["outcome"] not in {"pending", "unknown"}:
            return None  # stopped meanwhile
        kind, original = Transaction(payment["kind"]), None
        if payment["original_id"] is not None:
            sold = await self._tablet.get_again(f"/v1/payments/{payment['original_id']}")
            slips = [one for one in self._provider.entries() if one.reference == sold["reference"] and one.net > 0]
            original = slips[-1].receipt
        bank = self._provider.simulator.bank
        came = bank.decide(kind, payment["amount"], reference=payment["reference"], original_receipt=original)
        return came if isinstance(came, Taken) else None

    async def _confirm(self, payment: Doc, taken: Taken | None) -> Doc | None:
        faults = self._provider.simulator.active_faults
        if FORGETS in faults:
            return None
        if taken is None:
            return await self._said(payment, {"outcome": "declined", "note": "the terminal declined"})
        if OLD_SLIP in faults and self._confirmed:
            old = {"outcome": "approved", "slip": f"{self._confirmed:06d}"}
            if (await self._said(payment, old, once=True)) is not None:
                self._floor.problems.append(f"{payment['reference']} was paid by another payment's slip")
        if MISLAID in faults:
            return await self._said(payment, {"outcome": "approved", "note": f"slip {taken.receipt}, mislaid"})
        said = await self._said(payment, {"outcome": "approved", "slip": f"{taken.receipt:06d}"})
        if said is not None and said["evidence"] is not None and said["evidence"]["slip"]:
            self._confirmed = taken.receipt
        return said

    async def _said(self, payment: Doc, words: Doc, *, once: bool = False) -> Doc | None:
        """The payment as the hub then has it; None: it would not hear it (any more)."""
        for _ in range(TRIES):
            try:
                found: Any = await self._tablet.ask("POST", f"/v1/payments/{payment['id']}/resolve", words)
            except Refused as refused:
                kind = refused.problem["type"].removeprefix("/problems/")
                self._floor.told[f"resolve: {kind}"] += 1
                if once:
                    return None
                if kind == "slip-used":
                    words = {"outcome": words["outcome"], "note": f"another terminal's slip {words['slip']}"}
                elif kind == "payment-not-movable":
                    now: Doc = await self._tablet.get_again(f"/v1/payments/{payment['id']}")
                    if now["outcome"] not in {"pending", "unknown"}:
                        return now
                    await asyncio.sleep(TURN_S)
                else:
                    raise
            else:
                return dict(found)
        return None
