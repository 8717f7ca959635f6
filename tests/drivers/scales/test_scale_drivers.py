"""Every scale driver against its simulator, all its faults, on a clock that moves when told."""

import asyncio

import pytest
from pydantic import ValidationError

from drivers import (
    scale_adam,
    scale_cas,
    scale_dialog06,
    scale_hid,
    scale_mtsics,
    scale_nci,
    scale_sma,
    scale_toledo,
)
from edge_hub.sdk.errors import DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import Noted, ScaleState, WeightChanged
from edge_hub.sdk.roles import SCALE

KINDS = {
    "toledo": (scale_toledo.DRIVER, {}),
    "toledo-8213": (scale_toledo.DRIVER, {"variant": "8213", "probe": "weight"}),
    "toledo-units": (scale_toledo.DRIVER, {"unit_sent": True, "high_resolution": True}),
    "nci": (scale_nci.DRIVER, {}),
    "nci-ecr": (scale_nci.DRIVER, {"ecr": True}),
    "sma": (scale_sma.DRIVER, {}),
    "mtsics": (scale_mtsics.DRIVER, {}),
    "mtsics-free": (scale_mtsics.DRIVER, {"field": "free"}),
    "cas-type6": (scale_cas.DRIVER, {}),
    "cas-type0": (scale_cas.DRIVER, {"form": "type0"}),
    "cas-stream": (scale_cas.DRIVER, {"form": "stream22"}),
    "adam": (scale_adam.DRIVER, {}),
    "adam-once": (scale_adam.DRIVER, {"answers": "new_only", "line_chars": 16}),
    "hid": (scale_hid.DRIVER, {}),
    "hid-unnumbered": (scale_hid.DRIVER, {"report_id": 0}),
    "dialog06": (scale_dialog06.DRIVER, {}),
    "dialog06-logic": (scale_dialog06.DRIVER, {"polynomial": "1021"}),
}
MUTE_IN_TROUBLE = ("adam", "adam-once", "cas-type0")
"""In motion, over and under they give no weight and do not say why."""
LIVE = [name for name in KINDS if name not in ("adam-once", "dialog06", "dialog06-logic")]
COMMANDS = ["toledo", "toledo-8213", "nci", "sma", "mtsics"]


@pytest.fixture(params=KINDS)
def name(request):
    return request.param


@pytest.fixture
def b(scale_bench, name):
    driver, options = KINDS[name]
    return scale_bench(driver, **options)


async def refused(b, scale):
    with pytest.raises((DeviceRefused, DeviceTimeout)) as error:
        await b.passing(scale.weigh())
    return error.value


async def test_weighs_exactly_what_lies_on_it(b):
    async with b.ready() as scale:
        for grams in (1, 999, 1000, 12_345):
            b.put(grams)
            weight = await b.passing(scale.weigh())
            assert (weight.grams, weight.unit) == (grams, "kg")


async def test_weighs_when_the_load_is_put_on_while_it_waits(b):
    async with b.ready() as scale:
        weighing = asyncio.ensure_future(b.passing(scale.weigh()))
        await asyncio.sleep(0)
        b.put(777)
        assert (await weighing).grams == 777


async def test_waits_until_the_load_rests(b):
    async with b.ready() as scale:
        b.put(2222)
        b.simulator.act("shake", "2")
        assert (await b.passing(scale.weigh())).grams == 2222


async def test_an_empty_scale_gives_no_weight(b):
    async with b.ready() as scale:
        assert (await refused(b, scale)).error_code is ErrorCode.TIMEOUT


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("motion", ErrorCode.TIMEOUT),
        ("overload", ErrorCode.OVERWEIGHT),
        ("under_zero", ErrorCode.UNDER_ZERO),
        ("silent", ErrorCode.TIMEOUT),
    ],
)
async def test_faults_give_a_reason_and_no_weight(b, name, fault, code):
    async with b.ready() as scale:
        b.put(3333)
        b.simulator.set_fault(fault, True)
        expected = ErrorCode.TIMEOUT if name in MUTE_IN_TROUBLE else code
        assert (await refused(b, scale)).error_code is expected
        b.simulator.set_fault(fault, False)
        b.put(4444)
        await b.later(20)
        again = await b.bench.until_ready(SCALE)
        assert (await b.passing(again.weigh())).grams == 4444


