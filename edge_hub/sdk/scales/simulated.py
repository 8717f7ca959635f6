"""A weighing platform without hardware: load, tare, zero and what can go wrong; each protocol adds its own words."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.messages import ScaleState
from edge_hub.sdk.scales.framing import BIT_7_STRIPPED, Delimited
from edge_hub.sdk.simulated import Simulated

CAPACITY_GRAMS = 15_000
ZERO_RANGE_GRAMS = 300
"""About 2 % of capacity, as type approvals allow for the zero key."""
SWING_GRAMS = 7
SWINGS = 7
COMMAND_BYTES_MAX = 64
GARBAGE = b"\xfe\x00~\x1f"
FAULTS = {
    "motion": "the load never comes to rest",
    "overload": "more lies on it than it can weigh",
    "under_zero": "it shows less than nothing (something was lifted off after zeroing)",
    "creep": "it says stable while the weight still changes",
    "silent": "it does not answer",
    "garbage": "electrical noise before every answer",
    "parity_bits": "bit 7 of every byte is a parity bit (a 7-bit line read as 8N1)",
}
_STATES = {
    "motion": ScaleState.UNSTABLE,
    "overload": ScaleState.OVERWEIGHT,
    "under_zero": ScaleState.UNDER_ZERO,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the display shows at one reading."""

    state: ScaleState
    grams: int
    """Net; meaningless when over or under."""
    net: bool

    @property
    def moving(self) -> bool:
        return self.state is ScaleState.UNSTABLE

    @property
    def over(self) -> bool:
        return self.state is ScaleState.OVERWEIGHT

    @property
    def under(self) -> bool:
        return self.state is ScaleState.UNDER_ZERO

    @property
    def at_zero(self) -> bool:
        return self.state is ScaleState.ZERO


class SimulatedScale(Simulated, ABC):
    """One simulated scale. `seven_bits`: its line has a parity bit, so the fault "parity_bits" makes sense."""

    seven_bits = False

    def __init__(self) -> None:
        super().__init__()
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Of scales that send by themselves; tests hand in their clock's."""
        self.capacity_grams = CAPACITY_GRAMS
        self._load = 0
        self._zero = 0
        self._tare = 0
        self._shakes = 0
        self._readings = 0
        self._loads = 0

    @property
    def faults(self) -> Mapping[str, str]:
        common = FAULTS if self.seven_bits else {name: text for name, text in FAULTS.items() if name != "parity_bits"}
        return {**common, **self.own_faults}

    def state(self) -> Mapping[str, object]:
        return {
            "load_grams": self._load,
            "tare_grams": self._tare,
            "net_grams": self._net,
            "readings": self._readings,
            "loads": self._loads,
        }

    def act(self, action: str, value: str) -> None:
        """Handle it: put (grams), take_off, zero, tare, clear_tare, shake (that many readings are in motion)."""
        match action:
            case "put":
                self._load = int(value)
                self.loaded()
            case "take_off":
                self._load = 0
                self.loaded()
            case "zero":
                self.zero()
            case "tare":
                self.tare()
            case "clear_tare":
                self._tare = 0
            case "shake":
                self._shakes = int(value)
            case _:
                raise KeyError(action)

    @property
    def _net(self) -> int:
        return self._load - self._zero - self._tare

    def loaded(self) -> None:
        """The load was changed."""
        self._loads += 1

    def zero(self) -> bool:
        """The zero key; False: out of range, in motion or tared."""
        if self._peek() is ScaleState.UNSTABLE or self._tare or abs(self._load - self._zero) > ZERO_RANGE_GRAMS:
            return False
        self._zero = self._load
        return True

    def tare(self) -> bool:
        """The tare key; False: nothing steady on it."""
        if self._peek() is not ScaleState.STABLE:
            return False
        self._tare = self._load - self._zero
        return True

    def preset_tare(self, grams: int) -> None:
        """A tare given as a number, 0 to clear."""
        self._tare = grams

    def _peek(self) -> ScaleState:
        for fault, state in _STATES.items():
            if fault in self._active:
                return state
        if self._shakes:
            return ScaleState.UNSTABLE
        if self._load - self._zero > self.capacity_grams:
            return ScaleState.OVERWEIGHT
        if self._net < 0:
            return ScaleState.UNDER_ZERO
        return ScaleState.STABLE if self._net else ScaleState.ZERO

    def read(self) -> Shown:
        """One reading; in motion it swings about the true weight."""
        state = self._peek()
        self._readings += 1
        self._shakes = max(0, self._shakes - 1)
        swing = SWING_GRAMS + self._readings % SWINGS if state is ScaleState.UNSTABLE or "creep" in self._active else 0
        return Shown(state, self._net + swing, bool(self._tare))

    @abstractmethod
    def replies(self, data: bytes) -> Iterable[bytes]:
        """What the scale answers to bytes of the host, in any pieces."""

    def host_left(self) -> None:  # most have nothing to forget
        """Forget an unfinished command."""

    async def serve(self, wire: SimulatorWire) -> None:
        """Answer one host until it leaves."""
        while data := await wire.read():
            for reply in self.replies(data.translate(BIT_7_STRIPPED) if self.seven_bits else data):
                await self.send(wire, reply)
        self.host_left()

    async def send(self, wire: SimulatorWire, reply: bytes) -> None:
        """Send, as the faults have it."""
        if "silent" in self._active:
            return
        if "parity_bits" in self._active:
            reply = bytes(value | (value.bit_count() & 1) << 7 for value in reply)
        await wire.write(GARBAGE + reply if "garbage" in self._active else reply)


class LineScale(SimulatedScale):
    """A scale asked by lines of text that end in `ends`."""

    ends = b"\r"

    def __init__(self) -> None:
        super().__init__()
        self._lines = Delimited(start=None, ends=self.ends, bytes_max=COMMAND_BYTES_MAX)

    def replies(self, data: bytes) -> Iterator[bytes]:
        for line in self._lines.feed(data):
            reply = self.answer(line.strip().decode("latin-1")) if isinstance(line, bytes) else b""
            if reply:
                yield reply

    def host_left(self) -> None:
        self._lines = Delimited(start=None, ends=self.ends, bytes_max=COMMAND_BYTES_MAX)

    @abstractmethod
    def answer(self, command: str) -> bytes:
        """The answer to one command, b"" for none."""


def kilograms(grams: int, chars: int) -> str:
    """Grams as kilograms with three decimals in `chars` characters, zeros in front: 1234 in 6 is "01.234"."""
    return f"{grams // 1000:0{chars - 4}d}.{grams % 1000:03d}"
