"""Starting the writer's process, in one of two ways.

`fork` divides this process when only what both need is loaded: it is loaded once, a quarter of the processor time that
a start took, and its memory is shared. Only a process without threads may do it: `edge-hub run`, first of all. `spawn`
starts a program of its own, from wherever a journal is opened.
"""

import importlib
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from dataclasses import dataclass
from typing import NoReturn, Protocol

from edge_hub import memory
from edge_hub.journal.process import main

HANDLERS_MODULE = "edge_hub.services.handlers"


class Process(Protocol):
    """As much of `subprocess.Popen` as is used."""

    @property
    def pid(self) -> int: ...

    def wait(self, timeout: float | None = None) -> object:
        """Raises subprocess.TimeoutExpired."""
        ...

    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Spawned:
    """A writer's process that waits for its first message, and our end of the pipe to it."""

    process: Process
    socket: socket.socket


def spawn() -> Spawned:
    """A program of its own."""
    ours, theirs = socket.socketpair()
    with theirs:
        return Spawned(_start(theirs.fileno()), ours)


def _start(descriptor: int) -> "subprocess.Popen[bytes]":
    """The writer finds modules where this process does, and nowhere else (-P: not in the working directory)."""
    return subprocess.Popen(  # noqa: S603  # this interpreter, this package
        [sys.executable, "-P", "-m", "edge_hub.journal.process", str(descriptor)],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def fork(*modules: str) -> Spawned:
    """A part of this process, with these modules loaded in both: call it before anything else is."""
    for module in modules:
        importlib.import_module(module)
    memory.share()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # inherited as ignored, it would hide how children end
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()  # the pipe ends when the parent's own end does
        _be_the_writer(theirs)
    theirs.close()
    return Spawned(_Forked(pid), ours)


def _be_the_writer(pipe: socket.socket) -> NoReturn:
    """Nothing that the parent has planned for its end is run."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        status = main(pipe.detach())
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


class _Forked:
    """A process that was forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> None:
        if not select.select([self._ended], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("the writer", timeout or 0)
        os.waitpid(self.pid, 0)
        os.close(self._ended)

    def kill(self) -> None:
        signal.pidfd_send_signal(self._ended, signal.SIGKILL)
