"""The simulated terminal's talk with one till: what it answers, in which order, and what it waits for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from drivers.zvt import codec, sim_books, slips, tables
from drivers.zvt.codec import ACCEPTED, NOT_ACCEPTED, Apdu
from drivers.zvt.sim_books import Carried, Order
from drivers.zvt.sim_port import Port
from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.bank import SLOW_HOST_S, Taken
from edge_hub.sdk.eft.model import Transaction
from edge_hub.sdk.errors import BadFrame

if TYPE_CHECKING:
    from drivers.zvt.simulator import ZvtSimulator

T3_S = 5.0
"""For the till's answer to each command of ours."""
BOOT_S = 30.0
"""From the power's going to the terminal's listening again, on a line that stays."""
INSERT_CARD, TO_HOST, WAIT_PLEASE = 0x0A, 0x04, 0x17
_PRINTS_PAYMENTS, _PRINTS_ADMIN = 0x02, 0x04
_KINDS = {
    codec.AUTHORISATION: Transaction.SALE,
    codec.REVERSAL: Transaction.VOID,
    codec.REFUND: Transaction.REFUND,
}
_REPEATED = (codec.STATUS_INFORMATION, codec.COMPLETION, codec.ABORT)


def _error(code: int) -> Apdu:
    return Apdu(0x8400 | code)


