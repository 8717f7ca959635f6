"""A shop with simulated card terminals and wallets that survive the hub, and a book of what their banks took, when."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e_hub import BARCODES, PIN, Hub
from e2e_pay_lone import LoneTerminal
from e2e_pay_nursery import Forked, Nursery

from edge_hub.clock import SystemClock
from edge_hub.devices.registry import load_drivers, load_wallet_drivers, validate_options
from edge_hub.devices.simulation import serve_pty, serve_tcp
from edge_hub.domain.money import MINOR_DIGITS
from edge_hub.sdk.driver import Context, DriverInfo
from edge_hub.sdk.eft.bank import Decision, Taken
from edge_hub.sdk.eft.model import Request, Transaction
from edge_hub.sdk.eft.wallet import WalletContext, WalletInfo
from edge_hub.sdk.errors import DeviceRefused
from edge_hub.sdk.pipe import duplex
from edge_hub.sdk.roles import EFT_TERMINAL

LOOPBACK = "127.0.0.1"
CURRENCIES = ("TWD", "EUR", "CNY")
PRICES = ("5", "10", "15", "20")
"""Few different ones, in whole units: many payments are of the same amount."""
TERMINALS = 8
"""Of a long campaign's one protocol."""
SOON: Mapping[str, int] = {"reply_s": 30, "result_s": 30}
"""Options that say how long a reply may take, as short as drivers let them be."""
VARIANTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "nccc": ({}, {"reference": False}),
    "taishin": ({}, {"bank": "first_bank"}, {"reference": False}, {"sale_type": "11"}),
    "edc_bank": tuple(
        {"dialect": name}
        for name in ("nccc144", "cathay144", "sinopac144", "as320", "bank200", "ctbc250", "esun600", "esun144")
    ),
    "ecpay": ({}, {"reference": False}),
    "caisse_ap": ({}, {"duplicate_proves": True}),
    "concert": ({}, {"full_reply": True}),
    "zvt": ({}, {"prints": False}, {"print_blocks": False}),
    # not with not_found_is_absent: that promises what the fault "power_cut" breaks
    "adyen": ({}, {"print_receipts": True}),
}
"""Which options its terminals have, one after the other; a driver that is not here has its defaults."""
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "adyen": {"poi_id": "V400m-346403161", "key_identifier": "key", "passphrase": "of no merchant"},
}
"""Options without which a driver does not open, except for its simulator."""
APART = frozenset({"zvt"})
"""Drivers whose wire is another protocol over TCP than over a serial line; of others the terminals take turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Money that a simulated bank moved."""

    transaction: Transaction
    reference: str
    amount: int
    receipt: int
    original: int | None
    at_ms: int
    tip: int = 0

    @property
    def net(self) -> int:
        return self.amount if self.transaction in {Transaction.SALE, Transaction.TIP} else -self.amount

    @property
    def key(self) -> tuple[Transaction, int]:
        """What no other of its bank has: a later tip is under its sale's receipt."""
        return self.transaction, self.receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a simulated bank closed at an end of day."""

    at_ms: int
    number: int
    entries: tuple[Entry, ...]


@dataclass(eq=False)
class Provider:
    """A terminal or wallet of the shop, and whoever simulates it."""

    id: str
    protocol: str
    driver: str
    wallet: bool
    simulator: Any
    url: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    attended: bool = False
    """A person stands at it: nothing is made worse meanwhile."""
    standalone: bool = False
    """No hub speaks with it: its cashier does."""
    on_money: Any = None
    """Called when its bank decides."""
    batches: list[Batch] = field(default_factory=list)
    """That its bank closed."""
    _seen: dict[tuple[Transaction, int], tuple[int, int | None]] = field(default_factory=dict)

    def watch(self) -> None:
        """Note when the bank decides what."""
        bank = self.simulator.bank
        decide = bank.decide

        def noted(transaction: Transaction, amount: int, **more: Any) -> Decision:
            decision: Decision = decide(transaction, amount, **more)
            if isinstance(decision, Taken):
                self._seen[decision.transaction, decision.receipt] = (
                    time.time_ns() // 1_000_000,
                    more.get("original_receipt"),
                )
            if self.on_money is not None:
                self.on_money()
            return decision

        bank.decide = noted
        settle = bank.settle

        def settled() -> list[Taken]:
            number, closed = bank.batch, settle()
            entries = tuple(map(self._entry, closed))
            self.batches.append(Batch(at_ms=time.time_ns() // 1_000_000, number=number, entries=entries))
            return list(closed)

        bank.settle = settled

    def entries(self) -> list[Entry]:
        """What the bank took, in its order."""
        return [self._entry(one) for one in self.simulator.bank.taken]

    def _entry(self, one: Taken) -> Entry:
        at_ms, original = self._seen[one.transaction, one.receipt]
        return Entry(
            transaction=one.transaction, reference=one.reference, amount=one.amount, receipt=one.receipt,
            original=original, at_ms=at_ms, tip=one.tip,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What a campaign is about. `wire`: "tcp", "serial", or "" where that does not matter."""

    name: str
    driver: str
    wire: str = ""
    wallet: bool = False
    standalone: bool = False


