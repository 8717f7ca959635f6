"""The correctness bar: nothing lost, nothing printed twice, in order, whatever the printer and the plug do."""

import asyncio

import pytest

from edge_hub.errors import NotFound
from edge_hub.journal.errors import JournalBusy, JournalUnavailable
from edge_hub.sdk.document import Document, Text
from edge_hub.sdk.errors import DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import Proof
from edge_hub.services.printing.commands import (
    CancelJob,
    FinishJob,
    LoseJob,
    RequeueJob,
    ResolveJob,
    StartJob,
)
from edge_hub.services.printing.job import JobStateConflict, Resolution
from edge_hub.services.printing.lane import JOURNAL_RETRY_S, RELOOK_S
from edge_hub.services.printing.ledger import WAITING


async def test_ten_jobs_accepted_while_the_printer_is_off_print_once_each_in_order(shop):
    shop.devices["front"].change(state="offline")
    shop.devices["back"].change(state="offline")
    await shop.start()
    jobs = [await shop.add() for _ in range(10)]
    await shop.wait(3600)
    assert shop.states(jobs) == ["queued"] * 10
    shop.devices["front"].change(state="ready")
    await shop.settle()
    assert shop.printed() == [f"page {n}" for n in range(1, 11)]
    assert shop.states(jobs) == ["done"] * 10
    assert shop.journal.count(StartJob) == 10


async def test_catches_up_at_start_without_any_wake(shop):
    jobs = [await shop.add() for _ in range(3)]
    await shop.start()
    assert shop.states(jobs) == ["done"] * 3


async def test_started_durably_before_the_first_byte(shop):
    printer = shop.devices["front"].printer
    printer.hold = asyncio.Event()
    await shop.start()
    job = await shop.add()
    await shop.settle()
    assert (len(printer.begun), shop.state(job)) == (1, "sending")
    assert shop.lanes.progress_ms(job) == shop.clock.now_ms()
    printer.hold.set()
    await shop.settle()
    assert shop.state(job) == "done"
    assert shop.lanes.progress_ms(job) is None


@pytest.mark.parametrize("stop_at", [StartJob, FinishJob, "printing"])
@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_a_crash_leaves_exactly_the_job_in_hand_unknown(shop, stop_at, nth):
    """The plug is pulled while the nth job is about to start, prints, or is about to be finished."""
    printer, reached = shop.devices["front"].printer, asyncio.Event()
    plain = shop.journal.submit

    async def submit(command, **kwargs):
        if type(command) is stop_at and shop.journal.count(StartJob) == (nth - 1 if stop_at is StartJob else nth):
            reached.set()
            await asyncio.Event().wait()
        return await plain(command, **kwargs)

    class Hold:
        async def wait(self):
            if stop_at == "printing" and len(printer.begun) == nth:
                reached.set()
                await asyncio.Event().wait()

    shop.journal.submit, printer.hold = submit, Hold()
    jobs = [await shop.add() for _ in range(4)]
    await shop.start()
    await reached.wait()
    printer.hold = None
    await shop.restart()

    states = shop.states(jobs)
    assert states.count("unknown") == (0 if stop_at is StartJob else 1)
    assert all(state == "done" for n, state in enumerate(states, 1) if n != nth)
    assert len(printer.begun) == 4
    for title in {document.title for document in printer.printed}:
        assert shop.printed().count(title) == 1


async def test_a_crash_after_start_was_written_and_before_any_byte_is_unknown_too(shop):
    plain, reached = shop.journal.submit, asyncio.Event()

    async def submit(command, **kwargs):
        answer = await plain(command, **kwargs)
        if isinstance(command, StartJob):
            reached.set()
            await asyncio.Event().wait()
        return answer

    shop.journal.submit = submit
    first, second = await shop.add(), await shop.add()
    await shop.start()
    await reached.wait()
    await shop.restart()
    assert (shop.state(first), shop.state(second)) == ("unknown", "done")
    assert shop.printed() == ["page 2"]


async def test_unknown_is_never_repeated_by_itself_and_does_not_hold_up_the_rest(shop):
    shop.devices["front"].printer.fails = [DeviceTimeout("silent after 300 bytes")]
    await shop.start()
    first, second = await shop.add(), await shop.add()
    await shop.settle()
    assert (shop.state(first), shop.state(second)) == ("unknown", "done")
    job = shop.jobs.get(first)
    assert (job.error_code, job.error_text) == ("TIMEOUT", "silent after 300 bytes")
    await shop.wait(10 * RELOOK_S)
    await shop.restart()
    assert shop.state(first) == "unknown"
    assert shop.printed() == ["page 2"]


