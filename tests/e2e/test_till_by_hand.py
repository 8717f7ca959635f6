"""A terminal without refunds for the till, in a real browser: made on the terminal and confirmed, or voided before."""

from pathlib import Path
from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, tablet
from e2e_till_pay import PRICE, QuickHub, bank, charge, fits, payments, scene, settled, sold, with_terminal

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]


async def to_the_sale(page: Any, button: str) -> None:
    """From the sale's end to how it was paid, and there that button, by keyboard."""
    await page.keyboard.press("F9")
    await page.locator(".pick").first.click()
    found = page.locator(".sale-payments").get_by_role("button", name=button, exact=True)
    await found.wait_for()
    await fits(page)
    await found.focus()
    await page.keyboard.press("Enter")


async def test_refunded_by_hand_or_voided(tmp_path: Path, browser: Any) -> None:
    hub = QuickHub(tmp_path)
    with_terminal(hub, "taishin")
    await hub.start()
    expect = playwright.expect
    try:
        page = await tablet(browser, "zh-TW", hub.url, width=360)
        await charge(page)
        (first,) = await sold(page)
        await to_the_sale(page, "退款")
        await expect(page.locator("dialog")).to_contain_text("請在刷卡機上退款")
        await page.locator("dialog .amount-field").fill("10")
        await fits(page)
        await page.keyboard.press("Enter")
        by_hand = await scene(page, "standalone")
        await fits(page)
        await expect(by_hand.locator("input").first).to_be_focused()
        await by_hand.locator("input").first.fill("000077")
        await page.keyboard.press("Enter")
        await by_hand.wait_for(state="detached")
        refund, sale = await payments(page, f"?sale={first['id']}")
        assert (refund["kind"], refund["method"], refund["outcome"]) == ("refund", "standalone", "approved")
        assert (refund["original_id"], refund["evidence"]["slip"]) == (sale["id"], "000077")
        assert (await bank(page))["net"] == PRICE

        await page.keyboard.press("F2")
        await charge(page)
        await sold(page)
        await to_the_sale(page, "取消交易")
        await page.locator("dialog button.danger").click()
        await settled(page, "payments[0].kind === 'void' && payments[0].outcome === 'approved'")
        assert (await bank(page))["net"] == PRICE
    finally:
        await hub.stop()