STANDALONE = Protocol(name="standalone", driver="", standalone=True)
"""Terminals without a cable, and cashiers who type."""


def protocols() -> list[Protocol]:
    """Every installed card terminal and wallet, and terminals without a cable."""
    found = []
    for name, info in sorted(load_drivers().items()):
        if EFT_TERMINAL in info.roles:
            wires = ("tcp", "serial") if name in APART else ("",)
            found += [Protocol(name=f"{name}-{wire}" if wire else name, driver=name, wire=wire) for wire in wires]
    wallets = [Protocol(name=name, driver=name, wallet=True) for name in sorted(load_wallet_drivers())]
    return [*found, *wallets, STANDALONE]


class PayHub(Hub):
    """The daemon with these providers, each terminal at a till of its own; its waits are `factor` times shorter."""

    def __init__(
        self,
        folder: Path,
        providers: list[Provider],
        currency: str,
        nursery: Nursery,
        *,
        factor: float,
        doubles: Mapping[str, str],
    ) -> None:
        self._providers = providers
        self._currency = currency
        super().__init__(folder)
        self._nanny = nursery.nanny((
            "--config", str(self.config), "--factor", str(factor),
            *(word for device, double in doubles.items() for word in ("--double", f"{device}={double}")),
        ))  # fmt: skip
        rows = ["sku,name,price,tax_code,barcodes,category"]
        rows += [
            f"P{number:03d},Product {number},{PRICES[number % len(PRICES)]},general,{code},goods"
            for number, code in enumerate(BARCODES)
        ]
        (folder / "products.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")

    async def _launched(self) -> Forked:
        return await self._nanny.fork()

    async def close(self) -> None:
        await super().close()
        self._nanny.close()

    def till(self, provider: Provider) -> str:
        return f"till-{self._providers.index(provider) + 1}"

    def write_config(self, devices: object, limits: str = "") -> None:
        del devices, limits
        text = _CONFIG.format(currency=self._currency, port=self.port, pin=PIN)
        for number, one in enumerate(self._providers):
            till = {"id": self.till(one), "name": self.till(one), "receipt_prefix": f"{chr(65 + number)}-"}
            driven = not one.wallet and not one.standalone
            text += _table("tills", till | {"terminal": one.id} if driven else till)
            if one.standalone:
                continue
            what = {"id": one.id, "driver": one.driver, "options": one.options}
            text += _table("wallets", what) if one.wallet else _table("devices", what | {"url": one.url})
        self.config.write_text(text, encoding="utf-8")


_CONFIG = """
[store]
id = "e2e"
name = "Shop"
currency = "{currency}"
timezone = "UTC"

[[taxes.rates]]
code = "general"
name = "VAT 25.5 %"
rate = "25.5%"

[network]
listen = ["127.0.0.1"]
port = {port}
tls_port = 0
mdns = false

[paths]
data = "data"
backups = "backups"
runtime = "run"

[limits]
requests_per_s = 100000

[log]
level = "debug"

[payments]
tips = true

[backup]
schedule = ""

[demo]
catalogue = "products.csv"

[[demo.staff]]
name = "Aino"
role = "owner"
pin = "{pin}"
"""


def _table(name: str, values: Mapping[str, object]) -> str:
    return f"\n[[{name}]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


