"""Frames of card terminals: check sums, torn pieces, any bytes."""

import pytest
from framed_bench import SIZE
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.sdk.eft.framed import DAMAGED, TAKEN, FrameReader, Mark, frame, lrc


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
