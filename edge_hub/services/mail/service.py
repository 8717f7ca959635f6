"""The outbox for the rest of the hub."""

from edge_hub.domain.ids import SaleId
from edge_hub.domain.staff import Permission
from edge_hub.services.mail import records
from edge_hub.services.mail.model import EmailOff, Mail, QueueMail
from edge_hub.services.ports import JournalPort
from edge_hub.services.principal import Principal


class Mails:
    """`on`: a mail server is configured."""

    def __init__(self, journal: JournalPort, *, on: bool) -> None:
        self._journal = journal
        self.on = on

    async def send_receipt(
        self, who: Principal, sale: SaleId, address: str, locale: str = "", *, key: str = "", fingerprint: bytes = b""
    ) -> Mail:
        """Queue a sale's receipt for an address. Raises EmailOff, SaleNotFound, OutboxFull."""
        who.require(Permission.SELL)
        if not self.on:
            raise EmailOff
        command = QueueMail(sale=sale, address=address, locale=locale)
        return await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)

    def get(self, mail_id: str) -> Mail:
        """Raises MailNotFound."""
        return records.load_mail(self._journal.reader.row, mail_id)

    def listed(self, *, state: str = "", limit: int = records.MAILS_LISTED_MAX) -> list[Mail]:
        """Newest first; "" for any state."""
        return records.listed(self._journal.reader.rows, state, limit)