@asynccontextmanager
async def providers_of(wanted: Iterable[Protocol], *, factor: float) -> AsyncIterator[list[Provider]]:
    """A simulated terminal or wallet for each of `wanted`, serving until the block ends."""
    async with AsyncExitStack() as stack:
        found: list[Provider] = []
        for protocol in wanted:
            number = sum(one.protocol == protocol.name for one in found)
            found.append(await _provider(stack, protocol, number, factor))
        yield found


async def _provider(stack: AsyncExitStack, protocol: Protocol, number: int, factor: float) -> Provider:
    name = f"{protocol.name.replace('_', '-')}-{number + 1}"

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / factor)

    one = Provider(
        id=name, protocol=protocol.name, driver=protocol.driver, wallet=protocol.wallet, simulator=None,
        standalone=protocol.standalone,
    )  # fmt: skip
    if protocol.standalone:
        one.simulator = LoneTerminal(number)
    elif protocol.wallet:
        one.simulator = load_wallet_drivers()[protocol.driver].simulator()
        one.simulator.sleep = sleep
        url = await stack.enter_async_context(one.simulator.serving(LOOPBACK, 0))
        one.options = _plain(one.simulator.options(url))
    else:
        info = load_drivers()[protocol.driver]
        one.options = options_of(info, number)
        one.simulator = info.simulator(validate_options(info, one.options))
        one.simulator.sleep = sleep
        one.url = await _served(stack, info, one.simulator, protocol.wire, number)
    one.watch()
    return one


def options_of(info: DriverInfo, number: int) -> dict[str, Any]:
    """Of the n-th terminal of a driver."""
    variants = VARIANTS.get(info.name, ({},))
    soon = {name: seconds for name, seconds in SOON.items() if name in info.options.model_fields}
    return soon | dict(NEEDED.get(info.name, {})) | dict(variants[number % len(variants)])


def _plain(options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.model_dump(mode="json").items() if value is not None}


async def _served(stack: AsyncExitStack, info: DriverInfo, simulator: Any, wire: str, number: int) -> str:
    possible = [scheme for scheme in ("tcp", "serial") if scheme in info.schemes and wire in ("", scheme)]
    if possible[number // len(VARIANTS.get(info.name, ({},))) % len(possible)] == "tcp":
        return f"tcp://{LOOPBACK}:{await stack.enter_async_context(serve_tcp(simulator))}"
    path = await stack.enter_async_context(serve_pty(simulator))
    # a pseudo terminal has no line settings
    return f"serial://{path}?bytesize=8&parity=N"


async def currency_of(protocol: Protocol) -> str:
    """The first currency that its driver takes."""
    if protocol.standalone:
        return CURRENCIES[0]
    async with AsyncExitStack() as stack:
        if protocol.wallet:
            terminal, code = await _open_wallet(stack, load_wallet_drivers()[protocol.driver])
        else:
            terminal, code = await _open_terminal(stack, load_drivers()[protocol.driver]), ""
        for currency in CURRENCIES:
            request = Request(
                transaction=Transaction.SALE, reference="CURRENCY00", amount=100, currency=currency,
                minor_digits=MINOR_DIGITS[currency], at="2026-10-09T14:30:15", till="till-1", title="Shop", code=code,
            )  # fmt: skip
            try:
                await terminal.prepare(request)
            except DeviceRefused:
                continue
            return currency
    raise AssertionError(f"{protocol.name} takes none of {CURRENCIES}")


async def _open_terminal(stack: AsyncExitStack, info: DriverInfo) -> Any:
    simulator = info.simulator(info.options())
    host, device = duplex("sim://currency")
    serving = asyncio.create_task(simulator.serve(device))
    stack.callback(serving.cancel)
    context = Context(device_id="currency", emit=lambda _: None, clock=SystemClock(), log=_log())
    return (await stack.enter_async_context(info.open(context, host, info.options()))).role(EFT_TERMINAL)


async def _open_wallet(stack: AsyncExitStack, info: WalletInfo) -> tuple[Any, str]:
    simulator = info.simulator()
    url = await stack.enter_async_context(simulator.serving(LOOPBACK, 0))
    context = WalletContext(wallet_id="currency", clock=SystemClock(), now=lambda: "2026-10-09T14:30:15", log=_log())
    wallet = await stack.enter_async_context(info.open(context, simulator.options(url)))
    return wallet, str(simulator.state()["code"])


def _log() -> Any:
    import logging

    return logging.getLogger("edge_hub.campaign")
