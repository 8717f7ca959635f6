"""Money that was taken and that nobody wants goes back by itself: a void, or where that is not possible a refund.

What to do next is decided by what the journal has of earlier tries, so it is the same after a restart. When nothing is
left to try the payment stays on the manager's list.
"""

import logging

from edge_hub.domain.ids import PaymentId
from edge_hub.domain.payment import NOT_TAKEN, Payment, PaymentKind, PaymentMethod, PaymentState
from edge_hub.errors import Refused
from edge_hub.journal.codec import decode
from edge_hub.journal.commands import HUB
from edge_hub.sdk.eft.model import Capabilities, Transaction
from edge_hub.services.checkout.records import RowsOf
from edge_hub.services.payments.commands import OpenPayment
from edge_hub.services.payments.model import PaymentTerminalBusy, PaymentTerminalLocked, Why
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.records import closed_since, confirmed_by_hand, view
from edge_hub.services.payments.writing import JOURNAL_RETRY_S, NOT_NOW

NOT_SENT_MAX = 3
"""Attempts that did not even leave, before a person has to look."""
TURN_RETRY_S = 5.0
"""The terminal is busy, asked about another payment, or would not take the last attempt."""
_log = logging.getLogger(__name__)


class GiveBack:
    """Opens the next attempt at giving one payment back, as soon as its terminal can take it."""

    def __init__(self, office: Office, payment: PaymentId) -> None:
        self._office = office
        self._id = payment

    async def run(self) -> Payment | None:
        """The attempt, `created`; None: there is nothing (more) to try."""
        while True:
            try:
                found = view(self._office.journal.reader.row, self._id)
                tries = tries_of(self._office.journal.reader.rows, self._id)
                if found.why is not Why.ORPHAN or found.payment.method is PaymentMethod.STANDALONE:
                    return None  # a terminal of its own gives nothing back unless somebody does it there
                if confirmed_by_hand(self._office.journal.reader.row, found.payment) is not None:
                    _log.warning("payment %s was paid with by its slip: a manager has to look", found.payment.reference)
                    return None
                terminal = await self._office.terminals.until_here(found.payment.provider)
                kind = next_try(self._possible(found.payment, terminal.can), tries)
                if kind is None:
                    _log.warning("payment %s could not be given back: a manager has to", found.payment.reference)
                    return None
                if tries and tries[-1].state is PaymentState.NOT_SENT:
                    await self._office.clock.sleep(TURN_RETRY_S)
                return await self._open(found.payment, kind, terminal.can)
            except (PaymentTerminalBusy, PaymentTerminalLocked):
                await self._office.clock.sleep(TURN_RETRY_S)
            except NOT_NOW as exc:
                _log.warning("giving back payment %s waits for the journal: %s", self._id, exc.detail)
                await self._office.clock.sleep(JOURNAL_RETRY_S)
            except Refused as exc:
                _log.warning("payment %s is not given back: %s", self._id, exc.detail)
                return None

    def _possible(self, original: Payment, can: Capabilities) -> frozenset[Transaction]:
        """What gives it back and takes no card."""
        if not self._office.terminals.is_its(original):
            return frozenset()
        closed = closed_since(self._office.journal.reader.row, original)
        return can.transactions - can.with_card - ({Transaction.VOID} if closed else frozenset())

    async def _open(self, original: Payment, kind: PaymentKind, can: Capabilities) -> Payment:
        command = OpenPayment(
            kind=kind,
            method=original.method,
            provider=original.provider,
            tender=original.tender,
            amount=original.amount,
            till=original.till,
            original=original.id,
            automatic=True,
            account=original.account,
            locks=can.locks,
        )
        return (await self._office.journal.submit(command, actor=HUB)).payment


def tries_of(rows: RowsOf, payment: PaymentId) -> tuple[Payment, ...]:
    """The hub's own attempts at giving it back, oldest first."""
    found = rows("SELECT body FROM payments WHERE original = ? ORDER BY id", (payment,))
    return tuple(one for one in (decode(Payment, body) for (body,) in found) if one.automatic)


def next_try(possible: frozenset[Transaction], tries: tuple[Payment, ...]) -> PaymentKind | None:
    """What is possible and has not failed yet: a void once, then a refund once. None: neither, or one under way."""
    if any(one.state not in NOT_TAKEN for one in tries):
        return None
    if sum(one.state is PaymentState.NOT_SENT for one in tries) >= NOT_SENT_MAX:
        return None
    said_no = {one.kind for one in tries if one.state is not PaymentState.NOT_SENT}
    for kind, transaction in ((PaymentKind.VOID, Transaction.VOID), (PaymentKind.REFUND, Transaction.REFUND)):
        if transaction in possible and kind not in said_no:
            return kind
    return None
