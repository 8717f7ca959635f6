"""What every wallet must hold, whatever its provider does: run it for each wallet, fault and way out of doubt.

    @pytest.mark.parametrize("case", cases(WALLET), ids=str)
    async def test_contract(case):
        await hold_wallet(WALLET, case)

What the simulated bank took is the truth. Approved: it was taken, once, that amount. Declined, refused, absent: it was
not, and never will be. Anything else is doubt, and doubt ends, once the provider is well again, in what is true.
"""

import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from edge_hub.clock import ManualClock
from edge_hub.sdk.eft.bank import CARDHOLDER, PANS
from edge_hub.sdk.eft.model import (
    EftTerminal,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Request,
    Result,
    Transaction,
    Verdict,
)
from edge_hub.sdk.eft.wallet import WalletContext, WalletInfo, WalletSimulator
from edge_hub.sdk.errors import DeviceBusy, DeviceError, DeviceRefused
from edge_hub.sdk.testing.bench import settle, until
from edge_hub.sdk.testing.checks import expect
from edge_hub.sdk.wallets.simulated import USER_PAYING

CURRENCIES: dict[str, int] = {"TWD": 0, "CNY": 2}
"""Minor digits of what the wallets are set up for."""
AMOUNT_UNITS = 1280
PART_UNITS = 280
CALL_LIMIT_S = 300.0
STEP_S = 0.5
ILL_TRIES = 3
"""How often it is asked while the provider is ill."""
WELL_TRIES = 80
WELL_PAUSE_S = 6.0
QUIET_S = 120.0
"""After this nothing that was on its way arrives any more."""
WAYS = ("inquire", "cancel")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletCase:
    """One story: a transaction, what goes wrong with the provider during it, and how doubt is to be ended."""

    transaction: Transaction
    fault: str = ""
    outcome: str = "approve"
    way: str = "inquire"

    def __str__(self) -> str:
        return "-".join(filter(None, (self.transaction.value, self.fault, self.outcome, self.way)))


def cases(info: WalletInfo) -> Iterator[WalletCase]:
    """Every story of a wallet."""
    faults = info.simulator().faults
    for way in WAYS:
        for fault in ("", *faults):
            yield WalletCase(transaction=Transaction.SALE, fault=fault, way=way)
    for transaction in (Transaction.REFUND, Transaction.VOID):
        for fault in ("", *faults):
            yield WalletCase(transaction=transaction, fault=fault)
    for outcome in ("decline", "call_bank", "cancel", "card", "balance", "host"):
        yield WalletCase(transaction=Transaction.SALE, outcome=outcome)
    yield WalletCase(transaction=Transaction.REFUND, outcome="decline")
    for outcome in ("decline", "cancel"):
        for fault in sorted({"lost_reply", USER_PAYING} & set(faults)):
            yield WalletCase(transaction=Transaction.SALE, fault=fault, outcome=outcome)


