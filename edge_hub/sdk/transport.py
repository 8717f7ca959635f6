"""Bytes to and from a device. Transports know no protocol; drivers know no operating system."""

from typing import Literal, Protocol, runtime_checkable

READ_BYTES_MAX = 4096
"""Most that one `read` returns."""
ModemLine = Literal["cts", "dsr", "cd", "ri"]
"""An input of a serial port besides its bytes (RS-232: clear to send, data set ready, carrier detect, ring)."""


class Transport(Protocol):
    """An open, ordered byte stream. Every failure of the wire is raised as `sdk.errors.DeviceLost`."""

    @property
    def url(self) -> str:
        """Where it leads, without secrets."""
        ...

    async def read(self) -> bytes:
        """Wait for at least one byte; at most READ_BYTES_MAX. Never b"": an ended stream raises DeviceLost."""
        ...

    async def write(self, data: bytes) -> None:
        """Hand over all of `data`, waiting while the device cannot take it (back pressure has no time limit
        here: progress is the driver's concern). Returning means the bytes left this process, no more.
        """
        ...

    @property
    def bytes_written(self) -> int:
        """Bytes handed over since it was opened: 0 means nothing of the job can have reached the device."""
        ...

    async def close(self) -> None:
        """Free the port at once; never raises."""
        ...


@runtime_checkable
class ModemLines(Protocol):
    """What a serial port's transport has besides; ask `isinstance(transport, ModemLines)`."""

    def line(self, name: ModemLine) -> bool:
        """Its level now, True for on. Raises DeviceLost; DeviceFault where the port has no such lines."""
        ...


@runtime_checkable
class ModemSwitch(Protocol):
    """A simulated device's end of such a port."""

    def set_line(self, name: ModemLine, *, on: bool) -> None: ...
