"""What a till can be paid by at this moment."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.ids import TillId
from edge_hub.domain.payment import IN_DOUBT, PaymentMethod
from edge_hub.sdk.eft.model import Transaction
from edge_hub.services.payments.model import PaymentTerminalBusy, PaymentTerminalLocked
from edge_hub.services.payments.office import Office
from edge_hub.services.payments.records import holding, settling
from edge_hub.services.payments.terminals import CARD, ProviderNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A card terminal, a wallet or (`provider` "") a terminal of its own. What it can do is as far as it is known:
    nothing of one that was away since the start.
    """

    provider: str
    method: PaymentMethod
    tender: str
    label: str
    """"" for a terminal of its own."""
    ready: bool
    why_not: str
    """Where it is not ready: the code of the problem that a payment would meet now; else ""."""
    detail: str
    """The same in the device's own words, or ""."""
    needs_code: bool
    tips: bool
    """A payment may have a tip in it."""
    adds_tips: bool
    """A tip may be added to it afterwards, from the slip."""
    refunds: bool
    voids: bool
    settles: bool
    stops: bool


def offers(office: Office, wallets: tuple[str, ...], till: TillId | None) -> Iterator[Offer]:
    """Of one till: its terminal; of none: every till's. Then the wallets, then a terminal of its own."""
    tills = office.settings.tills
    terminals = dict.fromkeys(one.terminal for one in tills if one.terminal and till in {None, one.id})
    for provider in (*terminals, *wallets):
        try:
            yield _offer(office, provider)
        except ProviderNotFound:
            continue  # taken away since the start
    if office.settings.payments.standalone:
        yield _standalone(tips=office.settings.payments.tips)


def _offer(office: Office, provider: str) -> Offer:
    terminals = office.terminals
    method = terminals.method(provider)
    can = terminals.can(provider)
    why_not, detail = _why_not(office, provider, locks=can is None or can.locks)
    transactions = can.transactions if can is not None else frozenset()
    return Offer(
        provider=provider,
        method=method,
        tender=terminals.tender(provider),
        label=terminals.label(provider),
        ready=not why_not,
        why_not=why_not,
        detail=detail,
        needs_code=can is not None and can.code,
        tips=can is not None and can.tips and office.settings.payments.tips,
        adds_tips=Transaction.TIP in transactions and office.settings.payments.tips,
        refunds=Transaction.REFUND in transactions,
        voids=Transaction.VOID in transactions,
        settles=can is not None and can.settles,
        stops=can is not None and can.stops,
    )


def _why_not(office: Office, provider: str, *, locks: bool) -> tuple[str, str]:
    if office.terminals.now(provider) is None:
        return DeviceAway.code, office.terminals.trouble(provider)[1]
    if office.terminals.method(provider) is not PaymentMethod.TERMINAL:
        return "", ""
    reader = office.journal.reader
    if settling(reader.row, provider) is not None:
        return PaymentTerminalLocked.code, ""
    open_ones = [one.payment for one in holding(reader.rows, provider)] if locks else []
    if any(one.state in IN_DOUBT for one in open_ones):
        return PaymentTerminalLocked.code, ""
    return (PaymentTerminalBusy.code, "") if open_ones else ("", "")


def _standalone(*, tips: bool) -> Offer:
    return Offer(
        provider="",
        method=PaymentMethod.STANDALONE,
        tender=CARD,
        label="",
        ready=True,
        why_not="",
        detail="",
        needs_code=False,
        tips=tips,
        adds_tips=False,
        refunds=True,
        voids=True,
        settles=False,
        stops=False,
    )
