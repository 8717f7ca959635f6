"""An Adyen terminal on a wire in memory, and behind HTTPS with the hub around it."""

import asyncio
import logging

import pytest
from eft_requests import a_request, ask, carry_out, nothing_secret_in
from tls_server import behind_tls

from drivers.adyen import DRIVER
from drivers.adyen.driver import ABSENT_AFTER_S
from drivers.adyen.options import AdyenOptions
from edge_hub.bus import Bus
from edge_hub.clock import SystemClock
from edge_hub.devices.hub import DeviceConfig, DeviceHub, DeviceState
from edge_hub.sdk.driver import Context
from edge_hub.sdk.eft.bank import FAULTS
from edge_hub.sdk.eft.model import Found, Milestone, Reason, Transaction, Verdict
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceFault, DeviceLost, DeviceRefused, DeviceTimeout
from edge_hub.sdk.pipe import duplex
from edge_hub.sdk.roles import EFT_TERMINAL

PASSPHRASE = "correct horse battery staple"


async def test_a_sale_a_void_and_a_refund(bench):
    b, heard = bench(DRIVER), []
    async with b.plugged() as device:
        sale = await carry_out(b, device, a_request(), heard)
        assert (sale.verdict, sale.amount, sale.scheme, sale.entry) == (Verdict.APPROVED, 1234, "VISA", "contactless")
        assert (sale.card, sale.slip) == ("431195******1231", ())
        assert [step.milestone for step in heard] == [Milestone.SENT]
        undo = {"original": sale, "original_reference": "ABCDE12345", "original_amount": 1234}
        part = await carry_out(b, device, a_request(700, "R000000001", transaction=Transaction.REFUND, **undo))
        other = await carry_out(b, device, a_request(2000, "S000000002"))
        void = await carry_out(
            b, device, a_request(2000, "V000000001", transaction=Transaction.VOID, original=other, original_amount=2000)
        )
        assert part.verdict is void.verdict is Verdict.APPROVED
        again = await carry_out(b, device, a_request(700, "R000000002", transaction=Transaction.REFUND, **undo))
        assert (again.verdict, again.reason) == (Verdict.DECLINED, Reason.NOT_FOUND)
        for request, verdict in (
            (a_request(), Verdict.APPROVED),
            (a_request(700, "R000000002", transaction=Transaction.REFUND, **undo), Verdict.DECLINED),
        ):
            found = await ask(b, device, request)
            assert (found.found, found.result.verdict) == (Found.FOUND, verdict)
        terminal = device.role(EFT_TERMINAL)
        with pytest.raises(DeviceRefused):
            await terminal.settle("2026-10-09T20:00:00", heard.append)
        assert not terminal.capabilities.stops
        with pytest.raises(DeviceRefused):
            await terminal.stop()
    assert b.simulator.state()["net"] == 1234 - 700
    nothing_secret_in(sale, part, void, again, found, b.messages)


async def test_receipts_for_the_hub_to_print(bench):
    b = bench(DRIVER, print_receipts=True)
    async with b.plugged() as device:
        sale = await carry_out(b, device, a_request())
        assert device.role(EFT_TERMINAL).capabilities.prints
    assert sale.slip == sale.merchant_slip == ("CORNER STORE", "Card 431195******1231", "TOTAL 1234")
    nothing_secret_in(sale)


