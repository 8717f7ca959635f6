"""PINs: what makes a bad one, and their hashes (argon2id, 19 MiB, 2 passes: OWASP's least), off the loop."""

import asyncio
import itertools
from functools import cache
from typing import TYPE_CHECKING

from edge_hub.errors import Fault, fault
from edge_hub.services.access.model import SignInsBusy, WeakPin

if TYPE_CHECKING:
    from argon2 import PasswordHasher

PIN_DIGITS_MIN = 4
PIN_DIGITS_MAX = 12
HASH_MEMORY_KIB = 19 * 1024
HASH_PASSES = 2
HASHES_PARALLEL_MAX = 2
"""54 ms and 19 MiB each on a two-core box with 1 GB."""
HASHES_WAITING_MAX = 16
HASHES_BUSY_RETRY_S = 2


def check_pin(pin: str) -> None:
    """Raises WeakPin."""
    if not pin.isascii() or not pin.isdigit() or not PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX:
        raise _weak(fault("/pin", "weak-pin", "must be 4 to 12 digits", why="pin-digits"))
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if steps <= {1} or steps <= {9}:
        raise _weak(fault("/pin", "weak-pin", "counts up or down", why="pin-counts"))
    if any(len(pin) % period == 0 and pin == pin[:period] * (len(pin) // period) for period in range(1, len(pin))):
        raise _weak(fault("/pin", "weak-pin", "repeats itself", why="pin-repeats"))


def _weak(found: Fault) -> WeakPin:
    return WeakPin(faults=(found,))


class PinHasher:
    """Hashes and verifies in worker threads, a few at a time."""

    def __init__(self, *, memory_kib: int = HASH_MEMORY_KIB, passes: int = HASH_PASSES) -> None:
        self._memory_kib = memory_kib
        self._passes = passes
        self._turns = asyncio.Semaphore(HASHES_PARALLEL_MAX)
        self._waiting = 0
        self._decoy = ""

    async def hash(self, pin: str) -> str:
        """The encoded hash to store. Raises SignInsBusy."""
        return await self._in_turn(pin, None)

    async def verify(self, pin: str, pin_hash: str) -> str | None:
        """`pin_hash` if `pin` belongs to it, else None. An empty hash never fits, and takes as long.
        Raises SignInsBusy.
        """
        if not pin_hash and not self._decoy:
            self._decoy = await self.hash("0")
        fits = await self._in_turn(pin, pin_hash or self._decoy)
        return pin_hash if fits and pin_hash else None

    async def _in_turn(self, pin: str, pin_hash: str | None) -> str:
        if self._waiting >= HASHES_WAITING_MAX:
            raise SignInsBusy(retry_after_s=HASHES_BUSY_RETRY_S)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(_work, _hasher(self._memory_kib, self._passes), pin, pin_hash)
        finally:
            self._waiting -= 1


def _work(hasher: "PasswordHasher", pin: str, pin_hash: str | None) -> str:
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  # first sign-in only

    if pin_hash is None:
        return hasher.hash(pin)
    try:
        hasher.verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return ""
    return pin_hash


@cache
def _hasher(memory_kib: int, passes: int) -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415  # first sign-in only

    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
