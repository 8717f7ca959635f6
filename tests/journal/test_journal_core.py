# ruff: noqa: S608  # the tests' own SQL
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_handlers import Count, Misbehave, Remember

from edge_hub.errors import NotFound
from edge_hub.journal.commands import Actor, Command, Envelope, KeyReused, NotRepeatable, UnknownCommand
from edge_hub.journal.core import BATCH_MAX
from edge_hub.journal.database import connect_reader
from edge_hub.journal.errors import AlreadyExists, HandlerFailed, JournalDamaged
from edge_hub.journal.log import damaged, verify

T1 = Actor(client="tablet-1", staff="anna")
T2 = Actor(client="tablet-2")


def envelope(command, *, key="", fingerprint=b"f", actor=T1, at_ms=1_780_000_000_000):
    return Envelope(command=command, at_ms=at_ms, actor=actor, key=key, fingerprint=fingerprint)


def count(product="milk", milli=1000, **kwargs):
    return envelope(Count(product=product, milli=milli), **kwargs)


def values(batch):
    return [value for _, value in batch.answers]


def everything(path):
    reading = connect_reader(path)
    tables = {
        name: reading.execute(f"SELECT * FROM {name}").fetchall()
        for name in ("journal", "idempotency", "stock", "device_facts")
    }
    reading.close()
    return tables


def test_a_new_journal_begins_with_its_epoch(core, path):
    row = everything(path)["journal"][0]
    assert row[0] == 1
    assert row[3] == "journal.opened"
    assert core.head.seq == 1
    assert row[1] == core.head.epoch


def test_a_batch_is_answered_in_order_and_chained(core, path):
    batch = core.run([count(milli=n) for n in range(BATCH_MAX)])
    assert values(batch) == list(range(2, BATCH_MAX + 2))
    assert batch.wakes == (("stock", "milk"),)
    assert verify(path).ok
    assert everything(path)["stock"] == [("milk", BATCH_MAX - 1, 1_780_000_000_000)]


def test_rows_say_who_and_when_as_the_envelope_does(core, path):
    core.run([count(at_ms=77, actor=T1), count(at_ms=5, actor=Actor())])
    rows = everything(path)["journal"][1:]
    assert [row[5:8] for row in rows] == [(77, "tablet-1", "anna"), (5, None, None)]


def test_the_same_key_gives_the_same_answer_and_one_event(core, path):
    first = core.run([count(key="k")])
    again = core.run([count(key="k"), count(key="k")])
    assert values(again) == values(first) * 2
    assert len(everything(path)["journal"]) == 2


def test_the_same_key_twice_in_one_batch(core, path):
    assert values(core.run([count(key="k"), count(key="k")])) == [2, 2]


def test_keys_belong_to_their_client(core):
    assert values(core.run([count(key="k"), count(key="k", actor=T2), count(key="k", actor=Actor())])) == [2, 3, 4]


def test_a_key_used_for_something_else_is_refused(core):
    core.run([count(key="k")])
    ((good, error),) = core.run([count(key="k", fingerprint=b"other")]).answers
    assert not good
    assert isinstance(error, KeyReused)


def test_a_key_on_a_command_without_replay_is_refused(core):
    assert isinstance(values(core.run([envelope(Misbehave(how="fine"), key="k")]))[0], NotRepeatable)


def test_a_refusal_is_not_remembered_under_its_key(core, path):
    assert isinstance(values(core.run([count("missing", key="k")]))[0], NotFound)
    assert everything(path)["idempotency"] == []


def test_a_refusal_before_any_write_leaves_the_rest_of_the_batch(core, path):
    batch = core.run([count("a"), count("missing"), count("b")])
    assert [good for good, _ in batch.answers] == [True, False, True]
    assert len(everything(path)["stock"]) == 2


