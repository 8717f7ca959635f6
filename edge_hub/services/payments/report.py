"""A terminal's end of day on paper: its own figures beside the journal's, and what may explain a difference."""

from collections.abc import Iterator

from edge_hub.domain.money import Money
from edge_hub.domain.reconciliation import Difference, Reconciliation, TerminalTotals
from edge_hub.domain.store import StoreSettings
from edge_hub.sdk.document import Align, Block, Cell, Cut, Document, Feed, Row, Rule, Style, Text
from edge_hub.services.payments.model import SettlementView
from edge_hub.words import Words

_HEADING = Style(bold=True, height=2)
_FIGURES = ("count", "amount", "sales_count", "sales_amount", "tips_amount", "refunds_count", "refunds_amount")


def settlement_document(
    view: SettlementView, said: Words, settings: StoreSettings, *, label: str, references: dict[str, str]
) -> Document:
    """One page. `label`: the terminal's, for people; `references`: of the payments that differences name, by id."""
    title = said.text("settlement.title", terminal=label)
    return Document(
        title=title,
        locale=said.locale,
        blocks=(
            Text(text=title, align=Align.CENTER, style=_HEADING),
            Text(text=settings.card.name, align=Align.CENTER),
            Rule(),
            _pair(said.text("settlement.opened"), said.date_time(view.opened_at_ms, settings.card.timezone)),
            _pair(said.text("settlement.state"), said.text(f"settlement.state.{view.state.value}")),
            *_closed(view, said, settings, references),
            Feed(lines=1),
            Cut(partial=True),
        ),
    )


def _closed(view: SettlementView, said: Words, settings: StoreSettings, references: dict[str, str]) -> Iterator[Block]:
    found = view.reconciliation
    if found is None:
        return
    if view.closed_at_ms is not None:
        yield _pair(said.text("settlement.closed"), said.date_time(view.closed_at_ms, settings.card.timezone))
    if found.detail:
        yield Text(text=said.said(found.detail))
    yield Rule()
    yield from _figures(found, said)
    yield from _differences(found.differences, said, settings.currency, references)
    if found.terminal is not None and found.terminal.slip:
        yield Rule()
        yield from (Text(text=line) for line in found.terminal.slip)


def _figures(found: Reconciliation, said: Words) -> Iterator[Block]:
    terminal = found.terminal or TerminalTotals()
    heads = ("", said.text("settlement.terminal"), said.text("settlement.journal"))
    yield _three(heads, Style(bold=True))
    for figure in _FIGURES:
        ours, theirs = getattr(found.journal, figure), getattr(terminal, figure)
        if ours is not None or theirs is not None:
            yield _three((said.text(f"settlement.{figure}"), _shown(theirs, said), _shown(ours, said)))


def _differences(
    differences: tuple[Difference, ...], said: Words, currency: str, references: dict[str, str]
) -> Iterator[Block]:
    named = [one for one in differences if one.payment is not None]
    if not named:
        return
    yield Rule()
    yield Text(text=said.text("settlement.look_into"))
    for one in named:
        yield _pair(references.get(str(one.payment), str(one.payment)), said.amount(Money(one.journal, currency)))


def _shown(value: "Money | int | None", said: Words) -> str:
    if value is None:
        return "-"
    return said.amount(value) if isinstance(value, Money) else str(value)


def _three(texts: tuple[str, str, str], style: Style | None = None) -> Row:
    first, *others = texts
    cells = (Cell(text=first, weight=2), *(Cell(text=one, align=Align.RIGHT, weight=1) for one in others))
    return Row(cells=cells, style=style or Style())


def _pair(name: str, value: str) -> Row:
    return Row(cells=(Cell(text=name), Cell(text=value, align=Align.RIGHT, weight=1)))
