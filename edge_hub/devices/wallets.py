"""Wallets: payment services on the internet, each kept open by a supervisor as if it were a device.

What its driver does wrong is its own state and nobody else's; its wake-ups have the topic "wallet". A simulated one
("sim://name") is served on the loopback address and stays the same provider when its driver is opened anew.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from edge_hub.bus import Bus
from edge_hub.clock import Clock, local_time
from edge_hub.devices.backoff import Backoff
from edge_hub.devices.causes import as_device_error
from edge_hub.devices.registry import WalletDrivers, validate_options
from edge_hub.devices.states import DeviceState
from edge_hub.devices.supervisor import Plan, Supervised
from edge_hub.errors import EdgeHubError, NotFound
from edge_hub.sdk.driver import Context, Device, Options
from edge_hub.sdk.eft.wallet import WalletContext, WalletInfo, WalletSimulator
from edge_hub.sdk.errors import DeviceError, DeviceFault
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.sdk.transport import Transport

LOOPBACK = "127.0.0.1"
SIMULATED = "sim://"
FINGERPRINT_CHARACTERS = 16


class UnknownWallet(NotFound):
    """No wallet of that id is configured."""

    code = "wallet-not-found"
    title = "There is no such wallet."


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletConfig:
    """A wallet as configured (`[[wallets]]`); `options` are the driver's, not yet validated, their paths absolute."""

    id: str
    driver: str
    url: str = ""
    """"": the provider's own address; "sim://name": a simulator."""
    options: Mapping[str, object] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSnapshot:
    """A wallet at one moment. "ready" says that its driver is open, not that the provider can be reached."""

    id: str
    label: str
    driver: str
    state: DeviceState
    since_ms: int
    error_code: str
    error_text: str
    simulated: bool


class Wallets:
    """Runs a supervisor for each configured wallet; nothing in here ends because a wallet does."""

    def __init__(
        self,
        configs: Sequence[WalletConfig],
        drivers: WalletDrivers,
        *,
        clock: Clock,
        bus: Bus,
        timezone: str,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        """`timezone` is the store's, by its IANA name."""
        self._configs = {config.id: config for config in configs}
        self._clock = clock
        self._timezone = timezone
        self._simulators: dict[str, WalletSimulator] = {}
        self._accounts: dict[str, str] = {}
        self._wallets = {
            config.id: Supervised(
                config.id, self._plan(config, drivers), clock=clock, bus=bus, backoff=backoff(), topic="wallet"
            )
            for config in configs
        }

    def __contains__(self, wallet_id: str) -> bool:
        return wallet_id in self._configs

    @property
    def ids(self) -> tuple[str, ...]:
        """In the order of the configuration."""
        return tuple(self._configs)

    async def run(self) -> None:
        """Keep all of them open until cancelled."""
        async with asyncio.TaskGroup() as group:
            for wallet in self._wallets.values():
                group.create_task(wallet.run(), name=f"supervise wallet {wallet.device_id}")

    def get(self, wallet_id: str) -> Supervised:
        """The wallet; it fills the role EFT_TERMINAL. Raises UnknownWallet."""
        self._known(wallet_id)
        return self._wallets[wallet_id]

    def snapshot(self, wallet_id: str) -> WalletSnapshot:
        """The wallet at this moment; raises UnknownWallet."""
        config, wallet = self._known(wallet_id), self._wallets[wallet_id]
        return WalletSnapshot(
            id=config.id,
            label=config.label or config.id,
            driver=config.driver,
            state=wallet.state,
            since_ms=wallet.since_ms,
            error_code=wallet.error.error_code if wallet.error else "",
            error_text=wallet.error.detail if wallet.error else "",
            simulated=wallet_id in self._simulators,
        )

    def snapshots(self) -> tuple[WalletSnapshot, ...]:
        """All wallets, in the order of the configuration."""
        return tuple(self.snapshot(wallet_id) for wallet_id in self._configs)

    def account(self, wallet_id: str) -> str:
        """Its driver with a fingerprint of which merchant it is there, the same in every run; "" where it cannot run.
        Raises UnknownWallet.
        """
        self._known(wallet_id)
        return self._accounts.get(wallet_id, "")

    def simulator(self, wallet_id: str) -> WalletSimulator | None:
        """The simulated provider behind a sim:// URL; raises UnknownWallet."""
        self._known(wallet_id)
        return self._simulators.get(wallet_id)

    def _known(self, wallet_id: str) -> WalletConfig:
        if wallet_id not in self._configs:
            raise UnknownWallet("there is no wallet {wallet!r}", why="named", wallet=wallet_id)
        return self._configs[wallet_id]

    def _plan(self, config: WalletConfig, drivers: WalletDrivers) -> Plan | DeviceError:
        """How to run a wallet, or why that cannot be: a wrong entry costs its wallet, not the shop."""
        try:
            info = drivers.find(config.driver)
            if config.url.startswith(SIMULATED):
                self._accounts[config.id] = _account(config, config.url.encode())
                return self._planned(config, info, self._simulated(config, info))
            options = validate_options(info, config.options)
            self._accounts[config.id] = _account(config, _merchant(info, options))
        except (EdgeHubError, DeviceError) as exc:
            return as_device_error(exc)

        @asynccontextmanager
        async def real() -> AsyncIterator[Options]:
            yield options

        return self._planned(config, info, real)

    def _simulated(self, config: WalletConfig, info: WalletInfo) -> Callable[[], AbstractAsyncContextManager[Options]]:
        try:
            simulator = self._simulators[config.id] = info.simulator()
        except Exception as exc:  # a driver's code: its crash is its wallet's fault state
            raise as_device_error(exc) from exc

        @asynccontextmanager
        async def served() -> AsyncIterator[Options]:
            async with simulator.serving(LOOPBACK, 0) as url:
                yield simulator.options(url)

        return served

    def _planned(
        self, config: WalletConfig, info: WalletInfo, options: Callable[[], AbstractAsyncContextManager[Options]]
    ) -> Plan:
        @asynccontextmanager
        async def opened(context: Context, _wire: Transport) -> AsyncIterator[Device]:
            wallet = WalletContext(wallet_id=config.id, clock=context.clock, now=self._now, log=context.log)
            async with AsyncExitStack() as stack:
                with_options = await stack.enter_async_context(options())
                terminal = await stack.enter_async_context(info.open(wallet, with_options))
                yield Device(roles={EFT_TERMINAL: terminal}, run=_for_ever)

        return Plan(device_id=config.id, roles=(EFT_TERMINAL,), connect=_no_wire, open=opened)

    def _now(self) -> str:
        return local_time(self._clock.now_ms(), self._timezone)


def _merchant(info: WalletInfo, options: Options) -> bytes:
    try:
        return info.account(options).encode()
    except Exception as exc:  # a driver's code: its crash is its wallet's fault state
        raise as_device_error(exc) from exc


def _account(config: WalletConfig, merchant: bytes) -> str:
    return f"{config.driver} {hashlib.sha256(merchant).hexdigest()[:FINGERPRINT_CHARACTERS]}"


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def _no_wire() -> Transport:
    return _NoWire()


class _NoWire:
    """A wallet's driver reaches its provider by itself: there is nothing here to read or write."""

    url = ""
    bytes_written = 0

    async def read(self) -> NoReturn:
        raise DeviceFault("a wallet has no wire")

    async def write(self, data: bytes) -> NoReturn:
        raise DeviceFault(f"a wallet has no wire for {len(data)} bytes")

    async def close(self) -> None:
        """Nothing to free."""
