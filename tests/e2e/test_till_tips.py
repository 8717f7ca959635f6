"""A tip from the slip in a real browser: added to the payment of a sale, by keyboard and on a narrow screen, in doubt."""

from pathlib import Path
from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, tablet
from e2e_till_pay import (
    PRICE,
    QuickHub,
    answered,
    bank,
    charge,
    fits,
    payments,
    scene,
    settled,
    simulate,
    sold,
    speak,
    with_terminal,
)

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]

ADD = {"zh-TW": "加小費", "fi": "Lisää juomaraha"}
TIP = 5


async def open_tip(page: Any, locale: str) -> Any:
    """The dialog of the last sale's payment, by keyboard; its field."""
    await page.keyboard.press("F9")
    await page.locator(".pick").first.click()
    button = page.locator(".sale-payments").get_by_role("button", name=ADD[locale], exact=True)
    await button.wait_for()
    await fits(page)
    await button.focus()
    await page.keyboard.press("Enter")
    field = page.locator("dialog .amount-field")
    await playwright.expect(field).to_be_focused()
    await fits(page)
    return field


async def the_days_report(page: Any) -> None:
    """From the list of sales: two tips, and the terminal's totals agree."""
    await page.locator(".to-payments").click()
    await page.locator(".settlements button.primary").click()
    report = page.locator(".report")
    await playwright.expect(report).to_have_attribute("data-state", "agreed")
    tips = report.locator("tbody tr", has_text="siitä juomarahaa")
    await playwright.expect(tips.locator("td").last).to_contain_text(str(2 * TIP))
    await fits(page)


async def test_a_tip_from_the_slip(tmp_path: Path, browser: Any) -> None:
    hub = QuickHub(tmp_path)
    with_terminal(hub, "nccc", "reply_s = 30")
    with hub.config.open("a", encoding="utf-8") as config:
        config.write("\n[payments]\ntips = true\n")
    await hub.start()
    expect = playwright.expect
    try:
        page = await tablet(browser, "zh-TW", hub.url, width=360)
        await charge(page)
        (sale,) = await sold(page)
        field = await open_tip(page, "zh-TW")
        await field.fill(str(PRICE + 1))
        await expect(page.locator("#tip-fault")).not_to_be_empty()
        await expect(page.locator("dialog button.primary")).to_be_disabled()
        await field.fill(str(TIP))
        await page.keyboard.press("Enter")
        await settled(
            page, f"payments[0]?.kind === 'tip' && payments[0].amount === {TIP} && payments[0].outcome === 'approved'"
        )
        await page.locator(".to-payments").wait_for()
        await page.locator(".pick").first.click()
        tips = page.locator(".sale-payments li", has_text="小費已加入")
        await expect(tips.locator("b")).to_have_text(f"+${TIP}")
        await expect(page.locator(".sale-payments").get_by_role("button", name=ADD["zh-TW"])).to_have_count(0)
        await fits(page)
        assert (await bank(page))["net"] == PRICE + TIP

        await page.keyboard.press("F2")
        await charge(page)
        await sold(page)
        await speak(page, "fi")
        await page.locator(".empty-title").wait_for()
        field = await open_tip(page, "fi")
        await field.fill(str(TIP))
        for fault in ("lost_reply", "slow_host"):
            await simulate(page, fault, on=True)
        await page.keyboard.press("Enter")
        asking = await scene(page, "asking")
        await expect(asking.locator("[role=status]")).to_contain_text("Vielä ei tiedetä, lisättiinkö juomaraha.")
        await fits(page)
        await answered(page)
        await asking.locator(".row button").first.click()
        await settled(page, "payments[0].kind === 'tip' && payments[0].state === 'recovered_approved'")
        assert (await bank(page))["net"] == 2 * (PRICE + TIP)
        (paid,) = [one for one in await payments(page, f"?sale={sale['id']}") if one["kind"] == "sale"]
        assert (paid["amount"], sale["total"]) == (PRICE, PRICE)

        await the_days_report(page)
    finally:
        await hub.stop()
