"""A restart from the console, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e_browser import IN_CHROMIUM, STEP_MS, tablet
from e2e_hub import Hub, tracebacks

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]

KEY = {"Idempotency-Key": "restart-window"}


@pytest_asyncio.fixture(loop_scope="session")
async def shop(tmp_path: Path) -> AsyncIterator[Hub]:
    """A shop without devices, whose log is read."""
    running = Hub(tmp_path / "shop")
    await running.start()
    yield running
    await running.close()
    assert tracebacks(running) == []


async def test_the_console_asks_before_it_restarts_the_hub_and_shows_the_report(shop: Hub, browser: Any) -> None:
    expect = playwright.expect
    async with shop.console() as console, console.post("/v1/pairing/window", json={}, headers=KEY) as answer:
        url = (await answer.json())["url"]
    page = await tablet(browser, "en", url.replace("/till/", "/console/"), seen=".console .tab")
    await page.locator(".tab").nth(3).click()
    card, first = page.locator(".drill"), len(shop.lines)
    await card.get_by_role("button", name="Restart the hub").click()
    await expect(page.locator("dialog")).to_contain_text("This is real")
    await page.locator("dialog .danger").click()
    await shop.logged(lambda line: line["event"] == "ready", first)
    await expect(card.locator(".mark")).to_contain_text("nothing was lost", timeout=2 * STEP_MS)
    await expect(card.locator("dl")).to_contain_text("Tablets back1 / 1")
    await expect(page.locator(".tab").nth(3)).to_be_visible()
