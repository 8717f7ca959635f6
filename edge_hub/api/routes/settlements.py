"""The end of a terminal's day: its totals against the journal's."""

from edge_hub.api.endpoint import Call, Routes
from edge_hub.api.schemas.devices import JobDoc, job
from edge_hub.api.schemas.payments import (
    PrintBody,
    SettleBody,
    SettlementDoc,
    SettlementsDoc,
    SettlementsQuery,
    settlement,
)
from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.ids import DeviceId, SettlementId
from edge_hub.domain.staff import Permission
from edge_hub.services.payments.desk import DeskBusy, DeskClosed
from edge_hub.services.payments.model import (
    PaymentTerminalBusy,
    PaymentTerminalLocked,
    SettlementNotFound,
    SettlementOpenAlready,
)
from edge_hub.services.payments.terminals import ProviderNotFound
from edge_hub.services.printing.job import QueueFull
from edge_hub.services.printing.service import DeviceCannot

ROUTES = Routes("Payments")


@ROUTES.on(
    "POST", "/v1/settlements", request=SettleBody, response=SettlementDoc, status=202, auth="staff",
    permission=Permission.SETTLE, idempotent=True,
    errors=(
        ProviderNotFound, DeviceAway, DeviceCannot, DeskBusy, DeskClosed, SettlementOpenAlready, PaymentTerminalBusy,
        PaymentTerminalLocked,
    ),
)  # fmt: skip
async def settle_terminal(call: Call[SettleBody, None]) -> SettlementDoc:
    """Tell a terminal to close its batch.

    Answers as soon as that is on record; the outcome, with the differences to the journal, comes as `settlement` on
    /v1/events. Of unknown outcome: settle again, an empty batch closes too.
    """
    view = await call.services.payments.settle(call.who, call.body.terminal, key=call.key, fingerprint=call.fingerprint)
    return settlement(view, call.locale)


@ROUTES.on("GET", "/v1/settlements", query=SettlementsQuery, response=SettlementsDoc, auth="staff")
async def list_settlements(call: Call[None, SettlementsQuery]) -> SettlementsDoc:
    """Settlements, newest first."""
    found = await call.services.payments.settlements(call.query.limit)
    return {"settlements": [settlement(one, call.locale) for one in found]}


@ROUTES.on("GET", "/v1/settlements/{settlement_id}", response=SettlementDoc, auth="staff", errors=(SettlementNotFound,))
async def get_settlement(call: Call[None, None]) -> SettlementDoc:
    """One settlement."""
    found = call.services.payments.settlement(SettlementId(call.path["settlement_id"]))
    return settlement(found, call.locale)


@ROUTES.on(
    "POST", "/v1/settlements/{settlement_id}/print", request=PrintBody, response=JobDoc, status=202, auth="staff",
    permission=Permission.SETTLE, idempotent=True, errors=(SettlementNotFound, DeviceCannot, QueueFull),
)  # fmt: skip
async def print_settlement(call: Call[PrintBody, None]) -> JobDoc:
    """Print the settlement's report."""
    printed = await call.services.payments.print_settlement(
        call.who,
        SettlementId(call.path["settlement_id"]),
        device=None if call.body.device is None else DeviceId(call.body.device),
        key=call.key,
        fingerprint=call.fingerprint,
    )
    return job(printed, call.locale)
