"""End of day at a terminal: told once, its totals written down; silence is an open question, never a second telling."""

import logging

from edge_hub.domain.reconciliation import SettlementState
from edge_hub.errors import EdgeHubError
from edge_hub.sdk.eft.model import Progress
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceRefused
from edge_hub.sdk.timing import deadline
from edge_hub.services.payments.commands import CloseSettlement
from edge_hub.services.payments.model import SettlementView
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.talk import AnswerMalformed, kept_totals

TOPIC = "settlement"
SETTLE_LIMIT_S = 1800.0
"""Drivers have limits of their own, by protocol; this is for one that hangs."""
_log = logging.getLogger(__name__)


class Closing:
    """Carries one open settlement out."""

    def __init__(self, office: Office, settlement: SettlementView) -> None:
        self._office = office
        self._settlement = settlement
        self._about = f"the settlement of {settlement.terminal}"

    async def run(self) -> None:
        """Until its outcome is in the journal. Raises an EdgeHubError where the writer refuses that."""
        if self._settlement.state is not SettlementState.OPEN:
            return
        try:
            async with self._office.terminals.turn(self._settlement.terminal):
                command = await self._told()
        finally:
            self._office.hide(self._settlement.id, topic=TOPIC)
        try:
            await self._office.write(command, about=self._about)
        except EdgeHubError as exc:
            # totals that cannot be kept (a driver's value of a wrong kind) prove nothing to anybody
            _log.exception("the outcome of %s is not taken by the journal", self._about)
            await self._office.write(self._unknown(exc.detail), about=self._about)

    async def _told(self) -> CloseSettlement:
        terminal = self._office.terminals.now(self._settlement.terminal)
        if terminal is None:
            _, words = self._office.terminals.trouble(self._settlement.terminal)
            return self._refused(words)
        try:
            async with deadline(self._office.clock, SETTLE_LIMIT_S):
                totals = await terminal.eft.settle(self._office.now(), self._show)
        except (DeviceRefused, DeviceBusy) as exc:
            return self._refused(exc.detail)
        except DeviceError as exc:
            _log.warning("%s is of unknown outcome: %s", self._about, exc.detail)
            return self._unknown(exc.detail)
        except TimeoutError:
            return self._unknown(f"its driver came to no end within {SETTLE_LIMIT_S:g} s")
        try:
            said = kept_totals(totals, self._office.settings.currency)
        except AnswerMalformed as exc:
            return self._unknown(str(exc))
        return CloseSettlement(settlement=self._settlement.id, totals=said, detail=totals.text)

    def _show(self, step: Progress) -> None:
        self._office.show(self._settlement.id, step, topic=TOPIC)

    def _refused(self, words: str) -> CloseSettlement:
        return CloseSettlement(settlement=self._settlement.id, totals=None, refused=True, detail=words)

    def _unknown(self, words: str) -> CloseSettlement:
        return CloseSettlement(settlement=self._settlement.id, totals=None, unknown=True, detail=words)
