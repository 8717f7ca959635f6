"""A provider on a bench: an HTTP server with customers, a bank, and everything that goes wrong with both."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from aiohttp import web

from edge_hub.sdk.driver import Options
from edge_hub.sdk.eft import bank as eft_bank
from edge_hub.sdk.eft.bank import SimulatedBank
from edge_hub.sdk.simulated import Simulated
from edge_hub.sdk.wallets.book import OrderBook
from edge_hub.sdk.wallets.http import BODY_BYTES_MAX

LOST_REQUEST = "lost_request"
TORN_REPLY = "torn_reply"
BAD_GATEWAY = "bad_gateway"
BAD_SIGNATURE = "bad_signature"
USER_PAYING = "user_paying"
TWICE = "twice"
LATE = "late"
UNREACHABLE = "unreachable"
FAULTS: Mapping[str, str] = {
    UNREACHABLE: "nobody answers at the provider's address",
    LOST_REQUEST: "the connection ends before a charge, refund or cancellation was carried out",
    eft_bank.LOST_REPLY: "charges, refunds and cancellations are carried out, and the connection ends unanswered",
    TORN_REPLY: "the same, and the connection ends in the middle of the answer",
    BAD_GATEWAY: "the same, and somebody on the way answers with an error page",
    LATE: "the connection ends at once, and a charge is carried out only later",
    eft_bank.SLOW_HOST: eft_bank.FAULTS[eft_bank.SLOW_HOST],
    TWICE: "charges, refunds and cancellations arrive twice; the second answer comes back",
    USER_PAYING: "the customer must confirm in the app (actions: confirm, refuse)",
    eft_bank.BUSY: "the provider answers that its system has an error, and does nothing",
    eft_bank.WRONG_AMOUNT: eft_bank.FAULTS[eft_bank.WRONG_AMOUNT],
    eft_bank.UNLISTED_CODE: eft_bank.FAULTS[eft_bank.UNLISTED_CODE],
    BAD_SIGNATURE: "replies are signed with a wrong key",
}
WRONG_BY_UNITS = 1
"""How many whole units too much a wrong amount is."""
UNLISTED = "UNLISTED"


class Kind(Enum):
    """What a request is for, as far as faults care."""

    CHARGE = "charge"
    GIVE_BACK = "give back"
    """A refund or a cancellation."""
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in. `path` is still percent-encoded, `query` without its "?"."""

    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class WalletSimulated(Simulated, ABC):
    """What the simulators of all providers share; a provider adds its words in `answer`."""

    own_faults = FAULTS
    LATE_S: ClassVar[float] = 30.0
    """How late the `late` fault is: within what the provider promises."""
    MEDIA_TYPE: ClassVar[str] = "application/json"

    def __init__(self) -> None:
        super().__init__()
        self.bank = SimulatedBank()
        self.book = OrderBook(self.bank, number=self.number, code=self.new_code)
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self.folder = Path()
        """Where its merchant's secrets are, while it serves."""
        self._changed = asyncio.Event()
        self._later: set[asyncio.Task[None]] = set()

    @staticmethod
    @abstractmethod
    def number(count: int) -> str:
        """The provider's n-th number."""

    @staticmethod
    @abstractmethod
    def new_code(count: int) -> str:
        """The code that the n-th customer shows."""

    @abstractmethod
    def kind(self, received: Received) -> Kind:
        """What a request is for."""

    @abstractmethod
    def answer(self, received: Received) -> bytes:
        """Check a request as strictly as the provider does, carry it out, and answer."""

    @abstractmethod
    def options(self, url: str) -> Options:
        """As `WalletSimulator.options`; while it serves."""

    def secrets(self) -> Mapping[str, str]:
        """The merchant's secrets, by the name of the file."""
        return {}

    def set_fault(self, name: str, on: bool) -> None:
        """As `WalletSimulator.set_fault`."""
        super().set_fault(name, on)
        self._changed.set()

    def shown(self, units: int) -> int:
        """An amount in the provider's units as its replies name it."""
        return units + (WRONG_BY_UNITS if self.has(eft_bank.WRONG_AMOUNT) else 0)

    def state(self) -> Mapping[str, object]:
        """As `WalletSimulator.state`, with "orders" as [{id, state, amount, refunded}]."""
        orders = [
            {"id": order.id, "state": order.state.value, "amount": order.amount, "refunded": order.refunded}
            for order in self.book.orders.values()
        ]
        return {**self.bank.state(), "code": self.book.code, "orders": orders}

    def act(self, action: str, value: str) -> None:
        """What customers do whom the app asks: "confirm", "refuse"; else as `SimulatedBank.act`."""
        if action == "confirm":
            self.book.confirm()
        elif action == "refuse":
            self.book.refuse()
        else:
            self.bank.act(action, value)

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[str]:
        """As `WalletSimulator.serving`."""
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_route("*", "/{rest:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
        await runner.setup()
        with TemporaryDirectory(prefix="edge-hub-wallet-") as folder:
            self.folder = Path(folder)
            for name, text in self.secrets().items():
                (self.folder / name).write_text(text, encoding="ascii")
            site = web.TCPSite(runner, host, port)
            await site.start()
            port = runner.addresses[0][1]
            keeping = asyncio.create_task(self._keep_open(runner, site, host, port), name="wallet simulator's door")
            try:
                yield f"http://{host}:{port}"
            finally:
                await self._end([keeping, *self._later])
                await runner.cleanup()

    async def _keep_open(self, runner: web.AppRunner, site: web.TCPSite | None, host: str, port: int) -> None:
        """The door is shut while nobody is to answer."""
        while True:
            if self.has(UNREACHABLE) and site is not None:
                await site.stop()
                site = None
            elif not self.has(UNREACHABLE) and site is None:
                site = web.TCPSite(runner, host, port, reuse_address=True)
                await site.start()
            await self._changed.wait()
            self._changed.clear()

    @staticmethod
    async def _end(tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _handle(self, request: web.Request) -> web.Response:
        received = Received(
            path=request.raw_path.partition("?")[0],
            query=request.raw_path.partition("?")[2],
            headers=request.headers,
            body=await request.read(),
        )
        kind = self.kind(received)
        if kind is not Kind.ASK and self.has(eft_bank.SLOW_HOST):
            await self.sleep(eft_bank.SLOW_HOST_S)
        if kind is not Kind.ASK and self.has(LOST_REQUEST):
            return self._hang_up(request)
        if kind is Kind.CHARGE and self.has(LATE):
            self._carry_out_later(received)
            return self._hang_up(request)
        body = self.answer(received)
        if kind is Kind.ASK:
            return web.Response(body=body, content_type=self.MEDIA_TYPE)
        return await self._spoil(request, received, body)

    async def _spoil(self, request: web.Request, received: Received, body: bytes) -> web.Response:
        """What becomes of the answer on its way back."""
        if self.has(TWICE):
            body = self.answer(received)
        if self.has(eft_bank.LOST_REPLY):
            return self._hang_up(request)
        if self.has(BAD_GATEWAY):
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        if self.has(TORN_REPLY):
            torn = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": self.MEDIA_TYPE})
            await torn.prepare(request)
            await torn.write(body[: len(body) // 2])
            return self._hang_up(request)
        return web.Response(body=body, content_type=self.MEDIA_TYPE)

    @staticmethod
    def _hang_up(request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    def _carry_out_later(self, received: Received) -> None:
        async def carry_out() -> None:
            await self.sleep(self.LATE_S)
            self.answer(received)

        task = asyncio.create_task(carry_out(), name="a charge that comes late")
        self._later.add(task)
        task.add_done_callback(self._later.discard)
