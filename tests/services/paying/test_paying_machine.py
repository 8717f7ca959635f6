"""Any order of events, with restarts in between, against a model that knows only what money moved."""

import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from paying_shop import PayingShop, eur

from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import TillId
from edge_hub.domain.paying import TenderBeingVoided
from edge_hub.domain.payment import Cause, PaymentKind
from edge_hub.domain.pricing import totals
from edge_hub.domain.receipt import StoreCard, Till
from edge_hub.domain.ringing import BasketBeingPaid, BasketClosed
from edge_hub.domain.settlement import TenderTooLarge, paid
from edge_hub.domain.store import PaymentRules, StoreSettings
from edge_hub.domain.tax import TaxPolicy, TaxRate, TaxRounding
from edge_hub.domain.verdict import Verdict
from edge_hub.services.payments import records
from edge_hub.services.payments.model import (
    PaymentAmountInvalid,
    PaymentNotReversible,
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    RefundTooLarge,
    TipNotPossible,
    Why,
)

SHOP = StoreSettings(
    id="s1",
    currency="EUR",
    card=StoreCard(name="Corner Shop", lines=(), footer=(), locale="en", timezone="Europe/Helsinki"),
    taxes=TaxPolicy(
        rates=(TaxRate(code="A", name="VAT", rate=Fraction(51, 200)),),
        prices_include_tax=True,
        rounding=TaxRounding.DOCUMENT,
    ),
    tills=(Till(id=TillId("t1"), name="Till 1", receipt_prefix="A", printer="front", drawer="front"),),
    cash_rounding=5,
    payments=PaymentRules(tips=True),
)
PROVIDERS = ["card-1", "card-2"]
BASKETS_MAX = 3
EXAMPLES = 25
STEPS = 40
HAND, DOUBT, TAKEN, NOT = "in hand", "in doubt", "taken", "not taken"


class Attempt:
    """What the model knows of one: how it was asked, and what became of it in the world."""

    def __init__(self, kind, basket, provider, minor, original=None):
        self.kind, self.basket, self.provider, self.minor, self.original = kind, basket, provider, minor, original
        self.sent = False
        self.now = HAND


