"""A driver's tasks: how they end. None outlives what it was started for."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from edge_hub.sdk.errors import DeviceError


async def end(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel them, and wait until they are over. What a device did to them is nobody's news any more."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, DeviceError):
            await task


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], *, name: str) -> AsyncIterator["asyncio.Task[None]"]:
    """Work that goes on while the body runs, no longer."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        await end(task)


async def until_one_ends(*tasks: "asyncio.Task[None]") -> None:
    """Wait for the first of them, and raise what it raised. Ends none of the others."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
