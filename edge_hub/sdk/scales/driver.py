"""The Scale role on top of a protocol that can be asked: weighing for sale, live weights, the end of the wire."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from edge_hub.sdk.driver import Context, Device, DriverInfo, Options, Simulator
from edge_hub.sdk.errors import DeviceError, DeviceRefused, DeviceTimeout, ErrorCode
from edge_hub.sdk.messages import Noted, ScaleState, Weight, WeightChanged
from edge_hub.sdk.roles import SCALE
from edge_hub.sdk.scales.framing import Bad
from edge_hub.sdk.scales.link import Codec, Link
from edge_hub.sdk.scales.stable import EQUAL_READS, StableWeight, refusal
from edge_hub.sdk.scales.weight import Reading
from edge_hub.sdk.tasks import beside, end
from edge_hub.sdk.transport import Transport

WEIGH_S = 5.0
"""To wait for a steady weight once asked for one."""
READ_PERIOD_S = 0.2
"""Between two readings of one weighing: scales work out five or more weights a second."""
SILENT_MAX = 10
"""Live readings in a row without an answer: the scale is away."""

F = TypeVar("F")


class ScaleOptions(Options):
    """Settings every scale has."""

    live: bool = True
    """Ask for the weight all the time, for displays."""
    poll_ms: int = Field(default=200, ge=100, le=5000)
    unit: Literal["kg", "g", "lb", "oz"] = "kg"
    """What it is set to. A weight in another unit is none: it may be a torn "kg", or a key that was pressed."""


O = TypeVar("O", bound=ScaleOptions)  # noqa: E741  # the type of a driver's options


class ScaleDriver(ABC, Generic[F, O]):
    """Scale: a protocol gives the codec and `look`, and what else it can."""

    reads = EQUAL_READS
    """Readings alike that make a weight; 1 only where the scale itself answers no more than once for a load."""

    silence_is_loss = True
    """A scale that does not answer for SILENT_MAX live readings is away; not so where silence is an answer."""

    def __init__(self, context: Context, transport: Transport, options: O) -> None:
        self.options = options
        self.clock = context.clock
        self.emit = context.emit
        self.link: Link[F] = Link(transport, context.clock, self.codec(), self._note_bad)
        self._turn = asyncio.Lock()
        self._shown: WeightChanged | None = None
        self._noted = False
        self._broken: asyncio.Future[DeviceError] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def codec(self) -> Codec[F]:
        """A codec for this device's settings."""

    @abstractmethod
    async def look(self, *, for_sale: bool) -> Reading | None:
        """Ask once; None when no answer came. `for_sale`: in the one way that may be sold by. Raises DeviceError."""

    async def greet(self) -> None:
        """Find the scale there. Raises DeviceTimeout when it is silent."""
        if await self.look(for_sale=False) is None and await self.look(for_sale=False) is None:
            raise DeviceTimeout("the scale does not answer")

    async def weigh(self, *, unit_price: int = 0, tare_grams: int = 0) -> Weight:  # noqa: ARG002  # none shown here
        if tare_grams:
            raise DeviceRefused("this scale takes no tare from the till", error_code=ErrorCode.ILLEGAL)
        async with self._turn:
            rule = StableWeight(self.reads)
            end = self.clock.monotonic() + WEIGH_S
            while True:
                reading = self._in_unit(await self.look(for_sale=True))
                self.show(reading)
                weight = rule.add(reading)
                if weight is not None:
                    return weight
                if self.clock.monotonic() >= end:
                    raise rule.why_not()
                await self.clock.sleep(READ_PERIOD_S)

    def _in_unit(self, reading: Reading | None) -> Reading | None:
        if reading is None or reading.weight is None or reading.weight.unit == self.options.unit:
            return reading
        self._note(f"a weight in {reading.weight.unit}, not {self.options.unit}")
        return Reading(ScaleState.NOT_READY)

    async def zero(self) -> None:
        await self._command(self.do_zero)

    async def tare(self) -> None:
        await self._command(self.do_tare)

    async def do_zero(self) -> None:
        """Zero it. Raises DeviceRefused when it would not."""
        raise DeviceRefused("this scale can be zeroed on itself only", error_code=ErrorCode.ILLEGAL)

    async def do_tare(self) -> None:
        """Take a tare. Raises DeviceRefused when it would not."""
        raise DeviceRefused("this scale can be tared on itself only", error_code=ErrorCode.ILLEGAL)

    async def _command(self, do: Callable[[], Any]) -> None:
        async with self._turn:
            await do()

    def obey(self, reading: Reading | None, *, done: bool) -> None:
        """Judge what a scale said to a command: raises what speaks against its having been carried out."""
        if reading is None:
            raise DeviceTimeout("the scale does not answer")
        if reading.state in (ScaleState.UNSTABLE, ScaleState.OVERWEIGHT, ScaleState.NOT_READY):
            raise refusal(reading.state)
        if not done:
            raise DeviceRefused("the scale did not do it: is it empty and at rest?", error_code=ErrorCode.FAILURE)

    def show(self, reading: Reading | None) -> None:
        """Tell what the scale shows, if that is news."""
        state = ScaleState.NOT_READY if reading is None else reading.state
        grams = reading.weight.grams if reading is not None and reading.weight is not None else None
        shown = WeightChanged(weight_grams=grams, state=state)
        if shown != self._shown:
            self._shown = shown
            self.emit(shown)

    def break_off(self, error: DeviceError) -> DeviceError:
        """End the run with `error` too, so that the device is seen to be in fault."""
        if not self._broken.done():
            self._broken.set_result(error)
        return error

    def _note_bad(self, bad: Bad) -> None:
        self._note(f"{len(bad.data)} bytes dropped: {bad.why}")

    def _note(self, text: str) -> None:
        if not self._noted:
            self._noted = True
            self.emit(Noted(text=f"{text} (further trouble is not noted)"))

    async def run(self, reading: "asyncio.Task[None]") -> None:
        """Until the wire is lost or the scale falls silent, which it raises."""
        either: set[asyncio.Future[Any]] = {reading, self._broken}
        polling = asyncio.create_task(self._poll(), name="poll scale") if self.options.live else None
        if polling is not None:
            either.add(polling)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._broken.done():
                raise self._broken.result()
            if polling is not None and polling.done():
                polling.result()
            await reading
        finally:
            if polling is not None:
                await end(polling)

    async def _poll(self) -> None:
        silent = 0
        while True:
            async with self._turn:
                reading = self._in_unit(await self.look(for_sale=False))
            self.show(reading)
            silent = silent + 1 if reading is None else 0
            if silent >= SILENT_MAX and self.silence_is_loss:
                raise DeviceTimeout("the scale does not answer any more")
            await self.clock.sleep(self.options.poll_ms / 1000)


