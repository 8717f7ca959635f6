"""The STX/ETX/LRC link of card terminals: its reader, both of its sides, and each fault of the wire between them."""

import asyncio

import pytest
from framed_bench import REPLY_S, SIZE, Echo, by_hand, linked

from edge_hub.clock import ManualClock
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.framed import ACK_S, DAMAGED, SENDS_MAX, TAKEN, FrameReader, Longer, frame
from edge_hub.sdk.eft.framed_sim import ACK_WAIT_S, REQUEST_WINDOW_S, RESENDS_MAX, UNCONFIRMED
from edge_hub.sdk.errors import (
    BadFrame,
    DeviceBusy,
    DeviceLost,
    DeviceRefused,
    DeviceTimeout,
)
from edge_hub.sdk.pipe import duplex
from edge_hub.sdk.testing import until


async def test_asked_and_answered():
    async with linked() as it:
        assert await it.ask(b"REQUEST1") == b"OKQUEST1"
        assert await it.ask(b"REQUEST2") == b"OKQUEST2"
        assert it.terminal.asked == [b"REQUEST1", b"REQUEST2"]
        assert it.acknowledged == 2
        await it.passing(10)
        assert not it.terminal.slip
        assert not it.notes


@pytest.mark.parametrize("fault", [bank.SPLIT, bank.DUPLICATE_REPLY, bank.LATE_REPLY, bank.LOST_ACK, bank.UNSOLICITED])
async def test_what_does_no_harm(fault):
    async with linked(fault) as it:
        for number in range(4):
            assert await it.ask(b"REQUEST%d" % number) == b"OKQUEST%d" % number
            await it.passing(10)
        assert len(it.terminal.asked) == 4
        assert not it.notes
        assert not it.terminal.slip


async def test_frames_that_nobody_asked_for_are_passed_on_and_not_acknowledged():
    async with linked(bank.UNSOLICITED) as it:
        await it.ask(b"REQUEST1")
        assert it.asides == [b"MIRROR 1", b"MIRROR 2"]


async def test_a_slow_host_is_waited_for():
    async with linked(bank.SLOW_HOST) as it:
        assert await it.ask(b"REQUEST1") == b"OKQUEST1"
        assert it.clock.monotonic() >= bank.SLOW_HOST_S


@pytest.mark.parametrize("fault", [bank.LOST_REPLY, bank.POWER_CUT])
async def test_a_reply_that_never_comes(fault):
    async with linked(fault) as it:
        with pytest.raises(DeviceTimeout):
            await it.ask(b"REQUEST1")
        assert it.acknowledged == 1
        assert it.terminal.asked == [b"REQUEST1"]
        assert it.terminal.stored == ([b"OKQUEST1"] if fault == bank.LOST_REPLY else [])


async def test_an_inquiry_finds_the_lost_reply():
    async with linked(bank.LOST_REPLY) as it:
        with pytest.raises(DeviceTimeout):
            await it.ask(b"REQUEST1")
        assert await it.ask(b"??QUEST1", wanted=b"OKQUEST1") == b"OKQUEST1"


async def test_a_reply_that_stays_damaged_is_asked_for_again_and_given_up():
    async with linked(bank.BAD_CHECK) as it:
        with pytest.raises(BadFrame):
            await it.ask(b"REQUEST1")
        assert it.terminal.asked == [b"REQUEST1"]
        it.terminal.set_fault(bank.BAD_CHECK, False)
        await it.passing(10)
        assert it.terminal.slip[-1] == UNCONFIRMED
        assert await it.ask(b"REQUEST2") == b"OKQUEST2"


async def test_a_busy_terminal_says_nothing():
    async with linked(bank.BUSY) as it:
        with pytest.raises(DeviceTimeout):
            await it.ask(b"REQUEST1")
        assert it.terminal.asked == []
        assert it.clock.monotonic() < ACK_S + 1


async def test_the_terminal_sends_its_reply_again_and_stands_by_the_transaction():
    clock = ManualClock()
    terminal = Echo()
    terminal.sleep = clock.sleep
    host, plug = duplex()
    serving = asyncio.create_task(terminal.serve(plug))
    await host.write(frame(b"REQUEST1"))
    heard = FrameReader(SIZE)
    got = []

    async def listen():
        while True:
            got.extend(token for token in heard.feed(await host.read()) if isinstance(token, bytes))

    listening = asyncio.create_task(listen())
    await until(clock, clock.sleep(ACK_WAIT_S * (RESENDS_MAX + 2)), limit_s=60)
    assert got == [b"OKQUEST1"] * (1 + RESENDS_MAX)
    assert list(terminal.slip) == [UNCONFIRMED]
    listening.cancel()
    await host.close()
    await serving


