import dataclasses

from domain_shop import AMERICA, FINLAND, TILL, basket, baskets, eur, facts, line, off, overridden, percent, policies
from hypothesis import given

from edge_hub.domain.catalog import Unit
from edge_hub.domain.completion import complete, sell
from edge_hub.domain.pricing import totals
from edge_hub.domain.receipt import RECEIPT_TENDER_WORDS, RECEIPT_WORDS, CodeKind, StoreCard, Till, receipt
from edge_hub.domain.tender import CASH, Tender

STORE = StoreCard(
    name="Kulma",
    lines=("Katu 1", "Y 123"),
    footer=("Kiitos!",),
    locale="fi",
    timezone="Europe/Helsinki",
    logo="logo.png",
)
KASSA = Till(id=TILL, name="Kassa 1", receipt_prefix="A")


class PlainWords:
    """Words that show their keys, and remember which were asked for."""

    def __init__(self):
        self.asked = set()

    def text(self, key, **params):
        self.asked.add(key)
        return " ".join([key.removeprefix("receipt."), *(f"{name}={value}" for name, value in params.items())])

    def optional(self, key, default):
        return {"receipt.tender.cash": "Cash"}.get(key, default)

    def money(self, money):
        return f"{money.minor} {money.currency}"

    def amount(self, money):
        return str(money.minor)

    def quantity(self, quantity_milli):
        return f"{quantity_milli / 1000:g}"

    def date_time(self, unix_ms, timezone):
        return f"{unix_ms} {timezone}"


def rows(found):
    return [(row.label, row.value) for row in found]


def sold(*lines, tenders=None, policy=FINLAND, discount=None, unit=5, **more):
    paid = tenders or [Tender(type=CASH, amount=eur(10_000))]
    return sell(
        lines, discount=discount, tenders=paid, currency="EUR", policy=policy, cash_rounding=unit, facts=facts(**more)
    )


def test_a_finnish_receipt():
    words = PlainWords()
    sale = sold(
        line(1, eur(1000), 2000, override=overridden(900), discount=off(100, "")),
        line(2, eur(399), 1250, unit=Unit.KILOGRAM, tax_code="B"),
        line(3, eur(103), tax_code="C", discount=percent(5000, "old")),
        discount=percent(1000, "regular"),
    )
    made = receipt(sale, STORE, KASSA, words, served_by="Aino")
    assert (made.store, made.header, made.footer, made.logo, made.locale, made.title, made.marks) == (
        "Kulma",
        STORE.lines,
        STORE.footer,
        "logo.png",
        "fi",
        "A000007",
        (),
    )
    assert rows(made.facts) == [
        ("number", "A000007"),
        ("date", "1780000000000 Europe/Helsinki"),
        ("till", "Kassa 1"),
        ("served_by", "Aino"),
    ]
    one, two, three = made.items
    assert (one.name, one.amount, one.detail, rows(one.notes)) == (
        "Product 1",
        "1800",
        "quantity_price quantity=2 price=900",
        [("price_changed", ""), ("discount", "-100")],
    )
    assert (two.amount, two.detail, two.notes) == ("499", "weight_price quantity=1.25 price=399", ())
    assert (three.amount, three.detail, rows(three.notes)) == ("103", "", [("discount_reason reason=old", "-52")])
    assert rows(made.sums) == [("subtotal", "2250"), ("discount_reason reason=regular", "-225")]
    assert (made.total.value, rows(made.rounding)) == ("2025 EUR", [])
    assert rows(made.tenders) == [("Cash", "10000")]
    assert (made.change.label, made.change.value) == ("change", "7975")
    assert [row.name for row in made.taxes] == ["ALV 25,5 %", "ALV 14 %", "ALV 10 %"]
    assert [(code.kind, code.data) for code in made.codes] == [(CodeKind.CODE128, "A000007")]


