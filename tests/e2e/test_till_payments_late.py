"""The till hears how a payment is by its socket and by the answers to its own requests, and either may come first."""

import asyncio
import re
from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, STEP_MS, tablet
from e2e_till_pay import PRICE, QuickHub, act, ask_terminal, choose, ring_up, scene, sold

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(120)]


class SlowAnswers:
    """Answers to POST .../payments are held back until the socket has told that the payment is in `state`."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._told = asyncio.Event()
        self.state = ""
        self.held = 0

    async def begin(self) -> None:
        """On a page that is loaded anew, so that its socket is heard from the beginning."""
        self._page.on("websocket", lambda socket: socket.on("framereceived", self._heard))
        await self._page.reload()
        await self._page.locator(".search").first.wait_for()
        await self._page.route("**/payments", self._hold)

    def _heard(self, text: Any) -> None:
        found = re.search(r'^\{"type":"payment",.*"state":"(\w+)"', str(text))
        if found and found[1] == self.state:
            self._told.set()

    async def _hold(self, route: Any) -> None:
        self._told.clear()
        answer = await route.fetch()
        async with asyncio.timeout(STEP_MS / 1000):
            await self._told.wait()
        self.held += 1
        await route.fulfill(response=answer)


async def test_an_answer_that_comes_after_the_news_of_it(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url)
    slow = SlowAnswers(page)
    await slow.begin()
    slow.state = "manual"
    await ring_up(page)
    await choose(page, "standalone")
    await page.locator(".charge-form button.primary").click()
    told = await scene(page, "standalone")
    await told.get_by_role("button", name="Not paid").click()
    await (await scene(page, "declined")).locator("button.primary").click()

    slow.state = "declined"
    await act(page, "outcome", "decline")
    await ask_terminal(page)
    await (await scene(page, "declined")).locator("button.primary").click()

    slow.state = "approved"
    await act(page, "outcome", "approve")
    await ask_terminal(page)
    (sale,) = await sold(page)
    assert sale["total"] == PRICE
    assert slow.held == 3
    await playwright.expect(page.locator(".going")).to_have_count(0)
