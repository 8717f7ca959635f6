"""All services of a running hub, as the API and the daemon hand them round."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.domain.store import StoreSettings
from edge_hub.logs import LogTail
from edge_hub.services.presence import Presence

if TYPE_CHECKING:
    from edge_hub.devices.hub import DeviceHub
    from edge_hub.devices.wallets import Wallets
    from edge_hub.journal.journal import Journal
    from edge_hub.services.access.service import Access
    from edge_hub.services.adoption.service import Adoption
    from edge_hub.services.catalogue.service import Catalogue
    from edge_hub.services.checkout.service import Checkout
    from edge_hub.services.drill import Drills
    from edge_hub.services.labels.service import Labels
    from edge_hub.services.mail.service import Mails
    from edge_hub.services.payments.service import Payments
    from edge_hub.services.printing.service import Printing
    from edge_hub.services.restart import Restarts
    from edge_hub.services.routing.service import Tickets
    from edge_hub.services.stock.service import Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class HubInfo:
    """What the hub says of itself to anybody who asks."""

    id: str
    """Stays the same for the life of the installation."""
    version: str
    demo: bool = False
    certificate_fingerprint: str = ""
    """SHA-256 of the shop's own certificate authority as hex; empty without HTTPS."""
    ca_pem: str = ""
    """That authority's certificate (public), for tablets to trust; empty without HTTPS."""
    base_url: str = ""
    """How tills on the LAN reach the hub ("https://hub.local:8743"), for pairing codes made at the console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One of each. Façades check permissions; nothing here knows HTTP."""

    info: HubInfo
    settings: StoreSettings
    clock: Clock
    bus: Bus
    journal: "Journal"
    checkout: "Checkout"
    catalogue: "Catalogue"
    stock: "Stock"
    printing: "Printing"
    labels: "Labels"
    tickets: "Tickets"
    mails: "Mails"
    access: "Access"
    devices: "DeviceHub"
    wallets: "Wallets"
    payments: "Payments"
    drills: "Drills"
    logs: LogTail = field(default_factory=LogTail)
    """What the hub wrote to its log lately; empty unless the daemon follows it."""
    presence: Presence = field(default_factory=Presence)
    adoption: "Adoption | None" = None
    """None: this hub's devices are fixed."""
    restarts: "Restarts | None" = None
    """None: nothing of this hub is kept over its end."""
