"""The hunt for what must not be kept anywhere."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from e2e_pay_shop import PayHub

from edge_hub.sdk.eft.bank import CARDHOLDER, PANS

PIECE = 11
"""Digits in a row of a card number: one more than may be kept of it, in two pieces."""
_COUNTED = "0123456789" * 3
_TRACK = re.compile(rb"%B[0-9]{12,19}\^|[0-9]{13,19}=[0-9]{4}")
_HOLDER_WORDS = tuple(filter(None, re.split(r"[^A-Z]+", CARDHOLDER)))


def forbidden() -> dict[str, bytes]:
    """By what it is: the test cards' numbers as they may be written, and their holder."""
    found = {"the cardholder": CARDHOLDER.encode(), **{f"the name {word}": word.encode() for word in _HOLDER_WORDS}}
    for scheme, pan in PANS.items():
        groups = [pan[at : at + 4] for at in range(0, len(pan), 4)]
        found |= {
            **{f"{scheme}, {PIECE} digits from place {at}": piece.encode() for at, piece in _pieces(pan)},
            f"{scheme} in groups": " ".join(groups).encode(),
            f"{scheme} with dashes": "-".join(groups).encode(),
            f"{scheme} in BCD": bytes.fromhex(pan if len(pan) % 2 == 0 else pan + "f"),
            f"{scheme} in hexadecimal": pan.encode().hex().encode(),
            f"{scheme} in UTF-16": pan.encode("utf-16-le"),
        }
        found |= {f"{scheme} in base64, {skip} on": _inside_base64(pan.encode(), skip) for skip in range(3)}
    return found


def _pieces(pan: str) -> Iterator[tuple[int, str]]:
    """Not those that anybody writes who has to make a number up."""
    for at in range(len(pan) - PIECE + 1):
        if (piece := pan[at : at + PIECE]) not in _COUNTED:
            yield at, piece


def _inside_base64(secret: bytes, skip: int) -> bytes:
    """What base64 has of it whatever stands around it, `skip` bytes after a multiple of three."""
    first = -skip % 3
    whole = secret[first : first + (len(secret) - first) // 3 * 3]
    return base64.b64encode(whole)


def hunt(*folders: Path) -> list[str]:
    """Every file under `folders` with something that must not be kept."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [f"{what} in {path.name}" for path in files for what in _kept(path.read_bytes())]


def hunt_rows(hub: PayHub) -> list[str]:
    """The same in the database as it is read: a record may lie on several pages of the file."""
    found = []
    for (table,) in hub.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%'"):
        rows = hub.rows(f"SELECT * FROM {table}")  # noqa: S608  # names out of the database
        found += [f"{what} in the table {table}" for what in _kept(scraps(*(value for row in rows for value in row)))]
    return found


def _kept(data: bytes) -> list[str]:
    found = [what for what, secret in forbidden().items() if secret in data]
    return found if not _TRACK.search(data) else [*found, "a track"]


def scraps(*values: Any) -> bytes:
    """All of it in one piece, apart from each other."""
    return b"\x00".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
