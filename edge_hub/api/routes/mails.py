"""Receipts by e-mail: queued here, sent when the mail server takes them."""

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.mails import EmailReceiptBody, MailDoc, MailsDoc, MailsQuery, mail
from edge_hub.domain.ids import SaleId
from edge_hub.domain.staff import Permission
from edge_hub.services.checkout.records import SaleNotFound
from edge_hub.services.mail.model import EmailOff, MailNotFound, OutboxFull

ROUTES = Routes("Sales")


@ROUTES.on(
    "POST", "/v1/sales/{sale_id}/receipt/email", request=EmailReceiptBody, response=MailDoc, status=202, auth="staff",
    permission=Permission.SELL, idempotent=True, undigested="address", errors=(SaleNotFound, EmailOff, OutboxFull),
)  # fmt: skip
async def email_receipt(call: Call[EmailReceiptBody, None]) -> MailDoc:
    """Send the receipt to a customer's address, as PDF and text.

    The address is kept only until the mail has ended. One of unknown outcome is never sent again by itself.
    """
    queued = await call.services.mails.send_receipt(
        call.who,
        SaleId(call.path["sale_id"]),
        call.body.address,
        call.body.locale or "",
        key=call.key,
        fingerprint=call.fingerprint,
    )
    return mail(queued, call.locale)


@ROUTES.on("GET", "/v1/mails", query=MailsQuery, response=MailsDoc, auth="staff")
async def list_mails(call: Call[None, MailsQuery]) -> MailsDoc:
    """Mails, newest first."""
    found = call.services.mails.listed(state=call.query.state or "", limit=call.query.limit)
    return {"mails": [mail(one, call.locale) for one in found]}


@ROUTES.on("GET", "/v1/mails/{mail_id}", response=MailDoc, auth="staff", errors=(MailNotFound,))
async def get_mail(call: Call[None, None]) -> MailDoc:
    """One mail."""
    return mail(call.services.mails.get(call.path["mail_id"]), call.locale)
