"""Vectors: the interface's own examples, and what terminals and tills were seen to send (captures published with
Portalum.Zvt, ecrterm and the Rust crate zvt).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.zvt import codec
from drivers.zvt.blocks import BLOCK_BYTES_MAX, Bad, BlockStream, Signal, block, crc16
from drivers.zvt.codec import Apdu, ApduStream, bitmap, bitmaps, decode, tlv, tlvs, walk
from drivers.zvt.outcome import Said, totals_of
from drivers.zvt.slips import Slips
from drivers.zvt.status import card, read_condition, read_intermediate, read_status, scrubbed
from drivers.zvt.tables import activity
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS
from edge_hub.sdk.eft.model import Activity
from edge_hub.sdk.errors import BadFrame

PAID = bytes.fromhex(
    "040f7727000400000000204 00b000470 0c223953 0d1006 0e2512 170001 1970 22f0f8eeeeeeeeeeee4771 2928004869"
    "2a313030343631373633202020202020 3b3631313830340000 3cf0f1f447454e2e4e522e3a363131383034 490978 870470 88000470"
    "8a2e 8bf1f74465626974204d61737465726361726400".replace(" ", "")
)
CONTACTLESS = bytes.fromhex(
    "040f6527000c2313550d10290e999922f0f8eeeeeeeeeeee4771a00129000000068700080b0000008a068bf1f14d415354455243415244"
    "00062e2f081f120102 1f100100 601b4307a00000000410104410446562697420 4d617374657263617264 1f2b0410015008".replace(
        " ", ""
    )
)
BLOCKS = {
    "06 00 06 12 34 56 ba 09 78": "10 02 06 00 06 12 34 56 ba 09 78 10 03 24 c3",
    "06 93 03 12 34 56": "10 02 06 93 03 12 34 56 10 03 ca a4",
    "06 01 0a 04 00 00 00 01 10 00 49 09 78": "10 02 06 01 0a 04 00 00 00 01 10 10 00 49 09 78 10 03 f2 ff",
    "06 70 00": "10 02 06 70 00 10 03 d9 f9",
    "06 d1 19 00 47 65 73 61 6d 74 20 20 20 20 20 20 30 20 20 20 20 20 20 20 30 2c 30 30": (
        "10 02 06 d1 19 00 47 65 73 61 6d 74 20 20 20 20 20 20 30 20 20 20 20 20 20 20 30 2c 30 30 10 03 b5 ab"
    ),
    "80 00 00": "10 02 80 00 00 10 03 f5 1f",
    "84 9c 00": "10 02 84 9c 00 10 03 c3 41",
    "06 18 00": "10 02 06 18 00 10 03 56 3a",
    "05 01 03 12 34 56": "10 02 05 01 03 12 34 56 10 03 e0 43",
}

apdus = st.builds(
    Apdu,
    st.sampled_from([0x0600, 0x0601, 0x040F, 0x04FF, 0x060F, 0x061E, 0x06D1, 0x06D3, 0x0501]),
    st.binary(max_size=600),
) | st.sampled_from([Apdu(0x8000), Apdu(0x8483), Apdu(0x84A0)])


def pieces(data, sizes):
    at = 0
    while at < len(data):
        size = next(sizes)
        yield data[at : at + size]
        at += size


def test_crc_is_kermit():
    assert crc16(b"123456789") == 0x2189


@pytest.mark.parametrize("apdu", BLOCKS)
def test_blocks_as_seen_on_serial_lines(apdu):
    wire = bytes.fromhex(BLOCKS[apdu])
    one = decode(bytes.fromhex(apdu))
    assert block(one) == wire
    assert list(BlockStream().feed(wire)) == [one]


@pytest.mark.parametrize("size", [0, 1, 254, 255, 256, 5000])
def test_lengths(size):
    apdu = Apdu(0x06D3, bytes(size))
    data = apdu.encode()
    assert len(data) == size + (3 if size < 255 else 5)
    assert decode(data) == apdu


def test_long_lengths_are_little_endian_and_may_be_short():
    assert decode(bytes.fromhex("040fff01006c")) == Apdu(0x040F, b"\x6c")
    with pytest.raises(BadFrame):
        decode(bytes.fromhex("040f0600010203"))
    assert list(ApduStream().feed(bytes.fromhex("040fff00016c"))) == []


@given(st.lists(apdus, max_size=8), st.data())
def test_apdus_come_whole_in_any_pieces(sent, data):
    stream, blocks = ApduStream(), BlockStream()
    sizes = iter(lambda: data.draw(st.integers(1, 50)), 0)
    raw = b"".join(apdu.encode() for apdu in sent)
    assert [apdu for piece in pieces(raw, sizes) for apdu in stream.feed(piece)] == sent
    framed = b"\x06".join(block(apdu) for apdu in sent)
    got = [item for piece in pieces(framed, sizes) for item in blocks.feed(piece)]
    assert [item for item in got if isinstance(item, Apdu)] == sent


@given(apdus, st.data())
def test_a_damaged_block_is_never_taken_for_another(apdu, data):
    wire = bytearray(block(apdu))
    place = data.draw(st.integers(0, len(wire) - 1))
    wire[place] ^= data.draw(st.integers(1, 255))
    got = [item for item in BlockStream().feed(bytes(wire)) if isinstance(item, Apdu)]
    assert got in ([], [apdu])


@given(st.binary(max_size=3000))
def test_noise_raises_nothing_but_bad_frame_and_fills_no_memory(noise):
    blocks = BlockStream()
    assert all(isinstance(item, Apdu | Signal | Bad) for item in blocks.feed(noise))
    assert len(blocks._data) <= BLOCK_BYTES_MAX + 1
    for read in (
        lambda: list(ApduStream().feed(noise)),
        lambda: bitmaps(noise),
        lambda: tlvs(noise),
        lambda: read_status(Apdu(0x040F, noise), "cp437"),
        lambda: read_intermediate(Apdu(0x04FF, noise), "utf-8"),
        lambda: read_condition(Apdu(0x060F, noise)),
        lambda: Slips("cp437").add_block(Apdu(0x06D3, noise)),
        lambda: Slips("utf-8").add_line(Apdu(0x06D1, noise)),
    ):
        try:
            read()
        except BadFrame:
            continue


def test_a_block_is_in_step_again_after_noise():
    blocks = BlockStream()
    wire = block(Apdu(0x8000))
    assert list(blocks.feed(b"\x10\x02\x06\x01" + wire)) == [Apdu(0x8000)]
    assert list(blocks.feed(b"\x10\x02\x10\x7f" + wire)) == [Bad("10 followed by what may not follow"), Apdu(0x8000)]
    assert list(blocks.feed(b"\x06\x15\x20\x06")) == [Signal.ACK, Signal.NAK, Signal.ACK]


def test_a_length_beyond_all_apdus_is_refused_at_once():
    with pytest.raises(BadFrame):
        list(ApduStream().feed(b"\x06\xd3\xff\xff\xff"))
    assert isinstance(next(BlockStream().feed(b"\x10\x02" + b"\x06" * (BLOCK_BYTES_MAX + 1))), Bad)


@pytest.mark.parametrize("data", ["800001", "80000000", "840105", "81", "8001", "00"])
def test_no_answer_of_this_protocol(data):
    with pytest.raises(BadFrame):
        decode(bytes.fromhex(data.ljust(6, "0")))


@given(
    st.lists(
        st.sampled_from(sorted(codec._FIXED)).flatmap(
            lambda tag: st.tuples(st.just(tag), st.binary(min_size=codec._FIXED[tag], max_size=codec._FIXED[tag]))
        )
        | st.tuples(st.sampled_from(sorted(codec._DIGITS)), st.binary(max_size=99))
        | st.tuples(st.just(codec.TLV), st.binary(max_size=300)),
        max_size=10,
    )
)
def test_bitmaps_round_trip(fields):
    assert list(bitmaps(b"".join(bitmap(tag, value) for tag, value in fields))) == fields


@pytest.mark.parametrize("data", ["99", "0400", "22f0", "2200", "3cf0f1", "06", "0682", "060501", "0683000001ff"])
def test_bitmaps_that_are_none(data):
    with pytest.raises(BadFrame):
        bitmaps(bytes.fromhex(data))


def test_tlv_of_all_lengths():
    for size in (0, 1, 127, 128, 255, 256, 4000):
        data = tlv(0x1F07, bytes(size)) + tlv(0x24, tlv(0x07, b"x"))
        one, two = tlvs(data)
        assert (one.tag, len(one.value)) == (0x1F07, size)
        assert [part.value for part in two.parts] == [b"x"]


def test_tlv_tags_of_three_bytes_and_depth():
    assert tlvs(bytes.fromhex("dfff7f0101"))[0].tag == 0xDFFF7F
    nested = b"x"
    for _ in range(50):
        nested = tlv(0x24, nested)
    assert len(list(walk(tlvs(nested)))) <= codec.TLV_DEPTH_MAX + 1


def test_a_payment():
    status = read_status(decode(PAID), "cp437")
    assert status.approves
    assert (status.amount, status.currency, status.receipt, status.trace) == (2040, 978, 470, "000470")
    assert (status.date, status.time, status.terminal_id) == ("1006", "223953", "28004869")
    assert (status.approval, status.scheme, status.merchant_id) == ("611804", "Debit Mastercard", "100461763")
    assert status.card == "************4771"
    assert status.text == "GEN.NR.:611804"
    assert status.at("2021-10-06T22:39:00") == "2021-10-06T22:39:53"


def test_a_payment_with_a_container():
    status = read_status(decode(CONTACTLESS), "cp437")
    assert (status.entry, status.trace, status.amount, status.receipt) == ("contactless", "10015008", None, 8)
    assert status.scheme == "MASTERCARD"


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        ("040f1e276c29280048693cf0f1f941626272756368206475726368204b756e6465", 0x6C, "Abbruch durch Kunde"),
        ("040f1827ff29280048693cf0f1f34265747261672066616c736368", 0xFF, "Betrag falsch"),
    ],
)
def test_refusals(data, code, text):
    status = read_status(decode(bytes.fromhex(data)), "cp437")
    assert (status.code, status.text, status.receipt) == (code, text, None)


@pytest.mark.parametrize(
    ("near", "at"),
    [
        ("2026-12-31T23:59:58", "2027-01-01T00:00:05"),
        ("2027-01-01T00:00:30", "2027-01-01T00:00:05"),
        ("2026-01-02T10:00:00", "2026-01-01T00:00:05"),
    ],
)
def test_the_year_is_the_nearest(near, at):
    data = bitmap(codec.TIME, b"\x00\x00\x05") + bitmap(codec.DATE, b"\x01\x01")
    assert read_status(Apdu(0x040F, data), "cp437").at(near) == at


@pytest.mark.parametrize("date", [b"\x13\x01", b"\x02\x30", b"\x00\x00"])
def test_a_date_that_is_none(date):
    data = bitmap(codec.TIME, b"\x10\x00\x05") + bitmap(codec.DATE, date)
    assert read_status(Apdu(0x040F, data), "cp437").at("2026-06-01T12:00:00") == ""


@pytest.mark.parametrize(
    ("pan", "kept"),
    [
        ("eeeeeeeeeeee4771", "************4771"),
        ("4311951234561231", "431195******1231"),
        ("431195eeeeee1231", "431195******1231"),
        ("5204731600001237ffff", "520473******1237"),
        ("471100800575703800ff", "471100********3800"),
        ("", ""),
    ],
)
def test_card_numbers_as_they_may_be_kept(pan, kept):
    assert card(bytes.fromhex(pan)) == kept


@pytest.mark.parametrize("pan", PANS.values())
def test_what_must_not_be_kept_is_blanked_in_place(pan):
    track = f"{pan}D3012201"
    data = b"".join(
        (
            bitmap(codec.RESULT, b"\0"),
            bitmap(codec.PAN, bytes.fromhex(pan)),
            bitmap(codec.TRACK_2, bytes.fromhex(track + "F" * (len(track) % 2))),
            bitmap(codec.TRACK_3, bytes.fromhex(pan)),
            bitmap(codec.TRACK_1, f"B{pan}^{CARDHOLDER}^3012".encode()),
            bitmap(codec.CVV, b"\x01\x23"),
            bitmap(codec.EXPIRY, b"\x30\x12"),
            bitmap(codec.TEXT, f"card {pan}".encode()),
            bitmap(
                codec.TLV,
                tlv(0x2F, tlv(0x1F12, b"\x01") + tlv(0x5A, bytes.fromhex(pan))) + tlv(0x5F20, CARDHOLDER.encode()),
            ),
        )
    )
    apdu = Apdu(0x040F, data)
    kept = scrubbed(apdu)
    assert [(tag, len(value)) for tag, value in bitmaps(kept.data)] == [
        (tag, len(value)) for tag, value in bitmaps(data)
    ]
    status = read_status(apdu, "cp437")
    for text in (kept.data.hex(), kept.data.decode("latin-1"), status.raw.hex(), repr(status), repr(apdu)):
        assert pan not in text
        assert CARDHOLDER not in text
        assert CARDHOLDER.encode().hex() not in text
    assert read_status(kept, "cp437").entry == "chip"


def test_intermediate_states():
    seen = read_intermediate(Apdu(0x04FF, bytes.fromhex("1700")), "cp437")
    assert (seen.state, seen.minutes, activity(seen.state)) == (0x17, 0, Activity.WAITING_FOR_HOST)
    data = bytes.fromhex("ff10061a241807084555522031 2e3233070c4269747465207761727465 6e".replace(" ", ""))
    seen = read_intermediate(Apdu(0x04FF, data), "cp437")
    assert (seen.minutes, seen.text) == (10, "EUR 1.23 Bitte warten")
    assert read_intermediate(Apdu(0x04FF, b"\x0a\x06"), "cp437").minutes == 6
    assert read_intermediate(Apdu(0x04FF, b"\x0a" + data[2:]), "cp437").text == "EUR 1.23 Bitte warten"
    assert read_intermediate(Apdu(0x04FF, b"\x0a\x06" + data[2:]), "cp437").minutes == 6


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (0x0A, Activity.WAITING_FOR_CARD),
        (0x0B, Activity.REMOVE_CARD),
        (0x4B, Activity.REMOVE_CARD),
        (0x43, Activity.REMOVE_CARD),
        (0x04, Activity.WAITING_FOR_HOST),
        (0x15, Activity.WAITING_FOR_PIN),
        (0xE0, Activity.WAITING_FOR_CUSTOMER),
        (0x66, Activity.WAITING_FOR_CUSTOMER),
        (0xFF, Activity.OTHER),
        (0x77, Activity.OTHER),
    ],
)
def test_activities(state, shown):
    assert activity(state) is shown


@pytest.mark.parametrize(
    ("data", "code"), [("", 0), ("a0", 0xA0), ("f0f0f3414243a0", 0xA0), ("f0f0f000", 0), ("0600", 0)]
)
def test_the_condition_of_the_terminal(data, code):
    assert read_condition(Apdu(0x060F, bytes.fromhex(data))) == code


def test_a_day_end_with_totals_and_more_behind_them():
    totals = bytes.fromhex("00680071" + "04000000002600" + "00000000000000" * 5 + "01000000000100" + "abcdef")
    data = bitmap(codec.RESULT, b"\0") + bitmap(codec.AMOUNT, codec.bcd(2700, 6)) + bitmap(codec.TOTALS, totals)
    said = Said(Slips("cp437"), statuses=[read_status(Apdu(0x040F, data), "cp437")])
    batch = totals_of(said)
    assert (batch.count, batch.amount) == (5, 2700)
    assert batch.by_scheme == (("girocard", 4, 2600), ("", 1, 100))


def lines(*data):
    slips = Slips("iso8859-15")
    for one in data:
        slips.add_line(decode(bytes.fromhex(one.replace("-", ""))))
    return slips.all()


def test_slips_in_lines_that_say_whose_they_are():
    customer, merchant, _ = lines(
        "06-D1-19-40-2A-2A-20-48-C4-4E-44-4C-45-52-42-45-4C-45-47-20-2A-2A-06-04-1F-07-01-01",
        "06-D1-07-40-06-04-1F-07-01-01",
        "06-D1-0E-40-56-45-52-4B-41-55-46-06-04-1F-07-01-01",
        "06-D1-07-81-06-04-1F-07-01-01",
        "06-D1-18-40-2A-2A-20-4B-55-4E-44-45-4E-42-45-4C-45-47-20-2A-2A-06-04-1F-07-01-02",
        "06-D1-07-81-06-04-1F-07-01-02",
    )
    assert merchant == ("** HÄNDLERBELEG **", "", "VERKAUF")
    assert customer == ("** KUNDENBELEG **",)


def test_slips_in_lines_that_do_not():
    one = ["06-D1-0E-40-54-45-53-54-20-50-6F-72-74-61-6C-75-6D", "06-D1-02-FF-02", "06-D1-02-00-41", "06-D1-01-81"]
    assert lines(*one) == (("TEST Portalum", "", "", "A"), (), ())
    two = ["06-D1-02-00-42", "06-D1-01-81"]
    assert lines(*one, *two) == (("B",), ("TEST Portalum", "", "", "A"), ())


def test_a_slip_in_a_block():
    body = tlv(0x07, b"H\x8eNDLER") + tlv(0x07, b" ") + tlv(0x07, b"PAN " + PANS["VISA"].encode()) + tlv(0x09, b"\x81")
    slips = Slips("cp437")
    slips.add_block(Apdu(0x06D3, bitmap(codec.TLV, tlv(0x1F07, b"\x01") + tlv(0x25, body))))
    assert slips.all()[1] == ("HÄNDLER", "", "PAN 431195******1231")
