"""From asking for a receipt to its cut: a printer's simulator on TCP in this process notes when the cut arrives."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.load import Connection, percentile, request_bytes
from benchmarks.shop import PRICE_MINOR, Shop
from benchmarks.simulators import START_WAIT_S, Simulators
from drivers.escpos import DRIVER
from drivers.escpos.options import EscposOptions
from edge_hub.sdk.driver import Simulator

PRINTS = 400
WARM_PRINTS = 20
CUT_WAIT_S = 10.0


class Printer:
    """A simulated printer that draws no paper; `cut` is set as a page is cut off, at `cut_at`."""

    def __init__(self) -> None:
        self.cut = threading.Event()
        self.cut_at = 0.0

    def simulator(self) -> Simulator:
        simulator = DRIVER.simulator(EscposOptions())
        engine = simulator.engine
        # drawing the paper is no part of the hub: it took half of the time to the cut, on the same two cores
        paper = engine.paper
        paper._strip = lambda _bitmap: None  # noqa: SLF001  # as said above
        paper.text = paper.feed = lambda *_: None
        step = engine.step

        def stepped() -> bool:
            cuts = paper.cut_count
            went_on = step()
            if paper.cut_count != cuts:
                self.cut_at = time.perf_counter()
                self.cut.set()
            return went_on

        engine.step = stepped
        return simulator


def figures(folder: Path) -> Iterator[Figure]:
    printer = Printer()
    with Simulators([printer.simulator]).running() as served:
        shop = Shop(folder / "shop", products=20, printer_port=served.ports[0])
        with shop.running():
            latencies = _measure(shop, printer)
    yield Figure(name="print to cut, one job in flight: p50", value=percentile(latencies, 0.5) * 1e3, unit="ms")
    yield Figure(
        name="print to cut, one job in flight: p99", value=percentile(latencies, 0.99) * 1e3, unit="ms", most=20
    )


def _measure(shop: Shop, printer: Printer) -> list[float]:
    lines = [{"barcode": code, "quantity_milli": 1000} for code in shop.barcodes[:5]]
    sold = shop.call("POST", "/v1/sales", {"lines": lines, "tenders": [{"type": "cash", "amount": 5 * PRICE_MINOR}]})
    if not printer.cut.wait(START_WAIT_S):
        raise TimeoutError("the printer was not ready")
    path, host = f"/v1/sales/{sold['id']}/receipt/print", f"127.0.0.1:{shop.port}"
    latencies = []
    with Connection(shop.port) as connection:
        for number in range(WARM_PRINTS + PRINTS):
            _at_rest(shop)
            printer.cut.clear()
            begun = time.perf_counter()
            status = connection.ask(request_bytes(path, host, shop.token, b"{}"))
            if status != 202 or not printer.cut.wait(CUT_WAIT_S):  # Accepted
                raise RuntimeError(f"not printed: {status}")
            if number >= WARM_PRINTS:
                latencies.append(printer.cut_at - begun)
    return latencies


def _at_rest(shop: Shop) -> None:
    """Until the job before has its outcome: one in flight."""
    while shop.call("GET", "/v1/jobs?state=sending&state=queued&limit=1")["jobs"]:
        pass
