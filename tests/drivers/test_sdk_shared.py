"""What drivers share and no driver shows alone: switched faults, frames cut off a stream, code pages remembered."""

import pytest

from edge_hub.sdk.eft.fields import Field, Layout
from edge_hub.sdk.eft.model import Transaction
from edge_hub.sdk.eft.records import DECLINED, OK, UNLISTED, RecordCodec
from edge_hub.sdk.printing.charset import CodePages
from edge_hub.sdk.printing.framing import Framer
from edge_hub.sdk.scanning.codes import Unreadable, decoded, has_foreign_controls, split_aim
from edge_hub.sdk.simulated import Simulated


class Toaster(Simulated):
    own_faults = {"cold": "it does not heat", "stuck": "nothing comes out"}


def test_faults_are_switched_by_name():
    toaster = Toaster()
    toaster.set_fault("cold", True)
    assert toaster.active_faults == {"cold"}
    assert toaster.has("stuck", "cold")
    toaster.set_fault("cold", False)
    assert not toaster.has("stuck", "cold")
    with pytest.raises(KeyError):
        toaster.set_fault("hot", True)
    with pytest.raises(KeyError):
        toaster.act("push", "")
    assert toaster.picture() is None


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_frames_come_out_whole_however_they_were_torn(size):
    def first(held):
        end = held.find(b";")
        return (bytes(held[:end]), end + 1) if end >= 0 else None

    framer, data = Framer(first), b"one;two;;three;fo"
    frames = [frame for at in range(0, len(data), size) for frame in framer.feed(data[at : at + size])]
    assert frames == [b"one", b"two", b"", b"three"]


def test_the_page_a_printer_is_in_is_not_selected_again():
    pages = CodePages(("cp437", "cp858"), {"cp437": 0, "cp858": 19}, b"\x1bt")
    assert pages.encode("é") + pages.encode("é") == b"\x1bt\x00\x82\x82"
    assert pages.encode("€") == b"\x1bt\x13\xd5"
    assert pages.encode("é") == b"\x82"  # cp858 has it too
    pages.reset()
    assert pages.encode("é") == b"\x1bt\x00\x82"
    assert pages.encode("豆") == b"?"
    assert pages.has("x")
    assert not pages.has("豆")


def test_codes_of_scanners():
    assert split_aim("]E04006381333931") == ("]E0", "4006381333931")
    assert split_aim("]E") == ("", "]E")
    assert has_foreign_controls("a\x02")
    assert not has_foreign_controls("01\x1d10\x1e\x04")
    assert decoded(b"\xff", "utf-8") == Unreadable(b"\xff", "not utf-8 text")


def test_a_technicians_list_declines_what_is_not_approved():
    class Records(RecordCodec):
        meanings = {"0001": DECLINED}

    layout = Layout("toy", 4, (Field("code", 0, 4),))
    codec = Records(layout, types={Transaction.SALE: "01"}, always={}, declined=("0000", "0042"))
    said = {code: codec.meaning({"code": code}) for code in ("0000", "0001", "0042", "0043")}
    assert said == {"0000": OK, "0001": DECLINED, "0042": DECLINED, "0043": UNLISTED}
