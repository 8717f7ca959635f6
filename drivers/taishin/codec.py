"""The records of Taishin's terminals for tills and kiosks (and First Bank's): 400 bytes, the same layout both ways.

Sources: a terminal's own program for the kinds of transaction and the replies, a till's for the requests.
"""

from collections.abc import Mapping

from drivers.taishin.options import TaishinOptions
from edge_hub.sdk.eft.fields import Field, Layout
from edge_hub.sdk.eft.model import Reason, Transaction, Verdict
from edge_hub.sdk.eft.records import DECLINED, Meaning, RecordCodec

SALE, VOID, STATUS = "01", "30", "62"
_CHOSEN = ("11", "04", "05")
"""A plain sale, instalments, points."""
FINISHED, UNFINISHED = "Y", "N"
TIMER_S_MAX = 300.0
"""Longest that one record may put off the end of waiting."""

LAYOUT = Layout(
    "Taishin 400",
    400,
    (
        Field("type", 0, 2, "n"),
        Field("host", 2, 2),
        Field("receipt", 4, 6),
        Field("card", 10, 19),
        Field("expiry", 29, 4),
        Field("amount", 33, 12, "n", decimals=2),
        Field("date", 45, 6),
        Field("time", 51, 6),
        Field("approval", 57, 9),
        Field("total", 66, 12),
        Field("code", 78, 4),
        Field("terminal", 82, 8),
        Field("down_payment", 90, 12),
        Field("each_payment", 102, 12),
        Field("store", 114, 18),
        Field("period", 132, 2),
        Field("card_type", 134, 2),
        Field("cup", 136, 1),
        Field("entry_mode", 144, 1),
        Field("batch", 145, 6),
        Field("chip", 151, 16),
        Field("check", 167, 4),
        Field("merchant", 178, 15),
        Field("issuer", 207, 8),
        Field("card_hash", 215, 44),
        Field("finished", 259, 1),
        Field("timer", 260, 4),
        Field("signature", 264, 1),
    ),
)
SCHEMES: Mapping[str, str] = {
    "01": "UNIONPAY",
    "03": "JCB",
    "04": "VISA",
    "05": "MASTERCARD",
    "06": "AMEX",
    "07": "DINERS",
    "08": "U CARD",
    "09": "SMARTPAY",
}
_MEANINGS: Mapping[str, Meaning] = {
    "0001": DECLINED,
    "0002": Meaning(Verdict.DECLINED, Reason.CALL_BANK),
    "0003": Meaning(Verdict.UNKNOWN, Reason.TIMEOUT),
    "0004": Meaning(Verdict.DECLINED, Reason.NOT_POSSIBLE),
    "0005": Meaning(Verdict.UNKNOWN, Reason.HOST),
    "0006": Meaning(Verdict.DECLINED, Reason.CANCELLED),
}
"""As the same maker's terminals have them elsewhere; there is a 0007 that no source explains."""
HOSTS = {"taishin": "00", "first_bank": "02"}
"""In requests; "00" leaves the choice to the terminal."""
_ZEROS = {"receipt": "000000", "card": "0" * 19, "expiry": "0000"}


class TaishinCodec(RecordCodec):
    """The records of one terminal."""

    private = frozenset({"expiry", "chip", "check", "card_hash"})
    schemes = SCHEMES
    meanings = _MEANINGS

    def __init__(self, options: TaishinOptions) -> None:
        super().__init__(
            LAYOUT,
            types={Transaction.SALE: options.sale_type, Transaction.VOID: VOID},
            always={**_ZEROS, "host": options.host or HOSTS[options.bank]},
            sends_reference=options.reference,
            declined=options.declined,
        )

    def same_kind(self, asked: str, said: str) -> bool:
        """A sale may come back as what the customer chose at the terminal."""
        return asked == said or (asked == SALE and said in _CHOSEN)

    def rrn(self, values: Mapping[str, str]) -> str:
        """Replies may have the bank's number where requests have the store's."""
        return values["store"] if values["store"].isdigit() else ""

    def more_s(self, values: Mapping[str, str]) -> float | None:
        """The record says by "N" that more records follow, the timer how long to wait for them."""
        if values["finished"] != UNFINISHED:
            return None
        return min(float(values["timer"]), TIMER_S_MAX) if values["timer"].isdigit() else 0.0

    def status(self, sent: bytes) -> bytes:
        """The record that asks what became of the request `sent`."""
        return self.layout.put(sent, {"type": STATUS})
