"""payments, from attempts opened and moved: `body` is the attempt as folded so far, the columns are found by it."""

import sqlite3

from edge_hub.domain.events import JournalOpened, PaymentMoved, PaymentOpened
from edge_hub.domain.payment import Payment, PaymentResult, apply
from edge_hub.errors import Damaged
from edge_hub.journal.codec import decode, encode
from edge_hub.journal.projections.fact import Fact

_OPENED_SQL = (
    "INSERT INTO payments (id, reference, state, kind, method, provider, tender, till, staff, basket, original, sale,"
    " currency, amount, opened_ms, updated_ms, automatic, client, idempotency_key, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_MOVED_SQL = (
    "UPDATE payments SET state = ?, terminal_id = ?, receipt = ?, identity = ?, slip = ?, by_person = ?, disputed = ?,"
    " reviewed = ?, updated_ms = ?, body = ? WHERE id = ?"
)
_NOTHING = PaymentResult()
RESTORED = "payments_restored"
"""In `meta`: the newest attempt that came out of a backup. What became of that one and of older ones between the backup
and its return is not in the journal.
"""
_RESTORED_SQL = (
    "INSERT INTO meta (key, value) SELECT ?, max(id) FROM payments WHERE true HAVING max(id) IS NOT NULL"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def project_restored(cursor: sqlite3.Cursor, fact: Fact[JournalOpened]) -> None:
    """A new epoch: of a restored copy, or of a new file."""
    if fact.event.restored_from:
        cursor.execute(_RESTORED_SQL, (RESTORED,))


def project_opened(cursor: sqlite3.Cursor, fact: Fact[PaymentOpened]) -> None:
    """A new attempt."""
    payment = fact.event.payment
    cursor.execute(
        _OPENED_SQL,
        (
            payment.id,
            payment.reference,
            payment.state.value,
            payment.kind.value,
            payment.method.value,
            payment.provider,
            payment.tender,
            payment.till,
            payment.staff,
            payment.basket or "",
            payment.original or "",
            payment.sale or "",
            payment.amount.currency,
            payment.amount.minor,
            payment.opened_at_ms,
            fact.at_ms,
            payment.automatic,
            fact.client or "",
            fact.event.idempotency_key,
            encode(payment),
        ),
    )


def project_moved(cursor: sqlite3.Cursor, fact: Fact[PaymentMoved]) -> None:
    """One transition. Raises Damaged for an attempt that was never opened."""
    payment_id = fact.event.payment
    row = cursor.execute("SELECT body FROM payments WHERE id = ?", (payment_id,)).fetchone()
    if row is None:
        raise Damaged(f"Event {fact.seq} moves the payment {payment_id}, which was never opened.", seq=fact.seq)
    payment = apply(decode(Payment, row[0]), fact.event.move)
    result = payment.result or _NOTHING
    cursor.execute(
        _MOVED_SQL,
        (
            payment.state.value,
            result.terminal_id,
            result.receipt,
            result.identity,
            "" if payment.evidence is None else payment.evidence.slip,
            payment.evidence is not None,
            payment.disputed,
            payment.reviewed,
            fact.at_ms,
            encode(payment),
            payment_id,
        ),
    )
