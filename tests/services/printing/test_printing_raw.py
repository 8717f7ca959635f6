"""Pages in a printer's own language: their place in the lane, and what they may not do."""

import pytest

from edge_hub.sdk.document import Document
from edge_hub.sdk.errors import DeviceLost
from edge_hub.sdk.messages import Printed, Proof
from edge_hub.services.printing.commands import ResolveJob
from edge_hub.services.printing.job import Resolution
from edge_hub.services.printing.pack import RawPage, pack, unpack_page

PAGE = pack(RawPage(data=b"\x1b@x\n"))


@pytest.fixture
def taken(shop):
    """What printers got as raw pages; an exception put into it is raised by the next one."""
    got = []

    async def print_raw(data, *, heading, progress):
        if got and isinstance(got[-1], Exception):
            raise got.pop()
        got.append((data, heading))
        shop.devices["front"].printer.order.append("raw")
        return Printed(proof=Proof.PROCESS_ID)

    for device in shop.devices.values():
        device.printer.print_raw = print_raw
    return got


def test_a_packed_page_is_told_from_a_document():
    document = Document(blocks=())
    assert unpack_page(pack(document)) == document
    assert unpack_page(PAGE) == RawPage(data=b"\x1b@x\n")


async def test_it_prints_in_its_turn(shop, taken):
    jobs = [await shop.add("before"), await shop.add(packed=PAGE), await shop.add("after")]
    await shop.start()
    await shop.settle()
    assert shop.states(jobs) == ["done"] * 3
    assert shop.devices["front"].printer.order == ["before", "raw", "after"]
    assert taken == [(b"\x1b@x\n", None)]


async def test_a_reprint_of_a_page_in_doubt_says_so(shop, taken):
    taken.append(DeviceLost("gone"))
    job = await shop.add(packed=PAGE)
    await shop.start()
    await shop.settle()
    assert shop.state(job) == "unknown"
    again = await shop.journal.submit(ResolveJob(job=job, resolution=Resolution.REPRINT))
    await shop.settle()
    assert shop.state(again.id) == "done"
    ((data, heading),) = taken
    assert data == b"\x1b@x\n"
    assert "DUPLICATE" in str(heading.blocks).upper()


async def test_it_waits_for_its_own_printer(shop, taken):
    await shop.start()
    shop.devices["front"].change(state="offline")
    jobs = [await shop.add(packed=PAGE), await shop.add("page")]
    await shop.wait(60)
    assert shop.states(jobs) == ["queued", "done"]
    assert shop.printed("back") == ["page"]
    assert taken == []


async def test_a_device_that_takes_none_refuses_it_and_goes_on(shop):
    await shop.start()
    shop.devices["front"].role = lambda role: None if role.name == "raw_printer" else shop.devices["front"].printer
    jobs = [await shop.add(packed=PAGE), await shop.add("page")]
    await shop.settle()
    assert shop.states(jobs) == ["refused", "done"]
    assert shop.jobs.get(jobs[0]).error_code == "ILLEGAL"
