"""A printer of receipts or labels as a device: read its wire, greet it, watch it, hand out its roles."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from edge_hub.sdk.driver import Context, Device
from edge_hub.sdk.roles import Role
from edge_hub.sdk.tasks import beside, until_one_ends


class Link(Protocol):
    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        ...


class Printer(Protocol):
    async def open(self) -> None:
        """Greet it. Raises DeviceTimeout when it is silent."""
        ...

    async def watch(self) -> None:
        """Keep looking after it; ends only by raising, when it is gone."""
        ...


@asynccontextmanager
async def opened(
    context: Context, link: Link, printer: Printer, roles: Mapping[Role[Any], object]
) -> AsyncIterator[Device]:
    """The printer, greeted; `link` reads its wire. DeviceTimeout or DeviceLost when nobody is there."""
    async with beside(link.read(), name=f"read {context.device_id}") as reading:

        async def run() -> None:
            async with beside(printer.watch(), name="watch printer") as watching:
                await until_one_ends(reading, watching)

        await printer.open()
        yield Device(roles=roles, run=run)
