"""From the last byte of a code at a serial scanner's TCP port to the `scan` message at the till's WebSocket."""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.load import percentile
from benchmarks.shop import Shop
from benchmarks.simulators import Simulators
from benchmarks.sockets import RECEIVE_BYTES, subscribe
from drivers.serial_scanner.options import ScannerOptions
from drivers.serial_scanner.simulator import ScannerSimulator
from edge_hub.sdk.driver import SimulatorWire

SCANS = 500
WARM_SCANS = 20
PAUSE_S = 0.01
"""Between two codes: the hub is at rest again, as it is when a person scans."""
READY_WAIT_S = 30.0
MESSAGE_WAIT_S = 5.0


class Scanner(ScannerSimulator):
    """A simulated scanner that notes when it hands over a code: as it leaves, not as it is triggered."""

    sent_at = 0.0

    async def send(self, wire: SimulatorWire, code: bytes) -> None:
        self.sent_at = time.perf_counter()
        await super().send(wire, code)


def figures(folder: Path) -> Iterator[Figure]:
    scanner = Scanner(ScannerOptions())
    with Simulators([lambda: scanner]).running() as served:
        table = f'[[devices]]\nid = "scanner-1"\ndriver = "serial_scanner"\nurl = "tcp://127.0.0.1:{served.ports[0]}"'
        shop = Shop(folder / "shop", products=20, till='scanner = "scanner-1"', devices=table)
        with shop.running():
            latencies = _measure(shop, scanner, served)
    yield Figure(name="scanner to the till's WebSocket: p50", value=percentile(latencies, 0.5) * 1e3, unit="ms")
    yield Figure(
        name="scanner to the till's WebSocket: p99", value=percentile(latencies, 0.99) * 1e3, unit="ms", most=10
    )


def _measure(shop: Shop, scanner: Scanner, served: Simulators) -> list[float]:
    until = time.perf_counter() + READY_WAIT_S
    while not served.simulators[0].state()["connected"]:
        if time.perf_counter() > until:
            raise TimeoutError("the hub did not open the scanner")
        time.sleep(PAUSE_S)
    latencies = []
    with subscribe(shop) as sock:
        sock.settimeout(MESSAGE_WAIT_S)
        for number in range(WARM_SCANS + SCANS):
            time.sleep(PAUSE_S)
            code = f"SCAN-{number:06d}"
            served.soon(lambda code=code: served.simulators[0].act("scan", code))
            received = b""
            while code.encode() not in received:
                piece = sock.recv(RECEIVE_BYTES)
                if not piece:
                    raise ConnectionError("the hub closed the WebSocket")
                received += piece
            if number >= WARM_SCANS:
                latencies.append(time.perf_counter() - scanner.sent_at)
    return latencies
