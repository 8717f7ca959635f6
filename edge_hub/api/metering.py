"""What becomes of payments, counted: each change of one's outcome once, however often it is told."""

from collections import OrderedDict

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from edge_hub.api.schemas.payments import outcome
from edge_hub.domain.payment import PaymentMethod
from edge_hub.services.payments.model import AnswerOutcome

REMEMBERED_MAX = 1000
"""Payments whose last outcome is known, so that an answer which comes again is not counted again."""
SECONDS = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
PENDING, UNKNOWN = "pending", "unknown"


class PaymentMeter:
    """Since the start of the hub; without amounts, tills and providers."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._payments = Counter(
            "edge_hub_payments",
            "Attempts by kind and outcome; one that was unknown is counted again as what it turned out to be.",
            ("kind", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "edge_hub_payment_seconds",
            "From the attempt's beginning until its outcome was known.",
            buckets=SECONDS,
            registry=registry,
        )
        self.unresolved = Gauge("edge_hub_payments_unresolved", "Payments on the manager's list.", registry=registry)
        self._last: OrderedDict[str, str] = OrderedDict()

    def heard(self, told: AnswerOutcome) -> None:
        """Something came of a payment."""
        payment = told.payment.payment
        now, before = outcome(payment.state), self._last.get(payment.id, PENDING)
        if now == before or (now == UNKNOWN and payment.method is PaymentMethod.STANDALONE):
            return  # the cashier of a terminal of its own always says what became of it
        self._last[payment.id] = now
        if len(self._last) > REMEMBERED_MAX:
            self._last.popitem(last=False)
        self._payments.labels(payment.kind.value, now).inc()
        if now != UNKNOWN:
            self._seconds.observe((told.payment.updated_at_ms - payment.opened_at_ms) / 1000)
