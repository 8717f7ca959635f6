"""Sentences of devices and payments that are stored or shown: the hub's own are known in four languages."""

import ast
import json
import re
import string
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

import edge_hub
from edge_hub.devices.registry import load_drivers, load_wallet_drivers
from edge_hub.sdk.driver import DriverInfo
from edge_hub.sdk.errors import ErrorCode
from edge_hub.words import LOCALES, words

HUB = Path(edge_hub.__file__).parent
TROUBLES = {"DeviceError", "DeviceRefused", "DeviceLost", "DeviceTimeout", "DeviceBusy", "DeviceFault"}
ANSWERS = {"Inquiry", "absent", "inconclusive", "pending"}
"""What a terminal's or wallet's driver found out of a payment in doubt."""
NOT_OF_A_SHOP = ("sdk/testing", "sdk/wallets/simulated", "sdk/scales/simulated", "sdk/labels/simulated")
PROTOCOLS = {
    "a reference is of 0-9 A-Z",
    "a wallet has no wire",
    "a wallet has no wire for 7 bytes",
}
"""What a driver's author meets, and nobody in a shop."""


@cache
def strings():
    """Every text in the source, values of f-strings left out: (file, line, text, whether it is raised as a trouble)."""
    found = []
    for root in (HUB, HUB.parent / "drivers"):
        for path in sorted(root.rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            raised = {id(words_) for node in ast.walk(tree) if isinstance(node, ast.Call) for words_ in shown(node)}
            name = str(path.relative_to(HUB.parent))
            texts = [(node, spoken(node)) for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
            found += [(name, node.lineno, text, id(node) in raised) for node, text in texts if text is not None]
    return found


def shown(call):
    """The arguments of a call that people read."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in TROUBLES:
        return call.args[:1]
    return [*call.args[:1], *(one.value for one in call.keywords if one.arg == "text")] if name in ANSWERS else []


def spoken(node):
    """The text with an address or a number for each value; None: no text."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
        else:
            parts.append("tcp://printer:9100" if "url" in ast.unparse(part.value) else "7")
    return "".join(parts)


def templates():
    text = resources.files("edge_hub").joinpath("locales", "en.json").read_text("utf-8")
    return {key: said for key, said in json.loads(text).items() if key.startswith(("said.", "simulator."))}


def test_each_known_sentence_is_said_somewhere():
    everything = "\n".join(text for _, _, text, _ in strings())
    lost = []
    for key, text in templates().items():
        literals = [re.escape(part) for part, *_ in string.Formatter().parse(text) if part.strip(" :")]
        if literals and re.search("[^\n]*".join(literals), everything) is None:
            lost.append(key)
    assert lost == []


def test_every_trouble_of_a_device_is_known():
    unknown = [
        f"{file}:{line}: {text}"
        for file, line, text, raised in strings()
        if raised
        and not file.removeprefix("edge_hub/").startswith(NOT_OF_A_SHOP)
        and text not in PROTOCOLS
        and any(letter.isalpha() for letter in text.replace("tcp://printer", ""))  # else it is somebody else's words
        and words("fi").said(text) == text
    ]
    assert unknown == []


def test_what_each_fault_of_a_simulator_does_is_known():
    unknown = set()
    for info in [*load_drivers().values(), *load_wallet_drivers().values()]:
        if not info.options.__module__.startswith("drivers."):
            continue
        options = info.options.model_construct()
        simulator = info.simulator(options) if isinstance(info, DriverInfo) else info.simulator()
        unknown |= {text for text in simulator.faults.values() if words("fi").said(text) == text}
    assert unknown == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_each_unifiedpos_word_is_explained(locale):
    assert {code for code in ErrorCode if f"device.error.{code}" not in words(locale)} == set()


def test_what_is_known_and_what_is_not():
    finnish, taiwan = words("fi"), words("zh-TW")
    assert taiwan.device("REC_EMPTY", "the paper has run out") == "紙張用完了"
    assert taiwan.device("NOHARDWARE", "usb://04b8:0202: not plugged in") == "usb://04b8:0202：沒有插上"
    refused = "tcp://10.0.0.9:9100: Connection refused"
    assert finnish.device("NOHARDWARE", refused) == f"Laite ei ole kytkettynä. ”{refused}”"
    assert words("en").device("NOHARDWARE", refused) == refused
    assert finnish.device("", "") == ""
    assert finnish.said("Asiakas kävi myöhemmin.") == "Asiakas kävi myöhemmin."
    late = "it refused after it had the request: the terminal is being asked something else"
    assert finnish.said(late) == "se kieltäytyi saatuaan pyynnön: ”päätteeltä kysytään juuri muuta”"
    assert words("zh-CN").said("HOST DOWN") == "HOST DOWN"
    assert finnish.said("x" * 600) == "x" * 600
