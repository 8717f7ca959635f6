import asyncio

import pytest
from pydantic import ValidationError

from drivers.escpos import DRIVER
from edge_hub.sdk.document import Align, Cell, Cut, Document, Row, Rule, Text
from edge_hub.sdk.errors import DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import DrawerChanged, DrawerState, Noted, PrinterChanged, Proof
from edge_hub.sdk.printing.talk import PROGRESS_S
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER

RECEIPT = Document(
    blocks=(
        Text(text="Soy milk shop", align=Align.CENTER),
        Rule(),
        Row(cells=(Cell(text="Milk", weight=1), Cell(text="35.00", align=Align.RIGHT))),
        Cut(),
    )
)
LONG = Document(blocks=(*(Text(text=f"line {n}") for n in range(400)), Cut()))


def nothing():
    pass


def printing(device, document=RECEIPT, progress=nothing):
    return asyncio.ensure_future(device.role(POS_PRINTER).print_document(document, progress=progress))


async def test_a_receipt_prints_and_the_process_id_proves_it(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        printed = await b.passing(printing(device))
    assert printed.proof is Proof.PROCESS_ID
    (page,) = b.simulator.pages
    assert page[0].strip() == "Soy milk shop"
    assert page[2] == "Milk" + " " * 39 + "35.00"
    assert b.simulator.state()["unknown_commands"] == 0


@pytest.mark.parametrize(("fault", "proof"), [("no_process_id", Proof.STATUS_AFTER), ("no_asb", Proof.STATUS_AFTER)])
async def test_lesser_printers_give_lesser_proof(bench, fault, proof):
    b = bench(DRIVER)
    b.simulator.set_fault(fault, True)
    async with b.plugged() as device:
        printed = await b.passing(printing(device))
        assert printed.proof is proof
        assert len(b.simulator.pages) == 1
    assert b.heard(Noted)


async def test_a_printer_without_a_back_channel_ends_as_sent(bench):
    b = bench(DRIVER, status="none")
    b.simulator.set_fault("silent", True)
    async with b.plugged() as device:
        assert (await b.passing(printing(device))).proof is Proof.SENT
        await b.settle()
        assert len(b.simulator.pages) == 1


async def test_a_silent_printer_is_not_opened(bench):
    b = bench(DRIVER)
    b.simulator.set_fault("silent", True)
    with pytest.raises(DeviceTimeout):
        async with b.plugged():
            pass


@pytest.mark.parametrize(
    ("fault", "code"),
    [("cover_open", ErrorCode.COVER_OPEN), ("paper_end", ErrorCode.REC_EMPTY), ("offline", ErrorCode.OFFLINE)],
)
@pytest.mark.parametrize("clone", [False, True])
async def test_not_ready_is_refused_before_the_first_byte(bench, fault, code, clone):
    b = bench(DRIVER)
    if clone:
        b.simulator.set_fault("no_asb", True)
    async with b.plugged() as device:
        b.simulator.set_fault(fault, True)
        with pytest.raises(DeviceRefused) as refused:
            await b.passing(printing(device))
        assert refused.value.error_code is code
        b.simulator.set_fault(fault, False)
        await b.passing(printing(device))
    assert len(b.simulator.pages) == 1


async def test_opened_while_out_of_paper_it_works_once_there_is_some(bench):
    b = bench(DRIVER)
    b.simulator.set_fault("paper_end", True)
    async with b.plugged() as device:
        assert b.heard(PrinterChanged)[-1].status.paper_end
        with pytest.raises(DeviceRefused):
            await b.passing(printing(device))
        b.simulator.act("load_paper", "")
        await b.settle()
        assert (await b.passing(printing(device))).proof is Proof.PROCESS_ID
    assert len(b.simulator.pages) == 1


@pytest.mark.parametrize("clone", [False, True])
async def test_paper_end_in_mid_receipt_waits_for_a_person(bench, clone):
    b = bench(DRIVER)
    if clone:
        b.simulator.set_fault("no_asb", True)
    calls = []
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "150")
        job = printing(device, LONG, lambda: calls.append(1))
        for _ in range(600):
            await b.settle(10)
            await b.clock.advance(1)
        assert not job.done()
        assert b.heard(PrinterChanged)[-1].status.paper_end
        b.simulator.act("load_paper", "")
        await b.passing(job)
    assert len(b.simulator.pages[0]) == 400
    assert calls


