"""Words for people, in the four languages of the hub: text by key, money, quantities, rates, dates.

Text is `locales/<locale>.json`, one flat object of keys; number and date formats are Babel's (Unicode CLDR), imported
at the first use because they cost a tenth of a second.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge_hub.domain.money import MINOR_DIGITS, Money
from edge_hub.errors import EdgeHubError, Fault, Param
from edge_hub.prose import Prose

if TYPE_CHECKING:
    from babel import Locale

LOCALES = ("en", "fi", "zh-TW", "zh-CN")
DEFAULT_LOCALE = "en"
ACCEPT_LANGUAGE_CHARACTERS_MAX = 512
"""Of an Accept-Language header; the rest is not read."""
FORMATTED_AMOUNTS_MAX = 4096
"""Amounts kept in their written form, over all locales."""

SENTENCES_REMEMBERED_MAX = 512
"""Stored sentences looked up lately."""

_CLDR = {"zh-TW": "zh_Hant_TW", "zh-CN": "zh_Hans_CN"}
_TRADITIONAL = {"hant", "tw", "hk", "mo"}
_NARROW_NO_BREAK_SPACE = "\u202f"  # few printers' code pages have it
_NO_BREAK_SPACE = "\u00a0"


class Words:
    """One language. Instances are cheap and immutable; `words(locale)` gives the shared one."""

    def __init__(self, locale: str) -> None:
        self.locale = closest(locale)
        self._texts = _texts(self.locale)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def text(self, key: str, **params: object) -> str:
        """The text under `key` with its `{placeholders}` filled in; KeyError: a fault in the hub itself."""
        text = self._texts[key]
        return text.format_map(params) if params else text

    def optional(self, key: str, default: str) -> str:
        """The text under `key`, or `default`: for words that others bring along (tender types, driver names)."""
        return self._texts.get(key, default)

    def problem(self, error: EdgeHubError) -> tuple[str, str]:
        """Title and detail of an error: `problem.<code>`, and the first of `problem.<code>.<why>`, `detail.<code>` that
        it brought all values for. Words that are not the hub's stand in quotes after the title.
        """
        title = self._texts.get(f"problem.{error.code}", error.title)
        named = (f"problem.{error.code}.{error.why}",) if error.why else ()
        for key in (*named, f"detail.{error.code}"):
            if (detail := self._filled(key, error.params)) is not None:
                return title, detail
        if error.detail == error.title or (error.faults and self.locale != DEFAULT_LOCALE):
            return title, title  # what is wrong in particular, the faults say
        return title, self._foreign(title, error.detail)

    def fault(self, fault: Fault) -> str:
        """What is wrong at one place: `fault.<why>`, else the problem `why` itself, else its own English words."""
        if self.locale == DEFAULT_LOCALE:
            return fault.message
        keys_ = (f"fault.{fault.why}", f"problem.{fault.why}", f"detail.{fault.why}")
        found = next((text for key in keys_ if (text := self._filled(key, fault.params)) is not None), None)
        if found is None:
            return fault.message
        if "line" in fault.params and "column" in fault.params:
            return self.text("fault.at", line=fault.params["line"], column=fault.params["column"], words=found)
        return found

    def device(self, error_code: str, text: str) -> str:
        """Why a device, job or payment does not get on: the hub's own sentence, else what `error_code` (UnifiedPOS)
        means and the device's, the driver's or the system's words in quotes. "" when nothing is wrong.
        """
        meaning = self._texts.get(f"device.error.{error_code}", "")
        return self._foreign(meaning, text) if text else meaning

    def said(self, sentence: str) -> str:
        """A sentence that the hub wrote down in English, in this language; as it is where it is not the hub's."""
        return self._own(sentence) or sentence

    def _own(self, sentence: str) -> str | None:
        if self.locale == DEFAULT_LOCALE:
            return sentence
        if (found := _recognised(sentence)) is None:
            return None
        key, values = found
        if "own" not in values:
            return self._filled(key, values)
        inner = self._own(values["own"])  # somebody else's words would not be told from ours
        return None if inner is None else self._filled(key, {**values, "own": inner})

    def _foreign(self, ours: str, words_: str) -> str:
        """Words that may be somebody else's: in quotes after ours, unless they are known."""
        own = self._own(words_)
        if own is not None or not ours:
            return own or words_
        return self.text("quoted", ours=ours, words=words_)

    def _filled(self, key: str, params: Mapping[str, Param]) -> str | None:
        """The text under `key` with its values; None without it or one of them. `words` are a sentence themselves."""
        text = self._texts.get(key)
        if text is None:
            return None
        if isinstance(inner := params.get("words"), str):
            params = {**params, "words": self.device(str(params.get("error_code", "")), inner)}
        try:
            return text.format_map(params)
        except KeyError:
            return None

    def money(self, money: Money) -> str:
        """With the currency's sign, as shops of this language write it: `12,30 €`, `$1,230`."""
        return _formatted_money(self.locale, money.minor, money.currency)

    def amount(self, money: Money) -> str:
        """Without the currency: for columns that name it once."""
        return _formatted_amount(self.locale, money.minor, MINOR_DIGITS.get(money.currency, 2))

    def quantity(self, quantity_milli: int) -> str:
        """Whole thousandths as a number without needless digits: 1000 is `1`, 1250 is `1.25` or `1,25`."""
        return _formatted_quantity(self.locale, quantity_milli)

    def rate(self, rate: str) -> str:
        """An exact share ("0.05") as a percentage: `5%`, `25,5 %`."""
        return _formatted_rate(self.locale, rate)

    def date_time(self, unix_ms: int, timezone: str) -> str:
        """Date and minute in that time zone (IANA name)."""
        from babel.dates import format_datetime  # noqa: PLC0415  # slow import, first use only

        return _plain(format_datetime(_moment(unix_ms, timezone), _DATE_TIME[self.locale], locale=_cldr(self.locale)))

    def date(self, unix_ms: int, timezone: str) -> str:
        """The day in that time zone."""
        from babel.dates import format_date  # noqa: PLC0415  # slow import, first use only

        return _plain(format_date(_moment(unix_ms, timezone), _DATE[self.locale], locale=_cldr(self.locale)))


