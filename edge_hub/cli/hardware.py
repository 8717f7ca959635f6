"""Commands that find devices and take them into the configuration of the running hub."""

import time
import tomllib
from typing import Annotated, Any
from urllib.parse import quote

import typer

from edge_hub.cli.control import Control
from edge_hub.cli.live import trouble
from edge_hub.cli.output import DEFAULT_CONFIG_TEXT, ConfigOption, JsonOption, answer, console, fail, show_json

WATCH_PERIOD_S = 1.0
OptionsOption = Annotated[
    list[str] | None, typer.Option("--option", help="A driver's option as key=value; may be repeated.")
]


def options_of(given: list[str] | None) -> dict[str, Any]:
    """`key=value` as TOML has it: width_dots=384, drawer=false, code_pages=["cp437"]; anything else is text."""
    found: dict[str, Any] = {}
    for one in given or ():
        key, equals, text = one.partition("=")
        if not key or not equals:
            fail(f"--option {one}: write key=value", 2)
        try:
            found[key] = tomllib.loads(f"x = {text}")["x"]
        except tomllib.TOMLDecodeError:
            found[key] = text
    return found


def devices_find(
    no_network: Annotated[bool, typer.Option("--no-network", help="Look at this box only.")] = False,
    knock: Annotated[
        bool, typer.Option("--knock", help="Try port 9100 of every address of the own networks (up to 30 s).")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Look for devices: plugged in, announced on the network, or answering."""
    found = _found(Control(config), network=not no_network, knock=knock)
    columns = {"url": "address", "name": "says of itself", "drivers": "drivers that fit", "in_use": "configured as"}
    answer(found, columns, "Nothing was found. Is it switched on, and not another program's?", as_json=as_json)


def devices_adopt(
    device: Annotated[str, typer.Argument(help="The id it shall have: receipt-2.")],
    url: Annotated[str, typer.Argument(help="Its address, as `edge-hub devices find` shows it.")],
    driver: Annotated[str, typer.Option(help="Default: the driver that fits best.")] = "",
    label: Annotated[str, typer.Option(help="Its name for people.")] = "",
    option: OptionsOption = None,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Take a device into the configuration (conf.d/50-adopted.toml) and run it at once."""
    control = Control(config)
    driver = driver or _proposal(control, url)
    body = {"id": device, "driver": driver, "url": url, "label": label, "options": options_of(option)}
    adopted = control.send("POST", "/v1/devices", body)
    if as_json:
        show_json(adopted)
    else:
        words = f"{adopted['id']} runs with {adopted['driver']}. Give it to a till in config.toml: [[tills]]."
        console.print(words, markup=False, soft_wrap=True)


def devices_remove(device: str, config: ConfigOption = DEFAULT_CONFIG_TEXT) -> None:
    """Take an adopted device out of the configuration."""
    Control(config).send("DELETE", f"/v1/devices/{quote(device, safe='')}")
    console.print("Removed.")


def devices_watch(
    seconds: Annotated[float, typer.Option(min=0, help="Stop after so long; 0: with Ctrl-C.")] = 0,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Show every change of the devices' states as it happens."""
    control = Control(config)
    shown: dict[str, tuple[str, str]] = {}
    until = time.monotonic() + seconds
    while True:
        now = {one["id"]: one for one in control.get("/v1/devices")["devices"]}
        for device in now.values():
            state = (device["state"], trouble(device))
            if shown.get(device["id"]) != state:
                shown[device["id"]] = state
                _tell(device["id"], *state, as_json=as_json)
        for gone in shown.keys() - now.keys():
            del shown[gone]
            _tell(gone, "removed", "", as_json=as_json)
        if seconds and time.monotonic() >= until:
            return
        time.sleep(WATCH_PERIOD_S)


def _tell(device: str, state: str, why: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"time_ms": time.time_ns() // 1_000_000, "device": device, "state": state, "trouble": why})
    else:
        line = f"{time.strftime('%H:%M:%S')}  {device}  {state}{': ' if why else ''}{why}"
        console.print(line, markup=False, soft_wrap=True)


def _found(control: Control, *, network: bool, knock: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control.send("POST", "/v1/devices/found", {"network": network, "knock": knock})[
        "found"
    ]
    return found


def _proposal(control: Control, url: str) -> str:
    found = _found(control, network=url.startswith("tcp:"), knock=False)
    fitting = [driver for one in found if one["url"] == url for driver in one["drivers"]]
    if fitting:
        return str(fitting[0])
    return fail(f"What is at {url} does not say which driver it needs: name it with --driver.", 2)


def add_to(devices: typer.Typer) -> None:
    """Put these commands under `edge-hub devices`."""
    devices.command("find")(devices_find)
    devices.command("adopt")(devices_adopt)
    devices.command("remove")(devices_remove)
    devices.command("watch")(devices_watch)