def scale_info(
    name: str,
    summary: str,
    scale: Callable[[Context, Transport, Any], ScaleDriver[Any, Any]],
    options: type[ScaleOptions],
    simulator: Callable[[Any], Simulator],
    *,
    parity: str,
    hints: tuple[str, ...],
    baudrate: int = 9600,
) -> DriverInfo:
    """The DriverInfo of a scale. `parity`: "N" is a line of eight bits, "E" and "O" of seven."""
    line = {"baudrate": baudrate, "bytesize": 8 if parity == "N" else 7, "parity": parity, "stopbits": 1}
    return DriverInfo(
        name=name,
        summary=summary,
        roles=(SCALE,),
        options=options,
        open=opener(scale),
        simulator=simulator,
        schemes=("serial", "tcp", "sim"),
        serial=line,
        hints=hints,
    )


def opener(
    scale: Callable[[Context, Transport, Any], ScaleDriver[Any, Any]],
) -> Callable[[Context, Transport, Any], AbstractAsyncContextManager[Device]]:
    """`DriverInfo.open` for a ScaleDriver."""

    @asynccontextmanager
    async def open_scale(context: Context, transport: Transport, options: ScaleOptions) -> AsyncIterator[Device]:
        driver = scale(context, transport, options)
        async with beside(driver.link.read(), name="read scale") as reading:
            await driver.greet()
            yield Device(roles={SCALE: driver}, run=lambda: driver.run(reading))

    return open_scale
