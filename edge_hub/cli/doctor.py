"""`edge-hub doctor`: one look at everything a technician would check by hand, each with its remedy."""

import errno
import os
import shutil
import socket
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_hub.cli.doctor_devices import local_devices
from edge_hub.cli.doctor_payments import payments
from edge_hub.cli.findings import Finding, bad, good, warning
from edge_hub.config import Config, ConfigInvalid, load
from edge_hub.errors import EdgeHubError

DISK_FREE_BYTES_MIN = 500 << 20
BACKUP_AGE_S_MAX = 2 * 86_400
CLOCK_YEAR_MIN = 2026


Check = Callable[[Config], Iterator[Finding]]


def examine(config_path: str) -> tuple[Finding, ...]:
    """Every finding, the configuration first: without it nothing else can be looked at."""
    try:
        config = load(Path(config_path))
    except ConfigInvalid as error:
        return tuple(bad(f"configuration: {f.pointer}: {f.message}", "correct this line") for f in error.faults)
    findings = [good(f"configuration: {len(config.files)} files, {len(config.devices)} devices")]
    for check in (_drivers, _folders, _disk, _journal, _backups, _clock, _ports, local_devices, payments):
        findings.extend(check(config))
    return tuple(findings)


def _drivers(config: Config) -> Iterator[Finding]:
    from edge_hub.daemon import check_devices

    try:
        check_devices(config)
    except ConfigInvalid as error:
        for fault in error.faults:
            yield bad(f"drivers: {fault.pointer}: {fault.message}", "correct this line, or install the driver")
    else:
        yield good("drivers: all found, all options valid")


def _folders(config: Config) -> Iterator[Finding]:
    for name in ("data", "backups", "runtime"):
        path = config.path(getattr(config.tables.paths, name))
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
        if not os.access(nearest, os.W_OK | os.X_OK):
            yield bad(f"{name} folder {path}: may not be written by this user", f"chown edge-hub {nearest}")
        elif path.exists() and name == "data" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield warning(f"data folder {path}: other users may read it", f"chmod 700 {path}")
        else:
            yield good(f"{name} folder {path}")


def _disk(config: Config) -> Iterator[Finding]:
    path = config.path(config.tables.paths.data)
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    free = shutil.disk_usage(nearest).free
    shown = f"disk: {free >> 20} MiB free at {nearest}"
    if free < DISK_FREE_BYTES_MIN:
        yield bad(shown, "make room: the hub refuses sales on a full disk (old backups are the first to go)")
    else:
        yield good(shown)


def _journal(config: Config) -> Iterator[Finding]:
    from edge_hub.journal.database import connect_reader
    from edge_hub.journal.log import verify_tail

    path = config.journal_path
    if not path.exists():
        yield good(f"journal: none yet at {path}; it is made at the first start")
        return
    try:
        connection = connect_reader(path)
        try:
            verify_tail(connection, path)
        finally:
            connection.close()
    except (EdgeHubError, sqlite3.Error) as error:
        yield bad(
            f"journal {path}: {error}", "edge-hub journal verify; then edge-hub restore with the newest good backup"
        )
    else:
        yield good(f"journal {path}: the end of the chain holds")


def _backups(config: Config) -> Iterator[Finding]:
    folder = config.path(config.tables.paths.backups)
    if not config.tables.backup.schedule:
        yield warning("backups: none are scheduled", 'set backup.schedule = "30 3 * * *"')
        return
    newest = max((file.stat().st_mtime for file in folder.glob("journal-*.sqlite")), default=None)
    if newest is None:
        yield warning(f"backups: none yet in {folder}", "edge-hub backup")
    elif time.time() - newest > BACKUP_AGE_S_MAX:
        days = (time.time() - newest) / 86_400
        yield warning(f"backups: the newest is {days:.0f} days old", "edge-hub backup, and see the log for why")
    else:
        yield good("backups: recent")


def _clock(_config: Config) -> Iterator[Finding]:
    if time.gmtime().tm_year < CLOCK_YEAR_MIN:
        yield bad(
            f"clock: it says {time.strftime('%Y-%m-%d')}", "set it: timedatectl set-time; check the box's battery"
        )
    elif Path("/run/systemd/timesync/synchronized").exists() or shutil.which("timedatectl") is None:
        yield good("clock: plausible")
    else:
        yield warning("clock: no sign of time synchronisation", "timedatectl set-ntp true")


def _ports(config: Config) -> Iterator[Finding]:
    network = config.tables.network
    for address in network.listen:
        for port in filter(None, (network.port, network.tls_port)):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError as error:
                    if error.errno == errno.EADDRINUSE:
                        yield good(f"port {address}:{port}: in use (by the hub, if it runs)")
                    else:
                        yield bad(f"port {address}:{port}: {error.strerror}", "correct network.listen or network.port")
                else:
                    yield good(f"port {address}:{port}: free")
