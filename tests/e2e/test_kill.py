"""The daemon killed while eight tills sell and two printers print: nothing acknowledged is lost or doubled."""

import asyncio
import random
import signal

import pytest
from e2e_books import books_balance, pages_are_right, report
from e2e_clients import Heard, Tablet, drained, tablets
from e2e_forms import forms
from e2e_hub import BARCODES, printer
from e2e_paper import Printer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SALES_PER_LIFE_MAX = 6
"""Of one tablet."""
STOCK_MILLI = 1_000_000
DRAIN_S = 300.0
VICTIMS = {
    "daemon": {-signal.SIGKILL},
    "writer": set(range(1, 256)),  # systemd starts it again
    "term": {0},
}


class Moment:
    """When to strike: at the n-th request, answer or printed line of this life, or when everybody has sold enough."""

    def __init__(self, rng: random.Random) -> None:
        self.what = rng.choice(["request", "answer", "line", "end"])
        self.left = rng.randrange(1, {"request": 80, "answer": 80, "line": 400, "end": 2}[self.what])
        self.come = asyncio.Event()

    def count(self, what: str) -> None:
        if what == self.what and not self.come.is_set():
            self.left -= 1
            if self.left <= 0:
                self.come.set()


async def strike(hub, victim: str) -> int:
    """End it the way of this test; its exit status."""
    if victim == "writer":
        hub.kill_writer()
    else:
        hub.send(signal.SIGKILL if victim == "daemon" else signal.SIGTERM)
    return await hub.ended()


@pytest.mark.parametrize(
    ("victim", "kills"), [*forms(3, 100, "daemon"), *forms(1, 20, "writer"), *forms(1, 20, "term")]
)
async def test_ended_while_selling(make_hub, victim: str, kills: int) -> None:
    rng = random.Random(f"{victim}-{kills}")  # noqa: S311  # reproducible, not secret
    papers = [Printer(), Printer()]
    heard = Heard()
    moment = Moment(rng)
    heard.on_request = lambda: moment.count("request")
    heard.on_answer = lambda: moment.count("answer")
    async with papers[0].serve(), papers[1].serve():
        for paper in papers:
            paper.on_line = lambda: moment.count("line")
            paper.act("speed", 3000)
        hub = make_hub({f"till-{n}-printer": printer(paper.url) for n, paper in enumerate(papers, 1)})
        await hub.start()
        async with tablets(hub, *["till-1", "till-2"] * 4, heard=heard) as clients:
            await stock_up(clients[0])
            for _ in range(kills):
                moment = Moment(rng)
                async with asyncio.TaskGroup() as group:
                    selling = [group.create_task(sell_some(one, random.Random(rng.random()))) for one in clients]  # noqa: S311  # reproducible, not secret
                    coming = asyncio.create_task(moment.come.wait())
                    await asyncio.wait({coming, asyncio.gather(*selling)}, return_when=asyncio.FIRST_COMPLETED)
                    coming.cancel()
                    assert await strike(hub, victim) in VICTIMS[victim]
                    await hub.start()
            await drained(clients[0], DRAIN_S)
        await hub.stop()
    await books_balance(hub, heard, on_hand_milli=STOCK_MILLI)
    printed = pages_are_right(hub, heard, *papers)
    if victim == "term":
        assert printed["unknown"] == 0, "an orderly stop leaves nothing in doubt"
    report(victim=victim, kills=kills, sales=len(heard.sales), sent_again=heard.repeated, **printed)


async def sell_some(tablet: Tablet, rng: random.Random) -> None:
    for _ in range(rng.randrange(1, SALES_PER_LIFE_MAX + 1)):
        await tablet.sell_something(rng)


async def stock_up(tablet: Tablet) -> None:
    products = {code: (await tablet.get(f"/v1/products/by-barcode/{code}"))["product"]["id"] for code in BARCODES}
    lines = [{"product_id": product, "quantity_milli": STOCK_MILLI} for product in products.values()]
    await tablet.do("POST", "/v1/stock/counts", {"lines": lines, "reason": "opening"})
