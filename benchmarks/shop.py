"""A whole hub in a folder of its own, as a process, for measuring: config, products, a paired client, a cashier."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_WAIT_S = 120.0
STOP_WAIT_S = 30.0
PRICE_MINOR = 250
PIN = "2580"

CONFIG = """
[store]
id = "bench"
name = "Bench"
currency = "{currency}"
locale = "en"
timezone = "Europe/Helsinki"
cash_rounding = 5

[[taxes.rates]]
code = "general"
name = "VAT 25.5 %"
rate = "25.5%"

[[tills]]
id = "till-1"
name = "Till 1"
receipt_prefix = "A"
printer = "receipt-1"
drawer = "receipt-1"
{till}

[[devices]]
id = "receipt-1"
driver = "escpos"
url = "tcp://127.0.0.1:{printer_port}"
{devices}

[network]
listen = ["127.0.0.1"]
port = {port}
tls_port = 0
mdns = false

[paths]
data = "data"
backups = "backups"
runtime = "run"

[limits]
requests_per_s = 100000

[backup]
schedule = ""

"""

SEED = """
[demo]
catalogue = "products.csv"

[[demo.staff]]
name = "Aino"
role = "owner"
pin = "{pin}"
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def barcode(number: int) -> str:
    body = f"952{number:09d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


class Shop:
    """`folder` keeps everything; the hub is started and stopped by `running`."""

    def __init__(
        self,
        folder: Path,
        products: int = 1000,
        printer_port: int | None = None,
        *,
        seeded: bool = True,
        till: str = "",
        devices: str = "",
        currency: str = "EUR",
        price: str = "2.50",
    ) -> None:
        """`till` and `devices` are more lines of the configuration: of its one till, and tables of devices."""
        self.folder = folder
        self.port = free_port()
        self.barcodes = [barcode(number) for number in range(products)]
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.ready_s = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        printer = printer_port or free_port()
        config = CONFIG.format(port=self.port, printer_port=printer, till=till, devices=devices, currency=currency)
        (folder / "config.toml").write_text(config + SEED.format(pin=PIN) if seeded else config)
        with (folder / "products.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["sku", "name", "price", "tax_code", "barcodes", "category"])
            for number, code in enumerate(self.barcodes):
                rows.writerow([f"P{number:06d}", f"Product {number}", price, "general", code, f"c{number % 20}"])

    @property
    def journal(self) -> Path:
        return self.folder / "data" / "journal.sqlite"

    @contextmanager
    def running(self, *, pair: bool = True) -> Iterator["Shop"]:
        started = time.perf_counter()
        with (self.folder / "hub.log").open("ab") as log:
            command = [sys.executable, "-m", "edge_hub.cli", "run", "--config", str(self.folder / "config.toml")]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        try:
            self._wait_until_ready(started)
            if pair and not self.token:
                self.pair(PIN)
            yield self
        finally:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(STOP_WAIT_S)

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> dict:
        request = urllib.request.Request(  # 127.0.0.1 only
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
            | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
            | (headers or {}),
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # our own hub on loopback
            return json.load(answer)

    def load(self, **order: object) -> dict:
        """Run `benchmarks.load` in a process of its own with this order; its figures."""
        text = json.dumps({"port": self.port, "token": self.token} | order)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"], input=text, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    def sales(self, clients: int, requests: int) -> dict:
        figures = self.load(
            path="/v1/sales", clients=clients, requests=requests, barcodes=self.barcodes, price=PRICE_MINOR, lines=5
        )
        if set(figures["statuses"]) != {"201"}:
            raise RuntimeError(f"not every sale was taken: {figures['statuses']}")
        return figures

    def processes(self) -> tuple[int, int]:
        """The pids of the hub and of its writer."""
        own = self.process.pid
        (writer,) = (
            int(child)
            for task in Path(f"/proc/{own}/task").iterdir()  # it is the child of the thread that started it
            for child in (task / "children").read_text().split()
        )
        return own, writer

    def processor_s(self) -> tuple[float, ...]:
        """Processor seconds that hub and writer have used."""
        return tuple(
            sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9
            for pid in self.processes()
        )

    def resident(self, kind: str = "Pss") -> tuple[int, ...]:
        """Bytes of hub and writer; "Pss" counts shared pages once, "Rss" for each."""
        texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.processes()]
        return tuple(int(text.split(f"{kind}:")[1].split()[0]) * 1024 for text in texts)

    def resident_bytes(self, kind: str = "Pss") -> int:
        """Both together."""
        return sum(self.resident(kind))

    def _wait_until_ready(self, started: float) -> None:
        while time.perf_counter() - started < START_WAIT_S:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "hub.log").read_text()[-2000:])
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    self.ready_s = time.perf_counter() - started
                    return
            except OSError:
                os.sched_yield()
        raise TimeoutError("the hub did not become ready")

    def pair(self, pin: str) -> None:
        command = [sys.executable, "-m", "edge_hub.cli", "pair", "--json", "--config"]
        done = subprocess.run([*command, str(self.folder / "config.toml")], capture_output=True, text=True, check=True)
        code = json.loads(done.stdout)["token"]
        self.token = self.call("POST", "/v1/pairing", {"token": code, "name": "bench", "till": "till-1"})["token"]
        staff = self.call("GET", "/v1/staff")["staff"][0]["id"]
        self.call("POST", "/v1/session", {"staff_id": staff, "pin": pin})
