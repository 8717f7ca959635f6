"""A writer that is a fork of the daemon: in processes of their own, as the tests' has threads."""

import os
import select
import subprocess
import sys

END_WAIT_S = 30

SERVES = """
import asyncio, sys
from pathlib import Path
from edge_hub.journal.spawn import fork
spawned = fork()
from edge_hub.bus import Bus
from edge_hub.clock import SystemClock
from edge_hub.journal.journal import Journal
async def main():
    where = {"path": Path(sys.argv[1]), "settings": None, "clock": SystemClock(), "bus": Bus()}
    async with Journal.open(**where, handlers="test_journal_spawn_handlers:HANDLERS", spawned=spawned) as journal:
        assert journal.writer_pid == spawned.process.pid
        await journal.ping()
        print(journal.head.seq, "aiohttp" in sys.modules)
asyncio.run(main())
"""
DIES = """
import os, signal
from edge_hub.journal.spawn import fork
spawned = fork()
print(spawned.process.pid, flush=True)
input()
os.kill(os.getpid(), signal.SIGKILL)
"""


def start(code, *arguments, **streams):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **streams)


def test_a_fork_serves_its_parent_and_ends_with_its_pipe(tmp_path):
    (tmp_path / "test_journal_spawn_handlers.py").write_text(
        "from edge_hub.journal.commands import Handlers\nHANDLERS = Handlers()\n"
    )
    with start(SERVES, tmp_path / "journal.sqlite", env={**os.environ, "PYTHONPATH": str(tmp_path)}) as parent:
        said, _ = parent.communicate(timeout=END_WAIT_S)
    assert (said, parent.returncode) == ("1 False\n", 0)


def test_it_is_waited_for_by_who_was_started_with_its_signal_ignored(tmp_path):
    code = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n" + SERVES
    (tmp_path / "test_journal_spawn_handlers.py").write_text(
        "from edge_hub.journal.commands import Handlers\nHANDLERS = Handlers()\n"
    )
    with start(code, tmp_path / "journal.sqlite", env={**os.environ, "PYTHONPATH": str(tmp_path)}) as parent:
        said, _ = parent.communicate(timeout=END_WAIT_S)
    assert (said, parent.returncode) == ("1 False\n", 0)


def test_a_fork_whose_parent_was_killed_ends_too():
    with start(DIES, stdin=subprocess.PIPE) as parent:
        writer = os.pidfd_open(int(parent.stdout.readline()))
        parent.communicate("go\n", timeout=END_WAIT_S)
    assert select.select([writer], [], [], END_WAIT_S)[0]
    os.close(writer)
