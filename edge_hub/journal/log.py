"""The chain: every row holds the hash of the one before it, so nothing can be changed, lost or swapped unseen.

    hash(row) = SHA-256(prev_hash || canonical(row))
    prev_hash = hash of the row with seq - 1; 32 zero bytes before seq 1
    canonical = MessagePack array of nine, each in its shortest form:
                seq (int), epoch (str), id (str), type (str), version (int), at_ms (int),
                client (str or nil), staff (str or nil), body (bin)

`seq` starts at 1 without gaps and goes on across epochs; the first row of every epoch is a journal.opened.
`checkpoints` repeats every 10,000th hash; `meta` key 'head' is "<seq>:<hash in hex>" of the last row.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgpack

from edge_hub.errors import EdgeHubError
from edge_hub.journal.database import open_reader
from edge_hub.journal.errors import JournalDamaged, translate

GENESIS_HASH = bytes(32)
CHECKPOINT_EVENTS = 10_000
VERIFY_ROWS = 500
"""Rows read at a time, so that a long verification holds no long read transaction."""
PROBLEMS_MAX = 100
OPENED = "journal.opened"

_ROW_SQL = (
    "SELECT seq, epoch, id, type, version, at_ms, client, staff, body, prev_hash, hash FROM journal"
    " WHERE seq > ? ORDER BY seq LIMIT ?"
)
_pack = msgpack.Packer(use_bin_type=True, autoreset=True).pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last row: what the next one's hash builds on."""

    epoch: str = ""
    seq: int = 0
    hash: bytes = GENESIS_HASH


EMPTY = Head()
"""Of a journal without rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """`seq`: the last row looked at; `problems`: (seq, what is wrong), at most PROBLEMS_MAX of them."""

    ok: bool
    seq: int
    problems: tuple[tuple[int, str], ...] = ()


def row_hash(prev_hash: bytes, row: tuple[Any, ...]) -> bytes:
    """`row`: seq, epoch, id, type, version, at_ms, client, staff, body."""
    return sha256(prev_hash + _pack(row)).digest()


def read_head(connection: sqlite3.Connection) -> Head:
    """The last row's; a Head of seq 0 for an empty journal."""
    row = connection.execute("SELECT epoch, seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    return EMPTY if row is None else Head(epoch=row[0], seq=row[1], hash=row[2])


def head_text(seq: int, digest: bytes) -> str:
    """What stands under 'head' in `meta`."""
    return f"{seq}:{digest.hex()}"


def last_checkpoint(connection: sqlite3.Connection) -> int:
    """Seq of the newest checkpoint, 0 when there is none."""
    row = connection.execute("SELECT max(seq) FROM checkpoints").fetchone()
    return row[0] or 0


class Verifier:
    """Walks the chain in steps; each step is one short read, on whichever connection is at hand."""

    def __init__(self) -> None:
        self.seq = 0
        """The last row looked at."""
        self.problems: list[tuple[int, str]] = []
        self._hash = GENESIS_HASH
        self._epoch = ""

    def skip_to(self, connection: sqlite3.Connection, seq: int) -> None:
        """Begin behind row `seq`, whose stored hash is taken as given."""
        row = connection.execute("SELECT hash, epoch FROM journal WHERE seq = ?", (seq,)).fetchone()
        self.seq = seq
        if row is None:
            self._problem(seq, f"missing: {seq}")
        else:
            self._hash, self._epoch = row

    def step(self, connection: sqlite3.Connection, rows: int = VERIFY_ROWS) -> bool:
        """Verify the next rows; False at the end of the journal, or when there are problems enough."""
        found = connection.execute(_ROW_SQL, (self.seq, rows)).fetchall()
        if not found:
            return False
        checkpoints = dict(
            connection.execute(
                "SELECT seq, hash FROM checkpoints WHERE seq BETWEEN ? AND ?", (found[0][0], found[-1][0])
            )
        )
        for row in found:
            self._row(row, checkpoints)
        return len(self.problems) < PROBLEMS_MAX

    def finish(self, connection: sqlite3.Connection) -> None:
        """At the end: is this the head that the writer noted with its last commit?"""
        row = connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()
        if row is not None and not self.problems and row[0] != head_text(self.seq, self._hash):
            noted = str(row[0]).partition(":")[0]
            self._problem(self.seq, f"the journal ends at {self.seq}, but its last commit was {noted}")

    def _row(self, row: tuple[Any, ...], checkpoints: dict[int, bytes]) -> None:
        seq, epoch, prev_hash, stored = row[0], row[1], row[9], row[10]
        if seq != self.seq + 1:
            missing = f"{self.seq + 1}" if seq == self.seq + 2 else f"{self.seq + 1} to {seq - 1}"
            self._problem(self.seq + 1, f"missing: {missing}")
        elif prev_hash != self._hash:
            self._problem(seq, "the row does not follow the one before it")
        if row_hash(prev_hash, row[:9]) != stored:
            self._problem(seq, "the row was changed")
        if checkpoints.get(seq, stored) != stored:
            self._problem(seq, "the row differs from its checkpoint")
        if epoch != self._epoch and row[3] != OPENED:
            self._problem(seq, "an epoch begins without journal.opened")
        self.seq, self._hash, self._epoch = seq, stored, epoch

    def _problem(self, seq: int, what: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append((seq, what))


def verify_tail(connection: sqlite3.Connection, path: Path, after: int | None = None) -> None:
    """Verify from the last checkpoint (or from row `after`) to the head. Raises JournalDamaged: the first fault."""
    try:
        start = last_checkpoint(connection) if after is None else after
        verifier = Verifier()
        if start > 1:
            verifier.skip_to(connection, start - 1)
        while verifier.step(connection):
            pass
        verifier.finish(connection)
    except sqlite3.Error as error:
        raise translate(error, path) from error
    for seq, what in verifier.problems:
        raise damaged(seq, what)


def damaged(seq: int, what: str) -> JournalDamaged:
    template = (
        "The hub's records are damaged, so nothing more is recorded. Restore the latest backup or call support."
        " (At {seq}: {problem}.)"
    )
    return JournalDamaged(template, why="at", seq=seq, problem=what)


def verify(path: Path, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
    """Verify the whole file, live or closed: SQLite's own structure, then every hash from seq 1.

    `on_progress(done, total)` after each VERIFY_ROWS rows. Only opening the file raises; damage is in the report.
    """
    try:
        connection = open_reader(path)
    except JournalDamaged as error:
        return VerifyReport(ok=False, seq=0, problems=((0, str(error.params.get("problem", error.detail))),))
    problems: list[tuple[int, str]] = []
    seq = 0
    try:
        total = read_head(connection).seq
        for seq, problem in _verify_steps(connection):
            if problem is not None:
                problems.append(problem)
            elif on_progress is not None:
                on_progress(min(seq, total), total)
        problems += [(0, what) for (what,) in connection.execute("PRAGMA quick_check") if what != "ok"]
    except sqlite3.Error as error:
        reason: EdgeHubError = translate(error, path)
        problems.append((seq, str(reason.params.get("problem", reason.params.get("reason", reason.detail)))))
    finally:
        connection.close()
    return VerifyReport(ok=not problems, seq=seq, problems=tuple(problems[:PROBLEMS_MAX]))


def _verify_steps(connection: sqlite3.Connection) -> Iterator[tuple[int, tuple[int, str] | None]]:
    verifier = Verifier()
    while verifier.step(connection):
        yield verifier.seq, None
    verifier.finish(connection)
    for problem in verifier.problems:
        yield verifier.seq, problem
