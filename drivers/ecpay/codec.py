"""The records of ECPay's terminals: 600 bytes with hashes. Source: developers.ecpay.com.tw, POS RS232 (p=32574 on)."""

import hashlib
import re
from collections.abc import Mapping

from drivers.ecpay.options import EcpayOptions
from edge_hub.sdk.eft.fields import Field, Layout
from edge_hub.sdk.eft.model import Reason, Result, Transaction, Verdict
from edge_hub.sdk.eft.records import DECLINED, Match, Meaning, RecordCodec
from edge_hub.sdk.errors import DeviceRefused, ErrorCode

SALE, REFUND = "01", "02"
CARDS_HOST = "01"
HASHED_BYTES = 492
_HASHED_WITH_TIME_BYTES = 506
"""The vendor's text may also mean that the request's time is hashed with the rest."""

LAYOUT = Layout(
    "ECPay 600",
    600,
    (
        Field("type", 0, 2, "n"),
        Field("host", 2, 2),
        Field("receipt", 4, 6),
        Field("card", 10, 19),
        Field("cup", 29, 2),
        Field("amount", 31, 12, "n", decimals=2),
        Field("date", 43, 6),
        Field("time", 49, 6),
        Field("approval", 55, 6),
        Field("code", 61, 4),
        Field("terminal", 65, 8),
        Field("merchant", 73, 15),
        Field("order", 88, 20),
        Field("store", 108, 18),
        Field("card_type", 126, 2),
        Field("redeemed", 128, 12),
        Field("points", 140, 10),
        Field("points_left", 150, 10),
        Field("period", 160, 2),
        Field("down_payment", 162, 12),
        Field("each_payment", 174, 12),
        Field("card_hash", 186, 50),
        Field("pos_number", 236, 20),
        Field("request_time", 492, 14),
        Field("request_hash", 506, 40),
        Field("edc_time", 546, 14),
        Field("reply_hash", 560, 40),
    ),
)
SCHEMES: Mapping[str, str] = {"00": "VISA", "01": "MASTERCARD", "02": "JCB", "03": "UNIONPAY"}
_MEANINGS: Mapping[str, Meaning] = {
    "0001": DECLINED,
    "0002": Meaning(Verdict.DECLINED, Reason.CALL_BANK),
    "0003": Meaning(Verdict.UNKNOWN, Reason.HOST),
}
"""0003 is "communication failed": whether before or after the bank decided, it does not say."""


def hashed(record: bytes, size: int = HASHED_BYTES) -> str:
    """SHA-1 of the first bytes of a record, in capitals."""
    return hashlib.sha1(record[:size], usedforsecurity=False).hexdigest().upper()


class EcpayCodec(RecordCodec):
    """The records of one terminal."""

    schemes = SCHEMES
    meanings = _MEANINGS
    kept = ("order",)
    with_card = frozenset()  # a refund names the sale's order

    def __init__(self, options: EcpayOptions) -> None:
        super().__init__(
            LAYOUT,
            types={Transaction.SALE: SALE, Transaction.REFUND: REFUND},
            always={"host": CARDS_HOST, "cup": "01" if options.unionpay else "00", "pos_number": options.pos_number},
            sends_reference=options.reference,
            declined=options.declined,
        )
        self._check_hash = options.check_hash

    def refunded(self, original: Result | None) -> Mapping[str, str]:
        order = original.data.get("order", "") if original is not None else ""
        if not order:
            raise DeviceRefused("the sale to be refunded has no order number of ECPay", error_code=ErrorCode.ILLEGAL)
        return {"order": order}

    def moment_sent(self, at: str) -> dict[str, str]:
        return {"request_time": re.sub(r"[^0-9]", "", at)}

    def seal(self, record: bytes) -> bytes:
        return self.layout.put(record, {"request_hash": hashed(record)})

    def sound(self, record: bytes) -> bool:
        said = self.layout.unpack(record)["reply_hash"].upper()
        return not self._check_hash or said in (hashed(record), hashed(record, _HASHED_WITH_TIME_BYTES))

    def echo(self, asked: Mapping[str, str], said: Mapping[str, str]) -> Match:
        """Replies repeat the request's hash, in which its reference and its time are."""
        if not said["request_hash"]:
            return super().echo(asked, said)
        if said["request_hash"].upper() != asked["request_hash"]:
            return Match.FOREIGN
        if said["request_time"] == asked["request_time"]:
            return Match.OURS
        # without reference and time, all requests for one amount have one hash
        return Match.FOREIGN if said["request_time"] else super().echo(asked, said)

    def identity(self, values: Mapping[str, str]) -> str:
        """An order may be refunded in parts: the terminal's time tells them apart."""
        named = [values[name] for name in ("type", "order", "receipt", "edc_time")]
        return "/".join([values["terminal"], *named]) if values["order"] or values["receipt"] else ""

    def moment(self, values: Mapping[str, str]) -> str:
        time = values["edc_time"] or values["request_time"]
        if len(time) != len("20261009143015"):
            return super().moment(values)
        return super().moment({"date": time[2:8], "time": time[8:]})
