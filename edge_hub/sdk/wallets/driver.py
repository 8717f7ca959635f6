"""The frame of a wallet's driver: what is checked before anything is sent, one call that moves money, and how long ago
that was.
"""

import re
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import ClassVar

from edge_hub.sdk.driver import DriverClock
from edge_hub.sdk.eft.model import (
    Activity,
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Reason,
    Request,
    Result,
    Transaction,
    Verdict,
)
from edge_hub.sdk.eft.scrub import scrub_bytes
from edge_hub.sdk.eft.wallet import WalletContext
from edge_hub.sdk.errors import DeviceRefused, ErrorCode
from edge_hub.sdk.wallets.http import Call, Http

CALLS_KEPT_MAX = 1000
"""Requests whose end is remembered; of older ones only that they are older."""
_REFERENCE = re.compile(r"[0-9A-Z]{1,20}")


def illegal(why: str) -> DeviceRefused:
    """What the protocol cannot carry."""
    return DeviceRefused(why, error_code=ErrorCode.ILLEGAL)


def whole(request: Request, amount: int) -> int:
    """An amount in whole units of its currency. Raises DeviceRefused when it has a fraction."""
    units, rest = divmod(amount, 10**request.minor_digits)
    if rest:
        raise illegal(f"{request.currency} is charged without decimals")
    return int(units)


def minor(request: Request, units: object) -> int | None:
    """Whole units of a reply as minor ones; None when it names no whole number."""
    if isinstance(units, str) and re.fullmatch(r"-?[0-9]{1,12}(\.0+)?", units):
        units = int(units.partition(".")[0])
    if isinstance(units, float) and units.is_integer():
        units = int(units)
    if isinstance(units, bool) or not isinstance(units, int):
        return None
    return int(units * 10**request.minor_digits)


class Calls:
    """How long ago a request's call ended, at least: on the monotonic clock, so that no wrong wall clock can make an
    order look absent. A request of an earlier run ended before this run began.
    """

    def __init__(self, clock: DriverClock) -> None:
        self._clock = clock
        self._older = clock.monotonic()
        self._ended: OrderedDict[str, float] = OrderedDict()

    def note(self, reference: str) -> None:
        """The call for `reference` begins now, or is over now, however it went."""
        self._ended[reference] = self._clock.monotonic()
        self._ended.move_to_end(reference)
        while len(self._ended) > CALLS_KEPT_MAX:
            _, ended = self._ended.popitem(last=False)
            self._older = max(self._older, ended)

    def since_s(self, reference: str) -> float:
        """Seconds that it has been over, at least."""
        return self._clock.monotonic() - self._ended.get(reference, self._older)

    async def until_s(self, reference: str, seconds: float) -> None:
        """Wait until it has been over for so long."""
        left = seconds - self.since_s(reference)
        if left > 0:
            await self._clock.sleep(left)


