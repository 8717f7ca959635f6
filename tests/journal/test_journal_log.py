# ruff: noqa: S608  # the tests' own SQL
import hashlib
import sqlite3

import msgpack
import pytest
from journal_handlers import Count

from edge_hub.journal import log, transaction
from edge_hub.journal.commands import Actor, Envelope
from edge_hub.journal.database import connect_writer
from edge_hub.journal.errors import JournalDamaged
from edge_hub.journal.log import VerifyReport, verify, verify_tail

COLUMNS = ["epoch", "id", "type", "version", "at_ms", "client", "staff", "body", "prev_hash", "hash"]


@pytest.fixture
def filled(core, path, monkeypatch):
    """41 rows, a checkpoint at each tenth, nobody at work."""
    monkeypatch.setattr(transaction, "CHECKPOINT_EVENTS", 10)
    for number in range(40):
        envelope = Envelope(
            command=Count(product=f"p{number}", milli=number), at_ms=number, actor=Actor(client="c", staff="s")
        )
        core.run([envelope])
    core.close()
    return path


def tamper(path, *statements):
    """What somebody with the file and an editor can do."""
    connection = connect_writer(path)
    connection.execute("DROP TRIGGER journal_keeps_rows")
    connection.execute("DROP TRIGGER journal_loses_nothing")
    for statement in statements:
        connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
    connection.close()


def test_a_whole_journal_is_whole(filled):
    seen = []
    assert verify(filled, lambda done, total: seen.append((done, total))) == VerifyReport(ok=True, seq=41)
    assert seen[-1] == (41, 41)


def test_the_chain_as_documented_for_another_implementer(filled):
    """Nothing of ours is used: only the words at the top of log.py."""
    connection = sqlite3.connect(filled)
    before = bytes(32)
    for row in connection.execute("SELECT * FROM journal ORDER BY seq"):
        assert row[9] == before
        before = hashlib.sha256(before + msgpack.packb(list(row[:9]))).digest()
        assert row[10] == before
    assert connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone() == (f"41:{before.hex()}",)
    assert [row[0] for row in connection.execute("SELECT seq FROM checkpoints")] == [10, 20, 30, 40]
    connection.close()


@pytest.mark.parametrize("seq", [1, 17, 20, 41])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_in_any_column_is_found(filled, column, seq):
    connection = connect_writer(filled)
    (value,) = connection.execute(f"SELECT {column} FROM journal WHERE seq = ?", (seq,)).fetchone()
    connection.close()
    if isinstance(value, bytes):
        changed = bytes([value[0] ^ 1]) + value[1:]
    elif isinstance(value, int):
        changed = value ^ 1
    else:
        changed = "x" if value is None else chr(ord(value[0]) ^ 1) + value[1:]
    tamper(filled, (f"UPDATE journal SET {column} = ? WHERE seq = ?", (changed, seq)))
    report = verify(filled)
    assert not report.ok
    assert report.problems[0][0] in (seq, seq + 1)
    assert report.seq == 41


@pytest.mark.parametrize("seq", [1, 20, 40])
def test_a_missing_row_is_found(filled, seq):
    tamper(filled, f"DELETE FROM journal WHERE seq = {seq}")
    assert verify(filled).problems[0] == (seq, f"missing: {seq}")


def test_a_missing_stretch_is_named(filled):
    tamper(filled, "DELETE FROM journal WHERE seq BETWEEN 5 AND 9")
    assert verify(filled).problems[0] == (5, "missing: 5 to 9")


def test_a_missing_end_is_found(filled):
    tamper(filled, "DELETE FROM journal WHERE seq > 38")
    assert verify(filled).problems == ((38, "the journal ends at 38, but its last commit was 41"),)


def test_swapped_rows_are_found(filled):
    tamper(
        filled,
        "UPDATE journal SET seq = -1 WHERE seq = 7",
        "UPDATE journal SET seq = 7 WHERE seq = 8",
        "UPDATE journal SET seq = 8 WHERE seq = -1",
    )
    assert verify(filled).problems[0][0] == 7


