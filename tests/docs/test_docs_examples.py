"""The examples of the documents do what they say."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import docs_text as docs
import pytest
from docs_hub import DemoHub
from pydantic import TypeAdapter

from edge_hub.api.schemas.events import SERVER_MESSAGES
from edge_hub.api.schemas.journal import EventDoc
from edge_hub.config import load
from edge_hub.daemon import check_devices
from edge_hub.domain.events import EVENT_TYPES

BROWSER = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RUN_S = 60
EVENT_EXAMPLES = {name.strip("`"): body for name, body in docs.sections(docs.text("events.md"), 3).items()}


def example(name: str) -> Any:
    return json.loads(next(iter(docs.blocks(EVENT_EXAMPLES[name], lang="json").values())))


def fits(hint: Any, value: Any) -> bool:
    """Whether a plain value is one of the annotated type, no member missing and none invented."""
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(one, value) for one in arguments)
    if origin in (tuple, Mapping):
        return isinstance(value, list if origin is tuple else dict) and (
            origin is Mapping or all(fits(arguments[0], one) for one in value)
        )
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return (
            isinstance(value, dict)
            and value.keys() == hints.keys()
            and all(fits(hints[key], value[key]) for key in hints)
        )
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return value in list(hint)
    return type(value) is (str if hint is bytes else hint) or (hint is types.NoneType and value is None)


@pytest.mark.parametrize("name", [name for name, _ in EVENT_TYPES])
def test_event_example(name: str) -> None:
    newest = max(version for known, version in EVENT_TYPES if known == name)
    assert fits(EVENT_TYPES[name, newest], example(name))


@pytest.mark.parametrize("message", [message for message, _ in SERVER_MESSAGES], ids=lambda message: message.__name__)
def test_message_example(message: type) -> None:
    name = typing.get_args(typing.get_type_hints(message)["type"])[0]
    TypeAdapter(message).validate_python(example(name), strict=True)


def test_the_envelope() -> None:
    block = next(iter(docs.blocks(docs.sections(docs.text("events.md"), 2)["The envelope"], lang="json").values()))
    TypeAdapter(EventDoc).validate_python(json.loads(block), strict=True)


def test_the_small_shop_is_a_good_configuration(tmp_path: Path) -> None:
    section = docs.sections(docs.text("configuration.md"), 2)["A small shop"]
    (tmp_path / "config.toml").write_text(next(iter(docs.blocks(section, lang="toml").values())), encoding="utf-8")
    check_devices(load(tmp_path / "config.toml"))


def python(arguments: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=RUN_S
    )


def test_python_client(hub: DemoHub) -> None:
    code = docs.blocks(docs.text("api.md"), mark="run")["python"]
    assert len(code.strip().splitlines()) <= 35
    ran = python(["-c", code, hub.url, hub.pairing_code()])
    assert ran.returncode == 0, ran.stderr
    label, total, _, change = ran.stdout.splitlines()[0].split()
    assert (total, change) == ("65", "35")
    assert f"[{label}]" in ran.stdout
    assert "Total" in ran.stdout


async def test_javascript_client(hub: DemoHub) -> None:
    playwright = pytest.importorskip("playwright.async_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's chromium is not installed")
    code = docs.blocks(docs.text("api.md"), mark="run")["javascript"]
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=BROWSER)
        page = await browser.new_page()
        await page.goto(f"{hub.url}/docs/")
        said = await page.evaluate(
            f"async ([hub, code]) => {{ {code}; return sellOnce(hub, code); }}", [hub.url, hub.pairing_code()]
        )
        await browser.close()
    assert re.fullmatch(r"B[0-9]{6} 130", said)


def test_verifier_of_the_chain(hub: DemoHub) -> None:
    code = docs.blocks(docs.text("back-office.md"), mark="run")["verify"]
    assert len(code.strip().splitlines()) <= 21
    exported = hub.command("journal", "export")
    good = python(["-c", code], exported)
    lines = exported.splitlines()
    assert good.returncode == 0, good.stderr
    assert good.stdout == f"{len(lines)} events, head {json.loads(lines[-1])['hash']}\n"
    changed = json.loads(lines[1]) | {"at_ms": 1}
    for bad in ([lines[0], json.dumps(changed), *lines[2:]], [lines[0], *lines[2:]], [lines[1], lines[0], *lines[2:]]):
        assert python(["-c", code], "\n".join(bad)).returncode == 1


DRIVER = docs.blocks(docs.text("drivers.md"), mark="file")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The driver of the page, built into a wheel and installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("pole")
    for name, code in DRIVER.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    wheels = folder / "wheels"
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(wheels), str(folder / "source")],
        check=True,
        timeout=RUN_S,
    )
    wheel = next(wheels.glob("*.whl"))
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)],
        check=True,
        timeout=RUN_S,
    )
    return folder


def with_driver(installed: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=RUN_S,
        cwd=installed / "site", env=os.environ | {"PYTHONPATH": str(installed / "site")},
    )  # fmt: skip


def test_the_driver_of_the_page_holds_the_contract(installed: Path) -> None:
    options = [
        "-o",
        "asyncio_mode=auto",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ]
    ran = with_driver(installed, ["-m", "pytest", "-q", *options, str(installed / "source" / "test_acme_pole.py")])
    assert ran.returncode == 0, ran.stdout


def test_the_hub_takes_the_driver_of_the_page(installed: Path, tmp_path: Path) -> None:
    config = (docs.ROOT / "config" / "demo.toml").read_text(encoding="utf-8")
    config = config.replace('driver = "line_display"', 'driver = "acme_pole"')
    (tmp_path / "demo.toml").write_text(config, encoding="utf-8")
    ran = with_driver(installed, ["-m", "edge_hub.cli", "config", "check", "--config", str(tmp_path / "demo.toml")])
    assert ran.returncode == 0, ran.stderr
    without = python(["-m", "edge_hub.cli", "config", "check", "--config", str(tmp_path / "demo.toml")])
    assert without.returncode == 78
