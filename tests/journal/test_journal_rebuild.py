# ruff: noqa: S608  # the tests' own SQL
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_handlers import HANDLERS, Append, Count
from journal_samples import a_sale

from edge_hub.domain.events import ReceiptReprinted, StockAdjusted, StockCounted
from edge_hub.domain.ids import JobId, SaleId
from edge_hub.domain.stock import StockLine
from edge_hub.journal.commands import Actor, Envelope
from edge_hub.journal.core import Core
from edge_hub.journal.database import Lock
from edge_hub.journal.errors import JournalInUse
from edge_hub.journal.migrations import PROJECTION_TABLES
from edge_hub.journal.rebuild import Difference, rebuild

PRODUCTS = st.sampled_from(["milk", "bread", "salt"])
QUANTITIES = st.integers(-5000, 5000)
STOCK_LINES = st.lists(st.builds(StockLine, product=PRODUCTS, quantity_milli=QUANTITIES), max_size=4).map(tuple)
STEPS = st.one_of(
    st.tuples(st.just("sale"), st.sampled_from(["t1", "t2"]), st.lists(st.tuples(PRODUCTS, QUANTITIES), max_size=4)),
    st.tuples(st.just("counted"), STOCK_LINES),
    st.tuples(st.just("adjusted"), STOCK_LINES),
    st.tuples(st.just("reprinted"), st.integers(1, 3)),
)


def tables(path):
    connection = sqlite3.connect(path)
    found = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in PROJECTION_TABLES
    }
    connection.close()
    return found


def events(steps):
    numbers, sales = {"t1": 0, "t2": 0}, []
    for at, step in enumerate(steps):
        match step:
            case ("sale", till, lines):
                numbers[till] += 1
                sales.append(f"sale-{till}-{numbers[till]}")
                yield a_sale(numbers[till], till=till, lines=tuple(lines), tracked=at % 3 != 0, key=f"k{at}")
            case ("counted", lines):
                yield StockCounted(lines=lines, reason="")
            case ("adjusted", lines):
                yield StockAdjusted(lines=lines, reason="")
            case ("reprinted", copy):
                yield ReceiptReprinted(sale=SaleId(sales[-1] if sales else "none"), job=JobId("j"), copy=copy)


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, max_size=12), st.integers(1, 5))
def test_rebuilding_gives_the_same_tables(tmp_path_factory, steps, size):
    path = tmp_path_factory.mktemp("rebuild") / "j.sqlite"
    core = Core(path, HANDLERS, None, lambda: 1)
    core.open()
    envelopes = [Envelope(command=Append(event=event), at_ms=7, actor=Actor(client="c")) for event in events(steps)]
    for first in range(0, len(envelopes), size):
        assert all(good for good, _ in core.run(envelopes[first : first + size]).answers)
    core.close()
    before = tables(path)
    report = rebuild(path)
    assert report.differences == ()
    assert report.events == len(envelopes) + 1
    assert tables(path) == before


@pytest.fixture
def sold(core, path):
    core.run(
        [Envelope(command=Append(event=a_sale(1)), at_ms=7), Envelope(command=Count(product="a", milli=5), at_ms=9)]
    )
    core.close()
    return path


def test_a_sale_becomes_its_rows(sold):
    found = tables(sold)
    assert found["sales"] == [(2, "sale-t1-1", "t1", 1, "t1-0001", 1_780_000_000_000, "anna", "", "EUR", 250, 0, 0, "")]
    assert found["sale_lines"] == [("sale-t1-1", 1, "milk", "sku-milk", "a milk", 1000, 250, "A")]
    assert found["sale_tenders"] == [("sale-t1-1", 1, "cash", 250, "")]
    assert found["receipt_series"] == [("t1", 1)]
    assert found["stock"] == [("a", 5, 9), ("milk", -1000, None)]


def test_what_was_changed_behind_its_back_is_told_and_mended(sold):
    before = tables(sold)
    connection = sqlite3.connect(sold)
    connection.execute("UPDATE stock SET on_hand_milli = 99 WHERE product = 'a'")
    connection.execute("DELETE FROM sale_lines")
    connection.commit()
    connection.close()
    seen = []
    report = rebuild(sold, lambda done, total: seen.append((done, total)))
    assert report.changed == ("sale_lines", "stock")
    assert Difference(table="stock", before=("a", 99, 9), after=None) in report.differences
    assert Difference(table="stock", before=None, after=("a", 5, 9)) in report.differences
    assert tables(sold) == before
    assert seen == [(3, 3)]
    assert rebuild(sold).differences == ()


def test_an_event_that_cannot_be_read_leaves_the_tables_alone(sold):
    connection = sqlite3.connect(sold)
    connection.execute("DROP TRIGGER journal_keeps_rows")
    connection.execute("UPDATE journal SET body = x'00' WHERE seq = 3")
    connection.commit()
    connection.close()
    before = tables(sold)
    with pytest.raises(Exception, match="cannot be read"):
        rebuild(sold)
    assert tables(sold) == before


def test_rebuilding_waits_for_the_hub_to_stop(sold):
    with Lock(sold), pytest.raises(JournalInUse):
        rebuild(sold)


def test_an_older_journal_is_brought_up_to_date_before_it_is_rebuilt(sold):
    """As version 4 left it: its sales stay, the tables of payments are there afterwards."""
    before = tables(sold)
    connection = sqlite3.connect(sold)
    connection.execute("DROP TABLE payments")
    connection.execute("DROP TABLE settlements")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = '0005_payments'")
    connection.execute("PRAGMA user_version = 4")
    connection.commit()
    connection.close()
    assert rebuild(sold).differences == ()
    assert tables(sold) == before
