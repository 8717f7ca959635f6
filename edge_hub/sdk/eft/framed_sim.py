"""The terminal's side of the fixed-length STX/ETX/LRC link, with what goes wrong on it; each protocol adds `answer`.

As the real ones do it: ACK at once, deaf while it works, then the reply, sent again up to three times while nobody
acknowledges it. It never takes a transaction back because the till was silent.
"""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import SLOW_HOST_S
from edge_hub.sdk.eft.framed import DAMAGED, TAKEN, FrameReader, Mark, Token, frame
from edge_hub.sdk.eft.simulated import SimulatedTerminal

ACK_WAIT_S = 1.0
"""For the till's sign that it has the reply."""
RESENDS_MAX = 3
"""Of one reply, after the first."""
REQUEST_WINDOW_S = 10.0
"""For a request, from its first byte."""
NAKS_MAX = 3
"""Damaged requests in a row that are asked for again."""
TOKENS_PENDING_MAX = 64
PIECE_BYTES = 11
"""Of a reply that arrives in small pieces."""
UNCONFIRMED = "TILL DID NOT CONFIRM - ENTER BY HAND"
LINK_FAULTS = (
    bank.LOST_ACK,
    bank.LOST_REPLY,
    bank.BAD_CHECK,
    bank.DUPLICATE_REPLY,
    bank.LATE_REPLY,
    bank.POWER_CUT,
    bank.SPLIT,
    bank.BUSY,
    bank.SLOW_HOST,
)
"""Those of `bank.FAULTS` that are carried out here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the terminal sends back."""

    data: bytes
    money: bool
    """The request was for a transaction: `lost_reply`, `power_cut` and `slow_host` strike it. False: an inquiry."""
    after_s: float = 0.0
    asides: tuple[bytes, ...] = ()
    """DATA of frames sent before it that want no acknowledgement."""
    more: tuple["Reply", ...] = ()
    """Sent behind it, each after its own time and acknowledged too (a transaction in several frames)."""


class FramedTerminal(SimulatedTerminal):
    """One simulated terminal and its bank, whatever host is connected.

    A protocol gives `data_bytes`, `answer`, the names out of `bank.FAULTS` it carries out itself (`bank_faults`) and
    its own (`own_faults`).
    """

    data_bytes: int
    ack_wait_s = ACK_WAIT_S
    seven_bits = False

    def __init__(self) -> None:
        super().__init__()
        self._previous = b""

    @abstractmethod
    def answer(self, data: bytes) -> Reply | None:
        """Carry the request out, now; None: it says nothing to it. Money moves here, even if the host leaves then."""

    def storing(self, reply: Reply) -> None:  # some terminals remember nothing
        """The reply is about to be sent for the first time, or would be if the host were still there: the place to
        remember it for inquiries. Not called when the power goes.
        """

    @property
    def faults(self) -> Mapping[str, str]:
        return {**{name: bank.FAULTS[name] for name in LINK_FAULTS}, **super().faults}

    async def serve(self, wire: SimulatorWire) -> None:
        """Answer one host until it leaves."""
        await _Serving(self, wire).serve()

    def damaged(self, reply: bytes) -> bytes:
        """A frame as the fault "bad_check" has it."""
        return reply[:-1] + bytes((reply[-1] ^ 1,)) if bank.BAD_CHECK in self._active else reply

    def swap_previous(self, reply: bytes) -> bytes:
        """The reply of the transaction before ("" none); `reply` is it from now on."""
        before, self._previous = self._previous, reply
        return before


