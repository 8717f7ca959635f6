"""The tree of commands. What works on files stands in `files`, what asks the running hub in `live`."""

from typing import Annotated

import typer

from edge_hub import __version__
from edge_hub.cli import drill, files, hardware, live, payments, trying
from edge_hub.cli.output import DEFAULT_CONFIG_TEXT, ConfigOption, console
from edge_hub.cli.simulate import simulate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="The hub of a shop: its peripherals, its sales, its stock.",
)


@app.command()
def run(config: ConfigOption = DEFAULT_CONFIG_TEXT) -> None:
    """Run the hub in the foreground (what systemd calls)."""
    from edge_hub.cli.run import run_command

    raise typer.Exit(run_command(["--config", config]))


@app.command()
def version(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Print the version."""
    console.print_json(data={"version": __version__}) if as_json else console.print(__version__)


app.add_typer(files.config_app, name="config")
app.add_typer(files.journal_app, name="journal")
app.command("backup")(files.backup)
app.command("restore")(files.restore)
app.command("doctor")(files.doctor)
app.command("discover")(files.discover)
app.add_typer(live.catalogue_app, name="catalogue")
app.add_typer(live.clients_app, name="clients")
app.add_typer(live.staff_app, name="staff")
app.add_typer(live.devices_app, name="devices")
hardware.add_to(live.devices_app)
trying.add_to(live.devices_app)
app.add_typer(live.jobs_app, name="jobs")
app.add_typer(payments.payments_app, name="payments")
app.command("settle")(payments.settle)
app.command("pair")(live.pair)
app.command("status")(live.status)
app.command("simulate")(simulate)
app.command("drill")(drill.drill)
