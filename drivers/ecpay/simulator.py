"""An ECPay terminal without hardware."""

from collections.abc import Mapping
from datetime import datetime

from drivers.ecpay.codec import SCHEMES, EcpayCodec, hashed
from drivers.ecpay.options import EcpayOptions
from edge_hub.sdk.eft.bank import Declined, Taken
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.eft.record_sim import NO_ECHO, RecordSimulator

WRONG_HASH = "wrong_hash"
ORDER = "EC"
_CODES = {Reason.CALL_BANK: "0002", Reason.HOST: "0003"}


class EcpaySimulator(RecordSimulator):
    """One simulated terminal. Its order numbers are "EC" and the receipt's."""

    own_faults: Mapping[str, str] = {
        **RecordSimulator.own_faults,
        WRONG_HASH: "the hash of replies is another record's",
    }
    schemes = {name: number for number, name in SCHEMES.items()}

    def __init__(self, options: EcpayOptions) -> None:
        super().__init__(EcpayCodec(options))

    def refusal(self, reason: Reason, values: Mapping[str, str]) -> str:  # noqa: ARG002  # the same for all
        return _CODES.get(reason, "0001")

    def original(self, values: Mapping[str, str]) -> int | None:
        number = values["order"].removeprefix(ORDER)
        return int(number) if number.isdigit() else None

    def beyond(self, values: Mapping[str, str], outcome: Taken | Declined | None) -> Mapping[str, str]:
        said = {"cup": values["cup"], "order": values["order"]}
        if NO_ECHO not in self.active_faults:
            said |= {name: values[name] for name in ("request_time", "request_hash")}
        if isinstance(outcome, Taken):
            said["order"] = values["order"] or f"{ORDER}{outcome.receipt:012d}"
        return said

    def seal(self, record: bytes, now: datetime) -> bytes:
        record = self.codec.layout.put(record, {"edc_time": now.strftime("%Y%m%d%H%M%S")})
        right = hashed(record)
        return self.codec.layout.put(record, {"reply_hash": right[::-1] if WRONG_HASH in self.active_faults else right})
