"""Four languages: the same keys, the same placeholders, a title for every problem, figures as each country writes them."""

import importlib
import json
import pkgutil
import re
import string
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edge_hub
from edge_hub.domain.basket import BasketState
from edge_hub.domain.catalog import Unit
from edge_hub.domain.money import MINOR_DIGITS, Money
from edge_hub.domain.receipt import RECEIPT_TENDER_WORDS, RECEIPT_WORDS
from edge_hub.domain.staff import Permission, Role
from edge_hub.domain.tender import CASH
from edge_hub.errors import EdgeHubError, Fault, Invalid, NotFound
from edge_hub.services.catalogue.lookup import ProductNotFound
from edge_hub.services.printing.job import JobKind, JobState
from edge_hub.words import LOCALES, Words, best_locale, closest, keys, words

NBSP = "\u00a0"


def texts(locale):
    return json.loads(resources.files("edge_hub").joinpath("locales", f"{locale}.json").read_text("utf-8"))


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def problems():
    """Every error class of the tree."""
    for module in pkgutil.walk_packages(edge_hub.__path__, "edge_hub."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, todo = {}, [EdgeHubError]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        if cls.__module__.startswith("edge_hub"):
            found.setdefault(cls.code, []).append(cls)
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_all_locales_have_the_same_keys_and_placeholders(locale):
    english, other = texts("en"), texts(locale)
    assert sorted(other) == sorted(english)
    assert list(other) == sorted(other)
    assert {key for key in english if placeholders(english[key]) != placeholders(other[key])} == set()
    assert all(text.strip() == text and text for text in other.values())


def test_every_problem_has_a_title_and_every_title_a_problem():
    codes = problems()
    english = texts("en")
    assert {code for code in codes if f"problem.{code}" not in english} == set()
    named = {key.split(".")[1] for key in english if key.startswith(("problem.", "detail."))}
    assert named - set(codes) == set()


def test_what_receipts_jobs_staff_and_baskets_need_is_there():
    needed = [
        *RECEIPT_WORDS,
        *RECEIPT_TENDER_WORDS,
        *(f"job.state.{state}" for state in JobState),
        *(f"job.kind.{kind}" for kind in JobKind),
        *(f"device.state.{state}" for state in ("connecting", "ready", "offline", "fault", "disabled")),
        *(f"role.{role}" for role in Role),
        *(f"permission.{permission}" for permission in Permission),
        *(f"basket.state.{state}" for state in BasketState),
        *(f"unit.{unit}" for unit in Unit),
        f"tender.{CASH}",
    ]
    assert set(needed) <= set(keys("en"))


def test_every_key_the_code_asks_for_is_there():
    asked = set()
    for path in resources.files("edge_hub").rglob("*.py"):
        asked |= set(re.findall(r"""\.text\(\s*["']([a-z0-9_.-]+)["']""", path.read_text("utf-8")))
    assert asked - set(keys("en")) == set()


def test_chinese_is_not_one_language():
    traditional, simplified = texts("zh-TW"), texts("zh-CN")
    assert traditional["receipt.change"] == "找零"
    assert traditional["receipt.tax_id"] == "統一編號"
    assert traditional["receipt.invoice"] == "發票"
    for locale, foreign in ((traditional, "单销额税现钱设备删这对"), (simplified, "單銷額稅現錢設備刪這對")):
        assert [text for text in locale.values() if set(text) & set(foreign)] == []


@pytest.mark.parametrize(
    ("locale", "money", "amount"),
    [
        ("en", Money(123450, "EUR"), "€1,234.50"),
        ("fi", Money(123450, "EUR"), f"1{NBSP}234,50{NBSP}€"),
        ("fi", Money(-5, "EUR"), f"\u22120,05{NBSP}€"),
        ("zh-TW", Money(1234, "TWD"), "$1,234"),
        ("zh-CN", Money(123450, "CNY"), "¥1,234.50"),
        ("en", Money(1234, "TWD"), "NT$1,234"),
        ("en", Money(1234, "JPY"), "¥1,234"),
    ],
)
def test_money_as_each_language_writes_it(locale, money, amount):
    assert words(locale).money(money).replace("-", "\u2212") == amount.replace("-", "\u2212")


def test_figures_and_dates():
    moment = 1_780_000_000_000  # 2026-05-28T20:26:40Z
    said = {
        locale: (
            words(locale).quantity(1250), words(locale).quantity(3000), words(locale).rate("0.255"),
            words(locale).amount(Money(123456, "EUR")), words(locale).date_time(moment, "Asia/Taipei"),
            words(locale).date(moment, "Europe/Helsinki"),
        )
        for locale in LOCALES
    }  # fmt: skip
    assert said["en"] == ("1.25", "3", "25.5%", "1,234.56", "2026-05-29 04:26", "2026-05-28")
    assert said["fi"] == ("1,25", "3", f"25,5{NBSP}%", f"1{NBSP}234,56", "29.5.2026 4.26", "28.5.2026")
    assert said["zh-TW"] == ("1.25", "3", "25.5%", "1,234.56", "2026/05/29 04:26", "2026/05/28")
    assert said["zh-CN"] == ("1.25", "3", "25.5%", "1,234.56", "2026-05-29 04:26", "2026-05-28")


@given(
    minor=st.integers(-(10**14), 10**14),
    currency=st.sampled_from(sorted(MINOR_DIGITS)),
    locale=st.sampled_from(LOCALES),
)
def test_no_digit_of_an_amount_is_lost(minor, currency, locale):
    for text in (words(locale).money(Money(minor, currency)), words(locale).amount(Money(minor, currency))):
        digits = int("".join(char for char in text if char in string.digits))
        assert digits == abs(minor)
        assert ("-" in text or "\u2212" in text) == (minor < 0)
        assert "\u202f" not in text


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("fi-FI", "fi"),
        ("zh", "zh-CN"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh_TW", "zh-TW"),
        ("ZH-sg", "zh-CN"),
        ("de", "en"),
        ("", "en"),
    ],
)
def test_the_closest_locale(tag, locale):
    assert closest(tag) == words(tag).locale == locale


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("fi", "fi"),
        ("de-DE,de;q=0.9,fi;q=0.5,en;q=0.4", "fi"),
        ("en;q=0.2, zh-TW;q=0.8, zh-CN;q=0.7", "zh-TW"),
        ("zh-Hans, en", "zh-CN"),
        ("fi;q=0, en", "en"),
        ("*", "zh-TW"),
        ("sv, de", "zh-TW"),
        ("fi;q=nonsense", "zh-TW"),
        ("fi;level=1", "fi"),
        (",,;", "zh-TW"),
        ("", "zh-TW"),
    ],
)
def test_the_best_locale_of_a_header(header, locale):
    assert best_locale(header, "zh-TW") == locale


@given(header=st.text(max_size=600))
def test_any_header_gives_a_locale(header):
    assert best_locale(header) in LOCALES


def test_problems_in_words():
    missing = ProductNotFound(code="123")
    assert words("fi").problem(missing) == ("Tuotetta ei ole valikoimassa.", "Millään tuotteella ei ole koodia 123.")
    assert words("fi").problem(ProductNotFound())[1] == "Tuotetta ei ole valikoimassa."
    assert words("en").problem(Invalid("The name is empty.", faults=(Fault(pointer="/name", code="x", message="x"),))) == (
        "The request is not valid.", "The name is empty.",
    )  # fmt: skip
    assert words("zh-TW").problem(NotFound()) == ("查無此項目。", "查無此項目。")


def test_words_others_bring_along():
    assert Words("fi").optional("tender.shells", "shells") == "shells"
    assert "tender.cash" in Words("fi")
    with pytest.raises(KeyError):
        Words("fi").text("no.such.key")
