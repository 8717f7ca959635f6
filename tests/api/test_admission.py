"""A listener holds so many connections and no more, also when a backlog of them is accepted in one turn of the loop."""

import asyncio
import socket

from aiohttp import web

from edge_hub.admission import REFUSAL, admitting

HELD, COME = 3, 10
BEGUN = b"GET / HTTP/1.1\r\nX-Slow: "
ASKED = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ANSWER_S = 30.0


async def answers(connection: socket.socket) -> bytes:
    """What is said until the other side ends it."""
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


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
