"""`edge-hub simulate`: a driver's simulated device at a TCP port or a pseudo terminal, for other programs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

import typer

from edge_hub.cli.hardware import OptionsOption, options_of
from edge_hub.cli.output import console, fail
from edge_hub.errors import EdgeHubError
from edge_hub.sdk.driver import Simulator

LOOPBACK = "127.0.0.1"
BODY_BYTES_MAX = 64 << 10


def simulate(
    driver: Annotated[str, typer.Argument(help="escpos, serial_scanner, line_display ...")],
    tcp: Annotated[int | None, typer.Option(min=0, max=65535, help="Serve at this port of 127.0.0.1; 0: any.")] = None,
    pty: Annotated[bool, typer.Option("--pty", help="Serve at a new pseudo terminal.")] = False,
    http: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Faults, actions and the picture at this port of 127.0.0.1.")
    ] = None,
    option: OptionsOption = None,
) -> None:
    """Run a simulated device without a hub, until Ctrl-C."""
    if pty == (tcp is not None):
        fail("Say where: --tcp PORT or --pty.", 2)
    simulator, line = _simulator(driver, options_of(option))
    try:
        asyncio.run(_run(simulator, line, tcp, http))
    except OSError as error:
        fail(f"The port cannot be used: {error.strerror}.")
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _simulator(driver: str, options: dict[str, Any]) -> tuple[Simulator, str]:
    """With what its serial address needs, because a pseudo terminal has eight bits without parity and no others."""
    from edge_hub.devices.registry import load_drivers, validate_options

    try:
        info = load_drivers().find(driver)
        checked = validate_options(info, options)
        line = info.line(checked)
        plain = (line.get("bytesize", 8), line.get("parity", "N")) == (8, "N")
        return info.simulator(checked), "" if plain else "?bytesize=8&parity=N"
    except EdgeHubError as error:
        fail("\n".join([error.detail, *(f"  {fault.pointer}: {fault.message}" for fault in error.faults)]), 2)


async def _run(simulator: Simulator, line: str, tcp: int | None, http: int | None) -> None:
    from edge_hub.devices.simulation import serve_pty, serve_tcp

    async with AsyncExitStack() as stack:
        if tcp is None:
            path = await stack.enter_async_context(serve_pty(simulator))
            console.print(f"serial://{path}{line}", soft_wrap=True)
        else:
            port = await stack.enter_async_context(serve_tcp(simulator, host=LOOPBACK, port=tcp))
            console.print(f"tcp://{LOOPBACK}:{port}", soft_wrap=True)
        if http is not None:
            port = await stack.enter_async_context(serving_panel(simulator, http))
            console.print(f"http://{LOOPBACK}:{port}/", soft_wrap=True)
        await asyncio.get_running_loop().create_future()


@asynccontextmanager
async def serving_panel(simulator: Simulator, port: int) -> AsyncIterator[int]:
    """The device's front panel on the loopback address: `GET /state`, `GET /picture`, `PUT /faults/NAME {"on": true}`,
    `POST /actions {"action": "scan", "value": "..."}`. Yields the port; raises OSError if it is taken.
    """
    from aiohttp import web

    names: set[str] = set()

    @web.middleware
    async def own_name(request: web.Request, handler: Any) -> web.StreamResponse:
        # a page elsewhere must not reach it by a name of its own that leads here
        if request.host not in names:
            raise web.HTTPMisdirectedRequest
        answer: web.StreamResponse = await handler(request)
        return answer

    app = web.Application(middlewares=[own_name], client_max_size=BODY_BYTES_MAX)
    app.add_routes(_routes(simulator))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
        port = runner.addresses[0][1]
        names |= {f"{LOOPBACK}:{port}", f"localhost:{port}"}
        yield port
    finally:
        await runner.cleanup()


def _routes(simulator: Simulator) -> list[Any]:
    from aiohttp import web

    def state() -> web.Response:
        faults = [
            {"name": name, "help": text, "active": name in simulator.active_faults}
            for name, text in sorted(simulator.faults.items())
        ]
        return web.json_response({"faults": faults, "state": dict(simulator.state())})

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def get_state(_request: web.Request) -> web.Response:
        return state()

    async def picture(_request: web.Request) -> web.Response:
        shown = await asyncio.to_thread(simulator.picture)
        if shown is None:
            raise web.HTTPNotFound(text="This device has nothing to show.")
        return web.Response(body=shown, content_type="image/png")

    async def fault(request: web.Request) -> web.Response:
        try:
            simulator.set_fault(request.match_info["name"], (await request.json())["on"] is True)
        except (KeyError, ValueError, TypeError):
            raise web.HTTPBadRequest(text='PUT /faults/NAME takes {"on": true} for a fault of this device.') from None
        return state()

    async def act(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            simulator.act(str(body["action"]), str(body.get("value", "")))
        except (KeyError, ValueError, TypeError, AttributeError):
            raise web.HTTPBadRequest(text='POST /actions takes {"action": "...", "value": "..."}.') from None
        return state()

    return [
        web.get("/", page),
        web.get("/state", get_state),
        web.get("/picture", picture),
        web.put("/faults/{name}", fault),
        web.post("/actions", act),
    ]


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated device</title><style>
body{font:16px system-ui;margin:2em;max-width:60em}img{border:1px solid #999;max-height:70vh}pre{overflow:auto}
</style>
<h1>Simulated device</h1><form id="act"><input name="action" value="scan" aria-label="Action" required>
<input name="value" aria-label="Value"><button>Do</button></form><ul id="faults"></ul>
<img id="picture" alt="What the device shows" hidden><pre id="state"></pre><script>
const by = id => document.getElementById(id), make = tag => document.createElement(tag);
const send = (method, path, body) => fetch(path, {method, body: JSON.stringify(body)}).then(show);
function row(fault) {
  const item = make('li'), label = make('label'), box = make('input');
  box.type = 'checkbox';
  box.checked = fault.active;
  box.onchange = () => send('PUT', '/faults/' + fault.name, {on: box.checked});
  label.append(box, ' ', fault.name, ': ', fault.help);
  item.append(label);
  return item;
}
async function show() {
  const now = await (await fetch('/state')).json();
  by('state').textContent = JSON.stringify(now.state, null, 1);
  by('faults').replaceChildren(...now.faults.map(row));
  const picture = await fetch('/picture');
  by('picture').hidden = !picture.ok;
  if (picture.ok) {
    URL.revokeObjectURL(by('picture').src);
    by('picture').src = URL.createObjectURL(await picture.blob());
  }
}
by('act').onsubmit = event => {
  event.preventDefault();
  const form = new FormData(event.target);
  send('POST', '/actions', {action: form.get('action'), value: form.get('value')});
};
show();
setInterval(() => document.hidden || by('faults').contains(document.activeElement) || show(), 2000);
</script></html>
"""
