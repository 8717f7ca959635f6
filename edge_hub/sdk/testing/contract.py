"""What every driver must hold, on any wire: run it for each driver, role and wire.

    @pytest.mark.parametrize("wire", WIRES, ids=str)
    async def test_contract(wire):
        await hold(DRIVER, DRIVER.options(), wire)

The simulator is asked what a person would see, so `Simulator.state()` must say: a printer "texts" (the lines of each
page cut off, oldest first); a label printer "labels" (the codes of each label, oldest first); a display "lines"; a
numeric display "amount" and "kind"; a drawer "drawer" ("open" or "closed"), and `act("close_drawer", "")` shuts it.
A scanner's `act("scan", code)` scans. A scale's `act("put", grams)` and `act("take_off", "")` load it. A card
terminal has "taken" and "net" as its bank says (`SimulatedBank.state`) and `act("outcome", "approve" or "decline")`;
where it has `sleep`, that is set to the rig's clock.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edge_hub.clock import ManualClock
from edge_hub.sdk.document import Cut, Document, Text
from edge_hub.sdk.driver import DriverInfo, Options
from edge_hub.sdk.errors import DeviceError, DeviceRefused
from edge_hub.sdk.messages import Printed, Scanned, Weight
from edge_hub.sdk.roles import (
    CASH_DRAWER,
    EFT_TERMINAL,
    LABEL_PRINTER,
    LINE_DISPLAY,
    NUMERIC_DISPLAY,
    POS_PRINTER,
    RAW_PRINTER,
    SCALE,
    SCANNER,
    Role,
)
from edge_hub.sdk.testing.bench import Bench, Rig, Wiring, settle, until
from edge_hub.sdk.testing.checks import READY_LIMIT_S, Checks, expect, pass_time
from edge_hub.sdk.testing.contract_drawers import Opening
from edge_hub.sdk.testing.contract_eft import Charging
from edge_hub.sdk.testing.contract_labels import Counting, Labelling
from edge_hub.sdk.testing.wires import Delayed, Garbage, HalfOpen, Lossy, OneByte, Torn, Unplugged, Wire
from edge_hub.sdk.transport import Transport

PRINT_LIMIT_S = 180.0
SHOW_LIMIT_S = 60.0
WEIGH_LIMIT_S = 30.0
RECOVERY_TRIES_MAX = 20
RECOVERY_PAUSE_S = 3.0
QUIET_S = 3.0
"""After a pause like this, what a scanner sends is a new code."""
JUNK_BYTES = 100_000
WIRE_TURNS = 400
"""Turns of the event loop in which a code passes a wire that takes one byte a turn."""


@dataclass(frozen=True, slots=True)
class WireKind:
    """A wire to put between driver and simulator."""

    name: str
    make: Callable[[Transport, ManualClock], Wire]
    good: bool

    def __str__(self) -> str:
        return self.name


def _kind(name: str, make: Callable[[Transport, ManualClock], Wire], *, good: bool = False) -> WireKind:
    return WireKind(name, make, good)


def _numbered(make: Callable[[Transport, int], Wire], number: int) -> Callable[[Transport, ManualClock], Wire]:
    return lambda inner, _: make(inner, number)


def _a_little_lossy(inner: Transport, seed: int) -> Wire:
    return Lossy(inner, seed, 0.02)


def _much_garbage(inner: Transport, seed: int) -> Wire:
    return Garbage(inner, seed, 0.3)


def _at(kind: WireKind, clock: ManualClock) -> Callable[[Transport], Wire]:
    return lambda inner: kind.make(inner, clock)


WIRES: Sequence[WireKind] = (
    _kind("whole", lambda inner, _: Wire(inner), good=True),
    _kind("one-byte", lambda inner, _: OneByte(inner), good=True),
    *(_kind(f"torn-{seed}", _numbered(Torn, seed), good=True) for seed in (1, 2)),
    _kind("delayed", lambda inner, clock: Delayed(inner, clock, 0.3), good=True),
    *(_kind(f"lossy-{seed}", _numbered(_a_little_lossy, seed)) for seed in range(6)),
    _kind("very-lossy", lambda inner, _: Lossy(inner, 1, 0.5)),
    *(_kind(f"garbage-{seed}", _numbered(_much_garbage, seed)) for seed in range(4)),
    *(_kind(f"unplugged-{after}", _numbered(Unplugged, after)) for after in (0, 1, 2, 3, 5, 8, 13, 40, 100, 160, 200)),
    _kind("half-open", lambda inner, _: HalfOpen(inner)),
)


async def hold(info: DriverInfo, options: Options, kind: WireKind) -> None:
    """Hold the driver to the contract of each of its roles over this wire; AssertionError says what it broke."""
    for role in info.roles:
        for early in (False, True):
            wiring = Wiring()
            bench = Bench(info, options, wiring)
            wiring.make = _at(kind, bench.clock)
            async with bench.running():
                await hold_role(bench, role.name, kind, early=early)


async def hold_role(rig: Rig, role: str, kind: WireKind, *, early: bool) -> None:
    """One role on a rig. `early`: the wire is bad from the first byte, else from when the device is ready."""
    contracts: dict[str, Callable[[Rig], Checks]] = {
        POS_PRINTER.name: _Printing,
        RAW_PRINTER.name: _RawPrinting,
        SCANNER.name: _Scanning,
        LINE_DISPLAY.name: _Showing,
        SCALE.name: _Weighing,
        LABEL_PRINTER.name: Labelling,
        NUMERIC_DISPLAY.name: Counting,
        CASH_DRAWER.name: Opening,
        EFT_TERMINAL.name: Charging,
    }
    contract = contracts.get(role)
    if contract is None:
        return
    checks = contract(rig)
    if early:
        rig.wiring.spoil()
        if kind.good:
            await checks.ready()
        else:
            await pass_time(rig, READY_LIMIT_S / 4)
    else:
        await checks.ready()
        rig.wiring.spoil()
        await settle()
    rig.check()
    await (checks.well() if kind.good else checks.badly())
    rig.check()
    rig.wiring.heal()
    await checks.ready()
    await checks.recovered()
    if isinstance(checks, Charging) and kind is WIRES[0] and not early:
        await checks.struck()
    rig.check()


class _Printing(Checks):
    role: Role[Any] = POS_PRINTER

    async def well(self) -> None:
        for number in range(3):
            name = f"GOOD{number}"
            outcome = await self._print(name)
            expect(isinstance(outcome, Printed), f"{name}: {outcome!r} on a good wire")
            await self._came_out_once(name)

    async def badly(self) -> None:
        if self.rig.role(self.role) is not None:
            self._torn = await self._print("TORN")

    async def recovered(self) -> None:
        # what the wire did before it healed may show only now: the driver may refuse for a while what it believes
        # impossible, and one page more may be in doubt, but no more than one
        doubts = 0
        for number in range(RECOVERY_TRIES_MAX):
            await pass_time(self.rig, RECOVERY_PAUSE_S)
            await self.ready()
            name = f"NEXT{number}"
            outcome = await self._print(name)
            if isinstance(outcome, Printed):
                break
            doubts += not isinstance(outcome, DeviceRefused)
            expect(doubts <= 1, f"{outcome!r} again on a healed wire")
        else:
            raise AssertionError(f"{outcome!r} still on a healed wire")
        await self._came_out_once(name)
        expect(len(self._pages_with("TORN-END")) <= 1, "printed twice")

    async def _print(self, name: str) -> Printed | DeviceError:
        printer = self.rig.role(self.role)
        if printer is None:
            return DeviceRefused("not ready")
        try:
            return await until(self.rig.clock, self._begin(printer, name), limit_s=PRINT_LIMIT_S)
        except DeviceError as exc:
            return exc

    def _begin(self, printer: Any, name: str) -> Awaitable[Printed]:
        printing: Awaitable[Printed] = printer.print_document(_document(name), progress=lambda: None)
        return printing

    async def _came_out_once(self, name: str) -> None:
        await settle()
        pages = self._pages_with(name)
        expect(len(pages) == 1, f"{name} came out {len(pages)} times: {self.shown('texts')}")
        lines = [line.strip() for line in pages[0] if line.strip()]
        if isinstance(self._torn, Printed) and lines[-len(_lines(name)) :] == _lines(name):
            # the lost byte was the cut's, and the printer vouched for the rest: nobody can know
            return
        expect(lines == _lines(name), f"{name} did not come out whole and alone: {lines}")

    def _pages_with(self, words: str) -> list[list[str]]:
        return [page for page in self.shown("texts") if any(words in line for line in page)]

    _torn: Printed | DeviceError | None = None


class _RawPrinting(_Printing):
    """Pages of another program's, in ESC/POS."""

    role: Role[Any] = RAW_PRINTER

    def _begin(self, printer: Any, name: str) -> Awaitable[Printed]:
        data = b"\x1b@" + "".join(f"{line}\n" for line in _lines(name)).encode("ascii") + b"\x1dVB\x00"
        printing: Awaitable[Printed] = printer.print_raw(data, heading=None, progress=lambda: None)
        return printing


