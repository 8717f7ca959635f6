"""A terminal's end of day, as the writer decides it: nothing else meanwhile, then its figures against the journal's."""

from dataclasses import replace

from edge_hub.domain.events import SettlementClosed, SettlementOpened
from edge_hub.domain.ids import SettlementId
from edge_hub.domain.payment import IN_HAND, PaymentState
from edge_hub.domain.reconciliation import Outcome as Came
from edge_hub.domain.reconciliation import SettlementState, TerminalTotals, reconcile
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.sdk.eft.scrub import scrub, scrub_bytes
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import CloseSettlement, OpenSettlement
from edge_hub.services.payments.model import (
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    SettlementClosedAlready,
    SettlementOpenAlready,
    SettlementView,
)

HANDLERS = Handlers()


@HANDLERS.on(OpenSettlement, replay=lambda tx, _command, ref: records.load_settlement(tx.row, ref))
def open_settlement(tx: Tx, command: OpenSettlement) -> Outcome[SettlementView]:
    """A payment that waits for a person does not stop it: the differences name it."""
    if (running := records.settling(tx.row, command.terminal)) is not None:
        raise SettlementOpenAlready(settlement=running)
    for found in records.open_of(tx.rows, command.terminal):
        if found.payment.state in IN_HAND:
            raise PaymentTerminalBusy(payment=found.payment.id)
        if found.payment.state is PaymentState.UNKNOWN:
            raise PaymentTerminalLocked(payment=found.payment.id)
    settlement = SettlementId(tx.new_id())
    tx.append(SettlementOpened(settlement=settlement, terminal=command.terminal))
    tx.wake("settlement", settlement)
    return Outcome(answer=records.load_settlement(tx.row, settlement), ref=settlement)


@HANDLERS.on(CloseSettlement)
def close_settlement(tx: Tx, command: CloseSettlement) -> Outcome[SettlementView]:
    settlement = records.load_settlement(tx.row, command.settlement)
    if settlement.state is not SettlementState.OPEN:
        raise SettlementClosedAlready(settlement=settlement.id, state=settlement.state.value)
    came = Came.REFUSED if command.refused else Came.UNKNOWN if command.unknown else Came.CLOSED
    totals = command.totals
    if totals is not None:
        totals = replace(totals, slip=tuple(map(scrub, totals.slip)), raw=scrub_bytes(totals.raw))
    return Outcome(answer=_close(tx, settlement, totals, came, scrub(command.detail)), ref=settlement.id)


def recover(tx: Tx) -> None:
    """After a start: nobody heard whether a terminal closed its day."""
    for (settlement_id,) in tx.rows("SELECT id FROM settlements WHERE state = 'open'"):
        settlement = records.load_settlement(tx.row, settlement_id)
        _close(tx, settlement, None, Came.UNKNOWN, "The hub stopped while the terminal was closing its day.")


def _close(
    tx: Tx, settlement: SettlementView, totals: TerminalTotals | None, came: Came, detail: str
) -> SettlementView:
    found = reconcile(
        records.unsettled(tx.rows, settlement.terminal),
        totals,
        currency=tx.settings.currency,
        outcome=came,
        detail=detail,
    )
    tx.append(SettlementClosed(settlement=settlement.id, terminal=settlement.terminal, reconciliation=found))
    tx.wake("settlement", settlement.id)
    for payment in found.payments:
        tx.wake("payment", payment)
    return records.load_settlement(tx.row, settlement.id)
