"""A demo shop as a process of its own, and tablets in a real browser."""

import asyncio
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = "import sys; from pathlib import Path; from edge_hub.config import load; from edge_hub.daemon import run; run(load(Path(sys.argv[1])))"
START_S = 40
STEP_MS = 30_000
"""For one step, on a machine that does other things as well: only a failure takes so long."""
CHROMIUM = shutil.which("chromium")
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
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
IN_CHROMIUM = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),  # the loop of the browser, which starts once
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]
"""Marks of a test with a tablet."""
TOO_SMALL = """() => [...document.querySelectorAll('button, input, select')]
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([element, box]) => box.width > 0 && !element.matches('.tiny, .choice input'))
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([element, box]) => `${element.className} ${element.textContent} ${box.width}x${box.height}`)"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter((element) => !element.closest('.chips, .unseen, .strip, option') && element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => `${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`)"""


async def until(page: Any, script: str) -> Any:
    """The first value of an async JavaScript function that counts as true: Playwright's own wait does not await it."""
    loop = f"""async () => {{
      const ask = {script};
      for (;;) {{
        const value = await ask();
        if (value) return value;
        await new Promise((again) => setTimeout(again, 50));
      }}
    }}"""
    async with asyncio.timeout(STEP_MS / 1000):
        return await page.evaluate(loop)


class Hub:
    """A demo shop in a process of its own, on a port that stays the same when it starts again."""

    program: tuple[str, ...] = ("-c", RUN)

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.config = folder / "hub.toml"
        text = (ROOT / "config" / "demo.toml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^port = .*$", f"port = {self.port}", text)
        text = re.sub(r"(?m)^tls_port = .*$", "tls_port = 0\nmdns = false", text)
        text = text.replace('"../var/demo', f'"{folder}/var')
        self.config.write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "config" / "demo-catalogue.csv", folder)
        self.process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.program,
            self.config,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            while True:
                line = (await self.process.stdout.readline()).decode()
                assert line, "the hub ended before it was ready"
                if found := re.search(r"http://\S+#pair=\S+", line):
                    self.url = found[0]
                    return

    async def command(self, *words: str) -> str:
        """What `edge-hub WORDS` prints for this shop."""
        command = [sys.executable, "-m", "edge_hub.cli", *words, "--config", str(self.config)]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return printed.decode()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        await self.process.communicate()
        self.process = None


async def tablet(
    browser: Any,
    locale: str,
    url: str,
    *,
    who: str = "Aino",
    pin: str = "2580",
    width: int = 1280,
    seen: str = ".search",
) -> Any:
    """A paired tablet with somebody signed in, once `seen` is there."""
    context = await browser.new_context(locale=locale, viewport={"width": width, "height": 800}, color_scheme="light")
    context.set_default_timeout(STEP_MS)
    page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    await page.goto(url)
    await page.locator(".gate-card input").nth(1).fill(f"Tablet of {who}")
    await page.locator(".gate-card button.primary").click()
    await page.locator(".person", has_text=who).click()
    await page.locator(".pin-field").fill(pin)
    await page.locator(".pin button.primary").click()
    await page.locator(seen).first.wait_for()
    return page


async def call(page: Any, method: str, path: str, body: Any = None) -> Any:
    """The API, as the page's own client."""
    return await page.evaluate(
        """async ([method, path, body]) => {
          const token = JSON.parse(localStorage.getItem('edge-hub.till.client')).token;
          const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
          if (method !== 'GET') headers['Idempotency-Key'] = String(Math.random());
          const answer = await fetch(path, { method, headers, body: body === null ? undefined : JSON.stringify(body) });
          return answer.json();
        }""",
        [method, path, body],
    )


async def tablets(browser: Any, url: str, locales: Iterable[str], *, width: int = 1280) -> dict[str, Any]:
    """One tablet per language at one hub, all of the same person."""
    found: dict[str, Any] = {}
    for locale in locales:
        page = await tablet(browser, locale, url, width=width)
        found[locale] = page
        url = (await call(page, "POST", "/v1/pairing/window", {"minutes": 5}))["url"]
    return found
