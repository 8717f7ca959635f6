"""The journal as the daemon uses it: commands to the writer, read-only connections, health, and a second look."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from edge_hub.bus import Bus
from edge_hub.clock import Clock
from edge_hub.errors import EdgeHubError, OutcomeUnknown
from edge_hub.journal.commands import HUB, Actor, Command, Envelope
from edge_hub.journal.database import LOCK_WAIT_S
from edge_hub.journal.errors import JournalBusy, JournalDamaged, JournalUnavailable, WriterGone
from edge_hub.journal.export import export
from edge_hub.journal.log import Head, Verifier, damaged, verify
from edge_hub.journal.messages import Answered, Start
from edge_hub.journal.reader import Reader
from edge_hub.journal.rebuild import rebuild
from edge_hub.journal.spawn import Spawned
from edge_hub.journal.writer import Writer

__all__ = ["Head", "Journal", "JournalHealth", "Reader", "export", "rebuild", "verify"]

A = TypeVar("A")
HealthState = Literal["ok", "verifying", "damaged", "unavailable"]
VERIFY_STEP_ROWS = 1000
VERIFY_PAUSE_S = 0.02
"""Between two steps of the background verification: about a fifth of one core on the box."""
MEND_PERIOD_S = 5.0
"""Between two looks at a disk that did not take a batch: the hub is well again by itself, before anybody sells."""
SETTLE_WAIT_S = 10.0
"""At the end: for commands handed over to be answered."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHealth:
    """`detail` is for people; `seq` the last row known, `verified_seq` up to where the chain was verified by now."""

    state: HealthState
    detail: str
    seq: int
    verified_seq: int


class Journal:
    """Made by `open`; one for each process."""

    def __init__(self, path: Path, clock: Clock, bus: Bus) -> None:
        self.path = path
        self.head = Head()
        """The last committed row known here."""
        self.reader: Reader
        self._clock = clock
        self._bus = bus
        self._writer = Writer(self._on_answers)
        self._damage: JournalDamaged | None = None
        self._fault: EdgeHubError | None = None
        self._verifying = True
        self._verified_seq = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        *,
        handlers: str = "edge_hub.services.handlers:HANDLERS",
        settings: Any,
        clock: Clock,
        bus: Bus,
        lock_wait_s: float = LOCK_WAIT_S,
        spawned: Spawned | None = None,
    ) -> AsyncIterator["Journal"]:
        """Start the writer (or use one that was) on `path` (made if it is not there); yield when it takes commands.

        Raises JournalInUse, JournalTooNew, NotAJournal, JournalUnavailable, JournalDamaged (SQLite cannot read it).
        """
        journal = cls(path, clock, bus)
        ready = await journal._writer.start(
            Start(
                path=str(path),
                handlers=handlers,
                settings=settings,
                lock_wait_s=lock_wait_s,
            ),
            spawned,
        )
        journal.head = ready.head
        if ready.damage is not None:
            journal._damaged(ready.damage)
        try:
            journal.reader = await asyncio.to_thread(Reader, path)
            try:
                yield journal
            finally:
                await journal._settle()
                await journal.reader.close()
        finally:
            await journal._writer.stop()

    @property
    def writer_pid(self) -> int:
        return self._writer.pid

    @property
    def health(self) -> JournalHealth:
        state: HealthState = "ok"
        detail = ""
        if self._damage is not None:
            state, detail = "damaged", self._damage.detail
        elif self._writer.gone.is_set():
            state, detail = "unavailable", WriterGone.title
        elif self._fault is not None:
            state, detail = "unavailable", self._fault.detail
        elif self._verifying:
            state = "verifying"
        return JournalHealth(state=state, detail=detail, seq=self.head.seq, verified_seq=self._verified_seq)

    async def submit(self, command: Command[A], *, actor: Actor = HUB, key: str = "", fingerprint: bytes = b"") -> A:
        """The handler's answer, once it is on disk.

        Raises the handler's own EdgeHubError; KeyReused, NotRepeatable; JournalBusy; JournalUnavailable (disk-full,
        read-only, io-error, writer-gone: nothing was recorded); JournalDamaged; WriterLost (ask again under the same
        key). A caller that is cancelled does not take its command back.
        """
        answer: A = await self._writer.submit(
            Envelope(command=command, at_ms=self._clock.now_ms(), actor=actor, key=key, fingerprint=fingerprint)
        )
        return answer

    async def ping(self) -> None:
        """Returns when the writer has answered. Raises WriterGone, WriterLost."""
        await self._writer.submit(None)

    async def run(self) -> None:
        """Verify the whole chain once, slowly; look after a failing disk. Raises WriterGone when the writer dies."""
        async with asyncio.TaskGroup() as group:
            verifying = group.create_task(self._verify(), name="journal verification")
            mending = group.create_task(self._mend(), name="journal mending")
            await self._writer.gone.wait()
            verifying.cancel()
            mending.cancel()
        raise WriterGone("The writer's process ended.", why="ended")

    async def _mend(self) -> None:
        while True:
            await self._clock.sleep(MEND_PERIOD_S)
            if self._fault is not None:
                with suppress(JournalBusy, JournalUnavailable, OutcomeUnknown):
                    await self.ping()

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(SETTLE_WAIT_S):
                await self._writer.settle()
        except TimeoutError:
            _log.error("the writer did not answer within %s s; what it holds is of unknown outcome", SETTLE_WAIT_S)

    def _on_answers(self, answered: Answered) -> None:
        for note in answered.notes:
            _log.error("writer: %s", note)
        if type(answered.fault) is not type(self._fault):
            if answered.fault is None:
                _log.info("the journal records again")
            else:
                _log.error("the journal cannot record: %s %s", answered.fault.detail, answered.fault.params)
        self._fault = answered.fault
        if answered.damage is not None and self._damage is None:
            self._damaged(answered.damage)
        moved = answered.head.seq != self.head.seq
        self.head = answered.head
        for topic, key in answered.wakes:
            self._bus.wake(topic, key)
        if moved:
            self._bus.wake("journal", str(self.head.seq))

    def _damaged(self, damage: JournalDamaged) -> None:
        self._damage = damage
        _log.critical("the journal is damaged: %s", damage.detail)

    async def _verify(self) -> None:
        """The whole chain, in steps that leave the machine to the tills."""
        verifier, until = Verifier(), self.head.seq
        try:
            while await self._verify_step(verifier):
                self._verified_seq = verifier.seq
                if verifier.problems or verifier.seq >= until:
                    break
                await self._clock.sleep(VERIFY_PAUSE_S)
        except JournalDamaged as damage:
            verifier.problems.append((verifier.seq, str(damage.params.get("problem"))))
        except JournalUnavailable as error:
            _log.error("the journal could be verified only up to %s: %s", verifier.seq, error.detail)
        for seq, problem in verifier.problems[:1]:
            self._writer.tell_broken(seq, problem)
            if self._damage is None:
                self._damaged(damaged(seq, problem))
        self._verifying = False

    async def _verify_step(self, verifier: Verifier) -> bool:
        while True:
            try:
                return await self.reader.run(lambda connection: verifier.step(connection, VERIFY_STEP_ROWS))
            except JournalBusy:
                await self._clock.sleep(VERIFY_PAUSE_S)
