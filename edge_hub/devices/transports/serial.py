"""`serial:///dev/ttyUSB0`: everything that pyserial-asyncio gets wrong when a cable is pulled is put right here.

- A read or write that fails with termios.error or TypeError never reaches connection_lost (issue 12), nor does a
  read that fails while output waits: here every failure ends the connection at once.
- Closing waits in tcdrain and close() until the device took everything, with the event loop standing still
  (issue 81): here the loop watches the output drain for a limited time and a thread closes the port.
- Serial.write spins while the port takes nothing; here it says so and the loop waits for room.
"""

import asyncio
import errno
import os
import termios
from collections.abc import Mapping
from contextlib import suppress

import serial
import serial_asyncio

from edge_hub.clock import Clock
from edge_hub.devices.transports.settings import SerialSettings, serial_settings
from edge_hub.devices.transports.stream import STREAM_READ_AHEAD_BYTES_MAX, StreamTransport
from edge_hub.devices.transports.url import DeviceUrl
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceFault, DeviceLost, ErrorCode
from edge_hub.sdk.timing import done_within
from edge_hub.sdk.transport import ModemLine

OPEN_LIMIT_S = 5.0
CLOSE_DRAIN_LIMIT_S = 2.0
"""What the device has not taken that long after closing is thrown away."""
CLOSE_DRAIN_POLL_S = 0.05
CLOSE_LIMIT_S = 5.0

_UNPLUGGED = (serial.SerialException, termios.error, OSError, TypeError)
"""All that pyserial raises from a port that went away (TypeError: its fd became None)."""


class _Port(serial.Serial):
    """A port that never makes the event loop wait."""

    def write(self, data: bytes) -> int:  # type: ignore[override]  # the stubs name the argument otherwise
        """Write what the port takes now; raises BlockingIOError for nothing."""
        return os.write(self.fileno(), data)

    def shut(self) -> None:
        """Throw away what waits and close; may block: for a thread."""
        with suppress(*_UNPLUGGED):
            self.reset_output_buffer()
        with suppress(*_UNPLUGGED):
            self.close()


class _Wire(serial_asyncio.SerialTransport):  # type: ignore[misc]  # the library has no types
    """pyserial-asyncio's transport, ending at the first failure; it leaves the port open for `_Port.shut`."""

    _lost = False

    def _read_ready(self) -> None:
        try:
            data = self._serial.read(self._max_read_size)
        except _UNPLUGGED as exc:
            self._abort(exc)
            return
        if data:
            self._protocol.data_received(data)

    def _write_ready(self) -> None:
        try:
            super()._write_ready()
        except _UNPLUGGED as exc:
            self._abort(exc)

    def _fatal_error(self, exc: BaseException, _message: str = "") -> None:
        self._abort(exc)

    def _abort(self, exc: BaseException | None) -> None:
        self._closing = True
        with suppress(*_UNPLUGGED):
            self._remove_reader()
        with suppress(*_UNPLUGGED):
            self._remove_writer()
        if not self._lost:
            self._lost = True
            self._write_buffer.clear()
            self._loop.call_soon(self._call_connection_lost, exc)

    def _close(self, exc: BaseException | None = None) -> None:
        self._abort(exc)

    def _call_connection_lost(self, exc: BaseException | None) -> None:
        # asyncio's streams pass the exception on to whoever reads or writes: make it one they expect
        self._protocol.connection_lost(exc if exc is None or isinstance(exc, OSError) else OSError(errno.EIO, str(exc)))


async def open_serial(url: DeviceUrl, clock: Clock, defaults: Mapping[str, object]) -> "SerialPort":
    """Open the port for this hub alone; raises DeviceLost (not there), DeviceBusy (in use), DeviceFault."""
    settings = serial_settings(url, defaults)
    opening = asyncio.ensure_future(asyncio.to_thread(_open_port, url, settings))
    try:
        in_time = await done_within(clock, OPEN_LIMIT_S, opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_shut_late)
        raise
    if not in_time:
        opening.add_done_callback(_shut_late)
        raise DeviceLost(f"{url.public}: opening takes over {OPEN_LIMIT_S:g} s", error_code=ErrorCode.TIMEOUT)
    port = opening.result()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=STREAM_READ_AHEAD_BYTES_MAX)
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        wire = _Wire(loop, protocol, port)
    except _UNPLUGGED as exc:
        # it sets the port once more, which fails where the port was pulled or took its settings only once
        await asyncio.to_thread(port.shut)
        raise _unopened(url, settings, exc) from exc
    writer = asyncio.StreamWriter(wire, protocol, reader, loop)
    return SerialPort(url.public, reader, writer, port, clock)


def _open_port(url: DeviceUrl, settings: SerialSettings) -> _Port:
    try:
        return _Port(
            url.name,
            baudrate=settings.baudrate,
            bytesize=settings.bytesize,
            parity=settings.parity,
            stopbits=settings.stopbits,
            xonxoff=settings.xonxoff,
            rtscts=settings.rtscts,
            dsrdtr=settings.dsrdtr,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
    except (*_UNPLUGGED, ValueError) as exc:
        raise _unopened(url, settings, exc) from exc


def _unopened(url: DeviceUrl, settings: SerialSettings, exc: BaseException) -> DeviceError:
    if isinstance(exc, termios.error):
        # a pseudo terminal refuses anything but 8 bits without parity from its second opening on
        return DeviceFault(f"{url.public}: the port cannot be set to {settings}")
    if not isinstance(exc, serial.SerialException):
        return DeviceLost(f"{url.public}: {exc}")
    if exc.errno in (errno.EBUSY, errno.EAGAIN):
        return DeviceBusy(f"{url.public}: another program uses this port")
    if exc.errno in (errno.EACCES, errno.EPERM):
        return DeviceFault(f"{url.public}: no permission to open it (group dialout?)")
    return DeviceLost(f"{url.public}: {os.strerror(exc.errno) if exc.errno else exc}")


def _shut_late(opening: "asyncio.Future[_Port]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.get_loop().run_in_executor(None, opening.result().shut)


class SerialPort(StreamTransport):
    """An open serial port."""

    def __init__(
        self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: _Port, clock: Clock
    ) -> None:
        super().__init__(url, reader, writer)
        self._port = port
        self._clock = clock

    def line(self, name: ModemLine) -> bool:
        if self._closed:
            raise self._loss(None)
        try:
            return bool(getattr(self._port, name))
        except _UNPLUGGED as exc:
            number = exc.args[0] if exc.args else None
            if number in (errno.ENOTTY, errno.EINVAL):
                raise DeviceFault(f"{self.url}: this port has no modem lines") from exc
            raise self._loss(exc if isinstance(exc, OSError) else None) from exc

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            await self._drain()
        finally:
            self._writer.transport.abort()
            shutting = asyncio.ensure_future(asyncio.to_thread(self._port.shut))
            await done_within(self._clock, CLOSE_LIMIT_S, shutting)

    async def _drain(self) -> None:
        until = self._clock.monotonic() + CLOSE_DRAIN_LIMIT_S
        with suppress(*_UNPLUGGED):
            while not self._writer.transport.is_closing() and self._port.out_waiting:
                if self._clock.monotonic() >= until:
                    return
                await self._clock.sleep(CLOSE_DRAIN_POLL_S)
