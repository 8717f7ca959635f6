"""Being found on the LAN, and finding: mDNS/DNS-SD (RFC 6762, RFC 6763).

The hub announces `_edge-hub._tcp` with its id in the service name, so two hubs never quarrel over one; TXT carries
`id`, `store`, `version`, `api`, `tls` (port, "0" without) and `fp` (SHA-256 of the CA certificate, hex).
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ifaddr

from edge_hub.clock import Clock

if TYPE_CHECKING:
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf

SERVICE_TYPE = "_edge-hub._tcp.local."
PRINTER_TYPES = ("_pdl-datastream._tcp.local.", "_printer._tcp.local.", "_ipp._tcp.local.")
API_PATH = "/v1"
INTERFACES_PERIOD_S = 15.0
"""How soon a new address of the box is announced."""
RETRY_S = 30.0
"""Wait before announcing again after the network refused (no interface up, port 5353 taken)."""
RESOLVE_MS = 3000
FOUND_MAX = 256
"""Services listed by one search; a LAN with more is not a shop's."""
TXT_BYTES_MAX = 255

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What the hub tells the LAN of itself; `addresses` empty: follow the box's own."""

    hub_id: str
    store: str
    version: str
    port: int
    tls_port: int
    fingerprint: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A service somebody announced: `kind` is "hub" or "printer"."""

    kind: str
    name: str
    host: str
    port: int
    addresses: tuple[str, ...]
    txt: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        """Where to reach it: the till page of a hub, the raw port of a printer."""
        address = self.addresses[0] if self.addresses else self.host.rstrip(".")
        shown = f"[{address}]" if ":" in address else address
        return f"http://{shown}:{self.port}/till/" if self.kind == "hub" else f"tcp://{shown}:{self.port}"


def own_addresses() -> tuple[str, ...]:
    """The box's IPv4 addresses, loopback and link-local left out, in a stable order."""
    found = {
        str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str) and ip.is_IPv4
    }
    usable = (address for address in map(ipaddress.IPv4Address, found) if not address.is_loopback)
    return tuple(str(address) for address in sorted(usable) if not address.is_link_local)


def service_name(announcement: Announcement, suffix: str = "") -> str:
    """The instance name: the store's name and enough of the id to be the only one of its kind."""
    short = announcement.hub_id.replace("-", "")[-8:]
    store = announcement.store.replace(".", " ").encode()[:40].decode("utf-8", "ignore").strip()
    return f"{store} {short}{suffix and '-' + suffix}.{SERVICE_TYPE}"


def host_name(hub_id: str, suffix: str = "") -> str:
    """The hub's own name on the LAN (`edge-hub-1a2b3c4d.local`): also in its TLS certificate."""
    return f"edge-hub-{hub_id.replace('-', '')[-8:]}{suffix and '-' + suffix}.local"


def service_info(announcement: Announcement, suffix: str = "") -> "ServiceInfo":
    """The DNS-SD records of an announcement; `suffix` tells it from a twin of the same id."""
    from zeroconf import ServiceInfo  # noqa: PLC0415  # 120 ms of import, not needed to be ready

    txt = {
        "id": announcement.hub_id,
        "store": announcement.store,
        "version": announcement.version,
        "api": API_PATH,
        "tls": str(announcement.tls_port),
        "fp": announcement.fingerprint,
    }
    return ServiceInfo(
        SERVICE_TYPE,
        service_name(announcement, suffix),
        port=announcement.port,
        properties={key: value.encode()[: TXT_BYTES_MAX - len(key) - 1] for key, value in txt.items()},
        server=f"{host_name(announcement.hub_id, suffix)}.",
        addresses=[socket.inet_aton(address) for address in announcement.addresses],
    )


