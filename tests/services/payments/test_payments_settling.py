"""End of day at a terminal, photographs of slips, and what a till is offered."""

import asyncio
import errno
import hashlib
import os
import shutil

import pytest

from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.payment import PaymentState
from edge_hub.domain.reconciliation import SettlementState
from edge_hub.journal.errors import DiskFull
from edge_hub.sdk.document import Row
from edge_hub.sdk.eft.model import BatchTotals, Found
from edge_hub.sdk.errors import DeviceRefused, DeviceTimeout
from edge_hub.services.payments.commands import CloseSettlement
from edge_hub.services.payments.evidence import (
    DISK_FREE_BYTES_MIN,
    PHOTO_BYTES_MAX,
    PhotoInvalid,
    PhotoNotFound,
    PhotoNotKept,
)
from edge_hub.services.payments.model import PaymentTerminalBusy, PaymentTerminalLocked
from edge_hub.services.principal import PermissionNeeded
from edge_hub.services.printing.service import DeviceCannot
from edge_hub.words import LOCALES

S = PaymentState
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
JPEG = b"\xff\xd8\xff" + b"picture"


async def settled(bench, who=None):
    opened = await bench.payments.settle(who or bench.boss, "card")
    return await bench.passing(
        lambda: bench.payments.settlement(opened.id), lambda one: one.state is not SettlementState.OPEN
    )


async def test_totals_that_agree(bench):
    for _ in range(2):
        await bench.until(await bench.pay(), S.APPROVED)
    bench.card.totals = BatchTotals(batch="000042", count=2, amount=500)
    with pytest.raises(PermissionNeeded):
        await settled(bench, bench.who())
    found = await settled(bench)
    assert found.state is SettlementState.AGREED
    assert bench.card.calls[-1] == ("settle", bench.card.calls[-1][1])
    assert len(found.reconciliation.payments) == 2
    bench.card.totals = BatchTotals(count=0, amount=0)
    assert (await settled(bench)).state is SettlementState.AGREED


async def test_totals_that_differ(bench):
    await bench.until(await bench.pay(), S.APPROVED)
    bench.card.totals = BatchTotals(count=2, amount=500, slip=("TOTAL 2",), by_scheme=(("VISA", 2, 500),))
    found = await settled(bench)
    assert found.state is SettlementState.DIFFERENT
    for locale in LOCALES:
        page = bench.payments.settlement_document(found, locale)
        texts = [cell.text for block in page.blocks if isinstance(block, Row) for cell in block.cells]
        assert {"2", "1"} <= set(texts)


@pytest.mark.parametrize(
    ("error", "state"),
    [(DeviceRefused("paper out"), SettlementState.REFUSED), (DeviceTimeout("no answer"), SettlementState.UNKNOWN)],
)
async def test_a_no_and_silence(bench, error, state):
    bench.card.settle_fails = error
    found = await settled(bench)
    assert (found.state, found.reconciliation.detail) == (state, error.detail)
    assert bench.card.count("settle") == 1


async def test_totals_in_hand_outlive_a_full_disk(bench):
    bench.journal.failing = {CloseSettlement: DiskFull()}
    opened = await bench.payments.settle(bench.boss, "card")
    await bench.clock.advance(30)
    assert bench.payments.settlement(opened.id).state is SettlementState.OPEN
    with pytest.raises(PaymentTerminalLocked):
        await bench.pay()
    bench.journal.failing = {}
    await bench.clock.advance(10)
    assert bench.payments.settlement(opened.id).state is SettlementState.UNCHECKED
    assert bench.card.count("settle") == 1


async def test_not_while_a_payment_is_in_hand_and_not_where_it_cannot(bench):
    bench.card.hold = asyncio.Event()
    started = await bench.pay()
    await bench.card.holding.wait()
    with pytest.raises(PaymentTerminalBusy):
        await bench.payments.settle(bench.boss, "card")
    bench.card.hold.set()
    await bench.until(started, S.APPROVED)
    with pytest.raises(DeviceCannot):
        await bench.payments.settle(bench.boss, "line_pay")
    bench.devices.away("card")
    with pytest.raises(DeviceAway):
        await bench.payments.settle(bench.boss, "card")


async def test_a_payment_that_waits_for_a_person_does_not_keep_the_day_open(bench):
    bench.card.script, bench.card.says = ["timeout"], [Found.INCONCLUSIVE] * 3
    started = await bench.pay()
    await bench.until(started, S.MANUAL)
    found = await settled(bench)
    assert [one.payment for one in found.reconciliation.differences] == [started.payment.id]
    page = bench.payments.settlement_document(found, "en")
    texts = [cell.text for block in page.blocks if isinstance(block, Row) for cell in block.cells]
    assert started.payment.reference in texts


