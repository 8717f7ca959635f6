"""How commands answer: tables for people, JSON for scripts, errors on standard error with what to do."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from edge_hub.config import DEFAULT_CONFIG, Config, ConfigInvalid, load

JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]
ConfigOption = Annotated[
    str, typer.Option("--config", envvar="EDGE_HUB_CONFIG", help="The hub's configuration file.", show_default=True)
]
DEFAULT_CONFIG_TEXT = str(DEFAULT_CONFIG)

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def fail(message: str, status: int = 1) -> NoReturn:
    """Say what is wrong and what to do, and end with `status`."""
    errors.print(message, markup=False)
    raise typer.Exit(status)


def said(title: str, detail: str) -> str:
    """An error's words: its detail often is its title again."""
    return title if detail in {"", title} else f"{title} {detail}"


def when(ms: int | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in the box's own time zone."""
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime(form) if ms else "-"


def show_json(value: object) -> None:
    console.print_json(json.dumps(value, ensure_ascii=False), highlight=False)


def show_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], empty: str) -> None:
    """`columns` maps keys of the rows to their headings; `empty` is said when there are no rows."""
    if not rows:
        console.print(empty, markup=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key, heading in columns.items():
        table.add_column(heading, no_wrap=key == "id")  # an id is copied: never folded
    for row in rows:
        table.add_row(*(_cell(row.get(key)) for key in columns))
    console.print(table)


def answer(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], empty: str, *, as_json: bool) -> None:
    """A list, as a table or as JSON."""
    listed = list(rows)
    if as_json:
        show_json(listed)
    else:
        show_table(listed, columns, empty)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)


def load_config(path: str) -> Config:
    """The configuration, or an end with every fault named."""
    from pathlib import Path

    try:
        return load(Path(path))
    except ConfigInvalid as error:
        fail(f"The configuration needs a change:\n{error.detail}", status=78)
