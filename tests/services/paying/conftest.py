import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from paying_shop import PayingShop

from edge_hub.domain.store import PaymentRules


@pytest.fixture
def paying_settings(settings):
    return replace(settings, payments=PaymentRules(tips=True))


@pytest.fixture
def open_paying(tmp_path_factory, paying_settings):
    """Opens shops, each with a journal of its own."""
    opened = []

    def open_it(settings=None):
        opened.append(PayingShop(tmp_path_factory.mktemp("paying") / "hub.db", settings or paying_settings))
        return opened[-1]

    yield open_it
    for shop in opened:
        shop.close()


@pytest.fixture
def shop(open_paying):
    return open_paying()
