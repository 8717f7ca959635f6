"""The dialects of the banks' terminals: one codec, a table of what differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.edc_bank import layouts
from drivers.edc_bank.options import DialectName, EdcBankOptions
from edge_hub.sdk.eft.fields import Layout
from edge_hub.sdk.eft.model import Reason, Transaction, Verdict
from edge_hub.sdk.eft.records import DECLINED, SETTLEMENT, UNLISTED, Meaning, RecordCodec

SALE, REFUND, VOID = "01", "02", "30"
_TYPES = {Transaction.SALE: SALE, Transaction.REFUND: REFUND, Transaction.VOID: VOID}
_ZEROS = {"receipt": "000000", "card": "0" * 19, "expiry": "0000"}
"""What tills send there in most dialects."""

_PLAIN = {
    "0001": DECLINED,
    "0002": Meaning(Verdict.DECLINED, Reason.CALL_BANK),
}
"""On which the sheets that are known agree. Time-outs and failed connections leave it open what the bank did."""

_HOST_TIMEOUT, _OTHER_FAILURE = "0A", "A000"
_HOST_SAYS: Mapping[str, Meaning] = (
    dict.fromkeys(
        ("03", "05", "12", "13", "15", "19", "30", "31", "39", "52", "53", "57", "58", "61", "62", "63", "65"),
        DECLINED,
    )
    | dict.fromkeys(("01", "02"), Meaning(Verdict.DECLINED, Reason.CALL_BANK))
    | dict.fromkeys(
        ("04", "07", "14", "33", "36", "38", "41", "43", "54", "55", "56", "75"),
        Meaning(Verdict.DECLINED, Reason.CARD),
    )
    | dict.fromkeys(("25", "76", "77", "78"), Meaning(Verdict.DECLINED, Reason.NOT_FOUND))
    | {"51": Meaning(Verdict.DECLINED, Reason.BALANCE)}
)
"""ISO 8583:1987 field 39, refusals that the host itself gave. What it says of itself and of the network (68, 91, 94,
96) says nothing of the money.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One row of the table."""

    layout: Layout
    host: str
    baudrate: int = 9600
    seven_bits: bool = True
    """7E1, else 8N1."""
    host_codes: bool = False
    """A refusal is the host's number and its ISO 8583 code ("0305"), a time-out has "0A" there, the rest is "A000"."""
    also: frozenset[str] = frozenset()
    """What is known to be there beyond sales."""
    blank: Mapping[str, str] = field(default_factory=lambda: _ZEROS)
    """What fields hold that a request has nothing to say in."""

    @property
    def line(self) -> Mapping[str, object]:
        """As `DriverInfo.serial`."""
        bits, parity = (7, "E") if self.seven_bits else (8, "N")
        return {"baudrate": self.baudrate, "bytesize": bits, "parity": parity, "stopbits": 1}


DIALECTS: Mapping[DialectName, Dialect] = {
    "nccc144": Dialect(
        layout=layouts.BANK_144,
        host="03",
        host_codes=True,
        also=frozenset({"refund", "void", "settle"}),
        blank={},
    ),
    "cathay144": Dialect(layout=layouts.BANK_144, host="03", host_codes=True),
    "sinopac144": Dialect(layout=layouts.BANK_144, host="02", host_codes=True),
    "as320": Dialect(layout=layouts.AS320_144, host="01", seven_bits=False),
    "bank200": Dialect(layout=layouts.BANK_200, host="00"),
    "ctbc250": Dialect(layout=layouts.CTBC_250, host="00", baudrate=19200, also=frozenset({"refund"})),
    "esun600": Dialect(layout=layouts.ESUN_600, host="01", baudrate=19200, also=frozenset({"refund"})),
    "esun144": Dialect(layout=layouts.ESUN_144, host="00"),
}


class BankCodec(RecordCodec):
    """The records of one dialect."""

    private = frozenset({"expiry", "card_hash", "rest", "coupons", "ticket"})
    meanings = _PLAIN

    def __init__(self, options: EdcBankOptions) -> None:
        dialect = DIALECTS[options.dialect]
        has = dialect.also | set(options.also)
        super().__init__(
            dialect.layout,
            types={kind: number for kind, number in _TYPES.items() if kind is Transaction.SALE or kind in has},
            always={**dialect.blank, "host": options.host or dialect.host},
            sends_reference=options.reference and self.reference in dialect.layout,
            declined=options.declined,
        )
        self.settles = "settle" in has
        self._host_codes = dialect.host_codes

    def listed(self, code: str) -> Meaning:
        if not self._host_codes:
            return super().listed(code)
        if code == _OTHER_FAILURE:
            return Meaning(Verdict.DECLINED, Reason.OTHER)
        if code[2:] == _HOST_TIMEOUT:
            return Meaning(Verdict.UNKNOWN, Reason.TIMEOUT)
        return _HOST_SAYS.get(code[2:], UNLISTED) if code[:2].isdigit() else UNLISTED

    def entry(self, values: Mapping[str, str]) -> str:
        """The reply has "W" in place of the first digit of the authorised amount (NCCC, Cathay, SinoPac)."""
        return "contactless" if self._host_codes and values.get("auth_amount", "")[:1] == "W" else ""

    def scheme(self, values: Mapping[str, str]) -> str:
        return "UNIONPAY" if self._host_codes and values.get("auth_amount", "")[1:2] == "C" else ""


__all__ = ["DIALECTS", "REFUND", "SALE", "SETTLEMENT", "VOID", "BankCodec", "Dialect"]
