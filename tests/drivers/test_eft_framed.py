"""The STX/ETX/LRC link of card terminals: its reader, both of its sides, and each fault of the wire between them."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.clock import ManualClock
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.framed import ACK_S, DAMAGED, SENDS_MAX, TAKEN, FramedLink, FrameReader, Longer, Mark, frame, lrc
from edge_hub.sdk.eft.framed_sim import ACK_WAIT_S, REQUEST_WINDOW_S, RESENDS_MAX, UNCONFIRMED, FramedTerminal, Reply
from edge_hub.sdk.errors import (
    BadFrame,
    DeviceBusy,
    DeviceError,
    DeviceLost,
    DeviceRefused,
    DeviceTimeout,
)
from edge_hub.sdk.pipe import duplex
from edge_hub.sdk.testing import until

SIZE = 8
REPLY_S = 60.0


@pytest.mark.parametrize("whole", ["02 41 42 03 00", "02 31 03 32", "02 20 03 23"])
def test_check_as_documented(whole):
    data = bytes.fromhex(whole)
    assert frame(data[1:-2]) == data
    assert FrameReader(len(data) - 3).feed(data) == [data[1:-2]]


def test_a_check_that_is_a_control_character_ends_nothing_early():
    for wanted in (0x02, 0x03, 0x06, 0x15):
        data = bytes((0x40, 0x40 ^ wanted ^ 0x03))
        assert lrc(data) == wanted
        assert FrameReader(2).feed(frame(data) + frame(b"AB")) == [data, b"AB"]


def test_signs_before_a_frame_are_told_apart_from_it():
    assert FrameReader(2).feed(TAKEN + frame(b"AB") + DAMAGED + b"\x00xy") == [
        Mark.ACK,
        Mark.ACK,
        b"AB",
        Mark.NAK,
        Mark.NAK,
        Mark.NOISE,
    ]


def test_a_frame_behind_a_torn_one_is_found():
    reader = FrameReader(SIZE)
    assert reader.feed(frame(b"REQUEST1")[:5]) == []
    assert reader.partial
    assert reader.feed(frame(b"REQUEST2"))[-1] == b"REQUEST2"
    assert not reader.partial


def test_damage():
    whole = bytearray(frame(b"REQUEST1"))
    whole[3] ^= 1
    assert FrameReader(SIZE).feed(bytes(whole)) == [Mark.DAMAGED]


def test_seven_bits():
    parity = bytes(byte | (byte.bit_count() & 1) << 7 for byte in frame(b"REQUEST1"))
    assert FrameReader(SIZE, seven_bits=True).feed(parity) == [b"REQUEST1"]


@given(st.lists(st.one_of(st.binary(max_size=40), st.binary(min_size=SIZE, max_size=SIZE).map(frame))))
def test_any_bytes_in_any_pieces_leave_less_than_a_frame(pieces):
    reader = FrameReader(SIZE)
    for piece in pieces:
        reader.feed(piece)
        assert len(reader._held) < SIZE + 3


@given(st.lists(st.binary(min_size=SIZE, max_size=SIZE), min_size=1), st.integers(1, 20))
def test_frames_come_out_of_pieces_as_they_went_in(records, size):
    reader = FrameReader(SIZE)
    line = b"".join(frame(record) for record in records)
    got = [token for at in range(0, len(line), size) for token in reader.feed(line[at : at + size])]
    assert got == records


class Echo(FramedTerminal):
    """Answers OK and the request's last six bytes."""

    data_bytes = SIZE
    bank_faults = (bank.UNSOLICITED,)

    def __init__(self):
        super().__init__()
        self.asked = []
        self.stored = []
        self.after_s = 0.0

    def answer(self, data):
        self.asked.append(data)
        if data.startswith(b"??"):
            return Reply(data=self.stored[-1], money=False)
        asides = (b"MIRROR 1", b"MIRROR 2") if bank.UNSOLICITED in self.active_faults else ()
        return Reply(data=b"OK" + data[2:], money=True, after_s=self.after_s, asides=asides)

    def storing(self, reply):
        if reply.money:
            self.stored.append(reply.data)


class Setup:
    def __init__(self, host, clock, terminal=None):
        self.clock = clock
        self.terminal = terminal
        self.host = host
        self.notes = []
        self.asides = []
        self.acknowledged = 0
        self.link = FramedLink(host, clock, SIZE, note=self.notes.append, aside=self._aside)

    def _aside(self, data):
        if data.startswith(b"MIRROR"):
            self.asides.append(data)
            return True
        return False

    def _acknowledged(self):
        self.acknowledged += 1

    def exchange(self, data, wanted=None):
        wanted = wanted or b"OK" + data[2:]
        return self.link.exchange(
            data,
            lambda reply: reply if reply == wanted else None,
            reply_s=REPLY_S,
            acknowledged=self._acknowledged,
        )

    async def ask(self, data, wanted=None, limit_s=200.0):
        return await until(self.clock, self.exchange(data, wanted), limit_s=limit_s)

    async def passing(self, seconds):
        await until(self.clock, self.clock.sleep(seconds), limit_s=seconds + 1)


@asynccontextmanager
async def linked(*faults):
    """The hub's side and the terminal's."""
    clock = ManualClock()
    terminal = Echo()
    terminal.sleep = clock.sleep
    for fault in faults:
        terminal.set_fault(fault, True)
    host, plug = duplex()
    setup = Setup(host, clock, terminal)
    tasks = [asyncio.create_task(terminal.serve(plug)), asyncio.create_task(setup.link.read())]
    try:
        yield setup
    finally:
        await host.close()
        tasks[1].cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, DeviceError):
                await task


@asynccontextmanager
async def by_hand():
    """The hub's side, and the bare end of the wire."""
    clock = ManualClock()
    host, plug = duplex()
    setup = Setup(host, clock)
    reading = asyncio.create_task(setup.link.read())
    try:
        yield setup, plug
    finally:
        await host.close()
        reading.cancel()
        with suppress(asyncio.CancelledError, DeviceError):
            await reading


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
