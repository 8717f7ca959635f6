"""What is looked at before a payment is opened: whether the provider is there and can do it."""

from edge_hub.domain.money import Money
from edge_hub.domain.payment import Payment, PaymentKind, PaymentMethod
from edge_hub.errors import Invalid, fault
from edge_hub.sdk.eft.model import Transaction
from edge_hub.services.payments.commands import OpenPayment
from edge_hub.services.payments.model import PaymentMethodOff, PaymentNotReversible
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.records import closed_since, in_basket
from edge_hub.services.payments.terminals import Open, ProviderNotFound
from edge_hub.services.principal import Principal
from edge_hub.services.printing.service import DeviceCannot


def asked_before(office: Office, who: Principal, key: str) -> bool:
    """Whether the answer to this was perhaps lost: then it is answered again, however the terminal is by now."""
    sql = "SELECT 1 FROM idempotency WHERE client = ? AND key = ?"
    return bool(key) and office.journal.reader.row(sql, (who.actor.client or "", key)) is not None


def check_start(office: Office, provider: str, method: PaymentMethod, *, tip: Money | None, code: str) -> None:
    """Raises Invalid, PaymentMethodOff, and as `able`."""
    if method is not office.terminals.method(provider):
        raise Invalid(faults=(fault("/method", "method", "is not how this provider is paid", why="other-method"),))
    if method is PaymentMethod.STANDALONE:
        return
    can = able(office, provider, Transaction.SALE).can
    if can.code and not code:
        raise Invalid(faults=(fault("/code", "missing", "scan what the customer shows", why="no-payment-code"),))
    if tip is not None and tip.minor and not can.tips:
        raise PaymentMethodOff(method="tip")


def able(office: Office, provider: str, transaction: Transaction) -> Open:
    """The terminal or wallet. Raises ProviderNotFound, DeviceAway, DeviceCannot."""
    found = office.terminals.here(provider)
    if transaction not in found.can.transactions:
        raise DeviceCannot(device=provider, role=transaction.value)
    return found


def afterwards(office: Office, who: Principal, kind: PaymentKind, original: Payment, amount: Money) -> OpenPayment:
    """What gives a payment back or adds a tip to it, at the terminal or wallet that took it. Where a terminal is known
    to have no refund for the till, somebody makes it there by hand, and confirms it with the slip.
    """
    can = office.terminals.can(original.provider)
    refunds = can is None or Transaction.REFUND in can.transactions
    by_hand = kind is PaymentKind.REFUND and original.method is PaymentMethod.TERMINAL and not refunds
    return OpenPayment(
        kind=kind,
        method=PaymentMethod.STANDALONE if by_hand else original.method,
        provider=original.provider,
        tender=original.tender,
        amount=amount,
        till=who.till or original.till,
        original=original.id,
        account=_account(office, original.provider),
        locks=locks(office, original.provider),
    )


def _account(office: Office, provider: str) -> str:
    try:
        return office.terminals.account(provider)
    except ProviderNotFound:
        return ""  # the writer refuses it, or knows the key


def check_no_basket(office: Office, payment: Payment) -> None:
    """Raises PaymentNotReversible for a tender of a basket that is not sold yet: part of it may not just go away."""
    row, state = office.journal.reader.row, payment.state.value
    if not in_basket(row, payment):
        return
    if closed_since(row, payment):
        words = "Its terminal's day was closed since: let its basket be paid and sold, then refund it."
        raise PaymentNotReversible(words, why="sell-first", payment=payment.id, state=state)
    words = "Its basket is not sold yet: void it instead."
    raise PaymentNotReversible(words, why="not-sold", payment=payment.id, state=state)


def locks(office: Office, provider: str) -> bool:
    """Whether it knows its last transaction only, as far as that was ever seen."""
    can = office.terminals.can(provider) if provider else None
    return can is None or can.locks
