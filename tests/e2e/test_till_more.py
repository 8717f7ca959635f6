"""The till where a store has more: a drawer left open, a kitchen, receipts by e-mail."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from e2e_browser import IN_CHROMIUM, STEP_MS, TOO_SMALL, TOO_WIDE, Hub, call, tablet, tablets

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(120)]

ALARM_S = 1
SOY_S = "9521234000013"
MORE = """
[[devices]]
id = "kitchen-1"
driver = "escpos"
url = "sim://kitchen-1"

[[routes]]
id = "kitchen"
name = "Kitchen"
printers = ["kitchen-1"]
categories = ["Drinks"]

[email]
host = "127.0.0.1"
port = 9
tls = "none"
sender = "shop@example.com"
"""
LEFT_OPEN = {
    "en": "The drawer has been open since",
    "fi": "Kassalaatikko on ollut auki",
    "zh-TW": "一直開著，請關上",
    "zh-CN": "一直开着，请关上",
}


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """The demo shop with a kitchen, a mail server that is away and little patience with drawers."""
    running = Hub(tmp_path)
    text = running.config.read_text(encoding="utf-8")
    text = text.replace('timezone = "Asia/Taipei"\n', f'timezone = "Asia/Taipei"\ndrawer_alarm_s = {ALARM_S}\n')
    running.config.write_text(text + MORE, encoding="utf-8")
    await running.start()
    yield running
    if running.process is not None:
        await running.stop()


async def fits(page: Any) -> None:
    assert await page.evaluate(TOO_SMALL) == []
    assert await page.evaluate(TOO_WIDE) == []


async def test_a_drawer_left_open_is_told_of_until_it_is_shut(hub: Hub, browser: Any) -> None:
    all_of_them = await tablets(browser, hub.url, LEFT_OPEN, width=360)
    page = all_of_them["en"]
    expect = playwright.expect
    alarm = page.locator(".alarm")
    await expect(alarm).to_have_count(0)
    for device in ("receipt-2", "receipt-1"):
        await call(page, "POST", f"/v1/devices/{device}/open-drawer", {"reason": "change"})
    for locale, one in all_of_them.items():
        await expect(one.locator(".alarm")).to_contain_text(LEFT_OPEN[locale], timeout=STEP_MS)
        await expect(one.locator(".alarm")).to_have_attribute("role", "alert")
        await fits(one)
    seen = await call(page, "GET", "/v1/devices/receipt-1")
    assert (seen["drawer"], seen["drawer_alarm"]) == ("open", True)

    await alarm.locator("button").click()
    await expect(alarm).to_have_count(0, timeout=STEP_MS)
    seen = await call(page, "GET", "/v1/devices/receipt-1")
    assert (seen["drawer"], seen["drawer_alarm"], seen["drawer_open_since_ms"]) == ("closed", False, None)
    await page.goto(f"http://127.0.0.1:{hub.port}/console/")
    await expect(page.locator(".pick .condition.bad")).to_have_count(1, timeout=STEP_MS)  # of the other till
    await page.locator(".pick", has=page.locator(".condition.bad")).click()
    await expect(page.locator(".help.bad")).to_be_visible()

    exported = [json.loads(line) for line in (await hub.command("journal", "export")).splitlines()]
    left_open = [one["body"] for one in exported if one["type"] == "drawer.left_open"]
    assert sorted(left_open, key=lambda body: body["till"]) == [
        {"till": "till-1", "device": "receipt-1", "seconds": ALARM_S},
        {"till": "till-2", "device": "receipt-2", "seconds": ALARM_S},
    ]


async def test_the_kitchen_hears_what_is_new(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url, width=360)
    expect = playwright.expect
    send, toast = page.locator("button.send"), page.locator(".toast")
    await expect(send).to_have_count(0)  # nothing to send
    await page.keyboard.type(SOY_S)  # as a keyboard wedge does
    await page.keyboard.press("Enter")
    await expect(page.locator(".paybar")).to_be_visible()
    await page.locator(".sides button").first.click()
    await expect(send).to_have_attribute("aria-label", "Send what is new to: Kitchen")
    await fits(page)
    await page.locator(".basket-menu button").nth(1).focus()
    await page.keyboard.press("Tab")
    await expect(send).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(toast).to_have_text("Sent: Kitchen", timeout=STEP_MS)
    await send.click()
    await expect(toast.filter(has_text="nothing new")).to_be_visible(timeout=STEP_MS)
    await page.locator(".line .stepper button").nth(1).click()
    await expect(page.locator(".line .count")).to_have_text("2")
    await send.click()
    await expect(toast.filter(has_text="Sent: Kitchen")).to_be_visible(timeout=STEP_MS)
    tickets = (await call(page, "GET", "/v1/tickets"))["tickets"]
    assert [[line["delta_milli"] for line in ticket["lines"]] for ticket in tickets] == [[1000], [1000]]


async def test_a_receipt_by_e_mail(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url, width=360)
    expect = playwright.expect
    await page.locator(".sides button").nth(1).click()
    await page.locator(".tile").first.click()
    await expect(page.locator(".paybar")).to_be_visible()
    await page.keyboard.press("F8")
    await page.locator(".quick button").nth(1).click()
    await page.locator(".receipt img").wait_for()
    mail = page.get_by_role("button", name="E-mail")
    await fits(page)
    await page.locator(".done .row button").nth(1).focus()
    await page.keyboard.press("Tab")
    await expect(mail).to_be_focused()
    await page.keyboard.press("Enter")
    field = page.locator("dialog input")
    await expect(field).to_be_focused()
    await fits(page)
    await field.fill("not an address")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog")).to_be_visible()
    await field.fill("customer@example.com")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog")).to_have_count(0, timeout=STEP_MS)
    await expect(page.locator(".toast")).to_contain_text("e-mail")

    await page.keyboard.press("F9")
    await page.locator(".pick").first.click()
    await page.get_by_role("button", name="E-mail").click()
    await fits(page)
    await field.fill("other@example.com")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog")).to_have_count(0, timeout=STEP_MS)
    mails = (await call(page, "GET", "/v1/mails"))["mails"]
    sale = (await call(page, "GET", "/v1/sales?limit=1"))["sales"][0]["id"]
    assert [one["sale_id"] for one in mails] == [sale, sale]
    kept = await page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert "example.com" not in kept
