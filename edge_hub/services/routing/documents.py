"""A ticket as paper: a kitchen's page in large letters, or a label for each piece."""

from dataclasses import dataclass

from edge_hub.domain.catalog import MILLI, Unit
from edge_hub.domain.routing import Change, Route, TicketLayout, TicketLine
from edge_hub.sdk.document import Align, Block, Cell, Cut, Document, Feed, Row, Rule, Style, Text
from edge_hub.services.routing.model import Ticket
from edge_hub.words import Words

LABELS_OF_LINE_MAX = 20
"""Pieces of one line that get a label each; of more there is one label with their number."""
_BIG = Style(bold=True, width=2, height=2)
_TALL = Style(bold=True, height=2)
_LOUD = Style(bold=True, invert=True, width=2, height=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the ids on a ticket are called."""

    till: str
    staff: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a label says."""

    text: str
    count: str = ""
    """Which of how many: "1/3"."""
    word: str = ""
    """A warning before the rest: that it is cancelled."""


def document(ticket: Ticket, route: Route, said: Words, names: Names) -> Document:
    """What to print for a ticket, on paper of any width."""
    title = f"{route.name} {ticket.number}"
    blocks = _labels(ticket, said) if route.layout is TicketLayout.LABEL else _page(ticket, route, said, names)
    return Document(blocks=tuple(blocks), locale=said.locale, title=title)


def _page(ticket: Ticket, route: Route, said: Words, names: Names) -> list[Block]:
    label: list[Block] = [Text(text=f" {ticket.label} ", align=Align.CENTER, style=_LOUD)] if ticket.label else []
    staff: list[Block] = [Text(text=names.staff)] if names.staff else []
    return [
        Row(cells=(Cell(text=route.name, weight=1), Cell(text=number_of(ticket, said), align=Align.RIGHT)), style=_BIG),
        *label,
        Row(
            cells=(
                Cell(text=said.date_time(ticket.created_ms, names.timezone), weight=1),
                Cell(text=names.till, align=Align.RIGHT),
            )
        ),
        *staff,
        Rule(double=True),
        *(block for line in ticket.lines for block in _line(line, said)),
        Rule(double=True),
        Feed(),
        Cut(),
    ]


def _line(line: TicketLine, said: Words) -> list[Block]:
    if line.change is Change.CANCELLED:
        return [
            Text(text=f" {said.text('ticket.cancelled')} ", style=_LOUD),
            Text(text=_counted(line, said, -line.delta_milli), style=_BIG),
            Feed(),
        ]
    if line.change is Change.ADDED:
        return [Text(text=_counted(line, said, line.delta_milli), style=_BIG)]
    sign = "+" if line.delta_milli > 0 else "-"
    now = said.text("ticket.now", quantity=_quantity(line, said, line.quantity_milli))
    return [
        Text(text=f" {said.text('ticket.changed')} ", style=_LOUD),
        Text(text=sign + _counted(line, said, abs(line.delta_milli)), style=_BIG),
        Text(text=now, style=_TALL),
        Feed(),
    ]


def _labels(ticket: Ticket, said: Words) -> list[Block]:
    return [block for line in ticket.lines for piece in pieces_of(line, said) for block in _label(ticket, piece, said)]


def pieces_of(line: TicketLine, said: Words) -> list[Piece]:
    """What the labels of one line say. Fewer than before, or none, is one label that says so."""
    pieces, rest = divmod(line.delta_milli, MILLI)
    if line.unit is Unit.KILOGRAM or rest or not 0 < pieces <= LABELS_OF_LINE_MAX:
        return whole_lines(line, said)
    if pieces == 1:
        return [Piece(text=line.name)]
    return [Piece(text=line.name, count=f"{number}/{pieces}") for number in range(1, pieces + 1)]


def whole_lines(line: TicketLine, said: Words) -> list[Piece]:
    """The line on one label, with its quantity."""
    word = said.text("ticket.cancelled") if line.delta_milli < 0 else ""
    return [Piece(text=_counted(line, said, abs(line.delta_milli)), word=word)]


def _label(ticket: Ticket, piece: Piece, said: Words) -> list[Block]:
    foot = (Cell(text=ticket.label, weight=1), Cell(text=number_of(ticket, said), align=Align.RIGHT))
    text, style = f"{piece.text} {piece.count}".rstrip(), _BIG
    if piece.word:
        text, style = f" {piece.word} {text} ", _LOUD
    return [Text(text=text, style=style), Row(cells=foot, style=_TALL), Cut()]


def number_of(ticket: Ticket, said: Words) -> str:
    """The ticket's number, in words."""
    return said.text("ticket.number", number=ticket.number)


def _counted(line: TicketLine, said: Words, milli: int) -> str:
    return f"{_quantity(line, said, milli)} × {line.name}"


def _quantity(line: TicketLine, said: Words, milli: int) -> str:
    number = said.quantity(milli)
    return f"{number} {said.text('unit.kilogram')}" if line.unit is Unit.KILOGRAM else number
