"""Writing down what is known here and nowhere else: until the journal has it."""

import logging
from typing import TypeVar

from edge_hub.clock import Clock
from edge_hub.errors import Damaged, Limited, OutcomeUnknown, Unavailable
from edge_hub.journal.commands import HUB, Command
from edge_hub.services.ports import JournalPort

JOURNAL_RETRY_S = 5.0
NOT_NOW = (Unavailable, OutcomeUnknown, Damaged, Limited)
"""The journal records nothing at the moment, or the writer is going down."""

A = TypeVar("A")
_log = logging.getLogger(__name__)


async def write(journal: JournalPort, clock: Clock, command: Command[A], *, what: str) -> A:
    """The writer's answer, however long the journal takes no records. Raises the handler's own refusals.

    A command whose fate was unknown is sent again: each of ours moves a payment once, and is refused the second time.
    """
    while True:
        try:
            return await journal.submit(command, actor=HUB)
        except NOT_NOW as exc:
            _log.warning("%s waits for the journal: %s", what, exc.detail)
            await clock.sleep(JOURNAL_RETRY_S)