async def test_real_overload_and_tare_below_zero(b, name):
    if name in MUTE_IN_TROUBLE:
        return
    async with b.ready() as scale:
        b.put(b.simulator.capacity_grams + 1)
        assert (await refused(b, scale)).error_code is ErrorCode.OVERWEIGHT
        b.put(100)
        b.simulator.act("tare", "")
        b.simulator.act("take_off", "")
        assert (await refused(b, scale)).error_code is ErrorCode.UNDER_ZERO


async def test_a_stable_flag_that_lies_is_caught_by_the_second_reading(b, name):
    if name in ("adam-once", "dialog06", "dialog06-logic"):
        return
    async with b.ready() as scale:
        b.put(3333)
        b.simulator.set_fault("creep", True)
        assert (await refused(b, scale)).error_code is ErrorCode.TIMEOUT


@pytest.mark.parametrize("fault", ["garbage", "parity_bits"])
async def test_noise_and_parity_bits_do_no_harm(b, name, fault):
    if fault not in b.simulator.faults or (fault == "garbage" and name.startswith(("adam", "mtsics"))):
        return
    async with b.ready() as scale:
        b.simulator.set_fault(fault, True)
        b.put(5678)
        assert (await b.passing(scale.weigh())).grams == 5678


@pytest.mark.parametrize("name", ["mtsics", "adam"])
async def test_noise_in_front_of_a_line_spoils_the_line_not_the_weight(b):
    async with b.ready() as scale:
        b.put(5678)
        b.simulator.set_fault("garbage", True)
        await refused(b, scale)
        assert len(b.heard(Noted)) == 1


async def test_a_silent_scale_is_not_opened_and_found_when_it_speaks(b, name):
    if name.startswith("adam"):
        return
    b.simulator.set_fault("silent", True)
    async with b.bench.running():
        await b.later(30)
        assert b.bench.role(SCALE) is None
        b.simulator.set_fault("silent", False)
        scale = await b.bench.until_ready(SCALE)
        b.put(10)
        assert (await b.passing(scale.weigh())).grams == 10


@pytest.mark.parametrize("name", LIVE)
async def test_live_weights_are_told_when_they_change(b, name):
    async with b.ready():
        await b.later(3)
        b.put(1500)
        await b.later(3)
        b.simulator.set_fault("overload", True)
        await b.later(3)
        b.simulator.set_fault("overload", False)
        b.simulator.act("take_off", "")
        await b.later(3)
        told = b.heard(WeightChanged)
    trouble = ScaleState.NOT_READY if name in MUTE_IN_TROUBLE else ScaleState.OVERWEIGHT
    assert [(message.state, message.weight_grams) for message in told] == [
        (ScaleState.ZERO, 0),
        (ScaleState.STABLE, 1500),
        (trouble, None),
        (ScaleState.ZERO, 0),
    ]


async def test_not_live_unless_wanted(scale_bench):
    b = scale_bench(scale_sma.DRIVER, live=False)
    async with b.ready():
        before = b.simulator.state()["readings"]
        await b.later(5)
        assert b.simulator.state()["readings"] == before


@pytest.mark.parametrize("name", ["toledo", "nci", "sma", "mtsics", "cas-type6", "cas-stream", "hid"])
async def test_a_scale_that_falls_silent_is_offline(b):
    async with b.ready():
        b.simulator.set_fault("silent", True)
        await b.later(30)
        assert b.bench.role(SCALE) is None


@pytest.mark.parametrize("name", COMMANDS)
async def test_zero(b, name):
    async with b.ready() as scale:
        b.put(20)
        await b.passing(scale.zero())
        b.simulator.act("put", "1020")
        assert (await b.passing(scale.weigh())).grams == 1000
        with pytest.raises(DeviceRefused):
            await b.passing(scale.zero())
        b.simulator.set_fault("motion", True)
        with pytest.raises(DeviceRefused) as error:
            await b.passing(scale.zero())
        # SMA says "zero error" and no more
        assert error.value.error_code is (ErrorCode.FAILURE if name == "sma" else ErrorCode.TIMEOUT)
        b.simulator.set_fault("silent", True)
        with pytest.raises(DeviceTimeout):
            await b.passing(scale.zero())


