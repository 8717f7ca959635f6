"""Printers in trouble, on real wires: every page comes out once, or the hub says that it does not know."""

import asyncio
import random
import signal
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from e2e_books import pages_are_right
from e2e_clients import Heard, device, drained, jobs, tablets, until
from e2e_forms import forms, only_long
from e2e_hub import BARCODES, printer
from e2e_paper import DUPLICATE, Papers, Printer

from edge_hub.devices.simulation import serve_pty

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NAME = "till-1-printer"
CODE = BARCODES[0]
BURST_SALES = 600
DRAIN_S = 240.0


@asynccontextmanager
async def shop(make_hub, paper, clients=1, **options):
    """A hub with one printer, which is already plugged in."""
    hub = make_hub({NAME: printer(paper.url, **options)})
    await hub.start()
    heard = Heard()
    async with tablets(hub, *["till-1"] * clients, heard=heard) as found:
        yield hub, found
        await hub.stop()


async def says(one, *words, state=None):
    """Wait until the hub says this of the printer, in words."""

    async def said():
        found = await device(one, NAME)
        return (state is None or found["state"] == state) and all(word in found["error_text"] for word in words)

    await until(one, said)


async def becomes(one, sale, *states, kind="print"):
    """Wait until the sale's job is in one of these states; the job."""

    async def there():
        for job in await jobs(one, *states, kind=kind):
            if job["id"] in sale["jobs"]:
                return job
        return None

    return await until(one, there)


def count(paper, sale):
    return Papers(paper).whole[sale["receipt_label"]]


BEFORE = {
    "paper_end": "paper has run out",
    "cover_open": "cover is open",
    "cutter_error": "cutter is stuck",
    "offline": "offline",
}


async def test_a_printer_in_trouble_before_a_receipt(make_hub):
    paper = Printer()
    async with paper.serve(), shop(make_hub, paper) as (_, (one,)):
        for fault, words in BEFORE.items():
            paper.fault(fault)
            await says(one, words, state="ready")
            sale = await one.sell([CODE])
            assert (await becomes(one, sale, "queued"))["attempts"] == 0
            assert count(paper, sale) == 0
            paper.fault(fault, on=False)
            await becomes(one, sale, "done")
            assert count(paper, sale) == 1, fault
            await says(one, "", state="ready")
            assert (await device(one, NAME))["error_text"] == ""


async def test_a_printer_in_trouble_in_the_middle_of_a_receipt(make_hub):
    paper = Printer()
    async with paper.serve(), shop(make_hub, paper) as (hub, (one,)):
        paper.act("paper_lines_left", 12)
        sale = await one.sell([CODE] * 8)
        await says(one, "paper has run out")
        assert (await becomes(one, sale, "sending"))["attempts"] == 1
        paper.act("load_paper")
        await becomes(one, sale, "done")
        assert count(paper, sale) == 1

        for fault in ("cover_open", "cutter_error"):
            at_line(paper, 7, lambda fault=fault: paper.fault(fault))
            sale = await one.sell([CODE] * 8)
            await says(one, BEFORE[fault])
            assert paper.unfinished
            paper.fault(fault, on=False)
            await becomes(one, sale, "done")
            assert count(paper, sale) == 1, fault

        at_line(paper, 7, lambda: paper.fault("reset"))
        lost = await one.sell([CODE] * 8)
        job = await becomes(one, lost, "unknown")
        assert "switched off" in job["error_text"] or "connection" in job["error_text"]
        after = await one.sell([CODE])
        await becomes(one, after, "done")
        assert (count(paper, lost), count(paper, after)) == (0, 1)
        assert Papers(paper).mixed == [], "the torn receipt was not cut off before the next one"
        again = await one.do("POST", f"/v1/jobs/{job['id']}/resolve", {"outcome": "reprint"})
        await drained(one)
        assert (await one.get(f"/v1/jobs/{again['id']}"))["state"] == "done"
        assert (await one.get(f"/v1/jobs/{job['id']}"))["state"] == "cancelled"
        assert Papers(paper).marked == {lost["receipt_label"]: 1}
        assert any(DUPLICATE in line.upper() for line in paper.pages[-1][:3])
        assert "Traceback" not in str(hub.lines)


def at_line(paper, number, act):
    """Do `act` once, when so many more lines were printed."""
    left = [number]

    def line():
        left[0] -= 1
        if left[0] == 0:
            act()

    paper.on_line = line


async def test_a_drawer_that_does_not_open(make_hub):
    paper = Printer()
    async with paper.serve(), shop(make_hub, paper) as (_, (one,)):
        paper.fault("drawer_jam")
        sale = await one.sell([CODE])
        job = await becomes(one, sale, "refused", kind="kick")
        assert job["error_text"] == "The drawer did not open."
        await becomes(one, sale, "done")
        paper.fault("drawer_jam", on=False)
        job = await one.do("POST", f"/v1/devices/{NAME}/open-drawer", {"reason": "change"})

        async def opened():
            return (await one.get(f"/v1/jobs/{job['id']}"))["state"] == "done"

        await until(one, opened)
        assert (await device(one, NAME))["drawer"] == "open"
        assert paper.simulator.engine.kicks == 2


