"""A simulated terminal that answers one fixed record with another, for protocols that `RecordCodec` describes."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import PANS, Declined, Taken
from edge_hub.sdk.eft.framed_sim import FramedTerminal, Reply
from edge_hub.sdk.eft.model import Reason, Transaction
from edge_hub.sdk.eft.records import APPROVED, SETTLEMENT, RecordCodec
from edge_hub.sdk.errors import BadFrame

NO_ECHO = "no_echo"
CLOCK_OFF = "clock_off"
TERMINAL_ID = "13990001"
MERCHANT_ID = "000812345678901"
EXPIRY = "2912"
UNLISTED_CODE = "9Z99"
WORK_S = 2.0
"""Customer and bank, when nothing is slow."""
WIRE_UNITS = 100
"""Amounts on the wire have two decimals, the simulated bank's none."""
_NOBODY = "00"
"""A kind of record that nobody asks for."""


class RecordSimulator(FramedTerminal):
    """One simulated terminal. A protocol gives `refusal`, and what its replies have beyond the common fields."""

    bank_faults = (bank.UNSOLICITED, bank.WRONG_AMOUNT, bank.UNLISTED_CODE)
    own_faults: Mapping[str, str] = {
        NO_ECHO: "replies do not repeat what the till sent in its free fields",
        CLOCK_OFF: "its clock is a day behind",
    }
    schemes: ClassVar[Mapping[str, str]] = {}
    """The field card_type by the name of the scheme."""

    def __init__(self, codec: RecordCodec, *, seven_bits: bool = False) -> None:
        super().__init__()
        self.codec = codec
        self.data_bytes = codec.layout.size
        self.seven_bits = seven_bits
        self._kinds = {number: kind for kind, number in codec.types.items()}

    @abstractmethod
    def refusal(self, reason: Reason, values: Mapping[str, str]) -> str:
        """The response code for it."""

    def original(self, values: Mapping[str, str]) -> int | None:
        """The receipt number of the sale that a request names."""
        named = values["receipt"]
        return int(named) if named.isdigit() and int(named) else None

    def asked(self, kind: Transaction, values: Mapping[str, str]) -> int:  # noqa: ARG002  # most have one sum
        """How much a request wants moved, in whole units."""
        return int(values["amount"] or 0) // WIRE_UNITS

    def beyond(self, values: Mapping[str, str], outcome: Taken | Declined | None) -> Mapping[str, str]:  # noqa: ARG002  # few protocols have more
        """Fields of the reply beyond the common ones."""
        return {}

    def other(self, values: Mapping[str, str]) -> Reply | None:
        """The reply to a request of another kind: none, unless the protocol has some."""
        return Reply(data=self.record(values, self.refusal(Reason.NOT_POSSIBLE, values)), money=False)

    def answer(self, data: bytes) -> Reply | None:
        try:
            values = self.codec.layout.unpack(data)
        except BadFrame:
            return None
        kind = self._kinds.get(values["type"])
        if kind is not None:
            return self._transaction(kind, values)
        if values["type"] == SETTLEMENT:
            closed = self.bank.settle()
            self._shown("SETTLED", f"SETTLEMENT {len(closed)} TRANSACTIONS")
            return Reply(data=self.record(values, APPROVED), money=False, after_s=WORK_S)
        return self.other(values)

    def _transaction(self, kind: Transaction, values: Mapping[str, str]) -> Reply:
        amount = self.asked(kind, values)
        original = self.original(values) if kind is not Transaction.SALE else None
        outcome = self.bank.decide(
            kind, amount, reference=values.get(self.codec.reference, ""), original_receipt=original
        )
        if isinstance(outcome, Declined):
            code = self.refusal(outcome.reason, values)
            self._shown(f"DECLINED {code}", f"{kind.upper()} DECLINED {code}")
        else:
            code = UNLISTED_CODE if bank.UNLISTED_CODE in self.active_faults else APPROVED
            self._shown("APPROVED", f"{kind.upper()} {outcome.amount} RECEIPT {outcome.receipt:06d}")
        unasked = (self.record({**values, "type": _NOBODY}, APPROVED),)
        return self.reply(
            Reply(
                data=self.record(values, code, outcome),
                money=True,
                after_s=WORK_S,
                asides=unasked if bank.UNSOLICITED in self.active_faults else (),
            ),
            outcome,
        )

    def reply(self, reply: Reply, outcome: Taken | Declined) -> Reply:  # noqa: ARG002  # in several records, perhaps
        """The reply to a transaction, as the protocol has it."""
        return reply

    def record(self, asked: Mapping[str, str], code: str, outcome: Taken | Declined | None = None) -> bytes:
        """A reply to what was asked."""
        now = self._now(asked)
        said = {
            "type": asked["type"],
            "host": asked["host"],
            "amount": asked["amount"],
            "code": code,
            "terminal": TERMINAL_ID,
            "merchant": MERCHANT_ID,
            "date": now.strftime("%y%m%d"),
            "time": now.strftime("%H%M%S"),
        }
        if self.codec.reference in self.codec.layout and NO_ECHO not in self.active_faults:
            said[self.codec.reference] = asked[self.codec.reference]
        if isinstance(outcome, Taken):
            said |= self._taken(outcome)
        said |= self.beyond(asked, outcome)
        layout = self.codec.layout
        return self.seal(layout.pack({name: text for name, text in said.items() if name in layout}), now)

    def seal(self, record: bytes, now: datetime) -> bytes:  # noqa: ARG002  # protocols that have a seal
        """The record with what is worked out from the rest of it."""
        return record

    def _taken(self, taken: Taken) -> dict[str, str]:
        """Cards are given whole, as terminals do that are set up so: nothing of it may be kept."""
        wrong = int(bank.WRONG_AMOUNT in self.active_faults)
        return {
            "amount": str((taken.amount + wrong) * WIRE_UNITS),
            "receipt": f"{taken.receipt:06d}",
            "card": PANS[taken.scheme],
            "expiry": EXPIRY,
            "approval": taken.approval,
            "batch": f"{taken.batch:06d}",
            "rrn": f"{taken.receipt:012d}",
            "card_type": self.schemes.get(taken.scheme, ""),
            "card_hash": PANS[taken.scheme],
        }

    def _now(self, asked: Mapping[str, str]) -> datetime:
        """The till's date and time where it sent one, else the box's."""
        stated = self.codec.moment(asked)
        now = datetime.fromisoformat(stated) if stated else datetime.now()  # noqa: DTZ005  # a terminal's local time
        return now - timedelta(days=1) if CLOCK_OFF in self.active_faults else now

    def _shown(self, display: str, slip: str) -> None:
        self.display = display
        self.slip.append(slip)
