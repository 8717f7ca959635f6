import pytest

from edge_hub.devices.claims import ABSENT_S, LEASE_MAX_S, BadLease, Claimed
from edge_hub.devices.hub import UnknownDevice


async def test_one_owner_at_a_time(hub_of):
    async with hub_of({}, {}) as hub:
        hub.claim("d0", "till-1", 10)
        with pytest.raises(Claimed) as caught:
            hub.claim("d0", "till-2", 10)
        assert caught.value.params == {"device": "d0", "owner": "till-1"}
        with pytest.raises(Claimed):
            hub.release("d0", "till-2")
        assert hub.snapshot("d0").claimed_by == "till-1"
        hub.claim("d1", "till-2", 10)
        hub.release("d0", "till-1")
        hub.release("d0", "till-1")
        hub.claim("d0", "till-2", 10)


async def test_a_lease_ends_on_the_monotonic_clock_and_is_published(hub_of, clock, bus):
    async with hub_of({}) as hub:
        hub.claim("d0", "till-1", 10)
        clock.jump(-3_600_000)
        await clock.advance(6)
        hub.claim("d0", "till-1", 10)
        await clock.advance(6)
        assert hub.claimed_by("d0") == "till-1"
        clock.jump(3_600_000)
        assert hub.claimed_by("d0") == "till-1"
        with bus.subscribe("device") as wakes:
            await clock.advance(4)
            assert hub.claimed_by("d0") is None
            await clock.advance(1)
            assert (await wakes.get()).key == "d0"
        hub.claim("d0", "till-2", 10)


async def test_an_owner_that_is_gone_holds_nothing_a_little_later(hub_of, clock, bus):
    async with hub_of({}, {}, {}) as hub:
        hub.claim("d0", "till-1", 600)
        hub.claim("d1", "till-1", 2)
        hub.claim("d2", "till-2", 600)
        hub.owner_gone("till-1")
        await clock.advance(3)
        assert [hub.claimed_by(f"d{n}") for n in range(3)] == ["till-1", None, "till-2"]
        with bus.subscribe("device") as wakes:
            await clock.advance(3)
            assert (await wakes.get()).key == "d0"
        assert [hub.claimed_by(f"d{n}") for n in range(3)] == [None, None, "till-2"]
        hub.claim("d0", "till-2", 10)


@pytest.mark.parametrize("how", ["connects", "claims"])
async def test_an_owner_that_comes_back_in_time_holds_on(hub_of, clock, how):
    async with hub_of({}) as hub:
        hub.claim("d0", "till-1", 600)
        hub.owner_gone("till-1")
        await clock.advance(ABSENT_S - 1)
        if how == "connects":
            hub.owner_back("till-1")
        else:
            hub.claim("d0", "till-1", 600)
        await clock.advance(60)
        assert hub.claimed_by("d0") == "till-1"


async def test_going_away_with_nothing_does_not_shorten_what_is_claimed_later(hub_of, clock):
    async with hub_of({}) as hub:
        hub.owner_gone("program")
        hub.claim("d0", "program", 60)
        await clock.advance(30)
        assert hub.claimed_by("d0") == "program"


@pytest.mark.parametrize("lease", [0, -1, LEASE_MAX_S + 1, float("nan"), float("inf")])
async def test_leases_have_a_length(hub_of, lease):
    async with hub_of({}) as hub:
        with pytest.raises(BadLease):
            hub.claim("d0", "till-1", lease)


async def test_unknown_devices(hub_of):
    async with hub_of({}) as hub:
        for act in (hub.get, hub.snapshot, hub.simulator, hub.unplug):
            with pytest.raises(UnknownDevice):
                act("zz")
        with pytest.raises(UnknownDevice):
            hub.claim("zz", "o", 1)
        assert [snapshot.id for snapshot in hub.snapshots()] == ["d0"]
        assert (await hub.probe("d0")).state == "ready"
