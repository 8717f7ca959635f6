"""A link of card terminals on the bench: a terminal that echoes, and both ends of its wire."""

import asyncio
from contextlib import asynccontextmanager, suppress

from edge_hub.clock import ManualClock
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.framed import FramedLink
from edge_hub.sdk.eft.framed_sim import FramedTerminal, Reply
from edge_hub.sdk.errors import (
    DeviceError,
)
from edge_hub.sdk.pipe import duplex
from edge_hub.sdk.testing import until

SIZE = 8
REPLY_S = 60.0


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