class WalletBench:
    """A wallet and its provider on one clock. Made by `opened`."""

    def __init__(self, info: WalletInfo, simulator: WalletSimulator, clock: ManualClock) -> None:
        self.info = info
        self.simulator = simulator
        self.clock = clock
        self.progress: list[Progress] = []
        self.currency = ""
        self._requests = 0
        self._wallet: EftTerminal | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, info: WalletInfo) -> AsyncIterator["WalletBench"]:
        """The provider serves on 127.0.0.1, the wallet is open."""
        clock = ManualClock()
        simulator = info.simulator()
        simulator.sleep = clock.sleep  # type: ignore[attr-defined]  # the bench's clock is the provider's
        bench = cls(info, simulator, clock)
        async with simulator.serving("127.0.0.1", 0) as url, bench._opened(url):
            yield bench

    @asynccontextmanager
    async def _opened(self, url: str) -> AsyncIterator[None]:
        log = logging.getLogger("edge_hub.bench")
        context = WalletContext(wallet_id="bench", clock=self.clock, now=lambda: "2026-10-09T14:30:15", log=log)
        async with self.info.open(context, self.simulator.options(url)) as wallet:
            self._wallet = wallet
            try:
                yield
            finally:
                self._wallet = None

    @property
    def wallet(self) -> EftTerminal:
        """The driver."""
        if self._wallet is None:
            raise AssertionError("the wallet is not open")
        return self._wallet

    @property
    def net(self) -> int:
        """What the bank holds for the merchant, minor units."""
        net = self.simulator.state()["net"]
        expect(isinstance(net, int), "the simulator's state has no net")
        return int(str(net))

    async def request(
        self, transaction: Transaction = Transaction.SALE, units: int = AMOUNT_UNITS, **more: Any
    ) -> Request:
        """The next request, in the currency that the wallet takes."""
        self._requests += 1
        code = str(self.simulator.state()["code"]) if transaction is Transaction.SALE else ""
        for currency, digits in CURRENCIES.items():
            if self.currency in {"", currency}:
                request = Request(
                    transaction=transaction,
                    reference=f"A{self._requests:09d}",
                    amount=units * 10**digits,
                    currency=currency,
                    minor_digits=digits,
                    at="2026-10-09T14:30:15",
                    till="till-1",
                    title="街角商店 A000042",
                    **{"code": code, **more},
                )
                try:
                    await self.wallet.prepare(request)
                except DeviceRefused:
                    if self.currency:
                        raise
                else:
                    self.currency = currency
                    return request
        raise AssertionError("the wallet takes none of the currencies of this contract")

    async def transact(self, request: Request) -> Result | DeviceError:
        """Prepare and carry out; what was raised is an answer too."""
        data = await self.wallet.prepare(request)
        expect(data == await self.wallet.prepare(request), "the same request prepared twice gives other bytes")
        self.progress.clear()
        try:
            return await self._done(self.wallet.transact(request, data, self.progress.append))
        except DeviceError as error:
            return error

    async def ask(self, way: str, request: Request) -> Inquiry | DeviceError:
        """`inquire` or `cancel`."""
        data = await self.wallet.prepare(request)
        work = self.wallet.cancel(request, data) if way == "cancel" else self.wallet.inquire(request, data)
        try:
            return await self._done(work)
        except DeviceError as error:
            expect(not isinstance(error, DeviceRefused) or self.simulator.active_faults, f"{way}: {error!r}")
            return error

    async def _done(self, work: Coroutine[Any, Any, T]) -> T:
        return await until(self.clock, work, limit_s=CALL_LIMIT_S, step_s=STEP_S)

    async def pass_time(self, seconds: float) -> None:
        """Let it pass, for both sides."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            await self.clock.advance(STEP_S)
        await settle()

    async def sold(self, units: int = AMOUNT_UNITS) -> tuple[Request, Result]:
        """A sale that was approved."""
        request = await self.request(units=units)
        result = await self.transact(request)
        if not isinstance(result, Result) or result.verdict is not Verdict.APPROVED:
            raise AssertionError(f"a sale with a provider that is well: {result!r}")
        expect(result.identity, "an approval without identity")
        expect(result.amount == request.amount, f"an approval of {result.amount}")
        return request, result

    async def giving_back(self, transaction: Transaction, units: int) -> Request:
        """A request that gives back a part, or all, of a new sale."""
        sale, result = await self.sold()
        return await self.request(
            transaction,
            AMOUNT_UNITS if transaction is Transaction.VOID else units,
            original=result,
            original_reference=sale.reference,
            original_amount=sale.amount,
        )


async def hold_wallet(info: WalletInfo, case: WalletCase) -> None:
    """Hold a wallet to one story; AssertionError says what it broke."""
    async with WalletBench.opened(info) as bench:
        await _Story(bench, case).told()


class _Story:
    def __init__(self, bench: WalletBench, case: WalletCase) -> None:
        self.bench = bench
        self.case = case
        self._before = 0

    async def told(self) -> None:
        bench, case = self.bench, self.case
        if case.transaction not in bench.wallet.capabilities.transactions:
            return
        if case.transaction is Transaction.SALE:
            request = await bench.request()
        else:
            request = await bench.giving_back(case.transaction, PART_UNITS)
        self._before = bench.net
        bench.simulator.act("outcome", case.outcome)
        await self._set(on=True)
        outcome = await bench.transact(request)
        expect(not self._leaks(outcome), f"a card number or name in {outcome!r}")
        if isinstance(outcome, DeviceRefused | DeviceBusy):
            expect(not bench.progress, "refused, after it was said to be sent")
            await self._not_moved(request)
        else:
            expect(bench.progress[0].milestone is Milestone.SENT, "nothing was said of sending")
            await self._resolve(request, outcome)
        await self._heal()
        await self._not_hurt()

    async def _resolve(self, request: Request, outcome: Result | DeviceError) -> None:
        verdict = outcome.verdict if isinstance(outcome, Result) else Verdict.UNKNOWN
        if not self.case.fault:
            wanted = Verdict.APPROVED if self.case.outcome == "approve" else Verdict.DECLINED
            expect(verdict is wanted, f"{outcome!r} from a provider that is well")
        if verdict is Verdict.UNKNOWN:
            expect(self.case.fault, f"in doubt with a provider that is well: {outcome!r}")
            await self._end_doubt(request)
        elif verdict is Verdict.APPROVED:
            self._moved(request, outcome)
            await self._heal()
            await self.bench.pass_time(self.bench.wallet.capabilities.inquire_after_s)
            await self._agrees(request)
        else:
            await self._not_moved(request)

    async def _end_doubt(self, request: Request) -> None:
        bench, can = self.bench, self.bench.wallet.capabilities
        way = self.case.way if can.cancels else "inquire"
        await bench.pass_time(can.inquire_after_s)
        for _ in range(ILL_TRIES):
            if await self._ended(request, await bench.ask(way, request), way):
                return
            await bench.pass_time(can.inquire_every_s)
        await self._heal()
        for _ in range(WELL_TRIES):
            if await self._ended(request, await bench.ask(way, request), way):
                return
            await bench.pass_time(WELL_PAUSE_S)
        expect(request.transaction is not Transaction.SALE, f"a sale that never comes out of doubt by {way}")
        expect(bench.net == self._before, "what was given back is never found")

    async def _ended(self, request: Request, answer: Inquiry | DeviceError, way: str) -> bool:
        """Whether doubt has ended; in the truth."""
        expect(not self._leaks(answer), f"a card number or name in {answer!r}")
        if not isinstance(answer, Inquiry) or answer.found in {Found.PENDING, Found.INCONCLUSIVE}:
            return False
        if answer.found is Found.ABSENT:
            await self._not_moved(request)
        else:
            expect(answer.result is not None, f"found by {way}, without a result")
            if answer.result is not None and answer.result.verdict is Verdict.APPROVED:
                self._moved(request, answer.result)
            else:
                expect(answer.result is not None and answer.result.verdict is Verdict.DECLINED, f"found: {answer!r}")
                await self._not_moved(request)
        return True

    async def _agrees(self, request: Request) -> None:
        """An inquiry about what was approved never says otherwise; and names the same transaction."""
        answer = await self.bench.ask("inquire", request)
        expect(isinstance(answer, Inquiry), f"asked about what was approved: {answer!r}")
        if isinstance(answer, Inquiry) and answer.result is not None and answer.found is Found.FOUND:
            expect(answer.result.verdict is Verdict.APPROVED, f"approved, then {answer!r}")
        expect(isinstance(answer, Inquiry) and answer.found is not Found.ABSENT, "approved, then absent")

    async def _heal(self) -> None:
        await self._set(on=False)
        if self.case.fault == USER_PAYING:
            self.bench.simulator.act("confirm", "")

    async def _set(self, *, on: bool) -> None:
        if self.case.fault:
            self.bench.simulator.set_fault(self.case.fault, on)
            await settle()

    def _moved(self, request: Request, outcome: Result | DeviceError) -> None:
        sign = 1 if request.transaction is Transaction.SALE else -1
        moved = sign * (self.bench.net - self._before)
        expect(moved == request.amount, f"approved {request.amount}, moved {moved}")
        if isinstance(outcome, Result):
            expect(outcome.amount in {None, request.amount}, f"approved, but names {outcome.amount}")
            expect(outcome.identity, "an approval without identity")

    async def _not_moved(self, request: Request) -> None:
        expect(self.bench.net == self._before, f"said not to be carried out, and {request.amount} moved")
        await self.bench.pass_time(QUIET_S)
        expect(self.bench.net == self._before, f"said not to be carried out, and {request.amount} moved later")

    async def _not_hurt(self) -> None:
        """The next sale is as good as any."""
        self.bench.simulator.act("outcome", "approve")
        await self.bench.pass_time(1.0)
        before = self.bench.net
        request, _ = await self.bench.sold()
        expect(self.bench.net - before == request.amount, "the next sale is not what it should be")

    @staticmethod
    def _leaks(thing: object) -> bool:
        raw = thing.raw if isinstance(thing, Result) else b""
        if isinstance(thing, Inquiry) and thing.result is not None:
            raw = thing.result.raw
        said = repr(thing) + raw.decode("utf-8", "replace")
        return any(secret in said for secret in (*PANS.values(), CARDHOLDER))