class Serving:
    """One connection."""

    def __init__(self, terminal: "ZvtSimulator", wire: SimulatorWire) -> None:
        self._terminal = terminal
        self._port = Port(wire, terminal.options.link, lambda: terminal.active_faults)
        self._answer: Apdu | None = None
        self._answered = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._deaf = False
        self._ending = False

    async def serve(self) -> None:
        try:
            with suppress(BadFrame):  # out of step: it ends the connection
                while (apdus := await self._port.read()) is not None:
                    for apdu in apdus:
                        await self._take(apdu)
        finally:
            if self._work is not None:
                self._work.cancel()
                with suppress(asyncio.CancelledError):
                    await self._work

    async def _take(self, apdu: Apdu) -> None:
        if self._deaf:
            return
        if apdu.is_answer:
            self._answer = apdu
            self._answered.set()
            return
        if self._work is not None and self._ending and self._answered.is_set():
            await asyncio.wait([self._work])
        if self._work is not None and not self._work.done():
            await self._meanwhile(apdu)
        else:
            if self._work is not None:
                self._work.result()
            self._work = asyncio.create_task(self._carry_out(apdu), name="terminal")

    async def _meanwhile(self, apdu: Apdu) -> None:
        """A command while another is carried out."""
        if apdu.command == codec.ABORT_BY_TILL:
            self._terminal.cancelled.set()
            await self._port.send(ACCEPTED)
        elif apdu.command == codec.STATUS_ENQUIRY:
            await self._port.send(ACCEPTED)
            await self._port.send(_condition(tables.BUSY))
        else:
            await self._port.send(_error(tables.BUSY))

    async def _carry_out(self, apdu: Apdu) -> None:
        orders: dict[int, Callable[[Apdu], Awaitable[None]]] = {
            codec.REGISTRATION: self._register,
            codec.LOG_OFF: self._log_off,
            codec.STATUS_ENQUIRY: self._enquiry,
            codec.DIAGNOSIS: self._diagnosis,
            codec.REPEAT_RECEIPT: self._repeat,
            codec.END_OF_DAY: self._end_of_day,
            codec.ABORT_BY_TILL: self._nothing_to_abort,
            **dict.fromkeys(_KINDS, self._money),
        }
        try:
            await orders.get(apdu.command, self._unknown)(apdu)
        except BadFrame:
            await self._port.send(NOT_ACCEPTED)

    async def _say(self, apdu: Apdu) -> bool:
        """A command to the till; whether it was accepted."""
        copies = 2 if bank.DUPLICATE_REPLY in self._terminal.active_faults and apdu.command in _REPEATED else 1
        self._answered.clear()
        self._answer = None
        self._ending = apdu.command in (codec.COMPLETION, codec.ABORT)
        for _ in range(copies):
            await self._port.send(apdu)
        await self._either(self._answered, T3_S)
        return self._answer == ACCEPTED

    async def _either(self, event: asyncio.Event, seconds: float) -> None:
        """Wait for the event, at most so long."""
        waiting: set[asyncio.Future[object]] = {
            asyncio.ensure_future(event.wait()),
            asyncio.ensure_future(_sleep(self._terminal.sleep, seconds)),
        }
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _unknown(self, _: Apdu) -> None:
        await self._port.send(NOT_ACCEPTED)

    async def _nothing_to_abort(self, _: Apdu) -> None:
        await self._port.send(ACCEPTED)

    async def _register(self, apdu: Apdu) -> None:
        if bank.BUSY in self._terminal.active_faults:
            await self._port.send(_error(tables.BUSY))
            return
        self._terminal.register(apdu.data)
        await self._port.send(ACCEPTED)
        await self._say(
            sim_books.completion(self._terminal.currency, 2 * ("diagnosis" in self._terminal.active_faults))
        )

    async def _log_off(self, _: Apdu) -> None:
        self._terminal.registered = False
        await self._port.send(ACCEPTED)

    async def _enquiry(self, _: Apdu) -> None:
        await self._port.send(ACCEPTED)
        await self._say(_condition(tables.BUSY if bank.BUSY in self._terminal.active_faults else 0))

    async def _diagnosis(self, _: Apdu) -> None:
        await self._port.send(ACCEPTED)
        await self._say(sim_books.shown(WAIT_PLEASE))
        await self._say(sim_books.set_time(self._terminal.now()))
        await self._say(sim_books.completion(self._terminal.currency))

    async def _repeat(self, _: Apdu) -> None:
        if not await self._open():
            return
        await self._port.send(ACCEPTED)
        if self._terminal.last is None:
            await self._say(Apdu(codec.ABORT, b"\x83"))
            return
        await self._say(self._terminal.last)
        await self._say(sim_books.completion(self._terminal.currency))

    async def _open(self) -> bool:
        """Whether it takes orders now; else it says why not."""
        if bank.BUSY in self._terminal.active_faults:
            await self._port.send(_error(tables.BUSY))
        elif not self._terminal.registered:
            await self._port.send(_error(tables.NOT_REGISTERED))
        else:
            return True
        return False

    async def _money(self, apdu: Apdu) -> None:
        order = self._order(apdu)
        if not await self._open():
            return
        if order.currency != self._terminal.currency:
            await self._port.send(_error(0x6F))
            return
        late = self._terminal.previous if bank.LATE_REPLY in self._terminal.active_faults else ()
        numbered = bool(late) and late[-1].command == codec.COMPLETION
        if not numbered:
            # an abort has nothing to tell it by; no terminal takes a command before it has sent one that is due
            await self._belated(late)
        if bank.LOST_ACK not in self._terminal.active_faults:
            await self._port.send(ACCEPTED)
        if numbered:
            await self._belated(late)
        await self._transact(order)

    async def _belated(self, apdus: tuple[Apdu, ...]) -> None:
        for apdu in apdus:
            await self._say(apdu)

    def _order(self, apdu: Apdu) -> Order:
        fields = dict(codec.bitmaps(apdu.data if apdu.command == codec.AUTHORISATION else apdu.data[3:]))
        if codec.AMOUNT not in fields:
            raise BadFrame("no amount")
        receipt = fields.get(codec.RECEIPT)
        return Order(
            transaction=_KINDS[apdu.command],
            amount=int(codec.digits(fields[codec.AMOUNT])),
            currency=int(codec.digits(fields[codec.CURRENCY])) if codec.CURRENCY in fields else self._terminal.currency,
            receipt=None if receipt is None else int(codec.digits(receipt)),
        )

    async def _transact(self, order: Order) -> None:
        terminal = self._terminal
        terminal.cancelled.clear()
        carried: Carried | None = None
        acknowledged = False
        try:
            await self._card_phase(order)
            carried = terminal.carry_out(order, stopped=terminal.cancelled.is_set())
            if bank.POWER_CUT in terminal.active_faults:
                self._deaf, acknowledged = True, True
                terminal.power_off()
                await terminal.sleep(BOOT_S)
                self._deaf = False
                return
            if bank.LOST_REPLY not in terminal.active_faults:
                acknowledged = await self._say(carried.status)
            elif "old_rule" in terminal.active_faults:
                await self._either(asyncio.Event(), T3_S)
        finally:
            # the till may have left: the terminal and its customer go on
            carried = carried or terminal.carry_out(order, stopped=terminal.cancelled.is_set())
            taken_back = carried.taken if "old_rule" in terminal.active_faults and not acknowledged else None
            if taken_back is not None:
                terminal.take_back(order, taken_back)
        if bank.LOST_REPLY not in terminal.active_faults:
            await self._finish(order, carried, taken_back=taken_back)

    async def _card_phase(self, order: Order) -> None:
        terminal = self._terminal
        terminal.display = f"Betrag {order.amount / 100:.2f}"
        if bank.UNSOLICITED in terminal.active_faults:
            await self._say(sim_books.set_time(terminal.now()))
            await self._say(Apdu(0x04FF, b"\xf2"))
        texts = (terminal.display, "Karte vorhalten") if terminal.tells_tlv else ()
        await self._say(sim_books.shown(INSERT_CARD, *texts, minutes=2))
        if bank.SLOW_HOST in terminal.active_faults:
            await self._say(sim_books.shown(TO_HOST))
            await self._either(terminal.cancelled, SLOW_HOST_S)

    async def _finish(self, order: Order, carried: Carried, *, taken_back: Taken | None) -> None:
        terminal = self._terminal
        end = sim_books.completion(terminal.currency)
        if taken_back is not None:
            end = Apdu(codec.ABORT, b"\x6c")
        elif carried.taken is None:
            end = Apdu(codec.ABORT, bytes((carried.code,)))
        elif terminal.config_byte & _PRINTS_PAYMENTS and order.transaction is Transaction.SALE:
            await self._print(carried.taken)
        terminal.previous = (carried.status, end)
        await self._say(end)

    async def _print(self, taken: Taken) -> None:
        merchant, customer = sim_books.slips(taken, taken.receipt)
        self._terminal.slip = customer
        await self._print_one(slips.MERCHANT, merchant)
        await self._print_one(slips.CUSTOMER, customer)

    async def _print_one(self, kind: int, lines: list[str]) -> None:
        charset = self._terminal.options.charset
        if self._terminal.prints_blocks:
            await self._say(slips.slip_block(kind, lines, charset=charset))
            return
        for line in lines:
            await self._say(slips.slip_line(line, charset=charset))
        await self._say(slips.slip_line("", charset=charset, last=True))

    async def _end_of_day(self, _: Apdu) -> None:
        if not await self._open():
            return
        terminal = self._terminal
        await self._port.send(ACCEPTED)
        await self._say(sim_books.shown(WAIT_PLEASE))
        closed = terminal.bank.settle()
        await self._say(sim_books.day_result(closed, at=terminal.now(), receipts=terminal.bank.receipts))
        if terminal.config_byte & _PRINTS_ADMIN:
            await self._print_one(slips.ADMINISTRATION, ["** Kassenschnitt **", f"Anzahl: {len(closed)}"])
        await self._say(sim_books.completion(terminal.currency))


def _condition(code: int) -> Apdu:
    """06 0F of a status enquiry."""
    version = codec.bitmap(codec.TEXT, b"SIM 1.0")[1:]
    return Apdu(codec.COMPLETION, version + bytes((code,)))


async def _sleep(sleep: Callable[[float], Awaitable[None]], seconds: float) -> None:
    await sleep(seconds)
