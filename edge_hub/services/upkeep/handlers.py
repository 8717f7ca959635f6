"""Writer side of the housekeeping."""

from edge_hub.domain.events import ClockJumped
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.services.upkeep.commands import ForgetKeys, RecordClockJump

HANDLERS = Handlers()
_FORGET_SQL = (
    "DELETE FROM idempotency WHERE (client, key) IN"
    " (SELECT client, key FROM idempotency WHERE at_ms < ? AND command NOT IN ('Sell', 'OpenPayment') LIMIT ?)"
)


@HANDLERS.on(RecordClockJump)
def _record_clock_jump(tx: Tx, command: RecordClockJump) -> Outcome[int]:
    seq = tx.append(ClockJumped(by_ms=command.by_ms))
    tx.wake("clock")
    return Outcome(answer=seq)


@HANDLERS.on(ForgetKeys)
def _forget_keys(tx: Tx, command: ForgetKeys) -> Outcome[int]:
    return Outcome(answer=tx.execute(_FORGET_SQL, (command.before_ms, command.limit)))