def test_cash_rounding_and_references_are_shown():
    made = receipt(
        sold(
            line(1, eur(1002)),
            tenders=[Tender(type="card", amount=eur(500), reference="12345"), Tender(type=CASH, amount=eur(500))],
        ),
        STORE,
        KASSA,
        PlainWords(),
    )
    assert rows(made.rounding) == [("rounding", "-2"), ("to_pay", "1000 EUR")]
    assert rows(made.tenders) == [("card", "500"), ("reference reference=12345", ""), ("Cash", "500")]
    assert made.change is None


def test_taxes_on_top_stand_between_subtotal_and_total():
    made = receipt(
        sold(line(1, eur(1000), tax_code="S"), line(2, eur(5), tax_code="Z"), policy=AMERICA, unit=1),
        STORE,
        KASSA,
        PlainWords(),
    )
    assert rows(made.sums) == [("subtotal", "1005"), ("tax_on_top name=VAT S", "89")]
    assert made.total.value == "1094 EUR"


def test_copies_and_possible_duplicates_say_so():
    made = receipt(
        sold(line(1), claimed_at_ms=5), STORE, KASSA, PlainWords(), copy=2, duplicate_warning=True, locale="en"
    )
    assert (made.copy, made.marks, made.locale) == (2, ("copy number=2", "possible_duplicate"), "en")
    assert made.facts[1].value == "5 Europe/Helsinki"


def test_labels_that_a_narrow_bar_code_cannot_hold_become_qr_codes():
    for label in ("發票-000001", "A" * 21):
        assert receipt(sold(line(1), receipt_label=label), STORE, KASSA, PlainWords()).codes[0].kind is CodeKind.QR


def test_every_word_is_listed_and_every_listed_word_is_used():
    words = PlainWords()
    ringing = line(1, eur(1002), 2000, override=overridden(901), discount=off(1, ""))
    reason = line(2, eur(100), discount=off(1, "why"))
    kilo = line(3, eur(100), unit=Unit.KILOGRAM, tax_code="S")
    sale = sold(ringing, reason, tenders=[Tender(type=CASH, amount=eur(10_000), reference="x")])
    sale = dataclasses.replace(sale, rounding=eur(-1))
    receipt(sale, STORE, KASSA, words, copy=1, duplicate_warning=True, served_by="A")
    receipt(sold(kilo, policy=AMERICA), STORE, KASSA, words)
    assert words.asked == set(RECEIPT_WORDS)
    types = (key.removeprefix("receipt.tender.") for key in RECEIPT_TENDER_WORDS)
    assert sorted(types) == ["alipay", "card", "cash", "jkopay", "line_pay", "wechat_pay"]


def test_a_card_is_named_by_what_its_owner_knows_it_by():
    card = Tender(type="card", amount=eur(100), reference="7K3M9QX2AB", detail="VISA 431195******1234 / AB1234")
    wallet = Tender(type="line_pay", amount=eur(100), reference="7K3M9QX2AC")
    made = receipt(sold(line(1, eur(200)), tenders=[card, wallet]), STORE, KASSA, PlainWords())
    assert [row.label for row in made.tenders] == [
        "card",
        "VISA 431195******1234 / AB1234",
        "line_pay",
        "reference reference=7K3M9QX2AC",
    ]


@given(baskets(least=1), policies())
def test_the_receipt_adds_up_as_printed(rung, policy):
    result = totals(rung, policy, 5)
    sale = complete(
        basket(*rung.lines, discount=rung.discount, tenders=(Tender(type=CASH, amount=eur(10**9)),)),
        result,
        policy,
        facts(),
    )
    made = receipt(sale, STORE, KASSA, PlainWords())
    printed = sum(int(item.amount) + sum(int(note.value) for note in item.notes if note.value) for item in made.items)
    printed += sum(int(row.value) for row in made.sums if row.label != "subtotal")
    assert f"{printed} EUR" == made.total.value
    assert sum(int(row.gross) for row in made.taxes) == printed
    paid = sum(int(row.value) for row in made.tenders) - int(made.change.value if made.change else 0)
    assert paid == printed + sum(int(row.value) for row in made.rounding if row.label == "rounding")