# Figures only, in each country's order: a receipt has no room for the names of months.
_DATE = {"en": "yyyy-MM-dd", "fi": "d.M.yyyy", "zh-TW": "yyyy/MM/dd", "zh-CN": "yyyy-MM-dd"}
_DATE_TIME = {locale: f"{date} {'H.mm' if locale == 'fi' else 'HH:mm'}" for locale, date in _DATE.items()}


@cache
def words(locale: str) -> Words:
    """The shared `Words` of the locale closest to this one."""
    return Words(closest(locale)) if locale not in LOCALES else Words(locale)


def closest(tag: str) -> str:
    """The hub's locale for a language tag (RFC 5646), the default when there is none."""
    return _match(tag) or DEFAULT_LOCALE


def best_locale(accept_language: str, default: str = DEFAULT_LOCALE) -> str:
    """The locale an Accept-Language header (RFC 9110, 12.5.4) likes best; `default` for none of ours."""
    wanted: list[tuple[float, int, str]] = []
    for place, item in enumerate(accept_language[:ACCEPT_LANGUAGE_CHARACTERS_MAX].split(",")):
        tag, _, quality = item.partition(";")
        weight = _quality(quality)
        if tag.strip() and weight > 0:
            wanted.append((-weight, place, tag.strip()))
    for _, _, tag in sorted(wanted):
        if tag == "*":
            return default
        if (locale := _match(tag)) is not None:
            return locale
    return default


def _quality(text: str) -> float:
    """The weight of `;q=0.8`; 1 without, 0 (do not send) when it says so or makes no sense."""
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _match(tag: str) -> str | None:
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh-TW" if _TRADITIONAL.intersection(parts[1:]) else "zh-CN"
    return parts[0] if parts[0] in LOCALES else None


@cache
def _texts(locale: str) -> Mapping[str, str]:
    source = resources.files("edge_hub").joinpath("locales", f"{locale}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(source)
    return texts


@lru_cache(SENTENCES_REMEMBERED_MAX)
def _recognised(sentence: str) -> tuple[str, dict[str, str]] | None:
    return _prose().recognised(sentence)


@cache
def _prose() -> Prose:
    return Prose(_texts(DEFAULT_LOCALE))


def keys(locale: str) -> Iterable[str]:
    """All keys of one locale: for the check that the four agree, and for pages that take them all along."""
    return _texts(locale).keys()


@cache
def _cldr(locale: str) -> "Locale":
    from babel import Locale  # noqa: PLC0415  # slow import, first use only

    return Locale.parse(_CLDR.get(locale, locale))


@lru_cache(FORMATTED_AMOUNTS_MAX)
def _formatted_money(locale: str, minor: int, currency: str) -> str:
    from babel.numbers import format_currency  # noqa: PLC0415  # slow import, first use only

    digits = MINOR_DIGITS.get(currency, 2)
    # CLDR gives the Taiwan dollar two digits and its shops none: the pattern takes ours.
    fraction = "." + "0" * digits if digits else ""
    pattern = _cldr(locale).currency_formats["standard"].pattern.replace(".00", fraction)
    amount = Decimal(minor).scaleb(-digits)
    return _plain(format_currency(amount, currency, pattern, locale=_cldr(locale), currency_digits=False))


@lru_cache(FORMATTED_AMOUNTS_MAX)
def _formatted_amount(locale: str, minor: int, digits: int) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415  # slow import, first use only

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return _plain(format_decimal(Decimal(minor).scaleb(-digits), pattern, locale=_cldr(locale)))


@lru_cache(FORMATTED_AMOUNTS_MAX)
def _formatted_quantity(locale: str, quantity_milli: int) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415  # slow import, first use only

    return _plain(format_decimal(Decimal(quantity_milli).scaleb(-3), "#,##0.###", locale=_cldr(locale)))


@lru_cache(FORMATTED_AMOUNTS_MAX)
def _formatted_rate(locale: str, rate: str) -> str:
    from babel.numbers import format_percent  # noqa: PLC0415  # slow import, first use only

    pattern = "#,##0.###\u00a0%" if locale == "fi" else "#,##0.###%"
    return _plain(format_percent(Decimal(rate), pattern, locale=_cldr(locale)))


def _plain(text: str) -> str:
    return text.replace(_NARROW_NO_BREAK_SPACE, _NO_BREAK_SPACE)


def _moment(unix_ms: int, timezone: str) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
