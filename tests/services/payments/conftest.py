"""A shop on the real writer core, with a card terminal and a wallet that do as the test says, and keep the bank's book."""

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from edge_hub.bus import Bus, Wake
from edge_hub.clock import ManualClock
from edge_hub.devices.hub import UnknownDevice
from edge_hub.devices.wallets import UnknownWallet
from edge_hub.domain.events import PaymentMoved
from edge_hub.domain.ids import BasketId, ClientId, StaffId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import PaymentMethod
from edge_hub.domain.staff import Role, Staff
from edge_hub.sdk.eft.model import (
    BatchTotals,
    Capabilities,
    Found,
    Inquiry,
    Milestone,
    Progress,
    Result,
    Transaction,
    Verdict,
)
from edge_hub.sdk.errors import DeviceLost, DeviceRefused, DeviceTimeout
from edge_hub.services.catalogue.service import Catalogue
from edge_hub.services.checkout.service import Checkout
from edge_hub.services.handlers import HANDLERS
from edge_hub.services.payments.service import Payments
from edge_hub.services.principal import Principal
from edge_hub.services.printing.service import Printing

PRODUCTS = (
    "sku,name,price,tax_code,unit,barcodes,track_stock,active,on_hand\nTEA,Tea,2.50,A,piece,4006381333931,no,yes,\n"
)
TEA = "4006381333931"
ALL = frozenset(Transaction)
TURNS = 40
PATIENCE_S = 2000
CARD = Capabilities(
    transactions=ALL, inquires=True, inquire_every_s=5.0, inquiries_max=3, pending_s=30.0, settles=True, stops=True
)
WALLET = Capabilities(
    transactions=frozenset({Transaction.SALE, Transaction.REFUND}), inquires=True, inquire_after_s=20.0,
    inquire_every_s=5.0, inquiries_max=2, pending_s=30.0, cancels=True, code=True, locks=False,
)  # fmt: skip


FAILURES = {
    "refuse": ("before a byte", DeviceRefused("the terminal is in its menu")),
    "no byte": ("while sending", DeviceRefused("the connection was refused: no byte left")),
    "lost": ("while sending", DeviceLost("the cable is out")),
    "late refusal": ("acknowledged", DeviceRefused("somebody pressed the red key")),
    "timeout": ("asked", DeviceTimeout("no answer within 120 s")),
    "taken, then silence": ("taken", DeviceTimeout("no answer within 120 s")),
}
ANSWERS = {
    "nonsense": "approved, or so",
    "decline": Result(verdict=Verdict.DECLINED, code="0001", text="DECLINED"),
    "unknown": Result(verdict=Verdict.UNKNOWN, code="7777", text="?"),
}


