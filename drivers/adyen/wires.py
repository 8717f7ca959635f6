"""The connections to one terminal: a web server may end each between two messages, and takes another at any time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from drivers.adyen.sealing import BODY_BYTES_MAX
from edge_hub.sdk.driver import Context
from edge_hub.sdk.errors import DeviceLost
from edge_hub.sdk.http import HttpLink
from edge_hub.sdk.transport import Transport


class Wires:
    """The connection in use, opened anew when the terminal ended it in good order."""

    def __init__(self, context: Context, transport: Transport) -> None:
        self._context = context
        self._opening = asyncio.Lock()
        self.link, self._reading = self._linked(transport)

    def _linked(self, transport: Transport) -> tuple[HttpLink, "asyncio.Task[None]"]:
        link = HttpLink(transport, self._context.clock, answer_bytes_max=BODY_BYTES_MAX)
        return link, asyncio.create_task(link.read(), name=f"read {self._context.device_id}")

    async def usable(self) -> HttpLink:
        """A connection to ask on. Raises DeviceError; nothing was sent then."""
        async with self._opening:
            lost = self.link.lost
            if lost is not None:
                if not self.link.orderly:
                    raise DeviceLost(lost.detail)
                await self._renew()
            return self.link

    async def fresh(self) -> HttpLink:
        """A connection that cannot have been ended by now, where the terminal takes several: money that is asked for
        just as the terminal ends an idle one would be in doubt. Raises DeviceError; nothing was sent then.
        """
        if self._context.another is None:
            return await self.usable()
        async with self._opening:
            await self._renew()
            return self.link

    async def _renew(self) -> None:
        if self._context.another is None:
            raise DeviceLost("the terminal ended the connection")
        # closed first: there are web servers for one host at a time
        await self.close()
        self.link, self._reading = self._linked(await self._context.another())

    async def ended(self) -> None:
        """Wait until there is no connection. Raises DeviceLost unless the terminal ended it in good order."""
        while True:
            link = self.link
            with suppress(DeviceLost):
                await link.ended()
            async with self._opening:
                if self.link is not link:
                    continue
                if not link.orderly or self._context.another is None:
                    await link.ended()
                return

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[HttpLink]:
        """One more connection, for what cannot wait for the answer on the first. Raises DeviceError."""
        if self._context.another is None:
            raise DeviceLost("there is only the one wire")
        transport = await self._context.another()
        link, reading = self._linked(transport)
        try:
            yield link
        finally:
            await _end(reading)
            await transport.close()

    async def close(self) -> None:
        """End the connection in use."""
        self.link.give_up("closed by the hub")
        await _end(self._reading)
        await self.link.transport.close()


async def _end(task: "asyncio.Task[None]") -> None:
    # not awaited itself: whoever cancels the one that waits must not be mistaken for it
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
