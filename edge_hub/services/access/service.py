"""Access as others ask for it: pairing, tokens, staff and sessions. Changes apply to the very next request."""

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.domain.ids import ClientId, StaffId, TillId
from edge_hub.domain.staff import Permission, Role, Staff
from edge_hub.domain.store import StoreSettings
from edge_hub.errors import EdgeHubError, Invalid, fault
from edge_hub.journal.commands import HUB, Command
from edge_hub.services.access.book import Book
from edge_hub.services.access.commands import (
    AddStaff,
    ChangeStaff,
    ClosePairing,
    CountFailure,
    NoteSeen,
    OpenPairing,
    RedeemPairing,
    RevokeClient,
    SignIn,
    SignOut,
)
from edge_hub.services.access.model import (
    LOCK_MINUTES,
    MINUTE_MS,
    PAIRING_MINUTES_MAX,
    Client,
    ClientNeeded,
    Paired,
    PairingWindow,
    Session,
    SignInRefused,
    SignInsBusy,
    StaffLocked,
    set_by_another_clock,
)
from edge_hub.services.access.pins import HASHES_BUSY_RETRY_S, PinHasher, check_pin
from edge_hub.services.access.qr import pairing_url, qr_svg
from edge_hub.services.access.tokens import (
    DEVICE_TOKEN_BYTES,
    Entropy,
    new_device_token,
    new_pairing_code,
    pairing_hash,
    token_hash,
)
from edge_hub.services.ports import JournalPort
from edge_hub.services.principal import Principal

PAIRING_MINUTES = 5
NAME_CHARACTERS_MAX = 64
LAST_SEEN_WRITE_S = 60
"""How often signs of life are written down; a pulled plug forgets at most this much of them."""
SIGN_INS_MAX = 16
"""In progress at once; more are sent away, for each costs the box 54 ms of a core."""
SESSION_IDLE_MINUTES = 240
SESSION_HOURS = 14
_log = logging.getLogger(__name__)
A = TypeVar("A")


