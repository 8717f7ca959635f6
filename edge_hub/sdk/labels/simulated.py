"""The body of a simulated label printer: labels waiting, labels printed, what happens to such printers in shops.

A language's simulator draws what it reads on a Canvas and calls `queue`; whether anything comes out is decided here.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge_hub.sdk.driver import SimulatorWire
from edge_hub.sdk.labels.canvas import Canvas
from edge_hub.sdk.raster import Bitmap, png
from edge_hub.sdk.simulated import Simulated

LABELS_KEPT_MAX = 50
FORMATS_MAX = 64
"""What its memory holds unprinted; more is lost, and counted."""
SLOW_QUESTIONS = 3
"""Under the fault `slow` a label takes as many questions as this: a clock that tests can hold."""
PICTURE_MARGIN_DOTS = 16
FAULTS = {
    "paper_out": "the roll of labels is empty",
    "ribbon_out": "the ribbon is at its end",
    "head_open": "the print head is open",
    "pause": "somebody pressed pause",
    "mute_when_out": "old firmware: answers nothing while it cannot print",
    "silent": "hangs: takes bytes, does nothing, answers nothing",
    "no_status": "prints but never answers, as behind a one-way cable",
    "slow": "every label takes a while",
    "reset": "switched off and on once: what waited is lost",
}
_STOPPING = {"paper_out", "ribbon_out", "head_open", "pause"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLabel:
    """One label as it came out."""

    bitmap: Bitmap
    codes: tuple[str, ...]
    """Data of the codes that the printer drew itself."""
    texts: tuple[str, ...]
    """Texts that the printer set itself."""


class LabelSimulator(Simulated, ABC):
    """Simulator without a language."""

    own_faults = FAULTS

    def __init__(self) -> None:
        super().__init__()
        self._cycles = 0
        self.waiting: deque[tuple[DrawnLabel, int]] = deque()
        """Labels and how many copies of each are left."""
        self.printed: deque[DrawnLabel] = deque(maxlen=LABELS_KEPT_MAX)
        self.count = 0
        self.dropped = 0
        self.unknown = 0
        """Commands it did not understand."""
        self._questions = 0

    def set_fault(self, name: str, on: bool) -> None:
        if name == "reset":
            if on:
                self._cycles += 1
                self.cancel()
                self.restart()
            return
        super().set_fault(name, on)
        self._print()

    @property
    def stopped(self) -> bool:
        """Cannot print now."""
        return self.has(*_STOPPING)

    @property
    def mute(self) -> bool:
        """Answers nothing now."""
        return self.has("silent", "no_status") or (self.stopped and self.has("mute_when_out"))

    @property
    def left(self) -> int:
        """Labels not printed yet."""
        return sum(copies for _, copies in self.waiting)

    def state(self) -> Mapping[str, object]:
        return {
            "labels": [list(label.codes) for label in self.printed],
            "texts": [list(label.texts) for label in self.printed],
            "printed": self.count,
            "waiting": self.left,
            "dropped": self.dropped,
            "unknown_commands": self.unknown,
        }

    def act(self, action: str, value: str) -> None:  # noqa: ARG002  # a roll is a roll
        """`load_labels`, `change_ribbon`, `close_head`, `press_pause` (on, or off again)."""
        actions: dict[str, Callable[[], None]] = {
            "load_labels": lambda: self.set_fault("paper_out", on=False),
            "change_ribbon": lambda: self.set_fault("ribbon_out", on=False),
            "close_head": lambda: self.set_fault("head_open", on=False),
            "press_pause": lambda: self.set_fault("pause", on=not self.has("pause")),
        }
        actions[action]()

    def picture(self) -> bytes | None:
        return png(self.printed[-1].bitmap, margin=PICTURE_MARGIN_DOTS) if self.printed else None

    async def serve(self, wire: SimulatorWire) -> None:
        """Speak with one host; a power cycle ends the connection."""
        cycles = self._cycles
        while cycles == self._cycles and (data := await wire.read()):
            if cycles != self._cycles or self.has("silent"):
                continue
            answer = self.receive(data)
            if answer and not self.mute:
                await wire.write(answer)

    @abstractmethod
    def receive(self, data: bytes) -> bytes:
        """Carry out what was sent, in any pieces; the answers."""

    @abstractmethod
    def restart(self) -> None:
        """Forget everything a power cycle forgets."""

    def queue(self, canvas: Canvas, codes: list[str], texts: list[str], copies: int) -> None:
        """A whole label was read."""
        if len(self.waiting) >= FORMATS_MAX:
            self.dropped += 1
            return
        drawn = DrawnLabel(bitmap=canvas.bitmap(), codes=tuple(codes), texts=tuple(texts))
        self.waiting.append((drawn, copies))
        self._print()

    def questioned(self) -> None:
        """It was asked how it is: under `slow`, that is how its time passes."""
        self._questions += 1
        if self.waiting and self.has("slow") and not self.stopped and self._questions >= SLOW_QUESTIONS:
            self._one()
            self._questions = 0

    def cancel(self) -> None:
        """Nothing waits any more."""
        self.waiting.clear()

    def _print(self) -> None:
        while self.waiting and not self.stopped and not self.has("slow"):
            self._one()

    def _one(self) -> None:
        label, copies = self.waiting.popleft()
        if copies > 1:
            self.waiting.appendleft((label, copies - 1))
        self.printed.append(label)
        self.count += 1
