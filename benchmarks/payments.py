"""From the last byte of a card terminal's approval to the till: to the `payment` message that says approved, and to the
basket sold. The terminal is a simulator on TCP in this process, the till a WebSocket.
"""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.disk import fdatasync_baseline
from benchmarks.figures import Figure
from benchmarks.load import percentile
from benchmarks.shop import Shop
from benchmarks.simulators import Simulators
from benchmarks.sockets import RECEIVE_BYTES, subscribe
from drivers.nccc import DRIVER
from drivers.nccc.options import NcccOptions
from edge_hub.sdk.driver import Simulator, SimulatorWire
from edge_hub.sdk.eft.framed import TAKEN
from edge_hub.sdk.eft.record_sim import WORK_S

PAYMENTS = 400
WARM_PAYMENTS = 20
CUSTOMER_S = 0.05
"""Instead of the simulator's two seconds for customer and bank: the hub is at rest again, as it is while they work."""
PRICE_MINOR = 30
READY_WAIT_S = 30.0
READY_POLL_S = 0.05
MESSAGE_WAIT_S = 10.0
TEXT, PING, PONG = 1, 9, 10
"""Opcodes of WebSocket frames."""


class Terminal:
    """A simulated NCCC terminal that notes when it hands over a reply."""

    def __init__(self) -> None:
        self.replied_at = 0.0

    def simulator(self) -> Simulator:
        simulator = DRIVER.simulator(NcccOptions())
        simulator.sleep = lambda seconds: asyncio.sleep(CUSTOMER_S if seconds == WORK_S else seconds)
        serve = simulator.serve
        simulator.serve = lambda wire: serve(_Noted(self, wire))
        return simulator


class _Noted:
    """The wire; a reply is longer than the sign that a request was taken."""

    def __init__(self, terminal: Terminal, wire: SimulatorWire) -> None:
        self._terminal = terminal
        self.read = wire.read
        self._write = wire.write

    async def write(self, data: bytes) -> None:
        if len(data) > len(TAKEN):
            self._terminal.replied_at = time.perf_counter()  # before the last byte leaves, not after
        await self._write(data)


class Till:
    """Messages of one WebSocket; the hub's frames are never masked and never in pieces."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(MESSAGE_WAIT_S)
        self._sock = sock
        self._held = bytearray()

    def message(self) -> dict[str, Any]:
        """The next one."""
        while (found := self._taken()) is None:
            piece = self._sock.recv(RECEIVE_BYTES)
            if not piece:
                raise ConnectionError("the hub closed the WebSocket")
            self._held += piece
        return found

    def _taken(self) -> dict[str, Any] | None:
        """RFC 6455, 5.2; pings are answered."""
        while len(self._held) >= 2:
            more = {126: 2, 127: 8}.get(self._held[1], 0)
            head = 2 + more
            length = int.from_bytes(self._held[2:head], "big") if more else self._held[1]
            if len(self._held) < head + length:
                return None
            kind, payload = self._held[0] & 0x0F, bytes(self._held[head : head + length])
            del self._held[: head + length]
            if kind == TEXT:
                return json.loads(payload)
            if kind == PING:
                self._sock.sendall(bytes((0x80 | PONG, 0x80 | length)) + bytes(4) + payload)  # masked with nothing
        return None


def figures(folder: Path) -> Iterator[Figure]:
    terminal = Terminal()
    with Simulators([terminal.simulator]).running() as served:
        table = f'[[devices]]\nid = "card-1"\ndriver = "nccc"\nurl = "tcp://127.0.0.1:{served.ports[0]}"'
        more = {"till": 'terminal = "card-1"', "devices": table, "currency": "TWD", "price": str(PRICE_MINOR)}
        shop = Shop(folder / "shop", products=20, **more)
        with shop.running():
            disk = [fdatasync_baseline(folder)]
            told, sold = _measure(shop, terminal)
            disk.append(fdatasync_baseline(folder))
    synced_s = sum(one["p50"] for one in disk) / len(disk)
    slowest_ms = max(one["p99"] for one in disk) * 1e3
    yield Figure(name="a synced write, before or after: p99", value=slowest_ms, unit="ms")
    for what, latencies in (("approval to the till told", told), ("approval to the basket sold", sold)):
        p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
        yield Figure(name=f"{what}: p50", value=p50 * 1e3, unit="ms", ratio=p50 / synced_s, against="a synced write")
        yield Figure(name=f"{what}: p99", value=p99 * 1e3, unit="ms", most=50)


def _measure(shop: Shop, terminal: Terminal) -> tuple[list[float], list[float]]:
    """Seconds until the till is told of each approval, and until it is told of the basket sold."""
    _until_ready(shop)
    told, sold = [], []
    with subscribe(shop) as sock:
        till = Till(sock)
        for number in range(WARM_PAYMENTS + PAYMENTS):
            approved_at, sold_at = _pay(shop, till, shop.barcodes[number % len(shop.barcodes)])
            if number >= WARM_PAYMENTS:
                told.append(approved_at - terminal.replied_at)
                sold.append(sold_at - terminal.replied_at)
    return told, sold


def _until_ready(shop: Shop) -> None:
    until = time.perf_counter() + READY_WAIT_S
    while not any(one["provider"] == "card-1" and one["ready"] for one in shop.call("GET", "/v1/tenders")["tenders"]):
        if time.perf_counter() > until:
            raise TimeoutError("the hub did not open the card terminal")
        time.sleep(READY_POLL_S)


def _pay(shop: Shop, till: Till, barcode: str) -> tuple[float, float]:
    """One basket by card; when its messages came."""
    basket = shop.call("POST", "/v1/baskets", {})
    path, headers = f"/v1/baskets/{basket['id']}", {"If-Match": "*"}
    shop.call("POST", f"{path}/lines", {"barcode": barcode}, headers)
    body = {"provider": "card-1", "method": "terminal", "amount": PRICE_MINOR}
    payment = shop.call("POST", f"{path}/payments", body, headers)["payment"]
    approved_at = sold_at = 0.0
    while not (approved_at and sold_at):
        message = till.message()
        now = time.perf_counter()
        if message["type"] == "payment" and message["payment"]["id"] == payment["id"]:
            outcome = message["payment"]["outcome"]
            if outcome == "approved":
                approved_at = approved_at or now
            elif outcome != "pending":
                raise RuntimeError(f"the payment is {outcome}: {message['payment']['detail']}")
        elif message["type"] == "basket" and message["basket"]["id"] == basket["id"]:
            sold_at = now if message["basket"]["state"] == "sold" else sold_at
    return approved_at, sold_at
