"""Counters for Prometheus, in a registry of the application's own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from edge_hub.api.metering import PaymentMeter

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """What the API measures of itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "edge_hub_http_requests", "Requests by endpoint and status.", ("endpoint", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "edge_hub_http_request_seconds",
            "Time to answer, by endpoint.",
            ("endpoint",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.sockets = Gauge("edge_hub_websockets", "Open WebSockets.", registry=self.registry)
        self.sockets_cut = Counter(
            "edge_hub_websockets_cut", "WebSockets cut because they did not read.", registry=self.registry
        )
        self.messages = Counter("edge_hub_websocket_messages", "Messages handed to sockets.", registry=self.registry)
        self.journal_seq = Gauge("edge_hub_journal_seq", "Last journaled event known.", registry=self.registry)
        self.journal_ok = Gauge("edge_hub_journal_ok", "1 while the journal takes sales.", registry=self.registry)
        self.devices = Gauge("edge_hub_devices", "Devices by state.", ("state",), registry=self.registry)
        self.payments = PaymentMeter(self.registry)
        self._children: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer."""
        counter = self._children.get((endpoint, status))
        if counter is None:
            counter = self._children[endpoint, status] = self._requests.labels(endpoint, str(status))
        timer = self._timers.get(endpoint)
        if timer is None:
            timer = self._timers[endpoint] = self._seconds.labels(endpoint)
        counter.inc()
        timer.observe(seconds)

    def text(self) -> bytes:
        """The registry in Prometheus's text format."""
        return generate_latest(self.registry)
