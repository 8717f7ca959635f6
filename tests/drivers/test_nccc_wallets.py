"""NCCC terminals that take e-tickets and wallets; what must not be kept."""

import logging

import pytest
from nccc_bench import AT, PAYMENTS, asking, codec, terminal

from drivers.nccc.codec import (
    WALLET_LAYOUT,
    type_of,
    wallet_inquiry,
)
from edge_hub.sdk.eft import bank
from edge_hub.sdk.eft.model import Found, Reason, Verdict
from edge_hub.sdk.testing import settle


async def test_a_ticket_tapped_again_is_pending_until_it_is_charged():
    async with terminal("retap", payment="E") as it:
        request, data, sale = await it.pay()
        assert (sale.verdict, sale.code) == (Verdict.UNKNOWN, "0018")
        assert (await it.ask(request, data)).found is Found.PENDING
        assert it.taken == []
        it.fault("retap", False)
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict) == (Found.FOUND, Verdict.APPROVED)
        assert (await it.ask(request, data)).found is Found.FOUND
        assert len(it.taken) == 1


async def test_a_ticket_loaded_and_not_charged_is_for_a_person():
    async with terminal("autoload", payment="E") as it:
        request, data, sale = await it.pay()
        assert (sale.verdict, sale.code) == (Verdict.UNKNOWN, "0019")
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_too_little_on_a_ticket():
    async with terminal(payment="E") as it:
        it.simulator.act("outcome", "balance")
        _, _, sale = await it.pay()
        assert (sale.verdict, sale.reason) == (Verdict.DECLINED, Reason.BALANCE)


async def test_a_wallet_pays():
    async with terminal(payment="W") as it:
        _, _, sale = await it.pay()
        assert (sale.verdict, sale.scheme, sale.data["order"]) == (Verdict.APPROVED, "LINE Pay", "EW0000000001")


async def test_a_wallet_whose_host_was_slow_is_asked_by_its_order():
    async with terminal("wallet_timeout", payment="W") as it:
        request, data, sale = await it.pay()
        assert (sale.verdict, sale.reason, sale.code) == (Verdict.UNKNOWN, Reason.TIMEOUT, "0003")
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict, answer.result.amount) == (Found.FOUND, Verdict.APPROVED, 1280)
        assert len(it.taken) == 1


async def test_a_wallets_lost_reply_is_found():
    async with terminal(bank.LOST_REPLY, payment="W") as it:
        request, data, _ = await it.pay()
        assert (await it.ask(request, data)).found is Found.FOUND


async def test_0010_of_a_wallet_has_the_order_asked_for_if_it_is_known():
    async with terminal("wallet_timeout", payment="W") as it:
        request, data, _ = await it.pay()
        it.simulator._saved = data[:-1] + b"x"
        answer = await it.ask(request, data)
        assert (answer.found, answer.result.verdict) == (Found.FOUND, Verdict.APPROVED)
        it.bench._memory.clear()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


async def test_a_wallet_that_does_not_confirm_is_for_a_person():
    async with terminal("wallet_timeout", payment="W") as it:
        request, data, _ = await it.pay()
        it.simulator._orders.clear()
        assert (await it.ask(request, data)).found is Found.INCONCLUSIVE


def test_the_wallets_inquiry():
    data = codec(payment="W").request(asking())
    asked = wallet_inquiry(data, "EW0000000001")
    assert type_of(asked) == "68"
    assert WALLET_LAYOUT.unpack(asked)["order"] == "EW0000000001"


@pytest.mark.parametrize("payment", PAYMENTS)
async def test_no_card_number_is_kept(payment, caplog):
    caplog.set_level(logging.DEBUG)
    async with terminal(bank.LATE_REPLY, bank.DUPLICATE_REPLY, payment=payment) as it:
        kept = []
        for scheme in bank.PANS:
            it.simulator.act("scheme", scheme)
            request, data, sale = await it.pay()
            assert sale.verdict is Verdict.APPROVED
            kept += [sale, await it.ask(request, data)]
        kept += [await it.run(it.eft.settle(AT, it.heard.append)), it.heard, it.bench._memory]
        await settle()
        said = repr(kept) + caplog.text
        assert not [pan for pan in (*bank.PANS.values(), bank.CARDHOLDER) if pan in said]
        assert payment == "W" or "431195******1231" in said