async def test_resolved_by_a_person(shop, words_of_printing):
    shop.devices["front"].printer.fails = [DeviceLost("unplugged")] * 3
    await shop.start()
    printed, again, dropped = [await shop.add() for _ in range(3)]
    await shop.settle()
    await shop.journal.submit(ResolveJob(job=printed, resolution=Resolution.PRINTED))
    new = await shop.journal.submit(ResolveJob(job=again, resolution=Resolution.REPRINT))
    await shop.journal.submit(ResolveJob(job=dropped, resolution=Resolution.CANCEL))
    await shop.settle()
    assert shop.states([printed, again, dropped, new.id]) == ["done", "cancelled", "cancelled", "done"]
    assert shop.jobs.get(printed).proof == "person"
    assert new.possible_duplicate
    (page,) = shop.devices["front"].printer.printed
    assert page.blocks[0].text == words_of_printing("en").text("print.possible_duplicate")
    assert page.blocks[-1] == Text(text="page 2")
    with pytest.raises(JobStateConflict):
        await shop.journal.submit(ResolveJob(job=again, resolution=Resolution.REPRINT))


async def test_a_refusal_waits_for_the_device_without_a_storm(shop):
    device = shop.devices["front"]
    device.printer.fails = [DeviceRefused("cover open", error_code=ErrorCode.COVER_OPEN)]
    device.printer.order.clear()
    shop.fallbacks.clear()
    await shop.start()
    job, other = await shop.add(), await shop.add()
    await shop.settle()
    assert shop.states([job, other]) == ["queued", "queued"]
    assert shop.jobs.get(job).error_code == "COVER_OPEN"
    device.change(online=False, cover_open=True)
    await shop.wait(3600)
    assert shop.journal.count(StartJob) == 1
    device.change(online=True, cover_open=False)
    await shop.settle()
    assert shop.states([job, other]) == ["done", "done"]
    assert shop.printed() == ["page 1", "page 2"]


async def test_a_printer_that_refuses_while_it_says_ready_is_asked_seldom(shop):
    device = shop.devices["front"]
    device.printer.fails = [DeviceRefused("no")] * 1000
    shop.fallbacks.clear()
    await shop.start()
    job = await shop.add()
    for _ in range(100):
        device.change()
        await shop.wait(1)
    assert 3 <= shop.journal.count(StartJob) <= 8
    device.printer.fails.clear()
    device.change()
    await shop.wait(RELOOK_S)
    assert shop.state(job) == "done"
    assert shop.jobs.get(job).error_code == ""


async def test_without_any_device_wake_it_looks_again_slowly(shop):
    device = shop.devices["front"]
    device.printer.fails = [DeviceRefused("no")]
    shop.fallbacks.clear()
    await shop.start()
    job = await shop.add()
    await shop.wait(RELOOK_S - 1)
    assert shop.state(job) == "queued"
    await shop.wait(2)
    assert shop.state(job) == "done"


async def test_a_lost_wake_costs_a_relook_at_most(shop):
    device = shop.devices["front"]
    device.state = "offline"
    await shop.start()
    job = await shop.add()
    device.state = "ready"
    await shop.wait(RELOOK_S + 1)
    assert shop.state(job) == "done"


async def test_falling_behind_the_bus_loses_nothing(shop):
    device = shop.devices["front"]
    await shop.start()
    device.state = "offline"
    jobs = [await shop.add() for _ in range(3)]
    device.state = "ready"
    for _ in range(1100):
        device.change()
    await shop.settle()
    assert shop.states(jobs) == ["done"] * 3


@pytest.mark.parametrize(("proof", "state"), [(Proof.STATUS_AFTER, "done"), (Proof.SENT, "sent")])
async def test_how_it_is_known(shop, proof, state):
    shop.devices["front"].printer.proof = proof
    await shop.start()
    job = await shop.add()
    await shop.settle()
    assert (shop.state(job), shop.jobs.get(job).proof) == (state, proof.value)


async def test_receipts_are_drawn_when_they_print(shop):
    await shop.start()
    drawn = await shop.add(packed=b"\xc1")
    await shop.settle()
    assert shop.state(drawn) == "refused"  # 0xc1 is no msgpack: damage is refused, not retried
    shop.journal.execute(
        "INSERT INTO jobs (id, device, kind, state, title, origin, created_ms, updated_ms)"
        " VALUES ('r', 'front', 'print', 'queued', 'R', 'sale:1', 0, 0)"
    )
    await shop.wait(RELOOK_S)
    assert shop.devices["front"].printer.printed == [Document(blocks=(Text(text="sale:1"),), title="R")]