@pytest.mark.parametrize("name", COMMANDS)
async def test_tare(b, name):
    async with b.ready() as scale:
        if name != "toledo-8213":
            with pytest.raises(DeviceRefused):
                await b.passing(scale.tare())
        b.put(250)
        await b.passing(scale.tare())
        b.simulator.act("put", "1250")
        weight = await b.passing(scale.weigh())
        assert weight.grams == 1000
        assert weight.net is {"toledo": True, "nci": True, "sma": True}.get(name)


async def test_taring_over_the_wire_can_be_switched_off(scale_bench):
    b = scale_bench(scale_toledo.DRIVER, tare_command="none")
    async with b.ready() as scale:
        with pytest.raises(DeviceRefused) as error:
            await b.passing(scale.tare())
        assert error.value.error_code is ErrorCode.ILLEGAL


async def test_adam_zeroes_and_tares_without_a_word(scale_bench):
    b = scale_bench(scale_adam.DRIVER)
    async with b.ready() as scale:
        b.put(100)
        await b.passing(scale.tare())
        b.simulator.act("put", "600")
        assert (await b.passing(scale.weigh())).grams == 500


@pytest.mark.parametrize("name", ["cas-type6", "cas-stream", "dialog06"])
async def test_commands_a_protocol_lacks_are_refused(b):
    async with b.ready() as scale:
        for command in (scale.zero, scale.tare):
            with pytest.raises(DeviceRefused) as error:
                await b.passing(command())
            assert error.value.error_code is ErrorCode.ILLEGAL


async def test_a_tare_from_the_till_is_refused_where_it_cannot_be_taken(b):
    async with b.ready() as scale:
        b.put(500)
        with pytest.raises(DeviceRefused) as error:
            await b.passing(scale.weigh(tare_grams=10))
        assert error.value.error_code is ErrorCode.ILLEGAL


async def test_adam_answers_each_load_once(scale_bench):
    with pytest.raises(ValidationError, match="line_chars"):
        scale_bench(scale_adam.DRIVER, answers="new_only")
    b = scale_bench(scale_adam.DRIVER, answers="new_only", line_chars=10)
    async with b.ready() as scale:
        b.put(500)
        assert (await b.passing(scale.weigh())).grams == 500
        assert isinstance(await refused(b, scale), DeviceTimeout)


async def test_cas_wrong_check_characters_give_no_weight(scale_bench):
    b = scale_bench(scale_cas.DRIVER)
    async with b.ready() as scale:
        b.put(500)
        b.simulator.set_fault("wrong_bcc", True)
        assert isinstance(await refused(b, scale), DeviceTimeout)


async def test_toledo_left_in_echo_mode_is_taken_out_of_it(scale_bench):
    b = scale_bench(scale_toledo.DRIVER)
    b.put(500)
    assert list(b.simulator.replies(b"E")) == [b"\x02E\r"]
    async with b.ready() as scale:
        assert (await b.passing(scale.weigh())).grams == 500


@pytest.mark.parametrize("name", ["toledo"])
async def test_toledo_status_without_its_fixed_bits(b):
    b.simulator.set_fault("bare_status", True)
    async with b.ready() as scale:
        b.put(500)
        b.simulator.set_fault("overload", True)
        assert (await refused(b, scale)).error_code is ErrorCode.OVERWEIGHT


async def test_two_tills_weighing_at_once_take_turns(b, name):
    if name.startswith("dialog06") or name == "adam-once":
        return
    async with b.ready() as scale:
        b.put(640)
        weights = await b.passing(asyncio.gather(scale.weigh(), scale.weigh()))
        assert [weight.grams for weight in weights] == [640, 640]


def test_simulators_refuse_what_they_do_not_have(b):
    with pytest.raises(KeyError):
        b.simulator.set_fault("on_fire", True)
    with pytest.raises(KeyError):
        b.simulator.act("dance", "")
    assert b.simulator.active_faults == frozenset()
    assert b.simulator.picture() is None
    assert b.simulator.state()["net_grams"] == 0
    assert all(b.simulator.faults.values())
