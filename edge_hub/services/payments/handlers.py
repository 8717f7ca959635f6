"""What became of a payment, as the writer decides it: answers, doubts, a person's word, a restart."""

from dataclasses import replace

from edge_hub.domain.events import PaymentMoved
from edge_hub.domain.ids import PaymentId, StaffId
from edge_hub.domain.payment import (
    IN_HAND,
    Cause,
    Evidence,
    Payment,
    PaymentMethod,
    PaymentNotMovable,
    PaymentResult,
    PaymentState,
    move,
)
from edge_hub.domain.verdict import is_sound, judge
from edge_hub.journal.codec import BadBytes
from edge_hub.journal.commands import Handlers, Outcome, Tx
from edge_hub.sdk.eft.scrub import mask, scrub, scrub_bytes
from edge_hub.services.checkout.selling import recorded
from edge_hub.services.payments import handlers_opening, handlers_settlement, records
from edge_hub.services.payments.commands import (
    MOVES,
    MovePayment,
    RecordAnswer,
    RecoverPayment,
    RecoverPayments,
    ResolvePayment,
    ReviewPayment,
)
from edge_hub.services.payments.following import follow, outcome
from edge_hub.services.payments.model import (
    AnswerOutcome,
    EvidenceNeeded,
    NothingToReview,
    PaymentUnreadable,
    PaymentView,
    SlipUsed,
    Why,
)

SLIP_REMEMBERED_MS = 30 * 86_400_000
"""Terminals count their slips round: an older one with the same number is another slip."""
OWN_SLIP_MS = 86_400_000
"""For so long a slip's number that the till's own terminal had is perhaps that terminal's slip."""
NOTE_CHARACTERS_MAX = 500
SLIP_CHARACTERS_MAX = 40
_SHA256_CHARACTERS = 64
SENT_SINCE = "The backup that was put back has it as not yet sent: it may have been sent since."
_PAYMENTS = Handlers()


@_PAYMENTS.on(MovePayment)
def move_payment(tx: Tx, command: MovePayment) -> Outcome[AnswerOutcome]:
    payment = records.load_payment(tx.row, command.payment)
    if command.cause not in MOVES:
        raise PaymentNotMovable(state=payment.state.value, cause=command.cause.value)
    result = None if command.result is None else _scrubbed(command.result)
    moved = move(payment, command.cause, result=result, detail=scrub(command.detail))
    if command.cause is Cause.ABSENT and (objection := _no_witness(tx, payment, result)):
        moved = move(payment, Cause.ASKED, detail=objection)
    return Outcome(answer=follow(tx, payment, moved), ref=payment.id)


@_PAYMENTS.on(RecordAnswer)
def record_answer(tx: Tx, command: RecordAnswer) -> Outcome[AnswerOutcome]:
    """Judged here, where every identity that was ever taken is known."""
    payment = records.load_payment(tx.row, command.payment)
    result = _scrubbed(command.result)
    said = judge(
        payment,
        command.verdict,
        result,
        found=command.found,
        holder=records.holder_of(tx.row, payment, result.identity),
        tolerance_s=tx.settings.payments.clock_tolerance_s,
        without_amount=command.without_amount,
    )
    if said.cause is None:
        return Outcome(answer=outcome(tx, payment.id), ref=payment.id)
    moved = move(payment, said.cause, result=result, detail=said.detail)
    return Outcome(answer=follow(tx, payment, moved), ref=payment.id)


def _no_witness(tx: Tx, payment: Payment, result: PaymentResult | None) -> str:
    """Why a terminal that says that a request never came cannot know it; "" where it can."""
    if records.settled_since(tx.row, payment):
        return "It says that nothing came, and its day was closed since: it knows its last request only."
    if records.restored_since(tx.row, payment):
        return "It says that nothing came, and a backup was put back since: its last request may be a later one."
    terminal, known = "" if result is None else result.terminal_id, records.terminal_before(tx.row, payment)
    if terminal and known and terminal != known:
        return f"It says that nothing came, and it is terminal {terminal}: before this payment there was {known}."
    if payment.acknowledged and payment.method is PaymentMethod.TERMINAL:
        return "It says that nothing came, and it had acknowledged the request: it is another one, or it forgot."
    return ""


def _replay(tx: Tx, _command: object, ref: str) -> AnswerOutcome:
    shown = outcome(tx, ref)
    paid = shown.payment.paid_sale
    return shown if paid is None else replace(shown, sale=recorded(tx, paid))