async def test_a_printer_switched_off_for_ten_receipts(make_hub):
    """Unplugged: connections are reset, then refused. Then plugged in, but mute. Then well."""
    paper = Printer()
    async with AsyncExitStack() as plugged:
        await plugged.enter_async_context(paper.serve())
        async with shop(make_hub, paper) as (hub, (one,)):
            await says(one, state="ready")
            await plugged.aclose()
            await says(one, state="offline")
            assert (await device(one, NAME))["error_text"]
            sales = [await one.sell([CODE]) for _ in range(10)]
            assert len(await jobs(one, "queued")) == 10
            paper.fault("silent")
            async with paper.serve():
                await says(one, "does not answer", state="offline")
                paper.fault("silent", on=False)
                await drained(one)
                labels = [sale["receipt_label"] for sale in sales]
                assert [
                    line.split()[-1] for page in paper.pages for line in page if line.startswith("Receipt")
                ] == labels
                assert all(count(paper, sale) == 1 for sale in sales)
                assert {job["state"] for job in await jobs(one)} == {"done"}
                lost = [line for line in hub.lines if f"{NAME} is offline" in line["event"]]
                assert len(lost) == 1, "each try of a device that is away is not worth a line"
                await hub.stop()


async def test_a_hub_killed_in_the_middle_of_a_receipt(make_hub):
    """What it left on the paper is cut off before the next receipt, which must not be handed over with it."""
    paper = Printer()
    paper.act("speed", 200)
    async with paper.serve(), shop(make_hub, paper) as (hub, (one,)):

        def pull_the_plug():
            hub.send(signal.SIGKILL)
            paper.cut_wire()

        at_line(paper, 8, pull_the_plug)
        torn = await one.sell([CODE] * 100)
        assert await hub.ended() == -signal.SIGKILL
        await hub.start()
        assert (await becomes(one, torn, "unknown"))["error_code"] == "INTERRUPTED"
        after = await one.sell([CODE])
        await becomes(one, after, "done")
        found = Papers(paper)
        assert (found.whole[torn["receipt_label"]], found.whole[after["receipt_label"]]) == (0, 1), paper.pages
        assert found.mixed == []
        assert len(found.torn) == 1


@pytest.mark.campaign
async def test_a_printer_that_falls_silent_in_the_middle_of_a_receipt(make_hub):
    """It takes the driver's patience, more than 20 s, to give up a printer that takes everything and says nothing."""
    paper = Printer()
    async with paper.serve(), shop(make_hub, paper) as (_, (one,)):
        at_line(paper, 5, lambda: paper.fault("silent"))
        sale = await one.sell([CODE] * 8)
        await becomes(one, sale, "unknown")
        paper.fault("silent", on=False)
        after = await one.sell([CODE])
        await becomes(one, after, "done")
        assert count(paper, sale) <= 1
        assert count(paper, after) == 1
        assert Papers(paper).mixed == []


async def test_twenty_receipts_over_a_serial_line(make_hub):
    paper = Printer()
    async with serve_pty(paper.simulator) as path:
        hub = make_hub({NAME: printer(f"serial://{path}")})
        await hub.start()
        async with tablets(hub, "till-1") as (one,):
            sales = [await one.sell([CODE]) for _ in range(20)]
            await drained(one)
            assert {job["state"] for job in await jobs(one)} == {"done"}
            assert [count(paper, sale) for sale in sales] == [1] * 20
            await hub.stop()


@pytest.mark.parametrize("kills", [only_long(0), *forms(1, 20)])
async def test_a_burst_of_receipts(make_hub, kills):
    """All are printed; with the hub killed meanwhile, none twice, and of those in hand at a kill it says so."""
    rng = random.Random(kills)  # noqa: S311  # reproducible, not secret
    paper = Printer()
    async with paper.serve(), shop(make_hub, paper, clients=8) as (hub, clients):

        async def burst(one):
            for _ in range(BURST_SALES // 8):
                await one.sell([rng.choice(BARCODES)])

        async with asyncio.TaskGroup() as group:
            for one in clients:
                group.create_task(burst(one))
        for _ in range(kills):
            struck = asyncio.Event()
            at_line(paper, rng.randrange(1, 12 * BURST_SALES // (kills + 1)), struck.set)
            async with asyncio.timeout(DRAIN_S):
                await struck.wait()
            await hub.kill()
            await hub.start()
        await drained(clients[0], DRAIN_S)
        await hub.stop()
    printed = pages_are_right(hub, clients[0].heard, paper)
    assert printed["unknown"] <= kills
    assert printed["pages"] >= BURST_SALES - printed["unknown"]
    print(printed)
