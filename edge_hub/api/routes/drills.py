"""Drills: outages rehearsed on simulated devices, and a restart of the hub that is real."""

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.drills import DrillBody, DrillDoc, DrillsDoc, drill
from edge_hub.domain.staff import Permission
from edge_hub.services.drill import DrillName, DrillRunning, NothingToDrill
from edge_hub.services.restart import RestartImpossible, RestartUnsafe
from edge_hub.services.silence import SilentTerminal

ROUTES = Routes("Simulators")


@ROUTES.on("GET", "/v1/drills", response=DrillsDoc)
async def get_drill(call: Call[None, None]) -> DrillsDoc:
    """The drill that is going on, or the last one."""
    report = call.services.drills.report
    return {"drill": None if report is None else drill(report, call.locale)}


@ROUTES.on(
    "POST", "/v1/drills", request=DrillBody, response=DrillDoc, status=202, auth="staff",
    permission=Permission.MANAGE_DEVICES, errors=(DrillRunning, NothingToDrill, RestartImpossible, RestartUnsafe),
)  # fmt: skip
async def start_drill(call: Call[DrillBody, None]) -> DrillDoc:
    """Rehearse an outage on a simulated device; real ones are left alone.

    A printer that runs out of paper, a scanner that is unplugged, a printer that is switched off and on, a card
    terminal that goes silent in mid-payment. It takes seconds, about a minute at most; the report tells what a cashier
    would have seen.

    `hub_restart` is no simulation: the hub stops and starts anew, and all tills are without it for some seconds.
    Sockets close with 1001; the report is there when the hub is back.
    """
    name, restarts = DrillName(call.body.name), call.services.restarts
    if name is DrillName.HUB_RESTART:
        if restarts is None:
            raise RestartImpossible
        return drill(await restarts.start(call.who), call.locale)
    if name is DrillName.TERMINAL_SILENT:
        report = await SilentTerminal(call.services).start(call.who)
    else:
        report = call.services.drills.start(call.who, name)
    if restarts is not None:
        await restarts.forget()
    return drill(report, call.locale)


@ROUTES.on("DELETE", "/v1/drills", status=204, auth="staff", permission=Permission.MANAGE_DEVICES)
async def stop_drill(call: Call[None, None]) -> None:
    """Stop the drill that is going on, and mend the device. A restart goes on; what ends is watching it."""
    call.services.drills.cancel(call.who)
