"""The till in a real browser against the real daemon: a day's work, lost answers, and a killed hub."""

import asyncio
import json
import re
import signal
from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, STEP_MS, TOO_SMALL, TOO_WIDE, Hub, call, tablet, tablets, until
from e2e_forms import only_long

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]

SOY_S, SOY_M = "9521234000013", "9521234000020"  # 25 and 35 dollars in the demo's catalogue
EMPTY = {"zh-TW": "掃描商品即可開始", "en": "Scan something to begin"}
PAIR_ANOTHER = {"zh-TW": "配對另一台平板", "en": "Pair another tablet"}
AWAY = {"zh-TW": "購物籃已安全保存", "en": "Your basket is safe"}

SHELL_IS_KEPT = """async () => {
  const cache = await caches.open('till-shell-1');
  const made = performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.includes('/till/'));
  const kept = await Promise.all(made.map((name) => cache.match(name)));
  return kept.length > 30 && kept.every(Boolean);
}"""


async def scan(page: Any, code: str) -> None:
    """What a person does at the simulated scanner of till 1."""
    await call(page, "POST", "/v1/devices/scanner-1/simulator/actions", {"action": "scan", "value": code})


async def expect_count(page: Any, line: int, count: str) -> None:
    await playwright.expect(page.locator(".line .count").nth(line)).to_have_text(count, timeout=STEP_MS)


async def pay_with_next_note(page: Any) -> None:
    await page.keyboard.press("F8")
    await page.locator(".quick button").nth(1).click()
    await page.locator(".change h1").wait_for()


@pytest.mark.parametrize("locale", ["zh-TW", "en"])
async def test_a_sale_from_scan_to_receipt(hub: Hub, browser: Any, locale: str) -> None:
    page = await tablet(browser, locale, hub.url)
    expect = playwright.expect
    await expect(page.locator(".basket .empty-title")).to_have_text(EMPTY[locale])
    await scan(page, SOY_S)
    await expect_count(page, 0, "1")
    await scan(page, SOY_S)
    await expect_count(page, 0, "2")
    await expect(page.locator(".total strong")).to_have_text(re.compile("50$"))

    await pay_with_next_note(page)  # 100 for 50
    await expect(page.locator(".change h1")).to_have_text(re.compile("50$"))
    receipt = page.locator(".receipt img")
    await receipt.wait_for()
    assert await receipt.evaluate("(image) => image.decode().then(() => image.naturalWidth)") >= 384
    assert "50" in await receipt.get_attribute("alt")
    await expect(page.locator(".banner")).to_have_count(0)

    sales = (await call(page, "GET", "/v1/sales?limit=10"))["sales"]
    assert [(sale["total"], sale["change"]) for sale in sales] == [(50, 50)]
    await until(
        page,
        """async () => {
          const token = JSON.parse(localStorage.getItem('edge-hub.till.client')).token;
          const answer = await fetch('/v1/jobs', { headers: { Authorization: `Bearer ${token}` } });
          const { jobs } = await answer.json();
          return jobs.length === 2 && jobs.every((job) => job.state === 'done');
        }""",
    )
    assert (await call(page, "GET", "/v1/devices/receipt-1"))["drawer"] == "open"
    product = (await call(page, "GET", f"/v1/products/by-barcode/{SOY_S}"))["product"]
    assert product["on_hand_milli"] == 80_000 - 2_000
    exported = [json.loads(line) for line in (await hub.command("journal", "export")).splitlines()]
    (event,) = [one for one in exported if one["type"] == "sale.completed"]
    assert event["body"]["sale"]["id"] == sales[0]["id"]
    assert event["body"]["sale"]["total"]["minor"] == 50


