"""Under which names and where the hub answers: HTTP, HTTPS, the console's socket, mDNS."""

import contextlib
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from edge_hub import __version__
from edge_hub.api.app import create_app
from edge_hub.api.limits import Limits
from edge_hub.api.server import Listener, serving
from edge_hub.clock import Clock
from edge_hub.config import Config
from edge_hub.discovery import Announcement, Announcer, host_name, own_addresses
from edge_hub.domain.ids import UUID7_ENTROPY_BYTES, uuid7
from edge_hub.services.container import Services
from edge_hub.tls import Names, Tls

HUB_ID_NAME = "hub-id"
SOCKET_NAME = "control.sock"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  # compared with, not bound


def hub_id(data: Path, clock: Clock) -> str:
    """The installation's id: made once, kept in a file of its own beside the journal."""
    path = data / HUB_ID_NAME
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    made = uuid7(clock.now_ms(), os.urandom(UUID7_ENTROPY_BYTES))
    partial = path.with_suffix(".new")
    with partial.open("w", encoding="ascii") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return made


def _own_names(config: Config, own_id: str) -> Names:
    network = config.tables.network
    listening = [address for address in network.listen if address not in EVERYWHERE]
    addresses = listening or ["127.0.0.1", *own_addresses()]
    return Names(
        hostnames=(host_name(own_id), "localhost", *network.hostnames), addresses=tuple(dict.fromkeys(addresses))
    )


def make_tls(config: Config, data: Path, own_id: str, clock: Clock) -> Tls:
    return Tls(data / "tls", store=config.tables.store.name, names=lambda: _own_names(config, own_id), clock=clock)


def base_url(config: Config, own_id: str) -> str:
    """How a tablet reaches this hub, for codes shown at the console: by an address, which needs no name service."""
    network = config.tables.network
    address = _own_names(config, own_id).addresses[-1]
    shown = f"[{address}]" if ":" in address else address
    return f"http://{shown}:{network.port}"


async def serve(
    config: Config, services: Services, runtime: Path, tls: Tls | None, stack: AsyncExitStack
) -> list[tuple[str, int]]:
    tables = config.tables
    limits = Limits(
        connections_max=tables.limits.connections_max,
        body_bytes_max=tables.limits.body_bytes_max,
        requests_per_s=tables.limits.requests_per_s,
    )
    names = _own_names(config, services.info.id).hostnames
    app = create_app(services, limits=limits, hostnames=names, origins=tables.network.origins)
    listeners = [Listener(host=host, port=tables.network.port) for host in tables.network.listen]
    if tls is not None:
        listeners += [
            Listener(host=host, port=tables.network.tls_port, tls=tls.context) for host in tables.network.listen
        ]
    console = create_app(services, limits=limits, local=True)
    await stack.enter_async_context(serving(console, [Listener(path=runtime / SOCKET_NAME)]))
    return await stack.enter_async_context(serving(app, listeners))


def announcer(config: Config, services: Services, addresses: Sequence[tuple[str, int]], clock: Clock) -> Announcer:
    network = config.tables.network
    plain = len(network.listen)
    announcement = Announcement(
        hub_id=services.info.id,
        store=config.tables.store.name,
        version=__version__,
        port=addresses[0][1],
        tls_port=addresses[plain][1] if len(addresses) > plain else 0,
        fingerprint=services.info.certificate_fingerprint,
    )
    return Announcer(announcement, clock, network.interfaces)
