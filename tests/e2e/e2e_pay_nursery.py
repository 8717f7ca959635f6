"""A process that has loaded the daemon's code and forks a hub whenever one is wanted: what a campaign with many kills
would else wait for is the import of that code. Each hub is a process of its own, with nothing of the last one's memory.

Test and nursery speak over a socket pair. For each shop the test sends a hub's arguments and the end of another pair,
for which a nanny is forked; to the nanny it sends a pipe for the log, and the nanny answers with the process id of the
hub that it forked, and with its status when that has ended.
"""

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

SAID = struct.Struct("<i")
PR_SET_PDEATHSIG = 1
WORDS_BYTES_MAX = 1 << 16
LINE_BYTES_MAX = 1 << 20
PROGRAM = (sys.executable, str(Path(__file__).parent / "e2e_fast_hub.py"))


def nurse(descriptor: int) -> list[str] | None:
    """Serve one test, in the nursery's process. Answers a hub's arguments in each hub's process, None in the others."""
    _die_with_parent()
    gc.freeze()
    with socket.socket(fileno=descriptor) as test:
        while True:
            words, shops, _, _ = socket.recv_fds(test, WORDS_BYTES_MAX, 1)
            if not shops:
                return _waited()
            if not os.fork():
                break
            os.close(shops[0])
    return list(json.loads(words)) if _born(shops[0]) else None


def _waited() -> None:
    """Until the nannies are gone, too."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def _born(descriptor: int) -> bool:
    """A nanny: False when its shop is through, True in each hub's process."""
    _die_with_parent()
    with socket.socket(fileno=descriptor) as shop:
        while True:
            _, pipes, _, _ = socket.recv_fds(shop, 1, 1)
            if not pipes:
                return False
            pid = os.fork()
            if not pid:
                _die_with_parent()
                os.dup2(pipes[0], 2)
                os.close(pipes[0])
                return True
            os.close(pipes[0])
            shop.sendall(SAID.pack(pid))
            shop.sendall(SAID.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Forked:
    """A hub's process, as far as a test needs `asyncio.subprocess.Process` of it."""

    def __init__(self, pid: int, stderr: asyncio.StreamReader, nanny: socket.socket) -> None:
        self.pid = pid
        self.stderr = stderr
        self._nanny = nanny

    async def wait(self) -> int:
        """Its status, once."""
        return await _heard(self._nanny)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class Nanny:
    """Of one shop: one hub at a time."""

    def __init__(self, shop: socket.socket) -> None:
        self._shop = shop

    async def fork(self) -> Forked:
        reading, writing = os.pipe()
        socket.send_fds(self._shop, [b"x"], [writing])
        os.close(writing)
        stderr = asyncio.StreamReader(limit=LINE_BYTES_MAX)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stderr), os.fdopen(reading, "rb")
        )
        return Forked(await _heard(self._shop), stderr, self._shop)

    def close(self) -> None:
        """Once its last hub has ended."""
        self._shop.close()


class Nursery:
    """The test's side; to be entered in the loop in which it is used."""

    _process: Any = None

    async def __aenter__(self) -> Self:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *PROGRAM, "--nursery", str(theirs.fileno()), pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()
        await self._process.wait()

    def nanny(self, arguments: Sequence[str]) -> Nanny:
        """`arguments`: of `e2e_fast_hub`, for each hub of a shop."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._socket, [json.dumps(list(arguments)).encode()], [theirs.fileno()])
        ours.setblocking(False)
        return Nanny(ours)


async def _heard(shop: socket.socket) -> int:
    said = b""
    while len(said) < SAID.size:
        try:
            more = await asyncio.get_running_loop().sock_recv(shop, SAID.size - len(said))
        except ConnectionError:
            more = b""
        assert more, "the nursery is gone"
        said += more
    return int(SAID.unpack(said)[0])
