"""What terminals have in common that answer one fixed record with another of the same layout: which reply is whose,
what it says, and what of it may be kept. Each protocol gives its table.

Fields by name, as far as a layout has them: type, host, receipt, card, amount, date (YYMMDD), time (hhmmss), approval,
code, terminal, merchant, rrn, batch, card_type, and the one that carries the hub's reference.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from edge_hub.sdk.eft.fields import Layout
from edge_hub.sdk.eft.model import BatchTotals, Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.scrub import mask, scrub, scrub_bytes
from edge_hub.sdk.errors import BadFrame, DeviceRefused, ErrorCode

APPROVED = "0000"
_REFERENCE = re.compile(r"[0-9A-Z]{10}")
"""As the hub makes them (`Request.reference`): one in a reply that is not the request's belongs to another request."""


class Match(Enum):
    """Whose a reply is."""

    OURS = "ours"
    """It repeats what only this request had."""
    PLAUSIBLE = "plausible"
    """Kind and amount fit, and it repeats nothing that tells requests apart."""
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a response code says."""

    verdict: Verdict
    reason: Reason = Reason.NONE


OK = Meaning(Verdict.APPROVED)
DECLINED = Meaning(Verdict.DECLINED, Reason.DECLINED)
UNLISTED = Meaning(Verdict.UNKNOWN, Reason.OTHER)
SETTLEMENT = "50"
CURRENCY = "TWD"
"""Of all these terminals: their records have no place for another."""


class RecordCodec:
    """The records of one protocol. Frames, check sums and time are others' business."""

    reference: ClassVar[str] = "store"
    """The field that carries the hub's reference, which the reply repeats where terminal and bank leave it alone."""
    private: ClassVar[frozenset[str]] = frozenset({"expiry", "card_hash"})
    """Fields of which nothing is kept."""
    kept: ClassVar[tuple[str, ...]] = ("host",)
    """Fields of a reply that a void or a refund needs again."""
    schemes: ClassVar[Mapping[str, str]] = {}
    """By the field card_type."""
    meanings: ClassVar[Mapping[str, Meaning]] = {}
    """By the field code."""
    with_card: ClassVar[frozenset[Transaction]] = frozenset({Transaction.REFUND})
    """As `Capabilities.with_card`: a refund names no sale, mostly."""

    def __init__(
        self,
        layout: Layout,
        *,
        types: Mapping[Transaction, str],
        always: Mapping[str, str],
        sends_reference: bool = True,
        declined: Collection[str] = (),
    ) -> None:
        """`always`: fields of every request, which the transaction's own go over. `declined`: codes that a technician
        knows to be refusals.
        """
        self.layout = layout
        self.types = types
        self._always = always
        self._sends_reference = sends_reference
        self._declined = frozenset(declined)

    def meaning(self, values: Mapping[str, str]) -> Meaning:
        """What the code in a reply says; UNLISTED for one that no list has."""
        code = values["code"]
        if code == APPROVED:
            return OK
        return DECLINED if code in self._declined else self.listed(code)

    def listed(self, code: str) -> Meaning:
        """What the protocol's own list says of a code."""
        return self.meanings.get(code, UNLISTED)

    def undone(self, original: Result) -> Mapping[str, str]:
        """The fields that name the transaction to be voided. Raises DeviceRefused if its reply had none."""
        if not original.receipt:
            raise DeviceRefused("the sale to be voided has no receipt number", error_code=ErrorCode.ILLEGAL)
        host = original.data.get("host", "")
        return {"receipt": original.receipt} | ({"host": host} if host else {})

    def refunded(self, original: Result | None) -> Mapping[str, str]:  # noqa: ARG002  # protocols that name it
        """The fields that name the transaction to be refunded, where the protocol asks for it."""
        return {}

    def tipped(self, request: Request) -> Mapping[str, str]:  # noqa: ARG002  # protocols that have it
        """The fields that name the sale a tip is added to, and how much it is. Raises DeviceRefused."""
        raise DeviceRefused("this terminal takes no tips from the till", error_code=ErrorCode.ILLEGAL)

    def seal(self, record: bytes) -> bytes:
        """The record with what is worked out from the rest of it."""
        return record

    def sound(self, record: bytes) -> bool:  # noqa: ARG002  # protocols that have more than the link's check
        """Whether a reply is whole."""
        return True

    def request(self, request: Request) -> bytes:
        """The record that asks for it. Raises DeviceRefused (ILLEGAL) for what this protocol cannot carry."""
        if request.currency != CURRENCY:
            raise DeviceRefused(f"this terminal takes {CURRENCY} only", error_code=ErrorCode.ILLEGAL)
        kind = self.types.get(request.transaction)
        if kind is None:
            raise DeviceRefused(f"this terminal has no {request.transaction}", error_code=ErrorCode.ILLEGAL)
        if request.tip:
            raise DeviceRefused("this terminal takes no tips from the till", error_code=ErrorCode.ILLEGAL)
        values = {**self._always, "type": kind, **self.moment_sent(request.at)}
        values["amount"] = self.layout["amount"].on_wire(request.amount, request.minor_digits)
        if self._sends_reference:
            values[self.reference] = request.reference
        if request.transaction is Transaction.VOID:
            if request.original is None:
                raise DeviceRefused("there is nothing known of the sale to be voided", error_code=ErrorCode.ILLEGAL)
            values |= self.undone(request.original)
        elif request.transaction is Transaction.REFUND:
            values |= self.refunded(request.original)
        elif request.transaction is Transaction.TIP:
            values |= self.tipped(request)
        return self.seal(self.layout.pack(values))

    def settlement(self, at: str) -> bytes:
        """The record that closes the batch."""
        return self.seal(self.layout.pack({**self._always, "type": SETTLEMENT, "amount": "0", **self.moment_sent(at)}))

    def moment_sent(self, at: str) -> dict[str, str]:
        """The fields that say when the till asked; `at` as `Request.at`."""
        date, _, time = at.partition("T")
        moment = {"date": date.replace("-", "")[2:], "time": time.replace(":", "")}
        return {name: text for name, text in moment.items() if name in self.layout}

    def match(self, sent: bytes, reply: bytes) -> Match:
        """Whose the reply is, if `sent` was the last request. Raises BadFrame for a record that is none."""
        asked, said = self.layout.unpack(sent), self.layout.unpack(reply)
        if not self.same_kind(asked["type"], said["type"]):
            return Match.FOREIGN
        by_echo = self.echo(asked, said)
        if by_echo is not Match.PLAUSIBLE:
            return by_echo
        return Match.PLAUSIBLE if self.fits(asked, said) else Match.FOREIGN

    def fits(self, asked: Mapping[str, str], said: Mapping[str, str]) -> bool:
        """Whether the sum in a reply can be the answer to that in a request; none is no objection."""
        return not said["amount"] or int(said["amount"]) == int(asked["amount"])

    def same_kind(self, asked: str, said: str) -> bool:
        """Whether a reply of the kind `said` can answer a request of the kind `asked`."""
        return asked == said

    def echo(self, asked: Mapping[str, str], said: Mapping[str, str]) -> Match:
        """What the reply repeats of the request alone."""
        ours, theirs = asked.get(self.reference, ""), said.get(self.reference, "")
        if ours and theirs == ours:
            return Match.OURS
        return Match.FOREIGN if _REFERENCE.fullmatch(theirs) else Match.PLAUSIBLE

    def result(self, reply: bytes, request: Request) -> Result:
        """What a reply to `request` says. Raises BadFrame for a record that is none."""
        values = self.layout.unpack(reply)
        meaning = self.meaning(values)
        try:
            amount = self.moved(values, request)
        except BadFrame:  # it names a sum that cannot have been asked for
            amount = None
        if meaning.verdict is Verdict.APPROVED and amount != request.amount:
            meaning = Meaning(Verdict.UNKNOWN, Reason.AMOUNT)
        return Result(
            verdict=meaning.verdict,
            reason=meaning.reason,
            code=values["code"],
            amount=amount if meaning.verdict is not Verdict.DECLINED else None,
            identity=self.identity(values),
            terminal_id=values.get("terminal", ""),
            merchant_id=values.get("merchant", ""),
            batch=values.get("batch", ""),
            receipt=values["receipt"],
            approval=values["approval"],
            rrn=scrub(self.rrn(values)),
            scheme=self.scheme(values),
            card=mask(values["card"]) if values["card"].strip("0") else "",
            entry=self.entry(values),
            at=self.moment(values),
            data={name: values[name] for name in self.kept if values.get(name)},
            raw=self.scrubbed(reply),
        )

    def moved(self, values: Mapping[str, str], request: Request) -> int | None:
        """How much a reply says was moved, in minor units; None: it does not say. Raises BadFrame."""
        return self.layout["amount"].amount(values["amount"], request.minor_digits)

    def identity(self, values: Mapping[str, str]) -> str:
        """Unique for the terminal; the kind is in it, because a void may come back under the sale's receipt number."""
        numbers = (values["receipt"], values.get("rrn", ""))
        if not any(number.strip("0") for number in numbers):
            return ""
        where = [values.get(name, "") for name in ("terminal", "type", "batch", "date")]
        return "/".join((*where, *numbers))

    def rrn(self, values: Mapping[str, str]) -> str:
        return values.get("rrn", "")

    def scheme(self, values: Mapping[str, str]) -> str:
        return self.schemes.get(values.get("card_type", ""), "")

    def entry(self, values: Mapping[str, str]) -> str:  # noqa: ARG002  # few say
        return ""

    def moment(self, values: Mapping[str, str]) -> str:
        """The terminal's date and time, "" unless both are there and can be."""
        date, time = values.get("date", ""), values.get("time", "")
        if not re.fullmatch(r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", date):
            return ""
        if not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]", time):
            return ""
        return f"20{date[:2]}-{date[2:4]}-{date[4:]}T{time[:2]}:{time[2:4]}:{time[4:]}"

    def more_s(self, values: Mapping[str, str]) -> float | None:  # noqa: ARG002  # one record answers one, mostly
        """None: this reply is the last. Else another follows: seconds to wait for it anew, 0 as long as before."""
        return None

    def totals(self, reply: bytes) -> BatchTotals:
        """What a settlement's reply says; its sums have no known place in most of these protocols."""
        return BatchTotals(batch=self.layout.unpack(reply).get("batch", ""), raw=self.scrubbed(reply))

    def scrubbed(self, record: bytes) -> bytes:
        """A record as it may be kept, every field in its place."""
        kept = bytearray(record)
        for name, place in self.layout.fields.items():
            held = bytes(kept[place.offset : place.end])
            if name in self.private:
                held = b" " * place.length
            elif name == "card":
                held = mask(held.decode("latin-1").replace("\x00", " ")).encode("latin-1").ljust(place.length)
            else:
                held = scrub_bytes(held)
            kept[place.offset : place.end] = held
        return scrub_bytes(bytes(kept))

    def checked(self, record: bytes) -> bytes:
        """The record if it is one. Raises BadFrame."""
        self.layout.unpack(record)
        if not self.sound(record):
            raise BadFrame(f"{self.layout.name}: a hash that is not the record's")
        return record
