"""The writer's process: a fork of the daemon's, or `python -m edge_hub.journal.process <fd>`; see `spawn`.

It takes what waits (at most BATCH_MAX), runs it in one transaction and answers in one frame; then it looks again. It
ends when the pipe does, never by SIGINT or SIGTERM: the parent decides, and closes the pipe when all is answered.
"""

import importlib
import os
import pickle
import signal
import socket
import sqlite3
import sys
import time
import traceback
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_hub import memory
from edge_hub.errors import EdgeHubError
from edge_hub.journal.commands import Envelope, Handlers
from edge_hub.journal.core import BATCH_MAX, Core
from edge_hub.journal.database import Lock, connect_writer
from edge_hub.journal.errors import AnswerLost, HandlerFailed, translate
from edge_hub.journal.link import FRAME_BYTES_MAX, Link, pack
from edge_hub.journal.log import damaged
from edge_hub.journal.messages import Answered, Broken, Ready, Start, Submitted
from edge_hub.journal.migrations import SCHEMA_VERSION, check, migrate


def main(descriptor: int) -> int:
    """Serve one parent until its end of the pipe closes; the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    link = Link(socket.socket(fileno=descriptor))
    messages = _first(link)
    if not messages:
        return 0
    start: Start = messages[0]
    path = Path(start.path)
    lock = Lock(path)
    try:
        lock.acquire(start.lock_wait_s)
        core = _open(path, start)
    except EdgeHubError as error:
        link.send(Ready(error=error))
        return 1
    link.send(Ready(head=core.head, damage=core.damage))
    memory.settle()
    try:
        _serve(link, core, messages[1:])
    finally:
        core.close()
        lock.release()
    return 0


def _first(link: Link) -> list[Any]:
    messages: list[Any] = []
    while not messages and not link.ended:
        messages = link.receive(wait=True)
    return messages


def _open(path: Path, start: Start) -> Core:
    module, _, name = start.handlers.partition(":")
    handlers: Handlers = getattr(importlib.import_module(module), name)
    _migrate_apart(path)
    core = Core(path, handlers, start.settings, lambda: time.time_ns() // 1_000_000)
    core.open(check)
    return core


def _migrate_apart(path: Path) -> None:
    """Migrate in a forked process, so that what sqlite-utils brings along does not stay in the writer's memory."""
    try:
        connection = connect_writer(path)
        try:
            if check(connection) == SCHEMA_VERSION:
                return
        finally:
            connection.close()  # SQLite connections must not be carried across a fork
    except sqlite3.Error as error:
        raise translate(error, path) from error
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os._exit(_migrate_here(path, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise pickle.loads(told) if told else HandlerFailed(f"Migrating {path.name} failed.")  # noqa: S301  # our own


def _migrate_here(path: Path, writing: int) -> int:
    try:
        connection = connect_writer(path)
        migrate(connection)
        connection.close()
    except sqlite3.Error as error:
        os.write(writing, pickle.dumps(translate(error, path)))
        return 1
    except EdgeHubError as error:
        os.write(writing, pickle.dumps(error))
        return 1
    return 0


def _serve(link: Link, core: Core, messages: list[Any]) -> None:
    waiting: deque[tuple[int, Envelope | None]] = deque()
    while True:
        for message in messages:
            if isinstance(message, Submitted):
                waiting.extend(message.items)
            elif isinstance(message, Broken):
                core.damage = damaged(message.seq, message.problem)
        if link.ended:
            return
        if waiting:
            _send(link, _batch(core, [waiting.popleft() for _ in range(min(BATCH_MAX, len(waiting)))]))
        messages = link.receive(wait=not waiting)


def _send(link: Link, answered: Answered) -> None:
    """Answer a batch, also when a handler made an answer that cannot travel."""
    try:
        link.send(answered)
    except Exception as failed:  # noqa: BLE001  # pickle raises anything; the other answers must still arrive
        note = "".join(traceback.format_exception(failed))
        answers = tuple(item if _can_travel(item) else (item[0], False, AnswerLost()) for item in answered.answers)
        link.send(replace(answered, answers=answers, notes=(*answered.notes, note)))


def _can_travel(answer: object) -> bool:
    try:
        return len(pack(answer)) <= FRAME_BYTES_MAX // BATCH_MAX
    except Exception:  # noqa: BLE001  # as above
        return False


def _batch(core: Core, items: list[tuple[int, Envelope | None]]) -> Answered:
    commands = [(number, envelope) for number, envelope in items if envelope is not None]
    answers = [(number, True, None) for number, envelope in items if envelope is None]
    if answers:
        core.mend()
    wakes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    if commands:
        batch = core.run([envelope for _, envelope in commands])
        wakes, notes = batch.wakes, batch.notes
        answers += [(number, good, value) for (number, _), (good, value) in zip(commands, batch.answers, strict=True)]
    return Answered(
        answers=tuple(answers), wakes=wakes, notes=notes, head=core.head, fault=core.fault, damage=core.damage
    )


if __name__ == "__main__":
    memory.frugal()
    sys.exit(main(int(sys.argv[1])))
