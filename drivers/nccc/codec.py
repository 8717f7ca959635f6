"""The 400-byte records of NCCC's terminals: where what is, and what response codes say.

Both ways the same places. Card numbers come masked but for member cards; amounts have two decimals that are always 00.
"""

from collections.abc import Mapping

from drivers.nccc.options import NcccOptions
from edge_hub.sdk.eft.fields import Field, Layout
from edge_hub.sdk.eft.model import SALE_AND_BACK, BatchTotals, Reason, Request, Result, Transaction, Verdict
from edge_hub.sdk.eft.records import APPROVED, OK, SETTLEMENT, UNLISTED, Meaning, RecordCodec
from edge_hub.sdk.eft.scrub import scrub, scrub_bytes
from edge_hub.sdk.errors import DeviceRefused, ErrorCode

DATA_BYTES = 400
AMOUNT_MAX = 9_999_999
"""More, and the terminal answers 0004."""
MINOR_DIGITS = 0
"""Of the store's TWD: whole dollars."""
SALE, REFUND, TIP, VOID, INQUIRY, WALLET_INQUIRY, MIRROR = "01", "02", "28", "30", "62", "68", "00"
CARDS, TICKET, WALLET = ("N", "C", "S"), "E", "W"
_TYPE, _PAYMENT, _START = slice(8, 10), slice(10, 11), slice(220, 222)
_TEXT = slice(11, 211)

_HEAD = (
    Field("indicator", 0, 1),
    Field("version", 1, 6, "n"),
    Field("trans_indicator", 7, 1),
    Field("type", 8, 2),
    Field("payment", 10, 1),
    Field("host", 11, 2),
    Field("receipt", 13, 6, "n"),
    Field("card", 19, 19),
    Field("expiry", 38, 4),
    Field("amount", 42, 12, "n", decimals=2),
    Field("date", 54, 6),
    Field("time", 60, 6),
    Field("approval", 66, 9),
    Field("wave", 75, 1),
    Field("code", 76, 4),
    Field("merchant", 80, 15),
    Field("terminal", 95, 8),
    Field("store", 115, 18),
    Field("card_type", 212, 2),
    Field("batch", 214, 6),
)
CARD_LAYOUT = Layout(
    "NCCC 400",
    DATA_BYTES,
    (
        *_HEAD,
        Field("tip", 103, 12, "n", decimals=2),
        Field("start", 220, 2),
        Field("issuer", 223, 8),
        Field("origin_date", 231, 8),
        Field("origin_rrn", 239, 12),
        Field("card_hash", 256, 50),
        Field("happygo", 322, 78),
    ),
)
WALLET_LAYOUT = Layout(
    "NCCC 400 wallet",
    DATA_BYTES,
    (
        *_HEAD,
        Field("order", 220, 30),
        Field("carrier", 256, 50),
        Field("trade", 306, 30),
        Field("wallet_id", 336, 64),
    ),
)
SETTLEMENT_LAYOUT = Layout(
    "NCCC 400 settlement",
    DATA_BYTES,
    [Field("count", 38, 4, "n") if one.name == "expiry" else one for one in _HEAD],
)

HOSTS = {"N": "03", "C": "03", "S": "03", "E": "06", "W": "08"}
_POSSIBLE = {
    "N": frozenset(Transaction),
    TICKET: frozenset({Transaction.SALE, Transaction.REFUND}),
    WALLET: frozenset({Transaction.SALE, Transaction.VOID}),
}
_TYPES = {Transaction.SALE: SALE, Transaction.REFUND: REFUND, Transaction.VOID: VOID, Transaction.TIP: TIP}
_SCHEMES = {
    "01": "U CARD",
    "02": "VISA",
    "03": "MASTERCARD",
    "04": "JCB",
    "05": "AMEX",
    "06": "UNIONPAY",
    "07": "DINERS",
    "08": "SmartPay",
    "11": "EasyCard",
    "12": "iPASS",
    "13": "icash",
    "14": "HappyCash",
    "21": "LINE Pay",
    "22": "EasyWallet",
    "23": "icash Pay",
    "24": "PlusPay",
    "25": "PXPay Plus",
    "26": "Pi",
}
NOT_THE_LAST, WAS_A_WALLET, TAP_AGAIN = "0004", "0010", "0018"
"""What 62 is answered beside a stored reply; an e-ticket that left the reader too soon."""
_HOST_TIMED_OUT = "0003"
_NOT_SETTLED = ("0004", "0006", "0010")
"""After which a batch is certainly open still; after other failures its host may have closed it."""


def _no(reason: Reason) -> Meaning:
    return Meaning(Verdict.DECLINED, reason)


CODES: Mapping[str, Meaning] = {
    APPROVED: OK,
    "0001": _no(Reason.DECLINED),
    "0002": _no(Reason.CALL_BANK),
    _HOST_TIMED_OUT: _no(Reason.TIMEOUT),
    "0004": _no(Reason.NOT_POSSIBLE),
    "0005": _no(Reason.HOST),
    "0006": _no(Reason.CANCELLED),
    "0009": _no(Reason.CARD),
    "0010": _no(Reason.NOT_POSSIBLE),
    "0011": _no(Reason.CARD),
    "0016": _no(Reason.BALANCE),
    "0017": _no(Reason.CARD),
    TAP_AGAIN: Meaning(Verdict.UNKNOWN, Reason.OTHER),
    "0019": Meaning(Verdict.UNKNOWN, Reason.OTHER),
    "1301": _no(Reason.HOST),
    **dict.fromkeys(("2001", "2002", "2003", "2004", "2005", "2007", "2009"), _no(Reason.CODE)),
}
"""0003 and 0005 of cards are refusals: the terminal reverses at its host. 0019: the e-ticket was loaded from the bank
and then not charged, which only the card knows for certain.
"""


