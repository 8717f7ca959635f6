"""Payments counted: each change of outcome once."""

from types import SimpleNamespace

from prometheus_client import CollectorRegistry

from edge_hub.api.metering import REMEMBERED_MAX, PaymentMeter
from edge_hub.domain.payment import PaymentKind, PaymentMethod, PaymentState


def told(payment_id, state, at_ms=0):
    payment = SimpleNamespace(
        id=payment_id, kind=PaymentKind.SALE, method=PaymentMethod.TERMINAL, state=state, opened_at_ms=0
    )
    return SimpleNamespace(payment=SimpleNamespace(payment=payment, updated_at_ms=at_ms))


def test_unknown_first_and_told_twice():
    registry = CollectorRegistry()
    meter = PaymentMeter(registry)
    for state in (
        PaymentState.SENT, PaymentState.IN_PROGRESS, PaymentState.UNKNOWN, PaymentState.UNKNOWN, PaymentState.MANUAL,
        PaymentState.APPROVED, PaymentState.APPROVED,
    ):  # fmt: skip
        meter.heard(told("p1", state, at_ms=7000))
    count = lambda outcome: registry.get_sample_value(  # noqa: E731  # a long call, shortened
        "edge_hub_payments_total", {"kind": "sale", "outcome": outcome}
    )
    assert (count("pending"), count("unknown"), count("approved")) == (None, 1, 1)
    assert registry.get_sample_value("edge_hub_payment_seconds_sum") == 7
    for number in range(2 * REMEMBERED_MAX):
        meter.heard(told(f"q{number}", PaymentState.DECLINED))
    assert count("declined") == 2 * REMEMBERED_MAX
    assert len(meter._last) == REMEMBERED_MAX
