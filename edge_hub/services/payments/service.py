"""Payments as others ask for them: permissions and checks here; the facts are the writer's, the work is the desk's."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.domain.ids import BasketId, DeviceId, PaymentId, SaleId, SettlementId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import (
    IN_DOUBT,
    IN_HAND,
    Payment,
    PaymentKind,
    PaymentMethod,
    PaymentNotMovable,
    PaymentState,
)
from edge_hub.domain.staff import Permission
from edge_hub.domain.store import StoreSettings
from edge_hub.journal.commands import Command
from edge_hub.sdk.document import Document
from edge_hub.sdk.eft.model import Transaction
from edge_hub.sdk.errors import DeviceError
from edge_hub.services.checkout.records import BasketNotFound, load_basket
from edge_hub.services.checkout.service import PrinterNeeded
from edge_hub.services.payments import checks
from edge_hub.services.payments.commands import OpenPayment, OpenSettlement, ResolvePayment, ReviewPayment
from edge_hub.services.payments.desk import Desk
from edge_hub.services.payments.evidence import Photos, media_type
from edge_hub.services.payments.model import ANOTHER_NOW, AnswerOutcome, PaymentNotFound, PaymentView, SettlementView
from edge_hub.services.payments.offers import Offer, offers
from edge_hub.services.payments.office import Office, Shown
from edge_hub.services.payments.records import (
    PaymentPage,
    listed,
    load_payment,
    load_settlement,
    open_of,
    settlements,
    unresolved,
    view,
)
from edge_hub.services.payments.report import settlement_document
from edge_hub.services.payments.terminals import ProviderNotFound, Supervisors, Terminals, Wallets
from edge_hub.services.payments.tips import total
from edge_hub.services.ports import JournalPort
from edge_hub.services.principal import Principal
from edge_hub.services.printing.job import Job
from edge_hub.services.printing.service import DeviceCannot, Printing
from edge_hub.words import words

EVIDENCE_FOLDER = "evidence"
A = TypeVar("A")


class Payments:
    """`run` is a core task; `wind_down` begins its end."""

    def __init__(
        self,
        *,
        journal: JournalPort,
        devices: Supervisors,
        wallets: Wallets,
        printing: Printing,
        bus: Bus,
        clock: Clock,
        settings: StoreSettings,
        data: Path,
    ) -> None:
        """`data`: the hub's folder, for photographs of slips."""
        terminals = Terminals(devices=devices, wallets=wallets, bus=bus)
        self._office = Office(journal=journal, terminals=terminals, bus=bus, clock=clock, settings=settings)
        self._desk = Desk(self._office)
        self._wallets = wallets
        self._printing = printing
        self._photos = Photos(data / EVIDENCE_FOLDER)

    async def run(self) -> None:
        """Look after what the last run left behind, then after every payment, until told to stop."""
        await self._desk.run()

    def wind_down(self) -> None:
        """Begin nothing more; `run` returns when what is in hand has its outcome."""
        self._desk.stop()

    # asking for money, and giving it back

    def offers(self, till: TillId | None) -> tuple[Offer, ...]:
        """What this till (None: any till) can be paid by now."""
        return tuple(offers(self._office, self._wallets.ids, till))

    async def start(
        self,
        who: Principal,
        basket_id: BasketId,
        version: int | None,
        *,
        provider: str,
        method: PaymentMethod,
        amount: Money,
        tip: Money | None = None,
        code: str = "",
        print_receipt: bool | None = None,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> PaymentView:
        """Ask for money for a basket; answers as soon as the attempt is on record. `amount` includes `tip`; `code` is
        what the customer's wallet shows.

        Raises as `OpenPayment`, and ProviderNotFound, DeviceAway, DeviceCannot, DeskClosed, DeskBusy.
        """
        who.require(Permission.SELL)
        if not checks.asked_before(self._office, who, key):
            self._desk.check_open()
            checks.check_start(self._office, provider, method, tip=tip, code=code)
        command = OpenPayment(
            kind=PaymentKind.SALE,
            method=method,
            provider=provider,
            tender=self._office.terminals.tender(provider),
            amount=amount,
            till=self._till_of(basket_id, who),
            tip=tip,
            basket=basket_id,
            version=version,
            account=self._office.terminals.account(provider),
            locks=checks.locks(self._office, provider),
            print_receipt=print_receipt,
        )
        return await self._opened(who, command, code, key=key, fingerprint=fingerprint)

    async def refund(
        self,
        who: Principal,
        sale_id: SaleId | None,
        *,
        payment: PaymentId,
        amount: Money,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> PaymentView:
        """Give back all or part of a payment of a sale; None: of any that no open basket has. Raises as `start`."""
        who.require(Permission.REFUND)
        found = view(self._office.journal.reader.row, payment)
        if sale_id is None:
            checks.check_no_basket(self._office, found.payment)
        elif found.paid_sale != sale_id:
            raise PaymentNotFound(payment=payment)
        return await self._afterwards(who, PaymentKind.REFUND, found.payment, amount, key=key, fingerprint=fingerprint)

    async def void(
        self, who: Principal, payment_id: PaymentId, *, key: str = "", fingerprint: bytes = b""
    ) -> PaymentView:
        """Undo a payment whole, with its tip, before its terminal's day is closed. Raises as `start`."""
        who.require(Permission.REFUND)
        row = self._office.journal.reader.row
        original = load_payment(row, payment_id)
        amount = total(row, original)
        return await self._afterwards(who, PaymentKind.VOID, original, amount, key=key, fingerprint=fingerprint)

    async def tip(
        self, who: Principal, payment_id: PaymentId, *, amount: Money, key: str = "", fingerprint: bytes = b""
    ) -> PaymentView:
        """Add the tip on the slip to what paid a sale, where the terminal has that. Raises as `start`."""
        who.require(Permission.SELL)
        original = load_payment(self._office.journal.reader.row, payment_id)
        return await self._afterwards(who, PaymentKind.TIP, original, amount, key=key, fingerprint=fingerprint)

    async def stop(self, who: Principal, payment_id: PaymentId) -> PaymentView:
        """The cashier's cancel: what has not been asked for is not; else the terminal is asked to give up, where it can
        be. What became of the payment is what the terminal says afterwards.
        """
        who.require(Permission.SELL)
        self._desk.keep_back(payment_id)
        payment = load_payment(self._office.journal.reader.row, payment_id)
        asked = payment.state in IN_HAND and payment.state is not PaymentState.CREATED
        terminal = self._office.terminals.now(payment.provider) if asked else None
        if terminal is not None and terminal.can.stops:
            with suppress(DeviceError):  # it waits on, and says so in its own time
                await terminal.eft.stop()
        return self.get(payment_id)

    # what became of it

    async def ask(self, who: Principal, payment_id: PaymentId) -> PaymentView:
        """Ask the terminal or wallet again now. Raises PaymentNotMovable, DeviceAway, DeviceCannot, DeskClosed."""
        who.require(Permission.SELL)
        found = self.get(payment_id)
        payment = found.payment
        if payment.state in IN_HAND:
            return found
        if payment.state not in IN_DOUBT or payment.method is PaymentMethod.STANDALONE:
            raise PaymentNotMovable(state=payment.state.value, cause="asked")
        self._desk.check_open()
        can = self._office.terminals.here(payment.provider).can
        if not self._office.terminals.is_its(payment):
            raise DeviceCannot(ANOTHER_NOW, why="another", device=payment.provider, role="inquire")
        if not payment.request or not (can.inquires or (can.cancels and payment.cancelling)):
            raise DeviceCannot(device=payment.provider, role="inquire")
        self._desk.ask(payment)
        return found

    async def resolve(
        self,
        who: Principal,
        payment_id: PaymentId,
        *,
        approved: bool,
        slip: str = "",
        note: str = "",
        photo_sha256: str = "",
        key: str = "",
        fingerprint: bytes = b"",
    ) -> PaymentView:
        """A person says what became of it, with evidence. Raises as `ResolvePayment`, PhotoNotFound, DeskClosed."""
        payment = load_payment(self._office.journal.reader.row, payment_id)
        alone = payment.method is PaymentMethod.STANDALONE
        who.require(Permission.SELL if alone else Permission.RESOLVE_PAYMENT)
        if photo_sha256:
            await asyncio.to_thread(self._photos.get, photo_sha256)
        command = ResolvePayment(
            payment=payment_id, approved=approved, slip=slip.strip(), note=note.strip(), photo_sha256=photo_sha256
        )

        async def resolved() -> PaymentView:
            outcome = await self._submit(who, command, key, fingerprint)
            self._office.came(outcome)
            return outcome.payment

        return await self._desk.to_the_end(resolved())

    async def review(
        self, who: Principal, payment_id: PaymentId, *, note: str, key: str = "", fingerprint: bytes = b""
    ) -> PaymentView:
        """A manager looked into it: it leaves the list. Raises as `ReviewPayment`."""
        who.require(Permission.RESOLVE_PAYMENT)
        return await self._submit(who, ReviewPayment(payment=payment_id, note=note.strip()), key, fingerprint)

    def get(self, payment_id: PaymentId) -> PaymentView:
        """Raises PaymentNotFound."""
        return view(self._office.journal.reader.row, payment_id)

    async def listed(
        self,
        *,
        basket: BasketId | None = None,
        sale: SaleId | None = None,
        provider: str | None = None,
        limit: int = 50,
        after: str = "",
    ) -> PaymentPage:
        """Newest first."""
        rows = self._office.journal.reader.rows
        return listed(rows, basket=basket, sale=sale, provider=provider, limit=limit, after=after)

    async def unresolved(self) -> tuple[PaymentView, ...]:
        """The manager's list, oldest first."""
        return unresolved(self._office.journal.reader.rows, self._office.stuck)

    def attended(self) -> tuple[PaymentView, ...]:
        """What is under way or on the manager's list, oldest first."""
        rows = self._office.journal.reader.rows
        found = {one.payment.id: one for one in (*open_of(rows), *unresolved(rows, self._office.stuck))}
        return tuple(found[one] for one in sorted(found))

    def follow(self, hear: Callable[[AnswerOutcome], None]) -> None:
        """`hear` is told, from now on, whenever something came of a payment; it must not raise."""
        self._office.happened.append(hear)

    def with_card(self, provider: str) -> frozenset[Transaction]:
        """See `Capabilities.with_card`, as far as they were seen since the start."""
        can = self._office.terminals.can(provider)
        return frozenset() if can is None else can.with_card

    def activity(self, payment_id: str) -> Shown | None:
        """What the terminal does just now about a payment or settlement."""
        return self._office.shown.get(payment_id)

    # evidence

    async def keep_photo(self, who: Principal, data: bytes) -> str:
        """The picture's SHA-256, once it is durable. Raises PhotoInvalid, PhotoNotKept."""
        who.require(Permission.SELL)
        return await asyncio.to_thread(self._photos.keep, data)

    async def photo(self, who: Principal, sha256: str) -> tuple[bytes, str]:
        """The picture and its media type. Raises PhotoNotFound."""
        who.require(Permission.RESOLVE_PAYMENT)
        data = await asyncio.to_thread(self._photos.get, sha256)
        return data, media_type(data)

    # end of day

    async def settle(self, who: Principal, terminal: str, *, key: str = "", fingerprint: bytes = b"") -> SettlementView:
        """Have a terminal close its day; answers at once, the rest runs on. Raises as `OpenSettlement`, and
        ProviderNotFound, DeviceAway, DeviceCannot, DeskClosed, DeskBusy.
        """
        who.require(Permission.SETTLE)
        if not checks.asked_before(self._office, who, key):
            self._desk.check_open()
            if not self._office.terminals.here(terminal).can.settles:
                raise DeviceCannot(device=terminal, role="settle")

        async def begun() -> SettlementView:
            opened = await self._submit(who, OpenSettlement(terminal=terminal), key, fingerprint)
            self._desk.close_day(opened)
            return opened

        return await self._desk.to_the_end(begun())

    def settlement(self, settlement_id: SettlementId) -> SettlementView:
        """Raises SettlementNotFound."""
        return load_settlement(self._office.journal.reader.row, settlement_id)

    async def settlements(self, limit: int = 50) -> tuple[SettlementView, ...]:
        """Newest first."""
        return settlements(self._office.journal.reader.rows, limit)

    def settlement_document(self, found: SettlementView, locale: str) -> Document:
        """One page about it."""
        differences = found.reconciliation.differences if found.reconciliation is not None else ()
        row = self._office.journal.reader.row
        named = [one.payment for one in differences if one.payment is not None]
        return settlement_document(
            found,
            words(locale),
            self._office.settings,
            label=self._label(found.terminal),
            references={str(one): load_payment(row, one).reference for one in named},
        )

    async def print_settlement(
        self,
        who: Principal,
        settlement_id: SettlementId,
        device: DeviceId | None = None,
        *,
        locale: str = "",
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Job:
        """Print it: on `device`, or the printer of the till that asks or has the terminal. Raises SettlementNotFound,
        PrinterNeeded, and as `Printing.enqueue`.
        """
        who.require(Permission.SETTLE)
        found = self.settlement(settlement_id)
        document = self.settlement_document(found, locale or self._office.settings.card.locale)
        printer = device or self._printer(who, found.terminal)
        return await self._printing.enqueue(who, printer, document, key=key, fingerprint=fingerprint)

    # helpers

    async def _afterwards(
        self, who: Principal, kind: PaymentKind, original: Payment, amount: Money, *, key: str, fingerprint: bytes
    ) -> PaymentView:
        command = checks.afterwards(self._office, who, kind, original, amount)
        if not checks.asked_before(self._office, who, key):
            self._desk.check_open()
            if command.method is not PaymentMethod.STANDALONE:
                checks.able(self._office, original.provider, Transaction(kind.value))
        return await self._opened(who, command, "", key=key, fingerprint=fingerprint)

    async def _opened(
        self, who: Principal, command: OpenPayment, code: str, *, key: str, fingerprint: bytes
    ) -> PaymentView:
        async def opened() -> PaymentView:
            found = await self._submit(who, command, key, fingerprint)
            self._desk.take(found.payment, code)
            return found

        return await self._desk.to_the_end(opened())

    async def _submit(self, who: Principal, command: Command[A], key: str, fingerprint: bytes) -> A:
        return await self._office.journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    def _till_of(self, basket_id: BasketId, who: Principal) -> TillId:
        try:
            return load_basket(self._office.journal.reader.row, basket_id).till
        except BasketNotFound:
            return who.till or self._office.settings.tills[0].id  # the writer refuses it, or knows the key

    def _label(self, terminal: str) -> str:
        try:
            return self._office.terminals.label(terminal)
        except ProviderNotFound:
            return terminal  # taken away since

    def _printer(self, who: Principal, terminal: str) -> DeviceId:
        tills = self._office.settings.tills
        own = next((one.printer for one in tills if one.id == who.till), "")
        found = own or next((one.printer for one in tills if one.terminal == terminal and one.printer), "")
        if not found:
            raise PrinterNeeded
        return DeviceId(found)