async def test_a_slow_long_receipt_is_not_timed_out(bench):
    b = bench(DRIVER, text="native")
    async with b.plugged(bytes_max=256) as device:
        await b.passing(printing(device, LONG), step_s=0)
    assert len(b.simulator.pages[0]) == 400


async def test_reset_in_mid_receipt_is_lost_not_done(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "50")
        job = printing(device, LONG)
        await b.settle(300)
        b.simulator.act("load_paper", "")
        b.simulator.set_fault("reset", True)
        with pytest.raises(DeviceLost):
            await b.passing(job)
    async with b.plugged() as device:
        await b.passing(printing(device))
    torn, whole = b.simulator.pages
    assert torn[0] == "line 0"
    assert next(line.strip() for line in whole) == "Soy milk shop"


async def test_going_silent_in_mid_receipt_times_out(bench):
    b = bench(DRIVER)
    async with b.plugged(bytes_max=64) as device:
        job = printing(device, LONG)
        await b.settle(40)
        b.simulator.set_fault("silent", True)
        with pytest.raises((DeviceTimeout, DeviceLost)):
            await b.passing(job)


async def test_a_cutter_jam_is_recovered_after_a_person_cleared_it(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "50")
        job = printing(device, LONG)
        await b.settle(300)
        b.simulator.set_fault("cutter_error", True)
        b.simulator.act("load_paper", "")
        await b.clock.advance(30)
        await b.settle()
        assert b.heard(PrinterChanged)[-1].status.cutter_error
        b.simulator.set_fault("cutter_error", False)
        await b.passing(job)
    assert len(b.simulator.pages) == 1


async def test_a_half_sent_picture_does_not_eat_the_next_job(bench):
    b = bench(DRIVER)
    b.simulator.engine.receive(b"\x1dv0\x00\x48\x00\x40\x00" + bytes(100))
    async with b.plugged() as device:
        await b.passing(printing(device))
    assert b.simulator.pages[-1][-1].startswith("Milk")


@pytest.mark.parametrize("level", ["high", "low", "unknown"])
@pytest.mark.parametrize("clone", [False, True])
async def test_the_drawer_opens_and_says_so(bench, level, clone):
    b = bench(DRIVER, drawer_open_level=level)
    if clone:
        b.simulator.set_fault("no_asb", True)
    async with b.plugged() as device:
        drawer = device.role(CASH_DRAWER)
        assert await b.passing(drawer.open_drawer(), 0.05) is DrawerState.OPEN
        b.simulator.act("close_drawer", "")
        await b.clock.advance(5)
        await b.settle()
        assert b.heard(DrawerChanged)[-1].state is DrawerState.CLOSED
    assert b.simulator.state()["kicks"] == 1