async def test_a_photograph_is_kept_by_its_digest(bench, tmp_path):
    for picture, kind in ((PNG, "image/png"), (JPEG, "image/jpeg")):
        digest = await bench.payments.keep_photo(bench.who(), picture)
        assert digest == hashlib.sha256(picture).hexdigest()
        assert await bench.payments.keep_photo(bench.who(), picture) == digest
        assert await bench.payments.photo(bench.boss, digest) == (picture, kind)
    assert len(list((tmp_path / "evidence").iterdir())) == 2
    for bad in (b"GIF89a", b"", PNG + bytes(PHOTO_BYTES_MAX)):
        with pytest.raises(PhotoInvalid):
            await bench.payments.keep_photo(bench.who(), bad)
    for unknown in ("0" * 64, "../hub.db", ""):
        with pytest.raises(PhotoNotFound):
            await bench.payments.photo(bench.boss, unknown)


async def test_the_same_photograph_twice_at_once(bench):
    """A tablet that tries again while the first upload is still being written."""
    digests = await asyncio.gather(*(bench.payments.keep_photo(bench.who(), JPEG + bytes(1 << 20)) for _ in range(8)))
    assert len(set(digests)) == 1
    assert (await bench.payments.photo(bench.boss, digests[0]))[0] == JPEG + bytes(1 << 20)


async def test_a_photograph_that_the_disk_did_not_take_leaves_nothing(bench, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(PhotoNotKept):
            await bench.payments.keep_photo(bench.who(), PNG)
    assert list((tmp_path / "evidence").iterdir()) == []


async def test_photographs_leave_the_disk_to_the_journal(bench, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=DISK_FREE_BYTES_MIN))
        with pytest.raises(PhotoNotKept):
            await bench.payments.keep_photo(bench.who(), PNG)
    assert await bench.payments.keep_photo(bench.who(), PNG)


async def test_evidence_must_be_there(bench):
    bench.card.script, bench.card.says = ["timeout"], [Found.INCONCLUSIVE] * 3
    started = await bench.pay()
    await bench.until(started, S.MANUAL)
    with pytest.raises(PhotoNotFound):
        await bench.payments.resolve(bench.boss, started.payment.id, approved=True, photo_sha256="0" * 64)
    digest = await bench.payments.keep_photo(bench.who(), JPEG)
    with pytest.raises(PermissionNeeded):
        await bench.payments.resolve(bench.who(), started.payment.id, approved=True, photo_sha256=digest)
    done = await bench.payments.resolve(bench.boss, started.payment.id, approved=True, photo_sha256=digest)
    assert done.payment.evidence.photo_sha256 == digest


async def test_offers(bench):
    card, wallet, alone = bench.payments.offers(bench.who().till)
    assert (card.provider, card.tender, card.ready, card.settles, card.stops, card.voids) == (
        "card",
        "card",
        True,
        True,
        True,
        True,
    )
    assert (wallet.provider, wallet.tender, wallet.needs_code, wallet.voids) == ("line_pay", "line_pay", True, False)
    assert (alone.provider, alone.method.value, alone.ready) == ("", "standalone", True)
    bench.devices.away("card")
    card, *_ = bench.payments.offers(None)
    assert (card.ready, card.why_not, card.detail) == (False, "device-away", "the cable is out")
    assert card.voids  # what it can do was seen before
    bench.card.script, bench.card.says = ["timeout"], [DeviceTimeout("?")] * 50
    bench.devices.back("card")
    await bench.until(await bench.pay(), S.UNKNOWN)
    assert next(iter(bench.payments.offers(None))).why_not == "payment-terminal-locked"


async def test_without_terminals_of_their_own(open_bench):
    opened = open_bench(standalone=False)
    assert [one.provider for one in opened.payments.offers(None)] == ["card", "line_pay"]


async def test_lists(bench):
    first = await bench.until(await bench.pay(), S.APPROVED)
    second = await bench.until(await bench.pay(), S.APPROVED)
    page = await bench.payments.listed(limit=1)
    assert [one.payment.id for one in page.payments] == [second.payment.id]
    rest = await bench.payments.listed(limit=1, after=page.next_after)
    assert [one.payment.id for one in rest.payments] == [first.payment.id]
    assert [one.payment.id for one in (await bench.payments.listed(sale=first.paid_sale)).payments] == [
        first.payment.id
    ]
    await settled(bench)
    assert len(await bench.payments.settlements()) == 1
