"""The till's payments where something else happens meanwhile; the terminals and wallets in the console."""

from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, call, tablet
from e2e_till_pay import (
    PRICE,
    TERMINAL,
    WALLET,
    QuickHub,
    answered,
    ask_terminal,
    bank,
    charge,
    choose,
    fits,
    payments,
    ring_up,
    scene,
    second_tablet_address,
    settled,
    simulate,
    sold,
    speak,
)

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]

GIVEN_BACK = {"fi": "Keskus palauttaa rahat itse.", "zh-CN": "主机正在自动退回款项。"}


async def test_a_basket_given_up_meanwhile_gets_its_money_back(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "fi", quick.url, width=360)
    expect = playwright.expect
    await simulate(page, "slow_host", on=True)
    await charge(page)
    await scene(page, "working")
    await fits(page)
    await page.keyboard.press("Escape")
    await page.locator(".sides button").first.click()
    await fits(page)
    await page.locator(".basket-menu button").last.click()
    await page.locator("dialog button.danger").click()
    await expect(page.locator(".basket .empty-title")).to_be_visible()
    await page.locator(".going button").click()
    await answered(page, next_one_waits=True)
    await expect(await scene(page, "orphan")).to_contain_text(GIVEN_BACK["fi"])
    await fits(page)
    await speak(page, "zh-CN")
    await expect(await scene(page, "orphan")).to_contain_text(GIVEN_BACK["zh-CN"])
    await fits(page)
    await answered(page)
    await scene(page, "reversed")
    await settled(page, "payments.map((one) => one.kind + one.outcome).join() === 'voidapproved,salereversed'")
    await expect(page.locator(".going")).to_have_count(0)
    assert (await bank(page))["net"] == 0
    assert (await call(page, "GET", "/v1/sales?limit=1"))["sales"] == []


async def test_a_terminal_in_use_says_so_and_cash_goes_on(quick: QuickHub, browser: Any) -> None:
    """Two tablets of one till: the other one sees what is in its way, and takes cash meanwhile."""
    page = await tablet(browser, "en", quick.url)
    expect = playwright.expect
    other = await tablet(browser, "en", await second_tablet_address(page), who="Mika", pin="3690")
    await simulate(page, "slow_host", on=True)
    await charge(page, "10")
    await scene(page, "working")
    await ring_up(other)
    await choose(other, "terminal")
    await expect(other.locator(".not-ready")).to_contain_text("busy")
    await expect(other.locator(".charge-form button.primary")).to_be_disabled()
    await choose(other, "cash")
    await other.locator(".quick button").first.click()
    assert len(await sold(other)) == 1
    await answered(page)
    await expect(page.locator(".paid li")).to_have_count(1)
    await ask_terminal(page)
    assert len(await sold(page)) == 2


async def test_lost_answers_begin_no_second_payment(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url)
    lost = []

    async def lose(route: Any) -> None:
        if not lost:
            lost.append(route.request.url)
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/payments", lose)
    await charge(page)
    assert len(await sold(page)) == 1
    assert len(lost) == 1
    assert [one["amount"] for one in await payments(page)] == [PRICE]
    assert (await bank(page))["asked"] == 1
    await page.unroute_all(behavior="wait")


async def test_terminals_and_wallets_in_the_console(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url.replace("/till/", "/console/"), seen=".console .pick")
    expect = playwright.expect
    await page.locator(f".pick[data-device={TERMINAL}]").click()
    said = page.locator(".sim form", has=page.locator("select"))
    await said.locator("select").select_option("cancel")
    await said.locator("button").click()
    await expect(page.locator("[data-fault=power_cut]")).to_be_visible()
    await page.locator(f".pick[data-device={WALLET}]").click()
    unreachable = page.locator("[data-fault=unreachable]")
    await unreachable.click()
    await expect(unreachable).to_be_checked()
    await page.goto(f"http://127.0.0.1:{quick.port}/till/")
    await page.locator(".search").first.wait_for()
    await charge(page)
    await expect(await scene(page, "declined")).to_contain_text("cancelled at the terminal")
