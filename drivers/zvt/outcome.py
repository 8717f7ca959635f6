"""What a conversation with a terminal means: approved, declined, or nobody knows. ZVT 2.2.8, 4: the result comes in an
04 0F, and counts once the till has answered it and an 06 0F has ended the transaction.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from drivers.zvt import codec, tables
from drivers.zvt.codec import Apdu
from drivers.zvt.slips import Slips
from drivers.zvt.status import Status
from edge_hub.sdk.eft.currencies import CURRENCIES
from edge_hub.sdk.eft.model import BatchTotals, Found, Inquiry, Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.errors import BadFrame

RECEIPTS = 10_000
"""Receipt numbers begin again after 9999."""
_TOTALS_HEAD, _GROUP_BYTES = 4, 7


@dataclass(slots=True)
class Said:
    """What the terminal said from a command to its end."""

    slips: Slips
    refused: int = 0
    """The code of 84 xx, 0 when it took the command."""
    statuses: list[Status] = field(default_factory=list)
    malformed: bool = False
    """An 04 0F could not be read."""
    end: Apdu | None = None

    @property
    def aborted(self) -> bool:
        return self.end is not None and self.end.command == codec.ABORT

    @property
    def end_code(self) -> int | None:
        """Of an abort its code, of a completion BMP 27 where it has one."""
        if self.end is None:
            return None
        if self.aborted:
            return self.end.data[0] if self.end.data else None
        value = self.end_field(codec.RESULT)
        return value[0] if value else None

    def end_field(self, tag: int) -> bytes:
        """A bitmap of the completion, b"" without."""
        if self.end is None or self.aborted:
            return b""
        try:
            return dict(codec.bitmaps(self.end.data)).get(tag, b"")
        except BadFrame:
            return b""

    @property
    def code(self) -> int | None:
        """The code that says how it went: the last result's, else the end's."""
        if self.refused:
            return self.refused
        return self.statuses[-1].code if self.statuses else self.end_code

    @property
    def failed(self) -> bool:
        """It says that nothing was done, by a code that is known, and says nothing else."""
        if self.malformed or any(status.code in (0, None) for status in self.statuses):
            return False
        return (bool(self.refused) or self.aborted or bool(self.statuses)) and self.code in tables.REASONS

    @property
    def succeeded(self) -> bool:
        """One good result, and a completion that does not contradict it."""
        if self.malformed or self.refused or self.aborted or self.end_code not in (None, 0):
            return False
        return (
            bool(self.statuses)
            and all(status.approves for status in self.statuses)
            and len({(status.moment, status.amount) for status in self.statuses}) == 1
        )


def words(code: int | None) -> str:
    """What a result code says, for a person; "" where only the till's own words for its reason are better."""
    return tables.WORDS.get(code, "") if code is not None else ""


def result_of(request: Request, said: Said, terminal_id: str) -> Result:
    """The result of a request."""
    status = said.statuses[-1] if said.statuses else None
    verdict, reason = _verdict(request, said)
    base = describe(request, status, terminal_id) if status is not None else Result(verdict=verdict)
    customer, merchant, _ = said.slips.all()
    code = said.code
    return replace(
        base,
        verdict=verdict,
        reason=reason,
        amount=None if verdict is Verdict.DECLINED else base.amount,
        code="" if code is None else f"{code:02X}",
        text=base.text or words(code),
        slip=customer,
        merchant_slip=merchant,
    )


def _verdict(request: Request, said: Said) -> tuple[Verdict, Reason]:
    if said.failed:
        return Verdict.DECLINED, tables.REASONS[said.code or 0]
    if not said.succeeded:
        return Verdict.UNKNOWN, Reason.OTHER
    status = said.statuses[-1]
    if not amounts_agree(request, status):
        return Verdict.UNKNOWN, Reason.AMOUNT
    if status.original_trace and request.transaction is Transaction.SALE:
        return Verdict.UNKNOWN, Reason.OTHER
    return Verdict.APPROVED, Reason.NONE


def amounts_agree(request: Request, status: Status) -> bool:
    """Only a reversal, which is of one receipt, may leave the amount out."""
    currency = CURRENCIES.get(request.currency)
    if status.currency is not None and (currency is None or status.currency != currency.number):
        return False
    return status.amount == request.amount or (status.amount is None and request.transaction is Transaction.VOID)


