"""A Concert terminal without hardware. It stands by a transaction whose reply the till did not take."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from drivers.concert.codec import (
    ACK,
    APPROVED,
    CANCELLATION,
    CARD_BYTES,
    DEBIT,
    ENQ,
    EOT,
    NAK,
    REJECTED,
    REQUEST,
    Mark,
    Reader,
    Token,
    frame,
    reply_layout,
)
from drivers.concert.options import ConcertOptions
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS, SLOW_HOST_S, Taken
from edge_hub.sdk.eft.model import Transaction
from edge_hub.sdk.eft.simulated import SimulatedTerminal
from edge_hub.sdk.errors import BadFrame
from edge_hub.sdk.timing import done_within

SIGN_S = 3.0
TRIES_MAX = 3
WINDOW_S = 10.0
"""For the rest of a frame."""
PIECE_BYTES = 5
TOKENS_PENDING_MAX = 64
UNLISTED = "5"


class ConcertSimulator(SimulatedTerminal):
    """One simulated terminal."""

    bank_faults = (
        bank.LOST_ACK,
        bank.LOST_REPLY,
        bank.BAD_CHECK,
        bank.DUPLICATE_REPLY,
        bank.LATE_REPLY,
        bank.POWER_CUT,
        bank.UNSOLICITED,
        bank.SPLIT,
        bank.BUSY,
        bank.SLOW_HOST,
        bank.WRONG_AMOUNT,
        bank.UNLISTED_CODE,
    )
    own_faults: Mapping[str, str] = {
        "no_private": "replies do not repeat the private data",
        "damaged_request": "the first sending of every request arrives damaged",
    }

    def __init__(self, options: ConcertOptions) -> None:
        super().__init__()
        self.layout = reply_layout(full=options.full_reply)
        self._credit = options.refund_type
        self._previous = b""

    async def serve(self, wire: SimulatorWire) -> None:
        await _Talk(self, wire).serve()

    def carry_out(self, data: bytes) -> list[bytes]:
        """Do what DATA asks; DATA of all that is then to be sent."""
        faults = self.active_faults
        reply = self._reply(data)
        before, self._previous = self._previous, reply
        replies = [before] if bank.LATE_REPLY in faults and before else []
        if bank.UNSOLICITED in faults:
            replies.append(self._stranger())
        if bank.LOST_REPLY not in faults and bank.POWER_CUT not in faults:
            replies += [reply] * (2 if bank.DUPLICATE_REPLY in faults else 1)
        return replies

    def _reply(self, data: bytes) -> bytes:
        asked = REQUEST.unpack(data)
        amount = int(asked["amount"] or "0")
        echo = {"pos": asked["pos"], "mode": asked["mode"], "currency": asked["currency"]}
        echo["private"] = "" if "no_private" in self.active_faults else asked["private"]
        taken = self._decide(asked["type"], amount, asked["private"])
        shown = str(amount + (bank.WRONG_AMOUNT in self.active_faults))
        if taken is None:
            self.display = "TRANSACTION REFUSEE"
            return self.layout.pack(echo | {"result": REJECTED, "amount": shown})
        self.display = "PAIEMENT ACCEPTE"
        self.slip.extend((f"{taken.transaction.value.upper()} {taken.amount}", f"AUTO {taken.approval}"))
        result = UNLISTED if bank.UNLISTED_CODE in self.active_faults else APPROVED
        card = {"card": f"{taken.pan} 2912 {CARDHOLDER}"[:CARD_BYTES]} if "card" in self.layout else {}
        return self.layout.pack(echo | card | {"result": result, "amount": shown})

    def _decide(self, kind: str, amount: int, reference: str) -> Taken | None:
        transactions = {DEBIT: Transaction.SALE, CANCELLATION: Transaction.VOID, self._credit: Transaction.REFUND}
        transaction = transactions.get(kind)
        if transaction is None or not amount:
            return None
        receipt = self.sale_of(amount) if transaction is Transaction.VOID else None
        decision = self.bank.decide(transaction, amount, reference=reference, original_receipt=receipt)
        return decision if isinstance(decision, Taken) else None

    def _stranger(self) -> bytes:
        """The reply to a request of another till."""
        card = {"card": PANS["JCB"]} if "card" in self.layout else {}
        return self.layout.pack(
            {"pos": "99", "result": APPROVED, "amount": "100", "mode": "1", "currency": "978"} | card
        )

    def framed(self, data: bytes) -> bytes:
        """A frame, as the fault "bad_check" has it."""
        whole = frame(data)
        return whole[:-1] + bytes((whole[-1] ^ 1,)) if bank.BAD_CHECK in self.active_faults else whole


class _Clock:
    """The terminal's `sleep` as a clock for `done_within`."""

    def __init__(self, terminal: SimulatedTerminal) -> None:
        self._terminal = terminal

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await self._terminal.sleep(seconds)


