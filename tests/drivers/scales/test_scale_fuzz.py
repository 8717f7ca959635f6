"""Any bytes in any pieces: no exception, bounded memory, and in step again afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scale_adam.codec import AdamCodec
from drivers.scale_cas.codec import CasCodec, bcc
from drivers.scale_cas.options import CasOptions
from drivers.scale_dialog06.codec import Dialog06Codec
from drivers.scale_hid.codec import HidScaleCodec
from drivers.scale_mtsics.codec import SicsCodec
from drivers.scale_nci.codec import NciCodec
from drivers.scale_sma.codec import SmaCodec
from drivers.scale_toledo.codec import ToledoCodec
from drivers.scale_toledo.options import ToledoOptions
from edge_hub.sdk.packets import PACKET_BYTES_MAX, pack
from edge_hub.sdk.scales.framing import Bad

TYPE6 = b"S 01.234kg"
TYPE0 = b"001234"
CODECS = {
    "toledo": (lambda: ToledoCodec(ToledoOptions()), b"\x0201.234\r"),
    "toledo-8213": (lambda: ToledoCodec(ToledoOptions(variant="8213")), b"\x02?a\r"),
    "nci": (lambda: NciCodec(6), b"\n01.234kg\r\n00\r\x03"),
    "sma": (SmaCodec, b"\n 1G       1.234kg \r"),
    "mtsics": (SicsCodec, b"S S      1.234 kg\r\n"),
    "adam": (lambda: AdamCodec(decimals=3), b"+ 1.234kg\r\n"),
    "dialog06": (Dialog06Codec, b"\x0202\x1b3\x1b01234\x1b000199\x1b000246\x03"),
    "hid": (lambda: HidScaleCodec(report_id=3), pack(b"\x03\x04\x03\xfd\xd2\x04")),
    "cas-type6": (lambda: CasCodec(CasOptions()), b"\x01\x02" + TYPE6 + bytes((bcc(TYPE6), 3, 4))),
    "cas-type0": (lambda: CasCodec(CasOptions(form="type0")), b"\x02" + TYPE0 + bytes((bcc(TYPE0), 3))),
    "cas-stream": (lambda: CasCodec(CasOptions(form="stream22")), b"ST,GS,1\xc0,0001.234 kg\r\n"),
}
HELD_BYTES_MAX = dict.fromkeys(CODECS, 96) | {"hid": 2 * (PACKET_BYTES_MAX + 2)}
"""Of a packet that may be any HID report: each of its bytes may be escaped, its CRC too."""
JUNK_BYTES = 50_000


def held(codec):
    found = [codec, *(value for value in vars(codec).values() if hasattr(value, "_held"))]
    return sum(len(getattr(part, "_held", b"")) for part in found)


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_any_bytes(name, data):
    make, good = CODECS[name]
    alphabet = st.sampled_from(sorted(set(good + b"\x00\x02\x03\x04\x06\x0a\x0d\x11\x15\x1b?-FN\xff")))
    junk = data.draw(st.lists(st.binary(max_size=40) | st.lists(alphabet, max_size=60).map(bytes), max_size=8))
    codec = make()
    for piece in junk:
        codec.feed(piece)
        assert held(codec) <= HELD_BYTES_MAX[name]
    # what was begun may swallow the next frame or two, not the one after
    expected = make().feed(good)[-1]
    assert not isinstance(expected, Bad)
    assert expected in codec.feed(good * 8)[-3:]


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_pieces_do_not_matter(name, data):
    make, good = CODECS[name]
    stream = data.draw(st.binary(max_size=30)) + good * 3
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    codec, pieced = make(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        pieced += codec.feed(stream[start:end])
    assert pieced == make().feed(stream)


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("junk", [b"\x02", b"S", b"1", b"\n", b"\x02?", b"\xff"])
def test_floods_do_not_pile_up(name, junk):
    make, _ = CODECS[name]
    codec = make()
    codec.feed(junk * (JUNK_BYTES // len(junk)))
    assert held(codec) <= HELD_BYTES_MAX[name]


@pytest.mark.parametrize("name", [name for name in CODECS if name not in ("adam", "toledo-8213")])
def test_a_frame_short_of_a_byte_is_no_weight(name):
    """The fixed forms and check characters at work; an Adam line has neither."""
    make, good = CODECS[name]
    for at in range(len(good)):
        for frame in make().feed(good[:at] + good[at + 1 :]):
            weight = getattr(getattr(frame, "reading", frame), "weight", None)
            # drivers hold a weight against the length of its field (Toledo) and the unit the scale is set to
            caught = getattr(frame, "chars", 6) != 6 or getattr(weight, "unit", "kg") != "kg"
            assert weight is None or caught or getattr(weight, "grams", weight) == 1234
