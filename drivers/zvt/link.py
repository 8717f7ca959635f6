"""The wire of one terminal: APDUs in and out, who waits for them, and when it is of no more use.

ZVT's own time limits: T1 within a block, T2 for the link's byte, T3 for the answer to a command. What runs out ends the
connection, so that an answer that comes late meets nobody.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from drivers.zvt.blocks import ACK, NAK, Bad, BlockStream, Signal
from drivers.zvt.codec import ACCEPTED, Apdu, ApduStream
from drivers.zvt.tables import WAIT
from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.errors import BadFrame, DeviceError, DeviceLost, DeviceTimeout
from edge_hub.sdk.tasks import end
from edge_hub.sdk.timing import deadline, done_within
from edge_hub.sdk.transport import Transport
from edge_hub.sdk.wire import Arrivals

T2_S = 5.0
"""For ACK or NAK of a block."""
T3_S = 5.0
"""For 80 00 or 84 xx to a command."""
WRITE_S = 5.0
"""For the wire to take one APDU."""
REPEATS_MAX = 2
"""Of a block after its NAK. On silence nothing is repeated: blocks have no numbers, a payment might run twice."""
WAITS_MAX = 12
"""Answers 84 9C (wait) to one command."""
PENDING_MAX = 64
"""APDUs that came and are not dealt with: each of the terminal's waits for our answer, so more is no terminal."""


