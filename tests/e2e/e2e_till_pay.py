"""What people do at a till with a card terminal and a wallet: steps of the tests that pay."""

import re
from pathlib import Path
from typing import Any

import pytest
from e2e_browser import STEP_MS, TOO_SMALL, TOO_WIDE, Hub, call, until

QUICK = Path(__file__).with_name("e2e_quick_shop.py")
SOY_S = "9521234000013"  # 25 dollars in the demo's catalogue
PRICE = 25
TERMINAL, WALLET = "terminal-1", "line_pay"


class QuickHub(Hub):
    """A demo shop whose waits are shorter, and whose slow bank answers when it is told to (`answered`)."""

    program = (str(QUICK),)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with_terminal(self, "nccc", "reply_s = 600")  # none is in doubt while a test looks at something else


async def simulate(page: Any, fault: str, *, on: bool, device: str = TERMINAL) -> None:
    await call(page, "PUT", f"/v1/devices/{device}/simulator/faults/{fault}", {"on": on})


async def answered(page: Any, *, next_one_waits: bool = False) -> None:
    """The slow host says what became of the payment that waits for it."""
    await simulate(page, "slow_host", on=next_one_waits)


async def speak(page: Any, locale: str) -> None:
    """The same screen in another language."""
    await page.evaluate("(id) => localStorage.setItem('edge-hub.till.locale', JSON.stringify(id))", locale)
    await page.reload()


async def act(page: Any, action: str, value: str, device: str = TERMINAL) -> None:
    await call(page, "POST", f"/v1/devices/{device}/simulator/actions", {"action": action, "value": value})


async def bank(page: Any, device: str = TERMINAL) -> dict[str, Any]:
    """What the simulated bank behind a terminal or wallet knows."""
    seen: dict[str, Any] = (await call(page, "GET", f"/v1/devices/{device}/simulator"))["state"]
    return seen


async def ring_up(page: Any) -> None:
    """One article, as a keyboard wedge types it, and on to the money."""
    await page.keyboard.type(SOY_S)
    await page.keyboard.press("Enter")
    await page.locator(".paybar").wait_for()
    await page.keyboard.press("F8")


async def choose(page: Any, way: str) -> None:
    """ "terminal", "wallet", "standalone" or "cash"."""
    await page.locator(f"[data-way^={way}]").click()


async def charge(page: Any, amount: str = "") -> None:
    """Ring one article up and ask the till's own terminal for it, or for part of it."""
    await ring_up(page)
    await ask_terminal(page, amount)


async def ask_terminal(page: Any, amount: str = "") -> None:
    await choose(page, "terminal")
    if amount:
        await page.locator(".amount-field").fill(amount)
    await page.locator(".charge-form button.primary").click()


async def scene(page: Any, name: str, timeout_ms: int = STEP_MS) -> Any:
    """The payment's screen, once it is that one."""
    found = page.locator(f"[data-scene={name}]")
    await found.wait_for(timeout=timeout_ms)
    return found


async def sold(page: Any, timeout_ms: int = STEP_MS) -> list[dict[str, Any]]:
    """The sale is shown as done; the sales there are, newest first."""
    await page.locator(".change h1").wait_for(timeout=timeout_ms)
    listed: list[dict[str, Any]] = (await call(page, "GET", "/v1/sales?limit=20"))["sales"]
    return sorted(listed, key=lambda sale: -sale["seq"])


async def payments(page: Any, query: str = "") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await call(page, "GET", f"/v1/payments{query}"))["payments"]
    return listed


async def settled(page: Any, seen: str) -> None:
    """Wait until an expression about `payments`, newest first, holds."""
    script = """async () => {
      const token = JSON.parse(localStorage.getItem('edge-hub.till.client')).token;
      const answer = await fetch('/v1/payments', { headers: { Authorization: `Bearer ${token}` } });
      const { payments } = await answer.json();
      return %s;
    }"""
    await until(page, script % seen)


async def fits(page: Any) -> None:
    assert await page.evaluate(TOO_SMALL) == []
    assert await page.evaluate(TOO_WIDE) == []


async def second_tablet_address(page: Any) -> str:
    window = await call(page, "POST", "/v1/pairing/window", {"minutes": 5})
    address: str = window["url"]
    return address


def with_terminal(hub: Hub, driver: str, options: str = "") -> None:
    """Till 1 gets a terminal with another driver or options."""
    text = hub.config.read_text(encoding="utf-8")
    entry = rf'\1"{driver}"\noptions = {{ {options} }}\n'
    changed, found = re.subn(r'(id = "terminal-1"\ndriver = )"\w+"\n(options = .*\n)?', entry, text)
    assert found == 1
    hub.config.write_text(changed, encoding="utf-8")


def picture(folder: Path) -> Path:
    """A photo of a slip."""
    image = pytest.importorskip("PIL.Image")
    path = folder / "slip.jpg"
    image.new("RGB", (2400, 1200), "white").save(path, quality=90)
    return path
