"""Payments with everything that goes wrong, and the hub killed in between: the journal and the banks agree in the end.

The long form (`make campaign`; PAYMENTS and SEED of the environment) has thousands of payments for each protocol, the
short one a few for every installed terminal and wallet, in one shop for each currency.
"""

from collections import defaultdict
from dataclasses import replace

import pytest
from e2e_forms import CAMPAIGN_S
from e2e_pay_books import Ledger, forbidden, hunt, scraps, wrongs
from e2e_pay_campaign import Campaign, payments_of, seed_of
from e2e_pay_shop import TERMINALS, Entry, Protocol, currency_of, protocols

from edge_hub.domain.payment import NOT_TAKEN, TAKEN, WAS_TAKEN, Payment, PaymentKind, PaymentState
from edge_hub.domain.tender import CASH
from edge_hub.sdk.eft.bank import LOST_REPLY
from edge_hub.sdk.eft.model import Transaction

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAYMENTS = 2000
PAYMENTS_A_KILL = 33
SHORT_PAYMENTS = 3
"""For each protocol."""
SHORT_FACTOR = 50.0


@pytest.mark.campaign
@pytest.mark.timeout(CAMPAIGN_S)
@pytest.mark.parametrize("protocol", protocols(), ids=lambda one: one.name)
async def test_of_one_protocol(tmp_path, protocol: Protocol) -> None:
    payments = payments_of(PAYMENTS)
    campaign = Campaign(
        tmp_path, [protocol] * TERMINALS, payments=payments, kills=payments // PAYMENTS_A_KILL,
        seed=seed_of(protocol.name),
    )  # fmt: skip
    report = await campaign.run()
    assert report.wrong == []


@pytest.mark.parametrize("currency", ["TWD", "EUR", "CNY"])
async def test_of_all_in_one_shop(tmp_path, currency: str) -> None:
    wanted = [one for one in protocols() if await currency_of(one) == currency]
    campaign = Campaign(
        tmp_path,
        wanted,
        payments=SHORT_PAYMENTS * len(wanted),
        kills=1,
        seed=seed_of(f"all in {currency}"),
        factor=SHORT_FACTOR,
    )
    report = await campaign.run()
    assert report.wrong == []
    blind = [what for what, false in falsified(report.books).items() if not wrongs(false)]
    assert blind == [], "the comparison sees whatever is wrong"


async def test_drivers_that_send_again_or_guess_are_caught(tmp_path) -> None:
    nccc = next(one for one in protocols() if one.name == "nccc")
    campaign = Campaign(
        tmp_path, [nccc] * 2, payments=4, kills=0, seed="wrong drivers", fault=LOST_REPLY, factor=SHORT_FACTOR,
        doubles={"nccc-1": "resending", "nccc-2": "guessing"},
    )  # fmt: skip
    wrong = (await campaign.run()).wrong
    assert [one for one in wrong if one.startswith("nccc-1 ") and "carried out 2 times" in one]
    assert [one for one in wrong if one.startswith("nccc-2 ") and "it was taken" in one]


def test_the_hunt_finds_what_must_not_be_kept(tmp_path) -> None:
    for number, (what, secret) in enumerate(forbidden().items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "kept").write_bytes(scraps("before", secret, "after"))
        assert f"{what} in kept" in hunt(folder)
    (tmp_path / "track").mkdir()
    (tmp_path / "track" / "kept").write_bytes(b"%B5555444433331111^NAME^29121010000")
    assert hunt(tmp_path / "track") == ["a track in kept"]


def falsified(books: Ledger) -> dict[str, Ledger]:
    """The same books with one thing wrong each, as far as there is something to falsify."""
    false: dict[str, Ledger] = {}
    for provider, taken in books.taken.items():
        sold = [one for one in taken if one.transaction is Transaction.SALE]
        if not sold:
            continue
        less = [one for one in taken if one is not sold[0]]
        more = [replace(one, amount=one.amount + (one is sold[0])) for one in taken]
        false[f"{provider}: charged twice"] = _at(books, provider, [*taken, sold[0]])
        false[f"{provider}: money that the bank does not have"] = _at(books, provider, less)
        false[f"{provider}: another amount"] = _at(books, provider, more)
    cards = [row for row in books.tenders if row[1] != CASH]
    for sale, kind, amount, reference in cards:
        rest = [row for row in books.tenders if row[3] != reference]
        own = (sale, kind, amount, reference)
        false[f"{reference} in two sales"] = replace(books, tenders=[*books.tenders, own])
        false[f"{reference} in a sale with another amount"] = replace(
            books, tenders=[*rest, (sale, kind, amount + 1, reference)]
        )
        false[f"{reference} in no sale"] = replace(books, tenders=rest)
        false[f"{reference} under another name"] = replace(books, tenders=[*rest, (sale, kind, amount, "NOBODYSREF")])
    for one in books.payments:
        if one.state in TAKEN:
            false[f"{one.reference} approved, as a refusal"] = _with(books, one.id, PaymentState.DECLINED)
        if one.state in NOT_TAKEN:
            false[f"{one.reference} not taken, as an approval"] = _with(books, one.id, PaymentState.APPROVED)
        false[f"{one.reference} in a doubt that nobody is told of"] = _with(books, one.id, PaymentState.UNKNOWN)
    return false | _mixed_up(books)


def _mixed_up(books: Ledger) -> dict[str, Ledger]:
    """The replies of two payments of one amount exchanged."""
    alike: dict[tuple[str, int], list[Payment]] = defaultdict(list)
    for one in books.payments:
        receipt = "" if one.result is None else one.result.receipt
        if one.kind is PaymentKind.SALE and one.state in WAS_TAKEN and receipt.isdecimal():
            alike[one.provider, one.amount.minor].append(one)
    pairs = [(few[0], few[1]) for few in alike.values() if len(few) > 1]
    return {f"{one.reference} and {other.reference} exchanged": _exchanged(books, one, other) for one, other in pairs}


def _at(books: Ledger, provider: str, taken: list[Entry]) -> Ledger:
    return replace(books, taken=books.taken | {provider: taken})


def _with(books: Ledger, payment: str, state: PaymentState) -> Ledger:
    return replace(
        books, payments=[replace(one, state=state) if one.id == payment else one for one in books.payments]
    )  # fmt: skip


def _exchanged(books: Ledger, one: Payment, other: Payment) -> Ledger:
    results = {one.id: other.result, other.id: one.result}
    return replace(books, payments=[replace(each, result=results.get(each.id, each.result)) for each in books.payments])