class Terminal:
    """`script`: how the next transactions go, "approve" when it is used up. `says`: the next answers to inquiries and
    cancellations, the bank's book when it is used up.
    """

    def __init__(self, capabilities, clock):
        self.capabilities = capabilities
        self.clock = clock
        self.script, self.says = [], []
        self.book: dict[str, tuple[str, int]] = {}
        """Reference: (transaction, amount) of money that moved."""
        self.had: set[str] = set()
        """References of requests that it acknowledged: it cannot say that those never came."""
        self.calls = []
        self.requests = []
        self.hold = None
        self.holding = asyncio.Event()
        self.stopped = 0
        self.totals = BatchTotals(batch="000042")
        self.settle_fails = None

    async def prepare(self, request):
        self.calls.append(("prepare", request.reference))
        if self.script[:1] == ["unspeakable"]:
            self.script.pop(0)
            raise DeviceRefused("the protocol cannot carry this")
        return hashlib.sha256(repr((request.reference, request.amount, request.at)).encode()).digest()

    async def transact(self, request, data, progress):
        self.calls.append(("transact", request.reference))
        self.requests.append((request, data))
        how = self.script.pop(0) if self.script else "approve"
        self._fail(how, "before a byte")
        progress(Progress(milestone=Milestone.SENT))
        self._fail(how, "while sending")
        self.had.add(request.reference)
        progress(Progress(milestone=Milestone.IN_PROGRESS, text="PRESENT CARD"))
        progress(Progress(milestone=Milestone.IN_PROGRESS))
        self._fail(how, "acknowledged")
        if self.hold is not None:
            self.holding.set()
            await self.hold.wait()
        self._fail(how, "asked")
        if how in ANSWERS:
            return ANSWERS[how]
        self.book[request.reference] = (request.transaction.value, request.amount)
        self._fail(how, "taken")
        return self.approval(request, request.amount + (how == "wrong amount"))

    def _fail(self, how, when):
        at, error = FAILURES.get(how, ("", None))
        if at == when:
            raise error

    def approval(self, request, amount=None):
        receipt = f"{list(self.book).index(request.reference) + 1:06d}"
        return Result(
            verdict=Verdict.APPROVED, code="0000", amount=request.amount if amount is None else amount,
            identity=f"T1/42/{receipt}", terminal_id="T1", batch="42", receipt=receipt, approval="AB1234",
            scheme="VISA", card="431195******1234", at=request.at, data={"receipt": receipt},
        )  # fmt: skip

    async def inquire(self, request, data):
        self.calls.append(("inquire", request.reference))
        return self._answer(request, data)

    async def cancel(self, request, data):
        self.calls.append(("cancel", request.reference))
        return self._answer(request, data)

    def _answer(self, request, data):
        asked = next((sent for known, sent in self.requests if known.reference == request.reference), data)
        assert data == asked, "other bytes than were sent"
        said = self.says.pop(0) if self.says else None
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Found):
            return Inquiry(found=said, text=f"says {said}")
        if said is not None:
            return said
        if request.reference in self.book:
            return Inquiry(found=Found.FOUND, result=self.approval(request))
        if request.reference in self.had and self.capabilities.locks:
            return Inquiry(found=Found.FOUND, result=Result(verdict=Verdict.DECLINED, code="0006", text="CANCELLED"))
        return Inquiry(found=Found.ABSENT, text="not in its book")

    async def stop(self):
        self.stopped += 1

    async def settle(self, at, progress):
        self.calls.append(("settle", at))
        progress(Progress(text="SETTLING"))
        if self.settle_fails is not None:
            raise self.settle_fails
        return self.totals

    def count(self, call):
        return sum(name == call for name, _ in self.calls)


class Fleet:
    """Devices, or wallets, as the hub has them."""

    def __init__(self, bus, topic, missing, **terminals):
        self.bus, self.topic, self.missing = bus, topic, missing
        self.terminals = dict(terminals)
        self.errors = {}
        self.drivers, self.accounts = {}, {}

    @property
    def ids(self):
        return tuple(self.terminals)

    def __contains__(self, name):
        return name in self.terminals

    def get(self, name):
        if name not in self.terminals:
            raise self.missing(name)
        error = self.errors.get(name)
        return SimpleNamespace(
            error=error, roles=("eft_terminal",), role=lambda _role: None if error else self.terminals[name]
        )

    def snapshot(self, name):
        self.get(name)
        return SimpleNamespace(
            id=name, label=f"the {name}", driver=self.drivers.get(name, name), roles=("eft_terminal", "pos_printer")
        )

    def account(self, name):
        return self.accounts.get(name, f"{name} of merchant 1")

    def away(self, name, error=None):
        self.errors[name] = error or DeviceLost("the cable is out")
        self.bus.publish(Wake(topic=self.topic, key=name))

    def back(self, name):
        self.errors.pop(name, None)
        self.bus.publish(Wake(topic=self.topic, key=name))


