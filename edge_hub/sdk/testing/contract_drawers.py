"""What every driver of a cash drawer must hold."""

from typing import Any

from edge_hub.sdk.errors import DeviceError, DeviceRefused
from edge_hub.sdk.messages import DrawerState
from edge_hub.sdk.roles import CASH_DRAWER, Role
from edge_hub.sdk.testing.bench import settle, until
from edge_hub.sdk.testing.checks import Checks, expect, pass_time

KICK_LIMIT_S = 120.0
"""A printer that came back from a torn page may have to finish it first."""
PULSE_S = 2.0
"""From the host's last byte to a drawer that sprang open, over a slow wire."""
KICKS = 3
RECOVERY_TRIES_MAX = 20
RECOVERY_PAUSE_S = 3.0


class Opening(Checks):
    """A kick opens the drawer, and is not said to have failed when it did."""

    role: Role[Any] = CASH_DRAWER

    async def well(self) -> None:
        for _ in range(KICKS):
            self.rig.simulator.act("close_drawer", "")
            await pass_time(self.rig, PULSE_S)
            outcome = await self._kick()
            expect(outcome in (DrawerState.OPEN, DrawerState.UNKNOWN), f"{outcome!r} on a good wire")
            await pass_time(self.rig, PULSE_S)
            expect(self._is_open(), "the drawer did not open")

    async def badly(self) -> None:
        for _ in range(KICKS):
            self.rig.simulator.act("close_drawer", "")
            await self._kick()

    async def recovered(self) -> None:
        # a command cut short may swallow the next pulse, and a printer may have to find itself first
        for _ in range(RECOVERY_TRIES_MAX):
            await pass_time(self.rig, RECOVERY_PAUSE_S)
            await self.ready()
            self.rig.simulator.act("close_drawer", "")
            await pass_time(self.rig, PULSE_S)
            outcome = await self._kick()
            await pass_time(self.rig, PULSE_S)
            if self._is_open() and outcome in (DrawerState.OPEN, DrawerState.UNKNOWN):
                return
        raise AssertionError(f"{outcome!r} still on a healed wire")

    async def _kick(self) -> DrawerState | DeviceError:
        drawer = self.rig.role(CASH_DRAWER)
        if drawer is None:
            return DeviceRefused("not ready")
        try:
            return await until(self.rig.clock, drawer.open_drawer(), limit_s=KICK_LIMIT_S)
        except DeviceError as exc:
            return exc
        finally:
            await settle()

    def _is_open(self) -> bool:
        return self.rig.simulator.state().get("drawer") == "open"
