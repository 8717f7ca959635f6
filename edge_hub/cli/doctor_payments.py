"""The doctor's look at what takes money: wallets with their secrets, and the tills' card terminals."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from edge_hub.cli.findings import Finding, bad, good, warning
from edge_hub.config import Config
from edge_hub.devices.registry import load_drivers
from edge_hub.sdk.roles import EFT_TERMINAL

FILE = "_file"
PUBLIC = ("public_key_file", "certificate_file")
"""Options that name files which are no secret."""


def payments(config: Config) -> Iterator[Finding]:
    """Each secret of wallets and terminals, and each till; whether their options are valid is looked at with the
    drivers.
    """
    for whose, options in _with_options(config):
        yield from _files(whose, config.with_paths(options))
    yield from _tills(config)


def _with_options(config: Config) -> Iterator[tuple[str, Mapping[str, object]]]:
    for wallet in config.tables.wallets:
        yield f"wallet {wallet.id}", wallet.options
    for device in config.devices:
        yield f"device {device.id}", device.options


def _files(whose: str, options: Mapping[str, object]) -> Iterator[Finding]:
    for name, value in options.items():
        if name.endswith(FILE) and value:
            yield _file(f"{whose}: {name} {value}", Path(str(value)), secret=not name.endswith(PUBLIC))


def _file(shown: str, path: Path, *, secret: bool) -> Finding:
    try:
        facts = path.stat()
    except OSError as error:
        return bad(f"{shown}: {error.strerror}", "put the file there, or correct the option")
    if not stat.S_ISREG(facts.st_mode) or not facts.st_size:
        return bad(f"{shown}: is empty, or no file", "put into it what the provider gave you")
    if not os.access(path, os.R_OK):
        return bad(f"{shown}: may not be read by this user", f"chown edge-hub {path}")
    if secret and stat.S_IMODE(facts.st_mode) & stat.S_IRWXO:
        return bad(f"{shown}: every user of this box may read it", f"chmod o= {path}")
    return good(shown)


def _tills(config: Config) -> Iterator[Finding]:
    """Whether a till's terminal is one at all is looked at with the drivers."""
    tables = config.tables
    drivers = load_drivers()
    tills: dict[str, list[str]] = {}
    for till in tables.tills:
        tills.setdefault(till.terminal, []).append(till.id)
    for terminal, of in tills.items():
        if len(of) > 1 and terminal:
            yield warning(
                f"tills {', '.join(of)}: share the card terminal {terminal}, one payment at a time",
                "give each a terminal of its own, or tell the cashiers",
            )
        elif terminal:
            yield good(f"till {of[0]}: card terminal {terminal}")
    for device in config.devices:
        is_terminal = device.driver in drivers and EFT_TERMINAL in drivers[device.driver].roles
        if is_terminal and device.id not in tills:
            yield warning(f"card terminal {device.id}: no till uses it", f'set terminal = "{device.id}" in [[tills]]')
    if tills.get("") and not tables.wallets and not tables.payments.standalone:
        names = ", ".join(tills[""])
        yield warning(f"till {names}: takes cash only", "set terminal in [[tills]], or payments.standalone = true")
