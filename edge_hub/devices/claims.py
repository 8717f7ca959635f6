"""Exclusive use of devices, as UnifiedPOS claims them, with a lease so that a vanished owner cannot keep one."""

from dataclasses import dataclass

from edge_hub.clock import Clock
from edge_hub.errors import Conflict, Invalid, at

LEASE_MAX_S = 600.0
ABSENT_S = 5.0
"""For an owner that went away to come back, as a tablet does that roams: then what it held is free."""


class Claimed(Conflict):
    """UnifiedPOS E_CLAIMED: another owner holds the device; `params["owner"]` names it."""

    code = "device-claimed"
    title = "The device is in use by someone else."


class BadLease(Invalid):
    """The lease asked for is not a length of time the hub gives."""

    code = "device-lease-invalid"
    title = "The lease is not valid."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """`until` is on the monotonic clock."""

    device_id: str
    owner: str
    until: float


class Claims:
    """Who holds which device; leases end by themselves."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, Claim] = {}
        self._absent: dict[str, float] = {}
        """Until when owners that went away while they held something may come back."""

    def owner(self, device_id: str) -> str | None:
        """Who holds the device now."""
        claim = self._held.get(device_id)
        return claim.owner if claim is not None and self._end(claim) > self._clock.monotonic() else None

    def claim(self, device_id: str, owner: str, lease_s: float) -> Claim:
        """Take the device or extend the own claim; raises Claimed, BadLease."""
        if not 0 < lease_s <= LEASE_MAX_S:
            longest = BadLease(
                "a lease is longer than 0 and at most {limit} seconds", why="range", limit=int(LEASE_MAX_S)
            )
            raise at("/lease_s", "range", longest)
        self._refuse_other(device_id, owner)
        claim = Claim(device_id=device_id, owner=owner, until=self._clock.monotonic() + lease_s)
        self._held[device_id] = claim
        self.back(owner)
        return claim

    def release(self, device_id: str, owner: str) -> bool:
        """Give the device back; False if it was not held. Raises Claimed when another holds it."""
        self._refuse_other(device_id, owner)
        return self._held.pop(device_id, None) is not None

    def gone(self, owner: str) -> None:
        """The owner went away: what it holds is free after ABSENT_S, unless it comes back or claims again."""
        if any(claim.owner == owner for claim in self._held.values()):
            self._absent[owner] = self._clock.monotonic() + ABSENT_S

    def back(self, owner: str) -> None:
        """The owner is here: its leases last as long as they were given for."""
        self._absent.pop(owner, None)

    def expire(self) -> tuple[str, ...]:
        """Forget ended leases; the devices that became free."""
        now = self._clock.monotonic()
        ended = tuple(claim.device_id for claim in self._held.values() if self._end(claim) <= now)
        for device_id in ended:
            del self._held[device_id]
        holding = {claim.owner for claim in self._held.values()}
        self._absent = {owner: until for owner, until in self._absent.items() if owner in holding}
        return ended

    def next_end(self) -> float | None:
        """When the first claim ends, on the monotonic clock."""
        return min(map(self._end, self._held.values()), default=None)

    def _end(self, claim: Claim) -> float:
        return min(claim.until, self._absent.get(claim.owner, claim.until))

    def _refuse_other(self, device_id: str, owner: str) -> None:
        holder = self.owner(device_id)
        if holder is not None and holder != owner:
            raise Claimed("the device {device} is claimed by {owner}", why="by", device=device_id, owner=holder)
