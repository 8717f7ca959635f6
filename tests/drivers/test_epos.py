import asyncio
import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from drivers.epos import DRIVER, codec
from drivers.epos.engine import Engine
from drivers.epos.options import EposOptions
from drivers.epos.render import render
from edge_hub.sdk import http, raster
from edge_hub.sdk.document import (
    Align,
    Cell,
    Code,
    CodeType,
    Cut,
    Document,
    Feed,
    Picture,
    Row,
    Rule,
    Style,
    Text,
)
from edge_hub.sdk.errors import DeviceFault, DeviceLost, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import DrawerChanged, DrawerState, Noted, PrinterChanged, Proof
from edge_hub.sdk.roles import CASH_DRAWER, POS_PRINTER

RECEIPT = Document(
    locale="zh-TW",
    blocks=(
        Text(text="Soy & <milk> shop", align=Align.CENTER, style=Style(bold=True, width=2, height=2)),
        Rule(),
        Row(cells=(Cell(text="豆漿 Soy milk", weight=1), Cell(text="35", align=Align.RIGHT))),
        Row(cells=(Cell(text="Café", weight=1), Cell(text="1,250.00 €", align=Align.RIGHT))),
        Text(text="TOTAL", style=Style(invert=True)),
        Code(type=CodeType.EAN13, data="4006381333931"),
        Code(type=CodeType.QR, data="https://example.org/r/0190?a=1&b=2"),
        Picture(width=64, height=16, rows=b"\xf0" * 128),
        Cut(),
    ),
)
LONG = Document(blocks=(*(Text(text=f"line {n}") for n in range(200)), Cut()))


def nothing():
    pass


def printing(device, document=RECEIPT):
    return asyncio.ensure_future(device.role(POS_PRINTER).print_document(document, progress=nothing))


async def sent(b, size):
    """Let the driver go on until so much has gone out."""
    while b.ends[0].bytes_written < size:
        await b.settle(1)


def parsed(data, limit=codec.ANSWER_BYTES_MAX):
    return http.Parser(limit).feed(data)


# documents


def printed(document, **options):
    options = EposOptions(**options)
    engine = Engine(options)
    engine.receive(codec.request("h", render(document, options), device="local_printer", timeout_s=10))
    while engine.step():
        pass
    assert not engine.refused, engine.refused
    return engine


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("cjk", ["native", "raster"])
def test_a_receipt_looks_right_and_its_codes_scan(native, cjk):
    engine = printed(RECEIPT, native_codes=native, cjk=cjk)
    (page,) = engine.paper.pages
    picture = Image.open(io.BytesIO(raster.png(page.picture(576), margin=40))).convert("L")
    assert sorted(found.text for found in zxingcpp.read_barcodes(picture)) == [
        "4006381333931", "https://example.org/r/0190?a=1&b=2",
    ]  # fmt: skip
    assert page.lines[0].strip() == "Soy & <milk> shop"
    assert ("豆漿 Soy milk" in "".join(page.lines)) is (cjk == "native")


def test_dots_are_where_the_hub_draws_them():
    document = Document(blocks=RECEIPT.blocks[:-1], locale="zh-TW")
    engine = printed(document, text="raster", native_codes=False)
    assert engine.paper.page.picture(576) == raster.draw(document, dots=576)


words = st.text(st.one_of(st.sampled_from("abc 0,.豆漿。“é€%&<>\"'\\{\t\n\x1b"), st.characters()), max_size=60)
blocks = st.one_of(
    st.builds(Text, text=words, style=st.builds(Style, bold=st.booleans(), width=st.integers(1, 4))),
    st.builds(Rule, double=st.booleans()),
    st.builds(Feed, lines=st.integers(0, 5)),
    st.builds(Code, type=st.sampled_from(CodeType), data=words, module=st.integers(0, 9), height=st.integers(0, 300)),
    st.builds(Picture, width=st.integers(0, 700), height=st.integers(0, 40), rows=st.binary(max_size=400)),
    st.just(Cut()),
)


@settings(max_examples=60)
@given(st.lists(blocks, max_size=6), st.sampled_from(["en", "zh-TW", "zh-CN"]), st.sampled_from(["auto", "native"]),
       st.sampled_from(["native", "raster"]))  # fmt: skip
def test_any_document_is_valid(found, locale, text, cjk):
    engine = printed(Document(blocks=tuple(found), locale=locale), text=text, cjk=cjk)
    assert engine.kicks == 0


@pytest.mark.parametrize(
    "body",
    [
        "<text lang='xx'>a</text>",
        "<beep/>",
        "<cut type='half'/>",
        "<image width='8' height='2'>AA==</image>",
        "<image width='8' height='1'>?</image>",
        "<barcode>1</barcode>",
        "<text><cut/></text>",
    ],
)
def test_the_simulated_service_is_strict(body):
    engine = Engine(EposOptions())
    engine.receive(codec.request("h", body, device="local_printer", timeout_s=10))
    engine.step()
    (message,) = parsed(engine.take_answers())
    assert codec.answer(message).code == "SchemaError"
    assert engine.refused


# the driver


async def test_a_receipt_is_done_when_the_printer_says_it_is_printed(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        for _ in range(3):
            assert (await b.passing(printing(device))).proof is Proof.PROCESS_ID
    assert len(b.simulator.pages) == 3
    assert not b.memory


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("cover_open", ErrorCode.COVER_OPEN),
        ("rec_empty", ErrorCode.REC_EMPTY),
        ("cutter", ErrorCode.CUTTER),
        ("busy", ErrorCode.BUSY),
    ],
)
async def test_not_ready_is_refused(bench, fault, code):
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


