"""The demo's scale and label printer at the till: the weight as it changes, goods sold by it, a product's label."""

from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, STEP_MS, Hub, call, tablet, until

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(120)]

BANANAS = "FRS-001"
PER_KG = 45
PRINTED = """async () => {
  const token = JSON.parse(localStorage.getItem('edge-hub.till.client')).token;
  const path = '/v1/jobs?device=labels-1&state=done';
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
  return (await answer.json()).jobs[0];
}"""


async def handle(page: Any, action: str, value: str = "") -> None:
    """Do something to the simulated scale."""
    body = {"action": action, "value": value}
    await call(page, "POST", "/v1/devices/scale-1/simulator/actions", body)


async def open_weighing(page: Any) -> Any:
    await page.locator(".search input").fill(BANANAS)
    await page.locator(".tile", has_text="Bananas").click()
    dialog = page.locator("dialog[open]")
    await dialog.locator(".weight").wait_for()
    return dialog


async def test_goods_are_sold_by_the_weight_that_the_scale_shows(hub: Hub, browser: Any) -> None:
    expect = playwright.expect
    page = await tablet(browser, "en", hub.url)
    dialog = await open_weighing(page)
    shown, state = dialog.locator(".weight output"), dialog.locator(".weight small")
    await expect(state).to_have_text("Nothing lies on the scale")

    await handle(page, "put", "740")
    await expect(shown).to_have_text("0.740 kg")
    await expect(state).not_to_contain_text("Nothing")
    await handle(page, "put", "1250")
    await expect(shown).to_have_text("1.250 kg")

    await dialog.locator("button.primary").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".line", has_text="Bananas")).to_contain_text("1.250 kg")
    (basket,) = (await call(page, "GET", "/v1/baskets?state=open"))["baskets"]
    (line,) = basket["lines"]
    assert (line["quantity_milli"], line["amount"]) == (1250, round(1.25 * PER_KG))


async def test_a_weight_in_motion_is_awaited_and_an_empty_scale_is_refused_in_words(hub: Hub, browser: Any) -> None:
    expect = playwright.expect
    page = await tablet(browser, "en", hub.url)
    dialog = await open_weighing(page)
    await dialog.locator("button.primary").click()
    await expect(page.locator(".toast.bad")).to_be_visible(timeout=STEP_MS)
    await expect(dialog).to_be_visible()
    assert (await call(page, "GET", "/v1/baskets?state=open"))["baskets"] == []

    await handle(page, "put", "300")
    await handle(page, "shake", "6")
    await expect(dialog.locator(".weight output")).to_have_text("0.300 kg")
    await dialog.locator("button.primary").click()
    await expect(page.locator(".line", has_text="Bananas")).to_contain_text("0.300 kg")
    (basket,) = (await call(page, "GET", "/v1/baskets?state=open"))["baskets"]
    assert [line["quantity_milli"] for line in basket["lines"]] == [300]


async def test_a_till_without_a_scale_types_the_weight(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url)
    dialog = await open_weighing(page)
    await dialog.get_by_role("button", name="Type the weight").click()
    await dialog.locator(".amount-field").fill("0.5")
    await dialog.locator("button.primary").click()
    await playwright.expect(page.locator(".line", has_text="Bananas")).to_contain_text("0.500 kg")


async def test_a_line_of_the_basket_has_a_label_to_print(hub: Hub, browser: Any) -> None:
    expect = playwright.expect
    page = await tablet(browser, "en", hub.url)
    await page.locator(".search input").fill("9521234000013")
    await page.locator(".search input").press("Enter")
    await page.locator(".line", has_text="Soy milk, S").locator("button").first.click()
    dialog = page.locator("dialog[open]")
    await dialog.get_by_role("button", name="Print a label").click()
    await expect(page.locator(".toast")).to_contain_text("Label printer")
    await dialog.locator("button.primary").click()
    ordered = await until(page, PRINTED)
    assert (ordered["kind"], ordered["title"]) == ("label", "標籤：豆漿（小）")
    seen = await call(page, "GET", "/v1/devices/labels-1/simulator")
    assert seen["state"]["labels"] == [["9521234000013"]]
