"""The till reads a wallet's code by the tablet's camera: a sale, no camera, and a camera that is off afterwards."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from e2e_browser import BROWSER, CHROMIUM, IN_CHROMIUM, Hub, tablet
from e2e_till_pay import PRICE, WALLET, bank, choose, fits, payments, ring_up, sold

playwright = pytest.importorskip("playwright.async_api")

pytestmark = [*IN_CHROMIUM, pytest.mark.timeout(180)]

REFUSED = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny")
MISSING = ("--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream")
READER = """
  window.looks = 0;
  window.tracks = [];
  window.BarcodeDetector = class {
    static getSupportedFormats = async () => ['aztec', 'ean_13', 'qr_code'];
    constructor({ formats }) { window.formats = formats; }
    async detect(video) {
      window.looks += 1;
      return window.shown && video.videoWidth > 0 && window.looks > 2 ? [{ rawValue: '' }, { rawValue: window.shown }] : [];
    }
  };
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) => {
    window.asked = asked;
    if (window.slow) await window.slow;
    const stream = await real(asked);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
"""
"""A browser that reads codes: it sees `shown` after a few looks."""
HIDE = """() => {
  Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def odd_browser(chromium: Any, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Chromium with another camera, by indirect parameters."""
    opened = await chromium.launch(executable_path=CHROMIUM, args=[*BROWSER, *request.param])
    yield opened
    await opened.close()


async def at_the_wallet(hub: Hub, browser: Any, locale: str = "en") -> Any:
    """A narrow tablet whose browser reads codes waits for the customer's."""
    page = await tablet(browser, locale, hub.url, width=360)
    await page.add_init_script(READER)
    await page.reload()
    await page.locator(".tabs, .tab").first.wait_for()
    await ring_up(page)
    await choose(page, "wallet")
    await page.locator(".camera-use").wait_for()
    return page


async def opened(page: Any) -> None:
    """The camera shows its picture, and was looked through."""
    await page.locator(".camera-use").click()
    await playwright.expect(page.locator(".camera-close")).to_be_focused()
    await page.evaluate("() => { window.looks = 0; }")
    await page.wait_for_function("() => window.looks > 2 && document.querySelector('video')?.videoWidth > 0")


async def all_off(page: Any, count: int) -> None:
    await page.wait_for_function(
        f"() => window.tracks.length === {count} && window.tracks.every((track) => track.readyState === 'ended')"
    )


@pytest.mark.parametrize("locale", ["en", "zh-TW"])
async def test_a_wallet_by_the_camera(hub: Hub, browser: Any, locale: str) -> None:
    page = await at_the_wallet(hub, browser, locale)
    await fits(page)
    await opened(page)
    await fits(page)
    assert await page.evaluate("() => window.asked.video.facingMode") == "environment"
    assert await page.evaluate("() => window.asked.audio") is False
    assert await page.evaluate("() => window.formats") == ["qr_code", "ean_13"]
    assert await page.evaluate("() => window.tracks.map((track) => track.readyState)") == ["live"]
    code = (await bank(page, WALLET))["code"]
    await page.evaluate("(code) => { window.shown = code; }", code)
    (sale,) = await sold(page)
    await all_off(page, 1)
    (paid,) = await payments(page, f"?sale={sale['id']}")
    assert (paid["method"], paid["provider"], paid["amount"]) == ("wallet", WALLET, PRICE)
    assert (await bank(page, WALLET))["net"] == PRICE
    assert code not in await page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")


async def test_the_camera_is_off_when_it_is_closed_or_left(hub: Hub, browser: Any) -> None:
    page = await at_the_wallet(hub, browser)
    expect = playwright.expect
    use = page.locator(".camera-use")
    await opened(page)
    await page.locator(".camera-close").click()
    await expect(use).to_be_focused()
    await all_off(page, 1)
    await opened(page)
    await page.keyboard.press("Escape")  # closes the camera, not the screen
    await expect(use).to_be_focused()
    await all_off(page, 2)
    await opened(page)
    await page.evaluate(HIDE)
    await expect(use).to_be_visible()
    await all_off(page, 3)
    await page.evaluate("() => { delete document.hidden; }")
    await opened(page)
    await choose(page, "cash")
    await all_off(page, 4)
    await choose(page, "wallet")
    await opened(page)
    await page.evaluate("() => window.tracks.at(-1).dispatchEvent(new Event('ended'))")  # as when it is unplugged
    await expect(page.locator(".camera .fault")).to_contain_text("cannot be used now")
    await all_off(page, 5)


async def test_a_camera_that_comes_after_it_was_closed_is_off_at_once(hub: Hub, browser: Any) -> None:
    page = await at_the_wallet(hub, browser)
    await page.evaluate("() => { window.slow = new Promise((done) => { window.granted = done; }); }")
    await page.locator(".camera-use").click()
    await page.locator(".camera-close").click()
    assert await page.evaluate("() => window.tracks.length") == 0
    await page.evaluate("() => window.granted()")
    await all_off(page, 1)
    assert await page.evaluate("() => window.looks") == 0


@pytest.mark.parametrize(
    ("odd_browser", "words"),
    [(REFUSED, "may not use the camera. Allow it"), (MISSING, "No camera was found")],
    ids=["refused", "missing"],
    indirect=["odd_browser"],
)
async def test_no_camera_is_said_with_what_to_do(hub: Hub, odd_browser: Any, words: str) -> None:
    page = await at_the_wallet(hub, odd_browser)
    expect = playwright.expect
    await page.locator(".camera-use").click()
    await expect(page.locator(".camera .fault")).to_contain_text(words)
    await expect(page.locator(".unseen[aria-live]")).to_contain_text(words)
    await expect(page.locator(".camera-use")).to_be_focused()
    await fits(page)
    await page.locator(".code-field input").fill((await bank(page, WALLET))["code"])
    await page.keyboard.press("Enter")
    assert len(await sold(page)) == 1


async def test_a_browser_that_reads_no_codes_shows_no_button(hub: Hub, browser: Any) -> None:
    page = await tablet(browser, "en", hub.url)
    await page.add_init_script("delete window.BarcodeDetector;")
    await page.reload()
    await page.locator(".search").first.wait_for()
    await ring_up(page)
    await choose(page, "wallet")
    await page.locator(".code-field input").wait_for()
    assert await page.locator(".camera").count() == 0
