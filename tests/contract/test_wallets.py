"""Every installed wallet through every story: each fault, each transaction, each way out of doubt."""

import asyncio

import pytest

from edge_hub.devices.registry import load_wallet_drivers
from edge_hub.sdk.testing import settle
from edge_hub.sdk.testing.contract_wallet import cases, hold_wallet

WALLETS = load_wallet_drivers()
STORIES = [(name, case) for name in sorted(WALLETS) for case in cases(WALLETS[name])]


@pytest.mark.parametrize(("name", "case"), STORIES, ids=[f"{name}-{case}" for name, case in STORIES])
async def test_contract(name, case):
    before = asyncio.all_tasks()
    await hold_wallet(WALLETS[name], case)
    await settle()
    assert asyncio.all_tasks() == before
