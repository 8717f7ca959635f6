"""A driver's tasks: how they end. None outlives what it was started for."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from edge_hub.sdk.errors import DeviceError


async def end(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel them, and wait until they are over. What a device did to them is nobody's news any more.

    Whoever is cancelled meanwhile is so once they are over.
    """
    cancelled = None
    going = {task for task in tasks if not task.done()}
    for task in going:
        task.cancel()
    while going:
        try:
            _, going = await asyncio.wait(going)
        except asyncio.CancelledError as error:
            cancelled = error
            going = {task for task in going if not task.done()}
    for task in tasks:
        if not task.cancelled() and (failed := task.exception()) and not isinstance(failed, DeviceError):
            raise failed
    if cancelled is not None:
        raise cancelled


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
