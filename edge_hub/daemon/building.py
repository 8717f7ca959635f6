"""Which pieces make up the services of a hub."""

import logging
from functools import partial

from edge_hub import logs
from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.config import Config
from edge_hub.daemon.check import check_devices
from edge_hub.devices.hub import DeviceHub
from edge_hub.devices.inventory import Announced, Inventory
from edge_hub.devices.registry import Drivers
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
from edge_hub.services.printing.lanes import Lanes
from edge_hub.services.printing.service import Printing
from edge_hub.services.routing.service import Tickets
from edge_hub.services.stock.service import Stock

log = logging.getLogger("edge_hub")


def build_services(
    config: Config, known: Drivers, *, journal: Journal, bus: Bus, clock: Clock, info: HubInfo, tail: logs.LogTail
) -> Services:
    settings = config.store_settings()
    devices = DeviceHub(device_configs(config), known, clock=clock, bus=bus)
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
        drills=Drills(printing=printing, devices=devices, bus=bus, clock=clock),
        logs=tail,
    )


def build_adoption(config: Config, known: Drivers, devices: DeviceHub, live: LiveDevices, clock: Clock) -> Adoption:
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
        drivers=known,
        inventory=Inventory(known, clock, listen=listen if config.tables.network.mdns else None),
        file=AdoptedFile(config.files[0], partial(check_devices, drivers=known)),
        apply=live.apply,
    )


def build_lanes(services: Services, known: Drivers, config: Config) -> Lanes:
    return Lanes(
        journal=services.journal,
        devices=services.devices,
        bus=services.bus,
        clock=services.clock,
        documents=services.tickets.drawing(services.checkout.document_for),
        **lane_devices(config, known),
    )