class _Talk:
    """The talk with one host."""

    def __init__(self, terminal: ConcertSimulator, wire: SimulatorWire) -> None:
        self._terminal = terminal
        self._wire = wire
        self._clock = _Clock(terminal)
        self._reader = Reader(REQUEST.size)
        self._tokens: deque[Token] = deque(maxlen=TOKENS_PENDING_MAX)
        self._came: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        working = asyncio.create_task(self._work(), name="terminal")
        try:
            while data := await self._wire.read():
                self._tokens.extend(self._reader.feed(data))
                if not self._came.done():
                    self._came.set_result(None)
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    async def _work(self) -> None:
        while True:
            if await self._token(None) is not Mark.ENQ:
                continue
            if bank.BUSY in self._terminal.active_faults:
                await self._wire.write(bytes((NAK,)))
                continue
            await self._wire.write(bytes((ACK,)))
            data = await self._request()
            if data is not None:
                await self._carry_out(data)

    async def _request(self) -> bytes | None:
        """The frame behind an ENQ; None: the host gave up, or the frame stayed damaged."""
        damaged = "damaged_request" in self._terminal.active_faults
        for _ in range(TRIES_MAX):
            token = await self._token(WINDOW_S)
            while token is Mark.NOISE or token is Mark.ENQ:
                if token is Mark.ENQ:
                    await self._wire.write(bytes((ACK,)))
                token = await self._token(WINDOW_S)
            if isinstance(token, bytes) and not damaged and self._readable(token):
                return token
            if token is not Mark.DAMAGED and not isinstance(token, bytes):
                return None
            damaged = False
            await self._wire.write(bytes((NAK,)))
        return None

    @staticmethod
    def _readable(data: bytes) -> bool:
        try:
            REQUEST.unpack(data)
        except BadFrame:
            return False
        return True

    async def _carry_out(self, data: bytes) -> None:
        faults = self._terminal.active_faults
        replies = self._terminal.carry_out(data)
        if bank.LOST_ACK not in faults:
            await self._wire.write(bytes((ACK,)))
        if bank.SLOW_HOST in faults:
            await self._terminal.sleep(SLOW_HOST_S)
        for reply in replies:
            await self._deliver(self._terminal.framed(reply))

    async def _deliver(self, whole: bytes) -> None:
        """Raise the line, hand the reply over; three tries each, then the transaction stands without it."""
        if await self._until_taken(bytes((ENQ,))) and await self._until_taken(whole):
            await self._wire.write(bytes((EOT,)))
        else:
            self._terminal.slip.append("CAISSE: PAS DE REPONSE")

    async def _until_taken(self, data: bytes) -> bool:
        for _ in range(TRIES_MAX):
            self._tokens.clear()
            await self._write(data)
            while (token := await self._token(SIGN_S)) is not None:
                if token is Mark.ACK:
                    return True
                if token is Mark.NAK:
                    break
        return False

    async def _write(self, data: bytes) -> None:
        if bank.SPLIT not in self._terminal.active_faults:
            await self._wire.write(data)
            return
        for at in range(0, len(data), PIECE_BYTES):
            await self._wire.write(data[at : at + PIECE_BYTES])
            await asyncio.sleep(0)

    async def _token(self, seconds: float | None) -> Token | None:
        """The next thing that came, None when nothing does; a piece of a frame is forgotten after its window."""
        while not self._tokens:
            if self._came.done():
                self._came = asyncio.get_running_loop().create_future()
            if seconds is None and not self._reader.partial:
                await asyncio.wait({self._came})
            elif not await done_within(self._clock, WINDOW_S if seconds is None else seconds, self._came):
                if self._reader.partial:
                    self._tokens.extend(self._reader.expire())
                elif seconds is not None:
                    return None
        return self._tokens.popleft()
