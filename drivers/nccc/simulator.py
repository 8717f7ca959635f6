"""An NCCC terminal without hardware.

As the real one: the request is saved when it is unpacked, the reply just before it is sent; 62 compares all bytes.
"""

from collections.abc import Mapping
from dataclasses import replace

from drivers.nccc.codec import (
    HOSTS,
    INQUIRY,
    MIRROR,
    NOT_THE_LAST,
    TAP_AGAIN,
    TICKET,
    TIP,
    WALLET,
    WALLET_INQUIRY,
    WAS_A_WALLET,
    NcccCodec,
    payment_of,
    type_of,
)
from drivers.nccc.options import NcccOptions
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import Declined, Taken
from edge_hub.sdk.eft.framed_sim import Reply
from edge_hub.sdk.eft.model import Reason, Transaction
from edge_hub.sdk.eft.record_sim import WIRE_UNITS, RecordSimulator
from edge_hub.sdk.eft.records import APPROVED, SETTLEMENT

VERSION = "250210"
AMOUNT_DIGITS = 12
AMOUNT_MAX = 9_999_999_00
RETAP, WALLET_TIMEOUT, AUTOLOAD = "retap", "wallet_timeout", "autoload"
ECHO = "98"
_SCREEN = "請感應卡片"
_CODES = {
    Reason.CALL_BANK: "0002",
    Reason.NOT_POSSIBLE: "0004",
    Reason.NOT_FOUND: "0004",
    Reason.HOST: "0005",
    Reason.CANCELLED: "0006",
}
_CARD_TYPES = {"VISA": "02", "MASTERCARD": "03", "JCB": "04", "UNIONPAY": "06"}


