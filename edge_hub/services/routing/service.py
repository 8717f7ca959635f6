"""Tickets for the rest of the hub: lists, acknowledgement, and their pages when they print."""

from collections.abc import Sequence

from edge_hub.domain.ids import BasketId
from edge_hub.domain.receipt import Till
from edge_hub.domain.routing import Route
from edge_hub.domain.staff import Permission
from edge_hub.domain.store import StoreSettings
from edge_hub.sdk.document import Document
from edge_hub.sdk.label import Label
from edge_hub.services.checkout.commands import SendBasket
from edge_hub.services.checkout.views import SendOutcome
from edge_hub.services.ports import JournalPort
from edge_hub.services.principal import Principal
from edge_hub.services.printing.job import Job
from edge_hub.services.printing.ports import Documents, no_labels
from edge_hub.services.routing import documents, records
from edge_hub.services.routing.labels import labels
from edge_hub.services.routing.model import TICKET_ORIGIN, AcknowledgeTicket, Ticket
from edge_hub.words import words


class Tickets:
    def __init__(self, journal: JournalPort, settings: StoreSettings) -> None:
        self._journal = journal
        self._settings = settings

    def get(self, ticket_id: str) -> Ticket:
        """Raises TicketNotFound."""
        return records.load_ticket(self._journal.reader.row, ticket_id)

    def listed(self, *, route: str = "", state: str = "", limit: int = records.TICKETS_LISTED_MAX) -> list[Ticket]:
        """Newest first; "" for any."""
        return records.listed(self._journal.reader.rows, route, state, limit)

    def jobs(self, ticket: Ticket) -> list[str]:
        """Ids of its print jobs, in order."""
        return [*records.jobs_of_ticket(self._journal.reader.rows, ticket.id)]

    def route(self, ticket: Ticket) -> Route:
        """Its route as configured now; one that is no longer there goes by its id."""
        known = (route for route in self._settings.routes if route.id == ticket.route)
        return next(known, Route(id=ticket.route, name=ticket.route, printers=()))

    async def send(
        self,
        who: Principal,
        basket: BasketId,
        version: int | None,
        label: str | None = None,
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> SendOutcome:
        """Send what was not sent of a basket yet. Raises NoRoutes, VersionMismatch, BasketClosed, BasketNotFound."""
        who.require(Permission.SELL)
        command = SendBasket(basket=basket, version=version, label=label)
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    async def acknowledge(self, who: Principal, ticket_id: str, *, key: str = "", fingerprint: bytes = b"") -> Ticket:
        """Somebody there has seen it. Raises TicketNotFound."""
        who.require(Permission.SELL)
        command = AcknowledgeTicket(ticket=ticket_id)
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    def document(self, ticket: Ticket) -> Document:
        """Its page, or its labels as text, in the store's language."""
        said = words(self._settings.card.locale)
        return documents.document(ticket, self.route(ticket), said, self._names(ticket))

    async def labels(self, job: Job) -> Sequence[Label]:
        """For a printer that prints labels only. Raises TicketNotFound, DeviceCannot: the job prints something else."""
        if not job.origin.startswith(TICKET_ORIGIN):
            return await no_labels(job)
        ticket = self.get(job.origin.removeprefix(TICKET_ORIGIN))
        said, route = words(self._settings.card.locale), self.route(ticket)
        return labels(ticket, route, said, self._names(ticket), duplicate=job.possible_duplicate)

    def _names(self, ticket: Ticket) -> documents.Names:
        staff = self._journal.reader.row("SELECT name FROM staff WHERE id = ?", (ticket.staff,))
        till = self._settings.till(ticket.till) or Till(id=ticket.till, name=ticket.till, receipt_prefix="")
        timezone = self._settings.card.timezone
        return documents.Names(till=till.name, staff="" if staff is None else staff[0], timezone=timezone)

    def drawing(self, others: Documents) -> Documents:
        """Draws jobs that print tickets; all other jobs are left to `others`."""

        async def draw(job: Job) -> Document:
            if job.origin.startswith(TICKET_ORIGIN):
                return self.document(self.get(job.origin.removeprefix(TICKET_ORIGIN)))
            return await others(job)

        return draw
