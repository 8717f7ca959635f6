"""What `edge-hub doctor` finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    level: Literal["good", "warning", "bad"]
    what: str
    remedy: str = ""


def good(what: str) -> Finding:
    return Finding(level="good", what=what)


def warning(what: str, remedy: str) -> Finding:
    return Finding(level="warning", what=what, remedy=remedy)


def bad(what: str, remedy: str) -> Finding:
    return Finding(level="bad", what=what, remedy=remedy)