def test_a_row_forged_with_its_own_hash_breaks_the_next(filled):
    connection = sqlite3.connect(filled)
    row = list(connection.execute("SELECT * FROM journal WHERE seq = 12").fetchone())
    connection.close()
    row[5] = 999
    tamper(filled, ("UPDATE journal SET at_ms = 999, hash = ? WHERE seq = 12", (log.row_hash(row[9], tuple(row[:9])),)))
    assert verify(filled).problems == ((13, "the row does not follow the one before it"),)


def test_a_chain_forged_to_its_end_differs_from_its_checkpoints(filled):
    connection = sqlite3.connect(filled)
    rows = [list(row) for row in connection.execute("SELECT * FROM journal WHERE seq >= 15 ORDER BY seq")]
    connection.close()
    rows[0][5] += 1
    statements, before = [], rows[0][9]
    for row in rows:
        digest = log.row_hash(before, tuple(row[:9]))
        statements.append(
            ("UPDATE journal SET at_ms = ?, prev_hash = ?, hash = ? WHERE seq = ?", (row[5], before, digest, row[0]))
        )
        before = digest
    tamper(filled, *statements, ("UPDATE meta SET value = ? WHERE key = 'head'", (f"41:{before.hex()}",)))
    assert [seq for seq, _ in verify(filled).problems] == [20, 30, 40]


def test_an_epoch_cannot_begin_quietly(filled):
    connection = sqlite3.connect(filled)
    row = list(connection.execute("SELECT * FROM journal WHERE seq = 41").fetchone())
    connection.close()
    row[1] = "another"
    digest = log.row_hash(row[9], tuple(row[:9]))
    tamper(
        filled,
        ("UPDATE journal SET epoch = 'another', hash = ? WHERE seq = 41", (digest,)),
        ("UPDATE meta SET value = ? WHERE key = 'head'", (f"41:{digest.hex()}",)),
    )
    assert verify(filled).problems == ((41, "an epoch begins without journal.opened"),)


def test_the_triggers_refuse_change_deletion_and_replacement(filled):
    connection = connect_writer(filled)
    for statement in (
        "UPDATE journal SET at_ms = 0 WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 3",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 3",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("keep", [0, 100, 4096, 5 * 4096, 12 * 4096 + 77])
def test_a_truncated_file_is_found(filled, keep):
    data = filled.read_bytes()
    filled.write_bytes(data[:keep])
    try:
        report = verify(filled)
    except JournalDamaged:
        return
    assert not report.ok


def test_garbage_in_a_page_is_found(filled):
    data = bytearray(filled.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    filled.write_bytes(data)
    assert not verify(filled).ok


def test_a_file_that_is_no_database_is_found(path):
    path.write_bytes(b"This is not a database, it only looks like one." * 200)
    assert not verify(path).ok


def test_the_tail_is_verified_from_the_last_checkpoint_only(filled):
    tamper(filled, "UPDATE journal SET at_ms = 5 WHERE seq = 11")
    connection = sqlite3.connect(filled)
    verify_tail(connection, filled)
    connection.execute("UPDATE journal SET at_ms = 5 WHERE seq = 40")
    with pytest.raises(JournalDamaged) as raised:
        verify_tail(connection, filled)
    connection.close()
    assert raised.value.params["seq"] == 40


def test_a_core_opened_on_a_damaged_tail_says_so_and_appends_nothing(filled, make_core):
    tamper(filled, "UPDATE journal SET body = x'00' WHERE seq = 41")
    core = make_core()
    assert core.damage is not None
    assert core.damage.params["seq"] == 41
    ((good, error),) = core.run([Envelope(command=Count(product="x", milli=1), at_ms=1)]).answers
    assert not good
    assert isinstance(error, JournalDamaged)
    assert core.head.seq == 41
