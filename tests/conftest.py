"""For all tests: examples are judged by what happens, never by how long it took; a slow machine is no failure."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("edge-hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edge-hub")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long forms run where they are asked for."""
    if os.environ.get("EDGE_HUB_CAMPAIGN") == "1":
        return
    skip = pytest.mark.skip(reason="a long form: EDGE_HUB_CAMPAIGN=1")
    for item in items:
        if item.get_closest_marker("campaign"):
            item.add_marker(skip)
