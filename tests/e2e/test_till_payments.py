"""The till takes cards and wallets in a real browser: what the cashier sees, whatever the terminal does."""

import re
from pathlib import Path
from typing import Any

import pytest
from e2e_browser import IN_CHROMIUM, STEP_MS, Hub, call, tablet
from e2e_till_pay import (
    PRICE,
    SOY_S,
    WALLET,
    QuickHub,
    act,
    answered,
    ask_terminal,
    bank,
    charge,
    choose,
    fits,
    payments,
    picture,
    ring_up,
    scene,
    second_tablet_address,
    settled,
    simulate,
    sold,
    speak,
    with_terminal,
)

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]

BOTH = pytest.mark.parametrize("locale", ["en", "zh-TW"])
INSERT = {"en": "Insert or tap the card", "zh-TW": "請插卡或感應"}
BANK_SAID_NO = {"en": "The bank said no.", "zh-TW": "銀行未核准。"}
NOT_KNOWN = {"en": "We do not know yet whether the customer was charged.", "zh-TW": "還不確定顧客是否已被扣款。"}
NOT_AGAIN = {"en": "Do not charge again.", "zh-TW": "請勿再次收款。"}


@BOTH
async def test_a_card_sale(quick: QuickHub, browser: Any, locale: str) -> None:
    page = await tablet(browser, locale, quick.url)
    await simulate(page, "slow_host", on=True)
    await charge(page)
    live = page.locator(".live[role=status]")
    await playwright.expect(live).to_contain_text(INSERT[locale])
    await fits(page)
    await answered(page)
    (sale,) = await sold(page)
    assert (sale["total"], sale["change"]) == (PRICE, 0)
    receipt = page.locator(".receipt img")
    await receipt.wait_for()
    assert "431195******1231" in await receipt.get_attribute("alt")
    assert (await bank(page))["net"] == PRICE
    (paid,) = await payments(page, f"?sale={sale['id']}")
    assert (paid["state"], paid["amount"]) == ("approved", PRICE)
    await page.keyboard.press("F2")
    await playwright.expect(page.locator(".basket .empty-title")).to_be_visible(timeout=STEP_MS)


@BOTH
async def test_declined_then_paid_by_two_cards_and_cash(quick: QuickHub, browser: Any, locale: str) -> None:
    page = await tablet(browser, locale, quick.url)
    expect = playwright.expect
    await act(page, "outcome", "decline")
    await charge(page)
    refused = await scene(page, "declined")
    await expect(refused.locator("[role=alert]")).to_contain_text(BANK_SAID_NO[locale])
    await expect(refused.locator("button.primary")).to_be_focused()
    await fits(page)
    await act(page, "outcome", "approve")
    await page.keyboard.press("Enter")
    for number, left in enumerate((PRICE - 10, PRICE - 20), start=1):
        await ask_terminal(page, "10")
        await expect(page.locator(".paid li")).to_have_count(number)
        await expect(page.locator(".due h1")).to_have_text(re.compile(f"{left}$"))
    await choose(page, "cash")
    await page.locator(".quick button").first.click()
    (sale,) = await sold(page)
    tenders = (await call(page, "GET", f"/v1/sales/{sale['id']}"))["tenders"]
    assert [(one["type"], one["amount"]) for one in tenders] == [("card", 10), ("card", 10), ("cash", 5)]


async def test_the_red_key_is_an_answer_and_too_much_is_refused(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url)
    expect = playwright.expect
    await act(page, "outcome", "cancel")
    await ring_up(page)
    await choose(page, "terminal")
    await page.locator(".amount-field").fill(str(PRICE + 1))
    await expect(page.locator("#charge-fault")).to_have_text(re.compile("At most"))
    await expect(page.locator(".charge-form button.primary")).to_be_disabled()
    await page.locator(".amount-field").fill("")
    await simulate(page, "slow_host", on=True)
    await page.locator(".charge-form button.primary").click()
    await expect(page.locator(".note")).to_contain_text("red key")  # this terminal cannot be asked to stop
    await answered(page)
    refused = await scene(page, "declined")
    await expect(refused).to_contain_text("cancelled")


async def test_stop_asks_the_terminal(tmp_path: Path, browser: Any) -> None:
    """A ZVT terminal can be asked: what happened is what it says then."""
    hub = QuickHub(tmp_path)
    with_terminal(hub, "zvt")
    text = hub.config.read_text(encoding="utf-8")
    hub.config.write_text(text.replace('currency = "TWD"', 'currency = "EUR"'), encoding="utf-8")
    await hub.start()
    try:
        page = await tablet(browser, "en", hub.url)
        await simulate(page, "slow_host", on=True)
        await charge(page)
        stop = page.get_by_role("button", name="Stop", exact=True)
        await stop.click()
        # while it is asked: that it may be too late; as soon as it has said so: that nothing was charged
        await playwright.expect(page.locator(".note")).to_contain_text(re.compile("too late|Nothing was charged"))
        await scene(page, "declined")
        assert (await bank(page))["net"] == 0
    finally:
        await hub.stop()


