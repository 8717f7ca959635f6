"""The drill of a card terminal that goes silent in the middle of a payment: what the cashier saw, what the manager's
list said, and how it came right.

The payment is real to the hub and its journal, and the terminal is a simulation whose customer's card is refused: no
money moves, nothing is sold, and its basket is abandoned. A terminal's own time limits (minutes) outlast a drill and
are not touched: after some seconds of silence its cable is pulled, which no terminal is waited for.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from edge_hub.devices.hub import DeviceSnapshot, DeviceState
from edge_hub.domain.basket import BasketState
from edge_hub.domain.ids import BasketId, DeviceId, PaymentId, TillId
from edge_hub.domain.payment import IN_DOUBT, OPEN, PaymentMethod, PaymentState
from edge_hub.domain.staff import Permission
from edge_hub.sdk.driver import Simulator
from edge_hub.sdk.eft.bank import LOST_REPLY
from edge_hub.sdk.eft.model import Activity
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.services.catalogue.service import ProductView
from edge_hub.services.checkout.views import BasketView
from edge_hub.services.container import Services
from edge_hub.services.drill import OUT_S, SETTLE_S, DrillName, NothingToDrill, Report, Verdict
from edge_hub.services.principal import Principal

RECOVER_S = 40.0
"""For the terminal to be back, and for questions, until somebody has to look."""
LOOK_S = 0.1
PRODUCTS_LOOKED_AT = 50
OUTCOME, REFUSED = "outcome", "decline"
REASON = "drill"


class SilentTerminal:
    """Plays one drill; `start` at most once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._payment: PaymentId | None = None
        self._seen: dict[str, str] = {}

    async def start(self, who: Principal) -> Report:
        """Begin it at a till's terminal. Raises DrillRunning; NothingToDrill without a simulated terminal that is ready
        and can be asked afterwards, or without goods that have a price.
        """
        who.require(Permission.MANAGE_DEVICES)
        drills, goods = self._services.drills, await self._goods()
        drills.check_free()
        tills = {one.terminal: one.id for one in self._services.settings.tills if one.terminal}
        device = drills.free(EFT_TERMINAL, LOST_REPLY, fits=lambda one: one.id in tills and self._fits(one))
        report = Report(
            name=DrillName.TERMINAL_SILENT,
            device=device.id,
            started_ms=self._services.clock.now_ms(),
            verdict=Verdict.RUNNING,
        )
        at_till = partial(self._at_till, replace(who, local=True), DeviceId(device.id), tills[device.id], goods)
        drills.play(report, at_till)
        return report

    async def _goods(self) -> ProductView:
        page = await self._services.catalogue.search("", limit=PRODUCTS_LOOKED_AT)
        found = next((one for one in page.products if one.unit_price.minor > 0), None)
        if found is None:
            raise NothingToDrill
        return found

    def _fits(self, device: DeviceSnapshot) -> bool:
        """Nobody pays there, and it can say afterwards what became of a payment."""
        terminal = self._services.devices.get(device.id).role(EFT_TERMINAL)
        ready = any(one.provider == device.id and one.ready for one in self._services.payments.offers(None))
        return ready and terminal is not None and terminal.capabilities.inquires

    async def _at_till(self, who: Principal, device: DeviceId, till: TillId, goods: ProductView) -> bool:
        services = self._services
        simulator = services.devices.simulator(device)
        if simulator is None:
            return False  # taken away meanwhile
        before = simulator.state()
        basket = await services.checkout.open_basket(who, till)
        try:
            basket = await services.checkout.add_line(
                who, basket.basket.id, basket.basket.version, product_id=goods.product.id
            )
            await self._silence(who, device, simulator, basket)
            known = await self._until(device, lambda: self._state() not in OPEN, RECOVER_S)
        finally:
            await self._clear(who, basket.basket.id)
        return known and self._state() is PaymentState.RECOVERED_DECLINED and simulator.state()["net"] == before["net"]

    async def _silence(self, who: Principal, device: DeviceId, simulator: Simulator, basket: BasketView) -> None:
        """The payment is begun, hears nothing, and is in doubt; then the terminal is well again."""
        drills, outcome = self._services.drills, str(simulator.state()[OUTCOME])
        try:
            simulator.act(OUTCOME, REFUSED)
            simulator.set_fault(LOST_REPLY, True)
            drills.note("fault_on", LOST_REPLY)
            begun = await self._services.payments.start(
                who,
                basket.basket.id,
                basket.basket.version,
                provider=device,
                method=PaymentMethod.TERMINAL,
                amount=basket.due,
            )
            self._payment = begun.payment.id
            drills.note("payment_begun", begun.payment.reference)
            await self._until(device, lambda: self._state() is PaymentState.IN_PROGRESS, SETTLE_S)
            await self._until(device, lambda: False, OUT_S)
            self._services.devices.unplug(device)
            drills.note("unplugged")
            await self._until(device, lambda: self._state() in IN_DOUBT, SETTLE_S)
        finally:
            simulator.set_fault(LOST_REPLY, False)
            simulator.act(OUTCOME, outcome)
            drills.note("fault_off", LOST_REPLY)

    def _state(self) -> PaymentState | None:
        return None if self._payment is None else self._services.payments.get(self._payment).payment.state

    async def _until(self, device: DeviceId, done: Callable[[], bool], limit_s: float) -> bool:
        """Look on until `done` or for `limit_s`; whether it came to be done."""
        clock = self._services.clock
        ends = clock.monotonic() + limit_s
        while True:
            self._look(device)
            if done():
                return True
            if clock.monotonic() >= ends:
                return False
            await clock.sleep(LOOK_S)

    def _look(self, device: DeviceId) -> None:
        """What a cashier and a manager see by now."""
        self._tell("device", self._services.drills.device_seen(device), DeviceState.READY.value)
        if self._payment is None:
            return
        now, shown = self._services.payments.get(self._payment), self._services.payments.activity(self._payment)
        self._tell("payment", now.payment.state.value)
        self._tell("shown", shown.activity.value if shown is not None and shown.activity is not Activity.OTHER else "")
        self._tell("listed", now.why.value)

    def _tell(self, what: str, seen: str, at_first: str = "") -> None:
        if self._seen.get(what, at_first) != seen:
            self._services.drills.note(what, seen)
        self._seen[what] = seen

    async def _clear(self, who: Principal, basket: BasketId) -> None:
        """Nothing is left at the till; a payment still in doubt is the hub's to ask about."""
        now = self._services.checkout.get(basket).basket
        if now.state is BasketState.OPEN:
            await self._services.checkout.abandon(who, basket, now.version, REASON)
            self._services.drills.note("basket_abandoned")
