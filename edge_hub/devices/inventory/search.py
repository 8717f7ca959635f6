"""One search over everything: what is plugged in, what announces itself, what answers when asked."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from edge_hub.clock import Clock
from edge_hub.devices.inventory.found import Found, proposals
from edge_hub.devices.inventory.local import host_of, keys_of, plugged_in
from edge_hub.devices.inventory.network import RAW_PORT, Host, addresses_of, ask_epson, knock, neighbours, own_networks
from edge_hub.devices.places import ROOTS, Roots
from edge_hub.devices.states import DeviceConfig
from edge_hub.sdk.driver import DriverInfo

SPOOLERS = frozenset({515, 631})
"""LPD and IPP, which carry jobs in wrappings of their own: a page written there is not printed."""
LISTEN_S = 2.0
"""How long announcements are listened to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A network printer that announces itself by mDNS; `words` is all it says of itself."""

    host: str
    port: int
    name: str
    words: tuple[str, ...] = ()


Listen = Callable[[float], Awaitable[Sequence[Announced]]]
Resolve = Callable[[str], Awaitable[Sequence[str]]]
Networks = Callable[[], Sequence[ipaddress.IPv4Interface]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """What a search may do beyond looking at this box."""

    network: bool = True
    """Listen for announcements and ask Epson printers."""
    knock: bool = False
    """Try port 9100 of every address of the own networks: only when a person asks for it."""


class Inventory:
    """Searches; one at a time, so that two technicians do not knock at every door twice."""

    def __init__(
        self,
        drivers: Mapping[str, DriverInfo],
        clock: Clock,
        *,
        listen: Listen | None = None,
        networks: Networks = own_networks,
        roots: Roots = ROOTS,
        resolve: Resolve | None = None,
    ) -> None:
        self._drivers = drivers
        self._clock = clock
        self._listen = listen
        self._networks = networks
        self._roots = roots
        self._resolve = resolve or partial(addresses_of, clock=clock)
        self._searching = asyncio.Lock()

    async def search(self, configured: Iterable[DeviceConfig], limits: SearchLimits) -> tuple[Found, ...]:
        """Everything that is there, the configured ones marked; at most about 30 s with `knock`, 3 s without."""
        async with self._searching:
            await asyncio.to_thread(len, self._drivers)  # loads those that nobody has asked for yet
            known = {config.id: config.url for config in configured}
            keys = await asyncio.gather(*(self._keys(url) for url in known.values()))
            used = dict(zip(known, keys, strict=True))
            found = list(await asyncio.to_thread(plugged_in, self._roots, self._drivers))
            if limits.network:
                found += await self._network(frozenset().union(*used.values()), limits)
        return tuple(_marked(one, used) for one in found)

    async def _keys(self, url: str) -> frozenset[str]:
        """What a configured address is known by. A name also by the addresses it has now: what is found has no other,
        and a printer that is in use must not be knocked at.
        """
        keys = await asyncio.to_thread(keys_of, url, self._roots)
        host = host_of(url)
        if not host:
            return keys
        port = next(iter(keys)).rpartition(":")[2]
        return keys | {f"tcp:{address}:{port}" for address in await self._resolve(host)}

    async def _network(self, used: frozenset[str], limits: SearchLimits) -> list[Found]:
        networks = tuple(self._networks())
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._announced(), name="listen for printers")
            asking = group.create_task(ask_epson(networks, self._clock), name="ask Epson printers")
        found: dict[str, Found] = {}
        for announced in listening.result():
            one = self._at(announced.host, announced.port, announced.name, announced.words)
            found.setdefault(one.url, one)
        for host in asking.result():
            self._add(found, host)
        if limits.knock:
            # a configured printer may be printing, and takes one connection at a time: it is left alone
            hosts = [host for host in neighbours(networks) if f"tcp:{host}:{RAW_PORT}" not in used]
            for host in await knock(hosts, self._clock):
                self._add(found, host)
        return list(found.values())

    async def _announced(self) -> Sequence[Announced]:
        return await self._listen(LISTEN_S) if self._listen is not None else ()

    def _add(self, found: dict[str, Found], host: Host) -> None:
        one = self._at(host.address, RAW_PORT, host.name, (host.name,) if host.name else ())
        before = found.get(one.url)
        if before is None or (one.name and not before.drivers):
            found[one.url] = one

    def _at(self, host: str, port: int, name: str, words: Sequence[str]) -> Found:
        shown = f"[{host}]" if ":" in host else host
        drivers = proposals(self._drivers, "tcp", "", words)
        if drivers and port in SPOOLERS:
            port = RAW_PORT  # a printer of a kind the hub knows, by another name: it is spoken to where all listen
        return Found(
            kind="network",
            url=f"tcp://{shown}:{port}",
            name=name,
            drivers=drivers,
            keys=frozenset({f"tcp:{host}:{port}"}),
        )


def _marked(found: Found, used: Mapping[str, frozenset[str]]) -> Found:
    for device_id, keys in used.items():
        if keys & found.keys:
            return replace(found, in_use=device_id)
    return found
