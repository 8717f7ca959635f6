"""The contracts of label printers and numeric displays."""

from typing import Any

from edge_hub.sdk.document import CodeType
from edge_hub.sdk.errors import DeviceError, DeviceRefused
from edge_hub.sdk.label import Label, LabelCode, LabelText
from edge_hub.sdk.messages import AmountKind, Printed
from edge_hub.sdk.roles import LABEL_PRINTER, NUMERIC_DISPLAY, Role
from edge_hub.sdk.testing.bench import settle, until
from edge_hub.sdk.testing.checks import Checks, expect, pass_time

LABEL_LIMIT_S = 180.0
SHOW_LIMIT_S = 60.0
RECOVERY_TRIES_MAX = 20
RECOVERY_PAUSE_S = 3.0
QUIET_S = 3.0
_EAN = "4006381333931"


class Labelling(Checks):
    """A label comes out once with its codes; after a bad wire the next one is whole and alone."""

    role: Role[Any] = LABEL_PRINTER

    async def well(self) -> None:
        for number in range(2):
            name = f"GOOD{number}"
            outcome = await self._print(name, copies=number + 1)
            expect(isinstance(outcome, Printed), f"{name}: {outcome!r} on a good wire")
            self._came_out(name, copies=number + 1)
        names = [f"RUN{number}" for number in range(3)]
        outcome = await self._print(*names)
        expect(isinstance(outcome, Printed), f"{names}: {outcome!r} on a good wire")
        for name in names:
            self._came_out(name, copies=1)

    async def badly(self) -> None:
        if self.rig.role(LABEL_PRINTER) is not None:
            await self._print("TORN", copies=1)

    async def recovered(self) -> None:
        doubts = 0
        for number in range(RECOVERY_TRIES_MAX):
            await pass_time(self.rig, RECOVERY_PAUSE_S)
            await self.ready()
            name = f"NEXT{number}"
            outcome = await self._print(name, copies=1)
            if isinstance(outcome, Printed):
                break
            doubts += not isinstance(outcome, DeviceRefused)
            expect(doubts <= 1, f"{outcome!r} again on a healed wire")
        else:
            raise AssertionError(f"{outcome!r} still on a healed wire")
        self._came_out(name, copies=1)
        expect(len(self._with("TORN")) <= 1, "printed twice")

    async def _print(self, *names: str, copies: int = 1) -> Printed | DeviceError:
        printer = self.rig.role(LABEL_PRINTER)
        if printer is None:
            return DeviceRefused("not ready")
        labels = [_label(name) for name in names]
        if len(labels) == 1:
            printing = printer.print_label(labels[0], copies=copies, progress=lambda: None)
        else:
            printing = printer.print_labels(labels, progress=lambda: None)
        try:
            return await until(self.rig.clock, printing, limit_s=LABEL_LIMIT_S)
        except DeviceError as exc:
            return exc

    def _came_out(self, name: str, *, copies: int) -> None:
        labels = self._with(name)
        expect(len(labels) == copies, f"{name} came out {len(labels)} times: {self.shown('labels')}")
        expect(all(label == [name, _EAN] for label in labels), f"{name} is not whole and alone: {labels}")

    def _with(self, name: str) -> list[list[str]]:
        return [label for label in self.shown("labels") if name in label]


class Counting(Checks):
    """An amount is shown as given, or refused."""

    role: Role[Any] = NUMERIC_DISPLAY

    async def well(self) -> None:
        for kind, amount in ((AmountKind.PRICE, "35"), (AmountKind.TOTAL, "1234.50"), (AmountKind.CHANGE, "-0.05")):
            outcome = await self._show(kind, amount)
            expect(outcome is None, f"{outcome!r} on a good wire")
            await self._shows(kind, amount)

    async def badly(self) -> None:
        for number in range(5):
            if self.rig.role(NUMERIC_DISPLAY) is not None:
                await self._show(AmountKind.TOTAL, f"1{number}.50")

    async def recovered(self) -> None:
        await pass_time(self.rig, QUIET_S)
        await self.ready()
        # a command cut short may swallow the beginning of the next one; the one after that is whole
        await self._show(AmountKind.PRICE, "1")
        outcome = await self._show(AmountKind.TOTAL, "99.95")
        expect(outcome is None, f"{outcome!r} on a healed wire")
        await self._shows(AmountKind.TOTAL, "99.95")

    async def _show(self, kind: AmountKind, amount: str) -> DeviceError | None:
        display = self.rig.role(NUMERIC_DISPLAY)
        if display is None:
            return DeviceRefused("not ready")
        try:
            await until(self.rig.clock, display.show_amount(kind, amount), limit_s=SHOW_LIMIT_S)
        except DeviceError as exc:
            return exc
        return None

    async def _shows(self, kind: AmountKind, amount: str) -> None:
        await pass_time(self.rig, 1.0)
        await settle()
        state = self.rig.simulator.state()
        shown = (state.get("kind"), state.get("amount"))
        expect(shown == (kind.value, amount), f"shows {shown}, not {kind} {amount}")


def _label(name: str) -> Label:
    return Label(
        width=400,
        height=300,
        elements=(
            LabelText(x=20, y=20, text=name, height=25, width=200),
            LabelCode(x=20, y=60, type=CodeType.CODE128, data=name, width=360, height=60),
            LabelCode(x=20, y=180, type=CodeType.EAN13, data=_EAN, width=360, height=60),
        ),
        title=name,
    )
