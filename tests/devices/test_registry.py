import sys
from enum import StrEnum
from importlib.metadata import EntryPoint

import pytest

from edge_hub.devices.registry import GROUP, BadOptions, Drivers, UnknownDriver, load, load_drivers, validate_options


def point(name, value):
    return EntryPoint(name=name, value=value, group=GROUP)


def test_a_driver_that_cannot_be_loaded_is_unavailable_with_its_reason(tmp_path, monkeypatch):
    (tmp_path / "broken_driver_module.py").write_text("raise RuntimeError('needs libfoo')")
    (tmp_path / "odd_driver_module.py").write_text("DRIVER = 1")
    monkeypatch.syspath_prepend(tmp_path)
    drivers = load(
        [
            point("a", "broken_driver_module:DRIVER"),
            point("b", "nowhere_at_all:D"),
            point("c", "odd_driver_module:DRIVER"),
        ]
    )
    assert dict(drivers) == {}
    assert drivers.unavailable["a"] == "RuntimeError: needs libfoo"
    assert "No module named" in drivers.unavailable["b"]
    assert "is a int, not a DriverInfo" in drivers.unavailable["c"]
    with pytest.raises(UnknownDriver, match="cannot be loaded: RuntimeError: needs libfoo"):
        drivers.find("a")


def test_a_driver_is_loaded_when_somebody_asks_for_it(toy, tmp_path, monkeypatch):
    (tmp_path / "lazy_one.py").write_text("import toys\nDRIVER = toys.info")
    (tmp_path / "lazy_other.py").write_text("import toys\nDRIVER = toys.info")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "toys", toy)
    drivers = load([point("one", "lazy_one:DRIVER"), point("other", "lazy_other:DRIVER")])
    with pytest.raises(UnknownDriver, match="installed are: one, other"):
        drivers.find("another")
    assert "lazy_one" not in sys.modules
    assert drivers.find("one") is toy.info
    assert "lazy_other" not in sys.modules
    assert set(drivers) == {"one", "other"}
    assert "lazy_other" in sys.modules


def test_the_built_in_drivers_come_through_the_same_door():
    drivers = load_drivers()
    assert drivers.unavailable == {}
    assert {"escpos", "line_display", "serial_scanner"} <= set(drivers)


def test_every_wrong_option_is_told_with_its_pointer(toy):
    with pytest.raises(BadOptions) as caught:
        validate_options(toy.info, {"size": "20", "tags": ["x", 1], "colour": "red"})
    assert sorted((fault.pointer, fault.code) for fault in caught.value.faults) == [
        ("/options/colour", "extra_forbidden"),
        ("/options/size", "int_type"),
        ("/options/tags/1", "string_type"),
    ]


def test_options_as_configuration_has_them(toy):
    class Kind(StrEnum):
        NEW = "new"

    class More(toy.Options):
        kind: Kind = Kind.NEW

    info = Drivers({"toy": toy.info}).find("toy")
    assert validate_options(info, {"tags": ["a"]}).tags == ("a",)
    from dataclasses import replace

    assert validate_options(replace(info, options=More), {"kind": "new"}).kind is Kind.NEW
