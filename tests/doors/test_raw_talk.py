"""What becomes of a program's bytes, without a hub: pages, pulses, questions, and what is nobody's business."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hub.clock import ManualClock
from edge_hub.doors.access import Allowed
from edge_hub.doors.answers import TooManyWaiting
from edge_hub.doors.face import AWAY, Face, real_time, status_back
from edge_hub.doors.raw_talk import Cut, RawRules, RawTalk
from edge_hub.sdk.messages import DrawerState, PrinterStatus, RawFace
from edge_hub.services.printing.job import JobState

RECEIPT = b"\x1b@Soy milk 35\n\x1dVB\x00"
ASK = b"\x1dr1"
PULSE = b"\x1bp\x00\x32\xfa"


class Ledger:
    """An intake that remembers; jobs are as `state` says."""

    def __init__(self):
        self.pages, self.kicks, self.state = [], 0, JobState.DONE

    async def patient_page(self, device, page, *, title, key):
        self.pages.append(page.data)
        return SimpleNamespace(id=str(len(self.pages)))

    async def kick(self, device, *, till, reason, key):
        self.kicks += 1

    def job(self, job_id):
        return SimpleNamespace(state=self.state)


class Talk:
    def __init__(self, *, partial=False, bytes_max=4096, till="t1"):
        self.ledger, self.clock, self.said = Ledger(), ManualClock(), bytearray()
        self.face = Face(away=False, status=PrinterStatus(online=True), raw=RawFace(pin_high=False))
        rules = RawRules(
            door="d", device="front", till=till, title="x", page_bytes_max=bytes_max, idle_s=5, print_partial=partial
        )  # fmt: skip
        self.talk = RawTalk(
            rules, intake=self.ledger, face=lambda: self.face, clock=self.clock, write=self.said.extend
        )  # fmt: skip

    async def hears(self, data):
        self.said.clear()
        await self.talk.take(data)
        return bytes(self.said)


async def test_a_page_is_what_stands_before_the_cut_without_questions_and_pulses():
    t = Talk()
    assert await t.hears(b"\x10\x04\x01\x1b@\x1da\x00One\n" + PULSE + b"\x1dIB\x1dV\x00\x1b@Two\n") == b"\x12\x5f\x00"
    assert t.ledger.pages == [b"\x1b@One\n\x1dV\x00"]
    assert t.ledger.kicks == 1


async def test_modes_of_one_page_are_those_of_the_next_until_it_resets():
    t = Talk()
    await t.hears(b"\x1bt\x10\x1ba\x01\x1ba\x00\x1c&One\n\x1dV\x00Two\n\x1dV\x00\x1b@Three\n\x1dV\x00")
    assert t.ledger.pages[1] == b"\x1bt\x10\x1ba\x00\x1c&Two\n\x1dV\x00"
    await t.hears(b"Four\n\x1dV\x00")
    assert t.ledger.pages[3] == b"Four\n\x1dV\x00"


async def test_what_is_meant_for_a_display_behind_the_printer_is_not_printed():
    t = Talk()
    shown = b"\x1b=\x02\x1b@\x0c\x1f$\x01\x01Soy milk  35" + b"\x10\x04\x01" + b"\x1f$\x01\x02Total 35\x1b=\x01"
    assert await t.hears(b"\x1b@One\n" + shown + b"Two\n\x1dV\x00") == b"\x12"
    assert t.ledger.pages == [b"\x1b@One\nTwo\n\x1dV\x00"]
    await t.hears(b"\x1b=\x03Both\n\x1dV\x00\x1b=\x00No\n\x1dV\x00")
    assert t.ledger.pages[1:] == [b"Both\n\x1dV\x00"]


@pytest.mark.parametrize(("state", "said"), [
    (JobState.DONE, b"\x00"), (JobState.SENT, b""), (JobState.CANCELLED, b""), (JobState.REFUSED, b""),
])  # fmt: skip
async def test_success_is_said_only_of_a_page_known_to_be_printed(state, said):
    t = Talk()
    t.ledger.state = JobState.QUEUED
    assert await t.hears(RECEIPT + ASK) == b""
    assert t.talk.awaits_answer
    t.ledger.state = JobState.UNKNOWN
    assert await t.hears(b"") == b""
    t.ledger.state = state
    assert await t.hears(b"") == said
    t.ledger.state = JobState.DONE
    assert await t.hears(RECEIPT + ASK) == b"\x00"


async def test_a_question_in_the_midst_of_a_page_waits_for_its_end():
    t = Talk()
    assert await t.hears(b"One\n" + ASK) == b""
    assert await t.hears(b"\x1d(H\x06\x00001234") == b""
    assert await t.hears(b"\x1dV\x00") == b"\x00\x37\x221234\x00"


async def test_an_offline_printer_answers_nothing_in_order():
    t = Talk()
    t.face = Face(away=False, status=PrinterStatus(online=False, paper_end=True))
    assert await t.hears(ASK + b"\x1dIC\x10\x04\x04") == b"\x7e"
    t.face = Face(away=False, status=PrinterStatus(online=True, paper_near_end=True), raw=RawFace(model="X"))
    assert await t.hears(b"") == b"\x03\x5fX\x00"


async def test_status_back_tells_what_was_asked_for():
    t = Talk()
    assert await t.hears(b"\x1da\x08") == b"\x10\x00\x00\x00"
    t.face = Face(away=False, status=PrinterStatus(online=True), raw=RawFace(pin_high=True))
    assert await t.hears(b"") == b""
    t.face = Face(away=False, status=PrinterStatus(online=True, paper_near_end=True), raw=RawFace(pin_high=True))
    assert await t.hears(b"") == b"\x14\x00\x03\x00"
    assert t.talk.listened_to
    await t.hears(b"\x1b@")
    assert not t.talk.listened_to


@pytest.mark.parametrize(("partial", "sent", "pages"), [
    (False, b"Half a receipt\n", 0),
    (True, b"A tear-off slip\n\n", 1),
    (True, b"Whole line\nhalf a li", 0),
    (True, b"Whole line\n\x1dv0\x00\x10\x00\x10\x00half a picture", 0),
    (True, b"\x1b@\x1bt\x10", 0),
])  # fmt: skip
async def test_without_its_cut_a_page_is_printed_only_where_the_rule_says_so(partial, sent, pages):
    t = Talk(partial=partial)
    await t.hears(sent)
    await t.talk.end()
    assert len(t.ledger.pages) == pages


async def test_pulses_close_together_are_one_and_need_a_till():
    t = Talk()
    await t.hears(PULSE + b"\x1bp\x01\x32\xfa")
    await t.clock.advance(5)
    await t.hears(b"\x10\x14\x01\x00\x02")
    assert t.ledger.kicks == 2
    nobody = Talk(till=None)
    await nobody.hears(PULSE)
    assert nobody.ledger.kicks == 0


@pytest.mark.parametrize("begun", [b"", b"OPT"])
async def test_a_web_page_cannot_print(begun):
    t = Talk()
    await t.hears(begun)
    with pytest.raises(Cut):
        await t.hears((b"IONS" if begun else b"POST") + b" / HTTP/1.1\r\n\r\n" + RECEIPT)
    assert t.ledger.pages == []


async def test_limits():
    with pytest.raises(Cut):
        await Talk(bytes_max=1024).hears(b"x\n" * 600)
    with pytest.raises(Cut):
        await Talk(bytes_max=1024).hears(b"\x1dv0\x00\xff\xff\xff\xff" + bytes(2000))
    with pytest.raises(Cut):
        await Talk().hears(b"x" + ASK * 100)
    t = Talk()
    t.ledger.state = JobState.QUEUED
    with pytest.raises(TooManyWaiting):
        await t.hears(RECEIPT + ASK * 600)


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([RECEIPT, ASK, PULSE, b"\x1d8L", b"\x10\x04"]))))
async def test_no_bytes_do_harm(chunks):
    t = Talk(bytes_max=2048)
    try:
        for chunk in chunks:
            await t.talk.take(chunk)
        await t.talk.end()
    except (Cut, TooManyWaiting):
        pass
    assert all(len(page) <= 2048 for page in t.ledger.pages)


def test_a_printer_that_is_away_is_offline_without_being_open_or_empty():
    assert [real_time(n, AWAY).hex() for n in range(5)] == ["", "1e", "52", "52", "12"]
    assert status_back(AWAY).hex() == "1c400000"
    drawer = Face(away=False, status=PrinterStatus(drawer=DrawerState.OPEN))
    assert real_time(1, drawer).hex() == "12"


@pytest.mark.parametrize(("address", "admitted"), [
    ("192.168.1.7", True), ("::ffff:192.168.1.7", True), ("127.0.0.1", False), ("fe80::1%eth0", True), ("x", False),
    ("192.168.2.7", False),
])  # fmt: skip
def test_who_may_knock(address, admitted):
    assert Allowed("d", ("192.168.1.0/24", "fe80::/10")).admits(address) is admitted
