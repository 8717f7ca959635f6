"""Where money can be asked for: the card terminals among the devices, the wallets, and a terminal of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from edge_hub.bus import Bus
from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.payment import Payment, PaymentMethod
from edge_hub.errors import NotFound
from edge_hub.sdk.eft.model import Capabilities, EftTerminal
from edge_hub.sdk.errors import DeviceError, ErrorCode
from edge_hub.sdk.roles import EFT_TERMINAL, Role

CARD = "card"
"""The type of tender that a card terminal's payments are."""
NOT_READY = "it is not ready"

T = TypeVar("T")


class ProviderNotFound(NotFound):
    """No card terminal and no wallet has this id."""

    code = "payment-provider-not-found"
    title = "There is no such card terminal or wallet."


class Supervised(Protocol):
    """A device or a wallet as it runs."""

    @property
    def error(self) -> DeviceError | None: ...

    @property
    def roles(self) -> tuple[str, ...]:
        """Of its driver; none where its configuration is broken."""
        ...

    def role(self, role: Role[T]) -> T | None: ...


class Snapshot(Protocol):
    @property
    def label(self) -> str: ...

    @property
    def driver(self) -> str: ...


class Supervisors(Protocol):
    """`devices.hub.DeviceHub`, `devices.wallets.Wallets`."""

    def get(self, device_id: str, /) -> Supervised:
        """Raises a NotFound."""
        ...

    def snapshot(self, device_id: str, /) -> Snapshot:
        """Raises a NotFound."""
        ...


class Wallets(Supervisors, Protocol):
    @property
    def ids(self) -> tuple[str, ...]: ...

    def __contains__(self, wallet_id: str, /) -> bool: ...

    def account(self, wallet_id: str, /) -> str:
        """Its driver, and which merchant it is there. Raises a NotFound."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A terminal that can be spoken with now, and what it can do."""

    eft: EftTerminal
    can: Capabilities


class Terminals:
    """One of the hub's; by id, whatever it is."""

    def __init__(self, *, devices: Supervisors, wallets: Wallets, bus: Bus) -> None:
        self._devices = devices
        self._wallets = wallets
        self._bus = bus
        self._turns: dict[str, asyncio.Lock] = {}
        self._known: dict[str, Capabilities] = {}

    def method(self, provider: str) -> PaymentMethod:
        """How payments there are made; "" is a terminal of its own."""
        if not provider:
            return PaymentMethod.STANDALONE
        return PaymentMethod.WALLET if provider in self._wallets else PaymentMethod.TERMINAL

    def tender(self, provider: str) -> str:
        """The type of tender that payments by it are."""
        if self.method(provider) is PaymentMethod.WALLET:
            return self._snapshot(provider).driver
        return CARD

    def account(self, provider: str) -> str:
        """Who is behind that name now (`Payment.account`). Raises ProviderNotFound."""
        method = self.method(provider)
        if method is PaymentMethod.STANDALONE:
            return ""
        snapshot = self._snapshot(provider)
        return self._wallets.account(provider) if method is PaymentMethod.WALLET else snapshot.driver

    def is_its(self, payment: Payment) -> bool:
        """Whether what has that name now is what the payment was asked of: another terminal or another merchant's
        account would truthfully say that it knows nothing of it.
        """
        return self.account(payment.provider) == payment.account

    def label(self, provider: str) -> str:
        """For people. Raises ProviderNotFound."""
        return self._snapshot(provider).label or provider

    def now(self, provider: str) -> Open | None:
        """The terminal, or None while it is away or not configured any more."""
        try:
            eft = self._supervised(provider).role(EFT_TERMINAL)
        except NotFound:
            return None
        if eft is None:
            return None
        can = self._known[provider] = eft.capabilities
        return Open(eft=eft, can=can)

    def here(self, provider: str) -> Open:
        """The terminal. Raises ProviderNotFound, DeviceAway."""
        self._snapshot(provider)
        found = self.now(provider)
        if found is None:
            code, words = self.trouble(provider)
            label = self.label(provider)
            raise DeviceAway(
                "{label}: {words}", why="named", label=label, words=words, device=provider, error_code=code
            )
        return found

    def can(self, provider: str) -> Capabilities | None:
        """What it can do, as far as that was ever seen since the start."""
        found = self.now(provider)
        return found.can if found is not None else self._known.get(provider)

    def trouble(self, provider: str) -> tuple[str, str]:
        """Why it is away: UnifiedPOS's word and plain words."""
        try:
            error = self._supervised(provider).error
        except NotFound:
            return ErrorCode.NOHARDWARE.value, "it is not configured any more"
        return (error.error_code.value, error.detail) if error else (ErrorCode.OFFLINE.value, NOT_READY)

    async def until_here(self, provider: str) -> Open:
        """The terminal, however long it stays away."""
        with self._bus.subscribe("device", "wallet") as wakes:
            while (found := self.now(provider)) is None:
                await wakes.get()
            return found

    @asynccontextmanager
    async def turn(self, provider: str) -> AsyncIterator[None]:
        """One transaction, inquiry or settlement at a time, where the provider can do only one."""
        if self.method(provider) is not PaymentMethod.TERMINAL:
            yield
            return
        async with self._turns.setdefault(provider, asyncio.Lock()):
            yield

    def _supervised(self, provider: str) -> Supervised:
        return (self._wallets if provider in self._wallets else self._devices).get(provider)

    def _snapshot(self, provider: str) -> Snapshot:
        try:
            roles = self._supervised(provider).roles
            snapshot = (self._wallets if provider in self._wallets else self._devices).snapshot(provider)
        except NotFound:
            raise ProviderNotFound(provider=provider) from None
        if roles and EFT_TERMINAL.name not in roles:
            raise ProviderNotFound(provider=provider)
        return snapshot