@pytest.mark.parametrize(
    ("fault", "outcome", "asked"),
    [
        ("lost_reply", DeviceTimeout, Found.FOUND),
        ("bad_check", DeviceError, Found.FOUND),
        ("duplicate_reply", Verdict.APPROVED, Found.FOUND),
        ("late_reply", DeviceError, Found.FOUND),
        ("power_cut", DeviceLost, Found.INCONCLUSIVE),
        ("unsolicited", DeviceError, Found.FOUND),
        ("split", Verdict.APPROVED, Found.FOUND),
        ("approval_after_cancel", Verdict.APPROVED, Found.FOUND),
        ("busy", Verdict.DECLINED, Found.INCONCLUSIVE),
        ("slow_host", Verdict.APPROVED, Found.FOUND),
        ("wrong_amount", Verdict.UNKNOWN, Found.INCONCLUSIVE),
        ("unlisted_code", Verdict.UNKNOWN, Found.INCONCLUSIVE),
        ("hangs_up", Verdict.APPROVED, Found.FOUND),
    ],
)
async def test_each_fault(bench, fault, outcome, asked, caplog):
    caplog.set_level(0)
    b = bench(DRIVER)
    b.simulator.sleep = b.clock.sleep
    async with b.plugged() as device:
        await carry_out(b, device, a_request(1200, "FIRST00001"))
        b.simulator.set_fault(fault, True)
        if isinstance(outcome, Verdict):
            result = await carry_out(b, device, a_request())
            assert result.verdict is outcome
            nothing_secret_in(result)
        else:
            with pytest.raises(outcome) as caught:
                await carry_out(b, device, a_request())
            nothing_secret_in(caught.value)
            with pytest.raises(DeviceLost):
                await device.run()
            with pytest.raises(DeviceRefused):
                await carry_out(b, device, a_request(reference="NEXT000001"))
    b.simulator.set_fault(fault, False)
    async with b.plugged() as device:
        found = await ask(b, device, a_request())
        assert found.found is asked
        if asked is Found.FOUND:
            assert (found.result.verdict, found.result.amount) == (Verdict.APPROVED, 1234)
        nothing_secret_in(found)
    assert len(b.simulator.state()["taken"]) == (1 if fault == "busy" else 2)
    nothing_secret_in(b.messages, [record.getMessage() for record in caplog.records])


async def test_what_the_terminal_never_heard_of(bench):
    for believed, found in ((False, Found.INCONCLUSIVE), (True, Found.ABSENT)):
        b = bench(DRIVER, not_found_is_absent=believed)
        async with b.plugged() as device:
            assert (await ask(b, device, a_request())).found is found
            capabilities = device.role(EFT_TERMINAL).capabilities
            assert capabilities.inquire_after_s == (ABSENT_AFTER_S if believed else 0)


async def test_still_at_it(bench):
    """The connection is lost while the customer thinks: the terminal says so, then what came of it."""
    b = bench(DRIVER)
    b.simulator.set_fault("customer_waits", True)
    host, end = duplex("sim://first")
    serving = asyncio.create_task(b.simulator.serve(end))
    async with DRIVER.open(b.context, host, b.options) as first:
        terminal = first.role(EFT_TERMINAL)
        job = asyncio.ensure_future(carry_out(b, first, a_request()))
        await b.settle()
        with pytest.raises(DeviceBusy):
            await terminal.transact(a_request(), await terminal.prepare(a_request()), print)
        async with b.plugged() as device:
            assert (await ask(b, device, a_request())).found is Found.PENDING
            b.simulator.set_fault("customer_waits", False)
            assert (await job).verdict is Verdict.APPROVED
            assert (await ask(b, device, a_request())).found is Found.FOUND
    await host.close()
    await serving


async def test_the_red_key(bench):
    b = bench(DRIVER)
    b.simulator.set_fault("customer_waits", True)
    async with b.plugged() as device:
        job = asyncio.ensure_future(carry_out(b, device, a_request()))
        await b.settle()
        b.simulator.act("press_cancel", "")
        result = await job
        assert (result.verdict, result.reason) == (Verdict.DECLINED, Reason.CANCELLED)
    assert not b.simulator.state()["taken"]


async def test_another_messages_response_repeated_proves_nothing(bench):
    b = bench(DRIVER)
    async with b.plugged() as device:
        await carry_out(b, device, a_request())
        stored = b.simulator._stored
        stored["edge-hub", "OTHER00001"] = stored["edge-hub", "ABCDE12345"]
        assert (await ask(b, device, a_request(reference="OTHER00001"))).found is Found.INCONCLUSIVE


async def test_a_wrong_key_is_found_out_before_anything_is_paid(bench):
    b = bench(DRIVER)
    b.simulator.set_fault("other_key", True)
    with pytest.raises(DeviceLost, match="passphrase"):
        async with b.plugged():
            pass
    b.simulator.set_fault("other_key", False)
    b.simulator.keys = b.simulator.other_keys
    with pytest.raises(DeviceLost, match="passphrase"):
        async with b.plugged():
            pass


@pytest.mark.parametrize(
    "options",
    [{}, {"poi_id": "P", "key_identifier": "K"}, {"poi_id": "P", "passphrase": "x"},
     {"poi_id": "P", "key_identifier": "K", "passphrase_file": "/nowhere/passphrase"}],
)  # fmt: skip
async def test_a_real_terminal_needs_its_keys(bench, options):
    host, _ = duplex("tls://terminal:8443")
    context: Context = bench(DRIVER).context
    with pytest.raises(DeviceFault):
        async with DRIVER.open(context, host, AdyenOptions(**options)):
            pass
    assert host.bytes_written == 0


