"""Commands that ask the running hub: pairing, staff, devices, jobs, the catalogue."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge_hub.cli.control import Control
from edge_hub.cli.output import (
    DEFAULT_CONFIG_TEXT,
    ConfigOption,
    JsonOption,
    answer,
    console,
    errors,
    fail,
    show_json,
    when,
)

IMPORT_BYTES_MAX = 64 << 20
FAULTS_SHOWN_MAX = 50
catalogue_app = typer.Typer(no_args_is_help=True, help="Products and prices.")
clients_app = typer.Typer(no_args_is_help=True, help="Paired tablets and programs.")
staff_app = typer.Typer(no_args_is_help=True, help="Who works here.")
devices_app = typer.Typer(no_args_is_help=True, help="Printers, drawers, scanners, displays.")
jobs_app = typer.Typer(no_args_is_help=True, help="What is to be printed, and what is in doubt.")


def status(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """Show how the running hub is: its journal, its devices, its open jobs, payments in doubt."""
    control = Control(config)
    hub = control.get("/v1/hub")
    devices = control.get("/v1/devices")["devices"]
    jobs = control.get("/v1/jobs?state=unknown&state=refused&state=queued&state=sending")["jobs"]
    payments = control.get("/v1/payments?list=unresolved")["payments"]
    if as_json:
        show_json({"hub": hub, "devices": devices, "jobs": jobs, "payments": payments})
        return
    console.print(
        f"{hub['store']['name']}: edge-hub {hub['version']}, journal {hub['journal']['state']} at {hub['seq']}"
    )
    _devices_table(devices, as_json=False)
    waiting = sum(job["state"] in {"queued", "sending"} for job in jobs)
    doubtful = [job for job in jobs if job["state"] == "unknown"]
    console.print(f"{waiting} jobs waiting, {len(doubtful)} in doubt" + (": edge-hub jobs list" if doubtful else ""))
    if payments:
        console.print(f"payments to look into: {len(payments)}: edge-hub payments list --unresolved")


def pair(
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How long tablets may pair.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Open the pairing window and show the code that a tablet scans."""
    window = Control(config).send("POST", "/v1/pairing/window", {"minutes": minutes})
    if as_json:
        show_json(window)
        return
    import segno

    segno.make(window["url"], error="m").terminal(compact=True)
    console.print(
        f"Scan this with the tablet, or open\n  {window['url']}\nwithin {minutes} minutes.",
        markup=False,
        soft_wrap=True,
    )