class Access:
    def __init__(
        self,
        *,
        journal: JournalPort,
        bus: Bus,
        clock: Clock,
        settings: StoreSettings,
        session_idle_minutes: int = SESSION_IDLE_MINUTES,
        session_hours: int = SESSION_HOURS,
        hasher: PinHasher | None = None,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._idle_ms = session_idle_minutes * MINUTE_MS
        self._book = Book(journal.reader, idle_ms=self._idle_ms, session_ms=session_hours * 60 * MINUTE_MS)
        self._hasher = hasher or PinHasher()
        self._entropy = entropy
        self._secret = entropy(DEVICE_TOKEN_BYTES)
        self._attempts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._signing_in = 0
        self._book.load()

    async def run(self) -> None:
        """Follow the tables, and write down signs of life; a task of the daemon."""
        with self._bus.subscribe("access", "session") as wakes:
            self._book.load()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._note_seen(), name="last seen")
                async for _ in wakes:
                    self._book.load()

    async def authenticate(self, token: str) -> Principal:
        """The client that holds `token`, with the staff signed in on it. Raises Unauthenticated."""
        return self._book.authenticate(token, self._clock.now_ms())

    def principal(self, client: ClientId) -> Principal | None:
        """Who a client is at this moment: for open connections after a wake; None once it is revoked."""
        return self._book.principal(client, self._clock.now_ms())

    # --- pairing -----------------------------------------------------------------------------------------------

    @property
    def pairing_open(self) -> bool:
        return self._book.window_open(self._clock.now_ms())

    async def open_window(
        self, who: Principal, *, minutes: int = PAIRING_MINUTES, base_url: str, certificate_fingerprint: str = ""
    ) -> PairingWindow:
        """Let one client pair; closes an earlier window. `base_url`: "https://host:port" by which tills reach the hub.

        Takes no idempotency key: the code is not stored and cannot be given twice; asking again opens a new window.
        """
        who.require(Permission.PAIR)
        if not 1 <= minutes <= PAIRING_MINUTES_MAX:
            raise Invalid(
                faults=(fault("/minutes", "range", "must be 1 to {limit}", why="minutes", limit=PAIRING_MINUTES_MAX),)
            )
        code = new_pairing_code(self._entropy)
        expires_ms = await self._change(OpenPairing(token_hash=pairing_hash(code), minutes=minutes), who)
        url = pairing_url(base_url, code, certificate_fingerprint)
        return PairingWindow(token=code, expires_ms=expires_ms, url=url, qr_svg=qr_svg(url))

    async def close_window(self, who: Principal) -> None:
        who.require(Permission.PAIR)
        await self._change(ClosePairing(), who)

    async def redeem(self, token: str, name: str, till: TillId, *, key: str = "") -> Paired:
        """A code for a device token. With the same `key` it may be asked again. Raises PairingRefused, Invalid."""
        name = _name("/name", name)
        if self._settings.till(till) is None:
            raise Invalid(faults=(fault("/till", "unknown-till", "is not a till of this store", why="unknown-till"),))
        device_token = new_device_token(self._secret, token, key, self._entropy)
        command = RedeemPairing(
            pairing_hash=pairing_hash(token), token_hash=token_hash(device_token), name=name, till=till
        )
        client = await self._change(command, Principal())
        return Paired(client_id=client, token=device_token, till=till)

    def clients(self, who: Principal) -> tuple[Client, ...]:
        """Every client ever paired, oldest first."""
        who.require(Permission.PAIR)
        return self._book.clients()

    def client(self, who: Principal) -> Client:
        """The asking client itself. Raises ClientNeeded."""
        for client in self._book.clients():
            if client.id == who.client:
                return client
        raise ClientNeeded

    async def revoke(self, who: Principal, client: ClientId, *, key: str = "", fingerprint: bytes = b"") -> None:
        """At once, open connections included. A client may give itself up. Raises ClientNotFound."""
        if who.client is None or who.client != client:
            who.require(Permission.PAIR)
        await self._change(RevokeClient(client=client), who, key, fingerprint)

    # --- staff -------------------------------------------------------------------------------------------------

    def staff(self, who: Principal) -> tuple[Staff, ...]:
        """By name. Those who left are for who manages staff; a paired client sees who can sign in."""
        everybody = self._book.staff()
        if who.local or (who.staff is not None and who.staff.may(Permission.MANAGE_STAFF)):
            return everybody
        return tuple(staff for staff in everybody if staff.active)

    async def add_staff(
        self,
        who: Principal,
        *,
        name: str,
        role: Role,
        pin: str,
        locale: str = "",
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Staff:
        """Raises WeakPin, Invalid, StaffFull."""
        who.require(Permission.MANAGE_STAFF)
        name = _name("/name", name)
        check_pin(pin)
        command = AddStaff(name=name, role=role, locale=locale, pin_hash=await self._hasher.hash(pin))
        return await self._change(command, who, key, fingerprint)

    async def change_staff(
        self,
        who: Principal,
        staff: StaffId,
        *,
        name: str | None = None,
        role: Role | None = None,
        pin: str | None = None,
        locale: str | None = None,
        active: bool | None = None,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Staff:
        """None: as it was. Raises StaffNotFound, LastOwner, WeakPin, Invalid."""
        who.require(Permission.MANAGE_STAFF)
        if pin is not None:
            check_pin(pin)
        command = ChangeStaff(
            staff=staff,
            name=None if name is None else _name("/name", name),
            role=role,
            locale=locale,
            pin_hash=None if pin is None else await self._hasher.hash(pin),
            active=active,
        )
        return await self._change(command, who, key, fingerprint)

    async def ensure_staff(self, people: Iterable[tuple[str, Role, str]]) -> tuple[Staff, ...]:
        """Add these (name, role, PIN) where there is nobody yet: the demo's staff, or a shop's first owner."""
        if self._book.staff():
            return ()
        console = Principal(local=True)
        return tuple([await self.add_staff(console, name=name, role=role, pin=pin) for name, role, pin in people])

    async def sign_in(
        self, who: Principal, staff: StaffId, pin: str, *, key: str = "", fingerprint: bytes = b""
    ) -> Session:
        """A person begins work on the asking client. Raises SignInRefused, StaffLocked, SignInsBusy, ClientNeeded."""
        if who.client is None:
            raise ClientNeeded
        if self._signing_in >= SIGN_INS_MAX:
            raise SignInsBusy(retry_after_s=HASHES_BUSY_RETRY_S)
        known = next((person.id for person in self._book.staff() if person.id == staff and person.active), StaffId(""))
        self._signing_in += 1
        try:
            async with self._attempts[known]:  # one at a time for a person, so that nobody guesses in parallel
                pin_hash = await self._verified(known, pin)
                expires_ms = self._clock.now_ms() + self._idle_ms
                command = SignIn(staff=known, client=who.client, pin_hash=pin_hash, expires_ms=expires_ms)
                await self._change(command, who, key, fingerprint)
        finally:
            self._signing_in -= 1
        session = self.session(who)
        if session is None:
            raise SignInRefused
        return session

    async def sign_out(self, who: Principal, *, key: str = "", fingerprint: bytes = b"") -> None:
        """End the session on the asking client, if there is one. Raises ClientNeeded."""
        if who.client is None:
            raise ClientNeeded
        await self._change(SignOut(client=who.client), who, key, fingerprint)

    def session(self, who: Principal) -> Session | None:
        """Who works on the asking client, and until when if nothing more is asked."""
        return self._book.session(who.client, self._clock.now_ms()) if who.client else None

    async def _verified(self, staff: StaffId, pin: str) -> str:
        """The person's PIN hash if `pin` fits it. The same work and answer for nobody as for a wrong PIN."""
        row = self._journal.reader.row("SELECT pin_hash, locked_until_ms FROM staff WHERE id = ?", (staff,))
        now_ms = self._clock.now_ms()
        if row is not None and row[1] > now_ms and not set_by_another_clock(row[1], now_ms, LOCK_MINUTES[-1]):
            raise StaffLocked(retry_after_s=(row[1] - now_ms) // 1000 + 1)
        pin_hash = await self._hasher.verify(pin, row[0] if row else "")
        if pin_hash is None:
            until_ms = await self._journal.submit(CountFailure(staff=staff), actor=HUB)
            if until_ms:
                raise StaffLocked(retry_after_s=(until_ms - now_ms) // 1000 + 1)
            raise SignInRefused
        return pin_hash

    async def _change(self, command: Command[A], who: Principal, key: str = "", fingerprint: bytes = b"") -> A:
        """Record it and know it at once: the next request already meets the change."""
        answer = await self._journal.submit(command, actor=who.actor, key=key, fingerprint=fingerprint)
        self._book.load()
        return answer

    async def _note_seen(self) -> None:
        while True:
            await self._clock.sleep(LAST_SEEN_WRITE_S)
            seen = self._book.unwritten()
            if not seen and not self._book.some_session_over(self._clock.now_ms()):
                continue
            try:
                await self._journal.submit(NoteSeen(seen=seen), actor=HUB)
            except EdgeHubError as exc:
                _log.warning("signs of life wait for the journal: %s", exc.detail)
            else:
                self._book.written(seen)


def _name(pointer: str, name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable():
        words = "must be 1 to {limit} printable characters"
        raise Invalid(faults=(fault(pointer, "name", words, why="name", limit=NAME_CHARACTERS_MAX),))
    return name
