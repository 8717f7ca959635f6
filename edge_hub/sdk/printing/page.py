"""One page on a wire: what became of it, and what the next one must know."""

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager

from edge_hub.sdk.driver import TORN
from edge_hub.sdk.errors import DeviceLost, DeviceRefused
from edge_hub.sdk.transport import Transport


@asynccontextmanager
async def page(transport: Transport, memory: MutableMapping[str, str]) -> AsyncIterator[None]:
    """Send one page within the block.

    A wire lost before its first byte is a refusal: nothing happened. One that did not end well after that leaves TORN
    in `memory`; one that did takes it away.
    """
    before = transport.bytes_written
    try:
        yield
    except DeviceLost as error:
        if transport.bytes_written == before:
            raise DeviceRefused(error.detail) from error
        raise
    finally:
        if transport.bytes_written > before:
            memory[TORN] = "a receipt was left half-printed"
    memory.pop(TORN, None)
