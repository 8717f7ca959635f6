"""Payments with everything that goes wrong, and the hub killed in between: the journal and the banks agree in the end.

The long form (`make campaign-payments`; PAYMENTS and SEED of the environment) has thousands of payments for each
protocol, the short one a few for every installed terminal and wallet, in one shop for each currency.
"""

import asyncio
import contextlib
import json
import shutil

import payments_campaign
import pytest
from e2e_forms import CAMPAIGN_S
from e2e_pay_books import Ledger, wrongs
from e2e_pay_campaign import Campaign, Plan, long_plan, seed_of
from e2e_pay_falsified import falsified
from e2e_pay_hunt import forbidden, hunt, scraps
from e2e_pay_nursery import Nursery
from e2e_pay_report import RESULTS, SUMMARY, Report
from e2e_pay_shop import Protocol, currency_of, protocols

from edge_hub.sdk.eft.bank import LOST_REPLY

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SHORT_PAYMENTS = 3
"""For each protocol."""
SHORT_FACTOR = 50.0
SHOPS = {"TWD": SHORT_FACTOR, "EUR": SHORT_FACTOR, "CNY": 150.0}
"""By currency, how much shorter waits are: where there are no terminals with short limits on a line, much more."""
WRONG = "wrong drivers"
BARE = {"payments": [], "moves": {}, "tenders": [], "totals": {}, "open_tenders": set(), "listed": set(), "taken": {}}
CONTROLS = {
    "charged twice", "money that the bank does not have", "another amount", "in two sales", "in no sale",
    "approved, as a refusal", "nobody is told of", "refused", "with another count",
    "without its payments", "the last batch never closed", "a batch of nobody's",
}  # fmt: skip
"""What is falsified in the books of some shop at least."""


@pytest.mark.campaign
@pytest.mark.timeout(CAMPAIGN_S)
@pytest.mark.parametrize("protocol", protocols(), ids=lambda one: one.name)
async def test_of_one_protocol(tmp_path, protocol: Protocol) -> None:
    async with Nursery() as nursery:
        report = await Campaign(tmp_path, long_plan(protocol), aloud=True).run(nursery)
    print(report.line(), report.keep(RESULTS))
    assert report.wrong == []


async def test_of_all_protocols_and_of_drivers_that_are_wrong(tmp_path) -> None:
    """A shop for each currency, and one whose drivers send again or guess, side by side."""
    plans = [await _shop(currency) for currency in SHOPS]
    nccc = next(one for one in protocols() if one.name == "nccc")
    plans.append(
        Plan(
            name=WRONG, wanted=[nccc] * 2, payments=4, kills=0, seed=WRONG, fault=LOST_REPLY, factor=SHORT_FACTOR,
            doubles={"nccc-1": "resending", "nccc-2": "guessing"}, days=0,
        )
    )  # fmt: skip
    async with Nursery() as nursery:
        *shops, wrong = await asyncio.gather(*(Campaign(tmp_path / one.name, one).run(nursery) for one in plans))
    seen: set[str] = set()
    for report in shops:
        print(report.line())
        assert report.wrong == [], report.seed
        false = falsified(report.books)
        assert [what for what, books in false.items() if not wrongs(books)] == [], "the comparison is blind for these"
        seen |= {kind for kind in CONTROLS for what in false if kind in what}
    assert seen == CONTROLS
    assert [one for one in wrong.wrong if one.startswith("nccc-1 ") and "carried out 2 times" in one]
    assert [one for one in wrong.wrong if one.startswith("nccc-2 ") and "it was taken" in one]


async def _shop(currency: str) -> Plan:
    wanted = [one for one in protocols() if await currency_of(one) == currency]
    return Plan(
        name=currency, wanted=wanted, payments=SHORT_PAYMENTS * len(wanted), kills=1, seed=seed_of(f"all in {currency}"),
        factor=SHOPS[currency],
    )  # fmt: skip


@pytest.mark.parametrize(("wrong", "status"), [([], 0), (["charged twice"], 1), (None, 1)])
def test_the_script_says_how_it_went_and_ends_with_1_if_anything_was_wrong(
    tmp_path, monkeypatch, capsys, wrong: list[str] | None, status: int
) -> None:
    """None: the campaign comes to no end."""
    folders = []

    async def run(self: Campaign, nursery: Nursery) -> Report:
        folders.append(self._folder)
        if wrong is None:
            raise TimeoutError
        figures = {**dict.fromkeys(SUMMARY, 7), "wrong": len(wrong)}
        return Report(name="nccc", seed="a seed", books=Ledger(**BARE), wrong=wrong, figures=figures)

    monkeypatch.setattr(Campaign, "run", run)
    monkeypatch.setattr(payments_campaign, "Nursery", contextlib.AsyncExitStack)
    assert payments_campaign.main(["nccc", "--results", str(tmp_path)]) == status
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].endswith("wrong: nccc" if status else "wrong: none")
    assert "nccc: protocol 1 of 1" in said.err
    if wrong is not None:
        assert (
            f"attempts 7, approved 7, declined 7, not sent 7, unknown 7, recovered 7, by person 7, wrong {status}"
            in said.out
        )
        record = json.loads((tmp_path / "nccc.json").read_text())
        assert (record["protocol"], record["seed"], record["problems"]) == ("nccc", "a seed", wrong)
    assert folders[0].exists() == bool(status), "what is wrong is kept, to be looked at"
    shutil.rmtree(folders[0], ignore_errors=True)


def test_the_hunt_finds_what_must_not_be_kept(tmp_path) -> None:
    for number, (what, secret) in enumerate(forbidden().items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "kept").write_bytes(scraps("before", secret, "after"))
        assert f"{what} in kept" in hunt(folder)
    (tmp_path / "track").mkdir()
    (tmp_path / "track" / "kept").write_bytes(b"%B5555444433331111^NAME^29121010000")
    assert hunt(tmp_path / "track") == ["a track in kept"]
