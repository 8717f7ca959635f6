"""A listener holds so many connections and no more, also when a backlog of them is accepted in one turn of the loop."""

import asyncio
import socket
import ssl
from pathlib import Path

from aiohttp import web

from edge_hub.admission import REFUSAL, admitting
from edge_hub.clock import SystemClock
from edge_hub.tls import Names, Tls

HELD, COME = 3, 10
BEGUN = b"GET / HTTP/1.1\r\nX-Slow: "
ASKED = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ANSWER_S = 5.0
ACCEPT_TURNS = 8
HERE = Names(hostnames=("hub.local",), addresses=("127.0.0.1",))


async def answers(connection: socket.socket) -> bytes:
    """What is said until the other side ends it."""
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def connected(address: tuple[str, int]) -> socket.socket:
    """A connection that has been accepted, and on which nothing was said."""
    one = socket.create_connection(address)
    one.setblocking(False)
    for _ in range(ACCEPT_TURNS):
        await asyncio.sleep(0)
    return one


async def test_a_backlog_accepted_at_once_is_counted() -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    listening = await asyncio.get_running_loop().create_server(admitting(runner, HELD), "127.0.0.1", 0, backlog=64)
    address = listening.sockets[0].getsockname()
    come = [socket.create_connection(address) for _ in range(COME)]  # all wait: the loop does not run meanwhile
    try:
        for one in come[:HELD]:
            one.send(BEGUN)
        async with asyncio.timeout(ANSWER_S):
            assert [await answers(one) for one in come[HELD:]] == [REFUSAL] * (COME - HELD)
            assert runner.server is not None
            assert len(runner.server.connections) == HELD
            for one in come[:HELD]:
                one.close()
            while runner.server.connections:  # noqa: ASYNC110  # aiohttp tells nobody
                await asyncio.sleep(0)
            late = socket.create_connection(address)
            late.send(ASKED)
            assert (await answers(late)).startswith(b"HTTP/1.1 404"), "who is gone is counted no more"
    finally:
        listening.close()
        await runner.cleanup()


async def test_handshakes_side_by_side_are_counted(tmp_path: Path) -> None:
    shop = Tls(tmp_path, store="Shop", names=lambda: HERE, clock=SystemClock())
    trusting = ssl.create_default_context(cadata=shop.ca_pem.decode())
    trusting.check_hostname = False
    runner = web.AppRunner(web.Application())
    await runner.setup()
    protocols = admitting(runner, HELD)
    listening = await asyncio.get_running_loop().create_server(protocols, "127.0.0.1", 0, ssl=shop.context)
    address = listening.sockets[0].getsockname()
    async with asyncio.timeout(ANSWER_S):
        slow = [await connected(address) for _ in range(COME)]
        come = await asyncio.gather(
            *(asyncio.open_connection(sock=one, ssl=trusting, server_hostname="hub.local") for one in slow)
        )
        answered = {asyncio.ensure_future(reader.read(len(REFUSAL))) for reader, _ in come}
        try:
            refused: set[asyncio.Task[bytes]] = set()
            while len(refused) < COME - HELD:
                done, _ = await asyncio.wait(answered - refused, return_when=asyncio.FIRST_COMPLETED)
                refused |= done
            assert {one.result() for one in refused} == {REFUSAL}
            assert runner.server is not None
            assert len(runner.server.connections) == HELD
        finally:
            for one in answered:
                one.cancel()
            await asyncio.wait(answered)
            for _, writer in come:
                writer.transport.abort()
            listening.close()
            await runner.cleanup()
