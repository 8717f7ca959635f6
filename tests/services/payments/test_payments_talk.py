"""What is kept of an answer: enough for a slip, whatever a driver hands over."""

from edge_hub.sdk.eft.model import BatchTotals, Result, Verdict
from edge_hub.services.payments.talk import SLIP_LINE_CHARACTERS_MAX, SLIP_LINES_MAX, kept, kept_totals


def test_an_endless_slip_is_cut():
    endless = ("x" * 10_000,) * 10_000
    found = kept(Result(verdict=Verdict.APPROVED, amount=1, slip=endless, merchant_slip=endless), "EUR")
    for slip in (found.slip, found.merchant_slip, kept_totals(BatchTotals(slip=endless), "EUR").slip):
        assert len(slip) == SLIP_LINES_MAX
        assert {len(line) for line in slip} == {SLIP_LINE_CHARACTERS_MAX}