class WalletDriver(ABC):
    """What a provider's driver fills in: `body`, `call`, `verdict`, `inquire`, `cancel`."""

    NAME: ClassVar[str]
    """As people call it, for `Result.scheme`."""
    CODE: ClassVar[re.Pattern[str]]
    """What its customers show."""
    WAITING: ClassVar[frozenset[str]] = frozenset()
    """Reply codes that say: the customer must do something."""
    ABSENT_AFTER_S: ClassVar[float]
    """So long after a call, an order that the provider does not know cannot come to be any more."""
    PERSONAL: ClassVar[tuple[str, ...]] = ()
    """Fields of replies that name the customer; they are not kept."""

    def __init__(
        self, context: WalletContext, http: Http, capabilities: Capabilities, *, currency: str, order_prefix: str
    ) -> None:
        self.context = context
        self.http = http
        self.calls = Calls(context.clock)
        self._capabilities = capabilities
        self._currency = currency
        self._order_prefix = order_prefix

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @abstractmethod
    def body(self, request: Request) -> bytes:
        """What `prepare` answers, of a request that was checked."""

    @abstractmethod
    def call(self, request: Request, data: bytes) -> Call:
        """The call that moves the money, signed."""

    @abstractmethod
    def verdict(self, request: Request, body: bytes) -> Result:
        """What the answer to `call` says. Raises BadFrame for what is no answer to it."""

    @abstractmethod
    async def inquire(self, request: Request, data: bytes) -> Inquiry:
        """As `EftTerminal.inquire`."""

    @abstractmethod
    async def cancel(self, request: Request, data: bytes) -> Inquiry:
        """As `EftTerminal.cancel`."""

    async def prepare(self, request: Request) -> bytes:
        """The exact bytes of the request; nonces, times of sending and signatures are added when it is sent."""
        if request.currency != self._currency:
            raise illegal(f"{self.NAME} is set up for {self._currency}, not {request.currency}")
        if request.amount <= 0:
            raise illegal("an amount must be above zero")
        if not _REFERENCE.fullmatch(request.reference):
            raise illegal("a reference is of 0-9 A-Z")
        if request.transaction is Transaction.SALE:
            if not self.CODE.fullmatch(request.code):
                raise illegal(f"this is no payment code of {self.NAME}")
        elif not request.original_reference:
            raise illegal("what is to be given back must be known")
        elif request.transaction is Transaction.VOID and request.original_amount not in {0, request.amount}:
            raise illegal("a void gives back the whole amount")
        return self.body(request)

    async def transact(self, request: Request, data: bytes, progress: Callable[[Progress], None]) -> Result:
        """One call; see `EftTerminal.transact`."""
        call = self.call(request, data)
        self.calls.note(request.reference)
        try:
            body = await self.http.send(
                call,
                sent=lambda: progress(Progress(milestone=Milestone.SENT, activity=Activity.WAITING_FOR_HOST)),
            )
        finally:
            self.calls.note(request.reference)
        result = self.verdict(request, body)
        if result.code in self.WAITING:
            progress(Progress(milestone=Milestone.IN_PROGRESS, activity=Activity.WAITING_FOR_CUSTOMER))
        return result

    async def stop(self) -> None:
        """Nothing to stop: what the customer does is on their own telephone."""
        raise illegal(f"{self.NAME} cannot be stopped")

    async def settle(self, at: str, progress: Callable[[Progress], None]) -> BatchTotals:
        """Nothing to settle: the provider pays out by itself."""
        del at, progress
        raise illegal(f"{self.NAME} is not settled")

    def order(self, request: Request) -> str:
        """The order id of a request."""
        return self._order_prefix + request.reference

    def original_order(self, request: Request) -> str:
        """The order id of the sale that a VOID or REFUND is for."""
        noted = request.original.data.get("order", "") if request.original is not None else ""
        return noted or self._order_prefix + request.original_reference

    @staticmethod
    def title(request: Request, chars_max: int, *, without: str = "") -> str:
        """What is paid for, in characters that the provider takes."""
        said = "".join(" " if char in without else char for char in request.title if char.isprintable()).strip()
        return said[:chars_max] or request.reference

    def done(
        self, request: Request, body: bytes, *, code: str, number: str, amount: int | None, may_be_unnamed: bool = False
    ) -> Result:
        """What the provider says it carried out under its `number`: in doubt unless it names the amount that was asked
        for. `may_be_unnamed`: it may also name none (None).
        """
        right = bool(number) and (amount == request.amount or (amount is None and may_be_unnamed))
        sale = request.transaction is Transaction.SALE
        return Result(
            verdict=Verdict.APPROVED if right else Verdict.UNKNOWN,
            code=code,
            reason=Reason.NONE if right else Reason.AMOUNT,
            text="" if right else f"{self.NAME} names {amount}, not {request.amount}",
            amount=amount,
            identity=number,
            scheme=self.NAME,
            entry="code" if sale else "",
            data={"order": self.order(request) if sale else self.original_order(request), "transaction": number},
            raw=self.evidence(body),
        )

    def undone(self, body: bytes, *, code: str, text: str, reason: Reason | None) -> Result:
        """What the provider says it did not, or not yet, carry out: declined for a `reason`, in doubt without one."""
        return Result(
            verdict=Verdict.UNKNOWN if reason is None else Verdict.DECLINED,
            code=code,
            reason=reason or (Reason.TIMEOUT if code in self.WAITING else Reason.OTHER),
            text=text,
            scheme=self.NAME,
            raw=self.evidence(body),
        )

    def not_known(self, request: Request) -> Inquiry:
        """What it means that the provider does not know the order: nothing, until it could not come to be any more."""
        if self.calls.since_s(request.reference) < self.ABSENT_AFTER_S:
            return inconclusive(f"{self.NAME} does not know it yet")
        return absent(f"{self.NAME} does not know it, and it cannot come any more")

    def evidence(self, body: bytes) -> bytes:
        """A reply as it may be kept."""
        if self.PERSONAL:
            names = "|".join(map(re.escape, self.PERSONAL)).encode("ascii")
            body = re.sub(rb'("(?:' + names + rb')"\s*:\s*")([^"]*)', _blank, body)
            body = re.sub(rb"(<(?:" + names + rb")>(?:<!\[CDATA\[)?)([^<\]]*)", _blank, body)
        return scrub_bytes(body)


def _blank(found: re.Match[bytes]) -> bytes:
    return found[1] + b"*" * len(found[2])


def found(result: Result) -> Inquiry:
    """An inquiry that came out, unless the result itself says neither."""
    if result.verdict is Verdict.UNKNOWN:
        return inconclusive(result.text or result.code, result)
    return Inquiry(found=Found.FOUND, result=result, text=result.text)


def absent(text: str) -> Inquiry:
    """Not carried out, and it will not be."""
    return Inquiry(found=Found.ABSENT, text=text)


def pending(text: str) -> Inquiry:
    """Still under way."""
    return Inquiry(found=Found.PENDING, text=text)


def inconclusive(text: str, result: Result | None = None) -> Inquiry:
    """An answer that proves nothing."""
    return Inquiry(found=Found.INCONCLUSIVE, result=result, text=text)


REFUND_STAYS = "what was given back cannot be taken again"
"""Why a refund in doubt is not cancelled."""