async def test_unknown_then_recovered(tmp_path: Path, browser: Any) -> None:
    """The reply is lost; until the terminal can be asked the till waits calmly, also over a reload."""
    hub = QuickHub(tmp_path)
    with_terminal(hub, "nccc", "reply_s = 30")
    await hub.start()
    try:
        page = await tablet(browser, "en", hub.url, width=360)
        for fault in ("lost_reply", "slow_host"):  # nor does it answer questions while it waits for its host
            await simulate(page, fault, on=True)
        await charge(page)
        asking = await scene(page, "asking")
        await in_doubt(page, "en")
        await playwright.expect(page.locator(".unseen[aria-live]")).to_contain_text(NOT_AGAIN["en"])
        await playwright.expect(asking.locator("h1")).to_be_focused()
        await speak(page, "zh-TW")
        await scene(page, "asking")
        await in_doubt(page, "zh-TW")
        await answered(page)
        await page.locator("[data-scene=asking] .row button").first.click()  # ask again now
        (sale,) = await sold(page)
        (paid,) = await payments(page, f"?sale={sale['id']}")
        assert paid["state"] == "recovered_approved"
        assert (await bank(page))["net"] == PRICE
    finally:
        await hub.stop()


async def in_doubt(page: Any, locale: str) -> None:
    asking = page.locator("[data-scene=asking]")
    await playwright.expect(asking.locator("[role=status]")).to_contain_text(NOT_KNOWN[locale])
    await playwright.expect(asking).to_contain_text(NOT_AGAIN[locale])
    await fits(page)


async def test_unknown_then_settled_by_hand(quick: QuickHub, browser: Any, tmp_path: Path) -> None:
    """A clerk cannot say it, the next customer is served, and a manager says it with a slip's number and a photo."""
    manager = await tablet(browser, "zh-TW", quick.url)
    expect = playwright.expect
    page = await tablet(browser, "en", await second_tablet_address(manager), who="Mika", pin="3690")
    await simulate(manager, "unlisted_code", on=True)
    await charge(page)
    manual = await scene(page, "manual")
    await fits(page)
    await manual.locator(".row button").first.click()  # there is a slip
    await expect(page.locator("[data-scene=manual] form")).to_have_count(0)
    await page.locator("[data-scene=manual] .row button").last.click()  # serve the next customer
    await expect(page.locator(".going")).to_be_visible()
    await expect(page.locator(".basket .empty-title")).to_be_visible()
    await ring_up(page)
    await choose(page, "terminal")
    await expect(page.locator(".not-ready")).to_be_visible()
    await choose(page, "cash")
    await page.locator(".quick button").first.click()
    await sold(page)

    await expect(manager.locator(".tab").nth(1).locator(".badge")).to_have_text("1")
    await manager.locator(".tab").nth(1).click()
    await manager.locator(".to-payments").click()
    entry = manager.locator("[data-why=manual]")
    await entry.locator(".row button").nth(1).click()  # paid
    await manager.locator("dialog input").first.fill("000042")
    async with manager.expect_file_chooser() as chooser:
        await manager.locator("dialog .photo button").click()
    await (await chooser.value).set_files(picture(tmp_path))
    await expect(manager.locator("dialog .photo button .icon path")).to_have_attribute("d", re.compile("^M5 12.5"))
    await manager.locator("dialog button.primary").click()
    await expect(manager.locator("dialog")).to_have_count(0)
    await expect(entry).to_have_count(0)
    await expect(page.locator(".going")).to_have_count(0)
    sales = (await call(page, "GET", "/v1/sales?limit=20"))["sales"]
    assert [sale["total"] for sale in sales] == [PRICE, PRICE]
    (said,) = [one["evidence"] for one in await payments(page) if one["evidence"]]
    assert said["slip"] == "000042"
    assert len(said["photo_sha256"]) == 64


async def test_a_wallet_by_the_hubs_scanner_and_one_typed(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url)
    expect = playwright.expect
    await ring_up(page)
    await choose(page, "wallet")
    await expect(page.locator(".charge-form button.primary")).to_be_disabled()
    code = (await bank(page, WALLET))["code"]
    await act(page, "scan", code, "scanner-1")
    (sale,) = await sold(page)
    (paid,) = await payments(page, f"?sale={sale['id']}")
    assert (paid["method"], paid["provider"], paid["amount"]) == ("wallet", WALLET, PRICE)
    kept = await page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert code not in kept

    await page.keyboard.press("F2")
    await simulate(page, "user_paying", on=True, device=WALLET)
    await ring_up(page)
    await choose(page, "wallet")
    await page.locator(".code-field input").fill((await bank(page, WALLET))["code"])
    await page.keyboard.press("Enter")
    await page.locator("[data-scene]").wait_for()
    await act(page, "scan", SOY_S, "scanner-1")  # an article now would change what is paid for
    await expect(page.locator(".toast.bad")).to_contain_text("Not added")
    await act(page, "confirm", "", WALLET)
    assert len(await sold(page)) == 2
    assert (await bank(page, WALLET))["net"] == 2 * PRICE


