import asyncio

import pytest
from pydantic import ValidationError

from drivers.star import DRIVER
from edge_hub.sdk.document import Align, Cell, Cut, Document, Row, Rule, Text
from edge_hub.sdk.errors import DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import DrawerChanged, DrawerState, Noted, PrinterChanged, Proof
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER
from edge_hub.sdk.testing import WIRES, hold

RECEIPT = Document(
    blocks=(
        Text(text="Soy milk shop", align=Align.CENTER),
        Rule(),
        Row(cells=(Cell(text="Milk", weight=1), Cell(text="35.00", align=Align.RIGHT))),
        Cut(),
    )
)
LONG = Document(blocks=(*(Text(text=f"line {n} {'x' * 30}") for n in range(400)), Cut()))
COUNTERS = {
    Proof.PROCESS_ID: [(), ("no_document_counter",)],
    Proof.STATUS_AFTER: [("no_document_counter", "no_etb")],
}


def nothing():
    pass


def printing(device, document=RECEIPT, progress=nothing):
    return asyncio.ensure_future(device.role(POS_PRINTER).print_document(document, progress=progress))


def lesser(b, faults):
    for fault in faults:
        b.simulator.set_fault(fault, True)
    return b


@pytest.mark.parametrize("emulation", ["line", "prnt", "graphic"])
@pytest.mark.parametrize(
    ("faults", "proof"), [(faults, proof) for proof, models in COUNTERS.items() for faults in models]
)
async def test_a_receipt_prints_with_the_best_proof_the_model_gives(bench, emulation, faults, proof):
    b = lesser(bench(DRIVER, emulation=emulation), faults)
    async with b.plugged() as device:
        for _ in range(3):
            assert (await b.passing(printing(device))).proof is proof
    assert len(b.heard(Noted)) == 1
    assert len(b.simulator.pages) == 3
    assert b.simulator.state()["unknown_commands"] == 0
    if emulation != "graphic":
        assert b.simulator.pages[0][0].strip() == "Soy milk shop"
        assert b.simulator.pages[0][2] == "Milk" + " " * 39 + "35.00"


async def test_a_printer_without_a_back_channel_ends_as_sent(bench):
    b = lesser(bench(DRIVER, status="none"), ["silent"])
    async with b.plugged() as device:
        assert (await b.passing(printing(device))).proof is Proof.SENT
        await b.settle()
        assert len(b.simulator.pages) == 1
        assert await b.passing(device.role(CASH_DRAWER).open_drawer()) is DrawerState.UNKNOWN


async def test_a_silent_printer_is_not_opened(bench):
    b = lesser(bench(DRIVER), ["silent"])
    with pytest.raises(DeviceTimeout):
        async with b.plugged():
            pass


async def test_a_proof_the_model_does_not_give_is_an_error_not_a_lesser_proof(bench):
    b = lesser(bench(DRIVER, proof="etb"), ["no_etb"])
    with pytest.raises(DeviceTimeout, match="proof"):
        async with b.plugged():
            pass


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("cover_open", ErrorCode.COVER_OPEN),
        ("paper_end", ErrorCode.REC_EMPTY),
        ("offline", ErrorCode.OFFLINE),
        ("cutter", ErrorCode.CUTTER),
    ],
)
async def test_not_ready_is_refused_before_the_first_byte(bench, fault, code):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.set_fault(fault, True)
        with pytest.raises(DeviceRefused) as refused:
            await b.passing(printing(device))
        assert refused.value.error_code is code
        with pytest.raises(DeviceRefused):
            await b.passing(device.role(CASH_DRAWER).open_drawer())
        b.simulator.set_fault(fault, False)
        await b.passing(printing(device))
    assert len(b.simulator.pages) == 1
    assert b.simulator.state()["kicks"] == 0


async def test_opened_while_out_of_paper_it_works_once_there_is_some(bench):
    b = lesser(bench(DRIVER), ["paper_end"])
    async with b.plugged() as device:
        assert b.heard(PrinterChanged)[-1].status.paper_end
        with pytest.raises(DeviceRefused):
            await b.passing(printing(device))
        b.simulator.act("load_paper", "")
        assert (await b.passing(printing(device))).proof is Proof.PROCESS_ID
    assert len(b.simulator.pages) == 1


async def test_the_roll_nearly_empty_is_told(bench):
    b = bench(DRIVER)
    async with b.plugged():
        b.simulator.set_fault("near_end", True)
        await b.clock.advance(5)
        await b.settle()
        assert b.heard(PrinterChanged)[-1].status.paper_near_end
        assert b.heard(PrinterChanged)[-1].status.ready


@pytest.mark.parametrize("faults", [(), ("no_document_counter",), ("no_document_counter", "no_etb")])
async def test_paper_end_in_mid_receipt_waits_for_a_person(bench, faults):
    b = lesser(bench(DRIVER), faults)
    calls = []
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "150")
        job = printing(device, LONG, lambda: calls.append(1))
        for _ in range(300):
            await b.settle(10)
            await b.clock.advance(1)
        assert not job.done()
        assert b.heard(PrinterChanged)[-1].status.paper_end
        b.simulator.act("load_paper", "")
        await b.passing(job)
    assert len(b.simulator.pages[0]) == 400
    assert calls


async def test_a_cutter_jam_is_waited_for(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "50")
        job = printing(device, LONG)
        await b.settle(300)
        b.simulator.set_fault("cutter", True)
        b.simulator.act("load_paper", "")
        await b.clock.advance(60)
        await b.settle()
        assert b.heard(PrinterChanged)[-1].status.cutter_error
        b.simulator.set_fault("cutter", False)
        await b.passing(job)
    assert len(b.simulator.pages) == 1


