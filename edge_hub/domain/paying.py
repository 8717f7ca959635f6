"""Payments by card or wallet and the basket they pay for: held, then a tender or let go, and given back by a void.

Each is `(basket, ...) -> Basket` with the next version, as in `edge_hub.domain.ringing`; where nothing changes, the
same basket.
"""

from dataclasses import replace

from edge_hub.domain.basket import Basket, BasketPayment, BasketState, Totals
from edge_hub.domain.ids import PaymentId
from edge_hub.domain.ringing import BasketClosed, BasketParked
from edge_hub.domain.settlement import check_next, room
from edge_hub.domain.tender import Tender
from edge_hub.errors import Conflict


class TenderNotRemovable(Conflict):
    """A card or a wallet paid it: it is voided there, and leaves the basket then; `params["payment"]`."""

    code = "tender-needs-void"
    title = "This payment must be voided: the card or the wallet was charged."


class TenderBeingVoided(Conflict):
    """A payment of this basket is being given back: what is due is not known until that has ended."""

    code = "tender-being-voided"
    title = "A payment of this basket is being voided."


def hold(basket: Basket, payment: BasketPayment, tender: Tender, totals: Totals) -> Basket:
    """Begin to pay: `payment.amount`, which will be `tender`, is spoken for.

    Raises TenderTooLarge, TooManyTenders, TenderOutOfRange, CurrencyMismatch, BasketClosed, BasketParked.
    """
    if basket.state is BasketState.PARKED:
        raise BasketParked
    if basket.state is not BasketState.OPEN:
        raise BasketClosed(state=basket.state.value)
    check_next(totals, basket.tenders, tender, basket.pending)
    return replace(basket, version=basket.version + 1, payments=(*basket.payments, payment))


def let_go(basket: Basket, payment: PaymentId) -> Basket:
    """It took no money: the amount may be paid otherwise. A closed basket keeps what it knew."""
    if basket.state is not BasketState.OPEN or held(basket, payment) is None:
        return basket
    return replace(basket, version=basket.version + 1, payments=_without(basket, payment))


def take(basket: Basket, payment: PaymentId, tender: Tender, totals: Totals) -> Basket | None:
    """It took the money: the tender joins the basket, in which nothing is spoken for by it any more.

    None where nobody wants the money: the basket is closed, does not hold this payment, or comes to less. Cash that was
    handed over meanwhile is no reason: it comes back as change.
    """
    if basket.state is not BasketState.OPEN or held(basket, payment) is None:
        return None
    others = _without(basket, payment)
    if room(totals, basket.tenders, tuple(other.amount for other in others)) < tender.amount:
        return None
    return replace(basket, version=basket.version + 1, payments=others, tenders=(*basket.tenders, tender))


def give_back(basket: Basket, tender: Tender) -> Basket:
    """A void undid a payment: its tender leaves the basket. A sold one keeps it: the void is linked to the sale."""
    if basket.state is not BasketState.OPEN or (place := place_of(basket, tender)) is None:
        return basket
    left = basket.tenders[:place] + basket.tenders[place + 1 :]
    return replace(basket, version=basket.version + 1, tenders=left)


def held(basket: Basket, payment: PaymentId) -> BasketPayment | None:
    """How the basket holds the payment; None: it does not."""
    return next((one for one in basket.payments if one.payment == payment), None)


def place_of(basket: Basket, tender: Tender) -> int | None:
    """Where in the basket the tender of a payment is, by its type, amount and reference."""
    wanted = (tender.type, tender.amount, tender.reference)
    places = (n for n, one in enumerate(basket.tenders) if (one.type, one.amount, one.reference) == wanted)
    return next(places, None)


def _without(basket: Basket, payment: PaymentId) -> tuple[BasketPayment, ...]:
    return tuple(one for one in basket.payments if one.payment != payment)
