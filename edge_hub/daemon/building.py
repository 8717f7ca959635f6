"""Which pieces make up the services of a hub."""

import logging
from functools import partial
from typing import NamedTuple

from edge_hub import logs
from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.config import Config
from edge_hub.daemon.check import check_devices
from edge_hub.devices.hub import DeviceHub
from edge_hub.devices.inventory import Announced, Inventory
from edge_hub.devices.registry import Drivers, WalletDrivers
from edge_hub.devices.wallets import WalletConfig, Wallets
from edge_hub.discovery import find
from edge_hub.journal.journal import Journal
from edge_hub.services.access.service import Access
from edge_hub.services.adoption.files import AdoptedFile
from edge_hub.services.adoption.live import LiveDevices, device_configs, lane_devices
from edge_hub.services.adoption.service import Adoption
from edge_hub.services.catalogue.service import Catalogue
from edge_hub.services.checkout.service import Checkout
from edge_hub.services.container import HubInfo, Services
from edge_hub.services.drill import Drills
from edge_hub.services.labels.service import Labels
from edge_hub.services.mail.service import Mails
from edge_hub.services.payments.service import Payments
from edge_hub.services.printing.lanes import Lanes
from edge_hub.services.printing.service import Printing
from edge_hub.services.routing.service import Tickets
from edge_hub.services.stock.service import Stock

log = logging.getLogger("edge_hub")


class Known(NamedTuple):
    """The installed drivers, checked against the configuration."""

    drivers: Drivers
    wallets: WalletDrivers


def build_services(
    config: Config, known: Known, *, journal: Journal, bus: Bus, clock: Clock, info: HubInfo, tail: logs.LogTail
) -> Services:
    settings = config.store_settings()
    wallets = Wallets(wallet_configs(config), known.wallets, clock=clock, bus=bus, timezone=settings.card.timezone)
    devices = DeviceHub(device_configs(config), known.drivers, clock=clock, bus=bus)
    limits = config.tables.access
    catalogue = Catalogue(journal, clock, settings)
    printing = Printing(journal=journal, devices=devices, clock=clock, settings=settings)
    return Services(
        info=info,
        settings=settings,
        clock=clock,
        bus=bus,
        journal=journal,
        checkout=Checkout(journal, clock, settings),
        catalogue=catalogue,
        stock=Stock(journal, clock, settings),
        printing=printing,
        labels=Labels(journal=journal, catalogue=catalogue, devices=devices, clock=clock, settings=settings),
        tickets=Tickets(journal, settings),
        mails=Mails(journal, on=config.tables.email is not None),
        access=Access(
            journal=journal,
            bus=bus,
            clock=clock,
            settings=settings,
            session_idle_minutes=limits.session_idle_minutes,
            session_hours=limits.session_hours,
        ),
        devices=devices,
        wallets=wallets,
        payments=Payments(
            journal=journal,
            devices=devices,
            wallets=wallets,
            printing=printing,
            bus=bus,
            clock=clock,
            settings=settings,
            data=config.path(config.tables.paths.data),
        ),
        drills=Drills(printing=printing, devices=devices, bus=bus, clock=clock),
        logs=tail,
    )


def wallet_configs(config: Config) -> list[WalletConfig]:
    """The wallets as `Wallets` takes them."""
    return [
        WalletConfig(
            id=wallet.id,
            driver=wallet.driver,
            url=wallet.url,
            options=config.with_paths(wallet.options),
            label=wallet.label,
        )
        for wallet in config.tables.wallets
    ]


def build_adoption(config: Config, known: Known, devices: DeviceHub, live: LiveDevices, clock: Clock) -> Adoption:
    async def listen(seconds: float) -> list[Announced]:
        try:
            printers = await find(seconds, clock, config.tables.network.interfaces)
        except OSError as error:
            log.info("no network to search: %s", error)
            return []
        return [
            Announced(
                host=one.addresses[0] if one.addresses else one.host.rstrip("."),
                port=one.port,
                name=one.name,
                words=(one.name, *(value for _, value in one.txt)),
            )
            for one in printers
            if one.kind == "printer"
        ]

    return Adoption(
        devices=devices,
        drivers=known.drivers,
        inventory=Inventory(known.drivers, clock, listen=listen if config.tables.network.mdns else None),
        file=AdoptedFile(config.files[0], partial(check_devices, drivers=known.drivers, wallets=known.wallets)),
        apply=live.apply,
    )


def build_lanes(services: Services, known: Drivers, config: Config) -> Lanes:
    return Lanes(
        journal=services.journal,
        devices=services.devices,
        bus=services.bus,
        clock=services.clock,
        documents=services.tickets.drawing(services.checkout.document_for),
        labels=services.tickets.labels,
        **lane_devices(config, known),
    )
