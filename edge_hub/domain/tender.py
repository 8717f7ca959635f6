"""Tenders: how a sale is paid."""

from dataclasses import dataclass

from edge_hub.domain.money import Money
from edge_hub.domain.values import quick

CASH = "cash"
"""The tender type that gives change, opens the drawer and is rounded. Others plug in by name."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """`amount` was handed over; `reference` is the tender's own proof (slip number), empty for cash."""

    type: str
    amount: Money
    reference: str = ""
    detail: str = ""
    """What a customer knows it by: "VISA 431195******1234 / AB1234". Empty where `reference` is all there is."""
