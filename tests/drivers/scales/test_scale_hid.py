"""Reports of HID scales, by the standard's tables and by what is published of scales in use."""

import pytest
from pydantic import ValidationError

from drivers.scale_hid import DRIVER
from drivers.scale_hid.codec import HidScaleCodec
from edge_hub.sdk.errors import DeviceRefused, DeviceTimeout
from edge_hub.sdk.messages import Noted, ScaleState
from edge_hub.sdk.packets import pack
from edge_hub.sdk.roles import SCALE
from edge_hub.sdk.scales.framing import Bad


def read(report, report_id=3):
    (found,) = HidScaleCodec(report_id=report_id).feed(pack(bytes.fromhex(report)))
    return found


@pytest.mark.parametrize(
    ("report", "state", "grams", "unit"),
    [
        ("03 04 02 00 14 00", ScaleState.STABLE, 20, "g"),  # Dymo M10: 20 g
        ("03 04 0b ff 34 19", ScaleState.STABLE, 18291, "oz"),  # Dymo M25: 645.2 oz
        ("03 04 03 fd d2 04", ScaleState.STABLE, 1234, "kg"),
        ("03 04 0c fe f4 01", ScaleState.STABLE, 2268, "lb"),  # 5.00 lb
        ("03 04 02 01 0c 00", ScaleState.STABLE, 120, "g"),
        ("03 04 02 00 ff ff", ScaleState.STABLE, 65535, "g"),  # the weight has no sign
        ("03 04 01 03 02 00", ScaleState.STABLE, 2, "mg"),
        ("03 02 02 00 00 00", ScaleState.ZERO, 0, "g"),
        ("03 04 02 00 00 00", ScaleState.ZERO, 0, "g"),
        ("03 03 02 00 14 00", ScaleState.UNSTABLE, 20, "g"),
        ("03 04 02 00 14 00 00 00", ScaleState.STABLE, 20, "g"),  # filled up
    ],
)
def test_weights(report, state, grams, unit):
    reading = read(report)
    assert (reading.state, reading.weight.grams, reading.weight.unit) == (state, grams, unit)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (1, ScaleState.NOT_READY),
        (5, ScaleState.UNDER_ZERO),
        (6, ScaleState.OVERWEIGHT),
        (7, ScaleState.NOT_READY),
        (8, ScaleState.NOT_READY),
    ],
)
@pytest.mark.parametrize("rest", ["02 00 14 00", "00 00 00 00", "09 7f ff ff"])
def test_states_without_a_weight(status, state, rest):
    reading = read(f"03 {status:02x} {rest}")
    assert (reading.state, reading.weight) == (state, None)


@pytest.mark.parametrize(
    "report",
    [
        "03 02 02 00 14 00",  # at zero, with a weight
        "03 00 02 00 14 00",
        "03 09 02 00 14 00",
        "03 04 00 00 14 00",  # no unit
        "03 04 05 00 14 00",  # taels
        "03 04 0d 00 14 00",
        "03 04 02 04 14 00",
        "03 04 02 f9 14 00",
        "03 04 02 00 14",
        "03 04 02 00 14 00 01",
        "03",
    ],
)
def test_what_is_no_weight(report):
    assert isinstance(read(report), Bad)


def test_other_reports_say_nothing():
    codec = HidScaleCodec(report_id=3)
    assert codec.feed(pack(b"\x04\x01") + pack(b"\x02\x04\x02\x00\x14\x00")) == []


def test_one_that_numbers_no_reports():
    assert read("04 02 00 14 00", report_id=0).weight.grams == 20


@pytest.mark.parametrize(("unit", "grams"), [("kg", 5), ("g", 9995), ("oz", 2835), ("lb", 4536)])
async def test_each_unit(scale_bench, unit, grams):
    b = scale_bench(DRIVER, unit=unit)
    async with b.ready() as scale:
        b.put(grams)
        weight = await b.passing(scale.weigh())
        assert (weight.grams, weight.unit) == (grams, unit)


async def test_the_unit_key_was_pressed(scale_bench):
    b = scale_bench(DRIVER, unit="g")
    async with b.ready() as scale:
        b.put(500)
        b.simulator._unit = 11
        with pytest.raises(DeviceRefused, match="not ready"):
            await b.passing(scale.weigh())
    assert [note.text for note in b.heard(Noted)] == ["a weight in oz, not g (further trouble is not noted)"]
    assert DRIVER.roles == (SCALE,)


async def test_one_that_sends_changes_only(scale_bench):
    b = scale_bench(DRIVER, reports="changes")
    async with b.ready() as scale:
        for grams in (1234, 5, 15_000):
            b.put(grams)
            assert (await b.passing(scale.weigh())).grams == grams
            await b.later(25)  # silent, and there
            assert (await b.passing(scale.weigh())).grams == grams
        b.simulator.act("shake", "3")
        await b.later(0.1)
        assert (await b.passing(scale.weigh())).grams == 15_000
        b.simulator.act("take_off", "")
        await b.later(1)
        with pytest.raises(DeviceRefused, match="nothing lies"):
            await b.passing(scale.weigh())
        assert b.bench.role(SCALE) is scale


async def test_one_that_sends_changes_and_was_not_touched_gives_no_weight(scale_bench):
    b = scale_bench(DRIVER, reports="changes")
    b.simulator.set_fault("silent", True)
    async with b.ready() as scale:
        await b.later(25)
        with pytest.raises(DeviceTimeout):
            await b.passing(scale.weigh())
        assert b.bench.role(SCALE) is scale


@pytest.mark.parametrize("options", [{"report_id": 256}, {"report_id": -1}, {"unit": "ozt"}])
def test_options(options):
    with pytest.raises(ValidationError):
        DRIVER.options(**options)
