"""What drivers of customer displays share: they cannot answer, so what they show is sent again now and then."""

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.tasks import beside, until_one_ends
from edge_hub.sdk.transport import Transport
from edge_hub.sdk.wire import listen, write_within

WRITE_S = 5.0
"""Two lines are 50 bytes (50 ms at 9600 baud), an amount is 15 (60 ms at 2400 baud)."""
REFRESH_S = 60.0
"""A display cannot say that it was unplugged; what it shows is sent again this often."""


class OneWayDisplay:
    """A protocol makes the bytes that show something, each time all of it."""

    def __init__(self, clock: DriverClock, transport: Transport) -> None:
        self._clock = clock
        self._transport = transport
        self._shown = b""

    async def write(self, data: bytes, *, shows: bool = False) -> None:
        """Send, and, if it `shows` something, keep it to be sent again. Raises DeviceLost, DeviceTimeout."""
        self._shown = data if shows else b""
        await write_within(self._clock, WRITE_S, self._transport, data, who="the display")

    async def run(self) -> None:
        """Refresh until the wire is lost; raises DeviceLost."""
        async with (
            beside(self._refresh(), name="refresh display") as refreshing,
            beside(listen(self._transport), name="listen to display") as listening,
        ):
            await until_one_ends(refreshing, listening)

    async def _refresh(self) -> None:
        while True:
            await self._clock.sleep(REFRESH_S)
            if self._shown:
                await self.write(self._shown, shows=True)
