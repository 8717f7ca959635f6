"""`edge-hub devices test`: a device does what it is there for, once, and says how that went."""

import time
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

import typer

from edge_hub.cli.control import Control
from edge_hub.cli.live import trouble
from edge_hub.cli.output import DEFAULT_CONFIG_TEXT, ConfigOption, JsonOption, console, errors, fail, show_json

JOB_WAIT_S = 10.0
"""For a page, label or pulse to come to its end; afterwards `edge-hub jobs list` tells."""
JOB_LOOK_S = 0.2
SCAN_ASK_S = 3
"""The longest that the hub waits for a scan in one request."""
SCAN_ASKS = 5
SCAN_WAIT_S = SCAN_ASK_S * SCAN_ASKS
WAITING = ("queued", "sending")
SHOWN_LINES = ("edge-hub 0123456789", "TEST")
SHOWN_AMOUNT = "1234.56"
REASON = "test by a technician"
Tried = tuple[dict[str, Any], str]
"""What the hub answered, and what it means."""


def _ended(control: Control, path: str, job: dict[str, Any]) -> Tried:
    until, why = time.monotonic() + JOB_WAIT_S, ""
    while job["state"] in WAITING and not why and time.monotonic() < until:
        time.sleep(JOB_LOOK_S)
        why = trouble(control.get(path))
        job = control.get(f"/v1/jobs/{job['id']}")
    words = "; ".join(filter(None, (job["error_text"], why if job["state"] in WAITING else "")))
    return job, f"Job {job['id']} is {job['state']}{': ' if words else ''}{words}."


def _print(control: Control, path: str, _: dict[str, Any]) -> Tried:
    return _ended(control, path, control.send("POST", f"{path}/test"))


def _kick(control: Control, path: str, _: dict[str, Any]) -> Tried:
    return _ended(control, path, control.send("POST", f"{path}/open-drawer", {"reason": REASON}))


def _weigh(control: Control, path: str, _: dict[str, Any]) -> Tried:
    weight = control.send("POST", f"{path}/weigh")
    return weight, f"A sale would take {weight['grams']} g."


def _scan(control: Control, path: str, _: dict[str, Any]) -> Tried:
    control.send("PUT", f"{path}/claim", {"lease_s": SCAN_WAIT_S + 5})
    try:
        errors.print(f"Scan something within {SCAN_WAIT_S} s; no till hears it.", soft_wrap=True)
        asked = (control.get(f"{path}/scan?wait_s={SCAN_ASK_S}") for _ in range(SCAN_ASKS))
        read = next((one for one in asked if one["data"] is not None), None)
    finally:
        control.send("DELETE", f"{path}/claim")
    if read is None:
        fail("Nothing was scanned. Is it in the mode that its driver needs? See docs/technicians.md, Scanners.")
    return read, f"It read {read['data']} {read['aim']}".rstrip()


def _show(control: Control, path: str, device: dict[str, Any]) -> Tried:
    lines = SHOWN_LINES if "line_display" in device["roles"] else (SHOWN_AMOUNT,)
    control.send("PUT", f"{path}/display", {"lines": lines})
    return {"lines": lines}, f"Look at the display: it should show {' / '.join(lines)}."


TESTS: dict[str, tuple[frozenset[str], Callable[[Control, str, dict[str, Any]], Tried]]] = {
    "print": (frozenset({"pos_printer", "label_printer"}), _print),
    "weigh": (frozenset({"scale"}), _weigh),
    "scan": (frozenset({"scanner"}), _scan),
    "show": (frozenset({"line_display", "numeric_display"}), _show),
    "kick": (frozenset({"cash_drawer"}), _kick),
}
"""By name: the roles that can do it. A device does the first that it can, unless another is asked for."""


def devices_test(
    device: str,
    what: Annotated[str, typer.Option(help="print, kick, weigh, scan or show; default: what the device is for.")] = "",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Try a device: print a page or label, open the drawer, weigh, wait for a scan, show a text."""
    control, path = Control(config), f"/v1/devices/{quote(device, safe='')}"
    known = control.get(path)
    can = [name for name, (roles, _) in TESTS.items() if roles & set(known["roles"])]
    if (what or None) not in {None, *can} or not can:
        fail(f"{device} can be tried by {', '.join(can) or 'nothing here: docs/technicians.md says how'}.", 2)
    answered, words = TESTS[what or can[0]][1](control, path, known)
    if as_json:
        show_json(answered)
    else:
        console.print(words, markup=False, soft_wrap=True)


def add_to(devices: typer.Typer) -> None:
    """Put this command under `edge-hub devices`."""
    devices.command("test")(devices_test)
