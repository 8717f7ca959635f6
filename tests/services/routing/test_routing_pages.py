"""What is on the paper: a kitchen's page and labels, in every language, on wide and narrow paper."""

import pytest

from edge_hub.domain.catalog import Unit
from edge_hub.domain.ids import LineId, ProductId, StaffId, TillId
from edge_hub.domain.routing import Route, TicketLayout, TicketLine
from edge_hub.sdk import layout
from edge_hub.sdk.document import Cut, Text
from edge_hub.sdk.label import LABELS_MAX, LabelText
from edge_hub.services.routing.documents import LABELS_OF_LINE_MAX, Names, document
from edge_hub.services.routing.labels import labels
from edge_hub.services.routing.model import Ticket, TicketState
from edge_hub.words import LOCALES, words

NAMES = Names(till="Till 1", staff="Aino", timezone="Europe/Helsinki")


def line(name, delta, now, unit=Unit.PIECE):
    return TicketLine(
        line=LineId(name), product=ProductId(name), sku=name, name=name, unit=unit, delta_milli=delta,
        quantity_milli=now,
    )  # fmt: skip


def ticket(*lines, label="Table 4"):
    return Ticket(
        id="x", route="r", number=17, origin="basket:b", till=TillId("t1"), staff=StaffId("s"), label=label,
        state=TicketState.OPEN, created_ms=1_780_000_000_000, acknowledged_ms=None, acknowledged_by="", lines=lines,
    )  # fmt: skip


def route(kind=TicketLayout.KITCHEN, size=(40, 30)):
    return Route(id="r", name="Kitchen", printers=("p",), layout=kind, label_mm=size)


LINES = (
    line("Soup", -1000, 0), line("Noodles", 2000, 2000), line("Tea", 1000, 3000), line("Cola", -1000, 1000),
    line("Rice", 350, 350, Unit.KILOGRAM),
)  # fmt: skip


def test_a_kitchen_page():
    drawn = document(ticket(*LINES), route(), words("en"), NAMES)
    text = layout.plain(drawn, columns=48)
    said = [row.strip() for row in text.splitlines() if row.strip()]
    for part in (
        "Table 4",
        "Till 1",
        "Aino",
        "2 × Noodles",
        "+1 × Tea",
        "now 3",
        "-1 × Cola",
        "now 1",
        "0.35 kg × Rice",
    ):
        assert any(part in row for row in said), (part, text)
    assert said.index("CANCELLED") < said.index("1 × Soup") < said.index("2 × Noodles")
    big = [block for block in drawn.blocks if isinstance(block, Text) and "Noodles" in block.text]
    assert (big[0].style.width, big[0].style.height) == (2, 2)
    assert drawn.title == "Kitchen 17"
    assert isinstance(drawn.blocks[-1], Cut)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("columns", [24, 32, 48])
@pytest.mark.parametrize("kind", list(TicketLayout))
def test_it_fits_every_paper_in_every_language(locale, columns, kind):
    drawn = document(
        ticket(line("牛肉麵 with a rather long name", 2000, 2000), *LINES), route(kind), words(locale), NAMES
    )
    cjk = locale.startswith("zh")
    for row in layout.plain(drawn, columns=columns).splitlines():
        assert layout.cells(row, cjk=cjk) <= columns
    assert words(locale).text("ticket.cancelled") in layout.plain(drawn, columns=columns)


def test_a_label_for_each_piece():
    many = line("Cola", (LABELS_OF_LINE_MAX + 1) * 1000, (LABELS_OF_LINE_MAX + 1) * 1000)
    drawn = document(ticket(*LINES[1:3], LINES[4], many, label=""), route(TicketLayout.LABEL), words("en"), NAMES)
    texts = [block.text for block in drawn.blocks if isinstance(block, Text)]
    assert texts == ["Noodles 1/2", "Noodles 2/2", "Tea", "0.35 kg × Rice", "21 × Cola"]
    assert sum(isinstance(block, Cut) for block in drawn.blocks) == len(texts)


def texts_of(label):
    return [element.text for element in label.elements if isinstance(element, LabelText)]


def test_labels_of_a_label_printer():
    made = labels(ticket(*LINES), route(TicketLayout.LABEL), words("en"), NAMES)
    time = "2026-05-28 23:26"
    assert [texts_of(label) for label in made] == [
        ["Table 4", "No. 17", "CANCELLED", "1 × Soup", time],
        ["Table 4", "No. 17", "Noodles", time, "1/2"],
        ["Table 4", "No. 17", "Noodles", time, "2/2"],
        ["Table 4", "No. 17", "Tea", time],
        ["Table 4", "No. 17", "CANCELLED", "1 × Cola", time],
        ["Table 4", "No. 17", "0.35 kg × Rice", time],
    ]
    assert {label.title for label in made} == {"Kitchen 17"}
    again = labels(ticket(LINES[1]), route(TicketLayout.LABEL), words("en"), NAMES, duplicate=True)
    assert all("POSSIBLE DUPLICATE" in texts_of(label) for label in again)


def test_more_pieces_than_one_job_takes_are_counted_instead():
    lines = [line(f"Tea {number}", 20_000, 20_000) for number in range(LABELS_MAX // 20 + 1)]
    made = labels(ticket(*lines), route(TicketLayout.LABEL), words("en"), NAMES)
    assert [texts_of(label)[2] for label in made] == [f"20 × {one.name}" for one in lines]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("size", [(20, 15), (40, 30), (60, 40), (100, 150), (150, 15)])
def test_labels_stay_inside_their_size(locale, size):
    lines = (*LINES, line("牛肉麵 with a rather long name, and more of it than fits a small label", 1000, 1000))
    for label in labels(ticket(*lines), route(TicketLayout.LABEL, size), words(locale), NAMES, duplicate=True):
        width, height = (10 * length for length in size)
        assert (label.width, label.height, label.locale) == (width, height, locale)
        for element in label.elements:
            assert element.x >= 0
            assert element.x + element.width <= width
            assert element.y + element.height <= height
