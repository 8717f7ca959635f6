"""What a sale of five lines costs in the writer: the journal's core in this process, batches as the daemon runs them.

"Python" is the thread's processor time less that inside SQLite (by standing in for the cursor), so that waiting for
the disk and for other processes does not count.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.catalogue_import import SETTINGS
from benchmarks.figures import Figure
from edge_hub.domain.ids import TillId
from edge_hub.domain.money import Money
from edge_hub.domain.tender import Tender
from edge_hub.journal.commands import Actor, Envelope
from edge_hub.journal.core import BATCH_MAX, Core
from edge_hub.services.catalogue.commands import ApplyImport, Origin, ProductRow
from edge_hub.services.checkout.commands import AddLine, OpenBasket, Sell, SellLine
from edge_hub.services.handlers import HANDLERS

SALES = 3000
PRODUCTS = 400
LINES = 5


class Stopwatch:
    """The writer's cursor, with the time spent in it added up."""

    def __init__(self, cursor):
        self._cursor, self.seconds, self.calls = cursor, 0.0, 0
        self.fetchone, self.fetchall = cursor.fetchone, cursor.fetchall

    def execute(self, sql, params=()):
        begun = time.thread_time()
        self._cursor.execute(sql, params)
        self.seconds += time.thread_time() - begun
        self.calls += 1
        return self._cursor

    def executemany(self, sql, rows):
        begun = time.thread_time()
        self._cursor.executemany(sql, rows)
        self.seconds += time.thread_time() - begun
        self.calls += 1
        return self._cursor


def catalogue():
    rows = tuple(
        ProductRow(
            line=n, sku=f"SKU-{n}", name=f"Product {n}", price=25 + n, tax_code="standard", barcodes=[f"{n:012}"]
        )
        for n in range(PRODUCTS)
    )
    return ApplyImport(origin=Origin(source="bench", sha256="", products=PRODUCTS, prices=0), products=rows, prices=())


def sale(number):
    codes = (f"{(number * 7 + line) % PRODUCTS:012}" for line in range(LINES))
    lines = tuple(SellLine(barcode=code, quantity_milli=1000) for code in codes)
    return Sell(till=TillId("t1"), lines=lines, tenders=(Tender(type="cash", amount=Money(9999, "TWD")),))


def run(core, envelopes):
    done = core.run(envelopes)
    assert all(good for good, _ in done.answers), done
    return done.answers


def figures(folder: Path) -> Iterator[Figure]:
    core = Core(folder / "hub.db", HANDLERS, SETTINGS, lambda: time.time_ns() // 1_000_000)
    core.open()
    run(core, [Envelope(command=catalogue(), at_ms=1)])
    actor = Actor(client="bench", staff="s")
    for batch in (1, 8, BATCH_MAX):
        now_ms = time.time_ns() // 1_000_000
        envelopes = [
            Envelope(command=sale(n), at_ms=now_ms, actor=actor, key=f"{batch}-{n:06}", fingerprint=b"f")
            for n in range(SALES)
        ]
        run(core, envelopes[:BATCH_MAX])
        watch = core._work.cursor = Stopwatch(core._work.cursor)  # noqa: SLF001  # the writer has no public place to look into
        begun, worked = time.perf_counter(), time.thread_time()
        for start in range(BATCH_MAX, SALES, batch):
            run(core, envelopes[start : start + batch])
        took, worked, count = time.perf_counter() - begun, time.thread_time() - worked, SALES - BATCH_MAX
        core._work.cursor = watch._cursor  # noqa: SLF001  # the writer has no public place to look into
        name = f"writer's core, batches of {batch}"
        yield Figure(name=name, value=count / took, unit="sales/s")
        yield Figure(name=f"{name}: Python", value=(worked - watch.seconds) / count * 1e6, unit="us a sale")
        yield Figure(name=f"{name}: SQLite", value=watch.seconds / count * 1e6, unit="us a sale")
    yield Figure(name="a scanned line, batches of 10", value=scans(core, actor, SALES // 4), unit="us")
    core.close()


def scans(core, actor, count):
    """A line added to a basket of up to ten, with the answer's totals and warnings, in microseconds."""
    spent, done = 0.0, 0
    while done < count:
        ((_, view),) = run(core, [Envelope(command=OpenBasket(till=TillId("t1")), at_ms=1, actor=actor)])
        codes = (f"{(done + n) % PRODUCTS:012}" for n in range(10))
        commands = (AddLine(basket=view.basket.id, barcode=code) for code in codes)
        envelopes = [Envelope(command=command, at_ms=1, actor=actor) for command in commands]
        start = time.perf_counter()
        run(core, envelopes)
        spent += time.perf_counter() - start
        done += 10
    return spent / done * 1e6