class Announcer:
    """Keeps the announcement true while the network changes; `run` until cancelled."""

    def __init__(self, announcement: Announcement, clock: Clock, interfaces: Sequence[str] = ()) -> None:
        self._announcement = announcement
        self._clock = clock
        self._interfaces = tuple(interfaces)
        self.announced = asyncio.Event()
        """Set once the LAN has been told."""

    async def run(self) -> None:
        """Announce, follow the interfaces, say goodbye at the end. A network that refuses is tried again."""
        from zeroconf import Error, InterfaceChoice  # noqa: PLC0415  # as above
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415  # as above

        complained = False
        while True:
            try:
                zeroconf = AsyncZeroconf(interfaces=list(self._interfaces) or InterfaceChoice.Default)
                try:
                    complained = False
                    await self._serve(zeroconf)
                finally:
                    await zeroconf.async_unregister_all_services()
                    await zeroconf.async_close()
            except (OSError, Error) as error:
                if not complained:
                    log.warning("not announced on the LAN: %s", error or type(error).__name__)
                complained = True
            await self._clock.sleep(RETRY_S)

    async def _serve(self, zeroconf: "AsyncZeroconf") -> None:
        addresses = self._addresses()
        wanted = replace(self._announcement, addresses=addresses)
        info = service_info(wanted)
        await (await zeroconf.async_register_service(info, allow_name_change=True))
        if info.name != service_name(wanted):
            # A twin (a copied disk) holds the name, and so the host name: its addresses must not mix with ours.
            await (await zeroconf.async_unregister_service(info))
            info = service_info(wanted, suffix=info.name.removesuffix(f".{SERVICE_TYPE}").rpartition("-")[2])
            await (await zeroconf.async_register_service(info, allow_name_change=True))
            log.warning("another hub with the same id is on this network: announced as %s", info.name)
        self.announced.set()
        log.info("announced as %s", info.name)
        while True:
            await self._clock.sleep(INTERFACES_PERIOD_S)
            now = self._addresses()
            if now == addresses:
                continue
            log.info("addresses changed from %s to %s", addresses, now)
            addresses = now
            await zeroconf.async_update_interfaces()
            info.addresses = [socket.inet_aton(address) for address in addresses]
            await (await zeroconf.async_update_service(info))

    def _addresses(self) -> tuple[str, ...]:
        return self._announcement.addresses or self._interfaces or own_addresses()


async def find(seconds: float, clock: Clock, interfaces: Sequence[str] = ()) -> tuple[Found, ...]:
    """Listen for `seconds`: every hub and network printer that announces itself, hubs first."""
    from zeroconf import InterfaceChoice, ServiceStateChange, Zeroconf  # noqa: PLC0415  # as above
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf  # noqa: PLC0415  # as above

    names: dict[str, str] = {}

    def seen(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:  # noqa: ARG001  # zeroconf calls it by name
        if state_change is not ServiceStateChange.Removed and len(names) < FOUND_MAX:
            names[name] = service_type

    async with AsyncZeroconf(interfaces=list(interfaces) or InterfaceChoice.Default) as zeroconf:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, [SERVICE_TYPE, *PRINTER_TYPES], handlers=[seen])
        try:
            await clock.sleep(seconds)
        finally:
            await browser.async_cancel()
        infos = [AsyncServiceInfo(service_type, name) for name, service_type in names.items()]
        answered = await asyncio.gather(*(info.async_request(zeroconf.zeroconf, RESOLVE_MS) for info in infos))
        found = [_found(info) for info, answer in zip(infos, answered, strict=True) if answer]
    return tuple(sorted(found, key=lambda one: (one.kind, one.name)))


def _found(info: "ServiceInfo") -> Found:
    txt = tuple(
        (key.decode("utf-8", "replace"), (value or b"").decode("utf-8", "replace"))
        for key, value in info.properties.items()
    )
    return Found(
        kind="hub" if info.type == SERVICE_TYPE else "printer",
        name=info.name.removesuffix("." + info.type),
        host=info.server or "",
        port=info.port or 0,
        addresses=tuple(info.parsed_addresses()),
        txt=txt,
    )
