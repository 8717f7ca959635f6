"""Caisse-AP over IP (Association du Paiement, version 3): messages of text fields, each two letters, three digits of
length, and the value. CZ comes first; there is no end mark and no check sum.
"""

from collections.abc import Iterable, Mapping

from drivers.caisse_ap.options import CaisseApOptions
from edge_hub.sdk.eft.currencies import number_of
from edge_hub.sdk.eft.model import Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.scrub import mask, scrub
from edge_hub.sdk.errors import BadFrame, DeviceRefused, ErrorCode

MESSAGE_BYTES_MAX = 4096
MINOR_DIGITS = 2
"""CB counts hundredths; what it counts for currencies without them is not known."""
AMOUNT_MAX = 10**12 - 1
_HEAD_BYTES = 5

VERSION, PROTOCOL, TILL, AMOUNT, ACTION, CURRENCY, PRIVATE = "CZ", "CJ", "CA", "CB", "CD", "CE", "CF"
OUTCOME, WHY, PAN, APPROVAL, AID, CONTRACT = "AE", "AF", "AA", "AC", "AI", "CG"
DONE, NOT_DONE, ACCEPTED = "10", "01", "11"
DUPLICATE = "3"
ACTIONS: Mapping[Transaction, str] = {Transaction.SALE: "0", Transaction.REFUND: "1", Transaction.VOID: "2"}
REASONS: Mapping[str, Reason] = {
    "04": Reason.DECLINED,
    "05": Reason.NOT_POSSIBLE,
    "06": Reason.CANCELLED,
    "07": Reason.OTHER,
    "08": Reason.TIMEOUT,
    "09": Reason.NOT_POSSIBLE,
    "10": Reason.NOT_POSSIBLE,
    "11": Reason.NOT_POSSIBLE,
    "12": Reason.NOT_POSSIBLE,
    "13": Reason.NOT_POSSIBLE,
}
"""AF: refused, forbidden, abandoned, not completed, timeout, format, selection, operator, unknown action, currency."""
SCHEMES: Mapping[str, str] = {
    "A000000003": "VISA",
    "A000000004": "MASTERCARD",
    "A000000025": "AMEX",
    "A000000042": "CB",
    "A000000065": "JCB",
    "A000000152": "DISCOVER",
    "A000000333": "UNIONPAY",
}
"""By the registered provider at the beginning of the application id (ISO/IEC 7816-5)."""
KEPT = frozenset({VERSION, PROTOCOL, TILL, AMOUNT, ACTION, CURRENCY, PRIVATE, OUTCOME, WHY, APPROVAL, AID, CONTRACT,
                  "BA", "CC", "CI", "CK"})  # fmt: skip
"""Fields whose values may be kept, once scrubbed. Any other - expiry (AB), ticket (ZT), unknown ones - is blanked."""

Fields = Mapping[str, str]


def encode(fields: Iterable[tuple[str, str]]) -> bytes:
    """A message."""
    return "".join(f"{tag}{len(value):03d}{value}" for tag, value in fields).encode("latin-1")


def decode(data: bytes) -> Fields:
    """The fields of one whole message. Raises BadFrame."""
    reader = Reader()
    found = reader.feed(data)
    if found or reader.fields is None:
        raise BadFrame("not one whole message")
    return reader.fields


class Reader:
    """Fields out of bytes, however torn. A message is over when another begins; whether a pause is its end is for
    the caller to judge.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._fields: dict[str, str] = {}

    @property
    def fields(self) -> Fields | None:
        """What came of the message so far, when it ends with a whole field."""
        return dict(self._fields) if self._fields and not self._held else None

    def reset(self) -> None:
        """Forget what came."""
        self._held.clear()
        self._fields = {}

    def feed(self, data: bytes) -> list[Fields]:
        """Messages that `data` showed to be over. Raises BadFrame for what is none, and forgets all of it."""
        self._held += data
        ended: list[Fields] = []
        try:
            while (field := self._next()) is not None:
                if field[0] == VERSION and self._fields:
                    ended.append(self._fields)
                    self._fields = {}
                self._put(*field)
        except BadFrame:
            self.reset()
            raise
        return ended

    def _put(self, tag: str, value: str) -> None:
        if (tag == VERSION) is bool(self._fields) or tag in self._fields:
            raise BadFrame("a field that is not in its place")
        self._fields[tag] = value

    def _next(self) -> tuple[str, str] | None:
        head = bytes(self._held[:_HEAD_BYTES])
        tag, digits = head[:2], head[2:]
        if not all(letter in range(0x41, 0x5B) for letter in tag) or (digits and not digits.isdigit()):
            raise BadFrame("not a field")
        if len(head) < _HEAD_BYTES:
            return None
        end = _HEAD_BYTES + int(digits)
        if end + sum(map(len, self._fields.values())) > MESSAGE_BYTES_MAX:
            raise BadFrame("longer than any message")
        if len(self._held) < end:
            return None
        value = bytes(self._held[_HEAD_BYTES:end]).decode("latin-1")
        del self._held[:end]
        return tag.decode("ascii"), value


def request_bytes(request: Request, options: CaisseApOptions) -> bytes:
    """The message that asks for it. Raises DeviceRefused (ILLEGAL) for what the protocol cannot carry."""
    if request.minor_digits != MINOR_DIGITS:
        raise DeviceRefused(f"this terminal's amounts have cents, {request.currency} has none", error_code=_ILLEGAL)
    if request.tip:
        raise DeviceRefused("this terminal takes no tips from the till", error_code=_ILLEGAL)
    if not 0 < request.amount <= AMOUNT_MAX:
        raise DeviceRefused("the terminal cannot carry this amount", error_code=_ILLEGAL)
    private = [(PRIVATE, request.reference)] if options.sends_reference else []
    # the amount last: what comes of the request is then whole
    return encode([*_heading(options, number_of(request.currency)), *private, (ACTION, ACTIONS[request.transaction]),
                   (AMOUNT, f"{request.amount:02d}")])  # fmt: skip


def duplicate_bytes(sent: Fields, options: CaisseApOptions) -> bytes:
    """The message that asks for the last ticket again. It carries no CF: one in the reply is the transaction's own."""
    heading = _heading(options, sent.get(CURRENCY, ""))
    return encode([*heading, (ACTION, DUPLICATE), (AMOUNT, sent.get(AMOUNT, ""))])


