"""The same printer behind HTTPS, over real sockets."""

import asyncio
import logging
from contextlib import suppress

from tls_server import behind_tls

from drivers.epos import DRIVER
from edge_hub.clock import SystemClock
from edge_hub.devices.transports import open_transport
from edge_hub.sdk.document import Cut, Document, Text
from edge_hub.sdk.driver import Context
from edge_hub.sdk.errors import DeviceError
from edge_hub.sdk.messages import Proof
from edge_hub.sdk.roles import POS_PRINTER

RECEIPT = Document(blocks=(Text(text="Bread 3.50"), Cut()))


async def test_a_receipt_by_https(tmp_path):
    clock = SystemClock()
    simulator = DRIVER.simulator(DRIVER.options())
    async with behind_tls(simulator, tmp_path) as url:
        assert url.partition("://")[0] in DRIVER.schemes
        wire = await open_transport(url, clock=clock, simulators={}, serial_defaults={})
        context = Context(device_id="p", emit=lambda _: None, clock=clock, log=logging.getLogger("p"))
        async with DRIVER.open(context, wire, DRIVER.options()) as device:
            running = asyncio.create_task(device.run())
            printed = await device.role(POS_PRINTER).print_document(RECEIPT, progress=lambda: None)
            assert printed.proof is Proof.PROCESS_ID
            running.cancel()
            with suppress(asyncio.CancelledError, DeviceError):
                await running
        await wire.close()
    assert simulator.pages == (("Bread 3.50",),)
