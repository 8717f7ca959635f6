"""The tables [[routes]]: what they become, and every mistake that is found before anything starts."""

import pytest

from edge_hub.config import ConfigInvalid, load
from edge_hub.daemon import check_devices
from edge_hub.domain.routing import TicketLayout

SHOP = """
[store]
id = "one"
name = "One"
currency = "EUR"
timezone = "Europe/Helsinki"

[[taxes.rates]]
code = "general"
name = "ALV"
rate = "25.5%"

[[tills]]
id = "till-1"
name = "Kassa"
receipt_prefix = "A"

[demo]
"""
DEVICES = "".join(
    f'[[devices]]\nid = "{name}"\ndriver = "escpos"\nurl = "sim://{name}"\n{more}\n'
    for name, more in (("hot", ""), ("cold", 'fallback = "till"'), ("till", ""))
)


def written(tmp_path, *routes):
    path = tmp_path / "config.toml"
    path.write_text(SHOP + DEVICES + "".join(f"[[routes]]\n{route}\n" for route in routes), encoding="utf-8")
    return path


def faults(path):
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    return {(fault.pointer.partition(": ")[2] or fault.pointer): fault.message for fault in caught.value.faults}


def test_routes_and_who_takes_over(tmp_path):
    config = load(
        written(
            tmp_path,
            'id = "k"\nname = "Kitchen"\nprinters = ["hot", "cold"]\nfallback = "till"\ncategories = ["Food"]',
            'id = "l"\nname = "Labels"\nprinters = ["hot"]\nproducts = ["TEA"]\nlayout = "label"',
        )
    )
    kitchen, labels = config.store_settings().routes
    assert (kitchen.printers, kitchen.categories, kitchen.layout) == (("hot", "cold"), ("Food",), TicketLayout.KITCHEN)
    assert (labels.products, labels.layout) == (("TEA",), TicketLayout.LABEL)
    assert config.fallbacks == {"hot": "till", "cold": "till"}


@pytest.mark.parametrize(
    ("routes", "pointer", "word"),
    [
        (['id = "k"\nname = "K"\nprinters = ["hot"]'], "routes[0]", "takes nothing"),
        (['id = "k"\nname = "K"\nprinters = ["oven"]\nproducts = ["A"]'], "routes[0].printers", "oven"),
        (['id = "k"\nname = "K"\nprinters = ["hot", "hot"]\nproducts = ["A"]'], "routes[0].printers", "2 times"),
        (['id = "k"\nname = "K"\nprinters = []\nproducts = ["A"]'], "routes[0].printers", "at least 1"),
        (
            ['id = "k"\nname = "K"\nprinters = ["hot"]\nproducts = ["A"]\nfallback = "hot"'],
            "routes[0].fallback", "route itself",
        ),
        (['id = "k"\nname = "K"\nprinters = ["hot"]\nproducts = ["A"]\nfallback = "no"'], "routes[0].fallback", "'no'"),
        (['id = "k"\nname = "K"\nprinters = ["hot"]\nproducts = ["A"]'] * 2, "routes[1].id", "2 times"),
        (
            [
                'id = "k"\nname = "K"\nprinters = ["hot"]\nproducts = ["A"]\nfallback = "till"',
                'id = "b"\nname = "B"\nprinters = ["hot"]\nproducts = ["B"]\nfallback = "cold"',
            ],
            "routes[1].fallback", "another route",
        ),
    ],
)  # fmt: skip
def test_mistakes(tmp_path, routes, pointer, word):
    found = faults(written(tmp_path, *routes))
    assert word in found[pointer]


PRINTERS = """
[[devices]]
id = "labels"
driver = "zpl"
url = "sim://labels"
{labels}
[[devices]]
id = "more"
driver = "tspl"
url = "sim://more"

[[devices]]
id = "scale"
driver = "scale_toledo"
url = "sim://scale"
"""
TEA = 'id = "t"\nname = "Tea"\nproducts = ["TEA"]\n'


@pytest.mark.parametrize(
    ("route", "labels", "pointer", "words"),
    [
        ('layout = "label"\nprinters = ["labels", "hot"]', 'fallback = "hot"', "", ""),
        ('layout = "label"\nprinters = ["labels"]\nfallback = "more"', "", "", ""),
        ('printers = ["labels"]', "", "routes[0].printers", "prints labels only"),
        ('layout = "label"\nprinters = ["scale"]', "", "routes[0].printers", "is neither"),
        (
            'layout = "label"\nprinters = ["hot"]\nfallback = "labels"',
            "",
            "routes[0].fallback",
            "cannot print what 'hot'",
        ),
        ('printers = ["hot"]', 'fallback = "scale"', "devices[3].fallback", "'scale' cannot print"),
    ],
)
def test_what_a_routes_printers_must_be(tmp_path, route, labels, pointer, words):
    path = written(tmp_path, TEA + route)
    path.write_text(path.read_text() + PRINTERS.format(labels=labels), encoding="utf-8")
    if not pointer:
        check_devices(load(path))
        return
    with pytest.raises(ConfigInvalid) as caught:
        check_devices(load(path))
    assert [(fault.pointer, words in fault.message) for fault in caught.value.faults] == [(pointer, True)]


def test_a_tills_printer_prints_receipts(tmp_path):
    path = written(tmp_path)
    path.write_text(
        path.read_text().replace('name = "Kassa"', 'name = "Kassa"\nprinter = "labels"') + PRINTERS.format(labels="")
    )
    with pytest.raises(ConfigInvalid, match="needs a receipt printer"):
        check_devices(load(path))


def test_the_size_of_labels(tmp_path):
    hot = 'printers = ["hot"]\n'
    (tea,) = load(written(tmp_path, TEA + hot + "label_mm = [60, 40]")).store_settings().routes
    assert tea.label_mm == (60, 40)
    assert "greater than or equal to 20" in faults(written(tmp_path, TEA + hot + "label_mm = [10, 40]")).popitem()[1]