# over HTTPS, in the hub


async def running(tmp_path, url):
    """A hub with the terminal at `url`, and its task."""
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")
    options = {"poi_id": "V400m-1", "key_identifier": "shop", "passphrase_file": str(tmp_path / "passphrase")}
    config = DeviceConfig(id="card-1", driver="adyen", url=url, options=options)
    hub = DeviceHub([config], {"adyen": DRIVER}, clock=SystemClock(), bus=Bus())
    task = asyncio.create_task(hub.run())
    await asyncio.wait_for(hub.get("card-1").until_ready(), 10)
    return hub, task


async def pay(hub, request):
    terminal = hub.get("card-1").role(EFT_TERMINAL)
    data = await terminal.prepare(request)
    return await asyncio.wait_for(terminal.transact(request, data, lambda _: None), 10)


async def test_a_terminal_that_keeps_no_connection_stays_ready(tmp_path):
    simulator = DRIVER.simulator(AdyenOptions(poi_id="V400m-1", key_identifier="shop", passphrase=PASSPHRASE))
    simulator.set_fault("hangs_up", True)
    simulator.sleep = lambda _: asyncio.sleep(0)
    async with behind_tls(simulator, tmp_path) as url:
        hub, task = await running(tmp_path, url)
        since = hub.snapshot("card-1").since_ms
        for number in range(4):
            result = await pay(hub, a_request(1000 + number, f"PAY{number:07d}"))
            assert (result.verdict, result.amount) == (Verdict.APPROVED, 1000 + number)
        assert (hub.snapshot("card-1").state, hub.snapshot("card-1").since_ms) == (DeviceState.READY, since)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_terminal_that_is_gone_is_offline_and_nothing_is_sent(tmp_path):
    simulator = DRIVER.simulator(AdyenOptions(poi_id="V400m-1", key_identifier="shop", passphrase=PASSPHRASE))
    async with behind_tls(simulator, tmp_path) as url:
        hub, task = await running(tmp_path, url)
        terminal = hub.get("card-1").role(EFT_TERMINAL)
    with pytest.raises(DeviceRefused):
        await terminal.transact(a_request(), await terminal.prepare(a_request()), lambda _: None)
    for _ in range(1000):
        if hub.snapshot("card-1").state is DeviceState.OFFLINE:
            break
        await asyncio.sleep(0.005)
    assert hub.snapshot("card-1").state is DeviceState.OFFLINE
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not simulator.state()["taken"]


async def test_a_payment_by_https_is_stopped_by_a_second_connection(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    simulator = DRIVER.simulator(AdyenOptions(poi_id="V400m-1", key_identifier="shop", passphrase=PASSPHRASE))
    async with behind_tls(simulator, tmp_path) as url:
        hub, task = await running(tmp_path, url)
        terminal = hub.get("card-1").role(EFT_TERMINAL)
        assert terminal.capabilities.stops
        await terminal.stop()  # nothing under way: nothing to stop
        data = await terminal.prepare(a_request())
        assert PASSPHRASE.encode() not in data
        simulator.set_fault("customer_waits", True)
        for fault, verdict in (("", Verdict.DECLINED), ("approval_after_cancel", Verdict.APPROVED)):
            if fault:
                simulator.set_fault(fault, True)
            request = a_request(reference=f"STOP00000{len(fault) % 10}")
            sent = await terminal.prepare(request)
            paying = asyncio.create_task(terminal.transact(request, sent, lambda _: None))
            while not simulator._running:  # noqa: ASYNC110  # another task's state, over a socket
                await asyncio.sleep(0.001)
            await terminal.stop()
            result = await asyncio.wait_for(paying, 10)
            assert result.verdict is verdict
        snapshot = hub.snapshot("card-1")
        assert snapshot.state is DeviceState.READY
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(simulator.state()["taken"]) == 1
    for text in (repr(snapshot), caplog.text, repr(hub.configs)):
        assert PASSPHRASE not in text
        assert "fingerprint" not in repr(snapshot)


def test_faults_are_the_banks_or_explained():
    simulator = DRIVER.simulator(DRIVER.options())
    assert set(simulator.faults) - set(FAULTS) == {"customer_waits", "other_key", "hangs_up"}