def describe(request: Request, status: Status, terminal_id: str) -> Result:
    """All that a status says, without a verdict of its own."""
    at = status.at(request.at)
    terminal = status.terminal_id or terminal_id
    receipt = "" if status.receipt is None else f"{status.receipt:04d}"
    identity = f"{terminal}/{at or request.at[:10]}/{status.trace}/{receipt}" if receipt or status.trace else ""
    known = {"receipt": receipt, "trace": status.trace, "turnover": status.turnover}
    return Result(
        verdict=Verdict.UNKNOWN,
        text=status.text,
        amount=status.amount,
        identity=identity,
        terminal_id=terminal,
        merchant_id=status.merchant_id,
        receipt=receipt,
        approval=status.approval,
        scheme=status.scheme,
        card=status.card,
        entry=status.entry,
        at=at,
        data={name: value for name, value in known.items() if value},
        raw=status.raw,
    )


def inquiry_of(request: Request, said: Said, *, before: int | None, tolerance_s: int, terminal_id: str) -> Inquiry:
    """Whether the terminal's last transaction (06 20) is this request's. `before`: the receipt before it, if known."""
    if said.code in (tables.BUSY, tables.WAIT):
        return Inquiry(found=Found.PENDING, text="the terminal is busy")
    if not said.statuses or said.malformed:
        return Inquiry(
            found=Found.INCONCLUSIVE, text=words(said.code) or "the terminal has no last transaction to tell"
        )
    status = said.statuses[-1]
    why = _not_ours(request, status, before=before, tolerance_s=tolerance_s)
    if why:
        return Inquiry(found=Found.INCONCLUSIVE, text=why)
    result = result_of(request, said, terminal_id)
    if result.verdict is Verdict.APPROVED or (result.verdict is Verdict.DECLINED and before is not None):
        return Inquiry(found=Found.FOUND, result=result)
    return Inquiry(found=Found.INCONCLUSIVE, text="the terminal's last transaction has no clear outcome")


def _not_ours(request: Request, status: Status, *, before: int | None, tolerance_s: int) -> str:
    """Why the last transaction cannot be shown to be this request's, or ""."""
    if not amounts_agree(request, status):
        return "the terminal's last transaction is of another amount"
    return _not_this_receipt(request, status, before) or _not_then(request, status, tolerance_s)


def _not_this_receipt(request: Request, status: Status, before: int | None) -> str:
    if bool(status.original_trace) and request.transaction is not Transaction.VOID:
        return "the terminal's last transaction undoes another one"
    if status.receipt is None:
        return "the terminal's last transaction has no receipt number"
    original = request.original.receipt if request.original is not None else ""
    if before is not None and not 0 < (status.receipt - before) % RECEIPTS < RECEIPTS // 2:
        return f"the terminal's last transaction (receipt {status.receipt:04d}) is an earlier one"
    if original and f"{status.receipt:04d}" == original:
        return "the terminal's last transaction is the one to undo"
    return ""


def _not_then(request: Request, status: Status, tolerance_s: int) -> str:
    at = status.at(request.at)
    if not at:
        return "the terminal's last transaction has no date and time"
    if datetime.fromisoformat(at) < datetime.fromisoformat(request.at) - timedelta(seconds=tolerance_s):
        return f"the terminal's last transaction is of {at}, before this one was asked for (or its clock is wrong)"
    return ""


def totals_of(said: Said) -> BatchTotals:
    """What an end of day says."""
    status = said.statuses[-1] if said.statuses else None
    _, _, slip = said.slips.all()
    if status is None:
        return BatchTotals(slip=slip)
    groups = _groups(status.totals)
    return BatchTotals(
        count=sum(count for _, count, _ in groups) if status.totals else None,
        amount=status.amount,
        by_scheme=tuple(group for group in groups if group[1]),
        slip=slip,
        text=status.text,
        raw=status.raw,
    )


def _groups(totals: bytes) -> list[tuple[str, int, int]]:
    """BMP 60: first and last receipt, then count (binary) and amount of each group. Some terminals add more."""
    found = []
    for place, name in enumerate(tables.TOTALS):
        at = _TOTALS_HEAD + place * _GROUP_BYTES
        group = totals[at : at + _GROUP_BYTES]
        if len(group) == _GROUP_BYTES and group[1:].hex().isdecimal():
            found.append((name, group[0], int(group[1:].hex())))
    return found
