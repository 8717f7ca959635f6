"""Whatever the code says to a person has its words in four languages: found by reading the source, not by trying."""

import ast
import importlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

import edge_hub
from edge_hub.errors import EdgeHubError
from edge_hub.words import LOCALES

ROOT = Path(edge_hub.__file__).parent
COMMAND_LINE = (
    "cli",
    "journal/backup.py",
    "journal/migrations.py",
    "journal/process.py",
    "journal/database.py",
    "daemon/process.py",
)
"""Read by technicians at a shell or in the log, and not by the API's callers: English (docs/adr/0030)."""
CONFIGURATION = {"LayoutInvalid", "TaxRateInvalid"}
"""Raised while a configuration file is read, at a start or by `edge-hub check`."""
DAMAGE = {"BadBytes", "CodecError", "Damaged", "UnknownCommand"}
"""A fault in the hub or its records: the title says what to do, the detail is for the log and whoever repairs it."""
CONFIGURATION_FAULTS = ("config.py", "daemon/check.py", "doors/check.py")
CALLERS_FAULTS = ("api/codec.py", "api/validate.py", "api/pipeline.py")
"""Of a request that no page of the hub sends: who wrote it is a programmer."""

HELPERS = [
    ("fault", 2, "fault."),
    ("row_fault", 3, "fault."),
    ("_BadCell", 0, "fault."),
    ("bad_url", 1, "problem.device-url-invalid."),
]
"""Functions that give words to a person: the place of the words, and where those are found."""


@cache
def texts(locale):
    return json.loads(resources.files("edge_hub").joinpath("locales", f"{locale}.json").read_text("utf-8"))


@dataclass(frozen=True)
class Said:
    """A call that gives words to a person: `words` None where they are not written in the call."""

    where: str
    name: str
    words: str | None
    plain: bool
    why: str


def module_of(path):
    return importlib.import_module(".".join(("edge_hub", *path.relative_to(ROOT).with_suffix("").parts)))


def assigned(function, name):
    """(line, value) of each assignment to a local name, also of several at once, in the order of the source."""
    found = []
    for one in ast.walk(function):
        if isinstance(one, ast.Assign):
            for to in one.targets:
                pairs = (
                    zip(to.elts, one.value.elts, strict=True)
                    if isinstance(one.value, ast.Tuple) and isinstance(to, ast.Tuple)
                    else [(to, one.value)]
                )
                found += [
                    (one.lineno, value) for target, value in pairs if isinstance(target, ast.Name) and target.id == name
                ]
    return sorted(found, key=lambda pair: pair[0])


def literal(node, module, function):
    """The text of an argument and whether it is a plain literal; None for somebody else's words."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, True
    if isinstance(node, ast.JoinedStr):
        return ast.unparse(node), False
    if isinstance(node, ast.Name):
        given = [value for line, value in assigned(function, node.id) if line <= node.lineno]
        if given:
            return None if isinstance(given[-1], ast.Name) else literal(given[-1], module, function)
        if isinstance(value := getattr(module, node.id, None), str):
            return value, True
    return None


@cache
def calls():
    """Every call in edge_hub of a name in capital letters or one of the helpers, with its first words."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        where = str(path.relative_to(ROOT))
        if where.startswith(COMMAND_LINE) or path.name == "__main__.py" or where.startswith("sdk/testing"):
            continue
        tree, module = ast.parse(path.read_text("utf-8")), module_of(path)
        functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        inside = {id(part): function for function in functions for part in ast.walk(function)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                found.append((where, name, node, module, inside.get(id(node), tree)))
    return found


def said(where, name, node, module, function, place):  # noqa: PLR0917  # one row of `calls` and a place
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    argument = named.get("message") if place is None else node.args[place] if len(node.args) > place else None
    words = None if argument is None else literal(argument, module, function)
    why = named.get("why")
    code = node.args[0] if name == "bad_url" else None
    default = code.value if isinstance(code, ast.Constant) else ""
    return Said(
        where=f"{where}:{node.lineno}",
        name=name,
        words=None if words is None else words[0],
        plain=words is not None and words[1],
        why=why.value if isinstance(why, ast.Constant) else default,
    )


def errors():
    """Class of every error that the API may answer with, by its name."""
    found, todo = {}, [EdgeHubError]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        if cls.__module__.startswith("edge_hub"):
            found[cls.__name__] = cls
    return found


def wrong(one, key):
    """What is amiss with words that are to be found under `key`."""
    if not one.plain:
        return f"{one.where}: {one.name} in an f-string: give a template and its values"
    if not one.why:
        return f"{one.where}: {one.name}({one.words!r}) names no reason: why=..."
    missing = [locale for locale in LOCALES if key not in texts(locale)]
    if missing:
        return f"{one.where}: no {key} in {', '.join(missing)}"
    if texts("en")[key] != one.words:
        return f"{one.where}: {key} says {texts('en')[key]!r} in English and the code {one.words!r}"
    return None


def test_every_error_says_its_reason_in_four_languages():
    known, amiss, seen = errors(), [], set()
    for where, name, node, module, function in calls():
        if name not in known or name in CONFIGURATION | DAMAGE:
            continue
        one = said(where, name, node, module, function, 0)
        if one.words is not None:
            key = f"problem.{known[name].code}.{one.why}"
            seen.add(key)
            amiss.append(wrong(one, key))
    assert [one for one in amiss if one] == []
    assert len(seen) > 20


@pytest.mark.parametrize(("helper", "place", "prefix"), HELPERS)
def test_every_fault_has_its_words(helper, place, prefix):
    amiss = [
        wrong(one, prefix + one.why)
        for where, name, node, module, function in calls()
        if name == helper and isinstance(node.func, ast.Name)
        for one in [said(where, name, node, module, function, place)]
        if one.words is not None
    ]
    assert [one for one in amiss if one] == []
    assert len(amiss) >= 5


def test_no_fault_is_in_english_only():
    alone = [
        f"{where}:{node.lineno}"
        for where, name, node, module, function in calls()
        if name == "Fault"
        and where not in CONFIGURATION_FAULTS + CALLERS_FAULTS
        and said(where, name, node, module, function, None).words is not None
        and "why" not in {keyword.arg for keyword in node.keywords}
    ]
    assert alone == []
