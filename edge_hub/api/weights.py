"""Live weights for all sockets: only the newest of each scale, and not more often than eyes can follow."""

import asyncio
from collections.abc import Iterable

from pydantic_core import to_json

from edge_hub.api.socket import Socket
from edge_hub.bus import Wake
from edge_hub.devices.states import DeviceState
from edge_hub.sdk.messages import ScaleState, WeightChanged
from edge_hub.services.container import Services

WEIGHT_PERIOD_S = 0.2
"""A client is told of a scale at most this often."""
_NOTHING = WeightChanged(weight_grams=None, state=ScaleState.NOT_READY)


class LiveWeights:
    """What each scale shows. `sockets` are those open now; `run` must be running while there are any."""

    def __init__(self, services: Services, sockets: Iterable[Socket]) -> None:
        self._services = services
        self._sockets = sockets
        self._shown: dict[str, WeightChanged] = {}
        self._changed: dict[str, None] = {}
        self._news = asyncio.Event()

    def heard(self, wake: Wake) -> None:
        """A scale shows something, or a device changed: one that is away shows nothing."""
        if isinstance(wake.value, WeightChanged):
            self._show(wake.key, wake.value)
        elif wake.key in self._shown and self._services.devices.get(wake.key).state is not DeviceState.READY:
            self._show(wake.key, _NOTHING)

    def greet(self, socket: Socket) -> None:
        """Tell a new client what the scales show already."""
        for device, shown in self._shown.items():
            self._offer(device, shown, (socket,))

    async def run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            changed, self._changed = self._changed, {}
            for device in changed:
                self._offer(device, self._shown[device], self._sockets)
            await self._services.clock.sleep(WEIGHT_PERIOD_S)

    def _show(self, device: str, shown: WeightChanged) -> None:
        self._shown[device] = shown
        self._changed[device] = None
        self._news.set()

    def _offer(self, device: str, shown: WeightChanged, sockets: Iterable[Socket]) -> None:
        """To the clients of the till the scale belongs to; of a scale that belongs to none, to all. To its holder also:
        what a scale shows is no secret of one tablet, only weighing is.
        """
        holder = self._services.devices.claimed_by(device)
        till = next((till.id for till in self._services.settings.tills if till.scale == device), None)
        message = to_json(
            {"type": "weight", "device": device, "till": till, "grams": shown.weight_grams, "state": shown.state.value}
        )
        for socket in sockets:
            if socket.hears(till, None) or (holder is not None and socket.hears(till, holder)):
                socket.offer_newest(device, message)
