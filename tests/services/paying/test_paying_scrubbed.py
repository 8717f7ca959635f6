"""A driver that scrubs nothing: no whole card number gets into the journal's file all the same."""

from edge_hub.domain.payment import PaymentState
from edge_hub.domain.reconciliation import TerminalTotals
from edge_hub.services.payments.commands import CloseSettlement, OpenSettlement

PAN = "4311951234561231"


def test_what_a_careless_driver_hands_over(shop):
    payment = shop.start(shop.basket("tea"), 250)
    shop.send(payment)
    said = {
        "card": PAN,
        "text": f"CARD {PAN}",
        "slip": (PAN,),
        "merchant_slip": (f"PAN: {PAN}",),
        "raw": b"\x02" + PAN.encode(),
    }
    shop.answer(payment, **said)
    assert shop.state(payment) is PaymentState.APPROVED
    assert shop.payment(payment).result.raw == b"\x02431195******1231"
    totals = TerminalTotals(slip=(PAN,), raw=PAN.encode())
    settlement = shop.do(OpenSettlement(terminal="card-1")).id
    shop.do(CloseSettlement(settlement=settlement, totals=totals, detail=PAN))
    bodies = b"".join(bytes(body) for (body,) in shop.rows("SELECT body FROM journal"))
    assert PAN.encode() not in bodies
    assert b"431195******1231" in bodies
