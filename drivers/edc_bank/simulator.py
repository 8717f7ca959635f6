"""A bank's terminal without hardware, in whichever dialect the options name."""

from collections.abc import Mapping

from drivers.edc_bank.codec import DIALECTS, BankCodec
from drivers.edc_bank.options import EdcBankOptions
from edge_hub.sdk.eft.bank import Declined, Taken
from edge_hub.sdk.eft.model import Reason
from edge_hub.sdk.eft.record_sim import RecordSimulator

_HOST_CODES = {
    Reason.DECLINED: "05",
    Reason.CALL_BANK: "01",
    Reason.CARD: "14",
    Reason.BALANCE: "51",
    Reason.NOT_FOUND: "25",
    Reason.TIMEOUT: "0A",
}
"""Behind the host's number; what the host did not say is A000."""


class EdcBankSimulator(RecordSimulator):
    """One simulated terminal."""

    def __init__(self, options: EdcBankOptions) -> None:
        dialect = DIALECTS[options.dialect]
        super().__init__(BankCodec(options), seven_bits=dialect.seven_bits)
        self._host_codes = dialect.host_codes

    def refusal(self, reason: Reason, values: Mapping[str, str]) -> str:
        if not self._host_codes:
            return "0002" if reason is Reason.CALL_BANK else "0001"
        return values["host"] + _HOST_CODES[reason] if reason in _HOST_CODES else "A000"

    def beyond(self, values: Mapping[str, str], outcome: Taken | Declined | None) -> Mapping[str, str]:  # noqa: ARG002  # as RecordSimulator's
        if not self._host_codes or not isinstance(outcome, Taken):
            return {}
        return {"auth_amount": "WC" if outcome.scheme == "UNIONPAY" else "W0"}
