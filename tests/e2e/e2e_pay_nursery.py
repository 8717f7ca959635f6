"""A process that has loaded the daemon's code and forks a hub whenever one is wanted: what a campaign with many kills
would else wait for is the import of that code. Each hub is a process of its own, with nothing of the last one's memory.

The nursery and the test speak over a socket pair: the test sends the pipe for the log, the nursery answers with the
hub's process id, and with its status when it has ended.
"""

import asyncio
import ctypes
import gc
import os
import signal
import socket
import struct
from collections.abc import Sequence

SAID = struct.Struct("<i")
PR_SET_PDEATHSIG = 1
LINE_BYTES_MAX = 1 << 20


def nurse(descriptor: int) -> bool:
    """Serve one test, in the nursery's process. Answers True in each hub's process, False when the test is through."""
    with socket.socket(fileno=descriptor) as test:
        _die_with_parent()
        gc.freeze()
        while True:
            _, pipes, _, _ = socket.recv_fds(test, 1, 1)
            if not pipes:
                return False
            pid = os.fork()
            if not pid:
                _die_with_parent()
                os.dup2(pipes[0], 2)
                os.close(pipes[0])
                return True
            os.close(pipes[0])
            test.sendall(SAID.pack(pid))
            test.sendall(SAID.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Forked:
    """A hub's process, as far as a test needs `asyncio.subprocess.Process` of it."""

    def __init__(self, pid: int, stderr: asyncio.StreamReader, nursery: socket.socket) -> None:
        self.pid = pid
        self.stderr = stderr
        self._nursery = nursery

    async def wait(self) -> int:
        """Its status, once."""
        return await _heard(self._nursery)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class Nursery:
    """The test's side; one hub at a time."""

    def __init__(self, program: Sequence[str], cwd: object) -> None:
        """`program`: takes `--nursery DESCRIPTOR`."""
        self._program = tuple(program)
        self._cwd = cwd
        self._process: asyncio.subprocess.Process | None = None
        self._socket: socket.socket | None = None

    async def fork(self) -> Forked:
        if self._socket is None:
            self._socket = await self._opened()
        reading, writing = os.pipe()
        socket.send_fds(self._socket, [b"x"], [writing])
        os.close(writing)
        stderr = asyncio.StreamReader(limit=LINE_BYTES_MAX)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stderr), os.fdopen(reading, "rb")
        )
        return Forked(await _heard(self._socket), stderr, self._socket)

    async def close(self) -> None:
        """Once its last hub has ended."""
        if self._socket is not None and self._process is not None:
            self._socket.close()
            await self._process.wait()
        self._socket = self._process = None

    async def _opened(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *self._program, "--nursery", str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                cwd=self._cwd,
            )  # fmt: skip
        ours.setblocking(False)
        return ours


async def _heard(nursery: socket.socket) -> int:
    said = b""
    while len(said) < SAID.size:
        more = await asyncio.get_running_loop().sock_recv(nursery, SAID.size - len(said))
        assert more, "the nursery is gone"
        said += more
    return int(SAID.unpack(said)[0])
