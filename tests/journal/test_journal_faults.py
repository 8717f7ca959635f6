"""Disks that are full, read-only or broken, and processes that are killed: nothing acknowledged is ever lost."""

import asyncio
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from journal_handlers import HANDLERS, Append, Count, Misbehave, Weigh
from journal_samples import a_sale
from test_journal_process import count, opened

from edge_hub.journal.commands import Actor, Envelope
from edge_hub.journal.core import Core
from edge_hub.journal.errors import AlreadyExists, DiskFull, IoError, JournalUnavailable, ReadOnly, WriterLost
from edge_hub.journal.log import verify
from edge_hub.journal.rebuild import rebuild

HERE = Path(__file__).parent
CLIENT = Actor(client="c")
ROOT = os.geteuid() == 0
DISK_BYTES = 4 * 1024 * 1024


def envelope(command, key=""):
    return Envelope(command=command, at_ms=1, actor=CLIENT, key=key, fingerprint=b"f")


def products(path):
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute("SELECT product FROM stock")}
    connection.close()
    return found


@contextmanager
def mounted(directory, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 4 MB."""
    if not ROOT:
        pytest.skip("mounting needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, f"size={DISK_BYTES},mode=0700"):
        yield disk


def fill(disk, leave):
    """A file of somebody else's takes all but `leave` bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "other").write_bytes(bytes(max(free - leave, 0)))


def test_a_full_disk_refuses_whole_batches_and_selling_goes_on_by_itself(small_disk):
    path = small_disk / "journal.sqlite"
    core = Core(path, HANDLERS, None, lambda: 1)
    core.open()
    assert core.run([envelope(count("before"), "k0")]).answers == ((True, 2),)
    fill(small_disk, 32 * 1024)
    batch = core.run([envelope(count("during"), "k1"), envelope(Weigh(data=bytes(200_000)))])
    assert {type(error) for _, error in batch.answers} == {DiskFull}
    assert isinstance(core.fault, DiskFull)
    assert products(path) == {"before"}
    core.mend()
    assert isinstance(core.fault, DiskFull)
    (small_disk / "other").unlink()
    core.mend()
    assert core.fault is None
    assert core.run([envelope(count("after"), "k1")]).answers == ((True, 3),)
    assert core.fault is None
    core.close()
    assert products(path) == {"before", "after"}
    assert verify(path).ok
    assert rebuild(path).differences == ()


async def test_the_writers_process_lives_through_a_full_disk(small_disk):
    async with opened(small_disk / "journal.sqlite") as journal:
        await journal.submit(count("before"))
        fill(small_disk, 0)
        refused = []
        while not refused:
            answers = await asyncio.gather(
                *(journal.submit(Count(product=f"p{n}", milli=1, reason="x" * 2000)) for n in range(64)),
                return_exceptions=True,
            )
            refused = [answer for answer in answers if isinstance(answer, Exception)]
        assert {type(error) for error in refused} == {DiskFull}
        assert "Free some space" in refused[0].detail
        assert journal.health.state == "unavailable"
        recorded = journal.head.seq
        (small_disk / "other").unlink()
        assert await journal.submit(count("after")) == recorded + 1
        assert journal.health.state == "verifying"
    assert verify(small_disk / "journal.sqlite").seq == recorded + 1


def test_a_page_limit_is_a_full_disk_too(core, path):
    """Where nothing can be mounted: SQLite itself refuses to grow the file."""
    connection = core._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    batch = core.run([envelope(count("a")), envelope(Weigh(data=bytes(100_000)))])
    assert [type(error) for _, error in batch.answers] == [DiskFull, DiskFull]
    connection.execute("PRAGMA max_page_count = 1000000")
    assert core.run([envelope(count("b"))]).answers == ((True, 2),)
    assert verify(path).ok


def test_a_disk_that_is_read_only_from_the_start(small_disk):
    path = small_disk / "journal.sqlite"
    core = Core(path, HANDLERS, None, lambda: 1)
    core.open()
    core.close()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(ReadOnly):
        core.open()
    (answer,) = core.run([envelope(count())]).answers
    assert isinstance(answer[1], ReadOnly)
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert core.run([envelope(count())]).answers == ((True, 2),)
    core.close()


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    library = tmp_path_factory.mktemp("shim") / "bad_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "bad_disk.c", "-ldl"], check=True)
    return library


@pytest.fixture
def disk(shim, tmp_path, monkeypatch):
    """Call it with what goes wrong from now on; it holds for writers started while it is there."""
    switch = tmp_path / "switch"
    switch.write_text("")
    monkeypatch.setenv("LD_PRELOAD", str(shim))
    monkeypatch.setenv("BAD_DISK", str(switch))

    def goes(how):
        new = switch.with_suffix(".new")
        new.write_text(how)
        new.replace(switch)

    return goes


KINDS = {"sync": IoError, "write": IoError, "readonly": ReadOnly, "full": DiskFull}


@pytest.mark.parametrize("how", KINDS)
async def test_a_failing_disk_refuses_and_recovers(path, disk, how):
    async with opened(path) as journal:
        assert await journal.submit(count("before")) == 2
        disk(how)
        for n in range(3):
            answers = await asyncio.gather(
                *(journal.submit(count(f"during-{n}-{m}")) for m in range(5)), return_exceptions=True
            )
            assert {type(answer) for answer in answers} == {KINDS[how]}
        assert journal.health.state == "unavailable"
        assert journal.reader.row("SELECT max(seq) FROM journal") == (2,)
        disk("")
        assert await journal.submit(count("after")) == 3
        assert journal.health.state == "verifying"
    assert verify(path).ok
    assert products(path) == {"before", "after"}


@pytest.mark.parametrize("how", KINDS)
async def test_what_was_refused_does_not_come_back_after_a_crash(path, disk, how):
    """A failed fsync leaves whole frames in the WAL: recovery must not find them."""
    async with opened(path) as journal:
        assert await journal.submit(count("before")) == 2
        disk(how)
        with pytest.raises(JournalUnavailable):
            await journal.submit(count("refused"))
        os.kill(journal.writer_pid, signal.SIGKILL)
        await journal._writer.gone.wait()
    disk("")
    for file in path.parent.glob("*-shm"):
        file.unlink()  # as after a power cut: the WAL's index is made again from the WAL alone
    async with opened(path) as journal:
        assert await journal.submit(count("after")) == 3
    assert products(path) == {"before", "after"}
    assert verify(path).ok


def test_an_acknowledged_row_that_is_gone_after_a_failure_stops_the_journal(core, path):
    """A disk that said "synced" and lost it: the next look at the file finds less than was acknowledged."""
    core.run([envelope(count("a"))])
    core.close()
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER journal_loses_nothing")
    connection.execute("DELETE FROM journal WHERE seq = 2")
    connection.commit()
    connection.close()
    (answer,) = core.run([envelope(count("b"))]).answers
    assert not answer[0]
    assert core.damage is not None
    assert "recorded" in core.damage.detail or "last commit" in core.damage.detail


def test_a_uniqueness_rule_nobody_looked_at_is_a_coded_error(core, path):
    batch = core.run([envelope(Append(event=a_sale(1))), envelope(Append(event=a_sale(1))), envelope(count())])
    assert [good for good, _ in batch.answers] == [True, False, True]
    assert isinstance(batch.answers[1][1], AlreadyExists)
    assert verify(path).seq == 3


def hub(path, *words, wrapper=(), **kwargs):
    return subprocess.Popen(
        [*wrapper, sys.executable, HERE / "journal_child.py", path, *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        **kwargs,
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("victim", ["writer", "parent"])
def test_killed_under_load_nothing_acknowledged_is_lost_or_doubled(path, victim, seed):
    rng = random.Random(seed)  # noqa: S311  # reproducible, not secret
    for _ in range(2):
        process = hub(path, "load", rng.choice([1, 8, 40]), stderr=subprocess.DEVNULL)
        acknowledged = {}
        lines = iter(process.stdout)
        writer_pid = int(next(lines).split()[1])
        for _ in range(rng.randrange(1, 400)):
            key, seq = next(lines).split()
            acknowledged[key] = int(seq)
        os.kill(writer_pid if victim == "writer" else process.pid, signal.SIGKILL)
        for line in lines:
            if line.endswith("\n"):
                key, seq = line.split()
                acknowledged[key] = int(seq)
        process.stdout.close()
        process.wait()
    again = hub(path, "one", 1)  # waits for the orphaned writer to end
    assert again.wait() == 0
    again.stdout.close()
    assert verify(path).ok
    assert rebuild(path).differences == ()
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT i.key, j.seq FROM idempotency i JOIN journal j ON j.id = i.ref WHERE j.type = 'stock.counted'"
    ).fetchall()
    (events,) = connection.execute("SELECT count(*) FROM journal WHERE type = 'stock.counted'").fetchone()
    connection.close()
    assert events == len(rows)
    assert acknowledged.items() <= dict(rows).items()


def test_every_answer_comes_after_its_fdatasync(path, tmp_path):
    """`kill -9` cannot show a missing sync, the page cache survives it: look at the system calls themselves."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    commands = 25
    process = hub(
        path, "one", commands,
        wrapper=(strace, "-f", "-y", "-e", "trace=fdatasync,fsync,sendto", "-o", str(trace)),
    )  # fmt: skip
    lines = process.stdout.read().splitlines()
    process.stdout.close()
    assert process.wait() == 0
    writer_pid = lines[0].split()[1]
    synced, answers = False, 0
    for line in trace.read_text().splitlines():
        pid, _, call = line.partition(" ")
        if pid != writer_pid:
            continue
        if re.match(r"\s*f(data)?sync\(\d+<.*journal\.sqlite-wal>\)\s*= 0", call):
            synced = True
        elif re.match(r"\s*sendto\(", call):
            assert synced, f"answer {answers} was sent before its commit was on disk"
            synced = False
            answers += 1
    assert answers == commands + 1


async def test_a_frozen_writer_is_killed_when_it_does_not_end(path, monkeypatch):
    monkeypatch.setattr("edge_hub.journal.writer.EXIT_WAIT_S", 0.05)
    async with opened(path) as journal:
        pid = journal.writer_pid
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_writer_that_no_longer_answers_does_not_keep_the_hub_from_ending(path, monkeypatch):
    monkeypatch.setattr("edge_hub.journal.journal.SETTLE_WAIT_S", 0.05)
    monkeypatch.setattr("edge_hub.journal.writer.EXIT_WAIT_S", 0.05)
    async with opened(path) as journal:
        os.kill(journal.writer_pid, signal.SIGSTOP)
        waiting = asyncio.ensure_future(journal.submit(Misbehave(how="fine")))
        await asyncio.sleep(0)
    with pytest.raises(WriterLost):
        await waiting
