"""A Taishin terminal without hardware."""

from collections.abc import Mapping
from dataclasses import replace

from drivers.taishin.codec import FINISHED, SCHEMES, STATUS, UNFINISHED, TaishinCodec
from drivers.taishin.options import TaishinOptions
from edge_hub.sdk.eft.bank import Declined, Taken
from edge_hub.sdk.eft.framed_sim import Reply
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.eft.record_sim import RecordSimulator

TWO_RECORDS = "two_records"
SIGNING_S = 50.0
_CODES = {
    Reason.CALL_BANK: "0002",
    Reason.TIMEOUT: "0003",
    Reason.NOT_POSSIBLE: "0004",
    Reason.NOT_FOUND: "0004",
    Reason.HOST: "0005",
    Reason.CANCELLED: "0006",
}


class TaishinSimulator(RecordSimulator):
    """One simulated terminal. It remembers its last reply, once it is worked out, for the question 62."""

    own_faults: Mapping[str, str] = {
        **RecordSimulator.own_faults,
        TWO_RECORDS: "transactions are told in two records, the second after a long signature",
    }
    schemes = {name: number for number, name in SCHEMES.items()}

    def __init__(self, options: TaishinOptions) -> None:
        super().__init__(TaishinCodec(options))
        self._stored = b""

    def refusal(self, reason: Reason, values: Mapping[str, str]) -> str:  # noqa: ARG002  # the same for all
        return _CODES.get(reason, "0001")

    def beyond(self, values: Mapping[str, str], outcome: Taken | Declined | None) -> Mapping[str, str]:  # noqa: ARG002  # as RecordSimulator's
        return {"finished": FINISHED, "timer": "0000"}

    def reply(self, reply: Reply, outcome: Taken | Declined) -> Reply:
        if TWO_RECORDS not in self.active_faults or isinstance(outcome, Declined):
            return reply
        first = self.codec.layout.put(reply.data, {"finished": UNFINISHED, "timer": "0060"})
        return replace(reply, data=first, more=(replace(reply, after_s=SIGNING_S, asides=()),))

    def storing(self, reply: Reply) -> None:
        if reply.money:
            self._stored = (reply, *reply.more)[-1].data

    def other(self, values: Mapping[str, str]) -> Reply | None:
        if values["type"] == STATUS and self._stored:
            return Reply(data=self._stored, money=False)
        return super().other(values)
