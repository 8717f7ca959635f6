"""What a simulated terminal writes: results, slips, totals; with more of the card in them than a till may keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drivers.zvt import codec, tables
from drivers.zvt.codec import Apdu, bcd, bitmap, tlv
from edge_hub.sdk.eft.bank import CARDHOLDER, Taken
from edge_hub.sdk.eft.model import Reason, Transaction

TERMINAL_ID = 52_500_017
MERCHANT = "100461763"
EXPIRY = 3012
CODES: Mapping[Reason, int] = {
    Reason.DECLINED: 0x05,
    Reason.CALL_BANK: 0x02,
    Reason.CANCELLED: 0x6C,
    Reason.CARD: 0x64,
    Reason.BALANCE: 0x33,
    Reason.HOST: 0x9B,
    Reason.NOT_FOUND: 0xB5,
}
_TYPES = {"VISA": 0x0A, "MASTERCARD": 0x06, "JCB": 0x0E, "UNIONPAY": 0xFF}
_ENTRY = tlv(0x2F, tlv(0x1F12, b"\x02") + tlv(0x1F10, b"\x00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A transaction that a till asked for."""

    transaction: Transaction
    amount: int
    currency: int
    receipt: int | None = None


@dataclass(slots=True)
class Carried:
    """How it came out."""

    status: Apdu
    code: int
    taken: Taken | None = None


def now(*, behind: bool) -> datetime:
    """The terminal's clock; `behind`: by a day."""
    return datetime.now(tz=UTC).astimezone().replace(tzinfo=None) - timedelta(days=int(behind))


def result(
    code: int,
    *,
    at: datetime,
    amount: int,
    currency: int,
    receipt: int,
    undone: int = 0,
    card: Taken | None = None,
    with_tlv: bool = True,
) -> Apdu:
    """04 0F of a transaction with a receipt. `undone`: the trace number of the one it takes back."""
    fields = [
        (codec.RESULT, bytes((code,))),
        (codec.AMOUNT, bcd(amount, 6)),
        (codec.TRACE, bcd(receipt + 100, 3)),
        (codec.TIME, bcd(int(at.strftime("%H%M%S")), 3)),
        (codec.DATE, bcd(int(at.strftime("%m%d")), 2)),
        (codec.TERMINAL_ID, bcd(TERMINAL_ID, 4)),
        (codec.MERCHANT_ID, MERCHANT.ljust(15).encode()),
        (codec.CURRENCY, bcd(currency, 2)),
        (codec.RECEIPT, bcd(receipt, 2)),
        (codec.TURNOVER, bcd(receipt, 3)),
    ]
    if undone:
        fields.append((codec.ORIGINAL_TRACE, bcd(undone + 100, 3)))
    if card is not None:
        fields += _card(card)
        if with_tlv:
            fields.append((codec.TLV, _ENTRY + tlv(0x5F20, CARDHOLDER.encode())))
    return Apdu(codec.STATUS_INFORMATION, b"".join(bitmap(tag, value) for tag, value in fields))


def _card(card: Taken) -> list[tuple[int, bytes]]:
    track = f"{card.pan}D{EXPIRY}2010000000000"
    return [
        (codec.EXPIRY, bcd(EXPIRY, 2)),
        (codec.SEQUENCE, b"\x00\x01"),
        (codec.TYPE, b"\x60"),
        (codec.PAN, bytes.fromhex(card.pan)),
        (codec.TRACK_2, bytes.fromhex(track + "F" * (len(track) % 2))),
        (codec.TRACK_1, f"B{card.pan}^{CARDHOLDER}^{EXPIRY}201".encode()),
        (codec.APPROVAL, card.approval.encode().ljust(8, b"\0")),
        (codec.TEXT, f"GEN.NR.:{card.approval} {card.pan}".encode()),
        (codec.CARD_TYPE, bytes((_TYPES[card.scheme],))),
        (codec.CARD_NAME, card.scheme.encode() + b"\0"),
    ]


def bare_result(code: int, text: str) -> Apdu:
    """04 0F of what ended before it had a receipt."""
    fields = ((codec.RESULT, bytes((code,))), (codec.TERMINAL_ID, bcd(TERMINAL_ID, 4)), (codec.TEXT, text.encode()))
    return Apdu(codec.STATUS_INFORMATION, b"".join(bitmap(tag, value) for tag, value in fields))


def day_result(closed: list[Taken], *, at: datetime, receipts: int) -> Apdu:
    """04 0F of an end of day."""
    totals = bcd(closed[0].receipt if closed else 0, 2) + bcd(receipts % 10_000, 2)
    for name in tables.TOTALS:
        group = [one for one in closed if (one.scheme if one.scheme in tables.TOTALS else "") == name]
        totals += bytes((len(group),)) + bcd(max(0, sum(one.net for one in group)), 6)
    fields = (
        (codec.RESULT, b"\x00"),
        (codec.AMOUNT, bcd(max(0, sum(one.net for one in closed)), 6)),
        (codec.TRACE, bcd(receipts + 100, 3)),
        (codec.TIME, bcd(int(at.strftime("%H%M%S")), 3)),
        (codec.DATE, bcd(int(at.strftime("%m%d")), 2)),
        (codec.TOTALS, totals),
    )
    return Apdu(codec.STATUS_INFORMATION, b"".join(bitmap(tag, value) for tag, value in fields))


def completion(currency: int, condition: int = 0) -> Apdu:
    """06 0F of a registration or a transaction."""
    fields = (
        (codec.TYPE, bytes((condition,))),
        (codec.TERMINAL_ID, bcd(TERMINAL_ID, 4)),
        (codec.CURRENCY, bcd(currency, 2)),
    )
    return Apdu(codec.COMPLETION, b"".join(bitmap(tag, value) for tag, value in fields))


def shown(state: int, *texts: str, minutes: int = 0) -> Apdu:
    """04 FF."""
    text = tlv(0x24, b"".join(tlv(0x07, text.encode("ascii", errors="replace")) for text in texts))
    data = bytes((state,)) + bcd(minutes, 1)
    return Apdu(codec.INTERMEDIATE_STATUS, data + (bitmap(codec.TLV, text) if texts else b""))


def set_time(at: datetime) -> Apdu:
    """04 01."""
    date, time = bcd(int(at.strftime("%y%m%d")), 3), bcd(int(at.strftime("%H%M%S")), 3)
    return Apdu(codec.SET_TIME, bitmap(0xAA, date) + bitmap(codec.TIME, time))


def slips(card: Taken, number: int) -> tuple[list[str], list[str]]:
    """(merchant's, customer's)."""
    head = [f"Terminal-ID: {TERMINAL_ID}", f"Beleg-Nr.: {number:04d}", card.scheme]
    tail = [f"Betrag: {card.amount / 100:.2f}", "Zahlung erfolgt"]
    masked = "************" + card.pan[-4:]
    return (
        ["** Haendlerbeleg **", *head, f"PAN: {card.pan}", *tail],
        ["** Kundenbeleg **", *head, f"PAN: {masked}", *tail],
    )