class _Scanning(Checks):
    role: Role[Any] = SCANNER

    async def well(self) -> None:
        codes = [f"49001234567{number:02}" for number in range(20)]
        await self._scan(codes)
        for _ in codes:  # a device that speaks in packets says a code in many bytes, and a wire may pass one at a time
            await settle(WIRE_TURNS)
        expect(self._scanned() == codes, f"scanned {self._scanned()}")

    async def badly(self) -> None:
        if self.rig.role(SCANNER) is not None:
            await self._scan([f"BAD{number:05}" for number in range(20)])
            # a wire gone wild must not fill the memory, nor what follows it be lost
            await self._scan(["9" * JUNK_BYTES])

    async def recovered(self) -> None:
        await pass_time(self.rig, QUIET_S)
        await self.ready()
        self.rig.said.clear()
        # the first one may end what the bad wire had begun
        await self._scan(["FIRST-AFTER"])
        codes = [f"OK{number:05}" for number in range(10)]
        await self._scan(codes)
        expect(self._scanned()[-10:] == codes, f"scanned {self._scanned()}")

    async def _scan(self, codes: list[str]) -> None:
        for code in codes:
            self.rig.simulator.act("scan", code)
            await settle()
            await pass_time(self.rig, 1.0 + len(code) * 0.0002)

    def _scanned(self) -> list[str]:
        return [message.data for message in self.rig.said if isinstance(message, Scanned)]