async def test_a_basket_parked_here_is_resumed_there(hub: Hub, browser: Any) -> None:
    one = await tablet(browser, "en", hub.url)
    expect = playwright.expect
    for code in (SOY_S, SOY_M):  # as a keyboard wedge types it
        await one.keyboard.type(code)
        await one.keyboard.press("Enter")
    await expect(one.locator(".line")).to_have_count(2)
    assert await one.locator(".search input").input_value() == ""
    await one.keyboard.press("F4")
    await one.locator("dialog input").fill("Red coat")
    await one.keyboard.press("Enter")
    await expect(one.locator(".basket .empty-title")).to_be_visible()

    await one.locator(".tab").nth(3).click()
    await one.get_by_role("button", name=PAIR_ANOTHER["en"]).click()
    token = await one.locator(".code-shown").inner_text()
    await one.keyboard.press("Escape")
    two = await tablet(
        browser, "en", f"http://127.0.0.1:{hub.port}/till/#pair={token}", who="Mika", pin="3690", width=360
    )
    await two.keyboard.press("F7")
    await two.locator("dialog .pick", has_text="Red coat").click()
    await expect(two.locator(".line")).to_have_count(2)

    await one.locator(".tab").first.click()
    await one.keyboard.press("F7")  # open on the other tablet: followed here too
    await one.locator("dialog .pick").click()
    await two.locator(".line .stepper button").nth(1).click()
    await expect_count(one, 0, "2")
    await one.locator(".line .stepper button").nth(1).click()
    await expect_count(two, 0, "3")

    async def three_more(page: Any) -> None:
        for _ in range(3):
            await page.locator(".line .stepper button").nth(1).click()

    await asyncio.gather(three_more(one), three_more(two))  # each meets the other's changes, and none is lost
    await expect_count(one, 0, "9")
    await expect_count(two, 0, "9")


async def test_a_scan_goes_to_one_of_two_tablets(hub: Hub, browser: Any) -> None:
    one = await tablet(browser, "en", hub.url)
    window = await call(one, "POST", "/v1/pairing/window", {"minutes": 5})
    two = await tablet(browser, "en", window["url"], who="Mika", pin="3690")
    for code in (SOY_S, SOY_M, SOY_S):
        await scan(one, code)
    holder = one if (await call(one, "GET", "/v1/clients/me"))["client_id"] == await scanner_of(one) else two
    await expect_count(holder, 0, "2")
    await playwright.expect(holder.locator(".line")).to_have_count(2)
    baskets = (await call(one, "GET", "/v1/baskets?state=open"))["baskets"]
    assert sum(line["quantity_milli"] for basket in baskets for line in basket["lines"]) == 3000


async def scanner_of(page: Any) -> str:
    """The client that holds the scanner of till 1, once one does."""
    holder: str = await until(
        page,
        """async () => {
          const token = JSON.parse(localStorage.getItem('edge-hub.till.client')).token;
          const answer = await fetch('/v1/devices/scanner-1', { headers: { Authorization: `Bearer ${token}` } });
          return (await answer.json()).claimed_by;
        }""",
    )
    return holder


async def test_lost_answers_double_nothing(hub: Hub, browser: Any) -> None:
    """Each first request arrives and its answer is lost: the same key is sent again, and answers the same."""
    page = await tablet(browser, "en", hub.url)
    lost: list[str] = []

    async def lose(route: Any) -> None:
        path = re.sub(r".*/", "", route.request.url)
        if route.request.method == "POST" and path not in lost:
            lost.append(path)
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route(re.compile("/v1/baskets"), lose)
    await page.locator(".tile").first.click()
    await expect_count(page, 0, "1")
    await pay_with_next_note(page)
    assert lost == ["baskets", "lines", "tenders"]
    sales = (await call(page, "GET", "/v1/sales?limit=10"))["sales"]
    assert len(sales) == 1
    baskets = (await call(page, "GET", "/v1/baskets?state=open&state=parked"))["baskets"]
    assert baskets == []
    await page.unroute_all(behavior="wait")