@pytest.mark.parametrize("faults", [(), ("no_document_counter",)])
async def test_reset_in_mid_receipt_is_lost_not_done(bench, faults):
    b = lesser(bench(DRIVER), faults)
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "50")
        job = printing(device, LONG)
        for _ in range(20):
            await b.settle(20)
            await b.clock.advance(0.25)
        b.simulator.act("load_paper", "")
        b.simulator.set_fault("reset", True)
        with pytest.raises(DeviceLost):
            await b.passing(job)
    assert b.memory
    async with b.plugged() as device:
        await b.passing(printing(device))
    assert not b.memory
    torn, whole = b.simulator.pages
    assert torn[0].startswith("line 0")
    assert next(line.strip() for line in whole) == "Soy milk shop"


@pytest.mark.parametrize("faults", [(), ("no_document_counter",)])
async def test_a_reset_that_keeps_the_link_is_seen_by_the_counter(bench, faults):
    b = lesser(bench(DRIVER), faults)
    async with b.plugged(bytes_max=2048) as device:
        b.simulator.act("paper_lines_left", "50")
        job = printing(device, LONG)
        for _ in range(20):
            await b.settle(20)
            await b.clock.advance(0.25)
        # a serial line: the printer is off and on, the wire stays
        b.simulator.engine.power_cycle()
        b.simulator.act("load_paper", "")
        with pytest.raises((DeviceLost, DeviceTimeout)):
            await b.passing(job)


async def test_going_silent_in_mid_receipt_times_out(bench):
    b = bench(DRIVER)
    async with b.plugged(bytes_max=64) as device:
        job = printing(device, LONG)
        await b.settle(40)
        b.simulator.set_fault("silent", True)
        with pytest.raises((DeviceTimeout, DeviceLost)):
            await b.passing(job)


@pytest.mark.parametrize(
    "torn", ["1b1d530148004000 00", "1b2a7241 624800ffff", "1b6233323148 3430", "1b1d79443100ff00 41"]
)
async def test_a_half_sent_command_does_not_eat_the_next_job(bench, torn):
    b = bench(DRIVER, emulation="line")
    b.memory["torn"] = "a receipt was left half-printed"
    b.simulator.engine.receive(bytes.fromhex(torn))
    async with b.plugged() as device:
        await b.passing(printing(device))
    assert b.simulator.pages[-1][-1].startswith("Milk")


@pytest.mark.parametrize("emulation", ["line", "graphic"])
@pytest.mark.parametrize("level", ["on", "off", "unknown"])
@pytest.mark.parametrize("number", [1, 2])
async def test_the_drawer_opens_and_says_so(bench, emulation, level, number):
    b = bench(DRIVER, drawer_open_level=level, emulation=emulation, drawer_number=number)
    async with b.plugged() as device:
        drawer = device.role(CASH_DRAWER)
        assert await b.passing(drawer.open_drawer(), 0.05) is DrawerState.OPEN
        b.simulator.act("close_drawer", "")
        await b.clock.advance(5)
        await b.settle()
        assert b.heard(DrawerChanged)[-1].state is DrawerState.CLOSED
    assert b.simulator.state()["kicks"] == 1
    assert b.simulator.state()["unknown_commands"] == 0


async def test_a_jammed_drawer_reads_closed(bench):
    b = lesser(bench(DRIVER, drawer_open_level="on"), ["drawer"])
    async with b.plugged() as device:
        assert await b.passing(device.role(CASH_DRAWER).open_drawer(), 0.05) is DrawerState.CLOSED


@pytest.mark.parametrize("emulation", ["line", "graphic"])
async def test_a_kick_between_the_pieces_of_a_receipt(bench, emulation):
    b = bench(DRIVER, drawer_open_level="on", emulation=emulation)
    document = LONG if emulation == "line" else Document(blocks=(*LONG.blocks[:60], Cut()))
    async with b.plugged(bytes_max=64) as device:
        job = printing(device, document)
        await b.settle(30)
        kick = asyncio.ensure_future(device.role(CASH_DRAWER).open_drawer())
        await b.passing(job, 0)
        assert await b.passing(kick, 0.05) is DrawerState.OPEN
    assert len(b.simulator.pages) == 1
    assert b.simulator.state()["unknown_commands"] == 0


async def test_another_host_counting_etb_is_noticed(bench):
    b = lesser(bench(DRIVER, proof="etb"), ())
    async with b.plugged(bytes_max=256) as device:
        before = b.ends[0].bytes_written
        job = printing(device, LONG)
        while b.ends[0].bytes_written < before + 512:
            await b.settle(5)
            await b.clock.advance(0.05)
        b.simulator.engine._etb += 20
        with pytest.raises((DeviceLost, DeviceTimeout)):
            await b.passing(job)


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
    assert b.simulator.pages[-1]


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


@pytest.mark.parametrize("wire", WIRES[::3], ids=str)
@pytest.mark.parametrize("options", [{"emulation": "prnt"}, {"proof": "etb"}], ids=["prnt", "etb"])
async def test_the_contract_in_other_settings(options, wire):
    await hold(DRIVER, DRIVER.options(**options), wire)


def test_settings_are_checked():
    for wrong in (
        {"columns": 60},
        {"code_pages": ["x"]},
        {"code_page_numbers": {"cp437": 256}},
        {"status": "none", "proof": "etb"},
        {"emulation": "escpos"},
    ):
        with pytest.raises(ValidationError):
            DRIVER.options(**wrong)
    simulator = DRIVER.simulator(DRIVER.options())
    with pytest.raises(KeyError):
        simulator.set_fault("no", True)
    assert simulator.picture() is None