class _Showing(Checks):
    role: Role[Any] = LINE_DISPLAY

    async def well(self) -> None:
        for total in ("1.00", "12.50", "112.50"):
            outcome = await self._show(f"TOTAL {total}", "EUR")
            expect(outcome is None, f"{outcome!r} on a good wire")
            await self._shows(f"TOTAL {total}", "EUR")

    async def badly(self) -> None:
        for number in range(5):
            if self.rig.role(LINE_DISPLAY) is not None:
                await self._show(f"TORN {number}", "EUR")

    async def recovered(self) -> None:
        await pass_time(self.rig, QUIET_S)
        await self.ready()
        # a command cut short may swallow the beginning of the next one; the one after that is whole
        await self._show("FIRST", "")
        outcome = await self._show("THANK YOU", "GOODBYE")
        expect(outcome is None, f"{outcome!r} on a healed wire")
        await self._shows("THANK YOU", "GOODBYE")

    async def _show(self, *lines: str) -> DeviceError | None:
        display = self.rig.role(LINE_DISPLAY)
        if display is None:
            return DeviceRefused("not ready")
        try:
            await until(self.rig.clock, display.show(lines), limit_s=SHOW_LIMIT_S)
        except DeviceError as exc:
            return exc
        return None

    async def _shows(self, *lines: str) -> None:
        await pass_time(self.rig, 1.0)
        await settle()
        shown = [line.strip() for line in self.shown("lines")[: len(lines)]]
        expect(shown == list(lines), f"shows {shown}, not {lines}")


class _Weighing(Checks):
    role: Role[Any] = SCALE

    async def well(self) -> None:
        for grams in (1234, 5, 9995):
            outcome = await self._weigh(grams)
            expect(isinstance(outcome, Weight), f"{outcome!r} for {grams} g on a good wire")

    async def badly(self) -> None:
        for grams in (111, 2345, 7, 12345, 980):
            await self._weigh(grams)

    async def recovered(self) -> None:
        for number in range(RECOVERY_TRIES_MAX):
            await pass_time(self.rig, RECOVERY_PAUSE_S)
            await self.ready()
            outcome = await self._weigh(4321 + number)
            if isinstance(outcome, Weight):
                return
        raise AssertionError(f"{outcome!r} still on a healed wire")

    async def _weigh(self, grams: int) -> Weight | DeviceError:
        """Weigh a new load: no weight but the true one may come of it, on any wire."""
        scale = self.rig.role(SCALE)
        if scale is None:
            return DeviceRefused("not ready")
        self.rig.simulator.act("take_off", "")
        self.rig.simulator.act("put", str(grams))
        try:
            weight = await until(self.rig.clock, scale.weigh(), limit_s=WEIGH_LIMIT_S)
        except DeviceError as exc:
            return exc
        expect(weight.grams == grams, f"{weight} for {grams} g")
        return weight


def _lines(name: str) -> list[str]:
    return [f"{name}-BEGIN", *(f"{name} line {number}" for number in range(8)), f"{name}-END"]


def _document(name: str) -> Document:
    return Document(blocks=(*(Text(text=line) for line in _lines(name)), Cut()), title=name)
