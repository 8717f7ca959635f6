"""One ZVT terminal: who speaks when, how long to wait, what to keep in mind for the day the line breaks."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from drivers.zvt import codec, tables
from drivers.zvt.codec import ACCEPTED, NOT_ACCEPTED, Apdu
from drivers.zvt.link import Link
from drivers.zvt.options import ZvtOptions
from drivers.zvt.outcome import Said, inquiry_of, result_of, totals_of, words
from drivers.zvt.slips import Slips
from drivers.zvt.status import Status, read_condition, read_intermediate, read_status
from edge_hub.sdk.driver import Context
from edge_hub.sdk.eft.currencies import CURRENCIES
from edge_hub.sdk.eft.model import (
    SALE_AND_BACK,
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Request,
    Result,
    Transaction,
)
from edge_hub.sdk.errors import (
    BadFrame,
    DeviceBusy,
    DeviceError,
    DeviceFault,
    DeviceRefused,
    ErrorCode,
)
from edge_hub.sdk.messages import Noted
from edge_hub.sdk.timing import deadline
from edge_hub.sdk.transport import Transport

ADMIN_S = 30.0
"""Longest silence of the terminal in a registration, an enquiry or a repeated receipt."""
CONVERSATION_S_MAX = 1800.0
"""However often the terminal speaks, no transaction takes longer."""
LOG_OFF_S = 1.0
PENDING_MARGIN_S = 60.0
AMOUNT_MAX = 10**12 - 1
RECEIPT_MAX = 9999
_NO_PRINT_BUT_STATUS = b"\x03\x03"
"""BMP 03 of 06 20: send the status information, print nothing."""
_DIAGNOSIS_WANTED = 0x02
_RECEIPT, _SEEN, _ASKED, _TERMINAL = "receipt", "seen", "asked", "terminal_id"
"""In Context.memory: the last receipt number; what tells the last status from others; "reference receipt-before"."""


def _quiet(_: Progress) -> None:
    """Nobody watches."""


class ZvtTerminal:
    """EftTerminal over ZVT."""

    def __init__(self, context: Context, transport: Transport, options: ZvtOptions, *, blocks: bool) -> None:
        self._options = options
        self._clock = context.clock
        self._emit = context.emit
        self._memory = context.memory
        self.link = Link(
            transport, context.clock, blocks=blocks, inter_byte_s=options.inter_byte_ms / 1000, on_late=self._late
        )
        self._password = bytes.fromhex(options.password.get_secret_value())
        self._turn = asyncio.Lock()
        self._registered = False
        self._diagnosis_due = False
        self._noted = False
        self._moving = False
        self._stop = False
        self.capabilities = Capabilities(
            transactions=SALE_AND_BACK,
            inquires=True,
            # a payment of a lost connection may run on for as long as one of a good one
            pending_s=options.result_s + PENDING_MARGIN_S,
            stops=True,
            settles=True,
            prints=options.prints,
            with_card=frozenset({Transaction.REFUND}),
        )

    def _late(self) -> None:
        if not self._noted:
            self._noted = True
            self._emit(Noted(text="the terminal sent what nobody waited for; it was dropped (not noted again)"))

    # --- the role

    async def prepare(self, request: Request) -> bytes:
        currency = CURRENCIES[self._options.currency]
        if request.currency != self._options.currency or request.minor_digits != currency.digits:
            raise DeviceRefused(
                f"the terminal's amounts are {self._options.currency} with {currency.digits} decimals",
                error_code=ErrorCode.ILLEGAL,
            )
        if not 0 < request.amount <= AMOUNT_MAX:
            raise DeviceRefused("an amount that ZVT cannot carry", error_code=ErrorCode.ILLEGAL)
        money = codec.bitmap(codec.AMOUNT, codec.bcd(request.amount, 6))
        money += codec.bitmap(codec.CURRENCY, codec.bcd(currency.number, 2))
        match request.transaction:
            case Transaction.SALE:
                kind = self._options.payment_type
                paying = b"" if not kind else codec.bitmap(codec.TYPE, bytes((kind,)))
                return Apdu(codec.AUTHORISATION, money + paying).encode()
            case Transaction.REFUND:
                return Apdu(codec.REFUND, self._password + money).encode()
            case Transaction.VOID:
                receipt = request.original.receipt if request.original is not None else ""
                if not receipt.isdecimal() or int(receipt) > RECEIPT_MAX:
                    raise DeviceRefused("the sale to undo has no receipt number", error_code=ErrorCode.ILLEGAL)
                which = codec.bitmap(codec.RECEIPT, codec.bcd(int(receipt), 2))
                return Apdu(codec.REVERSAL, self._password + which + money).encode()
            case Transaction.TIP:
                raise DeviceRefused("this terminal takes no tips from the till", error_code=ErrorCode.ILLEGAL)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        command = codec.decode(data)
        async with self._turn:
            self._stop = False
            await self._before()
            self._memory[_ASKED] = f"{request.reference} {self._memory.get(_RECEIPT, '')}"
            said = await self._money(command, progress)
        if said.refused == tables.NOT_REGISTERED:
            self._registered = False
        if said.code == tables.DIAGNOSIS_REQUIRED:
            self._diagnosis_due = True
        return result_of(request, said, self._memory.get(_TERMINAL, ""))

    async def inquire(self, request: Request, data: bytes) -> Inquiry:  # noqa: ARG002  # the terminal knows its last one only
        async with self._turn:
            try:
                await self._register()
                condition = await self._condition()
            except DeviceBusy as error:
                return Inquiry(found=Found.PENDING, text=error.detail)
            if condition in (tables.BUSY, tables.WAIT):
                return Inquiry(found=Found.PENDING, text=words(tables.BUSY))
            said = await self._last_transaction()
        reference, _, receipt = self._memory.get(_ASKED, "").partition(" ")
        return inquiry_of(
            request,
            said,
            before=int(receipt) if reference == request.reference and receipt else None,
            tolerance_s=self._options.clock_tolerance_s,
            terminal_id=self._memory.get(_TERMINAL, ""),
        )

    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        """Nothing can be cancelled by name here: what became of it is all there is."""
        return await self.inquire(request, data)

    async def stop(self) -> None:
        self._stop = True
        if self._moving:
            await self._abort()

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:  # noqa: ARG002  # it has its own clock
        async with self._turn:
            self._stop = False
            await self._before()
            said = await self._money(Apdu(codec.END_OF_DAY, self._password), progress)
        if said.failed:
            code = said.code or 0
            raise DeviceRefused(words(code) or f"the terminal refused the end of day (code {code:02X})")
        if not said.succeeded and (said.statuses or said.malformed or said.aborted or said.refused):
            raise DeviceFault("the terminal's end of day had no clear outcome")
        return totals_of(said)

    # --- what they are made of

    async def _before(self) -> None:
        """Be registered, and know the last receipt. Raises DeviceRefused or DeviceBusy: nothing has been asked yet."""
        try:
            await self._register()
            if self._diagnosis_due:
                await self._diagnose()
            if _RECEIPT not in self._memory:
                await self._last_transaction()
                self._memory.setdefault(_RECEIPT, "")
        except (DeviceBusy, DeviceRefused):
            raise
        except DeviceError as error:
            raise DeviceRefused(error.detail, error_code=error.error_code) from error

    async def _money(self, command: Apdu, progress: Callable[[Progress], None]) -> Said:
        """A command that moves money. Raises DeviceRefused only when none of it left."""
        written = self.link.transport.bytes_written
        progress(Progress(milestone=Milestone.SENT))
        try:
            return await self._converse(command, progress, silence_s=self._options.result_s, fresh=True)
        except DeviceError as error:
            if self.link.transport.bytes_written == written:
                raise DeviceRefused(error.detail, error_code=error.error_code) from error
            raise
        finally:
            self._moving = False

    async def _register(self) -> None:
        """Register, unless that was done on this connection. Raises DeviceBusy, DeviceFault, or as the link."""
        self.link.check()
        if self._registered:
            return
        said = await self._converse(Apdu(codec.REGISTRATION, self._registration()), _quiet, silence_s=ADMIN_S)
        if said.code in (tables.BUSY, tables.WAIT):
            raise DeviceBusy(words(tables.BUSY))
        if said.refused or said.aborted:
            raise DeviceFault(words(said.code) or f"the terminal refused the registration (code {said.code or 0:02X})")
        self._registered = True
        condition = said.end_field(codec.TYPE)
        self._diagnosis_due = bool(condition and condition[0] & _DIAGNOSIS_WANTED)
        with suppress(BadFrame):
            self._memory[_TERMINAL] = codec.digits(said.end_field(codec.TERMINAL_ID)) or self._memory.get(_TERMINAL, "")

    def _registration(self) -> bytes:
        allowed = codec.tlv(0x26, codec.tlv(0x0A, codec.PRINT_BLOCK.to_bytes(2, "big")))
        width = self._options.line_width if self._options.prints else 0
        told = codec.tlv(0x12, bytes((width,))) if width else b""
        if self._options.prints and self._options.print_blocks:
            told += allowed
        return (
            self._password
            + bytes((self._options.config_byte,))
            + codec.bcd(CURRENCIES[self._options.currency].number, 2)
            + codec.bitmap(codec.TLV, told)
        )

    async def _condition(self) -> int:
        """The terminal's state (05 01): 0 ready, A0 busy, or another code."""
        said = await self._converse(Apdu(codec.STATUS_ENQUIRY, self._password), _quiet, silence_s=ADMIN_S)
        if said.refused or said.aborted or said.end is None:
            return said.code or 0
        with suppress(BadFrame):
            return read_condition(said.end)
        return 0

    async def _last_transaction(self) -> Said:
        said = await self._converse(
            Apdu(codec.REPEAT_RECEIPT, self._password + _NO_PRINT_BUT_STATUS), _quiet, silence_s=ADMIN_S
        )
        if said.refused == tables.NOT_REGISTERED:
            self._registered = False
        return said

    async def _diagnose(self) -> None:
        self._diagnosis_due = False
        await self._converse(Apdu(codec.DIAGNOSIS), _quiet, silence_s=self._options.result_s)

    async def _abort(self) -> None:
        with suppress(DeviceError):
            await self.link.interject(Apdu(codec.ABORT_BY_TILL))

    async def _converse(
        self, command: Apdu, progress: Callable[[Progress], None], *, silence_s: float, fresh: bool = False
    ) -> Said:
        """Send a command and listen to its end. `fresh`: a status that was seen before is another transaction's."""
        said = Said(Slips(self._options.charset))
        end = self._clock.monotonic() + CONVERSATION_S_MAX
        earlier = self._memory.get(_SEEN, "") if fresh else ""
        stale = False
        async with self.link.talk():
            said.refused = await self.link.command(command)
            if said.refused:
                return said
            progress(Progress(milestone=Milestone.IN_PROGRESS))
            self._moving = fresh
            if fresh and self._stop:
                await self._abort()
            while True:
                apdu = await self._heard(min(silence_s, end - self._clock.monotonic()))
                if apdu.command in (codec.COMPLETION, codec.ABORT):
                    # its outcome stands, whether or not our answer gets through
                    with suppress(DeviceError):
                        await self.link.post(ACCEPTED)
                    if stale and not said.statuses:
                        stale = False
                        continue
                    said.end = apdu
                    return said
                if apdu.command == codec.INTERMEDIATE_STATUS:
                    silence_s = self._show(apdu, progress) or silence_s
                understood = True
                try:
                    stale = self._take(apdu, said, earlier) or stale
                except BadFrame:
                    understood = False
                await self.link.post(ACCEPTED if understood else NOT_ACCEPTED)

    def _take(self, apdu: Apdu, said: Said, earlier: str) -> bool:
        """Note what a command of the terminal's says; True: an earlier transaction's result. BadFrame: no sense."""
        match apdu.command:
            case codec.STATUS_INFORMATION:
                try:
                    status = read_status(apdu, self._options.charset)
                except BadFrame:
                    said.malformed = True
                    raise
                return self._hear(status, said, earlier)
            case codec.PRINT_LINE:
                said.slips.add_line(apdu)
            case codec.PRINT_BLOCK:
                said.slips.add_block(apdu)
            case codec.INTERMEDIATE_STATUS | codec.SET_TIME:
                pass
            case _:
                raise BadFrame(f"a command for no till: {apdu.command:04X}")
        return False

    async def _heard(self, seconds: float) -> Apdu:
        """The next APDU that is no answer: those are to our abort."""
        while True:
            apdu = await self.link.next(max(seconds, 0.0))
            if not apdu.is_answer:
                return apdu

    def _show(self, apdu: Apdu, progress: Callable[[Progress], None]) -> float:
        """Show an intermediate status; T4 from now on in seconds, 0 as before."""
        try:
            now = read_intermediate(apdu, self._options.charset)
        except BadFrame:
            return 0
        progress(Progress(activity=tables.activity(now.state), text=now.text))
        return now.minutes * 60.0

    def _hear(self, status: Status, said: Said, earlier: str) -> bool:
        """Take a status; True: it is an earlier transaction's, come again."""
        numbered = status.receipt is not None or bool(status.trace)
        if numbered and status.moment == earlier:
            return True
        said.statuses.append(status)
        if numbered:
            self._memory[_SEEN] = status.moment
        if status.receipt is not None:
            self._memory[_RECEIPT] = str(status.receipt)
        return False

    # --- the connection

    async def greet(self) -> None:
        """Register; a terminal busy with what came before is there all the same."""
        with suppress(DeviceBusy):
            await self._register()

    async def maintain(self) -> None:
        """What the terminal asked for at registration."""
        if self._diagnosis_due:
            async with self._turn:
                with suppress(DeviceError):
                    await self._diagnose()

    async def leave(self) -> None:
        """Log off, if the line is at rest; nobody waits for the answer."""
        if self._registered and not self._turn.locked() and not self.link.lost:
            self._registered = False
            with suppress(DeviceError, TimeoutError):
                async with deadline(self._clock, LOG_OFF_S):
                    await self.link.post(Apdu(codec.LOG_OFF))
