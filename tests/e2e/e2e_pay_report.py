"""What a campaign says of itself: a line now and then while it runs, a line and a record in the end."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from e2e_pay_books import Ledger

RESULTS = Path("var/campaign")
SAID_EVERY_S = 5.0
PROBLEMS_KEPT_MAX = 200
SUMMARY = (
    "attempts", "approved", "declined", "not_sent", "unknown", "recovered", "by_person", "wrong", "kills",
)  # fmt: skip


@dataclass
class Report:
    """What came of it."""

    name: str
    seed: str
    books: Ledger
    wrong: list[str]
    figures: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    """What cashiers and managers saw."""
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds of each."""

    def line(self) -> str:
        """One line for people."""
        counted = ", ".join(f"{what.replace('_', ' ')} {self.figures[what]}" for what in SUMMARY)
        return f"{self.name}: {counted}, seed {self.seed!r}, {round(sum(self.phases.values()))} s"

    def record(self) -> dict[str, object]:
        """All of it, for programs."""
        return {
            "protocol": self.name, "seed": self.seed, **self.figures, "problems": self.wrong[:PROBLEMS_KEPT_MAX],
            "seconds": {what: round(seconds, 1) for what, seconds in self.phases.items()}, "told": self.told,
        }  # fmt: skip

    def keep(self, folder: Path) -> Path:
        """Write the record down."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(self.record(), indent=1) + "\n", encoding="utf-8")
        return path


class Progress:
    """Says now and then how far a campaign is, and how long each part of it took."""

    def __init__(self, name: str, *, aloud: bool = True) -> None:
        """`aloud`: on standard error."""
        self._name = name
        self._aloud = aloud
        self._began = self._phase_began = time.monotonic()
        self._said = 0.0
        self._phase = "start"
        self.phases: dict[str, float] = {}

    def enter(self, phase: str) -> None:
        """The next part begins; "": there is none."""
        now = time.monotonic()
        self.phases[self._phase] = self.phases.get(self._phase, 0.0) + now - self._phase_began
        self._phase, self._phase_began = phase, now
        if phase:
            self.say(dict, at_once=True)

    def say(self, counts: Callable[[], Mapping[str, object]], *, at_once: bool = False) -> None:
        """`counts`: what to say beside the phase and the time."""
        now = time.monotonic()
        if self._aloud and (at_once or now - self._said >= SAID_EVERY_S):
            self._said = now
            counted = "".join(f", {what} {count}" for what, count in counts().items())
            print(f"{self._name}: {self._phase}{counted}, {now - self._began:.0f} s", file=sys.stderr, flush=True)
