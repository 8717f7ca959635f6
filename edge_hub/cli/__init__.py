"""`edge-hub`: what technicians and scripts type. The daemon itself never loads typer or rich."""

import os
import sys


def main() -> None:
    """Entry point of the console script. `run` goes straight to the daemon: its memory and start time count."""
    if sys.argv[1:2] == ["run"] and not {"-h", "--help"} & set(sys.argv):
        from edge_hub import memory  # before anything heavy

        memory.frugal()
        from edge_hub.journal.spawn import HANDLERS_MODULE, fork  # as above

        spawned = fork(HANDLERS_MODULE)  # goes when this process does
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # a search through all that is installed
        from edge_hub.cli.run import run_command  # only one of the two halves is loaded

        sys.exit(run_command(sys.argv[2:], spawned, again=(sys.executable, *sys.orig_argv[1:])))
    from edge_hub.cli.app import app

    app(prog_name="edge-hub")
