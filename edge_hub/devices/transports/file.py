"""`file:///dev/usb/lp0`: a character device, a named pipe, or a plain file that collects what would be printed.

A character device is read and written without blocking. A pipe or plain file never answers: its `read` waits for the
wire to end. `?create=true` makes a plain file that is not there yet; without it a missing /dev/usb/lp0 is an
unplugged printer and not a new file in /dev.
"""

import asyncio
import errno
import os
import select
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge_hub.clock import Clock
from edge_hub.devices.transports.url import DeviceUrl, flag, only_options
from edge_hub.sdk.errors import DeviceBusy, DeviceFault, DeviceLost
from edge_hub.sdk.transport import READ_BYTES_MAX, Transport

EMPTY_READ_PAUSE_S = 0.1
"""usblp reports an empty USB packet as a read of no bytes: it is not the end, and must not be asked again at once."""
CREATED_MODE = 0o600


async def open_file(url: DeviceUrl, clock: Clock) -> Transport:
    """Open what is at the path; raises DeviceLost (not there), DeviceBusy, DeviceFault (not allowed, a directory)."""
    only_options(url, frozenset({"create"}))
    descriptor, mode = await asyncio.to_thread(_open, url, create=flag(url, "create"))
    if _pollable(descriptor):
        return NodeTransport(url.public, descriptor, clock, readable=stat.S_ISCHR(mode))
    return PlainFile(url.public, descriptor)


def _open(url: DeviceUrl, *, create: bool) -> tuple[int, int]:
    try:
        path = Path(url.name)
        mode = path.stat().st_mode if not create or path.exists() else stat.S_IFREG
        access = os.O_RDWR if stat.S_ISCHR(mode) else os.O_WRONLY | os.O_APPEND
        flags = access | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        descriptor = os.open(url.name, flags, CREATED_MODE)
    except OSError as exc:
        reason = f"{url.public}: {exc.strerror}"
        if exc.errno == errno.EBUSY:
            raise DeviceBusy(f"{url.public}: another program uses it") from exc
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EISDIR, errno.EROFS):
            raise DeviceFault(reason) from exc
        raise DeviceLost(f"{url.public}: nobody reads this pipe" if exc.errno == errno.ENXIO else reason) from exc
    return descriptor, os.fstat(descriptor).st_mode


def _pollable(descriptor: int) -> bool:
    """Plain files and nodes such as /dev/null are always ready, and epoll refuses them."""
    with select.epoll() as poll:
        try:
            poll.register(descriptor, select.EPOLLOUT)
        except PermissionError:
            return False
    return True


class NodeTransport:
    """A device node or pipe, driven by the event loop."""

    def __init__(self, url: str, descriptor: int, clock: Clock, *, readable: bool) -> None:
        self._url = url
        self._descriptor = descriptor
        self._clock = clock
        self._readable = readable
        self._loop = asyncio.get_running_loop()
        self._writing = asyncio.Lock()
        self._bytes_written = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._closed = False

    @property
    def url(self) -> str:
        return self._url

    @property
    def bytes_written(self) -> int:
        return self._bytes_written

    async def read(self) -> bytes:
        while True:
            self._check_open()
            await self._ready(self._loop.add_reader, self._loop.remove_reader)
            self._check_open()
            if not self._readable:
                # a pipe's write end becomes "readable" only when its reader left
                raise DeviceLost(f"{self._url}: nobody reads this pipe any more")
            try:
                data = os.read(self._descriptor, READ_BYTES_MAX)
            except BlockingIOError:
                continue
            except OSError as exc:
                raise DeviceLost(f"{self._url}: {exc.strerror}") from exc
            if data:
                return data
            if self._hung_up():
                raise DeviceLost(f"{self._url}: the device is gone")
            await self._clock.sleep(EMPTY_READ_PAUSE_S)

    async def write(self, data: bytes) -> None:
        async with self._writing:
            left = memoryview(data)
            while left:
                self._check_open()
                try:
                    taken = os.write(self._descriptor, left)
                except BlockingIOError:
                    await self._ready(self._loop.add_writer, self._loop.remove_writer)
                    continue
                except OSError as exc:
                    raise DeviceLost(f"{self._url}: {exc.strerror}") from exc
                self._bytes_written += taken
                left = left[taken:]

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        # a node's close may wait for the device to take what it holds
        await asyncio.to_thread(_close, self._descriptor)

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLost(f"{self._url} is closed")

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))

    async def _ready(self, add: Callable[..., None], remove: Callable[[int], object]) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.add(future)
        add(self._descriptor, _set, future)
        try:
            await future
        finally:
            self._waiting.discard(future)
            if not self._closed:
                remove(self._descriptor)


class PlainFile:
    """A file that takes everything and says nothing; a thread writes, because a disk may be slow."""

    def __init__(self, url: str, descriptor: int) -> None:
        self._url = url
        self._descriptor = descriptor
        self._writing = asyncio.Lock()
        self._held = threading.Lock()
        """A cancelled write goes on in its thread: neither the next one nor close may overtake it."""
        self._bytes_written = 0
        self._closed = asyncio.Event()

    @property
    def url(self) -> str:
        return self._url

    @property
    def bytes_written(self) -> int:
        return self._bytes_written

    async def read(self) -> bytes:
        await self._closed.wait()
        raise DeviceLost(f"{self._url} is closed")

    async def write(self, data: bytes) -> None:
        async with self._writing:
            if self._closed.is_set():
                raise DeviceLost(f"{self._url} is closed")
            self._bytes_written += len(data)
            try:
                await asyncio.to_thread(self._write, data)
            except OSError as exc:
                raise DeviceLost(f"{self._url}: {exc.strerror}") from exc

    async def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            await asyncio.to_thread(self._close)

    def _write(self, data: bytes) -> None:
        with self._held:
            left = memoryview(data)
            while left:
                left = left[os.write(self._descriptor, left) :]

    def _close(self) -> None:
        with self._held:
            descriptor, self._descriptor = self._descriptor, -1
            _close(descriptor)


def _close(descriptor: int) -> None:
    with suppress(OSError):
        os.close(descriptor)


def _set(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
