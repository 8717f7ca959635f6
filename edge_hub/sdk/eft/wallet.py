"""A wallet provider: a payment service on the internet, asked over HTTPS with the code that a customer shows.

Its entry point (group `edge_hub.wallets`; the name is the `driver` key of `[[wallets]]`) is a WalletInfo. A wallet
fills the same interface as a card terminal, with `Capabilities.code` and without `locks`.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from edge_hub.sdk.driver import DriverClock, Options
from edge_hub.sdk.eft.model import EftTerminal


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletContext:
    """All that a wallet's driver gets of the hub."""

    wallet_id: str
    clock: DriverClock
    now: Callable[[], str]
    """The store's local date and time, "2026-10-09T14:30:15"."""
    log: logging.Logger


class WalletSimulator(Protocol):
    """The provider's side, without the internet: one object is one provider with its customers and its merchant."""

    @property
    def faults(self) -> Mapping[str, str]:
        """Faults that can be switched, each with a line of help."""
        ...

    @property
    def active_faults(self) -> frozenset[str]: ...

    def set_fault(self, name: str, on: bool) -> None:
        """Raises KeyError for a fault it does not have."""
        ...

    def state(self) -> Mapping[str, object]:
        """As JSON-ready values; "taken" and "net" as of `SimulatedBank.state`, "code": one that would be accepted."""
        ...

    def act(self, action: str, value: str) -> None:
        """What customers do ("outcome"). KeyError if they cannot."""
        ...

    def serving(self, host: str, port: int) -> AbstractAsyncContextManager[str]:
        """Answer at (host, port), 0 any; yields the base URL ("http://127.0.0.1:41234")."""
        ...

    def options(self, url: str) -> Options:
        """Options with which the driver is this provider's merchant, at the base URL that `serving` yielded."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletInfo:
    """A wallet's driver."""

    name: str
    """Also the type of tender that its payments are ("line_pay")."""
    summary: str
    options: type[Options]
    """Secrets are given as files: options that end in `_file` are paths, made absolute by the hub before `open`."""
    open: Callable[[WalletContext, Any], AbstractAsyncContextManager[EftTerminal]]
    """Needs no network: a provider that cannot be reached is found out, and refused, by each payment."""
    account: Callable[[Any], str]
    """What identifies the merchant at the provider, from the options: its numbers and the base URL, no secret. Another
    account knows nothing of this one's orders, so only this one is asked about them.
    """
    simulator: Callable[[], WalletSimulator]
