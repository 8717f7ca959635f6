"""Concert V2 ("E+"), as Telium terminals speak it: 34 characters to the terminal, 25 or 80 back, each framed.

05 -> 06, then 02 DATA 03 LRC -> 06, then 04; the reply comes the same way round.   LRC = XOR of DATA and 03
"""

import re
from enum import Enum
from functools import reduce
from operator import xor

from drivers.concert.options import ConcertOptions
from edge_hub.sdk.eft.currencies import number_of
from edge_hub.sdk.eft.fields import Field, Layout
from edge_hub.sdk.eft.model import Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.scrub import mask, scrub_bytes
from edge_hub.sdk.errors import DeviceRefused, ErrorCode

STX, ETX, EOT, ENQ, ACK, NAK = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15
FRAMING_BYTES = 3
MINOR_DIGITS = 2
"""The amount has cents; what it counts for currencies without them is not known."""
CARD_BYTES = 55

REQUEST = Layout("Concert request", 34, [
    Field("pos", 0, 2, "n"), Field("amount", 2, 8, "n"), Field("full", 10, 1), Field("mode", 11, 1),
    Field("type", 12, 1), Field("currency", 13, 3), Field("private", 16, 10), Field("delay", 26, 4),
    Field("authorisation", 30, 4),
])  # fmt: skip
SHORT_REPLY = Layout("Concert reply", 25, [
    Field("pos", 0, 2, "n"), Field("result", 2, 1), Field("amount", 3, 8, "n"), Field("mode", 11, 1),
    Field("currency", 12, 3), Field("private", 15, 10),
])  # fmt: skip
FULL_REPLY = Layout("Concert long reply", 80, [
    Field("pos", 0, 2, "n"), Field("result", 2, 1), Field("amount", 3, 8, "n"), Field("mode", 11, 1),
    Field("card", 12, CARD_BYTES), Field("currency", 67, 3), Field("private", 70, 10),
])  # fmt: skip

CARD_MODE = "1"
DEBIT, CREDIT, CANCELLATION = "0", "1", "2"
AT_THE_END, AT_ONCE = "A010", "A011"
"""When the terminal replies. Only at the end does the reply say what became of it."""
NORMAL_AUTHORISATION = "B010"
APPROVED, REJECTED = "0", "7"
_PAN = re.compile(rb"[0-9]{13,19}")
_REFERENCE = re.compile(r"[0-9A-Z]{10}")


class Mark(Enum):
    """What the wire carried that is no DATA."""

    ENQ = ENQ
    ACK = ACK
    NAK = NAK
    EOT = EOT
    NOISE = -1
    DAMAGED = -2
    """A frame whose LRC is wrong."""


Token = Mark | bytes
_MARKS = {mark.value: mark for mark in Mark if mark.value > 0}


def lrc(data: bytes) -> int:
    """XOR of DATA and ETX."""
    return reduce(xor, data, ETX)


def frame(data: bytes) -> bytes:
    """DATA as it goes over the wire."""
    return bytes((STX, *data, ETX, lrc(data)))


class Reader:
    """Bytes in any pieces to tokens, either side, by length: an LRC can be any byte. Holds less than a frame."""

    def __init__(self, data_bytes: int) -> None:
        self._size = data_bytes + FRAMING_BYTES
        self._held = bytearray()

    @property
    def partial(self) -> bool:
        """A frame has begun and is not complete."""
        return bool(self._held)

    def reset(self) -> None:
        """Forget the piece of a frame."""
        self._held.clear()

    def expire(self) -> list[Token]:
        """What began does not become a frame: the tokens in it."""
        rest = bytes(self._held[1:])
        self._held.clear()
        return [Mark.NOISE, *self.feed(rest)]

    def feed(self, data: bytes) -> list[Token]:
        """Tokens that `data` completed. Never raises."""
        self._held += data
        tokens: list[Token] = []
        at = 0
        while at < len(self._held):
            first = self._held[at]
            if first == STX:
                if len(self._held) - at < self._size:
                    break
                whole = bytes(self._held[at : at + self._size])
                if whole[-2] == ETX:
                    tokens.append(whole[1:-2] if lrc(whole[1:-2]) == whole[-1] else Mark.DAMAGED)
                    at += self._size
                    continue
            at += 1
            mark = _MARKS.get(first, Mark.NOISE)
            if mark is not Mark.NOISE or tokens[-1:] != [Mark.NOISE]:
                tokens.append(mark)
        del self._held[:at]
        return tokens