@pytest.mark.parametrize(
    ("how", "kind"),
    [("refuse", NotFound), ("crash", HandlerFailed), ("unique", AlreadyExists), ("sql", HandlerFailed)],
)
@pytest.mark.parametrize("late", [False, True])
def test_a_command_that_goes_wrong_harms_no_other(core, path, how, kind, late):
    batch = core.run([count("a"), envelope(Misbehave(how=how, late=late)), count("b", key="k")])
    assert [good for good, _ in batch.answers] == [True, False, True]
    assert isinstance(batch.answers[1][1], kind)
    tables = everything(path)
    assert tables["device_facts"] == []
    assert [row[0] for row in tables["journal"]] == [1, 2, 3]
    assert len(tables["stock"]) == 2
    assert len(tables["idempotency"]) == 1
    assert bool(batch.notes) == (how != "refuse")
    assert verify(path).ok


def test_a_command_nobody_handles(core):
    class Stray(Command[None]):
        __slots__ = ()

    assert isinstance(values(core.run([envelope(Stray())]))[0], UnknownCommand)


def test_the_cache_lives_from_batch_to_batch_until_one_fails(core):
    remember = envelope(Remember(word="x"))
    assert values(core.run([remember, remember])) == [1, 2]
    assert values(core.run([remember])) == [3]
    core.run([envelope(Misbehave(how="refuse", late=True))])
    assert values(core.run([remember])) == [1]


def test_settings_reach_the_handlers(core):
    assert values(core.run([envelope(Misbehave(how="settings"))])) == ["{'store': 's1'}"]


def test_order_and_ids_do_not_follow_the_clock_back(core, path, wall, make_core):
    before = values(core.run([envelope(Misbehave(how="id")), count()]))
    wall.now_ms -= 86_400_000
    after = values(core.run([envelope(Misbehave(how="id")), count()]))
    core.close()
    wall.now_ms -= 86_400_000
    later = values(make_core().run([envelope(Misbehave(how="id")), count()]))
    assert before[0] < after[0] < later[0]
    assert [before[1], after[1], later[1]] == [2, 3, 4]
    ids = [row[2] for row in everything(path)["journal"]]
    assert ids == sorted(ids)


def test_opening_again_goes_on_in_the_same_epoch(core, make_core):
    core.run([count()])
    head = core.head
    core.close()
    assert make_core().head == head


def test_a_damaged_journal_takes_no_event_and_goes_on_with_the_rest(core, path):
    core.damage = damaged(1, "the row was changed")
    batch = core.run([count(), envelope(Remember(word="x"))])
    assert [good for good, _ in batch.answers] == [False, True]
    error = batch.answers[0][1]
    assert isinstance(error, JournalDamaged)
    assert error.params["seq"] == 1
    assert "backup" in error.detail
    assert len(everything(path)["journal"]) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.sampled_from("abc")), max_size=6), max_size=6))
def test_any_mix_of_commands_keys_and_failures_keeps_the_books(tmp_path_factory, batches):
    """A model in memory: which keys were seen, how many events there should be, what the stock is."""
    from journal_handlers import HANDLERS

    from edge_hub.journal.core import Core

    path = tmp_path_factory.mktemp("model") / "j.sqlite"
    core = Core(path, HANDLERS, None, lambda: 1)
    core.open()
    seen, stock, seq = {}, {}, 1
    for number, batch in enumerate(batches):
        envelopes, expected = [], []
        for at, (key, fails, product) in enumerate(batch):
            milli = number * 100 + at
            if fails:
                envelopes.append(envelope(Misbehave(how="crash", late=True)))
                expected.append(None)
                continue
            text = f"k{key}" if key else ""
            envelopes.append(count(product, milli, key=text))
            if text in seen and text:
                expected.append(seen[text])
                continue
            seq += 1
            seen[text], stock[product] = seq, milli
            expected.append(seq)
        answers = core.run(envelopes).answers if envelopes else ()
        assert [value if good else None for good, value in answers] == expected
    core.close()
    assert verify(path).ok
    tables = everything(path)
    assert len(tables["journal"]) == seq
    assert {row[0]: row[1] for row in tables["stock"]} == stock
    assert tables["device_facts"] == []
