"""Fixtures of the tests that start the real daemon."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from e2e_browser import BROWSER, CHROMIUM, FAKE_CAMERA, STEP_MS
from e2e_browser import Hub as DemoHub
from e2e_hub import Hub, tracebacks
from e2e_till_pay import QuickHub

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


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[DemoHub]:
    """A demo shop as a process of its own."""
    running = DemoHub(tmp_path)
    await running.start()
    yield running
    if running.process is not None:
        await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def quick(tmp_path: Path) -> AsyncIterator[QuickHub]:
    """A demo shop whose waits are shorter (`e2e_quick_shop`)."""
    running = QuickHub(tmp_path)
    await running.start()
    yield running
    if running.process is not None:
        await running.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Any]:
    """What starts browsers: one process for all tests."""
    playwright = pytest.importorskip("playwright.async_api")
    playwright.expect.set_options(timeout=STEP_MS)
    async with playwright.async_playwright() as started:
        yield started.chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(chromium: Any) -> AsyncIterator[Any]:
    """A browser for all tests, with a simulated camera."""
    running = await chromium.launch(executable_path=CHROMIUM, args=[*BROWSER, *FAKE_CAMERA])
    yield running
    await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(opened: Any) -> AsyncIterator[Any]:
    """A browser in which no other test has a tablet."""
    yield opened
    for context in list(opened.contexts):
        await context.close()
