"""A ticket on a label printer: a label for each piece, of the size that the route has."""

from edge_hub.domain.routing import Route
from edge_hub.sdk.document import Align
from edge_hub.sdk.label import LABELS_MAX, Element, Fit, Label, LabelBox, LabelText
from edge_hub.sdk.layout import cells
from edge_hub.services.routing.documents import Names, Piece, number_of, pieces_of, whole_lines
from edge_hub.services.routing.model import Ticket
from edge_hub.words import Words

MARGIN = 15
"""Tenths of a millimetre, as everything here."""
ROW_MIN, ROW_MAX = 22, 45
"""Height of the small letters."""
NAME_LINES = (1, 2, 3)


def labels(ticket: Ticket, route: Route, said: Words, names: Names, *, duplicate: bool = False) -> tuple[Label, ...]:
    """The labels of a ticket, in its order; with `duplicate` each says that it may have come out before.

    Of more than LABELS_MAX pieces, every line gets one label with its number.
    """
    pieces = [piece for line in ticket.lines for piece in pieces_of(line, said)]
    if len(pieces) > LABELS_MAX:
        pieces = [piece for line in ticket.lines for piece in whole_lines(line, said)]
    title = f"{route.name} {ticket.number}"
    width, height = (10 * length for length in route.label_mm)
    foot = said.date_time(ticket.created_ms, names.timezone)
    notice = said.text("print.possible_duplicate") if duplicate else ""
    return tuple(
        Label(
            width=width, height=height, locale=said.locale, title=title,
            elements=_elements(width, height, piece, (ticket.label, number_of(ticket, said)), (foot, notice)),
        )
        for piece in pieces
    )  # fmt: skip


def _elements(
    width: int, height: int, piece: Piece, head: tuple[str, str], foot: tuple[str, str]
) -> tuple[Element, ...]:
    """Above whose it is and the ticket's number, below the time and which piece of how many, between them the name."""
    row = min(max(height // 9, ROW_MIN), ROW_MAX)
    inner, half = width - 2 * MARGIN, (width - 2 * MARGIN) // 2
    top, bottom = MARGIN + row + row // 3, height - MARGIN - row - row // 3
    made: list[Element] = [
        *_row(MARGIN, row, half, head, bold=True),
        LabelBox(x=MARGIN, y=top - row // 6, width=inner, height=2, thickness=2),
    ]
    if foot[1]:
        made.append(_text(foot[1], MARGIN, top, row, inner, bold=True))
        top += row + row // 4
    word = row * 3 // 2 if piece.word else 0
    if piece.word:
        made.append(_text(piece.word, MARGIN, top, word, inner, bold=True))
    made.append(_name(piece.text, top + word, max(bottom - top - word, row), inner))
    return (*made, *_row(height - MARGIN - row, row, half, (foot[0], piece.count)))


def _name(text: str, y: int, height: int, width: int) -> Element:
    """As large as it fits: on one line, or on more with room left for words that do not break."""
    wide = max(cells(text), 1)  # in halves of a letter's height
    sizes = ((min(height * 5 // (6 * n), 2 * width * n * (10 if n == 1 else 8) // (10 * wide)), n) for n in NAME_LINES)
    letters, lines = max(sizes)
    return LabelText(x=MARGIN, y=y, text=text, height=max(letters, ROW_MIN), width=width, lines=lines, bold=True)


def _row(y: int, height: int, half: int, texts: tuple[str, str], *, bold: bool = False) -> list[Element]:
    left, right = texts
    made = [_text(left, MARGIN, y, height, half, bold=bold)] if left else []
    return made + ([_text(right, MARGIN + half, y, height, half, bold=bold, align=Align.RIGHT)] if right else [])


def _text(
    text: str, x: int, y: int, height: int, width: int, *, bold: bool = False, align: Align = Align.LEFT
) -> Element:
    return LabelText(x=x, y=y, text=text, height=height, width=width, align=align, bold=bold, fit=Fit.SHRINK)