class Bench:
    def __init__(self, journal, *, clock, bus, settings, terminals, data):
        self.journal, self.clock, self.bus = journal, clock, bus
        self.card, self.wallet = terminals["card"], terminals["line_pay"]
        self.devices = Fleet(bus, "device", UnknownDevice, card=self.card, **terminals.get("more", {}))
        self.wallets = Fleet(bus, "wallet", UnknownWallet, line_pay=self.wallet)
        self.checkout = Checkout(journal, clock, settings, tender_types=("card",))
        self.catalogue = Catalogue(journal, clock, settings)
        self.payments = Payments(
            journal=journal, devices=self.devices, wallets=self.wallets, bus=bus, clock=clock, settings=settings,
            printing=Printing(journal=journal, devices=self.devices, clock=clock, settings=settings), data=data,
        )  # fmt: skip
        self.keys = 0

    def who(self, role=Role.CLERK, till="t1"):
        staff = Staff(id=StaffId(f"staff-{role}"), name="Aino", role=role)
        return Principal(client=ClientId(f"tablet-{till}"), till=TillId(till), staff=staff)

    @property
    def boss(self):
        return self.who(Role.MANAGER)

    async def basket(self, teas=1, till="t1"):
        view = await self.checkout.open_basket(self.who(till=till))
        for _ in range(teas):
            view = await self.checkout.add_line(
                self.who(till=till), BasketId(view.basket.id), view.basket.version, barcode=TEA
            )
        return view.basket

    async def pay(self, amount=250, *, basket=None, provider="card", method=None, till="t1", **more):
        basket = basket or await self.basket(till=till)
        method = method or (PaymentMethod.WALLET if provider == "line_pay" else PaymentMethod.TERMINAL)
        more.setdefault("code", "390000000000000000" if provider == "line_pay" else "")
        return await self.payments.start(
            self.who(till=till), BasketId(basket.id), None, provider=provider, method=method, amount=eur(amount), **more
        )

    def state(self, view):
        return self.payments.get(view.payment.id).payment.state

    async def turns(self):
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def until(self, view, *states, seconds=PATIENCE_S):
        """Let time pass until the payment is in one of these states; the payment."""
        return await self.passing(
            lambda: self.payments.get(view.payment.id), lambda one: one.payment.state in states, seconds
        )

    async def passing(self, look, good, seconds=PATIENCE_S):
        for _ in range(seconds):
            await self.turns()
            if good(found := look()):
                return found
            await self.clock.advance(1)
        raise AssertionError(f"still {look()}")

    def moves(self, view):
        """What happened to it, by cause."""
        return [
            one.move.cause.value
            for one in self.journal.events()
            if isinstance(one, PaymentMoved) and one.payment == view.payment.id
        ]

    def basket_now(self, basket):
        return self.checkout.get(BasketId(basket.id))

    @asynccontextmanager
    async def running(self):
        task = asyncio.create_task(self.payments.run())
        await self.turns()
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and task.exception() is not None:
                raise task.exception()


def eur(minor):
    return Money(minor, "EUR")


@pytest.fixture
def open_bench(open_journal, settings, tmp_path):
    """Opens the shop on the same file each time, as a restart does; the terminals and the time go on."""
    clock, bus = ManualClock(), Bus()
    tills = tuple(replace(till, terminal="card") for till in settings.tills)
    used = replace(settings, tills=tills)
    terminals = {"card": Terminal(CARD, clock), "line_pay": Terminal(WALLET, clock)}

    def open_it(**rules):
        shop = replace(used, payments=replace(used.payments, **rules))
        journal = open_journal(handlers=HANDLERS, clock=clock, bus=bus, settings=shop)
        return Bench(journal, clock=clock, bus=bus, settings=shop, terminals=terminals, data=tmp_path)

    return open_it


@pytest.fixture
async def stocked_bench(open_bench):
    """With something to sell; its desk does not run yet."""
    opened = open_bench()
    await opened.catalogue.import_file(Principal(local=True), PRODUCTS.encode(), "csv")
    return opened


@pytest.fixture
async def bench(stocked_bench):
    async with stocked_bench.running():
        yield stocked_bench