class Paying(RuleBasedStateMachine):
    @initialize()
    def opened(self):
        self.folder = Path(tempfile.mkdtemp(prefix="paying"))
        self.shop = PayingShop(self.folder / "hub.db", SHOP)
        self.attempts, self.baskets, self.used = {}, [], {}
        self.baskets.append(self.shop.basket("tea"))

    def teardown(self):
        if hasattr(self, "shop"):
            assert self.shop.rebuilt() == ()
            self.shop.close()
            shutil.rmtree(self.folder)

    # what the model says of the shop

    def open_at(self, provider):
        return [name for name, one in self.attempts.items() if one.provider == provider and one.now in {HAND, DOUBT}]

    def is_open(self, basket):
        return self.shop.get(basket).state is BasketState.OPEN

    def voids_of(self, payment, *states):
        return self.those_of(payment, PaymentKind.VOID, states)

    def tips_of(self, payment, *states):
        return self.those_of(payment, PaymentKind.TIP, states)

    def those_of(self, payment, kind, states):
        ours = [one for one in self.attempts.values() if one.original == payment and one.kind is kind]
        return [one for one in ours if one.now in states]

    def being_voided(self, basket):
        return any(one.basket == basket and self.voids_of(name, HAND, DOUBT) for name, one in self.attempts.items())

    def pick(self, data, *states, sent=None):
        return data.draw(st.sampled_from(self.those(*states, sent=sent)))

    def those(self, *states, sent=None):
        return [name for name, one in self.attempts.items() if one.now in states and sent in {None, one.sent}]

    def alive(self):
        return [name for name in self.baskets if self.is_open(name)]

    def basket(self, data):
        return data.draw(st.sampled_from(self.alive()))

    @rule(data=st.data())
    def happens(self, data):
        """One of what can happen now. (As rules of their own most runs would lack one that the others need.)"""
        can = [self.die, self.rebuild]
        can += [self.ring_up] * 2 * (len(self.alive()) < BASKETS_MAX)
        can += [self.add_goods, *[self.start] * 6, self.pay_cash, self.give_up] * bool(self.alive())
        can += [*[self.send] * 4, self.not_sent] * bool(self.those(HAND, sent=False))
        can += [self.lose] * 2 * bool(self.those(HAND, sent=True))
        can += [*[self.answer] * 4, self.answer_badly] * bool(self.those(HAND, DOUBT, sent=True))
        can += [self.say, self.say, self.nobody_can_be_asked] * bool(self.those(DOUBT))
        can += [self.give_back, self.give_back, self.answer_again, self.add_tip, self.add_tip] * bool(self.those(TAKEN))
        data.draw(st.sampled_from(can))(data)

    # what people and terminals do

    def ring_up(self, data):
        goods = data.draw(st.lists(st.sampled_from(["tea", "bag"]), min_size=1, max_size=3))
        self.baskets.append(self.shop.basket(*goods))

    def add_goods(self, data):
        self.shop.add(self.basket(data), data.draw(st.sampled_from(["tea", "bag"])))

    def start(self, data):
        basket, provider = self.basket(data), data.draw(st.sampled_from(PROVIDERS))
        due = self.shop.due(basket)
        minor = max(1, due * data.draw(st.integers(1, 7)) // 6)
        try:
            payment = self.shop.start(basket, minor, provider=provider)
        except TenderTooLarge:
            assert minor > due
        except TenderBeingVoided:
            assert self.being_voided(basket)
        except PaymentTerminalBusy:
            assert [self.attempts[other].now for other in self.open_at(provider)] == [HAND]
        except PaymentTerminalLocked:
            assert [self.attempts[other].now for other in self.open_at(provider)] == [DOUBT]
        else:
            assert minor <= due
            assert not self.open_at(provider)
            assert not self.being_voided(basket)
            self.attempts[payment] = Attempt(PaymentKind.SALE, basket, provider, minor)

    def pay_cash(self, data):
        basket = self.basket(data)
        due = self.shop.due(basket)
        try:
            self.shop.pay_cash(basket, max(1, due * data.draw(st.integers(1, 9)) // 6))
        except TenderTooLarge:
            assert due == 0
        except TenderBeingVoided:
            assert self.being_voided(basket)

    def give_up(self, data):
        basket = self.basket(data)
        try:
            self.shop.abandon(basket)
        except BasketBeingPaid:
            assert self.shop.get(basket).tenders

    def send(self, data):
        payment = self.pick(data, HAND, sent=False)
        one = self.attempts[payment]
        try:
            self.shop.send(payment)
        except BasketClosed:
            assert one.kind is PaymentKind.SALE
            assert not self.is_open(one.basket)
            return
        one.sent = True
        assert one.kind is not PaymentKind.SALE or self.is_open(one.basket)

    def not_sent(self, data):
        payment = self.pick(data, HAND, sent=False)
        self.shop.move(payment, Cause.NOT_SENT)
        self.attempts[payment].now = NOT

    def lose(self, data):
        payment = self.pick(data, HAND, sent=True)
        self.shop.doubt(payment)
        self.attempts[payment].now = DOUBT

    def nobody_can_be_asked(self, data):
        payment = self.pick(data, DOUBT)
        if self.shop.state(payment) == "unknown":
            self.shop.move(payment, Cause.GAVE_UP)

    def answer(self, data):
        payment = self.pick(data, HAND, DOUBT, sent=True)
        one, approved, found = self.attempts[payment], data.draw(st.booleans()), data.draw(st.booleans())
        if approved:
            result = self.shop.result(payment)
            self.used.setdefault(one.provider, []).append(result)
            done = self.shop.answer(payment, found=found and one.now == DOUBT, result=result)
        else:
            done = self.shop.decline(payment)
        one.now = TAKEN if approved else NOT
        assert done.payment.payment.taken == approved

    def answer_badly(self, data):
        """Whatever it says, it is no outcome."""
        payment = self.pick(data, HAND, DOUBT, sent=True)
        one, what = self.attempts[payment], data.draw(st.sampled_from(["amount", "identity", "old", "nothing"]))
        said = self.shop.result(payment)
        if what == "identity" and not self.used.get(one.provider):
            return
        if what == "amount":
            self.shop.answer(payment, amount=eur(one.minor + 1))
        elif what == "identity":
            stale = data.draw(st.sampled_from(self.used[one.provider]))
            mine = one.original and self.shop.payment(one.original).result == stale
            if mine:
                return
            self.shop.answer(payment, found=one.now == DOUBT, identity=stale.identity, amount=eur(one.minor))
        elif what == "old":
            self.shop.answer(payment, found=True, at="2026-10-09T13:00:00", identity=said.identity)
        else:
            self.shop.answer(payment, Verdict.UNKNOWN)
        one.now = DOUBT

    def answer_again(self, data):
        """What it said before, late."""
        payment = self.pick(data, TAKEN, sent=True)
        if self.shop.payment(payment).result is not None:
            before = self.shop.state(payment)
            self.shop.answer(payment, result=self.shop.payment(payment).result)
            assert self.shop.state(payment) == before

    def say(self, data):
        payment, approved = self.pick(data, DOUBT), data.draw(st.booleans())
        self.shop.resolve(payment, approved)
        self.attempts[payment].now = TAKEN if approved else NOT

    def give_back(self, data):
        payment = self.pick(data, TAKEN)
        one, kind = self.attempts[payment], data.draw(st.sampled_from([PaymentKind.VOID, PaymentKind.REFUND]))
        if one.kind is not PaymentKind.SALE:
            return
        whole = one.minor + sum(tip.minor for tip in self.tips_of(payment, TAKEN))
        minor = whole if kind is PaymentKind.VOID else max(1, whole * data.draw(st.integers(1, 3)) // 3)
        refunds = self.refunded(payment)
        try:
            back = self.shop.back(payment, kind, minor)
        except PaymentNotReversible:
            assert self.voids_of(payment, HAND, DOUBT, TAKEN) or self.tips_of(payment, HAND, DOUBT)
        except RefundTooLarge:
            assert refunds + minor > whole
        except (PaymentTerminalBusy, PaymentTerminalLocked):
            assert self.open_at(one.provider)
        else:
            assert refunds + minor <= whole
            assert not self.voids_of(payment, HAND, DOUBT, TAKEN)
            assert not self.tips_of(payment, HAND, DOUBT)
            self.attempts[back] = Attempt(kind, None, one.provider, minor, payment)

    def add_tip(self, data):
        payment = self.pick(data, TAKEN)
        one, minor = self.attempts[payment], data.draw(st.sampled_from([1, 20, 250]))
        undone = self.voids_of(payment, HAND, DOUBT, TAKEN)
        try:
            tip = self.shop.back(payment, PaymentKind.TIP, minor)
        except TipNotPossible:
            unsold = one.kind is not PaymentKind.SALE or self.shop.view(payment).paid_sale is None
            assert unsold or undone or self.refunded(payment) or self.tips_of(payment, HAND, DOUBT, TAKEN)
        except PaymentAmountInvalid:
            assert minor > one.minor
        except (PaymentTerminalBusy, PaymentTerminalLocked):
            assert self.open_at(one.provider)
        else:
            assert one.kind is PaymentKind.SALE
            assert minor <= one.minor
            assert not undone
            assert not self.refunded(payment)
            assert not self.tips_of(payment, HAND, DOUBT, TAKEN)
            assert self.shop.payment(tip).sale == self.shop.view(payment).paid_sale
            assert self.shop.payment(tip).sale is not None
            self.attempts[tip] = Attempt(PaymentKind.TIP, None, one.provider, minor, payment)

    def die(self, _):
        self.shop.restart()
        for one in self.attempts.values():
            if one.now == HAND:
                one.now = DOUBT if one.sent else NOT

    def rebuild(self, _):
        assert self.shop.rebuilt() == ()

    # what always holds

    @invariant()
    def money_is_where_it_should_be(self):
        if not hasattr(self, "shop"):
            return
        places, unresolved = self.places(), self.shop.unresolved
        for name, one in self.attempts.items():
            payment = self.shop.payment(name)
            if one.kind is PaymentKind.SALE:
                self.check_sale(name, one, payment, places.pop(payment.reference, None), unresolved.get(name))
            else:
                assert payment.taken == (one.now == TAKEN)
            assert (unresolved.get(name) in {Why.UNKNOWN, Why.MANUAL}) == (one.now == DOUBT)
        assert places == {}, "a tender that no payment made"

    def places(self):
        """Where each card's tender is, by its reference: a sale's id or an open basket's, and the amount."""
        rung = [(basket, self.shop.get(basket)) for basket in self.alive()]
        for _, basket in rung:
            self.check_open(basket)
        found = {}
        for place, whose in [*rung, *((sale.id, sale) for sale in self.shop.sales)]:
            for tender in whose.tenders:
                if tender.type == "card":
                    assert tender.reference not in found, "two tenders for one payment"
                    found[tender.reference] = (place, tender.amount.minor)
        return found

    def check_sale(self, name, one, payment, place, why):
        undone = bool(self.voids_of(name, TAKEN))
        assert payment.taken == (one.now == TAKEN and not undone and not self.voids_of(name, HAND, DOUBT))
        if one.now != TAKEN:
            assert place is None, "a tender for money that did not move"
        elif place is not None:
            in_sale = None if place[0] in self.baskets else place[0]
            assert place[1] == one.minor
            assert self.shop.view(name).paid_sale == in_sale
            assert in_sale is not None or not undone, "an open basket is paid by what was given back"
            assert why is not Why.ORPHAN
        elif payment.taken:
            assert (why is Why.ORPHAN) == (self.refunded(name) < one.minor)

    def refunded(self, payment):
        return sum(
            one.minor
            for one in self.attempts.values()
            if one.kind is PaymentKind.REFUND and one.original == payment and one.now != NOT
        )

    def check_open(self, rung):
        total = totals(rung, SHOP.taxes, SHOP.cash_rounding).total.minor
        cards = sum(tender.amount.minor for tender in rung.tenders if tender.type == "card")
        assert cards + sum(amount.minor for amount in rung.pending) <= total, "overpaid"
        whole = totals(rung, SHOP.taxes, SHOP.cash_rounding)
        waits = rung.payments or self.being_voided(rung.id)
        assert waits or not rung.tenders or not paid(whole, rung.tenders), "paid, and not sold"
        held = {held.payment for held in rung.payments}
        assert held == {
            name for name, one in self.attempts.items() if one.basket == rung.id and one.now in {HAND, DOUBT}
        }

    @invariant()
    def terminals_do_one_thing_at_a_time(self):
        if hasattr(self, "shop"):
            for provider in PROVIDERS:
                found = [one.payment.id for one in records.open_of(self.shop.rows, provider)]
                assert found == self.open_at(provider)
                assert len(found) <= 1


TestPaying = Paying.TestCase
TestPaying.settings = examples(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
