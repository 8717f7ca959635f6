"""ZVT in blocks on a serial line: what is sent twice, and what never is."""

import pytest
from zvt_bench import DONE, OK, asked, paid, request, script_bench

from drivers.zvt import codec
from drivers.zvt.blocks import Signal
from drivers.zvt.codec import Apdu
from edge_hub.sdk.eft.model import Verdict
from edge_hub.sdk.errors import DeviceLost, DeviceTimeout

GOOD = paid()


async def test_a_refused_block_goes_out_again_twice_at_most(bench):
    for naks, sent in ((1, 2), (2, 3), (3, 3)):
        b = script_bench(bench, {codec.AUTHORISATION: (OK, GOOD, DONE)}, link="serial")
        b.simulator.naks = naks
        async with b.plugged() as device:
            if sent > naks:
                assert (await asked(b, device, request())).verdict is Verdict.APPROVED
            else:
                with pytest.raises(DeviceLost):
                    await asked(b, device, request())
            assert b.simulator.commands.count(codec.AUTHORISATION) == sent


async def test_on_silence_nothing_is_sent_again(bench):
    b = script_bench(bench, {codec.AUTHORISATION: ()}, link="serial")
    b.simulator.silent = True
    async with b.plugged() as device:
        with pytest.raises(DeviceTimeout):
            await asked(b, device, request())
        assert b.simulator.commands.count(codec.AUTHORISATION) == 1


async def test_an_answer_is_as_good_as_an_acknowledgement(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (OK, GOOD, DONE)}, link="serial")
    b.simulator.silent = True
    async with b.plugged() as device:
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED


async def test_a_refusal_of_a_command_sent_twice_says_nothing(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (Apdu(0x84A0),)}, link="serial")
    b.simulator.naks = 1
    async with b.plugged() as device:
        with pytest.raises(DeviceTimeout):
            await asked(b, device, request())


async def test_noise_after_the_acknowledgement_sends_nothing_again(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (b"\x15\x15\x15", OK, GOOD, DONE)}, link="serial")
    async with b.plugged() as device:
        assert (await asked(b, device, request())).verdict is Verdict.APPROVED
        assert b.simulator.commands.count(codec.AUTHORISATION) == 1


async def test_a_block_that_stops_in_the_middle_is_asked_for_again(bench):
    b = script_bench(bench, {codec.AUTHORISATION: (b"\x10\x02\x80\x00",)}, link="serial")
    async with b.plugged() as device:
        with pytest.raises(DeviceTimeout):
            await asked(b, device, request())
        assert Signal.NAK in b.simulator.signals