async def test_the_terminal_forgets_a_piece_of_a_request():
    async with linked() as it:
        await it.host.write(frame(b"REQUEST1")[:-2])
        await it.passing(REQUEST_WINDOW_S + 1)
        assert await it.ask(b"REQUEST2") == b"OKQUEST2"
        assert it.terminal.asked == [b"REQUEST2"]


async def test_a_damaged_request_is_asked_for_again_by_the_terminal():
    async with linked() as it:
        whole = bytearray(frame(b"REQUEST1"))
        whole[2] ^= 1
        await it.host.write(bytes(whole))
        await it.passing(1)
        assert it.terminal.asked == []
        assert await it.ask(b"REQUEST2") == b"OKQUEST2"


async def test_only_a_refusal_has_the_request_sent_again():
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(0.1)
        assert await plug.read() == frame(b"REQUEST1")
        await plug.write(DAMAGED)
        await it.passing(1)
        assert await plug.read() == frame(b"REQUEST1")
        await plug.write(TAKEN + frame(b"OKQUEST1"))
        await it.passing(0.1)
        assert await asking == b"OKQUEST1"
        assert await plug.read() == TAKEN


async def test_refused_too_often():
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        for _ in range(SENDS_MAX):
            await it.passing(0.1)
            assert await plug.read() == frame(b"REQUEST1")
            await plug.write(DAMAGED)
            await it.passing(1)
        with pytest.raises(DeviceTimeout, match="damaged"):
            await asking


@pytest.mark.parametrize("noise", [b"\x15\x06", b"\x15z", b"z\x15\x15", b"\x15\x15\x02", b"\x06\x15\x15", b""])
async def test_nothing_is_sent_twice_in_noise(noise):
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(0.1)
        await plug.read()
        await plug.write(noise)
        await it.passing(ACK_S + REPLY_S + 1)
        with pytest.raises(DeviceTimeout):
            await asking
        assert it.host.bytes_written == SIZE + 3


async def test_a_reply_to_somebody_else_is_acknowledged_and_dropped():
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(0.1)
        await plug.read()
        await plug.write(frame(b"OKBEFORE"))
        await it.passing(0.1)
        assert await plug.read() == TAKEN
        assert not it.acknowledged
        await plug.write(TAKEN + frame(b"OKQUEST1"))
        await it.passing(0.1)
        assert await asking == b"OKQUEST1"


async def test_what_came_before_the_request_is_thrown_away():
    async with by_hand() as (it, plug):
        await plug.write(TAKEN + frame(b"OKQUEST1") + b"\x02OK")
        await it.passing(0.1)
        assert it.notes == ["a reply came that nobody waited for (more of them are not noted)"]
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(ACK_S + 1)
        with pytest.raises(DeviceTimeout):
            await asking


async def test_a_reply_that_comes_again_later_is_acknowledged_again():
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await plug.write(b"")
        await it.passing(0.1)
        await plug.read()
        await plug.write(TAKEN + frame(b"OKQUEST1"))
        await it.passing(0.1)
        await asking
        assert await plug.read() == TAKEN
        await plug.write(frame(b"OKQUEST1"))
        await it.passing(0.1)
        assert await plug.read() == TAKEN
        assert not it.notes


async def test_a_terminal_may_ask_for_more_time():
    async with by_hand() as (it, plug):
        wanted = {b"WAIT....": Longer(60.0), b"OKQUEST1": "done"}
        asking = asyncio.create_task(it.link.exchange(b"REQUEST1", wanted.get, reply_s=10.0))
        await it.passing(0.1)
        await plug.write(TAKEN)
        for _ in range(3):
            await it.passing(9)
            await plug.write(frame(b"WAIT...."))
        await it.passing(50)
        await plug.write(frame(b"OKQUEST1"))
        await it.passing(0.1)
        assert await asking == "done"


async def test_a_lost_wire():
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(0.1)
        plug.unplug()
        await it.passing(0.1)
        with pytest.raises(DeviceLost):
            await asking
        with pytest.raises(DeviceRefused):
            await it.ask(b"REQUEST2")


async def test_the_answer_counts_though_the_wire_is_lost_right_after_it():
    async with by_hand() as (it, plug):
        asking = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(0.1)
        await plug.write(TAKEN + frame(b"OKQUEST1"))
        plug._outgoing.end()
        plug._incoming.end()
        await it.passing(0.1)
        assert await asking == b"OKQUEST1"


async def test_one_at_a_time():
    async with by_hand() as (it, _):
        first = asyncio.create_task(it.exchange(b"REQUEST1"))
        await it.passing(0.1)
        with pytest.raises(DeviceBusy):
            await it.ask(b"REQUEST2")
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_wrong_length_is_a_mistake_of_the_driver():
    async with by_hand() as (it, _):
        with pytest.raises(ValueError, match="8 bytes"):
            await it.ask(b"SHORT")
