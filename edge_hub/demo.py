"""A shop to try the hub on: fills an empty store, and tells a newcomer where to go and what to type."""

import os
import sys
import time

from edge_hub.config import Config
from edge_hub.domain.staff import Role
from edge_hub.services.container import Services
from edge_hub.services.principal import Principal

PAIRING_MINUTES = 60
CONSOLE = Principal(local=True)


def stand_in_the_shop(config: Config) -> None:
    """Have the simulated devices' clocks show the store's time, as clocks in a shop do. Nothing without [demo]."""
    if config.tables.demo is not None:
        os.environ["TZ"] = config.tables.store.timezone
        time.tzset()


async def seed_demo(config: Config, services: Services) -> None:
    """Put in the demo's staff and products where the store has none. Nothing happens without a [demo] table."""
    demo = config.tables.demo
    if demo is None:
        return
    await services.access.ensure_staff((one.name, Role(one.role), one.pin) for one in demo.staff)
    if demo.catalogue and not (await services.catalogue.search("", limit=1)).products:
        await services.catalogue.import_file(CONSOLE, config.path(demo.catalogue))


async def introduce(config: Config, services: Services, address: tuple[str, int]) -> None:
    """Open a pairing window and print the till's address and the PINs."""
    demo = config.tables.demo
    if demo is None:
        return
    url = f"http://{address[0]}:{address[1]}"
    window = await services.access.open_window(CONSOLE, minutes=PAIRING_MINUTES, base_url=url)
    people = ", ".join(f"{one.name} ({one.role}) {one.pin}" for one in demo.staff)
    sys.stdout.write(
        f"\n  {config.tables.store.name}\n\n"
        f"  Till:   {window.url}\n"
        f"  PINs:   {people}\n"
        f"  API:    {url}/docs/\n\n"
        "  Open the till's address in a browser, give the tablet a name, sign in, and sell something.\n"
        "  Stop with Ctrl-C; the shop is kept in var/ for the next time.\n\n"
    )
    sys.stdout.flush()