@clients_app.command("list")
def clients_list(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """List the paired tablets and programs."""
    clients = Control(config).get("/v1/clients")["clients"]
    rows = (
        clients
        if as_json
        else [
            {**client, "seen": when(client["last_seen_ms"]), "revoked": when(client["revoked_ms"])}
            for client in clients
        ]
    )
    columns = {"id": "id", "name": "name", "till": "till", "seen": "last seen", "revoked": "revoked"}
    answer(rows, columns, "No tablet is paired. Pair one: edge-hub pair", as_json=as_json)


@clients_app.command("revoke")
def clients_revoke(client: str, config: ConfigOption = DEFAULT_CONFIG_TEXT) -> None:
    """Take a tablet's access away, at once."""
    Control(config).send("DELETE", f"/v1/clients/{quote(client, safe='')}")
    console.print("Revoked. Pair it again to let it back in: edge-hub pair")


@staff_app.command("list")
def staff_list(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """List the staff."""
    staff = Control(config).get("/v1/staff")["staff"]
    columns = {"id": "id", "name": "name", "role": "role", "locale": "language", "active": "active"}
    answer(staff, columns, "No staff yet. Add the owner: edge-hub staff add NAME --role owner", as_json=as_json)


@staff_app.command("add")
def staff_add(
    name: str,
    role: Annotated[str, typer.Option(help="owner, manager or clerk")] = "clerk",
    locale: Annotated[str, typer.Option(help="en, fi, zh-TW or zh-CN; empty: the store's")] = "",
    pin: Annotated[str, typer.Option(prompt="PIN (4 to 12 digits)", hide_input=True, confirmation_prompt=True)] = "",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Add a member of staff; the PIN is asked for."""
    body = {"name": name, "role": role, "pin": pin, "locale": locale}
    member = Control(config).send("POST", "/v1/staff", body)
    if as_json:
        show_json(member)
    else:
        console.print(f"{member['name']} may sign in as {member['role']}.")


@staff_app.command("set-pin")
def staff_set_pin(
    staff: Annotated[str, typer.Argument(help="The id that `edge-hub staff list` shows.")],
    pin: Annotated[str, typer.Option(prompt="New PIN", hide_input=True, confirmation_prompt=True)] = "",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
) -> None:
    """Give a member of staff a new PIN (this also ends a lockout)."""
    Control(config).send("PATCH", f"/v1/staff/{quote(staff, safe='')}", {"pin": pin})
    console.print("The new PIN holds from now on.")


@staff_app.command("remove")
def staff_remove(
    staff: Annotated[str, typer.Argument(help="The id that `edge-hub staff list` shows.")],
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
) -> None:
    """Let somebody sign in no more, and sign them out everywhere; what they sold keeps their name."""
    gone = Control(config).send("PATCH", f"/v1/staff/{quote(staff, safe='')}", {"active": False})
    console.print(f"{gone['name']} can no longer sign in.")


def trouble(device: dict[str, Any]) -> str:
    """What is wrong with a device, or soon will be."""
    low = "paper nearly out" if (device["status"] or {}).get("paper_near_end") else ""
    return device["error_text"] or low


def _devices_table(devices: list[dict[str, Any]], *, as_json: bool) -> None:
    columns = {"id": "id", "driver": "driver", "state": "state", "url": "address", "trouble": "what is wrong"}
    rows = devices if as_json else [{**device, "trouble": trouble(device)} for device in devices]
    answer(rows, columns, "No devices are configured. Add [[devices]] to config.toml or conf.d/.", as_json=as_json)


@devices_app.command("list")
def devices_list(config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False) -> None:
    """List the devices with their state."""
    _devices_table(Control(config).get("/v1/devices")["devices"], as_json=as_json)


def _faults_table(simulator: dict[str, Any], *, as_json: bool) -> None:
    faults = [{**fault, "active": "yes" if fault["active"] else ""} for fault in simulator["faults"]]
    columns = {"name": "fault", "active": "active", "help": "what it is"}
    answer(simulator["faults"] if as_json else faults, columns, "This device has no faults.", as_json=as_json)


@devices_app.command("break")
def devices_break(
    device: str,
    fault: Annotated[str | None, typer.Argument(help="Default: list the faults this device can have.")] = None,
    mend: Annotated[bool, typer.Option("--mend", help="End the fault.")] = False,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Give a simulated device a fault, or mend it: paper out, cable dead, drawer jammed."""
    control, path = Control(config), f"/v1/devices/{quote(device, safe='')}/simulator"
    if fault is None:
        simulator = control.get(path)
    else:
        simulator = control.send("PUT", f"{path}/faults/{quote(fault, safe='')}", {"on": not mend})
    _faults_table(simulator, as_json=as_json)


@devices_app.command("act")
def devices_act(
    device: str,
    action: Annotated[str, typer.Argument(help="scan, load_paper, close_drawer, put ...: docs/technicians.md")],
    value: Annotated[str, typer.Argument(help="What to scan, put on the scale ...")] = "",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Do at a simulated device what a person would do: scan a code, load paper, close the drawer."""
    path = f"/v1/devices/{quote(device, safe='')}/simulator/actions"
    simulator = Control(config).send("POST", path, {"action": action, "value": value})
    if as_json:
        show_json(simulator["state"])
    else:
        console.print("Done.")


@jobs_app.command("list")
def jobs_list(
    state: Annotated[list[str] | None, typer.Option(help="Only these states (may be repeated).")] = None,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """List print jobs, newest first."""
    query = urlencode([("state", one) for one in state or ()])
    jobs = Control(config).get(f"/v1/jobs?{query}")["jobs"]
    columns = {"id": "id", "device": "device", "title": "what", "state": "state", "error_text": "what is wrong"}
    answer(jobs, columns, "There are no such jobs.", as_json=as_json)


@jobs_app.command("resolve")
def jobs_resolve(
    job: str,
    outcome: Annotated[str, typer.Argument(help="printed, reprint or cancel")],
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
) -> None:
    """Say what became of a job in doubt, after looking at the printer."""
    answered = Control(config).send("POST", f"/v1/jobs/{quote(job, safe='')}/resolve", {"outcome": outcome})
    console.print(f"Job {answered['id']} is {answered['state']}.")


@jobs_app.command("cancel")
def jobs_cancel(job: str, config: ConfigOption = DEFAULT_CONFIG_TEXT) -> None:
    """Cancel a job that still waits."""
    answered = Control(config).send("POST", f"/v1/jobs/{quote(job, safe='')}/cancel")
    console.print(f"Job {answered['id']} is {answered['state']}.")


@catalogue_app.command("import")
def catalogue_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; change nothing.")] = False,
    encoding: Annotated[str, typer.Option(help="utf-8, big5 or gb18030")] = "utf-8",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Take products and prices from a CSV or JSON file: all of it, or nothing (docs/catalogue.md)."""
    if file.stat().st_size > IMPORT_BYTES_MAX:
        fail(f"{file} is over {IMPORT_BYTES_MAX >> 20} MiB: split it.")
    query = urlencode({"name": file.name, "dry_run": str(dry_run).lower(), "encoding": encoding})
    lines = Control(config).stream(f"/v1/catalogue/imports?{query}", file.read_bytes(), "application/octet-stream")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, disable=as_json) as progress:
        task = progress.add_task("reading", total=None)
        last: dict[str, Any] = {}
        for last in lines:
            if last["type"] == "progress":
                progress.update(task, description=last["phase"], completed=last["done"], total=last["total"] or None)
    if as_json:
        show_json(last)
    if last.get("type") != "result":
        _show_import_faults(last, quiet=as_json)
    if not as_json:
        verb = "would be taken" if dry_run else "taken"
        console.print(f"{last['products']} products and {last['prices']} list prices {verb}.")


def _show_import_faults(refusal: dict[str, Any], *, quiet: bool) -> None:
    if not quiet:
        errors.print(f"{refusal.get('title', 'The import ended early.')} {refusal.get('detail', '')}", markup=False)
        for fault in refusal.get("faults", [])[:FAULTS_SHOWN_MAX]:
            errors.print(f"  {fault['pointer']}: {fault['message']}", markup=False)
    raise typer.Exit(1)
