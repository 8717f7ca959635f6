"""Who works here and what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from edge_hub.domain.ids import StaffId


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    CLERK = "clerk"


class Permission(StrEnum):
    SELL = "sell"
    OVERRIDE_PRICE = "override_price"
    DISCOUNT = "discount"
    OPEN_DRAWER = "open_drawer"
    REPRINT = "reprint"
    ABANDON_BASKET = "abandon_basket"
    ADJUST_STOCK = "adjust_stock"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_DEVICES = "manage_devices"
    MANAGE_STAFF = "manage_staff"
    PAIR = "pair"
    READ_JOURNAL = "read_journal"
    REFUND = "refund"
    """Give money back: refunds and voids."""
    RESOLVE_PAYMENT = "resolve_payment"
    """Say what became of a payment that nobody else can tell of."""
    SETTLE = "settle"
    """Close a terminal's day."""


_CLERK = frozenset({Permission.SELL, Permission.REPRINT, Permission.ABANDON_BASKET, Permission.DISCOUNT})
_MANAGER = _CLERK | {
    Permission.OVERRIDE_PRICE,
    Permission.OPEN_DRAWER,
    Permission.ADJUST_STOCK,
    Permission.MANAGE_CATALOGUE,
    Permission.MANAGE_DEVICES,
    Permission.PAIR,
    Permission.READ_JOURNAL,
    Permission.REFUND,
    Permission.RESOLVE_PAYMENT,
    Permission.SETTLE,
}
PERMISSIONS = {Role.CLERK: _CLERK, Role.MANAGER: _MANAGER, Role.OWNER: frozenset(Permission)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    id: StaffId
    name: str
    role: Role
    locale: str = ""
    """Preferred language of the till for this person; empty: the store's."""
    active: bool = True

    def may(self, permission: Permission) -> bool:
        return self.active and permission in PERMISSIONS[self.role]