class Link:
    """Owns the wire. `on_late` hears of each APDU that came while nobody was waiting (and was answered)."""

    def __init__(
        self,
        transport: Transport,
        clock: DriverClock,
        *,
        blocks: bool,
        inter_byte_s: float,
        on_late: Callable[[], None],
    ) -> None:
        self.transport = transport
        self._clock = clock
        self._blocks = BlockStream() if blocks else None
        self._apdus = ApduStream()
        self._inter_byte_s = inter_byte_s
        self._on_late = on_late
        self._pending: deque[Apdu] = deque()
        self._arrivals = Arrivals(clock)
        self._listening = False
        self._writing = asyncio.Lock()
        self._last = b""
        self._repeats = 0
        self._acknowledged = False
        self._owed = 0
        self._again = False

    @property
    def lost(self) -> bool:
        return self._arrivals.lost is not None

    def check(self) -> None:
        """Raise DeviceLost when the connection is of no more use."""
        self._arrivals.check()

    async def read(self) -> None:
        """Read until the connection is lost or given up; raises why."""
        reading = asyncio.ensure_future(self.transport.read())
        try:
            while not self.lost:
                data = await self._piece(reading)
                if data is None:
                    continue
                reading = asyncio.ensure_future(self.transport.read())
                await self._feed(data)
        except BadFrame as error:
            self.give_up(DeviceLost(f"{self.transport.url}: {error.detail}"))
        except DeviceError as error:
            self.give_up(error)
        finally:
            await end(reading)
        raise self._arrivals.lost or DeviceLost(self.transport.url)

    async def _piece(self, reading: "asyncio.Future[bytes]") -> bytes | None:
        """What was read, or None when the connection was given up or a block stopped in the middle."""
        if self._blocks is not None and self._blocks.unfinished:
            if not await done_within(self._clock, self._inter_byte_s, reading):
                self._blocks.drop()
                await self._write(bytes((NAK,)))
                return None
            return reading.result()
        while not self.lost and not reading.done():
            either: set[asyncio.Future[Any]] = {reading, self._arrivals.next()}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return reading.result() if reading.done() else None

    async def _feed(self, data: bytes) -> None:
        if self._blocks is None:
            for apdu in self._apdus.feed(data):
                await self._take(apdu)
            return
        for item in self._blocks.feed(data):
            if isinstance(item, Apdu):
                await self._write(bytes((ACK,)))
                await self._take(item)
            elif isinstance(item, Bad):
                await self._write(bytes((NAK,)))
            elif item is Signal.ACK:
                self._acknowledged = True
                self._arrivals.came()
            else:
                await self._repeat()

    async def _take(self, apdu: Apdu) -> None:
        if apdu.is_answer:
            self._owed = max(0, self._owed - 1)
        if not self._listening:
            # it belongs to nobody; unanswered, the terminal would not come to rest
            self._on_late()
            if not apdu.is_answer:
                await self.post(ACCEPTED)
            return
        if len(self._pending) >= PENDING_MAX:
            raise BadFrame(f"{self.transport.url}: the terminal does not wait for answers")
        self._pending.append(apdu)
        self._arrivals.came()

    async def _repeat(self) -> None:
        """The terminal refused our last block."""
        if not self._last or self._acknowledged:
            return
        if self._repeats >= REPEATS_MAX:
            raise DeviceTimeout("the terminal refuses every block: wrong line settings, or a bad cable")
        self._repeats += 1
        self._again = True
        await self._write(self._last)

    def give_up(self, error: DeviceError) -> None:
        """The connection is of no more use; everybody who waits on it is told."""
        self._arrivals.end(error)

    async def _write(self, data: bytes) -> None:
        self.check()
        try:
            async with deadline(self._clock, WRITE_S), self._writing:
                await self.transport.write(data)
        except TimeoutError:
            error = DeviceTimeout(f"the terminal takes no bytes for {WRITE_S:.0f} s")
            self.give_up(error)
            raise error from None
        except DeviceError as error:
            self.give_up(error)
            raise

    async def post(self, apdu: Apdu) -> None:
        """Send, and do not wait for the link's byte: a NAK is heeded all the same."""
        stream = self._blocks or self._apdus
        self._last, self._repeats, self._acknowledged = stream.encode(apdu), 0, False
        await self._write(self._last)

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[None]:
        """Within: what comes is kept for `command` and `next`; outside, it is dropped. Raises DeviceLost."""
        self.check()
        self._listening = True
        try:
            yield
        finally:
            self._listening = False
            self._pending.clear()

    async def command(self, apdu: Apdu) -> int:
        """Send a command; 0 when the terminal takes it, else its error code. Raises DeviceTimeout, DeviceLost.

        What the terminal sends before it answers belongs to something else: it is answered and dropped.
        """
        await self._in_step()
        await self.post(apdu)
        self._owed += 1
        self._again = False
        if self._blocks is not None and not await self._heard(T2_S):
            raise self._timeout(f"the terminal does not acknowledge for {T2_S:.0f} s")
        for _ in range(WAITS_MAX):
            answer = await self._answer()
            if answer.command >> 8 == ACCEPTED.command >> 8:
                return 0
            if answer.error != WAIT and self._again:
                # the NAK may have been noise, and this the answer to the second of two that arrived
                raise self._timeout("the terminal refused a command that was sent to it twice")
            if answer.error != WAIT:
                return answer.error
        raise self._timeout("the terminal says wait, and nothing more")

    async def interject(self, apdu: Apdu) -> None:
        """A command while another is carried out (abort). Its answer comes among what `next` gives."""
        await self.post(apdu)
        self._owed += 1

    async def _in_step(self) -> None:
        """Wait for what is still owed to what was sent before: the link's byte, so that a NAK of that does not make the
        next command go out twice; an answer, so that it is not taken for the next one's.
        """
        if self._blocks is not None and self._last and not await self._heard(T2_S):
            raise self._timeout(f"the terminal does not acknowledge for {T2_S:.0f} s")
        while self._owed:
            await self._answer()

    async def _heard(self, seconds: float) -> bool:
        """The block was acknowledged, or answered at once."""
        end = self._clock.monotonic() + seconds
        while not self._acknowledged and not self._pending:
            left = end - self._clock.monotonic()
            if left <= 0:
                return False
            await self._more(left)
        return True

    async def _answer(self) -> Apdu:
        end = self._clock.monotonic() + T3_S
        while (left := end - self._clock.monotonic()) > 0:
            apdu = await self._next(left)
            if apdu is None:
                break
            if apdu.is_answer:
                return apdu
            await self.post(ACCEPTED)
        raise self._timeout(f"the terminal does not answer for {T3_S:.0f} s")

    async def next(self, seconds: float) -> Apdu:
        """The next APDU of the terminal's. Raises DeviceTimeout when none comes, DeviceLost."""
        apdu = await self._next(seconds)
        if apdu is None:
            raise self._timeout(f"nothing from the terminal for {seconds:.0f} s")
        return apdu

    async def _next(self, seconds: float) -> Apdu | None:
        end = self._clock.monotonic() + seconds
        while not self._pending:
            left = end - self._clock.monotonic()
            if left <= 0:
                return None
            await self._more(left)
        return self._pending.popleft()

    async def _more(self, seconds: float) -> None:
        await self._arrivals.within(seconds)
        if not self._pending:
            self.check()

    def _timeout(self, words: str) -> DeviceTimeout:
        error = DeviceTimeout(words)
        self.give_up(error)
        return error
