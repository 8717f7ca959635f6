"""Fixtures of the tests that start the real daemon."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from e2e_browser import BROWSER, CHROMIUM
from e2e_browser import Hub as DemoHub
from e2e_hub import Hub, tracebacks

HERE = Path(__file__).parent


@pytest.fixture
async def make_hub(tmp_path: Path) -> AsyncIterator[Callable[..., Hub]]:
    """Hubs in folders of their own; whatever happens, none of their processes is left, nor a traceback in a log."""
    made: list[Hub] = []

    def make(devices: Any = None, *, folder: str = "shop", **more: Any) -> Hub:
        hub = Hub(tmp_path / folder, devices, **more)
        made.append(hub)
        return hub

    yield make
    for hub in made:
        await hub.close()
    assert [line for hub in made for line in tracebacks(hub)] == []


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """A C file of the tests as a library to be preloaded."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    folder = tmp_path_factory.mktemp("preloaded")

    def build(source: Path) -> Path:
        if compiler is None:
            pytest.skip("no C compiler")
        library = folder / source.with_suffix(".so").name
        if not library.exists():
            subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        return library

    return build


@pytest.fixture
def switch(compiled: Callable[[Path], Path], tmp_path: Path) -> Callable[[str, str], "Switch"]:
    """A preloaded library that reads, at each call, what it shall do from a file."""
    return lambda source, variable: Switch(compiled(HERE / source), variable, tmp_path / variable)


class Switch:
    """`environment` is for the hub; call it with what happens from now on."""

    def __init__(self, library: Path, variable: str, path: Path) -> None:
        self.environment = {"LD_PRELOAD": str(library), variable: str(path)}
        self._path = path
        self("")

    def __call__(self, what: str) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(what)
        new.replace(self._path)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[DemoHub]:
    """A demo shop as a process of its own."""
    running = DemoHub(tmp_path)
    await running.start()
    yield running
    if running.process is not None:
        await running.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    playwright = pytest.importorskip("playwright.async_api")
    async with playwright.async_playwright() as started:
        opened = await started.chromium.launch(executable_path=CHROMIUM, args=BROWSER)
        yield opened
        await opened.close()
