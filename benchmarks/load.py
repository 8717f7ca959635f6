"""A load of HTTP clients that costs little itself: keep-alive connections in closed loop over one epoll.

Run as a process of its own: `python -m benchmarks.load` with a JSON order on standard input, JSON figures on standard
output. Talks to 127.0.0.1 only, a bounded number of requests, and ends by itself.
"""

import json
import select
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

RECEIVE_BYTES = 65_536
ANSWER_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Client:
    sock: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


class Connection:
    """One keep-alive connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = Client(self.sock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.sock.close()

    def send(self, request: bytes) -> None:
        self.sock.sendall(request)

    def ask(self, request: bytes) -> int:
        """The answer's status."""
        self.send(request)
        while (status := _receive(self._client)) is None:
            pass
        return status


def new_key() -> str:
    """As the till makes them: time first, so that neighbours in time are neighbours in the index."""
    return f"{time.time_ns() // 1_000_000:012x}{uuid.uuid4().hex[12:]}"


def request_bytes(path: str, host: str, token: str, body: bytes, extra: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: {new_key()}\r\n{extra}\r\n"
    )
    return head.encode() + body


def run(
    port: int, clients: int, requests: int, make: Callable[[int], bytes]
) -> tuple[list[float], float, dict[int, int]]:
    """Latencies (s), wall time (s), answers by status."""
    poll = select.epoll()
    by_fd: dict[int, Client] = {}
    for _ in range(clients):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        by_fd[sock.fileno()] = Client(sock)
        poll.register(sock.fileno(), select.EPOLLIN)
    prepared = [make(index) for index in range(requests)]
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    issued = 0
    started = time.perf_counter()
    for client in by_fd.values():
        if issued < requests:
            client.sent_at = time.perf_counter()
            client.sock.sendall(prepared[issued])
            issued += 1
    while len(latencies) < requests:
        ready = poll.poll(ANSWER_TIMEOUT_S)
        if not ready:
            raise TimeoutError(f"no answer within {ANSWER_TIMEOUT_S} s after {len(latencies)} answers")
        for descriptor, _ in ready:
            client = by_fd[descriptor]
            status = _receive(client)
            if status is None:
                continue
            now = time.perf_counter()
            latencies.append(now - client.sent_at)
            statuses[status] = statuses.get(status, 0) + 1
            if issued < requests:
                client.sent_at = now
                client.sock.sendall(prepared[issued])
                issued += 1
    elapsed = time.perf_counter() - started
    for client in by_fd.values():
        client.sock.close()
    poll.close()
    return latencies, elapsed, statuses


def _receive(client: Client) -> int | None:
    """The status once a whole answer is there."""
    data = client.sock.recv(RECEIVE_BYTES)
    if not data:
        raise ConnectionError("the hub closed a connection")
    client.received += data
    end = client.received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(client.received[:end])
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(client.received) < end + 4 + length:
        return None
    client.received.clear()
    return int(head[9:12])


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def sale_bodies(barcodes: list[str], price: int, lines: int) -> Iterator[bytes]:
    """Endless sales of `lines` lines each, going round the bar codes."""
    at = 0
    while True:
        chosen = [barcodes[(at + offset) % len(barcodes)] for offset in range(lines)]
        at += lines
        body = {
            "lines": [{"barcode": code, "quantity_milli": 1000} for code in chosen],
            "tenders": [{"type": "cash", "amount": price * lines}],
        }
        yield json.dumps(body).encode()


def main() -> None:
    order = json.load(sys.stdin)
    token, path, host = order["token"], order["path"], f"127.0.0.1:{order['port']}"
    if "bodies" in order:
        bodies = [body.encode() for body in order["bodies"]]
        make = lambda index: request_bytes(path, host, token, bodies[index % len(bodies)], order.get("extra", ""))  # noqa: E731  # one of two, chosen once
    else:
        source = sale_bodies(order["barcodes"], order["price"], order["lines"])
        make = lambda _index: request_bytes(path, host, token, next(source))  # noqa: E731  # one of two, chosen once
    latencies, elapsed, statuses = run(order["port"], order["clients"], order["requests"], make)
    json.dump(
        {
            "rate": order["requests"] / elapsed,
            "p50": percentile(latencies, 0.5),
            "p99": percentile(latencies, 0.99),
            "statuses": statuses,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
