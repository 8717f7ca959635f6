"""The serial wire against pseudo terminals; unplugging is closing the other side."""

import asyncio
import os
import termios
import threading
import tty
from pathlib import Path

import pytest

from edge_hub.clock import SystemClock
from edge_hub.devices.transports import open_transport
from edge_hub.devices.transports.serial import _Port, _Wire
from edge_hub.sdk.errors import DeviceBusy, DeviceFault, DeviceLost
from edge_hub.sdk.transport import ModemLines


@pytest.fixture
def cable():
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    os.close(slave)
    os.set_blocking(master, False)
    held = [master]

    class Cable:
        url = f"serial://{name}"
        fd = master

        def unplug(self):
            if held:
                os.close(held.pop())

        async def read(self, count):
            got = b""
            while len(got) < count:
                try:
                    got += os.read(master, 4096)
                except BlockingIOError:
                    await asyncio.sleep(0.001)
            return got

    cable = Cable()
    yield cable
    cable.unplug()


def connect(url, **defaults):
    return open_transport(url, clock=SystemClock(), simulators={}, serial_defaults=defaults)


async def test_there_and_back(cable):
    wire = await connect(cable.url, baudrate=19200)
    await wire.write(b"hello")
    assert await cable.read(5) == b"hello"
    os.write(cable.fd, b"\x80\xff\r\n\x00")
    assert await wire.read() == b"\x80\xff\r\n\x00"
    assert (wire.url, wire.bytes_written) == (cable.url, 5)
    await wire.close()
    await wire.close()
    with pytest.raises(DeviceLost):
        await wire.read()


async def test_modem_lines(cable, monkeypatch):
    wire = await connect(cable.url)
    with pytest.raises(DeviceFault, match="no modem lines"):
        wire.line("cts")
    monkeypatch.setattr(_Port, "cts", property(lambda _: True))
    monkeypatch.setattr(_Port, "dsr", property(lambda _: False))
    assert isinstance(wire, ModemLines)
    assert (wire.line("cts"), wire.line("dsr")) == (True, False)
    monkeypatch.setattr(_Port, "cd", property(lambda _: os.fstat(-1)))
    with pytest.raises(DeviceLost):
        wire.line("cd")
    await wire.close()
    with pytest.raises(DeviceLost):
        wire.line("cts")


async def test_exclusive(cable):
    wire = await connect(cable.url)
    with pytest.raises(DeviceBusy, match="another program"):
        await connect(cable.url)
    await wire.close()
    again = await connect(cable.url)
    await again.close()


async def test_not_there():
    with pytest.raises(DeviceLost, match="No such file"):
        await connect("serial:///dev/ttyNOWHERE0")


async def test_settings_a_port_refuses_are_a_fault_not_a_crash(cable):
    wire = await connect(cable.url)
    await wire.close()
    # a pseudo terminal refuses parity from its second opening on (termios.error, not an OSError)
    try:
        again = await connect(cable.url, bytesize=7, parity="E")
    except DeviceFault as exc:
        assert "cannot be set to 9600 7E1" in exc.detail  # noqa: PT017  # some systems refuse it, others do not
    else:
        await again.close()
        with pytest.raises(DeviceFault, match="cannot be set to 9600 7E1"):
            await connect(cable.url, bytesize=7, parity="E")


async def test_a_port_that_takes_its_settings_only_once_is_a_fault_and_free_again(cable, monkeypatch):
    def refuse(self, *_):
        raise termios.error(22, "Invalid argument")

    with monkeypatch.context() as patched:
        patched.setattr(_Wire, "__init__", refuse)
        with pytest.raises(DeviceFault, match="cannot be set to 9600 8N1") as kept:
            await connect(cable.url)
    await (await connect(cable.url)).close()
    assert kept.value.detail.startswith(cable.url), "and nobody needs to forget the error first"


async def test_unplugged_while_reading(cable):
    wire = await connect(cable.url)
    reading = asyncio.create_task(wire.read())
    await asyncio.sleep(0)
    cable.unplug()
    with pytest.raises(DeviceLost):
        await reading
    with pytest.raises(DeviceLost):
        await wire.write(b"x")
    await wire.close()


async def test_unplugged_while_writing(cable):
    wire = await connect(cable.url)
    writing = asyncio.create_task(wire.write(b"x" * 1_000_000))
    await asyncio.sleep(0)
    assert not writing.done()
    cable.unplug()
    with pytest.raises(DeviceLost):
        await writing
    await wire.close()


async def test_back_pressure_loses_nothing(cable):
    wire = await connect(cable.url)
    total = 300_000
    writing = asyncio.create_task(wire.write(b"y" * total))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not writing.done()
    assert await cable.read(total) == b"y" * total
    await writing
    await wire.close()


async def test_closing_does_not_wait_for_a_device_that_takes_nothing(cable):
    wire = await connect(cable.url)
    writing = asyncio.create_task(wire.write(b"z" * 100_000))
    await asyncio.sleep(0.01)
    writing.cancel()
    await asyncio.wait([writing])
    await asyncio.wait_for(wire.close(), 4)
    again = await connect(cable.url)
    await again.close()


def open_files():
    return list(Path("/proc/self/fd").iterdir())


async def test_nothing_leaks_over_many_connections(cable):
    async def cycle():
        wire = await connect(cable.url)
        await wire.write(b"x")
        await cable.read(1)
        await wire.close()

    await cycle()
    before = len(open_files()), len(asyncio.all_tasks())
    for _ in range(100):
        await cycle()
    assert (len(open_files()), len(asyncio.all_tasks())) == before
    workers = [thread for thread in threading.enumerate() if thread.name.startswith("asyncio_")]
    assert len(workers) <= (os.cpu_count() or 1) + 4