class _Serving:
    """The talk with one host."""

    def __init__(self, terminal: FramedTerminal, wire: SimulatorWire) -> None:
        self._terminal = terminal
        self._wire = wire
        self._reader = FrameReader(terminal.data_bytes, seven_bits=terminal.seven_bits)
        self._tokens: deque[Token] = deque(maxlen=TOKENS_PENDING_MAX)
        self._came = asyncio.Event()
        self._deaf = False
        self._naks = 0

    async def serve(self) -> None:
        working = asyncio.create_task(self._work(), name="terminal")
        try:
            while data := await self._wire.read():
                if self._deaf:
                    continue
                self._tokens.extend(self._reader.feed(data))
                self._came.set()
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    async def _work(self) -> None:
        while True:
            token = await self._request()
            if token is Mark.DAMAGED and self._naks < NAKS_MAX:
                self._naks += 1
                await self._wire.write(DAMAGED)
            elif isinstance(token, bytes):
                self._naks = 0
                if bank.BUSY not in self._terminal.active_faults:
                    await self._carry_out(token)

    async def _request(self) -> Token:
        """The next thing that came; a piece of a request is forgotten after its window."""
        while not self._tokens:
            if not await self._more(REQUEST_WINDOW_S if self._reader.partial else None):
                self._reader.reset()
                self._naks = 0
        return self._tokens.popleft()

    async def _carry_out(self, data: bytes) -> None:
        terminal = self._terminal
        faults = terminal.active_faults
        reply = terminal.answer(data)
        money = reply is not None and reply.money
        before = terminal.swap_previous(frame(reply.data)) if reply is not None and money else b""
        if bank.LATE_REPLY in faults and before:
            await self._wire.write(before)
        if bank.LOST_ACK not in faults:
            await self._wire.write(TAKEN)
        if reply is None or (money and bank.POWER_CUT in faults):
            return
        try:
            await self._alone_for(reply.after_s + (SLOW_HOST_S if money and bank.SLOW_HOST in faults else 0.0))
        finally:
            terminal.storing(reply)
        for aside in reply.asides:
            await self._wire.write(frame(aside))
        if not money or bank.LOST_REPLY not in faults:
            await self._deliver(frame(reply.data))
            for one in reply.more:
                await self._alone_for(one.after_s)
                await self._deliver(frame(one.data))

    async def _alone_for(self, seconds: float) -> None:
        """Time with customer and bank; the line is not looked at, and emptied at the end."""
        if seconds:
            self._deaf = True
            try:
                await self._terminal.sleep(seconds)
            finally:
                self._deaf = False
        self._reader.reset()
        self._tokens.clear()

    async def _deliver(self, reply: bytes) -> None:
        copies = 2 if bank.DUPLICATE_REPLY in self._terminal.active_faults else 1
        for _ in range(1 + RESENDS_MAX):
            for _ in range(copies):
                await self._write(self._terminal.damaged(reply))
            if await self._acknowledged():
                return
        self._terminal.slip.append(UNCONFIRMED)

    async def _acknowledged(self) -> bool:
        """False: nothing came in time, or a NAK."""
        timer = asyncio.ensure_future(_sleep(self._terminal, self._terminal.ack_wait_s))
        try:
            while not timer.done():
                while self._tokens:
                    token = self._tokens.popleft()
                    if token in (Mark.ACK, Mark.NAK):
                        return token is Mark.ACK
                await self._event_or(timer)
            return False
        finally:
            timer.cancel()

    async def _more(self, seconds: float | None) -> bool:
        """Wait until something was read, at most `seconds`."""
        if seconds is None:
            self._came.clear()
            await self._came.wait()
            return True
        timer = asyncio.ensure_future(_sleep(self._terminal, seconds))
        try:
            return await self._event_or(timer)
        finally:
            timer.cancel()

    async def _event_or(self, timer: "asyncio.Future[Any]") -> bool:
        self._came.clear()
        coming: asyncio.Future[Any] = asyncio.ensure_future(self._came.wait())
        try:
            await asyncio.wait([coming, timer], return_when=asyncio.FIRST_COMPLETED)
            return coming.done()
        finally:
            coming.cancel()

    async def _write(self, reply: bytes) -> None:
        if bank.SPLIT not in self._terminal.active_faults:
            await self._wire.write(reply)
            return
        for at in range(0, len(reply), PIECE_BYTES):
            await self._wire.write(reply[at : at + PIECE_BYTES])
            await asyncio.sleep(0)


async def _sleep(terminal: FramedTerminal, seconds: float) -> None:
    await terminal.sleep(seconds)