_ILLEGAL = ErrorCode.ILLEGAL


def _heading(options: CaisseApOptions, currency: str) -> list[tuple[str, str]]:
    return [
        (VERSION, options.version),
        (PROTOCOL, options.protocol_id),
        (TILL, f"{options.till_number:02d}"),
        (CURRENCY, currency),
    ]


def repeats(sent: Fields, said: Fields) -> bool:
    """Whether a reply has what only this request had."""
    return PRIVATE in sent and said.get(PRIVATE) == sent[PRIVATE]


def answers(sent: Fields, said: Fields) -> bool:
    """Whether a reply is this request's. Without CF it is if nothing in it speaks against it."""
    if any(tag in said and said[tag] != sent[tag] for tag in (TILL, CURRENCY, ACTION)):
        return False
    if PRIVATE in said:
        return repeats(sent, said)
    return AMOUNT not in said or amount_of(said) == amount_of(sent)


def amount_of(fields: Fields) -> int | None:
    """CB, which terminals fill up with zeros; None: not there, or no number."""
    text = fields.get(AMOUNT, "")
    return int(text) if text.isascii() and text.isdigit() else None


def result(said: Fields, request: Request, doubted: Iterable[str]) -> Result:
    """What a reply to `request` says."""
    verdict, reason = _verdict(said, request, frozenset(doubted))
    amount = amount_of(said)
    return Result(
        verdict=verdict,
        reason=reason,
        code="/".join(said[tag] for tag in (OUTCOME, WHY) if tag in said),
        amount=None if verdict is Verdict.DECLINED else amount,
        identity=_identity(said, request),
        terminal_id=scrub(said.get(TILL, "")),
        merchant_id=scrub(said.get(CONTRACT, "")),
        approval=scrub(said.get(APPROVAL, "")),
        scheme=SCHEMES.get(said.get(AID, "")[:10].upper(), ""),
        card=mask(said.get(PAN, "")),
        raw=scrubbed(said),
    )


def _verdict(said: Fields, request: Request, doubted: frozenset[str]) -> tuple[Verdict, Reason]:
    outcome, why = said.get(OUTCOME), said.get(WHY, "")
    if outcome == DONE and WHY not in said:
        right = amount_of(said) == request.amount
        return (Verdict.APPROVED, Reason.NONE) if right else (Verdict.UNKNOWN, Reason.AMOUNT)
    if outcome == NOT_DONE and why in REASONS and why not in doubted:
        return Verdict.DECLINED, REASONS[why]
    return Verdict.UNKNOWN, REASONS.get(why, Reason.OTHER)


def _identity(said: Fields, request: Request) -> str:
    """The protocol numbers nothing: an approval is told from others by all that it says, and the day."""
    if said.get(OUTCOME) != DONE or not said.get(APPROVAL):
        return ""
    parts = (said.get(tag, "") for tag in (CONTRACT, TILL, ACTION, APPROVAL, AMOUNT))
    return scrub("/".join([*parts, mask(said.get(PAN, "")), request.at[:10]]))


def scrubbed(said: Fields) -> bytes:
    """A message as it may be kept."""
    kept = []
    for tag, value in said.items():
        if tag == PAN:
            kept.append((tag, mask(value)))
        else:
            kept.append((tag, scrub(value) if tag in KEPT else " " * len(value)))
    return encode(kept)
