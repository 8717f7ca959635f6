"""`edge-hub run`: start the daemon, saying in plain words what stands in the way when something does."""

import argparse
import os
import sys
from pathlib import Path

from edge_hub.config import DEFAULT_CONFIG, ConfigInvalid, load
from edge_hub.errors import EdgeHubError
from edge_hub.journal.spawn import Spawned

EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h."""
EXIT_UNAVAILABLE = 69


def run_command(arguments: list[str], spawned: Spawned | None = None, *, again: tuple[str, ...] = ()) -> int:
    """Run the hub until it is told to stop; the exit status for the shell. `again` is the command that this process
    was started by: a restart makes it that command once more.
    """
    parser = argparse.ArgumentParser(prog="edge-hub run", description="Run the hub in the foreground.")
    default = Path(os.environ.get("EDGE_HUB_CONFIG") or DEFAULT_CONFIG)  # as every other command has it
    parser.add_argument("--config", type=Path, default=default, help=f"default: {default}")
    options = parser.parse_args(arguments)
    try:
        config = load(options.config)
    except ConfigInvalid as error:
        sys.stderr.write(f"The hub was not started: its configuration needs a change.\n{error.detail}\n")
        return EXIT_CONFIG
    from edge_hub.daemon import run  # nothing heavy before the configuration is known to be good

    try:
        run(config, spawned, again=again)
    except ConfigInvalid as error:
        sys.stderr.write(f"The hub was not started: its configuration needs a change.\n{error.detail}\n")
        return EXIT_CONFIG
    except EdgeHubError as error:
        sys.stderr.write(f"The hub has stopped: {error.title} {error.detail}\n")
        return EXIT_UNAVAILABLE
    return 0
