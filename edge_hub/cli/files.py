"""Commands that work on files: the configuration, the journal, backups, this box. The hub may run or not."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from edge_hub.cli.output import (
    DEFAULT_CONFIG_TEXT,
    ConfigOption,
    JsonOption,
    answer,
    console,
    errors,
    fail,
    load_config,
    said,
    show_json,
)
from edge_hub.config import Config, ConfigInvalid
from edge_hub.errors import EdgeHubError

FIND_SECONDS = 3.0
EXIT_DAMAGED = 3
EXIT_PIPE = 141
"""128 + SIGPIPE, as programs without a handler end."""
config_app = typer.Typer(no_args_is_help=True, help="The configuration files.")
journal_app = typer.Typer(no_args_is_help=True, help="The journal of this hub.")


@contextmanager
def _progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=errors, disable=quiet, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)


@contextmanager
def _said() -> Iterator[None]:
    """Errors with a meaning end the command with their words, not with a traceback."""
    try:
        yield
    except EdgeHubError as error:
        fail(said(error.title, error.detail))
    except BrokenPipeError:  # whoever reads has enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(EXIT_PIPE) from None
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")


def _existing_journal(config: Config) -> Path:
    path = config.journal_path
    if not path.exists():
        fail(f"There is no journal at {path}. It is made when the hub first runs.")
    return path


@config_app.command("check")
def config_check(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """Check the configuration, drivers' options included, without starting anything."""
    from edge_hub.daemon import check_devices

    loaded = load_config(config)
    try:
        check_devices(loaded)
    except ConfigInvalid as error:
        fail(f"The configuration needs a change:\n{error.detail}", status=78)
    if as_json:
        show_json({"ok": True, "files": [str(file) for file in loaded.files], "devices": len(loaded.devices)})
    else:
        console.print(f"The configuration is good: {len(loaded.files)} files, {len(loaded.devices)} devices.")


@journal_app.command("verify")
def journal_verify(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """Check every row of the journal against the chain; a running hub is not disturbed. Exit 3: damaged."""
    from edge_hub.journal.log import verify

    path = _existing_journal(load_config(config))
    with _said(), _progress("verifying", quiet=as_json) as progress:
        report = verify(path, progress)
    if as_json:
        problems = [{"seq": seq, "problem": what} for seq, what in report.problems]
        show_json({"ok": report.ok, "seq": report.seq, "problems": problems})
    elif report.ok:
        console.print(f"The journal is whole: {report.seq} events.")
    else:
        console.print(f"The journal is damaged ({report.seq} events could be read):")
        for seq, what in report.problems:
            console.print(f"  at {seq}: {what}", markup=False)
        console.print("Keep this file, and restore the newest good backup: edge-hub restore FILE")
    if not report.ok:
        raise typer.Exit(EXIT_DAMAGED)


@journal_app.command("rebuild")
def journal_rebuild(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """Make sales, stock and number tables anew from the journal. Stop the hub first."""
    from edge_hub.journal.rebuild import rebuild

    path = _existing_journal(load_config(config))
    with _said(), _progress("rebuilding", quiet=as_json) as progress:
        report = rebuild(path, progress)
    if as_json:
        show_json({"events": report.events, "changed": list(report.changed)})
    elif report.changed:
        console.print(f"Rebuilt from {report.events} events; these tables differed: {', '.join(report.changed)}.")
    else:
        console.print(f"Rebuilt from {report.events} events; every table was as it should be.")


@journal_app.command("export")
def journal_export(
    out: Annotated[Path | None, typer.Argument(help="Default: standard output.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events behind this seq.")] = 0,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
) -> None:
    """Write the journal as JSON lines, one event each, oldest first."""
    from edge_hub.journal.export import export

    path = _existing_journal(load_config(config))
    with _said():
        if out is None:
            export(path, sys.stdout, after=after)
        else:
            with out.open("w", encoding="utf-8") as file:
                export(path, file, after=after)


def backup(
    target: Annotated[Path | None, typer.Argument(help="Default: a dated file among the hub's backups.")] = None,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Copy the journal while the hub goes on selling, and verify the copy."""
    from edge_hub.journal.backup import backup as copy

    loaded = load_config(config)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    to = target or loaded.path(loaded.tables.paths.backups) / f"journal-{stamp}.sqlite"
    path = _existing_journal(loaded)
    with _said(), _progress("copying", quiet=as_json) as progress:
        to.parent.mkdir(parents=True, exist_ok=True)
        copy(path, to, progress)
    if as_json:
        show_json({"backup": str(to), "bytes": to.stat().st_size})
    else:
        console.print(f"Backed up and verified: {to}", markup=False, soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A backup.")],
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the journal's place. Stop the hub first; the present file is kept aside."""
    from edge_hub.journal.backup import restore as put_back

    path = load_config(config).journal_path
    if path.exists() and not yes:
        typer.confirm(f"Replace {path} by {source}? The present file is kept beside it.", abort=True)
    with _said():
        path.parent.mkdir(parents=True, exist_ok=True)
        put_back(source, path)
    console.print("Restored, as a new epoch. Start the hub: systemctl start edge-hub")


def discover(
    seconds: Annotated[float, typer.Option(min=0.5, max=60.0, help="How long to listen.")] = FIND_SECONDS,
    interface: Annotated[list[str] | None, typer.Option(help="Listen on these addresses only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List hubs and network printers that announce themselves on the LAN."""
    import asyncio

    from edge_hub.clock import SystemClock
    from edge_hub.discovery import find

    with errors.status("listening"):
        found = asyncio.run(find(seconds, SystemClock(), interface or ()))
    rows = [
        {"kind": one.kind, "name": one.name, "url": one.url, "addresses": list(one.addresses), "txt": dict(one.txt)}
        for one in found
    ]
    columns = {"kind": "what", "name": "name", "url": "address"}
    answer(
        rows,
        columns,
        "Nothing announced itself. Is this machine on the same network as the hub, and does the network pass mDNS?",
        as_json=as_json,
    )


def doctor(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """Look for what is wrong on this box, and say what to do. Exit 1: something is."""
    from edge_hub.cli.doctor import examine

    findings = examine(config)
    if as_json:
        show_json([{"level": one.level, "what": one.what, "remedy": one.remedy} for one in findings])
    else:
        marks = {"good": "[green]good[/green]", "warning": "[yellow]look[/yellow]", "bad": "[red]BAD [/red]"}
        for one in findings:
            console.print(marks[one.level], one.what)
            if one.remedy:
                console.print(f"     -> {one.remedy}", markup=False)
    if any(one.level == "bad" for one in findings):
        raise typer.Exit(1)
