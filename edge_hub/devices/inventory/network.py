"""Printers on the network that announce nothing by mDNS: Epson's own question, and a knock on port 9100.

Both stay on the networks of the box's own addresses, at most the /24 around each. The knock connects and hangs up:
a byte sent to a printer's port would be printed.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import ifaddr

from edge_hub.clock import Clock
from edge_hub.sdk.timing import deadline

RAW_PORT = 9100
ENPC_PORT = 3289
ENPC_QUESTION = b"EPSONQ\x03\x00\x00\x00\x10\x00\x00\x00\x00\x00"
ENPC_ANSWER = b"EPSONq"
ENPC_HEADER_BYTES = 14
ENPC_ANSWERS_MAX = 64
ENPC_REPEATS = 2
"""A broadcast may be lost; printers answer each."""
ENPC_WAIT_S = 1.5
NARROWEST_PREFIX = 24
"""Never more than 254 hosts for one own address."""
HOSTS_MAX = 1024
PARALLEL_MAX = 64
RESOLVE_S = 2.0
KNOCK_S = 1.0
KNOCKING_S = 20.0
_NAME = re.compile(rb"[A-Z]{2}[A-Za-z0-9 /._-]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine that answered; `name` "" when it did not say what it is."""

    address: str
    name: str = ""


def own_networks() -> tuple[ipaddress.IPv4Interface, ...]:
    """The box's IPv4 addresses with their networks, loopback and link-local left out."""
    found = {
        ipaddress.IPv4Interface(f"{ip.ip}/{ip.network_prefix}")
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str) and ip.is_IPv4
    }
    return tuple(sorted(one for one in found if not one.ip.is_loopback and not one.ip.is_link_local))


async def addresses_of(name: str, *, clock: Clock) -> tuple[str, ...]:
    """The IPv4 addresses of a host's name; none when nobody knows them within RESOLVE_S."""
    loop = asyncio.get_running_loop()
    with suppress(OSError, TimeoutError, UnicodeError):
        async with deadline(clock, RESOLVE_S):
            known = await loop.getaddrinfo(name, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
            return tuple(sorted({str(where[0]) for *_, where in known}))
    return ()


def neighbours(networks: Iterable[ipaddress.IPv4Interface]) -> list[str]:
    """Addresses that may be knocked at: no wider than NARROWEST_PREFIX around each own one, HOSTS_MAX in all."""
    networks = tuple(networks)
    own = {one.ip for one in networks}
    found: dict[ipaddress.IPv4Address, None] = {}
    for one in networks:
        prefix = max(one.network.prefixlen, NARROWEST_PREFIX)
        near = ipaddress.IPv4Network((one.ip, prefix), strict=False)
        found |= dict.fromkeys(host for host in near.hosts() if host not in own)
    return [str(host) for host in found][:HOSTS_MAX]


async def knock(hosts: Sequence[str], clock: Clock, *, port: int = RAW_PORT) -> tuple[Host, ...]:
    """Which of `hosts` have `port` open: PARALLEL_MAX at a time, KNOCK_S each, KNOCKING_S in all."""
    waiting = list(reversed(hosts))
    open_ones: list[str] = []

    async def worker() -> None:
        while waiting:
            host = waiting.pop()
            with suppress(OSError, TimeoutError):
                async with deadline(clock, KNOCK_S):
                    _, writer = await asyncio.open_connection(host, port)
                open_ones.append(host)
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    with suppress(TimeoutError):
        async with deadline(clock, KNOCKING_S), asyncio.TaskGroup() as group:
            for _ in range(min(PARALLEL_MAX, len(hosts))):
                group.create_task(worker(), name="knock at printers")
    return tuple(Host(address=host) for host in sorted(open_ones, key=ipaddress.IPv4Address))


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if data.startswith(ENPC_ANSWER) and len(self.hosts) < ENPC_ANSWERS_MAX:
            self.hosts[address[0]] = Host(address=address[0], name=enpc_name(data))


def enpc_name(answer: bytes) -> str:
    """The model in an ENPC answer: it stands as text behind the header and a few bytes of other facts."""
    found = _NAME.search(answer[ENPC_HEADER_BYTES:])
    return found.group().decode("ascii").strip() if found is not None else ""


async def ask_epson(
    networks: Collection[ipaddress.IPv4Interface], clock: Clock, *, port: int = ENPC_PORT
) -> tuple[Host, ...]:
    """Epson printers that answer a broadcast on the own networks within ENPC_WAIT_S."""
    if not networks:
        return ()
    loop = asyncio.get_running_loop()
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    connection.setblocking(False)  # its only argument
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    connection.bind(("", 0))
    transport, answers = await loop.create_datagram_endpoint(_Answers, sock=connection)
    try:
        for _ in range(ENPC_REPEATS):
            for one in networks:
                transport.sendto(ENPC_QUESTION, (str(one.network.broadcast_address), port))
            await clock.sleep(ENPC_WAIT_S / ENPC_REPEATS)
    finally:
        transport.close()
    near = [one.network for one in networks]
    return tuple(
        host
        for address, host in sorted(answers.hosts.items())
        if any(ipaddress.IPv4Address(address) in network for network in near)
    )