async def test_the_roll_nearly_empty_is_told(bench):
    b = bench(DRIVER)
    async with b.plugged():
        await b.settle()
        b.simulator.set_fault("near_end", True)
        await b.clock.advance(6)
        await b.settle(200)
        assert b.heard(PrinterChanged)[-1].status.paper_near_end


async def test_paper_end_in_mid_receipt_is_in_doubt_and_cut_off_before_the_next(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "50")
        with pytest.raises(DeviceLost) as lost:
            await b.passing(printing(device, LONG))
        assert lost.value.error_code is ErrorCode.REC_EMPTY
        assert b.memory
        b.simulator.act("load_paper", "")
        await b.passing(printing(device))
    torn, whole = b.simulator.pages
    assert torn[0] == "line 0"
    assert whole[0].strip() == "Soy & <milk> shop"
    assert not b.memory


async def test_no_answer_in_time_is_unknown_and_ends_the_connection(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        run = asyncio.ensure_future(device.run())
        job = printing(device)
        await b.settle(3)
        while not b.simulator.pages and not job.done():
            await asyncio.sleep(0)
            if b.ends[0].bytes_written > 1500:
                b.simulator.set_fault("slow", True)
                break
        with pytest.raises(DeviceTimeout):
            await b.passing(job, 1)
        with pytest.raises(DeviceLost):
            await b.passing(run)
    assert b.memory


@pytest.mark.parametrize("fault", ["drops_answer", "wrong_answer", "reset"])
async def test_an_answer_lost_or_wrong_is_unknown(bench, fault):
    b = bench(DRIVER)
    async with b.plugged(bytes_max=512) as device:
        job = printing(device)
        await sent(b, 1500)
        b.simulator.set_fault(fault, True)
        with pytest.raises(DeviceLost):
            await b.passing(job)
    assert b.memory


async def test_with_the_spooler_a_job_ends_as_sent(bench):
    b = bench(DRIVER)
    b.simulator.set_fault("spooler", True)
    async with b.plugged() as device:
        assert (await b.passing(printing(device))).proof is Proof.SENT
        await b.settle()
    assert len(b.simulator.pages) == 1
    b = bench(DRIVER, spooler=True)
    async with b.plugged() as device:
        assert (await b.passing(printing(device))).proof is Proof.SENT


async def test_with_job_names_a_spooled_job_is_followed_to_its_end(bench):
    b = bench(DRIVER, job_ids=True)
    b.simulator.set_fault("spooler", True)
    async with b.plugged() as device:
        b.simulator.act("paper_lines_left", "1000")
        assert (await b.passing(printing(device))).proof is Proof.PROCESS_ID
    assert len(b.simulator.pages) == 1


async def test_what_became_of_a_named_job_is_asked_after_a_reconnect(bench):
    b = bench(DRIVER, job_ids=True)
    async with b.plugged(bytes_max=512) as device:
        job = printing(device)
        await sent(b, 1500)
        b.simulator.set_fault("drops_answer", True)
        with pytest.raises(DeviceLost):
            await b.passing(job)
    b.simulator.set_fault("drops_answer", False)
    async with b.plugged():
        assert "was printed" in b.heard(Noted)[-1].text
    assert len(b.simulator.pages) == 1


@pytest.mark.parametrize("level", ["high", "low", "unknown"])
async def test_the_drawer_opens_and_says_so(bench, level):
    b = bench(DRIVER, drawer_open_level=level)
    async with b.plugged() as device:
        assert await b.passing(device.role(CASH_DRAWER).open_drawer()) is DrawerState.OPEN
        b.simulator.act("close_drawer", "")
        await b.clock.advance(10)
        await b.settle()
        assert b.heard(DrawerChanged)[-1].state is DrawerState.CLOSED
    assert b.simulator.state()["kicks"] == 1


async def test_a_drawer_that_takes_a_moment_is_waited_for(bench):
    b = bench(DRIVER, drawer_open_level="high")
    engine, asked = b.simulator.engine, []
    moved, engine.move_drawer, told = engine.move_drawer, lambda **_: asked.append("kick"), engine._status

    def status():
        asked.append("look")
        if asked[-3:] == ["look"] * 3 and "kick" in asked:
            moved(is_open=True)
        return told()

    engine._status = status
    async with b.plugged() as device:
        assert await b.passing(device.role(CASH_DRAWER).open_drawer(), 0.05) is DrawerState.OPEN


async def test_what_was_learned_of_the_drawer_is_known_after_a_reconnect(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        await b.passing(device.role(CASH_DRAWER).open_drawer())
    async with b.plugged() as device:
        assert (await b.passing(device.role(POS_PRINTER).status())).drawer is DrawerState.OPEN


async def test_a_wrong_device_name_is_a_fault(bench):
    b = bench(DRIVER)
    b.simulator.engine._device = "kitchen"
    with pytest.raises(DeviceFault, match="local_printer"):
        async with b.plugged():
            pass


async def test_a_wire_lost_before_the_first_byte_is_a_refusal(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        b.ends[1].unplug()
        with pytest.raises(DeviceRefused):
            await b.passing(printing(device))


def test_settings_are_checked():
    for wrong in ({"columns": 48, "width_dots": 384}, {"characters": ["x"]}, {"device_name": "a&b"}, {"pulse_ms": 1}):
        with pytest.raises(ValidationError):
            DRIVER.options(**wrong)