@_PAYMENTS.on(ResolvePayment, replay=_replay)
def resolve(tx: Tx, command: ResolvePayment) -> Outcome[AnswerOutcome]:
    """A person's word stands for the terminal's, with what they have seen."""
    evidence = _evidence(tx, command)
    payment = records.load_payment(tx.row, command.payment)
    cause = Cause.PERSON_APPROVED if command.approved else Cause.PERSON_DECLINED
    result = None
    if command.approved and payment.result is not None:
        holder = records.holder_of(tx.row, payment, payment.result.identity)
        if not is_sound(payment, holder, tx.settings.payments.clock_tolerance_s):
            # What the terminal said was another transaction's: nothing of it may be used for a void.
            result = PaymentResult(receipt=evidence.slip)
    moved = move(payment, cause, evidence=evidence, result=result, detail=evidence.note)
    if command.approved and evidence.slip:
        other = records.on_slip(tx.row, payment, evidence.slip, tx.at_ms - SLIP_REMEMBERED_MS)
        if other is not None:
            raise SlipUsed(payment=other)
        if not (evidence.note or evidence.photo_sha256):
            _check_own_slip(tx, payment, evidence.slip)
    return Outcome(answer=follow(tx, payment, moved), ref=payment.id)


@_PAYMENTS.on(ReviewPayment, replay=lambda tx, _command, ref: records.view(tx.row, ref))
def review(tx: Tx, command: ReviewPayment) -> Outcome[PaymentView]:
    shown = records.view(tx.row, command.payment)
    note = _note(command.note)
    if not note:
        raise EvidenceNeeded("Say what you found out.", why="no-note")
    if shown.why not in {Why.DISPUTED, Why.ORPHAN}:
        raise NothingToReview(payment=command.payment)
    moved = move(shown.payment, Cause.REVIEWED, detail=note)
    tx.append(PaymentMoved(payment=command.payment, move=moved))
    tx.wake("payment", command.payment)
    return Outcome(answer=records.view(tx.row, command.payment), ref=command.payment)


@_PAYMENTS.on(RecoverPayments)
def recover(tx: Tx, _: RecoverPayments) -> Outcome[tuple[PaymentId, ...]]:
    handlers_settlement.recover(tx)
    return Outcome(answer=tuple(one.payment.id for one in records.open_of(tx.rows) if one.payment.state in IN_HAND))


@_PAYMENTS.on(RecoverPayment)
def recover_one(tx: Tx, command: RecoverPayment) -> Outcome[AnswerOutcome]:
    """Nobody heard its end."""
    try:
        payment = records.load_payment(tx.row, command.payment)
        moved = move(payment, Cause.RESTARTED, detail="The hub stopped while this was under way.")
        if payment.state is PaymentState.CREATED and records.restored_since(tx.row, payment):
            moved = move(payment, Cause.HANDED_OVER, detail=SENT_SINCE)
        return Outcome(answer=follow(tx, payment, moved), ref=payment.id)
    except BadBytes as exc:
        raise PaymentUnreadable(exc.detail, payment=command.payment) from exc


def _check_own_slip(tx: Tx, payment: Payment, slip: str) -> None:
    """A separate terminal's number may by chance be that of the driven terminal beside it, or it is that one's slip:
    then the same money would pay twice. Raises EvidenceNeeded.
    """
    if payment.method is not PaymentMethod.STANDALONE:
        return
    terminal = next((one.terminal for one in tx.settings.tills if one.id == payment.till), "")
    other = records.on_own_slip(tx.row, payment, terminal, slip, tx.at_ms - OWN_SLIP_MS)
    if other is not None:
        words = "The card terminal of this till had a slip with this number lately. Add a note or a photo of this one."
        raise EvidenceNeeded(words, why="slip-of-the-till", payment=other)


def _evidence(tx: Tx, command: ResolvePayment) -> Evidence:
    slip, note, photo = scrub(command.slip.strip()), _note(command.note), command.photo_sha256.lower()
    if not (slip or note or photo):
        raise EvidenceNeeded
    if len(slip) > SLIP_CHARACTERS_MAX or (photo and not _is_sha256(photo)):
        raise EvidenceNeeded("This is no slip's number, or no photo.", why="no-slip")
    return Evidence(staff=StaffId(tx.actor.staff or ""), slip=slip, note=note, photo_sha256=photo)


def _note(text: str) -> str:
    return scrub(text.strip())[:NOTE_CHARACTERS_MAX]


def _is_sha256(text: str) -> bool:
    return len(text) == _SHA256_CHARACTERS and all(char in "0123456789abcdef" for char in text)


def _scrubbed(result: PaymentResult) -> PaymentResult:
    """Drivers have scrubbed it; what people read, and what is kept as evidence, gets a second look."""
    return replace(
        result,
        text=scrub(result.text),
        card=mask(result.card),
        slip=tuple(map(scrub, result.slip)),
        merchant_slip=tuple(map(scrub, result.merchant_slip)),
        raw=scrub_bytes(result.raw),
    )


HANDLERS = _PAYMENTS.merge(handlers_opening.HANDLERS, handlers_settlement.HANDLERS)