def reply_layout(*, full: bool) -> Layout:
    """The layout of replies."""
    return FULL_REPLY if full else SHORT_REPLY


def request_data(request: Request, options: ConcertOptions) -> bytes:
    """DATA of a request. Raises DeviceRefused (ILLEGAL) for what the protocol cannot carry."""
    if request.minor_digits != MINOR_DIGITS:
        raise _illegal(f"this terminal's amounts have cents, {request.currency} has none")
    if request.tip:
        raise _illegal("this terminal takes no tips from the till")
    if request.amount <= 0:
        raise _illegal("the terminal cannot carry this amount")
    types = {Transaction.SALE: DEBIT, Transaction.REFUND: options.refund_type, Transaction.VOID: CANCELLATION}
    return REQUEST.pack({
        "pos": str(options.till_number),
        "amount": str(request.amount),
        "full": str(int(options.full_reply)),
        "mode": CARD_MODE,
        "type": types[request.transaction],
        "currency": number_of(request.currency),
        "private": request.reference if options.sends_reference else "",
        "delay": AT_THE_END,
        "authorisation": NORMAL_AUTHORISATION,
    })  # fmt: skip


def _illegal(why: str) -> DeviceRefused:
    return DeviceRefused(why, error_code=ErrorCode.ILLEGAL)


def answers(sent: bytes, data: bytes, layout: Layout) -> bool:
    """Whether a reply is this request's: by its private data, else because nothing in it speaks against it. Raises
    BadFrame for a reply that is none.
    """
    asked, said = REQUEST.unpack(sent), layout.unpack(data)
    if said["pos"] != asked["pos"] or said["currency"] != asked["currency"]:
        return False
    if asked["private"] and said["private"] == asked["private"]:
        return True
    return not _REFERENCE.fullmatch(said["private"]) and said["amount"] == asked["amount"]


def result(sent: bytes, data: bytes, request: Request, layout: Layout) -> Result:
    """What a reply to `request` says. Raises BadFrame for one that is none."""
    asked, said = REQUEST.unpack(sent), layout.unpack(data)
    amount = int(said["amount"] or "0")
    verdict, reason = Verdict.UNKNOWN, Reason.OTHER
    if said["result"] == APPROVED:
        right = amount == request.amount
        verdict, reason = (Verdict.APPROVED, Reason.NONE) if right else (Verdict.UNKNOWN, Reason.AMOUNT)
    elif said["result"] == REJECTED:
        verdict, reason = Verdict.DECLINED, Reason.DECLINED
    own = asked["private"] and said["private"] == asked["private"]
    return Result(
        verdict=verdict,
        reason=reason,
        code=said["result"],
        amount=None if verdict is Verdict.DECLINED else amount,
        identity=f"{said['pos']}/{said['private']}" if own else "",
        terminal_id=said["pos"],
        card=_card(data, layout),
        raw=scrubbed(data, layout),
    )


def _card(data: bytes, layout: Layout) -> str:
    """The card number in the long reply's card data, masked; "" where there is none."""
    if "card" not in layout:
        return ""
    place = layout["card"]
    found = _PAN.search(data[place.offset : place.end])
    return mask(found[0].decode("ascii")) if found else ""


def scrubbed(data: bytes, layout: Layout) -> bytes:
    """A reply as it may be kept: the card data, whose inner order is not known, is blanked whole."""
    if "card" in layout:
        place = layout["card"]
        data = data[: place.offset] + b" " * place.length + data[place.end :]
    return scrub_bytes(data)
