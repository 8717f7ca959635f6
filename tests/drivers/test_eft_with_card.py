"""What a terminal gives back only to a card that somebody presents: the hub must not begin that by itself."""

import pytest
from eft_till import Till

from drivers.adyen import DRIVER as ADYEN
from drivers.caisse_ap import DRIVER as CAISSE_AP
from drivers.concert import DRIVER as CONCERT
from drivers.ecpay import DRIVER as ECPAY
from drivers.edc_bank import DRIVER as EDC_BANK
from drivers.nccc import DRIVER as NCCC
from drivers.taishin import DRIVER as TAISHIN
from drivers.zvt import DRIVER as ZVT
from edge_hub.sdk.eft.model import Transaction

REFUND, VOID = Transaction.REFUND, Transaction.VOID


@pytest.mark.parametrize(
    ("driver", "with_card"),
    [
        (ADYEN, set()),
        (CAISSE_AP, {REFUND, VOID}),
        (CONCERT, {REFUND, VOID}),
        (ECPAY, set()),
        (EDC_BANK, {REFUND}),
        (NCCC, {REFUND}),
        (TAISHIN, set()),
        (ZVT, {REFUND}),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
async def test_what_takes_the_card_again(driver, with_card):
    async with Till(driver).running() as till:
        can = till.terminal.capabilities
        assert can.with_card == with_card <= can.transactions
