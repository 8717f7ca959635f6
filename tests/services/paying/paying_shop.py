"""A shop that takes cards, on the real writer core: no loop, no devices; what a terminal would say is said by the test."""

from edge_hub.clock import ManualClock
from edge_hub.domain.events import SaleCompleted
from edge_hub.domain.ids import BasketId, ProductId, TillId
from edge_hub.domain.money import Money
from edge_hub.domain.payment import IN_DOUBT, Cause, PaymentKind, PaymentMethod, PaymentResult, PaymentState
from edge_hub.domain.tender import Tender
from edge_hub.domain.verdict import Verdict
from edge_hub.journal.backup import backup, restore
from edge_hub.journal.codec import decode_event
from edge_hub.journal.commands import Actor, Envelope
from edge_hub.journal.core import Core
from edge_hub.journal.database import open_reader
from edge_hub.journal.rebuild import rebuild
from edge_hub.services.checkout.commands import AbandonBasket, AddLine, AddTender, OpenBasket
from edge_hub.services.checkout.records import load_basket, load_sale
from edge_hub.services.checkout.records import view as view_basket
from edge_hub.services.handlers import HANDLERS
from edge_hub.services.payments import records
from edge_hub.services.payments.commands import (
    MarkSending,
    MovePayment,
    OpenPayment,
    RecordAnswer,
    RecoverPayment,
    RecoverPayments,
    ResolvePayment,
)

AINO = Actor(client="tab-1", staff="aino")
HUB = Actor()
ASKED_AT = "2026-10-09T14:30:00"
PRICES = {"tea": 250, "bag": 20, "coat": 10_000}


def eur(minor):
    return Money(minor, "EUR")


def cash(minor):
    return Tender(type="cash", amount=eur(minor))


