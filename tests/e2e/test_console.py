"""The console in a real browser: a printer out of paper, a page that nobody knows of, a tablet taken back."""

import re
from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, STEP_MS, TOO_SMALL, TOO_WIDE, Hub, call, tablet

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(90)]

PRINTER = "Receipt printer, till 2"  # it has no fallback: what waits for it waits
OUT_OF_PAPER = "缺紙"


async def console(browser: Any, hub: Hub, locale: str, **more: Any) -> Any:
    return await tablet(browser, locale, hub.url.replace("/till/", "/console/"), seen=".console .pick", **more)


async def simulate(page: Any, fault: str, *, on: bool, device: str = "receipt-2") -> None:
    await call(page, "PUT", f"/v1/devices/{device}/simulator/faults/{fault}", {"on": on})


async def test_a_printer_out_of_paper_prints_once_there_is_paper(hub: Hub, browser: Any) -> None:
    page = await console(browser, hub, "zh-TW")
    expect = playwright.expect
    await page.locator(".pick", has_text=PRINTER).click()
    paper = page.locator(".switch", has=page.locator("input[data-fault=paper_end]")).locator("input")
    await paper.click()
    await expect(paper).to_be_checked(timeout=STEP_MS)
    row = page.locator(".pick", has_text=PRINTER)
    await expect(row).to_contain_text(OUT_OF_PAPER, timeout=STEP_MS)
    await expect(page.locator(".device-head")).to_contain_text(OUT_OF_PAPER)
    await expect(page.locator(".help.bad")).to_be_visible()

    await page.locator(".try button").first.click()
    state = page.locator(".try [role=status]").first
    await expect(state).to_have_class(re.compile("warn"), timeout=STEP_MS)
    jobs = (await call(page, "GET", "/v1/jobs?device=receipt-2"))["jobs"]
    assert [job["state"] for job in jobs] == ["queued"]

    await paper.click()
    await expect(state).to_have_class(re.compile("good"), timeout=STEP_MS)
    await expect(page.locator(".help")).to_have_count(0)
    await page.locator(".shown img").wait_for()
    seen = await call(page, "GET", "/v1/devices/receipt-2/simulator")
    assert seen["state"]["pages"] == 1


async def test_a_page_of_unknown_outcome_is_settled_by_a_person(hub: Hub, browser: Any) -> None:
    page = await console(browser, hub, "en")
    expect = playwright.expect
    slow = {"action": "speed", "value": "4"}
    await call(page, "POST", "/v1/devices/receipt-2/simulator/actions", slow)
    await call(page, "POST", "/v1/devices/receipt-2/test")
    await page.locator(".tab").nth(1).click()
    entry = page.locator(".entry").first
    await expect(entry).to_have_attribute("data-state", "sending", timeout=STEP_MS)
    await simulate(page, "reset", on=True)
    await expect(entry).to_have_attribute("data-state", "unknown", timeout=STEP_MS)
    await expect(page.locator(".tab").nth(1).locator(".badge")).to_have_text("1")
    await expect(entry.locator(".meanings dd")).to_have_count(3)

    await call(page, "POST", "/v1/devices/receipt-2/simulator/actions", {"action": "speed", "value": "1000"})
    await entry.get_by_role("button", name="Print again").click()
    await expect(page.locator(".entry")).to_have_count(2)
    await expect(entry).to_have_attribute("data-state", "done", timeout=STEP_MS)
    await expect(entry).to_contain_text("possible duplicate")
    await expect(page.locator(".entry").nth(1)).to_have_attribute("data-state", "cancelled")
    await expect(page.locator(".tab .badge")).to_have_count(0)

    await page.locator(".tab").nth(2).click()
    await expect(page.locator(".log li.warn", has_text="unknown outcome")).to_be_visible(timeout=STEP_MS)


async def test_a_scan_is_rung_up_nowhere_and_a_tablet_is_taken_back(hub: Hub, browser: Any) -> None:
    page = await console(browser, hub, "en")
    await page.locator(".pick", has_text="Scanner, till 1").click()
    await page.get_by_role("button", name="Wait for a scan").click()
    await playwright.expect(page.locator(".facts")).to_contain_text("This tablet", timeout=STEP_MS)  # it is held
    await page.locator(".sim input[type=text], .sim form input").first.fill("9521234000013")
    await page.locator(".sim form button").first.click()
    await playwright.expect(page.locator(".scans")).to_contain_text("9521234000013", timeout=STEP_MS)
    await page.get_by_role("button", name="Stop waiting").click()
    await playwright.expect(page.locator(".facts")).not_to_contain_text("This tablet", timeout=STEP_MS)
    assert (await call(page, "GET", "/v1/baskets?state=open"))["baskets"] == []

    window = await call(page, "POST", "/v1/pairing/window", {"minutes": 5})
    clerk = await tablet(
        browser, "en", window["url"].replace("/till/", "/console/"), who="Mika", pin="3690", seen=".gate-card a.button"
    )
    await page.locator(".tab").nth(3).click()
    await page.locator(".entry", has_text="Tablet of Mika").get_by_role("button").click()
    await page.locator("dialog .danger").click()
    await playwright.expect(clerk.locator(".gate-card .code")).to_be_visible(timeout=STEP_MS)
    await playwright.expect(page.locator(".entry", has_text="Tablet of Mika")).to_have_count(0, timeout=STEP_MS)
    await playwright.expect(page.locator(".entry", has_text="Tablet of Aino")).to_be_visible()


async def test_fits_a_phone_and_its_fingers(hub: Hub, browser: Any) -> None:
    page = await console(browser, hub, "fi", width=360)

    async def fits() -> None:
        assert await page.evaluate(TOO_SMALL.replace(".tiny", ".tiny, .switch input")) == []
        assert await page.evaluate(TOO_WIDE) == []

    await fits()
    for name in ("receipt-1", "scanner-1", "display-1"):
        await page.evaluate("(name) => document.querySelector(`.pick[data-device='${name}']`).click()", name)
        await page.locator(".device-head").wait_for()
        await fits()
        await page.locator(".narrow-only button").click()
    for tab in (1, 2, 3):
        await page.locator(".tab").nth(tab).click()
        await fits()
