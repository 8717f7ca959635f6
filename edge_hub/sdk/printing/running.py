"""A printer as a device: read its wire, greet it, watch it, hand out its roles."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from edge_hub.sdk.driver import Context, Device
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.roles import Role


class Link(Protocol):
    async def read(self) -> None:
        """Read until the wire is lost; raises DeviceLost."""
        ...


class Printer(Protocol):
    @property
    def link(self) -> Link: ...

    async def open(self) -> None:
        """Greet it. Raises DeviceTimeout when it is silent."""
        ...

    async def watch(self) -> None:
        """Keep looking after it; ends only by raising, when it is gone."""
        ...


@asynccontextmanager
async def opened(context: Context, printer: Printer, roles: Mapping[Role[Any], object]) -> AsyncIterator[Device]:
    """The printer, greeted. DeviceTimeout or DeviceLost when nobody is there."""
    reading = asyncio.create_task(printer.link.read(), name=f"read {context.device_id}")
    try:
        await printer.open()
        yield Device(roles=roles, run=lambda: _run(printer, reading))
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await reading


async def _run(printer: Printer, reading: "asyncio.Task[None]") -> None:
    watching = asyncio.create_task(printer.watch(), name="watch printer")
    try:
        done, _ = await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await watching