class NcccCodec(RecordCodec):
    """The records, with the settings of one terminal."""

    private = frozenset({"expiry", "card_hash", "happygo", "carrier"})
    schemes = _SCHEMES
    kept = ("host", "payment", "order")

    def __init__(self, options: NcccOptions) -> None:
        possible = _POSSIBLE.get(options.payment, SALE_AND_BACK)
        self._tip_in_amount = options.tip_amount == "total"
        self._base = {"indicator": "I", "version": options.version}
        super().__init__(
            WALLET_LAYOUT if options.payment == WALLET else CARD_LAYOUT,
            types={transaction: kind for transaction, kind in _TYPES.items() if transaction in possible},
            always={**self._base, "payment": options.payment, "host": HOSTS[options.payment]},
            sends_reference=options.reference,
        )

    def request(self, request: Request) -> bytes:
        if request.minor_digits != MINOR_DIGITS:
            raise DeviceRefused("this terminal takes whole dollars only", error_code=ErrorCode.ILLEGAL)
        if request.amount + (request.original_amount if request.transaction is Transaction.TIP else 0) > AMOUNT_MAX:
            raise DeviceRefused(f"this terminal takes {AMOUNT_MAX} at most", error_code=ErrorCode.ILLEGAL)
        return super().request(request)

    def undone(self, original: Result) -> Mapping[str, str]:
        payment = original.data.get("payment", "")
        return {**super().undone(original), **({"payment": payment} if payment else {})}

    def refunded(self, original: Result | None) -> Mapping[str, str]:
        """SmartPay and e-tickets are refunded by the day of the sale."""
        payment = "" if original is None else original.data.get("payment", "")
        if original is None or not payment:
            return {}
        values = {"payment": payment, "host": original.data.get("host", "")}
        if payment in ("S", TICKET) and original.at:
            values["origin_date"] = original.at[:10].replace("-", "")
        return values

    def tipped(self, request: Request) -> Mapping[str, str]:
        if request.original is None:
            raise DeviceRefused("there is nothing known of the sale a tip is added to", error_code=ErrorCode.ILLEGAL)
        amount = request.original_amount + (request.amount if self._tip_in_amount else 0)
        return {
            **self.undone(request.original),
            "amount": self.layout["amount"].on_wire(amount, request.minor_digits),
            "tip": self.layout["tip"].on_wire(request.amount, request.minor_digits),
        }

    def fits(self, asked: Mapping[str, str], said: Mapping[str, str]) -> bool:
        if asked["type"] != TIP or not said["amount"]:
            return super().fits(asked, said)
        tip = int(asked["tip"])
        sale = int(asked["amount"]) - (tip if self._tip_in_amount else 0)
        return int(said["amount"]) in (sale, sale + tip)

    def moved(self, values: Mapping[str, str], request: Request) -> int | None:
        """Of a tip: itself, if the reply repeats it or leaves it out and names its sale, with or without it."""
        amount = super().moved(values, request)
        if request.transaction is not Transaction.TIP:
            return amount
        if amount not in (request.original_amount, request.original_amount + request.amount):
            return None
        return self.layout["tip"].amount(values["tip"], request.minor_digits) or request.amount

    def settlement(self, at: str) -> bytes:
        return self.layout.pack({**self._base, "type": SETTLEMENT, **self.moment_sent(at)})

    def meaning(self, values: Mapping[str, str]) -> Meaning:
        code = values["code"]
        if values["type"] == SETTLEMENT and code not in (APPROVED, *_NOT_SETTLED):
            return UNLISTED
        if code == _HOST_TIMED_OUT and values["payment"] not in CARDS:
            return Meaning(Verdict.UNKNOWN, Reason.TIMEOUT)
        return CODES.get(code, UNLISTED)

    def entry(self, values: Mapping[str, str]) -> str:
        return "contactless" if values["wave"] else ""

    def totals(self, reply: bytes) -> BatchTotals:
        values = SETTLEMENT_LAYOUT.unpack(reply)
        return BatchTotals(
            batch=values["batch"],
            count=int(values["count"]) if values["count"] else None,
            amount=SETTLEMENT_LAYOUT["amount"].amount(values["amount"], MINOR_DIGITS),
            raw=scrub_bytes(reply),
        )


def inquiry(request: bytes) -> bytes:
    """62 for a request sent before: its very bytes, because the terminal compares all of them with what it saved."""
    return _with(_with(request, _START, request[_TYPE]), _TYPE, INQUIRY.encode())


def wallet_inquiry(request: bytes, order: str) -> bytes:
    """68 for a wallet payment under the wallet's order number."""
    return WALLET_LAYOUT.put(request, {"type": WALLET_INQUIRY, "order": order})


def type_of(data: bytes) -> str:
    """The transaction type of any record."""
    return data[_TYPE].decode("latin-1")


def payment_of(data: bytes) -> str:
    """Its payment indicator."""
    return data[_PAYMENT].decode("latin-1")


def mirrored(data: bytes) -> str | None:
    """What the terminal's screen shows, if this is the frame that says so; sent unasked, in Big5."""
    if type_of(data) != MIRROR or data[_PAYMENT] != b"T":
        return None
    return scrub(data[_TEXT].replace(b"\x00", b" ").decode("big5", errors="replace").strip())


def _with(data: bytes, place: slice, value: bytes) -> bytes:
    return data[: place.start] + value + data[place.stop :]