class NcccSimulator(RecordSimulator):
    """One simulated terminal."""

    schemes = _CARD_TYPES
    own_faults: Mapping[str, str] = {
        **RecordSimulator.own_faults,
        RETAP: "e-tickets leave the reader too soon, until this is switched off",
        AUTOLOAD: "e-tickets are loaded from the bank and then not charged",
        WALLET_TIMEOUT: "the wallet's host does not answer in time; the wallet pays",
    }

    def __init__(self, options: NcccOptions) -> None:
        super().__init__(NcccCodec(options))
        self._tip_in_amount = options.tip_amount == "total"
        self._saved = b""
        self._stored = b""
        self._orders: dict[str, bytes] = {}

    def refusal(self, reason: Reason, values: Mapping[str, str]) -> str:
        if reason is Reason.BALANCE and values["payment"] in (TICKET, WALLET):
            return "0016"
        return _CODES.get(reason, "0001")

    def answer(self, data: bytes) -> Reply | None:
        kind, data = type_of(data), data.replace(b"\x00", b" ")
        if kind == INQUIRY:
            return self._inquired(data)
        if kind == SETTLEMENT:
            return self._settled(data)
        if kind not in self.codec.types.values():
            return super().answer(data)
        self._saved = data
        return self._carried_out(data)

    def _carried_out(self, data: bytes) -> Reply | None:
        values = self.codec.layout.unpack(data)
        if int(values["amount"] or 0) > AMOUNT_MAX:
            return Reply(data=self.record(values, self.refusal(Reason.NOT_POSSIBLE, values)), money=True)
        if values["type"] == TIP and not self._names_sale(values):
            return Reply(data=self.record(values, self.refusal(Reason.NOT_FOUND, values)), money=True)
        if values["payment"] == TICKET and RETAP in self.active_faults:
            return Reply(data=self.record(values, TAP_AGAIN), money=True)
        if values["payment"] == TICKET and AUTOLOAD in self.active_faults:
            return Reply(data=self.record(values, "0019"), money=True)
        # its own clock, whatever the till says
        return super().answer(self.codec.layout.put(data, {"date": "", "time": ""}))

    def _names_sale(self, values: Mapping[str, str]) -> bool:
        """A tip is for a sale that its host, its receipt and its amount name."""
        sale = self.bank.sale(self.original(values))
        if sale is None or values["host"] != HOSTS[values["payment"]] or not values["tip"]:
            return False
        return int(values["amount"]) == sale.amount * WIRE_UNITS + (int(values["tip"]) if self._tip_in_amount else 0)

    def asked(self, kind: Transaction, values: Mapping[str, str]) -> int:
        return int(values["tip"]) // WIRE_UNITS if kind is Transaction.TIP else super().asked(kind, values)

    def _inquired(self, data: bytes) -> Reply | None:
        """62, with the type it is about at the end."""
        request = data[:8] + data[220:222] + data[10:220] + b"  " + data[222:]
        values = self.codec.layout.unpack(data)
        if request != self._saved:
            code = WAS_A_WALLET if payment_of(self._saved) == WALLET else NOT_THE_LAST
            return Reply(data=self.record(values, code), money=False)
        if not self._stored:
            return Reply(data=self.record(values, ""), money=False)
        if self.codec.layout.unpack(self._stored)["code"] == TAP_AGAIN:
            return self._carried_out(self._saved)
        return Reply(data=self._stored, money=False)

    def _settled(self, data: bytes) -> Reply | None:
        batch, net = self.bank.batch, sum(one.net for one in self.bank.open_batch())
        count = self.bank.open_count()
        reply = super().answer(data)
        if reply is None:
            return None
        # the field has no sign: of a day on which more went back than came in, nothing is said
        amount = f"{net * 100:0{AMOUNT_DIGITS}d}" if net >= 0 else ""
        sums = {"expiry": f"{count:04d}", "amount": amount, "batch": f"{batch:06d}"}
        return replace(reply, data=self.codec.layout.put(reply.data, sums))

    def storing(self, reply: Reply) -> None:
        if reply.money:
            self._stored = reply.data

    def reply(self, reply: Reply, outcome: Taken | Declined) -> Reply:
        if bank.UNSOLICITED in self.active_faults:
            shown = MIRROR.encode() + b"T" + _SCREEN.encode("big5")
            reply = replace(reply, asides=(bytes(8) + shown.ljust(392, b" "),))
        values = self.codec.layout.unpack(reply.data)
        if values["payment"] != WALLET or isinstance(outcome, Declined):
            return reply
        self._orders[values["order"]] = reply.data
        if WALLET_TIMEOUT in self.active_faults:
            late = {"code": "0003", "wallet_id": "", "approval": "", "receipt": ""}
            return replace(reply, data=self.codec.layout.put(reply.data, late))
        return reply

    def beyond(self, values: Mapping[str, str], outcome: Taken | Declined | None) -> Mapping[str, str]:
        said = {"indicator": values["indicator"], "version": VERSION, "payment": values["payment"]}
        if isinstance(outcome, Declined) or outcome is None:
            return said
        if outcome.transaction is Transaction.TIP:
            return {**said, "wave": "V", **self._with_tip(outcome)}
        if values["payment"] != WALLET:
            return {**said, "wave": "V"}
        wallet = {"order": f"EW{outcome.receipt:010d}", "wallet_id": f"W{outcome.receipt:015d}"}
        return {**said, **wallet, "card": "", "card_type": "21"}

    def _with_tip(self, tip: Taken) -> Mapping[str, str]:
        """The sale as it is now."""
        sale = self.bank.sale(tip.receipt)
        total = (0 if sale is None else sale.amount) + tip.amount + int(bank.WRONG_AMOUNT in self.active_faults)
        return {"amount": str(total * WIRE_UNITS), "tip": str(tip.amount * WIRE_UNITS)}

    def other(self, values: Mapping[str, str]) -> Reply | None:
        if values["type"] == ECHO:
            return Reply(data=self.record(values, APPROVED), money=False)
        if values["type"] != WALLET_INQUIRY:
            return super().other(values)
        paid = self._orders.get(values.get("order", ""))
        if paid is None:
            return Reply(data=self.record(values, "0001"), money=False)
        return Reply(data=self.codec.layout.put(paid, {"type": WALLET_INQUIRY}), money=False)