async def test_a_payment_cut_off_by_a_reload_is_finished_after_it(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url)
    await page.locator(".tile").first.click()
    await expect_count(page, 0, "1")
    arrived = asyncio.Event()

    async def swallow(route: Any) -> None:
        if not arrived.is_set():
            await route.fetch()
        await route.abort("connectionreset")
        arrived.set()

    await page.route(re.compile("/baskets/.*/tenders$"), swallow)  # not the GET of the ways to pay
    await page.keyboard.press("F8")
    await page.locator(".quick button").nth(1).click()
    await arrived.wait()
    await page.unroute_all(behavior="wait")
    await page.reload()
    await page.locator(".change h1").wait_for()
    sales = (await call(page, "GET", "/v1/sales?limit=10"))["sales"]
    assert len(sales) == 1


@pytest.mark.parametrize("locale", ["zh-TW", only_long("en")])
async def test_a_killed_hub_loses_no_basket(hub: Hub, browser: Any, locale: str) -> None:
    page = await tablet(browser, locale, hub.url)
    expect = playwright.expect
    await scan(page, SOY_S)
    await scan(page, SOY_M)
    await expect(page.locator(".line")).to_have_count(2)
    await until(page, SHELL_IS_KEPT)
    await hub.stop(signal.SIGKILL)
    await expect(page.locator(".banner")).to_contain_text(AWAY[locale], timeout=STEP_MS)
    await expect(page.locator("button.pay")).to_be_disabled()
    await expect(page.locator(".line")).to_have_count(2)
    await page.reload()  # with no hub: the shell and the basket as last seen are kept
    await expect(page.locator(".banner")).to_contain_text(AWAY[locale], timeout=STEP_MS)
    await expect(page.locator(".line")).to_have_count(2)
    await hub.start()
    await expect(page.locator(".banner")).to_have_count(0, timeout=STEP_MS * 2)
    await expect(page.locator(".line")).to_have_count(2)
    await page.reload()
    await expect(page.locator(".line")).to_have_count(2)
    await scan(page, SOY_S)
    await expect_count(page, 0, "2")
    await pay_with_next_note(page)
    await expect(page.locator(".change h1")).to_have_text(re.compile("15$"))  # 100 for 85


async def test_a_revoked_tablet_asks_to_be_paired_again(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url)
    window = await call(page, "POST", "/v1/pairing/window", {"minutes": 5})
    other = await tablet(browser, "en", window["url"], who="Mika", pin="3690")
    lost = (await call(other, "GET", "/v1/clients/me"))["client_id"]
    await page.evaluate(
        """async (lost) => {
          const token = JSON.parse(localStorage.getItem('edge-hub.till.client')).token;
          const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': 'revoke' };
          await fetch(`/v1/clients/${lost}`, { method: 'DELETE', headers });
        }""",
        lost,
    )
    await playwright.expect(other.locator(".gate-card .code")).to_be_visible(timeout=STEP_MS)
    await playwright.expect(page.locator(".search")).to_be_visible()


async def fits(page: Any) -> None:
    assert await page.evaluate(TOO_SMALL) == []
    assert await page.evaluate(TOO_WIDE) == []


async def test_fits_a_phone_and_its_fingers(hub: Hub, browser: Any) -> None:
    for page in (await tablets(browser, hub.url, ("zh-TW", "zh-CN", "fi", "en"), width=360)).values():
        await every_screen_fits(page)


async def every_screen_fits(page: Any) -> None:
    await fits(page)
    await page.locator(".sides button").nth(1).click()
    await page.locator(".tile").first.click()
    await playwright.expect(page.locator(".paybar")).to_be_visible()
    await fits(page)
    await page.locator(".sides button").first.click()
    await page.locator(".line").wait_for()
    await fits(page)
    await page.locator(".line-name").click()
    await page.locator("dialog").wait_for()
    await fits(page)
    await page.keyboard.press("Escape")
    await page.locator("button.pay").click()
    await page.locator(".keypad").wait_for()
    await fits(page)
    await page.locator(".quick button").nth(1).click()
    await page.locator(".receipt img").wait_for()
    await fits(page)
    for tab in (1, 2, 3):
        await page.locator(".tab").nth(tab).click()
        await fits(page)