class PayingShop:
    def __init__(self, path, settings):
        self.path, self.settings, self.clock = path, settings, ManualClock()
        self.wakes = []
        self._identities = 0
        self._open()
        for number, (sku, price) in enumerate(PRICES.items(), 1):
            self.core._connection.execute(
                "INSERT INTO products (number, id, sku, name, unit, price, tax_code, updated_ms)"
                " VALUES (?, ?, ?, ?, 'piece', ?, 'A', 0)",
                (number, sku, sku.upper(), f"A {sku}", price),
            )

    def _open(self):
        self.core = Core(self.path, HANDLERS, self.settings, self.clock.now_ms)
        self.core.open()
        self.reader = open_reader(self.path)

    def close(self):
        self.reader.close()
        self.core.close()

    def restart(self, settings=None):
        """The process died and came back."""
        self.close()
        self.settings = settings or self.settings
        self._open()
        for one in self.do(RecoverPayments(), actor=HUB):
            self.do(RecoverPayment(payment=one), actor=HUB)
        return tuple(one for one in records.open_of(self.rows) if one.payment.state in IN_DOUBT)

    def restore(self):
        """The disk died, and the backup of this moment was put back."""
        copy = self.path.with_name(f"copy-{self.clock.now_ms()}.db")
        backup(self.path, copy)
        self.close()
        restore(copy, self.path)
        self._open()
        self.restart()

    def rebuilt(self):
        """What making the projections again from the journal changed."""
        self.close()
        try:
            return rebuild(self.path).differences
        finally:
            self._open()

    def do(self, command, *, actor=AINO, key="", fingerprint=b""):
        self.clock.jump(1)
        envelope = Envelope(
            command=command, at_ms=self.clock.now_ms(), actor=actor, key=key, fingerprint=fingerprint
        )  # fmt: skip
        batch = self.core.run([envelope])
        assert batch.notes == ()
        self.wakes = list(batch.wakes)
        ((good, answer),) = batch.answers
        if not good:
            raise answer
        return answer

    def row(self, sql, params=()):
        return self.reader.execute(sql, params).fetchone()

    def rows(self, sql, params=()):
        return self.reader.execute(sql, params).fetchall()

    def events(self, kind):
        found = (decode_event(*row) for row in self.rows("SELECT type, version, body FROM journal ORDER BY seq"))
        return [event for event in found if isinstance(event, kind)]

    # baskets

    def basket(self, *skus, till="t1"):
        opened = self.do(OpenBasket(till=TillId(till))).basket.id
        for sku in skus or ("coat",):
            self.add(opened, sku)
        return opened

    def add(self, basket, sku="tea", quantity=1):
        return self.do(AddLine(basket=basket, product=ProductId(sku), quantity_milli=quantity * 1000))

    def pay_cash(self, basket, minor):
        return self.do(AddTender(basket=basket, tender=cash(minor)))

    def abandon(self, basket):
        return self.do(AbandonBasket(basket=basket, reason="walked away"))

    def get(self, basket):
        return load_basket(self.row, basket)

    def due(self, basket):
        return view_basket(self.get(basket), self.settings, self.rows).due.minor

    def sale(self, sale_id):
        return load_sale(self.row, sale_id)[1]

    @property
    def sales(self):
        return [event.sale for event in self.events(SaleCompleted)]

    # payments

    def start(self, basket, minor, *, provider="card-1", method=PaymentMethod.TERMINAL, actor=AINO, key="", **more):
        command = OpenPayment(
            kind=PaymentKind.SALE,
            method=method,
            provider=provider,
            tender=more.pop("tender", "card"),
            amount=eur(minor),
            till=more.pop("till", TillId("t1")),
            basket=BasketId(basket),
            **more,
        )
        return self.do(command, actor=actor, key=key).payment.id

    def back(self, original, kind=PaymentKind.VOID, minor=None, **more):
        payment = self.payment(original)
        command = OpenPayment(
            kind=kind,
            method=payment.method,
            provider=more.pop("provider", payment.provider),
            tender=payment.tender,
            amount=payment.amount if minor is None else eur(minor),
            till=payment.till,
            original=original,
            **more,
        )
        return self.do(command).payment.id

    def send(self, payment):
        self.do(MarkSending(payment=payment, request=b"\x02" + payment.encode(), asked_at=ASKED_AT), actor=HUB)
        return self.move(payment, Cause.SENT)

    def move(self, payment, cause, **more):
        return self.do(MovePayment(payment=payment, cause=cause, **more), actor=HUB)

    def doubt(self, payment):
        return self.move(payment, Cause.DOUBT, detail="silence")

    def result(self, payment, **more):
        """What a terminal says of an approved transaction, each with an identity of its own."""
        self._identities += 1
        said = {
            "amount": self.payment(payment).amount,
            "identity": f"T1/7/{self._identities:06d}",
            "receipt": f"{self._identities:06d}",
            "scheme": "VISA",
            "card": "431195******1234",
            "approval": "AB1234",
            "at": "2026-10-09T14:30:15",
        }
        return PaymentResult(**{**said, **more})

    def answer(self, payment, verdict=Verdict.APPROVED, *, found=False, result=None, **said):
        result = result or self.result(payment, **said)
        return self.do(RecordAnswer(payment=payment, verdict=verdict, found=found, result=result), actor=HUB)

    def approve(self, payment, **said):
        if self.payment(payment).state is PaymentState.CREATED:
            self.send(payment)
        return self.answer(payment, **said)

    def decline(self, payment, **said):
        if self.payment(payment).state is PaymentState.CREATED:
            self.send(payment)
        return self.answer(payment, Verdict.DECLINED, **{"amount": None, "identity": "", **said})

    def resolve(self, payment, approved, *, key="", **evidence):
        command = ResolvePayment(payment=payment, approved=approved, **(evidence or {"note": "saw it"}))
        return self.do(command, key=key)

    def payment(self, payment):
        return records.load_payment(self.row, payment)

    def view(self, payment):
        return records.view(self.row, payment)

    def state(self, payment):
        return self.payment(payment).state

    def why(self, payment):
        return self.view(payment).why

    @property
    def unresolved(self):
        return {one.payment.id: one.why for one in records.unresolved(self.rows)}