async def test_what_was_learned_of_the_drawer_is_known_after_a_reconnect(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        await b.passing(device.role(CASH_DRAWER).open_drawer(), 0.05)
    async with b.plugged() as device:
        assert (await b.passing(device.role(POS_PRINTER).status())).drawer is DrawerState.OPEN


async def test_a_level_learned_while_somebody_shut_the_drawer_is_given_up(bench):
    b = bench(DRIVER)
    engine = b.simulator.engine
    async with b.plugged() as device:
        drawer = device.role(CASH_DRAWER)
        b.simulator.act("open_drawer", "")
        moved, engine.move_drawer = engine.move_drawer, lambda **_: moved(is_open=False)
        await b.passing(drawer.open_drawer(), 0.05)
        engine.move_drawer = moved
        said = []
        for _ in range(3):
            b.simulator.act("close_drawer", "")
            await b.clock.advance(5)
            await b.settle()
            said.append(await b.passing(drawer.open_drawer(), 0.05))
    assert said[1:] == [DrawerState.OPEN, DrawerState.OPEN]


async def test_a_jammed_drawer_reads_closed(bench):
    b = bench(DRIVER, drawer_open_level="high")
    b.simulator.set_fault("drawer_jam", True)
    async with b.plugged() as device:
        assert await b.passing(device.role(CASH_DRAWER).open_drawer(), 0.05) is DrawerState.CLOSED


async def test_an_unplugged_printer_ends_run(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        run = asyncio.ensure_future(device.run())
        await b.settle()
        b.ends[1].unplug()
        with pytest.raises(DeviceLost):
            await b.passing(run)
        with pytest.raises(DeviceRefused):
            await b.passing(printing(device))


async def test_a_printer_that_answers_in_order_only(bench, monkeypatch):
    b = bench(DRIVER)
    monkeypatch.setattr(b.simulator.engine, "_real_time_status", lambda _: b"")
    async with b.plugged() as device:
        assert (await b.passing(printing(device))).proof is Proof.PROCESS_ID
        await b.clock.advance(200)
        await b.settle()
        b.simulator.set_fault("cover_open", True)
        await b.settle()
        with pytest.raises(DeviceRefused):
            await b.passing(printing(device))
        b.simulator.set_fault("cover_open", False)
        await b.settle()
        await b.passing(printing(device))
    assert len(b.simulator.pages) == 2


async def test_a_status_lost_on_the_way_is_asked_for(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.set_fault("paper_end", True)
        await b.settle()
        b.simulator.engine.load_paper()
        b.simulator.engine.take_answers()
        await b.passing(printing(device))
    assert len(b.simulator.pages) == 1


async def test_a_wire_lost_before_the_first_byte_is_a_refusal(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.ends[1].unplug()
        with pytest.raises(DeviceRefused):
            await b.passing(printing(device))


async def test_a_job_cut_short_does_not_spoil_the_next(bench):
    b = bench(DRIVER, text="raster")
    async with b.plugged(bytes_max=128) as device:
        job = printing(device)
        await b.settle(300)
        b.simulator.set_fault("paper_end", True)
        await b.settle()
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        b.simulator.act("load_paper", "")
        await b.settle()
        await b.passing(printing(device))
    assert b.simulator.state()["unknown_commands"] == 0
    assert b.simulator.pages[-1]


async def test_a_kick_between_the_pieces_of_a_receipt(bench):
    b = bench(DRIVER, drawer_open_level="high")
    async with b.plugged(bytes_max=64) as device:
        job = printing(device, LONG)
        await b.settle(30)
        kick = asyncio.ensure_future(device.role(CASH_DRAWER).open_drawer())
        await b.passing(job, 0)
        assert await b.passing(kick, 0.05) is DrawerState.OPEN
    assert len(b.simulator.pages[0]) == 400
    assert b.simulator.state()["unknown_commands"] == 0


async def test_a_kick_while_the_paper_is_out_is_refused(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.set_fault("paper_end", True)
        await b.settle()
        with pytest.raises(DeviceRefused):
            await b.passing(device.role(CASH_DRAWER).open_drawer())
    assert b.simulator.state()["kicks"] == 0


def test_settings_are_checked():
    for wrong in ({"columns": 60}, {"code_pages": ["x"]}, {"status": "none", "proof": "process_id"}, {"width": 1}):
        with pytest.raises(ValidationError):
            DRIVER.options(**wrong)
    simulator = DRIVER.simulator(DRIVER.options())
    with pytest.raises(KeyError):
        simulator.act("no", "")
    with pytest.raises(KeyError):
        simulator.set_fault("no", True)
    assert simulator.picture() is None


@pytest.mark.parametrize("fault", ["no_process_id", "no_asb"])
async def test_a_printer_that_answers_but_does_not_go_on_is_given_up(bench, fault):
    """Asking it is no progress: a clone, which is asked all the time, hangs no longer than others."""
    b = bench(DRIVER)
    b.simulator.set_fault(fault, True)
    async with b.plugged() as device:
        b.simulator.act("speed", "0.0001")
        since = b.clock.monotonic()
        with pytest.raises(DeviceTimeout, match="does not go on"):
            await b.passing(printing(device))
        assert PROGRESS_S <= b.clock.monotonic() - since <= PROGRESS_S + 5