async def test_a_terminal_of_its_own(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url, who="Mika", pin="3690")
    await ring_up(page)
    await choose(page, "standalone")
    await page.locator(".charge-form button.primary").click()
    told = await scene(page, "standalone")
    await playwright.expect(told).to_contain_text("Type $25 at the terminal")
    await told.get_by_role("button", name="Not paid").click()
    await (await scene(page, "declined")).locator("button.primary").click()
    await page.locator(".charge-form button.primary").click()
    told = await scene(page, "standalone")
    await page.reload()
    await (await scene(page, "standalone")).locator("input").fill("000123")
    await page.keyboard.press("Enter")
    (sale,) = await sold(page)
    (paid,) = await payments(page, f"?sale={sale['id']}")
    assert (paid["method"], paid["evidence"]["slip"]) == ("standalone", "000123")


async def test_leaving_the_screen_stops_nothing(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url)
    expect = playwright.expect
    other = await tablet(browser, "en", await second_tablet_address(page), who="Mika", pin="3690")
    await simulate(page, "slow_host", on=True)
    await charge(page)
    await scene(page, "working")
    await page.keyboard.press("Escape")
    strip = page.locator(".going button")
    await expect(strip).to_contain_text("Insert or tap the card")
    await expect(other.locator(".going button")).to_be_visible()  # of the same till
    await page.reload()
    await expect(strip).to_be_visible(timeout=STEP_MS)
    await strip.click()
    await scene(page, "working")
    await answered(page)
    assert len(await sold(page)) == 1
    await expect(other.locator(".going")).to_have_count(0)


async def test_void_in_the_basket_and_refund_of_a_sale(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "zh-TW", quick.url, width=360)
    expect = playwright.expect
    await charge(page, "10")
    await page.locator(".paid button").click()
    await fits(page)
    await expect(page.locator("#with-card")).to_have_count(0)  # this terminal voids by itself
    await page.locator("dialog button.danger").click()
    await expect(page.locator(".paid li")).to_have_count(0)
    await expect(page.locator(".due h1")).to_have_text(re.compile(f"{PRICE}$"))
    assert (await bank(page))["net"] == 0
    await ask_terminal(page)
    (sale,) = await sold(page)

    await page.keyboard.press("F9")
    await page.locator(".pick").first.click()
    for given, left in ((10, PRICE - 10), (PRICE - 10, 0)):
        await page.locator(".sale-payments li button").first.click()
        await expect(page.locator("#with-card")).to_contain_text("需要顧客在刷卡機上出示原來的卡片")
        await page.locator("dialog .amount-field").fill(str(given))
        await fits(page)
        await simulate(page, "slow_host", on=True)
        await page.keyboard.press("Enter")
        await expect((await scene(page, "working")).locator("[role=status]")).to_have_text("請顧客出示原來的卡片")
        await fits(page)
        await answered(page)
        await settled(page, f"payments[0]?.amount === {given} && payments[0].outcome === 'approved'")
        assert (await bank(page))["net"] == left
        await page.locator(".to-payments").wait_for()
        await page.locator(".pick").first.click()
        await fits(page)
    await expect(page.locator(".sale-payments li")).to_have_count(3)
    await expect(page.locator(".sale-payments li button")).to_have_count(0)
    kinds = [one["kind"] for one in await payments(page, f"?sale={sale['id']}")]
    assert kinds == ["refund", "refund", "sale"]


async def test_the_end_of_the_day(quick: QuickHub, browser: Any) -> None:
    page = await tablet(browser, "en", quick.url)
    expect = playwright.expect
    await charge(page)
    await sold(page)
    await page.keyboard.press("F9")
    await page.locator(".to-payments").click()
    await page.locator(".settlements button.primary").click()
    report = page.locator(".report")
    await expect(report).to_have_attribute("data-state", "agreed")
    await expect(report.locator("tbody tr", has_text="Net").locator("td")).to_have_text(["$25", "$25"])
    await fits(page)
    await report.locator(".row button").click()
    await expect(page.locator(".toast")).to_contain_text("printer")
    jobs = (await call(page, "GET", "/v1/jobs?limit=20"))["jobs"]
    assert [job["origin"].partition(":")[0] for job in jobs if job["kind"] == "print"] == ["", "sale"]
