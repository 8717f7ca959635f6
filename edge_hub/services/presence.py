"""Who follows the hub just now, and when it last answered: what a drill of a restart is measured by."""

import asyncio
from collections import Counter


class Presence:
    """Kept by the API; the box's own console is not counted."""

    def __init__(self) -> None:
        self.sockets: Counter[str] = Counter()
        """Open sockets of the event stream by client."""
        self.told = 0
        """Sockets that were told (close code 1001) that the hub stops."""
        self.answered_ms = 0
        """When the hub last answered a request, unix ms; 0: it did not yet."""
        self.changed = asyncio.Event()
        """Set when a socket comes or goes; whoever waits for it clears it."""

    def joined(self, client: str) -> None:
        self.sockets[client] += 1
        self.changed.set()

    def left(self, client: str) -> None:
        self.sockets[client] -= 1
        self.changed.set()
