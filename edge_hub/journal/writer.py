"""The parent's end of the writer: starts the process, hands it commands, matches answers, notices its death."""

import asyncio
import itertools
import subprocess
from collections.abc import Callable
from typing import Any

from edge_hub.errors import EdgeHubError
from edge_hub.journal.commands import Envelope
from edge_hub.journal.core import BATCH_MAX
from edge_hub.journal.errors import CommandTooLarge, JournalBusy, WriterGone, WriterLost
from edge_hub.journal.link import Frames, FrameTooLarge, pack
from edge_hub.journal.messages import Answered, Broken, Ready, Start, Submitted
from edge_hub.journal.spawn import Process, Spawned, spawn

PENDING_MAX = 1024
"""Commands handed over and not answered."""
PENDING_BYTES_MAX = 64 * 1024 * 1024
"""Bytes the writer has not taken yet, beyond which no further command is accepted."""
START_WAIT_S = 120.0
"""For the lock, the migrations and the verification of up to 10,000 rows on a slow card."""
EXIT_WAIT_S = 10.0
"""For the batch in hand, after the pipe is closed; then the process is killed."""


class Writer(asyncio.Protocol):
    """One writer process. `on_answers` is called with each batch, after its waiters were answered."""

    def __init__(self, on_answers: Callable[[Answered], None]) -> None:
        self._on_answers = on_answers
        self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._outbox: list[tuple[int, Envelope | None]] = []
        self._transport: asyncio.Transport
        self._process: Process
        self._ready: asyncio.Future[Ready] = self._loop.create_future()
        self._idle = asyncio.Event()
        self.gone = asyncio.Event()
        """Set once the pipe has closed, whoever closed it."""

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self, start: Start, spawned: Spawned | None = None) -> Ready:
        """Start the process, unless it is already; its Ready. Raises what kept it from opening the journal."""
        if spawned is None:
            spawned = await asyncio.to_thread(spawn)
        self._process = spawned.process
        try:
            self._transport, _ = await self._loop.create_connection(lambda: self, sock=spawned.socket)
        except BaseException:
            spawned.socket.close()
            raise
        self._transport.write(pack(start))
        try:
            async with asyncio.timeout(START_WAIT_S):
                ready = await self._ready
        except BaseException:
            await self.stop()
            raise
        if ready.error is not None:
            await self.stop()
            raise ready.error
        return ready

    def submit(self, envelope: Envelope | None) -> "asyncio.Future[Any]":
        """Hand over a command (None: a ping); the future of its answer. Raises JournalBusy, WriterGone."""
        if self.gone.is_set():
            raise WriterGone
        if (
            len(self._waiting) >= PENDING_MAX
            or self._transport.get_write_buffer_size() > PENDING_BYTES_MAX  # a few huge commands
        ):
            raise JournalBusy(retry_after_s=1)
        number = next(self._numbers)
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting[number] = future
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.append((number, envelope))
        return future

    def tell_broken(self, seq: int, problem: str) -> None:
        """Tell the writer what the verification found: it appends nothing from now on."""
        if not self.gone.is_set():
            self._transport.write(pack(Broken(seq=seq, problem=problem)))

    async def settle(self) -> None:
        """Wait until nothing is waiting for an answer."""
        while self._waiting:
            self._idle.clear()
            await self._idle.wait()

    async def stop(self) -> None:
        """Close the pipe, wait for the process; kill it if it does not go."""
        self._transport.close()
        await asyncio.to_thread(_reap, self._process)

    def _flush(self) -> None:
        """Send what this turn of the loop brought, a frame for each batch's worth."""
        items, self._outbox = self._outbox, []
        if self.gone.is_set():
            return
        for first in range(0, len(items), BATCH_MAX):
            chunk = tuple(items[first : first + BATCH_MAX])
            try:
                self._transport.write(pack(Submitted(items=chunk)))
            except Exception:  # noqa: BLE001  # pickle raises anything: find the one command that cannot travel
                for item in chunk:
                    self._send_alone(item)

    def _send_alone(self, item: tuple[int, Envelope | None]) -> None:
        try:
            frame = pack(Submitted(items=(item,)))
        except FrameTooLarge as error:
            self._answer(item[0], good=False, value=CommandTooLarge(bytes=error.params["bytes"]))
        except Exception as error:  # noqa: BLE001  # it is handed to the caller who made the command
            self._answer(item[0], good=False, value=error)
        else:
            self._transport.write(frame)

    def _answer(self, number: int, *, good: bool, value: Any) -> None:
        future = self._waiting.pop(number)
        if not future.done():  # a caller that was cancelled is not told
            if good:
                future.set_result(value)
            else:
                future.set_exception(value)

    def data_received(self, data: bytes) -> None:
        for message in self._frames.feed(data):
            if isinstance(message, Answered):
                for number, good, value in message.answers:
                    self._answer(number, good=good, value=value)
                if not self._waiting:
                    self._idle.set()
                self._on_answers(message)
            elif not self._ready.done():
                self._ready.set_result(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio.Protocol
        self.gone.set()
        if not self._ready.done():
            self._ready.set_result(
                Ready(error=WriterGone("The writer ended before it had opened the journal.", why="not-opened"))
            )
        unsent = {number for number, _ in self._outbox}
        error: EdgeHubError
        for number in tuple(self._waiting):
            error = WriterGone() if number in unsent else WriterLost()
            self._answer(number, good=False, value=error)
        self._idle.set()


def _reap(process: Process) -> None:
    try:
        process.wait(EXIT_WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