@pytest.mark.parametrize("error", [NotFound("no such sale"), KeyError("layout")])
async def test_what_cannot_be_drawn_is_refused_for_good(shop, error):
    async def documents(job):
        raise error

    shop.documents_of = documents
    shop.journal.execute(
        "INSERT INTO jobs (id, device, kind, state, title, origin, created_ms, updated_ms)"
        " VALUES ('r', 'front', 'print', 'queued', 'R', 'sale:1', 0, 0)"
    )
    await shop.start()
    job = await shop.add()
    await shop.settle()
    assert (shop.state("r"), shop.state(job)) == ("refused", "done")


@pytest.mark.parametrize("error", [JournalBusy(retry_after_s=1), JournalUnavailable("disk-full")])
async def test_what_cannot_be_drawn_just_now_is_drawn_later(shop, error):
    asked = []

    async def documents(job):
        asked.append(job.id)
        if len(asked) == 1:
            raise error
        return Document(blocks=(Text(text=job.origin),), title="R")

    shop.documents_of = documents
    shop.journal.execute(
        "INSERT INTO jobs (id, device, kind, state, title, origin, created_ms, updated_ms)"
        " VALUES ('r', 'front', 'print', 'queued', 'R', 'sale:1', 0, 0)"
    )
    await shop.start()
    await shop.settle()
    assert shop.state("r") == "queued"
    await shop.wait(JOURNAL_RETRY_S)
    assert (shop.state("r"), len(asked)) == ("done", 2)


async def test_outcomes_wait_for_the_journal(shop, unavailable):
    shop.journal.failing = {FinishJob: unavailable}
    await shop.start()
    first, second = await shop.add(), await shop.add()
    await shop.wait(100)
    assert (shop.state(first), shop.state(second)) == ("sending", "queued")
    assert shop.printed() == ["page 1"]
    shop.journal.failing = {}
    await shop.wait(JOURNAL_RETRY_S)
    assert shop.states([first, second]) == ["done", "done"]
    assert shop.printed() == ["page 1", "page 2"]


async def test_nothing_prints_while_the_journal_takes_nothing(shop, unavailable):
    await shop.start()
    shop.journal.failing = {StartJob: unavailable}
    job = await shop.add()
    await shop.wait(100)
    assert shop.devices["front"].printer.begun == []
    shop.journal.failing = {}
    await shop.wait(JOURNAL_RETRY_S)
    assert shop.state(job) == "done"


async def test_what_the_printer_can_never_print_does_not_hold_up_the_rest(shop):
    await shop.start()
    refusal = DeviceRefused("the printer does not understand the page", error_code=ErrorCode.ILLEGAL)
    shop.devices["front"].printer.fails.append(refusal)
    jobs = [await shop.add(text) for text in ("odd", "next")]
    await shop.settle()
    assert shop.states(jobs) == ["refused", "done"]
    assert shop.jobs.get(jobs[0]).error_text == refusal.detail


async def test_cancelled_before_it_starts(shop):
    shop.devices["front"].change(state="offline")
    await shop.start()
    job = await shop.add()
    await shop.journal.submit(CancelJob(job=job))
    shop.devices["front"].change(state="ready")
    await shop.settle()
    assert (shop.state(job), shop.printed()) == ("cancelled", [])


async def test_cancelled_at_the_very_last_moment(shop):
    plain = shop.journal.submit

    async def submit(command, **kwargs):
        if isinstance(command, StartJob):
            await plain(CancelJob(job=command.job))
        return await plain(command, **kwargs)

    shop.journal.submit = submit
    await shop.start()
    job = await shop.add()
    await shop.settle()
    assert (shop.state(job), shop.printed()) == ("cancelled", [])
    assert shop.journal.count(LoseJob) == shop.journal.count(RequeueJob) == 0


async def test_stop_finishes_what_is_in_hand_and_begins_nothing(shop):
    printer = shop.devices["front"].printer
    printer.hold = asyncio.Event()
    await shop.start()
    first, second = await shop.add(), await shop.add()
    await shop.settle()
    shop.lanes.stop()
    await shop.settle()
    assert not shop._task.done()
    printer.hold.set()
    await shop.stopped()
    assert (shop.state(first), shop.state(second)) == ("done", "queued")


async def test_the_waiting_queries_use_the_index(shop):
    query = f"SELECT id FROM jobs WHERE device = 'd' AND kind = 'print' AND {WAITING} ORDER BY priority DESC, lane_order LIMIT 1"  # noqa: S608  # the lanes' own SQL
    plan = shop.journal.rows("EXPLAIN QUERY PLAN " + query)
    assert len(plan) == 1
    assert "jobs_waiting" in plan[0][3]
