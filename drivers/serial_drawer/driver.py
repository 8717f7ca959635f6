"""A cash drawer on a serial port: a pulse of some bytes, and its switch on a modem line where it has one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from drivers.serial_drawer.options import DrawerOptions
from drivers.serial_drawer.simulator import DrawerSimulator
from edge_hub.sdk.driver import Context, Device, DriverInfo
from edge_hub.sdk.errors import DeviceFault, DeviceLost, DeviceRefused
from edge_hub.sdk.messages import DrawerChanged, DrawerState
from edge_hub.sdk.roles import CASH_DRAWER
from edge_hub.sdk.tasks import beside, until_one_ends
from edge_hub.sdk.transport import ModemLine, ModemLines, Transport
from edge_hub.sdk.wire import listen, write_within

WRITE_S = 2.0
"""For the port to take a pulse of some bytes."""
KICK_VERIFY_S = 0.5
"""A drawer that opens does so within this (its switch moves)."""
KICK_POLL_S = 0.05
SETTLE_S = 0.1
"""A switch fed by RTS or DTR has nothing to say before the port was open for a moment."""
SENSOR_POLL_S = 0.25
"""A port does not tell when a modem line moves: it is looked at."""


class Sensor:
    """The drawer's switch."""

    def __init__(self, lines: ModemLines, line: ModemLine, *, open_level: bool) -> None:
        self._lines = lines
        self._line = line
        self._open_level = open_level

    def state(self) -> DrawerState:
        """Look now. Raises DeviceLost, and DeviceFault where the port has no such lines."""
        is_open = self._lines.line(self._line) is self._open_level
        return DrawerState.OPEN if is_open else DrawerState.CLOSED


class SerialDrawer:
    """CashDrawer."""

    def __init__(self, context: Context, transport: Transport, options: DrawerOptions) -> None:
        self._context = context
        self._clock = context.clock
        self._transport = transport
        self._pulse = options.pulse
        self._sensor = _sensor(transport, options)
        self._told = DrawerState.UNKNOWN
        self._turn = asyncio.Lock()

    async def open_drawer(self) -> DrawerState:
        """Send the pulse; where there is a sensor, look at it for half a second."""
        async with self._turn:
            await self._kick()
            until = self._clock.monotonic() + KICK_VERIFY_S
            while (state := self.look()) is DrawerState.CLOSED and self._clock.monotonic() < until:
                await self._clock.sleep(KICK_POLL_S)
            return state

    def look(self) -> DrawerState:
        """The state now, told when it is news. Raises as `Sensor.state`."""
        state = self._sensor.state() if self._sensor is not None else DrawerState.UNKNOWN
        if state is not self._told:
            self._told = state
            self._context.emit(DrawerChanged(state=state))
        return state

    async def _kick(self) -> None:
        before = self._transport.bytes_written
        try:
            await write_within(self._clock, WRITE_S, self._transport, self._pulse, who="the port")
        except DeviceLost as error:
            if self._transport.bytes_written == before:
                raise DeviceRefused(error.detail) from error
            raise

    async def run(self) -> None:
        """Until the wire is lost, which it raises."""
        if self._sensor is None:
            await listen(self._transport)
        async with (
            beside(listen(self._transport), name=f"listen to {self._context.device_id}") as listening,
            beside(self._watch(), name=f"watch {self._context.device_id}") as watching,
        ):
            await until_one_ends(listening, watching)

    async def _watch(self) -> None:
        while True:
            self.look()
            await self._clock.sleep(SENSOR_POLL_S)


def _sensor(transport: Transport, options: DrawerOptions) -> Sensor | None:
    if options.sensor == "none":
        return None
    if not isinstance(transport, ModemLines):
        raise DeviceFault(f"{transport.url} has no modem lines: a sensor needs a serial port")
    return Sensor(transport, options.sensor, open_level=options.open_when == "on")


@asynccontextmanager
async def open_drawer(context: Context, transport: Transport, options: DrawerOptions) -> AsyncIterator[Device]:
    """A drawer is there when its port opens: it cannot be asked. Nothing is sent."""
    drawer = SerialDrawer(context, transport, options)
    await context.clock.sleep(SETTLE_S)
    drawer.look()
    yield Device(roles={CASH_DRAWER: drawer}, run=drawer.run)


DRIVER = DriverInfo(
    name="serial_drawer",
    summary="Cash drawers, and boxes that open one, on a serial port of their own",
    roles=(CASH_DRAWER,),
    options=DrawerOptions,
    open=open_drawer,
    simulator=DrawerSimulator,
    schemes=("serial", "tcp", "file", "sim"),
    serial={"baudrate": 9600, "bytesize": 8, "parity": "N", "stopbits": 1},
)
