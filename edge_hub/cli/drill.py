"""`edge-hub drill`: an outage rehearsed on a simulated device, and what a cashier would have seen of it."""

import time
from enum import StrEnum
from typing import Annotated, Any

import typer

from edge_hub.cli.control import Control
from edge_hub.cli.output import DEFAULT_CONFIG_TEXT, ConfigOption, JsonOption, console, errors, fail, show_json

POLL_S = 0.5
DRILL_WAIT_S = 180.0
"""The longest drill takes less; afterwards the console shows its report."""
EXIT_LATE = 75
MS_PER_S = 1000
VERDICTS = {
    "held": "Nothing was lost, and nobody had to do anything.",
    "needs_person": "Something needs a person: look at the steps.",
    "cancelled": "It was stopped; the device is mended.",
}
STEPS = {
    "fault_on": "broken: {seen}",
    "fault_off": "mended: {seen}",
    "unplugged": "the cable is pulled",
    "job_queued": "a page is ordered",
    "scanned": "a code is scanned: {seen}",
    "scan_seen": "the till got the code: {seen}",
    "device": "the device is {seen}",
    "job": "the page is {seen}",
    "payment_begun": "a payment is begun: {seen}",
    "payment": "the payment is {seen}",
    "shown": "the till says what the terminal does: {seen}",
    "listed": "the manager's list has it: {seen}",
    "basket_abandoned": "the basket is given up",
    "error": "the hub says: {seen}",
}
NOTHING = {"shown": "the till no longer says what the terminal does", "listed": "the manager's list has it no more"}


class Rehearsed(StrEnum):
    """Drills on simulated devices; the hub's own restart is asked for in the console."""

    PRINTER_OUT = "printer_out"
    SCANNER_GONE = "scanner_gone"
    DEVICE_RESET = "device_reset"
    TERMINAL_SILENT = "terminal_silent"


def drill(
    name: Annotated[Rehearsed, typer.Argument(metavar="NAME", help="What fails.")],
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Rehearse an outage on a simulated device, and tell what a cashier would have seen."""
    control = Control(config, {"nothing-to-drill": "Real devices are left alone: this is for simulated ones."})
    report = control.send("POST", "/v1/drills", {"name": name.value})
    until, told = time.monotonic() + DRILL_WAIT_S, 0
    while True:
        if not as_json:
            told = _tell(report, told)
        if report["verdict"] != "running":
            break
        if time.monotonic() > until:
            errors.print("The drill goes on; the console shows how it ends.")
            raise typer.Exit(EXIT_LATE)
        time.sleep(POLL_S)
        report = control.get("/v1/drills")["drill"]
    if as_json:
        show_json(report)
    elif report["verdict"] == "held":
        console.print(VERDICTS["held"])
    if report["verdict"] != "held":
        fail(VERDICTS[report["verdict"]])


def _tell(report: dict[str, Any], told: int) -> int:
    """Print the steps after the first `told`; how many there are."""
    for step in report["steps"][told:]:
        words = NOTHING.get(step["what"], "") if not step["seen"] else ""
        words = words or STEPS.get(step["what"], "{seen}").format(seen=step["seen"])
        console.print(f"{(step['at_ms'] - report['started_ms']) / MS_PER_S:6.1f} s  {words}", soft_wrap=True)
    return len(report["steps"])
